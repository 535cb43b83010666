package search

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Limits of saved searches.
const (
	// MaxSaved is how many a person may have.
	MaxSaved = 20
	// MaxSavedQuery and MaxSavedName are in bytes.
	MaxSavedQuery = 500
	MaxSavedName  = 150
	// MaxSavedWords is how many words a saved query may have.
	MaxSavedWords = 16
)

// SavedSearch (保存した検索) is a query that somebody keeps.
type SavedSearch struct {
	ID    engawa.ID
	Owner engawa.PersonID
	// Name is the owner's own, unique among theirs.
	Name string
	// Query is as it was typed; see [Query].
	Query string
	// NotifySince is since when the owner is told of what is new; the zero time where they are not.
	NotifySince time.Time
	SavedAt     time.Time
}

// NewSavedSearch is a query to be saved.
type NewSavedSearch struct {
	Query string `validate:"required,line=500"`
	// Name defaults to the query.
	Name string `validate:"line=150"`
	// Notify tells the owner of documents that are published from now on; see [Service.NewHits]. Defaults to no.
	Notify bool
}

// personRef is a person as a subject without an id: who it is stands in the event.
var personRef = engawa.Ref{Kind: engawa.KindPerson}

// SaveSearch keeps a query under a name, at most [MaxSaved] for each person. It is nobody's but its owner's: stewards do
// not see it either.
func (s *Service) SaveSearch(ctx context.Context, by engawa.Actor, in NewSavedSearch) (saved SavedSearch, err error) {
	ctx, o, err := s.beginKept(ctx, "search.SaveSearch", by, people)
	defer o.done(&err)
	if err != nil {
		return SavedSearch{}, err
	}
	return s.save(ctx, by, o.name, 0, in)
}

// ChangeSaved gives a saved search another query and name. Whoever changes the query, or asks to be told from now on, is
// told of what is published from now on.
func (s *Service) ChangeSaved(ctx context.Context, by engawa.Actor, id engawa.ID, in NewSavedSearch) (saved SavedSearch, err error) {
	ctx, o, err := s.beginKept(ctx, "search.ChangeSaved", by, people)
	defer o.done(&err)
	if err != nil {
		return SavedSearch{}, err
	}
	if id == 0 {
		return SavedSearch{}, notFound("saved search " + id.String())
	}
	return s.save(ctx, by, o.name, id, in)
}

// DropSaved deletes a saved search.
func (s *Service) DropSaved(ctx context.Context, by engawa.Actor, id engawa.ID) (err error) {
	ctx, o, err := s.beginKept(ctx, "search.DropSaved", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
		all, err := st.LockSaved(ctx, by.Tenant, by.Person)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(o SavedSearch) bool { return o.ID == id }) {
			return notFound("saved search " + id.String())
		}
		if err := st.DropSaved(ctx, by.Tenant, id); err != nil {
			return err
		}
		return s.keptSearch(ctx, st, by, event.SearchDropped, id, s.now())
	})
}

// SavedSearches are the actor's own, oldest first.
func (s *Service) SavedSearches(ctx context.Context, by engawa.Actor) (all []SavedSearch, err error) {
	ctx, o, err := s.beginKept(ctx, "search.SavedSearches", by, people)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	return s.cfg.Store.SavedOf(ctx, by.Tenant, by.Person)
}

// save inserts a saved search, or changes the one of that id.
func (s *Service) save(ctx context.Context, by engawa.Actor, op string, id engawa.ID, in NewSavedSearch) (saved SavedSearch, err error) {
	if err := s.valid.Check(op, in); err != nil {
		return SavedSearch{}, err
	}
	in.Query = strings.TrimFunc(in.Query, unicode.IsSpace)
	if in.Name = strings.TrimFunc(in.Name, unicode.IsSpace); in.Name == "" {
		in.Name = clip(in.Query, MaxSavedName)
	}
	if err := s.checkSaved(ctx, by, in); err != nil {
		return SavedSearch{}, err
	}
	verb := event.SearchSaved
	if id != 0 {
		verb = event.SearchChanged
	}
	for {
		err = s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
			all, err := st.LockSaved(ctx, by.Tenant, by.Person)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(all, func(o SavedSearch) bool { return o.Name == in.Name && o.ID != id }) {
				return &engawa.Error{Kind: engawa.Conflict, Message: msgSavedName.With(in.Name)}
			}
			now := s.now()
			saved = SavedSearch{ID: id, Owner: by.Person, Name: in.Name, Query: in.Query, SavedAt: now}
			if in.Notify {
				saved.NotifySince = now
			}
			if id == 0 {
				if len(all) >= MaxSaved {
					return tooLarge("", msgTooManySaved.With(len(all)))
				}
				saved.ID = s.ids.Next()
				err = st.InsertSaved(ctx, by.Tenant, saved)
			} else {
				i := slices.IndexFunc(all, func(o SavedSearch) bool { return o.ID == id })
				if i < 0 {
					return notFound("saved search " + id.String())
				}
				old := all[i]
				saved.SavedAt = old.SavedAt
				if in.Notify && old.Query == in.Query && !old.NotifySince.IsZero() {
					saved.NotifySince = old.NotifySince
				}
				if saved == old {
					return nil
				}
				err = st.ChangeSaved(ctx, by.Tenant, saved)
			}
			if err != nil {
				return err
			}
			return s.keptSearch(ctx, st, by, verb, saved.ID, now)
		})
		if !errors.Is(err, ErrIDTaken) {
			break
		}
	}
	if err != nil {
		return SavedSearch{}, err
	}
	return saved, nil
}

// keptSearch makes every node read the saved searches again, and tells of the change.
func (s *Service) keptSearch(ctx context.Context, st Store, by engawa.Actor, verb event.Verb, id engawa.ID, at time.Time) error {
	if err := st.RenewSaved(ctx, by.Tenant, at); err != nil {
		return err
	}
	e := tell(by, verb, personRef, at).With(event.Taught{ID: id})
	e.Person = by.Person
	return st.Append(ctx, e)
}

// checkSaved refuses a query that finds nothing whatever is written, and one that would tell of everything.
func (s *Service) checkSaved(ctx context.Context, by engawa.Actor, in NewSavedSearch) error {
	now := s.now().In(s.cfg.Zone(by.Tenant))
	q := ParseQuery(in.Query, now)
	if len(q.Words) > MaxSavedWords {
		return tooLarge("Query", noteWords.With(MaxSavedWords))
	}
	if !in.Notify {
		if len(q.Words)+len(q.From)+len(q.In)+len(q.Tags)+len(q.Kinds) == 0 && q.After.IsZero() && q.Before.IsZero() && q.Answered == Either {
			return invalid("Query", msgNothingToFind)
		}
		return nil
	}
	l, err := s.learn(ctx, by.Tenant)
	if err != nil {
		return err
	}
	w := watch{SavedSearch: SavedSearch{Owner: by.Person, Query: in.Query}}
	w.compile(l, q)
	if len(w.words) == 0 && len(q.From)+len(q.In)+len(q.Tags)+len(q.Kinds) == 0 {
		return invalid("Query", msgNothingToWatch)
	}
	return nil
}
