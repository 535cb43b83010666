package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
)

// What saved searches tell of.
const (
	// MaxDailyHits is of how many documents one saved search tells on one day. The search itself finds them all.
	MaxDailyHits = 20
	// hitAge is how old a document may be when it is told of: what is indexed again later is not new.
	hitAge = 7 * 24 * time.Hour
	// toldAge is how long it is remembered what was told.
	toldAge = 30 * 24 * time.Hour
	// resolvedFor is how long names in from: and in:, and words such as today, stand for the same.
	resolvedFor = time.Hour
	// retryNames is when names are asked again after they gave an error.
	retryNames = time.Minute
)

// NewHit is something new that a saved search has found for its owner.
type NewHit struct {
	Owner engawa.PersonID
	// Saved is the search and Name what its owner calls it.
	Saved engawa.ID
	Name  string
	Ref   engawa.Ref
	// Last says that it is the last of which the search tells on that day: what else there is it finds when it is made.
	Last bool
}

// NewHits tells which saved searches that notify find documents that were just indexed, so that whoever brings notices can
// tell their owners: call it after [Service.Index] with the same refs. Each pair of search and document is told once, at
// most [MaxDailyHits] a day, in the tenant's zone, for one search, the last of which says so; documents of the owner's own, older ones than the search, and such as are more
// than seven days old are not told of, nor does an edit tell again.
//
// A document is a hit if it has every word of the query: the word's own terms side by side, or those of one of its synonyms,
// or, for a word in hiragana, words that are read so. That is stricter than [Service.Search], which finds what has some of
// the words and puts the best first. Phrases, -words and operators mean what they mean there; a from: or in: that names
// nobody and nothing finds nothing. Other spellings and romaji, which a search tries where no document has the word, are not
// looked for. Names in operators, and days such as today, are read anew each hour.
//
// Each document is analysed once and held against those saved searches only that share a rare term with it; whoever owns
// none of those costs nothing. Whether an owner may read it is asked of [Reader] and [Source] as at every search, with the roles that Config.Roles knows, last of all and for
// what has matched only. A notice should be shown only after it was asked again.
//
// Measured with package search/ja and SQLite on a shared, busy machine of two cores, 10,000 saved searches of 1,000 people, batches
// of ten posts: 3,900 posts a second where one saved search in 10,000 is met by a post, 216 where 53 are, most of it for
// writing down what was told; the median of three runs. The access and the door of the host's own come on top, once for each
// owner and call: with 40 owners for each post they may take half a millisecond each if 50 posts a second are to keep up.
// After a change of any saved search the next call reads all of them again, which took 0.1 to 0.2 s.
//
// What is returned is noted as told when the call ends, so that a crash before the notices are written loses them. To lose
// nothing, call it on a copy bound to the transaction that writes them ([Service.With]). Only [engawa.System] may.
func (s *Service) NewHits(ctx context.Context, by engawa.Actor, refs []engawa.Ref) (hits []NewHit, err error) {
	ctx, o, err := s.beginKept(ctx, "search.NewHits", by, system)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	now := s.now()
	found, err := s.matches(ctx, by.Tenant, refs, now)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	day := dayOf(now.In(s.cfg.Zone(by.Tenant)))
	if found, err = s.untold(ctx, by.Tenant, day, found); err != nil || len(found) == 0 {
		return nil, err
	}
	if found, err = s.readable(ctx, by.Tenant, found); err != nil || len(found) == 0 {
		return nil, err
	}
	told := make([]Told, len(found))
	names := map[engawa.ID]match{}
	for i, m := range found {
		told[i] = Told{Saved: m.watch.ID, Ref: m.doc.Ref}
		names[m.watch.ID] = m
	}
	var fresh []Told
	var on map[engawa.ID]int
	err = s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
		var err error
		if fresh, err = st.Tell(ctx, by.Tenant, day, now, MaxDailyHits, told); err != nil || len(fresh) == 0 {
			return err
		}
		on, err = st.ToldOn(ctx, by.Tenant, day, slices.Collect(maps.Keys(names)))
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, t := range slices.Backward(fresh) {
		w := names[t.Saved].watch
		hits = append(hits, NewHit{Owner: w.Owner, Saved: w.ID, Name: w.Name, Ref: t.Ref, Last: on[w.ID] >= MaxDailyHits})
		delete(on, w.ID) // only the last one of those of this call
	}
	slices.Reverse(hits)
	return hits, nil
}

