package search

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Forget deletes what a leaver has kept, their saved searches, and their marks among those who asked in vain, which counts
// as nobody's from then on; from: with their id goes out of the saved searches of others, and one that has nothing else
// goes as a whole. What they taught stays and is nobody's. What another node has seen asked and not written yet it writes still:
// a mark that means nothing once the month is over, so a second call after the next [Service.FlushGaps] there leaves
// nothing. It may be repeated, and must be where it was interrupted. Only [engawa.System] may.
func (s *Service) Forget(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.beginKept(ctx, "search.Forget", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckHostID("person", string(person)); err != nil {
		return err
	}
	if err := s.forgetSaved(ctx, by, person); err != nil {
		return err
	}
	if err := s.forgetFrom(ctx, by, person); err != nil {
		return err
	}
	s.vain.forget(by.Tenant, person)
	return s.forgetAsker(ctx, by.Tenant, person)
}

func (s *Service) forgetSaved(ctx context.Context, by engawa.Actor, person engawa.PersonID) error {
	// Looked at before: whoever locks the saved searches of somebody unknown makes them known.
	if all, err := s.cfg.Store.SavedOf(ctx, by.Tenant, person); err != nil || len(all) == 0 {
		return err
	}
	return s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
		all, err := st.LockSaved(ctx, by.Tenant, person)
		if err != nil || len(all) == 0 {
			return err
		}
		ids := make([]engawa.ID, len(all))
		at := s.now()
		events := make([]event.Event, len(all))
		for i, saved := range all {
			ids[i] = saved.ID
			events[i] = tell(by, event.SearchDropped, personRef, at).With(event.Taught{ID: saved.ID})
			events[i].Person = person
		}
		if err := st.DropSaved(ctx, by.Tenant, ids...); err != nil {
			return err
		}
		if err := st.RenewSaved(ctx, by.Tenant, at); err != nil {
			return err
		}
		return st.Append(ctx, events...)
	})
}

// forgetFrom takes a person out of what others search for.
func (s *Service) forgetFrom(ctx context.Context, by engawa.Actor, person engawa.PersonID) error {
	for after := engawa.ID(0); ; {
		const batch = 500
		rows, err := s.cfg.Store.SavedAfter(ctx, by.Tenant, after, batch)
		if err != nil {
			return err
		}
		for _, row := range rows {
			after = row.ID
			if !strings.Contains(row.Query+row.Name, string(person)) {
				continue
			}
			if err := s.withoutPerson(ctx, by, row, person); err != nil {
				return err
			}
		}
		if len(rows) < batch {
			return nil
		}
	}
}

// withoutPerson changes one saved search, which is looked at before the transaction and again if it has changed until then.
func (s *Service) withoutPerson(ctx context.Context, by engawa.Actor, row SavedSearch, person engawa.PersonID) error {
	for again := true; again; {
		query := withoutFrom(row.Query, string(person))
		if query == row.Query {
			return nil
		}
		// What is left must not tell of everything.
		quiet := query != "" && s.checkSaved(ctx, engawa.Actor{Tenant: by.Tenant, Person: row.Owner}, NewSavedSearch{Query: query, Notify: true}) != nil
		err := s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
			again = false
			all, err := st.LockSaved(ctx, by.Tenant, row.Owner)
			i := slices.IndexFunc(all, func(o SavedSearch) bool { return o.ID == row.ID })
			if err != nil || i < 0 {
				return err
			}
			if all[i].Query != row.Query {
				row, again = all[i], true
				return nil
			}
			return s.rewrite(ctx, st, by, all, all[i], query, quiet)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// rewrite gives one of a person's saved searches another query, or deletes it if none is left.
func (s *Service) rewrite(ctx context.Context, st Store, by engawa.Actor, all []SavedSearch, saved SavedSearch, query string, quiet bool) error {
	verb, err := event.SearchChanged, error(nil)
	if query == "" {
		verb = event.SearchDropped
		err = st.DropSaved(ctx, by.Tenant, saved.ID)
	} else {
		if saved.Name == clip(saved.Query, MaxSavedName) {
			saved.Name = unused(clip(query, MaxSavedName-len(" 99")), all, saved.ID)
		}
		if saved.Query = query; quiet {
			saved.NotifySince = time.Time{}
		}
		err = st.ChangeSaved(ctx, by.Tenant, saved)
	}
	if err != nil {
		return err
	}
	at := s.now()
	if err := st.RenewSaved(ctx, by.Tenant, at); err != nil {
		return err
	}
	e := tell(by, verb, personRef, at).With(event.Taught{ID: saved.ID})
	e.Person = saved.Owner
	return st.Append(ctx, e)
}

// unused is a name that no other saved search of the same person has.
func unused(name string, all []SavedSearch, id engawa.ID) string {
	taken := map[string]bool{}
	for _, o := range all {
		if o.ID != id {
			taken[o.Name] = true
		}
	}
	out := name
	for n := 2; taken[out]; n++ {
		out = fmt.Sprintf("%s %d", name, n)
	}
	return out
}

// withoutFrom is a query without the operators from: of one value.
func withoutFrom(query, value string) string {
	p := queryParser{rest: query}
	var b strings.Builder
	for {
		rest, from := p.rest, len(p.q.From)
		if !p.next() {
			break
		}
		if len(p.q.From) > from && p.q.From[from] == value {
			continue
		}
		b.WriteString(rest[:len(rest)-len(p.rest)])
	}
	return strings.TrimFunc(b.String(), blank)
}

// forgetAsker deletes a person's marks of the months whose salts are still there; of those before nobody knows them.
func (s *Service) forgetAsker(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error {
	return s.eachMark(ctx, tenant, person, func(_ int64, _ []GapKey, marks []string) error {
		return s.cfg.Store.DropAskers(ctx, tenant, marks)
	})
}

// eachMark calls f with the marks that a person has on gaps if they asked for them, part by part, month by month.
func (s *Service) eachMark(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, f func(month int64, gaps []GapKey, marks []string) error) error {
	salts, err := s.cfg.Store.GapSalts(ctx, tenant)
	if err != nil {
		return err
	}
	for _, month := range slices.Sorted(maps.Keys(salts)) {
		for after := engawa.ID(0); ; {
			const batch = 500
			gaps, err := s.cfg.Store.GapsAsked(ctx, tenant, month, after, batch)
			if err != nil {
				return err
			}
			marks := make([]string, len(gaps))
			for i, g := range gaps {
				marks[i], after = s.asker(salts[month], g.Key, person), g.ID
			}
			if len(marks) > 0 {
				if err := f(month, gaps, marks); err != nil {
					return err
				}
			}
			if len(gaps) < batch {
				break
			}
		}
	}
	return nil
}
