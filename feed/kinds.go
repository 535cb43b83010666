package feed

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
)

// Details are what a post of some kind has beside its text, as its author gave them. Each kind has a type of its own,
// such as [PollDetails], in a file of its own; [kinds] is the one list of them. What becomes of a post later, such as its
// accepted answer or its votes, is no part of the details.
type Details interface {
	// Kind is the kind of the posts that have such details.
	Kind() Kind
	// people point at the persons that the details name.
	people() []*engawa.PersonID
	// posts point at the posts that they name.
	posts() []*engawa.ID
	// texts are what else there is to read; the gate judges it with the body.
	texts() []string
	// settle fills in defaults and refuses what cannot be, before the transaction begins.
	settle(ctx context.Context, s *Service, w writing) error
	// follow carries over what an edit must not lose, and refuses what it must not change.
	follow(before Details, edit Edit) error
	// appear is called inside the transaction in which the post was inserted.
	appear(ctx context.Context, s *Service, st Store, by engawa.Actor, post Post) error
}

// bare is what details without persons, posts, texts and consequences share.
type bare struct{}

func (bare) people() []*engawa.PersonID                                        { return nil }
func (bare) posts() []*engawa.ID                                               { return nil }
func (bare) texts() []string                                                   { return nil }
func (bare) settle(context.Context, *Service, writing) error                   { return nil }
func (bare) follow(Details, Edit) error                                        { return nil }
func (bare) appear(context.Context, *Service, Store, engawa.Actor, Post) error { return nil }

// kindRules are what the feed knows of a kind.
type kindRules struct {
	kind Kind
	// blank makes empty details; nil for a kind that has none.
	blank func() Details
	// awaits marks kinds whose posts wait for an answer of somebody.
	awaits bool
	// wordless marks kinds whose posts need no text.
	wordless bool
}

// kinds is the one list of kinds: a new one is a file and a line here.
func kinds() []kindRules {
	return []kindRules{
		{kind: Update, awaits: true},
		{kind: Question, awaits: true},
		{kind: Report, awaits: true, blank: func() Details { return &ReportDetails{} }},
		{kind: Announcement, blank: func() Details { return &AnnouncementDetails{} }},
		{kind: Poll, blank: func() Details { return &PollDetails{} }},
		{kind: Thanks, blank: func() Details { return &ThanksDetails{} }},
		{kind: Story, awaits: true, blank: func() Details { return &StoryDetails{} }},
		{kind: Article, blank: func() Details { return &ArticleDetails{} }},
		{kind: Desk, awaits: true, blank: func() Details { return &DeskDetails{} }},
		{kind: Stamp, wordless: true, blank: func() Details { return &StampDetails{} }},
	}
}

// Kinds are all kinds of posts.
func Kinds() []Kind {
	var all []Kind
	for _, k := range kinds() {
		all = append(all, k.kind)
	}
	return all
}

func rulesOf(kind Kind) (kindRules, bool) {
	all := kinds()
	i := slices.IndexFunc(all, func(k kindRules) bool { return k.kind == kind })
	if i < 0 {
		return kindRules{}, false
	}
	return all[i], true
}

// AwaitsAnswer reports whether posts of the kind count as unanswered until somebody else has answered. Those that have a
// response of their own, such as votes, do not, and those that only tell something.
func (k Kind) AwaitsAnswer() bool {
	r, _ := rulesOf(k)
	return r.awaits
}

// maxDetails is the greatest length of details in bytes of JSON.
const maxDetails = 64 << 10

// PackDetails is the text in which a storage keeps details: JSON whose persons person has replaced, since a storage
// keeps the id of a person in one place only. Without details it is "".
func PackDetails(d Details, person func(engawa.PersonID) (string, error)) (string, error) {
	d, err := copyDetails(d)
	if err != nil || d == nil {
		return "", err
	}
	for _, p := range d.people() {
		kept, err := person(*p)
		if err != nil {
			return "", err
		}
		*p = engawa.PersonID(kept)
	}
	b, err := json.Marshal(d)
	return string(b), err
}

// UnpackDetails is the reverse of [PackDetails] for posts of a kind.
func UnpackDetails(kind Kind, text string, person func(kept string) engawa.PersonID) (Details, error) {
	rules, ok := rulesOf(kind)
	if text == "" || !ok || rules.blank == nil {
		return nil, nil
	}
	d := rules.blank()
	if err := json.Unmarshal([]byte(text), d); err != nil {
		return nil, fmt.Errorf("feed: the details of a %s: %w", kind, err)
	}
	for _, p := range d.people() {
		*p = person(string(*p))
	}
	return d, nil
}

// DetailsPeople are the persons that details name, perhaps none.
func DetailsPeople(d Details) []engawa.PersonID {
	var all []engawa.PersonID
	if d != nil {
		for _, p := range d.people() {
			all = append(all, *p)
		}
	}
	return all
}

// copyDetails is a copy that shares nothing.
func copyDetails(d Details) (Details, error) {
	if d == nil {
		return nil, nil
	}
	rules, ok := rulesOf(d.Kind())
	if !ok || rules.blank == nil {
		return nil, invalid("Details", msgDetails.With(d.Kind()))
	}
	b, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	if len(b) > maxDetails {
		return nil, &engawa.Error{Kind: engawa.TooLarge, Fields: []engawa.Field{{Name: "Details", Message: msgDetailsLong.With(len(b), maxDetails)}}}
	}
	twin := rules.blank()
	return twin, json.Unmarshal(b, twin)
}

// detailsOf are the details of a new post: those given, checked and completed, or the kind's defaults. It is called
// before the transaction begins.
func (s *Service) detailsOf(ctx context.Context, kind Kind, given Details, w writing) (Details, error) {
	rules, _ := rulesOf(kind)
	if given == nil {
		if rules.blank == nil {
			return nil, nil
		}
		given = rules.blank()
	}
	if given.Kind() != kind {
		return nil, invalid("Details", msgDetailsKind.With(given.Kind(), kind))
	}
	d, err := copyDetails(given)
	if err != nil || d == nil {
		return nil, err
	}
	if err := s.valid.Check("", d); err != nil {
		return nil, err
	}
	if err := s.mentionable(ctx, w.reader.Tenant, named(d)); err != nil {
		return nil, err
	}
	return d, d.settle(ctx, s, w)
}

// named are the persons that details name, without the empty ones.
func named(d Details) []engawa.PersonID {
	return slices.DeleteFunc(DetailsPeople(d), func(p engawa.PersonID) bool { return p == "" })
}

// kindOfPost is the kind of a new post: that of its details where none is named.
func kindOfPost(kind Kind, d Details) Kind {
	switch {
	case kind != "":
		return kind
	case d != nil:
		return d.Kind()
	}
	return Update
}

// wordy refuses a post without text where its kind needs one.
func wordy(kind Kind, text string) error {
	if rules, _ := rulesOf(kind); strings.TrimSpace(text) == "" && !rules.wordless {
		return invalid("Body", msgNoText)
	}
	return nil
}

// judged is a body with what else there is to read, for the gate.
func judged(text string, d Details) string {
	if d == nil {
		return text
	}
	return strings.Join(append([]string{text}, d.texts()...), "\n")
}

// inHours is an instant after so much working time of the tenant, or the instant itself where nothing opens.
func (s *Service) inHours(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, from time.Time, d time.Duration) (time.Time, error) {
	schedule, err := s.schedule(ctx, tenant, person)
	if err != nil {
		return time.Time{}, err
	}
	due, ok := schedule.AddBusiness(from, d)
	if !ok {
		due = from.Add(d)
	}
	return engawa.Micro(due), nil
}
