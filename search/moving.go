package search

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Kept is something that a tenant has taught its search, or that somebody keeps of it: one of the three.
type Kept struct {
	Synonyms *SynonymGroup
	Word     *TaughtWord
	Saved    *SavedSearch
}

// Export walks everything that a tenant has taught its search and that its people keep, each sort by id. What was asked in
// vain is not in it: it is tied to nobody, by digests of one installation. Only [engawa.System] may.
func (s *Service) Export(ctx context.Context, by engawa.Actor) iter.Seq2[Kept, error] {
	return func(yield func(Kept, error) bool) {
		ctx, o, err := s.beginKept(ctx, "search.Export", by, system)
		defer func() { o.end(err) }()
		fail := func() {
			if err != nil {
				yield(Kept{}, engawa.Wrap(o.name, err))
			}
		}
		if err != nil {
			fail()
			return
		}
		st := s.cfg.Store
		more := true
		each := func(one Kept) bool { more = yield(one, nil); return more }
		err = walk(func(after engawa.ID, n int) ([]SynonymGroup, error) {
			return st.SynonymsAfter(ctx, by.Tenant, after, n)
		},
			func(g SynonymGroup) (engawa.ID, bool) { return g.ID, each(Kept{Synonyms: &g}) })
		if err == nil && more {
			err = walk(func(after engawa.ID, n int) ([]TaughtWord, error) { return st.WordsAfter(ctx, by.Tenant, after, n) },
				func(w TaughtWord) (engawa.ID, bool) { return w.ID, each(Kept{Word: &w}) })
		}
		if err == nil && more {
			err = walk(func(after engawa.ID, n int) ([]SavedSearch, error) { return st.SavedAfter(ctx, by.Tenant, after, n) },
				func(saved SavedSearch) (engawa.ID, bool) { return saved.ID, each(Kept{Saved: &saved}) })
		}
		fail()
	}
}

// walk reads rows by id until there are none, or f has enough.
func walk[T any](read func(after engawa.ID, limit int) ([]T, error), f func(T) (id engawa.ID, more bool)) error {
	const batch = 500
	for after := engawa.ID(0); ; {
		rows, err := read(after, batch)
		if err != nil {
			return err
		}
		for _, row := range rows {
			var more bool
			if after, more = f(row); !more {
				return nil
			}
		}
		if len(rows) < batch {
			return nil
		}
	}
}

// Moved is what came of taking in what was kept elsewhere.
type Moved struct {
	// Added are new; Already were there, a saved search by its name.
	Added, Already int
	// Skipped could not be taken in, by their place, each with the reason.
	Skipped map[int]error
}

// Import takes in what was kept elsewhere, at most [MaxRefs] at once, under new ids and with the persons and times that it
// comes with. It may be repeated: what is there stays as it is. What cannot be is skipped. Only [engawa.System] may.
func (s *Service) Import(ctx context.Context, by engawa.Actor, all []Kept) (done Moved, err error) {
	ctx, o, err := s.beginKept(ctx, "search.Import", by, system)
	defer o.done(&err)
	if err != nil {
		return Moved{}, err
	}
	if len(all) > MaxRefs {
		return Moved{}, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyRefs.With(len(all), MaxRefs)}
	}
	m, err := s.sort(ctx, o, by, all)
	if err != nil {
		return Moved{}, err
	}
	for range 8 {
		err = s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
			done = Moved{Skipped: maps.Clone(m.wrong)}
			if err := s.importTaught(ctx, st, by, m, &done); err != nil {
				return err
			}
			return s.importSaved(ctx, st, by, m.saved, &done)
		})
		if !errors.Is(err, ErrIDTaken) {
			break
		}
	}
	if err != nil {
		return Moved{}, err
	}
	return done, nil
}

// moving is what is to be taken in, each with its place, and what is wrong with the rest.
type moving struct {
	groups []placed[SynonymGroup]
	words  []placed[TaughtWord]
	saved  []placed[SavedSearch]
	wrong  map[int]error
}

type placed[T any] struct {
	it T
	at int
}