// Awaited reports whether a saved search that notifies has one of the documents for a hit: whether NewHits, which needs a
// transaction to lose nothing, may tell of anything. It writes nothing, and what it has read of the saved searches serves
// the calls after it, those of copies bound to a transaction too. Only [engawa.System] may ask.
func (s *Service) Awaited(ctx context.Context, by engawa.Actor, refs []engawa.Ref) (awaited bool, err error) {
	ctx, o, err := s.beginKept(ctx, "search.Awaited", by, system)
	defer o.done(&err)
	if err != nil {
		return false, err
	}
	found, err := s.matches(ctx, by.Tenant, refs, s.now())
	return len(found) > 0, err
}

// matches are the watches that have the documents for hits, whatever was told and whoever may read them.
func (s *Service) matches(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref, now time.Time) ([]match, error) {
	if len(refs) > MaxRefs {
		return nil, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyRefs.With(len(refs), MaxRefs)}
	}
	l, err := s.learn(ctx, tenant)
	if err != nil {
		return nil, err
	}
	list, err := s.watching(ctx, tenant, l, now)
	if err != nil || len(list.by) == 0 {
		return nil, err
	}
	docs, err := s.fresh(ctx, tenant, refs, now.Add(-hitAge))
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	var found []match
	entries := s.analyseAll(l.analyzer, docs)
	for i := range docs {
		list.hits(newLeaf(&docs[i], entries[i]), func(w *watch) { found = append(found, match{w, &docs[i]}) })
	}
	return found, nil
}

// match is a document that a watch is for.
type match struct {
	watch *watch
	doc   *Document
}

// fresh are documents that were published since a time, oldest first.
func (s *Service) fresh(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref, since time.Time) ([]Document, error) {
	byKind := map[string][]engawa.Ref{}
	for _, r := range refs {
		if err := r.Check(); err != nil {
			return nil, err
		}
		if s.cfg.Sources[r.Kind] == nil {
			return nil, &engawa.Error{Kind: engawa.Invalid, Subject: r.Kind, Message: msgNoSource.With(r.Kind)}
		}
		if !slices.Contains(byKind[r.Kind], r) {
			byKind[r.Kind] = append(byKind[r.Kind], r)
		}
	}
	var docs []Document
	for kind, part := range byKind {
		found, err := s.cfg.Sources[kind].Documents(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		for _, r := range part {
			if d, ok := found[r]; ok && d.Ref == r && d.check() == nil && !d.At.Before(since) {
				docs = append(docs, d)
			}
		}
	}
	slices.SortFunc(docs, func(a, b Document) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Ref.String(), b.Ref.String()))
	})
	return docs, nil
}

// watching are the tenant's saved searches that notify, ready for use. Only what changed is read anew.
func (s *Service) watching(ctx context.Context, tenant engawa.TenantID, l *lesson, now time.Time) (*watchList, error) {
	version, err := s.cfg.Store.SavedVersion(ctx, tenant)
	if err != nil {
		return nil, err
	}
	right := func(w *watchList) bool {
		return w.version == version && w.lesson == l && (w.until.IsZero() || now.Before(w.until))
	}
	if list, ok := s.watched.find(tenant, right); ok {
		return list, nil
	}
	old, _ := s.watched.find(tenant, func(w *watchList) bool { return w.lesson == l })
	list := &watchList{version: version, lesson: l, watches: map[engawa.ID]*watch{}}
	for after := engawa.ID(0); ; {
		const batch = 1000
		rows, err := s.cfg.Store.SavedAfter(ctx, tenant, after, batch)
		if err != nil {
			return nil, err
		}
		for _, saved := range rows {
			after = saved.ID
			if saved.NotifySince.IsZero() || saved.Owner == "" {
				continue
			}
			var w *watch
			if old != nil {
				w = old.watches[saved.ID]
			}
			if w == nil || w.SavedSearch != saved || !w.until.IsZero() && !now.Before(w.until) {
				w = s.watch(ctx, tenant, l, saved, now)
			}
			list.watches[saved.ID] = w
			if !w.until.IsZero() && (list.until.IsZero() || w.until.Before(list.until)) {
				list.until = w.until
			}
		}
		if len(rows) < batch {
			break
		}
	}
	list.index()
	s.watched.keep(tenant, list)
	return list, nil
}

