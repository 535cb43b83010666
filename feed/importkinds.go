package feed

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/engawa-sns/engawa"
)

// ImportStatus is a state of a post from elsewhere. Entry is the comment or post concerned, there.
type ImportStatus struct {
	Post   string
	What   StatusKind
	By     engawa.PersonID
	At     time.Time
	Entry  string
	Person engawa.PersonID
}

// ImportAck is a line of the ledger of acknowledgements; who has left is [Former].
type ImportAck struct {
	Post    string
	Edition int64
	Person  engawa.PersonID
	At      time.Time
}

// ImportVote is somebody's vote, [Former] having left, or of an anonymous poll how many voted for one option: then Person is empty and Choices
// has that option.
type ImportVote struct {
	Post    string
	Person  engawa.PersonID
	Choices []int
	Count   int64
	At      time.Time
}

// ImportTemplate is a template of a space.
type ImportTemplate struct {
	ID, Space string
	Template
}

// ImportDuty is an agreement to report.
type ImportDuty struct {
	Space   string
	Person  engawa.PersonID
	AskedBy engawa.PersonID
	At      time.Time
}

// The kinds of sources of what comes with posts. Acknowledgements and votes of somebody with a name, and duties, need none:
// a second one changes nothing.
const (
	kindStatus   = "status"
	kindVotes    = "votes"
	kindTemplate = "template"
	kindFormer   = "former"
)

// formerSource tells apart what people who have left did with a post.
func formerSource(post, what string, at time.Time) Source {
	return Source{kindFormer, post + " " + what + " " + strconv.FormatInt(at.UnixMicro(), 10)}.short()
}

func ackSource(a ImportAck) Source {
	if a.Person == Former {
		return formerSource(a.Post, "ack "+strconv.FormatInt(a.Edition, 10), a.At)
	}
	return Source{engawa.KindPost, a.Post}
}

func statusSource(s ImportStatus) Source { return Source{kindStatus, s.Post + " " + string(s.What)} }

func votesSource(v ImportVote) Source {
	if v.Person == Former {
		return formerSource(v.Post, fmt.Sprint("vote ", v.Choices), v.At)
	}
	choice := 0
	if len(v.Choices) > 0 {
		choice = v.Choices[0]
	}
	return Source{kindVotes, v.Post + " " + strconv.Itoa(choice)}
}

// further is the source of what comes with posts and what takes it in.
func (in *importer) further(ctx context.Context, item ImportItem) (Source, func() error) {
	switch {
	case item.Status != nil:
		return statusSource(*item.Status), func() error { return in.status(*item.Status) }
	case item.Ack != nil:
		return ackSource(*item.Ack), func() error { return in.ack(*item.Ack) }
	case item.Vote != nil:
		return votesSource(*item.Vote), func() error { return in.vote(*item.Vote) }
	case item.Template != nil:
		return Source{kindTemplate, item.Template.ID}, func() error { return in.template(ctx, *item.Template) }
	case item.Notices != nil:
		return Source{engawa.KindPerson, string(item.Notices.Person)}, func() error { return in.notices(ctx, *item.Notices) }
	case item.Duty != nil:
		return Source{engawa.KindSpace, item.Duty.Space}, func() error { return in.duty(ctx, *item.Duty) }
	}
	if source, _, add := in.keeping(ctx, item); add != nil {
		return source, add
	}
	source, _, add := in.reading(ctx, item)
	return source, add
}

// once reports whether a source that was taken in before is not taken in again.
func (item ImportItem) once() bool {
	return (item.Ack == nil || item.Ack.Person == Former) && item.Duty == nil && item.Notices == nil &&
		(item.Vote == nil || item.Vote.Person == "" || item.Vote.Person == Former)
}

// later does something once the posts and comments of this call are there.
func (in *importer) later(post engawa.ID, f func(ctx context.Context) error) {
	in.after = append(in.after, f)
	in.answered[in.spaceOf[post]]++
	in.done.Further++
}

// checkWho refuses a person or time that cannot be kept; nobody is allowed where the person may be missing.
func checkWho(person engawa.PersonID, may bool, at time.Time) error {
	if person != "" || !may {
		if err := engawa.CheckHostID("person", string(person)); err != nil {
			return err
		}
	}
	return engawa.CheckTime("At", at)
}

