package reaction

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Item is one thing that moves between systems: exactly one of its fields is set. Targets in it exist here already.
type Item struct {
	Kind     *Kind
	Reaction *Moved
	Thanks   *Thanks
}

// Moved is one person's reaction, or N of persons who are not known, under the name that its kind has.
type Moved struct {
	Row
	Name string
	N    int
}

// Imported is what an import did.
type Imported struct {
	// Kinds, Reactions and Thanks are what is new, Already what an earlier run had taken in.
	Kinds, Reactions, Thanks, Already int
	// Skipped are the items that could not be taken in, by their place.
	Skipped map[int]error
}

// MaxImport is the most items of one call.
const MaxImport = 1000

// emoji are the names under which other systems know kinds of the default palette.
var emoji = map[string]string{
	"+1": "like", "thumbsup": "like", "ok": "ryokai", "ok_hand": "ryokai", "ok_woman": "ryokai", "ok_man": "ryokai", "ok_person": "ryokai",
	"pray": "arigato", "bow": "arigato", "man-bowing": "arigato", "woman-bowing": "arigato", "tea": "otsukaresama",
	"tada": "omedeto", "confetti_ball": "omedeto", "white_check_mark": "kakunin", "heavy_check_mark": "kakunin",
	"bulb": "naruhodo", "sparkles": "sugoi", "mega": "ganbatte", "runner": "taiou", "running": "taiou", "eyes": "kininaru",
}

// Import takes in what moves from elsewhere: all of it in one transaction, each once, however often it is called. Names
// of common emoji become kinds of the palette; any other name becomes a kind that is shown and cannot be chosen. A kind
// that the palette has stays as it is here. A reaction that its person has taken back here comes back with another run.
// Nobody is notified. Only [engawa.System] may.
func (s *Service) Import(ctx context.Context, by engawa.Actor, origin string, items []Item) (done Imported, err error) {
	ctx, o, err := s.begin(ctx, "reaction.Import", by, system)
	defer o.done(&err)
	if err != nil {
		return done, err
	}
	if err := engawa.CheckHostID("origin", origin); err != nil {
		return done, err
	}
	if len(items) > MaxImport {
		return done, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(items), MaxImport)}
	}
	there, err := s.there(ctx, by, items)
	if err != nil {
		return done, err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		done = Imported{Skipped: map[int]error{}}
		kinds, err := s.palette(ctx, st, by.Tenant)
		if err != nil {
			return err
		}
		in := &importer{Service: s, st: st, by: by, origin: origin, kinds: kinds, there: there, done: &done}
		return in.run(ctx, items)
	})
	return done, err
}

