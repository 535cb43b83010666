package guideline

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Accept notes that the actor has read a version and agrees to it, and is the receipt. People accept for themselves only;
// to do it twice is to do it once. The version must be the one in effect or a later one that is published.
func (s *Service) Accept(ctx context.Context, by engawa.Actor, id engawa.ID, n int) (a Acceptance, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Accept", by, people)
	defer o.done(&err)
	if err != nil {
		return a, err
	}
	_, v, err := s.documentFor(ctx, by, id)
	if err != nil {
		return a, err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		d, err := st.DocumentByID(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		now := s.now()
		d.settle(now)
		h, ok := d.head(n)
		switch {
		case d.Ended != nil:
			return conflict(d, msgEnded)
		case !ok || !h.Published() || !v.sees(d):
			return &engawa.Error{Kind: engawa.NotFound, Subject: KindDocument + " " + id.String(), Message: msgNoVersion.With(n)}
		case n < d.Effective:
			return conflict(d, msgOtherVersion.With(d.Effective))
		}
		a = Acceptance{Person: by.Person, Document: id, N: n, Hash: h.Hash, At: now}
		var fresh bool
		err = s.fresh(func(row engawa.ID) error {
			a.ID = row
			var err error
			fresh, err = st.InsertAcceptance(ctx, by.Tenant, a)
			return err
		})
		if err != nil {
			return err
		}
		if !fresh {
			a, err = st.AcceptanceOf(ctx, by.Tenant, by.Person, id, n)
			return err
		}
		told := s.tell(by, event.GuidelineAccepted, d)
		told.Person = by.Person
		return st.Append(ctx, told.With(event.Edition{N: n, Material: h.Material}))
	})
	if err != nil {
		return Acceptance{}, err
	}
	return a, nil
}

// Due is a document that somebody has not accepted as it is now.
type Due struct {
	// Document is settled at the present: Effective is the version to read.
	Document Document
	// Accepted is the version that the person accepted last, before one that was material; 0 for none.
	Accepted int
	// Asked says that the person cannot post before.
	Asked bool
}

// Pending is what the actor has still to read of what is for them. It is an offer, but for what is Asked.
func (s *Service) Pending(ctx context.Context, by engawa.Actor) (due []Due, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Pending", by, people)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	b, err := s.board(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	latest, err := s.store.Latest(ctx, by.Tenant, by.Person)
	if err != nil {
		return nil, err
	}
	return s.due(ctx, by, unaccepted(b.effective, latest, nil), latest, nil)
}

// Posting is where somebody is about to post.
type Posting struct {
	// Space is the space of the post; 0 for any.
	Space engawa.ID
	// Standing is where the person stands. Defaults to asking the Directory, where a document needs it.
	Standing *engawa.Standing
}

// MustAccept is what the actor has to accept before posting in a space: of the documents that ask for it. Who has
// accepted costs one keyed read, and nothing once that is in memory, or where no document asks. The system has to accept
// nothing.
func (s *Service) MustAccept(ctx context.Context, by engawa.Actor, in Posting) (due []Due, err error) {
	ctx, o, err := s.begin(ctx, "guideline.MustAccept", by, anybody)
	defer o.done(&err)
	if err != nil || by.IsSystem() {
		return nil, err
	}
	b, err := s.board(ctx, by.Tenant)
	if err != nil || len(b.asking) == 0 {
		return nil, err
	}
	latest := b.has(by.Person)
	if len(unaccepted(b.asking, latest, &in)) > 0 {
		if latest, err = s.store.Latest(ctx, by.Tenant, by.Person); err != nil {
			return nil, err
		}
		b.learn(by.Person, latest)
	}
	return s.due(ctx, by, unaccepted(b.asking, latest, &in), latest, in.Standing)
}

// unaccepted are those of some documents that are not accepted as they are now; with a posting only those that could be
// asked for there.
func unaccepted(of []Document, latest map[engawa.ID]int, in *Posting) (open []Document) {
	for _, d := range of {
		if latest[d.ID] < d.Needed && (in == nil || d.Scope.Space == 0 || d.Scope.Space == in.Space) {
			open = append(open, d)
		}
	}
	return open
}