func (in *importer) status(item ImportStatus) error {
	post, err := in.ref(engawa.KindPost, item.Post)
	if err != nil {
		return err
	}
	status := Status{What: item.What, By: item.By, At: engawa.Micro(item.At), Person: item.Person}
	switch item.What {
	case Pinned, Locked, NoAnswerNeeded, Closed, OnDesk, AckDue:
	case Assigned:
		if item.Person != "" { // else they have left
			err = engawa.CheckHostID("Person", string(item.Person))
		}
	case Reminded:
		var times int64
		times, err = strconv.ParseInt(item.Entry, 10, 32)
		if err != nil || times < 1 {
			err = invalid("Entry", msgNoKind.With(item.Entry))
		}
		status.Entry = engawa.ID(times)
	case Accepted:
		status.Entry, err = in.ref(engawa.KindComment, item.Entry)
	case Superseded:
		status.Entry, err = in.ref(engawa.KindPost, item.Entry)
	case MustAck:
		var edition int64
		edition, err = strconv.ParseInt(item.Entry, 10, 64)
		if err != nil || edition < 1 {
			err = invalid("Entry", msgNoKind.With(item.Entry))
		}
		status.Entry = engawa.ID(edition)
	default:
		err = invalid("What", msgNoKind.With(item.What))
	}
	if err == nil {
		err = checkWho(item.By, true, item.At)
	}
	if err != nil {
		return err
	}
	in.had(statusSource(item), post)
	in.later(post, func(ctx context.Context) error { return in.st.PutStatus(ctx, in.by.Tenant, post, status) })
	return nil
}

func (in *importer) ack(item ImportAck) error {
	post, err := in.ref(engawa.KindPost, item.Post)
	if err == nil {
		err = checkWho(item.Person, false, item.At)
	}
	if err == nil && item.Edition < 1 {
		err = invalid("Edition", msgNoAck)
	}
	if err != nil {
		return err
	}
	if item.Person == Former {
		in.had(ackSource(item), post)
	}
	in.later(post, func(ctx context.Context) error {
		_, err := in.st.PutAck(ctx, in.by.Tenant, Acknowledgement{post, item.Edition, item.Person, engawa.Micro(item.At)})
		return err
	})
	return nil
}

// maxOptions is the most options of a poll.
const maxOptions = 50

func (in *importer) vote(item ImportVote) error {
	post, err := in.ref(engawa.KindPost, item.Post)
	if err != nil {
		return err
	}
	last := -1
	for _, c := range item.Choices {
		if c <= last || c >= maxOptions {
			return invalid("Choices", msgNoOption.With(maxOptions-1))
		}
		last = c
	}
	if item.Person == "" {
		if len(item.Choices) != 1 || item.Count < 0 {
			return invalid("Choices", msgOneOption)
		}
		in.had(votesSource(item), post)
		in.later(post, func(ctx context.Context) error {
			return in.st.AddVotes(ctx, in.by.Tenant, post, item.Choices[0], item.Count)
		})
		return nil
	}
	if err := checkWho(item.Person, false, item.At); err != nil {
		return err
	}
	if item.Person == Former {
		in.had(votesSource(item), post)
	}
	in.later(post, func(ctx context.Context) error {
		_, err := in.st.PutVote(ctx, in.by.Tenant, post, Vote{item.Person, item.Choices, engawa.Micro(item.At)})
		return err
	})
	return nil
}

func (in *importer) template(ctx context.Context, item ImportTemplate) error {
	space, err := in.ref(engawa.KindSpace, item.Space)
	if err != nil {
		return err
	}
	t := item.Template
	t.Space, t.Version, t.Kind = space, 1, kindOfPost(t.Kind, nil)
	if t.At.IsZero() {
		t.At = in.now()
	}
	t.At = engawa.Micro(t.At)
	if err := in.valid.Check("", t); err != nil {
		return err
	}
	if _, ok := rulesOf(t.Kind); !ok {
		return invalid("Kind", msgNoKind.With(t.Kind))
	}
	if err := checkWho(t.By, true, t.At); err != nil {
		return err
	}
	err = in.Service.fresh(func(id engawa.ID) error {
		t.ID = id
		return in.st.PutTemplate(ctx, in.by.Tenant, t)
	})
	if err != nil {
		return err
	}
	in.had(Source{kindTemplate, item.ID}, t.ID)
	in.done.Further++
	return nil
}

func (in *importer) duty(ctx context.Context, item ImportDuty) error {
	space, err := in.ref(engawa.KindSpace, item.Space)
	if err == nil {
		err = checkWho(item.Person, false, item.At)
	}
	if err == nil {
		err = engawa.CheckHostID("AskedBy", string(item.AskedBy))
	}
	if err != nil {
		return err
	}
	in.done.Further++
	_, err = in.st.PutDuty(ctx, in.by.Tenant, Duty{space, item.Person, item.AskedBy, engawa.Micro(item.At)})
	return err
}