// there are those targets of items that the tenant has.
func (s *Service) there(ctx context.Context, by engawa.Actor, items []Item) (map[engawa.Ref]Target, error) {
	var refs []engawa.Ref
	asked := map[engawa.Ref]bool{}
	for _, item := range items {
		var ref engawa.Ref
		switch {
		case item.Reaction != nil:
			ref = item.Reaction.Target
		case item.Thanks != nil:
			ref = item.Thanks.Shown
		}
		if !asked[ref] && s.checkRef(ref) == nil {
			refs, asked[ref] = append(refs, ref), true
		}
	}
	found := make(map[engawa.Ref]Target, len(refs))
	for part := range slices.Chunk(refs, MaxRefs) {
		seen, err := s.may(ctx, by, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(found, seen)
	}
	return found, nil
}

type importer struct {
	*Service
	there  map[engawa.Ref]Target
	st     Store
	by     engawa.Actor
	origin string
	kinds  []Kind
	fresh  []Kind
	done   *Imported
}

func (in *importer) run(ctx context.Context, items []Item) error {
	var rows []Row
	var nameless []Nameless
	all := 0
	for i, item := range items {
		err := error(nil)
		switch {
		case item.Kind != nil:
			err = in.kind(*item.Kind)
		case item.Reaction != nil:
			var kind int64
			if kind, err = in.kindFor(*item.Reaction); err != nil {
				break
			}
			r := *item.Reaction
			r.Kind = kind
			if r.Person == "" {
				nameless = append(nameless, Nameless{Target: r.Target, Kind: kind, Origin: in.origin, N: r.N})
				all += r.N
				break
			}
			if r.At.IsZero() {
				r.At = in.now()
			}
			rows = append(rows, r.Row)
			all++
		case item.Thanks != nil:
			if err = in.thanks(ctx, *item.Thanks); engawa.KindOf(err) == engawa.Internal && err != nil {
				return err
			}
		}
		if err != nil {
			in.done.Skipped[i] = err
		}
	}
	if err := in.st.PutKinds(ctx, in.by.Tenant, in.fresh...); err != nil {
		return err
	}
	if len(rows)+len(nameless) == 0 {
		return nil
	}
	n, err := in.st.Import(ctx, in.by.Tenant, rows, nameless)
	if err != nil {
		return err
	}
	in.done.Reactions, in.done.Already = in.done.Reactions+n, in.done.Already+all-n
	if n == 0 {
		return nil
	}
	return in.st.Append(ctx, in.tell(in.by, event.ReactionsImported, tenantRef, in.now()).With(event.Count{N: n}))
}

// kind takes a kind of another palette in where its name is new.
func (in *importer) kind(k Kind) error {
	if err := checkName(k.Name); err != nil {
		return err
	}
	if named(in.kinds, k.Name) >= 0 {
		in.done.Already++
		return nil
	}
	k.Spaces, k.N = nil, 0
	return in.add(k)
}

func (in *importer) add(k Kind) error {
	if len(in.kinds) >= MaxKinds {
		return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyKinds.With(MaxKinds)}
	}
	for _, known := range in.kinds {
		k.N = max(k.N, known.N)
	}
	k.N, k.Place = k.N+1, len(in.kinds)+1
	in.kinds, in.fresh = append(in.kinds, k), append(in.fresh, k)
	in.done.Kinds++
	return nil
}

func (in *importer) checkThere(ref engawa.Ref) error {
	if err := in.checkRef(ref); err != nil {
		return err
	}
	if _, ok := in.there[ref]; !ok {
		return notFound(ref)
	}
	return nil
}

// kindFor is the number of the kind that a reaction from elsewhere becomes.
func (in *importer) kindFor(r Moved) (int64, error) {
	if err := in.checkThere(r.Target); err != nil {
		return 0, err
	}
	if r.Person != "" {
		if err := engawa.CheckHostID("person", string(r.Person)); err != nil {
			return 0, err
		}
	} else if r.N < 1 {
		return 0, invalid("person", msgNobodyReacted)
	}
	if !r.At.IsZero() {
		if err := engawa.CheckTime("at", r.At); err != nil {
			return 0, err
		}
	}
	if i := named(in.kinds, r.Name); i >= 0 {
		return in.kinds[i].N, nil
	}
	if i := named(in.kinds, emoji[r.Name]); i >= 0 {
		return in.kinds[i].N, nil
	}
	if err := engawa.CheckText("reaction", r.Name, engawa.Line(MaxName)); err != nil {
		return 0, err
	}
	if err := in.add(Kind{Name: r.Name, JA: r.Name, EN: r.Name, Imported: true}); err != nil {
		return 0, err
	}
	return in.kinds[len(in.kinds)-1].N, nil
}

// thanks takes thanks in with the points that they had; no budget of today's is touched but that of their own week.
func (in *importer) thanks(ctx context.Context, t Thanks) error {
	if err := engawa.CheckHostID("id", t.Source); err != nil {
		return err
	}
	if err := engawa.CheckTime("at", t.At); err != nil {
		return err
	}
	if t.Shown != (engawa.Ref{}) {
		if err := in.checkThere(t.Shown); err != nil {
			return err
		}
	}
	if len(t.Shares) == 0 || len(t.Shares) > MaxReceivers {
		return invalid("to", msgReceivers.With(MaxReceivers))
	}
	t.Origin, t.Points = in.origin, 0
	for _, share := range t.Shares {
		if share.Points < 0 || share.Damped < 0 {
			return invalid("points", msgNegative)
		}
		t.Points += share.Points + share.Damped
	}
	t.Week, _ = in.week(in.by.Tenant, t.At)
	for try := range 1000 {
		t.ID = engawa.ImportID(t.At, string(in.by.Tenant)+"\x00"+in.origin+"\x00"+t.Source, try)
		fresh, err := in.st.InsertThanks(ctx, in.by.Tenant, t)
		if err == ErrIDTaken {
			continue
		}
		if err == nil && fresh {
			in.done.Thanks++
		} else if err == nil {
			in.done.Already++
		}
		return err
	}
	return ErrIDTaken
}