// due are those of open documents that are for the actor. Hosts and stewards are people too: it is whom a document is
// for that counts, not who looks after it.
func (s *Service) due(ctx context.Context, by engawa.Actor, open []Document, latest map[engawa.ID]int, standing *engawa.Standing) ([]Due, error) {
	if len(open) == 0 {
		return nil, nil
	}
	v, err := s.view(ctx, by, standing, scopes(open)...)
	if err != nil {
		return nil, err
	}
	var due []Due
	for _, d := range open {
		if v.in(d.Scope) {
			due = append(due, Due{Document: d.shown(v), Accepted: latest[d.ID], Asked: d.Asks == BeforePosting})
		}
	}
	return due, nil
}

// Accepted (承諾したもの) is an acceptance with what was accepted, word for word.
type Accepted struct {
	Acceptance
	Title   string
	Kind    Kind
	Version Version
}

// Accepted is what a person has accepted, newest first, also of documents that have ended or that are not for them any
// more. Everybody reads their own; the system everybody's. A steward reads of others only what the law demands, says why,
// and that look is recorded.
func (s *Service) Accepted(ctx context.Context, by engawa.Actor, person engawa.PersonID, why string, window Window) (page engawa.Page[Accepted], err error) {
	ctx, o, err := s.begin(ctx, "guideline.Accepted", by, anybody)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	if err := engawa.CheckHostID("person", string(person)); err != nil {
		return page, err
	}
	all := by.IsSystem() || by.Person == person
	if !all {
		if err := stewards.allow(by); err != nil {
			return page, err
		}
		if err := s.because(why); err != nil {
			return page, err
		}
	}
	rows, err := newestFirst(by, o.name+" "+string(person), window, func(a Acceptance) engawa.ID { return a.ID }, func(before engawa.ID, limit int) ([]Acceptance, error) {
		return s.store.AcceptancesOf(ctx, by.Tenant, person, before, limit)
	})
	if err != nil {
		return page, err
	}
	page.Next = rows.Next
	for _, a := range rows.Items {
		shown, err := s.accepted(ctx, by.Tenant, a)
		if err != nil {
			return engawa.Page[Accepted]{}, err
		}
		if all || shown.Kind == Mandatory {
			page.Items = append(page.Items, shown)
		}
	}
	if !all {
		err = s.lookAt(ctx, by, person, page.Items, why)
	}
	if err != nil {
		return engawa.Page[Accepted]{}, err
	}
	return page, nil
}

// lookAt records that a steward looked at what a person has accepted of what the law demands. What is not among it tells
// as much, so it is recorded at every such document in effect.
func (s *Service) lookAt(ctx context.Context, by engawa.Actor, person engawa.PersonID, found []Accepted, why string) error {
	documents, err := s.store.Documents(ctx, by.Tenant)
	if err != nil {
		return err
	}
	now := s.now()
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		for _, d := range documents {
			shown := 0
			for _, a := range found {
				if a.Document == d.ID {
					shown = 1
				}
			}
			if d.settle(now); d.Kind != Mandatory || d.Effective == 0 && shown == 0 {
				continue
			}
			l := Look{Document: d.ID, N: d.Effective, What: LookPerson, Person: person, Shown: shown, Why: why}
			if err := s.look(ctx, st, by, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// accepted adds what was accepted. It is the only reading past the door: what somebody agreed to stays theirs to read.
func (s *Service) accepted(ctx context.Context, tenant engawa.TenantID, a Acceptance) (Accepted, error) {
	d, err := s.store.DocumentByID(ctx, tenant, a.Document)
	if err != nil {
		return Accepted{}, err
	}
	v, err := s.store.VersionByN(ctx, tenant, a.Document, a.N)
	return Accepted{Acceptance: a, Title: d.Title, Kind: d.Kind, Version: v}, err
}

// Receipt (承諾証) is one acceptance by its id, with what was accepted, word for word: for the person themselves, and for
// stewards and the system, who must have been given the id. It is there for ever; once the person is forgotten it names
// nobody.
func (s *Service) Receipt(ctx context.Context, by engawa.Actor, id engawa.ID) (a Accepted, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Receipt", by, anybody)
	defer o.done(&err)
	if err != nil {
		return a, err
	}
	row, err := s.store.AcceptanceByID(ctx, by.Tenant, id)
	if err != nil {
		return a, err
	}
	own := row.Person != "" && row.Person == by.Person
	if row.ID == 0 || !own && stewards.allow(by) != nil {
		return a, &engawa.Error{Kind: engawa.NotFound, Subject: "acceptance " + id.String(), Message: msgNotFound}
	}
	return s.accepted(ctx, by.Tenant, row)
}
