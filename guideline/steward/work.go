package steward

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
)

// Kind is what there is to do.
type Kind string

// The kinds of items. A source may have its own.
const (
	Unanswered     Kind = "unanswered"     // a post that nobody has answered
	DeskPost       Kind = "desk"           // a question to the desk
	Unacknowledged Kind = "unacknowledged" // an announcement that not everybody has acknowledged
	Report         Kind = "report"         // a report that waits for a decision
	StaleSpace     Kind = "stale_space"    // a space in which nobody has written for long
	HostlessSpace  Kind = "hostless_space" // a space that nobody looks after
	ReviewDue      Kind = "review_due"     // a guideline whose review is due
	Broken         Kind = "broken"         // a source that did not answer
)

// DefaultWithin is the working time in which items are to be done, by kind.
func DefaultWithin() map[Kind]time.Duration {
	const day = 8 * time.Hour
	return map[Kind]time.Duration{
		Unanswered: 4 * time.Hour, DeskPost: day, Unacknowledged: 3 * day, Report: 3 * day, StaleSpace: 10 * day, HostlessSpace: 2 * day, ReviewDue: 5 * day,
	}
}

// Key names an item.
type Key struct {
	Kind Kind
	Ref  engawa.Ref
}

func (k Key) check() error {
	if err := engawa.CheckText("kind", string(k.Kind), engawa.Line(64)); err != nil {
		return err
	}
	if k.Kind == "" {
		return invalid("kind", msgEmpty)
	}
	return k.Ref.Check()
}

// Item is one thing to do.
type Item struct {
	Kind Kind
	// Ref is what it is about; together with Kind it names the item.
	Ref engawa.Ref
	// Space is where it is; 0 for nowhere.
	Space engawa.ID
	// Since is when it began to wait.
	Since time.Time
	// Due is by when it is to be done. A source that leaves it zero has it counted from Since, by [Config].Within.
	Due time.Time
	// Text says what waits, Action what to do about it, Verb by which call. They default to those of the kind.
	Text, Action engawa.Message
	Verb         string
	// Overdue, Claim and Snoozed are set by the list.
	Overdue bool
	// Claim is who works on it, or has put it off.
	Claim *Claim
}

// Key names the item.
func (i Item) Key() Key { return Key{i.Kind, i.Ref} }

// Query is what a source is asked.
type Query struct {
	// By is the viewer: a source answers only for what they may see and act on.
	By engawa.Actor
	// Space bounds it to one; 0 is everywhere.
	Space engawa.ID
	// Duty are the spaces for which the viewer is on duty now; 0 among them is the tenant.
	Duty []engawa.ID
	// Only is the one kind that is wanted, or empty for all: a source that has none of it need not look.
	Only Kind
	// Now is the present, Limit the most items wanted: the most urgent ones.
	Now   time.Time
	Limit int
}

// Wants reports whether items of a kind are wanted.
func (q Query) Wants(kind Kind) bool { return q.Only == "" || q.Only == kind }

// OnDuty reports whether the viewer is on duty for a space: by its rota, or by that of the tenant.
func (q Query) OnDuty(space engawa.ID) bool {
	return slices.Contains(q.Duty, 0) || slices.Contains(q.Duty, space)
}

// Source is where items come from. It is asked outside a transaction of this room.
type Source interface {
	Items(ctx context.Context, q Query) ([]Item, error)
}

// SourceBinder is a [Source] that can look inside a transaction of the host's.
type SourceBinder interface {
	Bind(conn engawa.Conn) Source
}

// Show is which items are listed.
type Show string

// What is shown.
const (
	ShowOpen Show = ""    // what nobody has put off
	ShowAll  Show = "all" // that too
)

// MaxItems is how many items a list has at most.
const MaxItems = 200

// Window is which part of the list is wanted.
type Window struct {
	// Space bounds it to one. Defaults to everywhere.
	Space engawa.ID
	// Limit defaults to 50; at most [MaxItems].
	Limit int
	// Show defaults to [ShowOpen].
	Show Show
}

func (w Window) limit() int {
	if w.Limit <= 0 {
		return 50
	}
	return min(w.Limit, MaxItems)
}

// List is what is to be done, most urgent first: what is due first, then what has waited longest. Sources that did not
// answer come before all.
type List struct {
	Items []Item
	// More says that there is more than is shown.
	More bool
	// PutOff is how many items are left out because somebody has put them off.
	PutOff int
}

