package guideline

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Change (変更履歴) is one entry of the change log, which is only added to.
type Change struct {
	ID       engawa.ID
	Document engawa.ID
	What     Deed
	// N is the version that it was about; 0 for the document as a whole.
	N   int
	By  engawa.PersonID
	At  time.Time
	Why string
}

// Deed is what was done to a document.
type Deed string

// The deeds.
const (
	Created      Deed = "created"
	Changed      Deed = "changed"
	Drafted      Deed = "drafted"
	Published    Deed = "published"
	RetiredIt    Deed = "retired"
	SupersededIt Deed = "superseded"
)

// done is a change to be noted, with its event.
type done struct {
	what     Deed
	n        int
	material bool
	verb     event.Verb
	why      string
}

// note writes a change and its event.
func (s *Service) note(ctx context.Context, st Store, by engawa.Actor, d Document, out done, now time.Time) error {
	c := Change{Document: d.ID, What: out.what, N: out.n, By: by.Person, At: now, Why: out.why}
	err := s.fresh(func(id engawa.ID) error {
		c.ID = id
		return st.InsertChange(ctx, by.Tenant, c)
	})
	if err != nil {
		return err
	}
	told := s.tell(by, out.verb, d)
	if out.n > 0 {
		told = told.With(event.Edition{N: out.n, Material: out.material})
	}
	return st.Append(ctx, told)
}

// Window is a part of a list.
type Window struct {
	After engawa.Cursor
	// Limit defaults to 20; at most [MaxLimit].
	Limit int
}

// MaxLimit is how many rows one page may have.
const MaxLimit = 100

func (w Window) limit() int {
	if w.Limit <= 0 {
		return 20
	}
	return min(w.Limit, MaxLimit)
}

const maxID = 1<<63 - 1

// newestFirst is a page of a list that is read backwards by id.
func newestFirst[T any](by engawa.Actor, list string, w Window, id func(T) engawa.ID, read func(before engawa.ID, limit int) ([]T, error)) (page engawa.Page[T], err error) {
	before := int64(maxID)
	if _, err := w.After.Keys(by.Tenant, list, &before); err != nil {
		return page, err
	}
	rows, err := read(engawa.ID(before), w.limit()+1)
	if err != nil {
		return page, err
	}
	if len(rows) > w.limit() {
		rows = rows[:w.limit()]
		page.Next = engawa.NewCursor(by.Tenant, list, int64(id(rows[len(rows)-1])))
	}
	page.Items = rows
	return page, nil
}

// Changes tells who changed what of a document and why, newest first. Everybody who may see the document may read it;
// what was done to drafts only those who edit it.
func (s *Service) Changes(ctx context.Context, by engawa.Actor, id engawa.ID, window Window) (page engawa.Page[Change], err error) {
	ctx, o, err := s.begin(ctx, "guideline.Changes", by, anybody)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	d, v, err := s.documentFor(ctx, by, id)
	if err != nil {
		return page, err
	}
	list := o.name + " " + id.String()
	page, err = newestFirst(by, list, window, func(c Change) engawa.ID { return c.ID }, func(before engawa.ID, limit int) ([]Change, error) {
		return s.store.Changes(ctx, by.Tenant, id, before, limit)
	})
	if err != nil || v.edits(d.Scope) {
		return page, err
	}
	shown := page.Items[:0]
	for _, c := range page.Items {
		if c.What != Drafted {
			shown = append(shown, c)
		}
	}
	page.Items = shown
	return page, nil
}