// sort looks at everything before the transaction.
func (s *Service) sort(ctx context.Context, o op, by engawa.Actor, all []Kept) (moving, error) {
	m := moving{wrong: map[int]error{}}
	for i, one := range all {
		var err error
		switch {
		case one.Synonyms != nil:
			var g SynonymGroup
			var sensible bool
			g, sensible, err = s.group(one.Synonyms.From, one.Synonyms.To)
			if err == nil && !sensible {
				err = invalid("From", sameWords(one.Synonyms.From, one.Synonyms.To))
			}
			g.By, g.At = one.Synonyms.By, engawa.Micro(one.Synonyms.At)
			m.groups = append(m.groups, placed[SynonymGroup]{g, i})
		case one.Word != nil:
			w := TaughtWord{By: one.Word.By, At: engawa.Micro(one.Word.At)}
			w.Word, err = newWord(one.Word.Text, one.Word.Reading)
			m.words = append(m.words, placed[TaughtWord]{w, i})
		case one.Saved != nil:
			saved := *one.Saved
			saved.NotifySince, saved.SavedAt = engawa.Micro(saved.NotifySince), engawa.Micro(saved.SavedAt)
			m.saved = append(m.saved, placed[SavedSearch]{saved, i})
			owner := engawa.Actor{Tenant: by.Tenant, Person: saved.Owner}
			in := NewSavedSearch{Query: saved.Query, Name: saved.Name, Notify: !saved.NotifySince.IsZero()}
			if err = engawa.CheckHostID("owner", string(saved.Owner)); err == nil {
				err = s.valid.Check(o.name, in)
			}
			if err == nil {
				err = s.checkSaved(ctx, owner, in)
			}
		}
		switch kind := engawa.KindOf(err); {
		case err == nil:
		case kind == engawa.Invalid || kind == engawa.TooLarge:
			m.wrong[i] = err
		default:
			return m, err
		}
	}
	m.groups = right(m.groups, m.wrong)
	m.words = right(m.words, m.wrong)
	m.saved = right(m.saved, m.wrong)
	slices.SortStableFunc(m.saved, func(a, b placed[SavedSearch]) int { return cmp.Compare(a.it.Owner, b.it.Owner) }) // every node locks them in one order
	return m, nil
}

func right[T any](all []placed[T], wrong map[int]error) []placed[T] {
	return slices.DeleteFunc(all, func(p placed[T]) bool { return wrong[p.at] != nil })
}

// importTaught takes in synonyms and words.
func (s *Service) importTaught(ctx context.Context, st Store, by engawa.Actor, m moving, done *Moved) error {
	if len(m.groups)+len(m.words) == 0 {
		return nil
	}
	groups, words, err := st.LockTaught(ctx, by.Tenant)
	if err != nil {
		return err
	}
	var forms, texts []string
	for _, g := range m.groups {
		forms = append(forms, g.it.Form)
	}
	for _, w := range m.words {
		texts = append(texts, w.it.Text)
	}
	formed, err := st.SynonymsFormed(ctx, by.Tenant, forms)
	if err != nil {
		return err
	}
	named, err := st.WordsNamed(ctx, by.Tenant, texts)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, g := range formed {
		known["form "+g.Form] = true
	}
	for _, w := range named {
		known["word "+w.Text] = true
	}
	fresh := func(key string, at, n, most int, many engawa.Message) bool {
		switch {
		case known[key]:
			done.Already++
			return false
		case n >= most:
			done.Skipped[at] = tooLarge("", many.With(n+1, most))
			return false
		}
		known[key] = true
		done.Added++
		return true
	}
	var newGroups []SynonymGroup
	for _, g := range m.groups {
		if fresh("form "+g.it.Form, g.at, groups+len(newGroups), MaxSynonyms, msgTooManySynonyms) {
			g.it.ID = s.ids.Next()
			newGroups = append(newGroups, g.it)
		}
	}
	var newWords []TaughtWord
	for _, w := range m.words {
		if fresh("word "+w.it.Text, w.at, words+len(newWords), MaxWords, msgTooManyTaught) {
			w.it.ID = s.ids.Next()
			newWords = append(newWords, w.it)
		}
	}
	return s.putTaught(ctx, st, by, newGroups, newWords)
}

func (s *Service) putTaught(ctx context.Context, st Store, by engawa.Actor, groups []SynonymGroup, words []TaughtWord) error {
	at := s.now()
	if len(groups) > 0 {
		if err := st.PutSynonyms(ctx, by.Tenant, groups...); err != nil {
			return err
		}
		if err := s.taught(ctx, st, by, at, tell(by, event.SynonymsImported, tenantRef, at).With(event.Count{N: len(groups)})); err != nil {
			return err
		}
	}
	if len(words) == 0 {
		return nil
	}
	if err := st.PutWords(ctx, by.Tenant, words...); err != nil {
		return err
	}
	return s.taught(ctx, st, by, at, tell(by, event.WordsImported, tenantRef, at).With(event.Count{N: len(words)}))
}