// WorkList (やること) is what the actor can do now for the network.
func (s *Service) WorkList(ctx context.Context, by engawa.Actor, window Window) (list List, err error) {
	ctx, o, err := s.begin(ctx, "steward.WorkList", by, people)
	defer o.done(&err)
	if err != nil {
		return List{}, err
	}
	if window.Show != ShowOpen && window.Show != ShowAll {
		return List{}, invalid("Show", msgShow)
	}
	if window.Space != 0 {
		if _, err := s.seatAt(ctx, by, window.Space); err != nil {
			return List{}, err
		}
	}
	schedule, err := s.schedule(ctx, by.Tenant)
	if err != nil {
		return List{}, err
	}
	claims, err := s.store.Claims(ctx, by.Tenant, s.now())
	if err != nil {
		return List{}, err
	}
	// Each source is asked for as many more as are put off, so that those do not take the place of others.
	all, err := s.items(ctx, schedule, Query{By: by, Space: window.Space, Limit: min(window.limit()+len(claims), MaxItems) + 1})
	if err != nil {
		return List{}, err
	}
	held := make(map[Key]Claim, len(claims))
	for _, c := range claims {
		held[c.Key] = c
	}
	for _, item := range all {
		if c, ok := held[item.Key()]; ok {
			if c.State == PutOff && window.Show == ShowOpen {
				list.PutOff++
				continue
			}
			item.Claim = &c
		}
		if len(list.Items) == window.limit() {
			list.More = true
			break
		}
		list.Items = append(list.Items, item)
	}
	return list, nil
}

// items asks sources and puts what they have in order.
func (s *Service) items(ctx context.Context, schedule *calendar.Schedule, q Query) ([]Item, error) {
	q.Now = s.now()
	mine, err := s.store.RotasWith(ctx, q.By.Tenant, q.By.Person)
	if err != nil {
		return nil, err
	}
	for _, d := range mine {
		if person, err := d.Rota.OnAt(q.Now, schedule); err == nil && person == q.By.Person {
			q.Duty = append(q.Duty, d.Space)
		}
	}
	names := slices.Sorted(maps.Keys(s.cfg.Sources))
	answers := make([][]Item, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		ask := func() { answers[i] = s.ask(ctx, name, q) }
		if s.bound { // a transaction has one connection
			ask()
		} else {
			wg.Go(ask)
		}
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := slices.Concat(answers...)
	seen := map[Key]bool{}
	all = slices.DeleteFunc(all, func(i Item) bool {
		twice := seen[i.Key()]
		seen[i.Key()] = true
		return twice || q.Space != 0 && i.Space != q.Space && i.Kind != Broken
	})
	for i := range all {
		all[i] = s.complete(all[i], schedule, q.Now)
	}
	slices.SortFunc(all, func(a, b Item) int {
		return cmp.Or(broken(b)-broken(a), a.Due.Compare(b.Due), a.Since.Compare(b.Since), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Ref.String(), b.Ref.String()))
	})
	return all, nil
}

func broken(i Item) int {
	if i.Kind == Broken {
		return 1
	}
	return 0
}

// complete fills in what the source has left to the list.
func (s *Service) complete(i Item, schedule *calendar.Schedule, now time.Time) Item {
	if i.Due.IsZero() {
		i.Due = i.Since
		if due, ok := schedule.AddBusiness(i.Since, s.cfg.Within[i.Kind]); ok {
			i.Due = due
		}
	}
	i.Since, i.Due = engawa.Micro(i.Since), engawa.Micro(i.Due)
	i.Overdue = now.After(i.Due)
	usual := usualWords[i.Kind]
	if i.Text.Code == "" {
		i.Text = usual.text
	}
	if i.Action.Code == "" {
		i.Action = usual.action
	}
	i.Verb = cmp.Or(i.Verb, usual.verb)
	return i
}

// KindSource is the kind of a ref to a source that did not answer.
const KindSource = "source"

// ask asks one source, and answers for it where it does not.
func (s *Service) ask(ctx context.Context, name string, q Query) []Item {
	items, err := engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (items []Item, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		return s.cfg.Sources[name].Items(ctx, q)
	})
	if err == nil {
		return items
	}
	s.cfg.Logger.WarnContext(ctx, "work list", "tenant", q.By.Tenant, "source", name, "error", err)
	return []Item{{Kind: Broken, Ref: engawa.Ref{Kind: KindSource, ID: name}, Since: q.Now, Due: q.Now, Text: msgBroken.With(name)}}
}