// Export walks everything of a tenant in an order in which [Service.Import] takes it in again: the palette, reactions,
// and thanks with their points. Only [engawa.System] may.
func (s *Service) Export(ctx context.Context, by engawa.Actor) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		ctx, o, err := s.begin(ctx, "reaction.Export", by, system)
		defer o.done(&err)
		stopped := false
		emit := func(item Item) bool {
			stopped = stopped || !yield(item, nil)
			return !stopped
		}
		if err == nil {
			err = s.export(ctx, by.Tenant, emit)
		}
		if err != nil && !stopped {
			yield(Item{}, engawa.Wrap(o.name, err))
		}
	}
}

func (s *Service) export(ctx context.Context, tenant engawa.TenantID, emit func(Item) bool) error {
	const batch = 500
	kinds, err := s.store.Kinds(ctx, tenant)
	if err != nil {
		return err
	}
	names := map[int64]string{}
	for _, k := range inPlace(kinds) {
		names[k.N] = k.Name
		if !emit(Item{Kind: &k}) {
			return nil
		}
	}
	for after := (Row{}); ; {
		rows, err := s.store.Rows(ctx, tenant, after, batch)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if !emit(Item{Reaction: &Moved{Row: r, Name: names[r.Kind]}}) {
				return nil
			}
			after = r
		}
		if len(rows) < batch {
			break
		}
	}
	nameless, err := s.store.AllNameless(ctx, tenant)
	if err != nil {
		return err
	}
	for i := 0; i < len(nameless); {
		sum := nameless[i] // of all origins: whoever takes them in knows one, this tenant
		for i++; i < len(nameless) && nameless[i].Target == sum.Target && nameless[i].Kind == sum.Kind; i++ {
			sum.N += nameless[i].N
		}
		if !emit(Item{Reaction: &Moved{Row: Row{Target: sum.Target, Kind: sum.Kind}, Name: names[sum.Kind], N: sum.N}}) {
			return nil
		}
	}
	for after := engawa.ID(0); ; {
		all, err := s.store.ThanksAfter(ctx, tenant, after, batch)
		if err != nil {
			return err
		}
		for _, t := range all {
			after = t.ID
			t.Source = t.ID.String()
			if !emit(Item{Thanks: &t}) {
				return nil
			}
		}
		if len(all) < batch {
			return nil
		}
	}
}

// Forget takes a person's name away from everything that they reacted to, thanked for or were thanked for; counts and
// sums stay. It may be repeated, and must be where it was interrupted. Only [engawa.System] may.
func (s *Service) Forget(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "reaction.Forget", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckHostID("person", string(person)); err != nil {
		return err
	}
	for more := true; more; {
		err := s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
			n, err := st.Forget(ctx, by.Tenant, person, 200)
			more = n > 0
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Rebuild computes counts, first names and what was spent of budgets anew. It changes nothing where all was right. Only
// [engawa.System] may.
func (s *Service) Rebuild(ctx context.Context, by engawa.Actor) (err error) {
	ctx, o, err := s.begin(ctx, "reaction.Rebuild", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return st.Rebuild(ctx, by.Tenant) })
}

// RollUp folds changes of counts that the storage keeps apart, of all tenants: once in a while, on any node. Summaries
// are right without it, and faster with it.
func (s *Service) RollUp(ctx context.Context) error {
	const batch = 1024
	for {
		n, err := s.store.RollUp(ctx, batch)
		if err != nil || n < batch {
			return engawa.Wrap("reaction.RollUp", err)
		}
	}
}
