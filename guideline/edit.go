package guideline

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// NewDocument is a document to be created.
type NewDocument struct {
	Title string `validate:"required,line=200"`
	// Kind defaults to Guide. It can not be changed later: whoever accepted knew which it was.
	Kind Kind `validate:"omitempty,oneof=guide mandatory"`
	// Lang is the language of the text, for the linter. Defaults to Japanese.
	Lang engawa.Lang `validate:"omitempty,oneof=ja en"`
	// Scope defaults to the tenant. It cannot be changed later.
	Scope Scope
	// Asks defaults to Voluntary.
	Asks Asks `validate:"omitempty,oneof=before_posting"`
	// Owner defaults to whoever creates it.
	Owner engawa.PersonID `validate:"omitempty,hostid"`
	// ReviewOn defaults to never.
	ReviewOn time.Time `validate:"reltime"`
	// Why stands in the change log.
	Why string `validate:"text=4000"`
}

// Create makes a document without a version. Stewards may, and for their space its hosts.
func (s *Service) Create(ctx context.Context, by engawa.Actor, in NewDocument) (d Document, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Create", by, anybody)
	defer o.done(&err)
	if err != nil {
		return d, err
	}
	return s.create(ctx, o, by, in, nil)
}

// create makes a document, with the draft where there is a text.
func (s *Service) create(ctx context.Context, o op, by engawa.Actor, in NewDocument, text *Text) (d Document, err error) {
	if err := s.valid.Check(o.name, in); err != nil {
		return d, err
	}
	if err := s.plain("Title", in.Title); err != nil {
		return d, err
	}
	if err := s.plain("Why", in.Why); err != nil {
		return d, err
	}
	if in.Scope.Org != "" && in.Scope.Space != 0 {
		return d, invalid("Scope", msgOneScope)
	}
	if in.Scope.Space != 0 && s.cfg.Places == nil {
		return d, invalid("Scope", msgNoPlaces)
	}
	v, err := s.view(ctx, by, nil, in.Scope)
	if err != nil {
		return d, err
	}
	if in.Scope.Space != 0 && !v.in(in.Scope) {
		return d, &engawa.Error{Kind: engawa.NotFound, Subject: engawa.KindSpace + " " + in.Scope.Space.String(), Message: msgNoSpace}
	}
	if !v.edits(in.Scope) {
		return d, denied("", msgStewardsOnly)
	}
	if err := s.review(in.ReviewOn); err != nil {
		return d, err
	}
	if in.Kind == "" {
		in.Kind = Guide
	}
	if in.Lang == "" {
		in.Lang = engawa.Japanese
	}
	if in.Owner == "" {
		in.Owner = by.Person
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if err := st.Turn(ctx, by.Tenant); err != nil {
			return err
		}
		all, err := st.Documents(ctx, by.Tenant)
		if err != nil {
			return err
		}
		if len(all) >= MaxDocuments {
			return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyDocuments.With(len(all))}
		}
		now := s.now()
		d = Document{
			Title: in.Title, Kind: in.Kind, Lang: in.Lang, Scope: in.Scope, Asks: in.Asks, Owner: in.Owner, ReviewOn: day(in.ReviewOn),
			Version: 1, CreatedBy: by.Person, CreatedAt: now,
		}
		err = s.fresh(func(id engawa.ID) error {
			d.ID = id
			return st.InsertDocument(ctx, by.Tenant, d)
		})
		if err != nil {
			return err
		}
		if err := s.note(ctx, st, by, d, done{what: Created, verb: event.DocumentCreated, why: in.Why}, now); err != nil {
			return err
		}
		if text == nil {
			return nil
		}
		owned, err := s.ownIDs(ctx, st, by.Tenant, d.ID, *text)
		if err != nil {
			return err
		}
		head, err := s.putDraft(ctx, st, by, &d, DraftText{Text: owned}, now)
		if err != nil {
			return err
		}
		d.Heads = []Head{head}
		return nil
	})
	if err != nil {
		return Document{}, err
	}
	s.changed(by.Tenant)
	return d, nil
}

// day is a time as it is kept.
func day(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return engawa.Micro(t)
}

// review refuses a review that lies in the past.
func (s *Service) review(on time.Time) error {
	if !on.IsZero() && on.Before(s.now()) {
		return invalid("ReviewOn", msgPastReview)
	}
	return nil
}

// plain refuses a text that names a person.
func (s *Service) plain(field, text string) error {
	if mention.MatchString(text) {
		return invalid(field, msgNamesPersons)
	}
	return nil
}

// DocumentChange is what is to be changed of a document; what is nil stays.
type DocumentChange struct {
	// Version is that of the document which the change started from.
	Version int64   `validate:"required"`
	Title   *string `validate:"omitempty,min=1,line=200"`
	Asks    *Asks
	Owner   *engawa.PersonID `validate:"omitempty,hostid"`
	// ReviewOn set to the zero time ends the reviews.
	ReviewOn *time.Time `validate:"omitempty,reltime"`
	// Why stands in the change log.
	Why string `validate:"required,text=4000"`
}