// importedDetails are the details of a post from elsewhere: the posts that they name are those of this tenant, or none.
func (in *importer) importedDetails(item *ImportPost, id engawa.ID, space engawa.ID) error {
	d, err := copyDetails(item.Details)
	if err != nil || d == nil {
		return err
	}
	if item.Kind == "" {
		item.Kind = d.Kind()
	}
	if d.Kind() != item.Kind {
		return invalid("Details", msgDetailsKind.With(d.Kind(), item.Kind))
	}
	switch d := d.(type) {
	case *ThanksDetails:
		d.To = oneFormer(d.To)
	case *StoryDetails:
		d.Named = oneFormer(d.Named)
	}
	if err := in.valid.Check("", d); err != nil {
		return err
	}
	for _, p := range d.posts() {
		if *p != 0 {
			*p = in.ids[Source{engawa.KindPost, p.String()}]
		}
	}
	switch d := d.(type) {
	case *PollDetails:
		if now := in.now(); d.Anonymous && (d.ClosesAt.IsZero() || d.ClosesAt.After(now)) {
			d.ClosesAt = now // the markers stay where they were made: nobody could be kept from voting twice
		}
	case *ReportDetails:
		if d.Date.IsZero() {
			return invalid("Details.Date", msgNoDay)
		}
		author := item.Author
		if author == "" {
			break
		}
		in.after = append(in.after, func(ctx context.Context) error {
			return in.st.PutReport(ctx, in.by.Tenant, space, author, d.Date, id)
		})
	}
	item.Details = d
	return nil
}

// oneFormer leaves one of those who have left: nothing tells them apart.
func oneFormer(people []engawa.PersonID) []engawa.PersonID {
	seen := false
	return slices.DeleteFunc(people, func(p engawa.PersonID) bool {
		again := seen && p == Former
		seen = seen || p == Former
		return again
	})
}

// finish does what had to wait for the posts and comments, and tells of it where nothing has yet.
func (in *importer) finish(ctx context.Context) error {
	for _, f := range in.after {
		if err := f(ctx); err != nil {
			return err
		}
	}
	return nil
}

// furtherOf exports what stands beside posts: after their comments, which it names.
func (x *exporter) furtherOf(ctx context.Context, posts []Post) error {
	for _, p := range posts {
		for _, s := range p.Statuses {
			item := ImportStatus{Post: p.ID.String(), What: s.What, By: s.By, At: s.At, Person: s.Person}
			switch {
			case s.What == MustAck || s.What == Reminded:
				item.Entry = strconv.FormatInt(int64(s.Entry), 10)
			case s.Entry != 0:
				item.Entry = s.Entry.String()
			}
			if s.What == Superseded {
				x.late = append(x.late, ImportItem{Status: &item})
				continue
			}
			x.emit(ImportItem{Status: &item})
		}
		var err error
		switch d := p.Details.(type) {
		case *AnnouncementDetails:
			err = x.acks(ctx, p)
		case *PollDetails:
			err = x.votes(ctx, p, d)
		}
		if err != nil || x.stopped {
			return err
		}
	}
	return nil
}

func (x *exporter) acks(ctx context.Context, p Post) error {
	all, _, err := x.store.Acks(ctx, x.tenant, p.ID, 0, 0, 0)
	for _, a := range all {
		x.emit(ImportItem{Ack: &ImportAck{p.ID.String(), a.Edition, a.Person, a.At}})
	}
	return err
}

func (x *exporter) votes(ctx context.Context, p Post, d *PollDetails) error {
	if d.Anonymous {
		tallies, err := x.store.Tallies(ctx, x.tenant, map[engawa.ID]string{p.ID: ""}, "")
		for choice, n := range tallies[p.ID].Votes {
			if n == 0 {
				continue
			}
			x.emit(ImportItem{Vote: &ImportVote{Post: p.ID.String(), Choices: []int{choice}, Count: n}})
		}
		return err
	}
	for after := int64(0); ; {
		votes, last, err := x.store.Votes(ctx, x.tenant, p.ID, after, exportBatch)
		if err != nil {
			return err
		}
		for _, v := range votes {
			x.emit(ImportItem{Vote: &ImportVote{Post: p.ID.String(), Person: v.Person, Choices: v.Choices, At: v.At}})
		}
		if len(votes) < exportBatch {
			return nil
		}
		after = last
	}
}

// arranged exports what was arranged in a space: templates, and who agreed to report.
func (x *exporter) arranged(ctx context.Context, sp Space) error {
	all, err := x.store.Templates(ctx, x.tenant, sp.ID)
	for _, t := range all {
		x.emit(ImportItem{Template: &ImportTemplate{t.ID.String(), sp.ID.String(), t}})
	}
	return err
}

// duties exports who agreed to report to whom.
func (x *exporter) duties(ctx context.Context) error {
	return x.everybody(ctx, func(p engawa.PersonID) error {
		duties, err := x.store.Duties(ctx, x.tenant, p)
		for _, d := range duties {
			if d.Person == p {
				x.emit(ImportItem{Duty: &ImportDuty{d.Space.String(), d.Person, d.AskedBy, d.At}})
			}
		}
		return err
	})
}