// watch makes one. Where names do not answer, nothing is found by it until they do.
func (s *Service) watch(ctx context.Context, tenant engawa.TenantID, l *lesson, saved SavedSearch, now time.Time) *watch {
	q := ParseQuery(saved.Query, now.In(s.cfg.Zone(tenant)))
	w := &watch{SavedSearch: saved}
	w.compile(l, q)
	if len(q.From)+len(q.In) > 0 || !q.After.IsZero() || !q.Before.IsZero() {
		w.until = now.Add(resolvedFor)
	}
	owner, err := s.owner(ctx, tenant, saved.Owner)
	if err == nil {
		err = s.resolve(ctx, owner, &q, &w.filter, l)
	}
	if err != nil {
		w.never, w.until = true, now.Add(retryNames)
		s.cfg.Logger.WarnContext(ctx, "search: names of a saved search", "saved", saved.ID.String(), "error", err)
	}
	if len(q.From) > 0 && len(w.filter.Authors) == 0 || len(q.In) > 0 && len(w.filter.Scopes) == 0 {
		w.never = true
	}
	return w
}

// owner is the actor of somebody who is not there to ask.
func (s *Service) owner(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (engawa.Actor, error) {
	actor := engawa.Actor{Tenant: tenant, Person: person}
	if s.cfg.Roles == nil {
		return actor, nil
	}
	var err error
	actor.Roles, err = engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) ([]engawa.Role, error) { return s.cfg.Roles(ctx, tenant, person) })
	return actor, err
}

// untold leaves out what was told before, and searches that have told enough for the day, before their owners' access is
// asked.
func (s *Service) untold(ctx context.Context, tenant engawa.TenantID, day int64, found []match) ([]match, error) {
	if len(found) == 0 {
		return nil, nil
	}
	refs, ids := map[engawa.Ref]bool{}, map[engawa.ID]bool{}
	for _, m := range found {
		refs[m.doc.Ref], ids[m.watch.ID] = true, true
	}
	on, err := s.cfg.Store.ToldOn(ctx, tenant, day, slices.Collect(maps.Keys(ids)))
	if err != nil {
		return nil, err
	}
	told, err := s.cfg.Store.Told(ctx, tenant, slices.Collect(maps.Keys(refs)))
	if err != nil {
		return nil, err
	}
	before := map[Told]bool{}
	for _, t := range told {
		before[t] = true
	}
	return slices.DeleteFunc(found, func(m match) bool {
		return on[m.watch.ID] >= MaxDailyHits || before[Told{m.watch.ID, m.doc.Ref}]
	}), nil
}

// readable keeps what each owner may read now, by owner. An owner of whom the host knows nothing any more may read nothing;
// an error of another kind than Unavailable costs only that owner's hits.
func (s *Service) readable(ctx context.Context, tenant engawa.TenantID, found []match) ([]match, error) {
	slices.SortStableFunc(found, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.watch.Owner, b.watch.Owner), cmp.Compare(a.watch.ID, b.watch.ID), a.doc.At.Compare(b.doc.At), cmp.Compare(a.doc.Ref.String(), b.doc.Ref.String()))
	})
	var out []match
	for len(found) > 0 {
		n := 1
		for n < len(found) && found[n].watch.Owner == found[0].watch.Owner {
			n++
		}
		part, err := s.readableBy(ctx, tenant, found[:n])
		switch {
		case errors.Is(err, engawa.Unavailable) || ctx.Err() != nil:
			return nil, err
		case err != nil && !errors.Is(err, engawa.NotFound):
			s.cfg.Logger.WarnContext(ctx, "search: what the owner of a saved search may read", "saved", found[0].watch.ID.String(), "error", err)
		default:
			out = append(out, part...)
		}
		found = found[n:]
	}
	return out, nil
}

// readableBy is readable for one owner. Access is asked before the door, as by a search.
func (s *Service) readableBy(ctx context.Context, tenant engawa.TenantID, found []match) ([]match, error) {
	owner, err := s.owner(ctx, tenant, found[0].watch.Owner)
	if err != nil {
		return nil, err
	}
	access, err := s.access(ctx, owner)
	if err != nil {
		return nil, err
	}
	var allowed []match
	var refs []engawa.Ref
	for _, m := range found {
		if slices.Contains(access.Scopes, m.doc.Scope) && !slices.Contains(access.Hidden, m.doc.Author) {
			allowed = append(allowed, m)
			if !slices.Contains(refs, m.doc.Ref) {
				refs = append(refs, m.doc.Ref)
			}
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	texts, err := s.show(ctx, owner, refs)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(allowed, func(m match) bool {
		_, ok := texts[m.doc.Ref]
		return !ok
	}), nil
}

// dayOf numbers a day of the time's own zone, from 1970.
func dayOf(t time.Time) int64 {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

// monthOf numbers a month of the time's own zone.
func monthOf(t time.Time) int64 { return int64(t.Year())*12 + int64(t.Month()) - 1 }

// monthName is the month of a number that monthOf gave, such as "2026-04".
func monthName(n int64) string { return fmt.Sprintf("%04d-%02d", n/12, n%12+1) }