// Change changes what surrounds the text of a document.
func (s *Service) Change(ctx context.Context, by engawa.Actor, id engawa.ID, in DocumentChange) (d Document, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Change", by, anybody)
	defer o.done(&err)
	if err != nil {
		return d, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return d, err
	}
	if in.Asks != nil && *in.Asks != Voluntary && *in.Asks != BeforePosting {
		return d, invalid("Asks", msgPurpose.With(string(BeforePosting)))
	}
	if in.Title != nil {
		if err := s.plain("Title", *in.Title); err != nil {
			return d, err
		}
	}
	if err := s.plain("Why", in.Why); err != nil {
		return d, err
	}
	if in.ReviewOn != nil {
		if err := s.review(*in.ReviewOn); err != nil {
			return d, err
		}
	}
	err = s.editing(ctx, by, id, func(_ Store, doc *Document, _ time.Time) (done, error) {
		switch {
		case doc.Version != in.Version:
			return done{}, conflict(*doc, msgStale.With(doc.Version))
		case doc.Ended != nil:
			return done{}, conflict(*doc, msgEnded)
		}
		if in.Title != nil {
			doc.Title = *in.Title
		}
		if in.Asks != nil {
			doc.Asks = *in.Asks
		}
		if in.Owner != nil {
			doc.Owner = *in.Owner
		}
		if in.ReviewOn != nil {
			doc.ReviewOn = day(*in.ReviewOn)
		}
		d = *doc
		return done{what: Changed, verb: event.DocumentChanged, why: in.Why}, nil
	})
	if err != nil {
		return Document{}, err
	}
	d.Version++
	return d, nil
}

// DraftText is the text of a draft.
type DraftText struct {
	// Edition is that of the draft which the change started from; 0 for a new draft, which needs that there is none.
	Edition int64
	Text    Text
	// Why stands in the change log, for those who review the draft. Defaults to nothing.
	Why string `validate:"text=4000"`
}

// MaxText is the most that the text of a version may take as JSON, in bytes.
const MaxText = 512 << 10

// SaveDraft creates the draft of the next version or changes it. Clauses without an id get one.
func (s *Service) SaveDraft(ctx context.Context, by engawa.Actor, id engawa.ID, in DraftText) (v Version, err error) {
	ctx, o, err := s.begin(ctx, "guideline.SaveDraft", by, anybody)
	defer o.done(&err)
	if err != nil {
		return v, err
	}
	if n := len(in.Text.Clauses); n > MaxClauses { // before each of ten thousand is looked at
		return v, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyClauses.With(n, MaxClauses)}
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return v, err
	}
	if err := in.Text.check(); err != nil {
		return v, err
	}
	if err := s.plain("Why", in.Why); err != nil {
		return v, err
	}
	err = s.editing(ctx, by, id, func(st Store, d *Document, now time.Time) (done, error) {
		if d.Ended != nil {
			return done{}, conflict(*d, msgEnded)
		}
		in := in
		in.Text.Clauses = slices.Clone(in.Text.Clauses)
		head, err := s.putDraft(ctx, st, by, d, in, now)
		if err != nil {
			return done{}, err
		}
		v = Version{Document: id, Head: head, Text: in.Text}
		return done{what: Drafted, n: head.N, verb: event.VersionDrafted, why: in.Why}, nil
	})
	if err != nil {
		return Version{}, err
	}
	return v, nil
}

// putDraft writes a draft; clauses without an id get one in place.
func (s *Service) putDraft(ctx context.Context, st Store, by engawa.Actor, d *Document, in DraftText, now time.Time) (Head, error) {
	h, there := d.draft()
	switch {
	case there && in.Edition != h.Edition:
		return h, conflict(*d, msgStale.With(h.Edition))
	case !there && in.Edition != 0:
		return h, conflict(*d, msgNoDraft)
	case !there:
		h = Head{N: len(d.Heads) + 1}
	}
	var ids []ClauseID
	for i, c := range in.Text.Clauses {
		if c.ID == "" {
			in.Text.Clauses[i].ID = ClauseID("c-" + s.ids.Next().String())
		}
		ids = append(ids, in.Text.Clauses[i].ID)
	}
	taken, err := st.TakeClauses(ctx, by.Tenant, d.ID, ids)
	if err != nil {
		return h, err
	}
	for i, c := range ids {
		if taken[c] != 0 {
			return h, invalid("Clauses["+strconv.Itoa(i)+"].ID", msgClauseTaken.With(c))
		}
	}
	if b, err := json.Marshal(in.Text); err != nil || len(b) > MaxText {
		return h, errors.Join(err, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooLarge.With(len(b), MaxText)})
	}
	h.Edition, h.By, h.Why = h.Edition+1, by.Person, in.Why
	return h, st.PutDraft(ctx, by.Tenant, Version{Document: d.ID, Head: h, Text: in.Text})
}

// ownIDs gives clauses whose id another document has a number behind it.
func (s *Service) ownIDs(ctx context.Context, st Store, tenant engawa.TenantID, document engawa.ID, text Text) (Text, error) {
	text.Clauses = slices.Clone(text.Clauses)
	for i, c := range text.Clauses {
		id := c.ID
		for n := 2; id != ""; n++ {
			owner, err := st.ClauseOwner(ctx, tenant, id)
			if err != nil {
				return text, err
			}
			if owner == 0 || owner == document {
				break
			}
			base := strings.TrimRight(string(c.ID[:min(len(c.ID), 56)]), "-")
			id = ClauseID(base + "-" + strconv.Itoa(n))
		}
		text.Clauses[i].ID = id
	}
	return text, nil
}
