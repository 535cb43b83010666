package moderation

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
)

// Writing is a text that somebody is about to publish, with what the host knows of where.
type Writing struct {
	By   engawa.Actor
	Text string
	// About are those whom it mentions or answers. Persons whom the text names besides are found where the Directory is a
	// [engawa.Searcher].
	About []engawa.PersonID
	// Audience is how many people can read it. Defaults to unknown.
	Audience int
	Space    Space
	// Place is the space where it would be; 0 for none.
	Place engawa.ID
	// Reply says that it answers somebody.
	Reply bool
	// At is when it would appear. Defaults to now.
	At time.Time
	// Confirmed is the token of a [Judgement] to which its author said yes.
	Confirmed string
}

// Foresight is what Directory, calendar and policy say about a writing. It is asked before a transaction begins, because
// a pool of one connection would wait for itself otherwise.
type Foresight struct {
	author engawa.Standing
	people map[engawa.PersonID]known
	named  []engawa.PersonID
	hours  *calendar.Schedule
	loaded []*Policy
}

type known struct {
	standing engawa.Standing
	name     engawa.Name
}

// The most that a text may name without a mention, and how many persons of one name are looked at.
const (
	maxNamed    = 5
	maxSameName = 8
)

// Foresee asks everything that [Service.Judge] needs of the host.
func (s *Service) Foresee(ctx context.Context, w Writing) (f Foresight, err error) {
	ctx, o, err := s.begin(ctx, "moderation.Foresee", w.By, people)
	defer o.done(&err)
	if err != nil {
		return f, err
	}
	live, shadow, err := s.running(ctx, s.store, w.By.Tenant)
	if err != nil {
		return f, err
	}
	if f.loaded = append(f.loaded, live, shadow); live == nil && shadow == nil {
		return f, nil // nothing will be decided
	}
	if f.author, _, err = s.standing(ctx, w.By.Tenant, w.By.Person); err != nil {
		return f, err
	}
	about := slices.DeleteFunc(slices.Clone(w.About), func(p engawa.PersonID) bool { return p == w.By.Person || p == "" })
	if len(about) > MaxTargets {
		about = about[:MaxTargets]
	}
	engine := live
	if engine == nil {
		engine = shadow
	}
	if f.named, err = s.namedIn(ctx, w, f.author, engine); err != nil {
		return f, err
	}
	stand, err := s.standings(ctx, w.By.Tenant, append(about, f.named...))
	if err != nil {
		return f, err
	}
	names, err := s.names(ctx, w.By.Tenant, append(about, f.named...))
	if err != nil {
		return f, err
	}
	f.people = make(map[engawa.PersonID]known, len(stand))
	for _, p := range append(about, f.named...) {
		f.people[p] = known{stand[p], names[p]}
	}
	if s.hours != nil {
		f.hours, err = engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (*calendar.Schedule, error) {
			return s.hours.Schedule(ctx, string(w.By.Tenant), string(w.By.Person))
		})
	}
	return f, err
}

func (s *Service) names(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	namer, ok := s.dir.(engawa.Namer)
	if !ok || len(people) == 0 {
		return nil, nil
	}
	return engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (map[engawa.PersonID]engawa.Name, error) {
		return namer.Names(ctx, tenant, people)
	})
}

// namedIn are the persons whom a text names without mentioning them: of those with the name the ones who share a unit or
// a line with the author, or the only one there is. Where several are left, all count: who is meant is not known, and
// care goes by the lowest rank.
func (s *Service) namedIn(ctx context.Context, w Writing, author engawa.Standing, p *Policy) ([]engawa.PersonID, error) {
	searcher, ok := s.dir.(engawa.Searcher)
	if !ok || len(w.Text) > MaxText {
		return nil, nil
	}
	var found []engawa.PersonID
	for i, name := range p.engine.Named(w.Text) {
		if i == maxNamed {
			break
		}
		same, err := engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) ([]engawa.PersonID, error) {
			return searcher.Search(ctx, w.By.Tenant, name, maxSameName)
		})
		if err != nil {
			return nil, err
		}
		names, err := s.names(ctx, w.By.Tenant, same)
		if err != nil {
			return nil, err
		}
		stand, err := s.standings(ctx, w.By.Tenant, same)
		if err != nil {
			return nil, err
		}
		var near, all []engawa.PersonID
		for _, p := range same {
			st, known := stand[p]
			if !known || p == w.By.Person || !called(names[p], name) {
				continue
			}
			all = append(all, p)
			if InLine(author, st) || slices.ContainsFunc(st.Orgs, func(o engawa.OrgID) bool { return slices.Contains(author.Orgs, o) }) {
				near = append(near, p)
			}
		}
		if len(near) == 0 && len(all) == 1 {
			near = all
		}
		found = append(found, near...)
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// called reports whether a person goes by a name: in full, or by the family name, as it is written or read.
func called(n engawa.Name, name string) bool {
	for _, full := range [...]string{n.Display, n.Reading} {
		if parts := strings.Fields(full); len(parts) > 0 && (parts[0] == name || strings.Join(parts, "") == name || full == name) {
			return true
		}
	}
	return false
}

// draft puts together what facts are taken from. Persons who are mentioned count as named by their mention alone.
func (f Foresight) draft(w Writing, now time.Time, repeats int) Draft {
	d := Draft{Text: w.Text, Author: Person{Rank: f.author.Rank}, Audience: w.Audience, Space: w.Space, Reply: w.Reply, Repeats: repeats, At: w.At}
	if d.At.IsZero() {
		d.At = now
	}
	if f.hours != nil {
		d.At = d.At.In(f.hours.Zone())
	}
	for _, id := range f.targets(w) {
		k := f.people[id]
		d.Targets = append(d.Targets, Person{
			ID: string(id), Name: k.name.Display, Reading: k.name.Reading, Rank: k.standing.Rank, SameLine: Above(f.author, k.standing),
		})
	}
	return d
}

// targets are the persons whom the writing is about, sorted.
func (f Foresight) targets(w Writing) []engawa.PersonID {
	var all []engawa.PersonID
	for _, p := range append(slices.Clone(w.About), f.named...) {
		if _, ok := f.people[p]; ok {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), MaxTargets)]
}