// importSaved takes in saved searches, which are sorted by their owners.
func (s *Service) importSaved(ctx context.Context, st Store, by engawa.Actor, saved []placed[SavedSearch], done *Moved) error {
	var there []SavedSearch
	for i, p := range saved {
		one := p.it
		if i == 0 || saved[i-1].it.Owner != one.Owner {
			var err error
			if there, err = st.LockSaved(ctx, by.Tenant, one.Owner); err != nil {
				return err
			}
		}
		switch {
		case slices.ContainsFunc(there, func(o SavedSearch) bool { return o.Name == one.Name }):
			done.Already++
			continue
		case len(there) >= MaxSaved:
			done.Skipped[p.at] = tooLarge("", msgTooManySaved.With(len(there)))
			continue
		}
		one.ID = s.ids.Next()
		if err := st.InsertSaved(ctx, by.Tenant, one); err != nil {
			return err
		}
		owner := engawa.Actor{Tenant: by.Tenant, Person: one.Owner}
		if err := s.keptSearch(ctx, st, owner, event.SearchSaved, one.ID, s.now()); err != nil {
			return err
		}
		there = append(there, one)
		done.Added++
	}
	return nil
}

// MapQuery is a query with other values of from: and in:, for whoever moves it to where persons and spaces have other ids.
// What the functions give back unchanged stays as it was typed, and so does what could not be typed.
func MapQuery(query string, from, in func(value string) string) string {
	p := queryParser{rest: query}
	var b strings.Builder
	for {
		rest, persons, spaces := p.rest, len(p.q.From), len(p.q.In)
		if !p.next() {
			return b.String()
		}
		text := rest[:len(rest)-len(p.rest)]
		switch {
		case len(p.q.From) > persons:
			text = mapValue(text, p.q.From[persons], from)
		case len(p.q.In) > spaces:
			text = mapValue(text, p.q.In[spaces], in)
		}
		b.WriteString(text)
	}
}

func mapValue(text, value string, other func(string) string) string {
	now, i := other(value), strings.LastIndex(text, value)
	if now == value || i < 0 || strings.ContainsFunc(now, quote) {
		return text
	}
	if strings.ContainsFunc(now, blank) && !strings.ContainsFunc(text, quote) {
		now = `"` + now + `"`
	}
	return text[:i] + now + text[i+len(value):]
}

// OwnGap is what is known of one person about what was asked in vain.
type OwnGap struct {
	// Text is how it was typed most recently, by whomever; empty where so few asked that it was never written down.
	Text string
	// Month is the month in which the person asked for it, such as "2026-04"; "" for what they resolved.
	Month string
	// Resolved is what the person said answers it; nil if they said nothing.
	Resolved *Resolution
}

// OwnGaps are what a person asked in vain, of the months whose marks can still be told, and what they said answers gaps:
// for their own export. Only [engawa.System] may.
func (s *Service) OwnGaps(ctx context.Context, by engawa.Actor, person engawa.PersonID) (all []OwnGap, err error) {
	ctx, o, err := s.beginKept(ctx, "search.OwnGaps", by, system)
	defer o.done(&err)
	if err == nil {
		err = engawa.CheckHostID("person", string(person))
	}
	if err != nil {
		return nil, err
	}
	err = s.eachMark(ctx, by.Tenant, person, func(month int64, gaps []GapKey, marks []string) error {
		kept, err := s.cfg.Store.AskersKept(ctx, by.Tenant, marks)
		for i, g := range gaps {
			if slices.Contains(kept, marks[i]) {
				all = append(all, OwnGap{Text: g.Text, Month: monthName(month)})
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = walk(func(after engawa.ID, n int) ([]Gap, error) {
		return s.cfg.Store.GapsResolvedBy(ctx, by.Tenant, person, after, n)
	},
		func(g Gap) (engawa.ID, bool) {
			all = append(all, OwnGap{Text: g.Text, Resolved: g.Resolved})
			return g.ID, true
		})
	return all, err
}
