package steward

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// Duty is the rota (当番表) of a space, or of the tenant.
type Duty struct {
	// Space is 0 for the tenant.
	Space engawa.ID
	// Rota says whose turn it is. Somebody who was forgotten keeps their place in the order, and is never on duty.
	Rota calendar.Rota[engawa.PersonID]
	// Version counts the changes; hand it back to change the rota.
	Version int64
	By      engawa.PersonID
	At      time.Time
}

// FormerPrefix begins what stands in a rota in place of somebody who was forgotten.
const FormerPrefix = "engawa.former."

// The most that a rota holds.
const (
	MaxPeople   = 200
	MaxSwaps    = 500
	MaxAbsences = 1000
)

func (d Duty) has(p engawa.PersonID) bool {
	return slices.Contains(d.Rota.People, p) ||
		slices.ContainsFunc(d.Rota.Swaps, func(s calendar.Swap[engawa.PersonID]) bool { return s.Person == p })
}

func (d Duty) check() error {
	for _, l := range []struct {
		field   string
		n, most int
	}{{"Rota.People", len(d.Rota.People), MaxPeople}, {"Rota.Swaps", len(d.Rota.Swaps), MaxSwaps}, {"Rota.Absences", len(d.Rota.Absences), MaxAbsences}} {
		if l.n > l.most {
			return &engawa.Error{Kind: engawa.TooLarge, Fields: []engawa.Field{{Name: l.field, Message: msgTooMany.With(l.n, l.most)}}}
		}
	}
	var bad calendar.Invalid
	if err := d.Rota.Validate(); errors.As(err, &bad) {
		out := &engawa.Error{Kind: engawa.Invalid}
		for _, p := range bad {
			out.Fields = append(out.Fields, engawa.Field{Name: "Rota." + p.Field, Message: msgRota.With(p.Text)})
		}
		return out
	} else if err != nil {
		return err
	}
	for _, p := range d.people() {
		if err := engawa.CheckHostID("person", string(p)); err != nil {
			return err
		}
	}
	return nil
}

// people are all whom a rota names.
func (d Duty) people() []engawa.PersonID {
	all := slices.Clone(d.Rota.People)
	for _, s := range d.Rota.Swaps {
		all = append(all, s.Person)
	}
	for _, a := range d.Rota.Absences {
		all = append(all, a.Person)
	}
	return all
}

// SetRota sets the rota of a space, or with the zero Space that of the tenant, where d.Version is the present one; else
// the error is of kind [engawa.Conflict]. Those who look after the space may, and stewards; that of the tenant stewards
// alone.
func (s *Service) SetRota(ctx context.Context, by engawa.Actor, d Duty) (done Duty, err error) {
	ctx, o, err := s.begin(ctx, "steward.SetRota", by, anybody)
	defer o.done(&err)
	if err != nil {
		return Duty{}, err
	}
	if err := d.check(); err != nil {
		return Duty{}, err
	}
	if err := s.mayAt(ctx, by, d.Space, keeper); err != nil {
		return Duty{}, err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		done = d
		done.Version, done.By, done.At = d.Version+1, by.Person, s.now()
		return s.putRota(ctx, st, by, done)
	})
	if err != nil {
		return Duty{}, err
	}
	return done, nil
}

func (s *Service) putRota(ctx context.Context, st Store, by engawa.Actor, d Duty) error {
	if err := st.PutRota(ctx, by.Tenant, d); err != nil {
		return err
	}
	return st.Append(ctx, inSpace(s.tell(by, event.RotaChanged, place(d.Space)), d.Space))
}

// DropRota deletes the rota of a space or the tenant, where the version is the present one. Who may set it may.
func (s *Service) DropRota(ctx context.Context, by engawa.Actor, space engawa.ID, version int64) (err error) {
	ctx, o, err := s.begin(ctx, "steward.DropRota", by, anybody)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := s.mayAt(ctx, by, space, keeper); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if err := st.DropRota(ctx, by.Tenant, space, version); err != nil {
			return err
		}
		return st.Append(ctx, inSpace(s.tell(by, event.RotaDropped, place(space)), space))
	})
}

// Rota reads the rota of a space or the tenant, for those who are on it or may change it: it tells when people are absent.
// Without one the error is of kind NotFound.
func (s *Service) Rota(ctx context.Context, by engawa.Actor, space engawa.ID) (d Duty, err error) {
	ctx, o, err := s.begin(ctx, "steward.Rota", by, anybody)
	defer o.done(&err)
	if err != nil {
		return Duty{}, err
	}
	if err := s.mayAt(ctx, by, space, member); err != nil {
		return Duty{}, err
	}
	return s.rota(ctx, s.store, by.Tenant, space)
}

func (s *Service) rota(ctx context.Context, st Store, tenant engawa.TenantID, space engawa.ID) (Duty, error) {
	all, err := st.Rotas(ctx, tenant, space)
	if err != nil {
		return Duty{}, err
	}
	if len(all) == 0 {
		return Duty{}, notFound("rota")
	}
	return all[0], nil
}

// BeAbsent (不在) takes the actor off duty for some days of a rota that they are on; the next present one steps in.
func (s *Service) BeAbsent(ctx context.Context, by engawa.Actor, space engawa.ID, days calendar.Period) error {
	return s.amend(ctx, "steward.BeAbsent", by, space, func(d *Duty) {
		d.Rota.Absences = append(d.Rota.Absences, calendar.Absence[engawa.PersonID]{Person: by.Person, Period: days})
	})
}

// StandIn (代番) puts the actor on duty for some days of a rota that they are on, whoever's turn it is.
func (s *Service) StandIn(ctx context.Context, by engawa.Actor, space engawa.ID, days calendar.Period) error {
	return s.amend(ctx, "steward.StandIn", by, space, func(d *Duty) {
		d.Rota.Swaps = append(d.Rota.Swaps, calendar.Swap[engawa.PersonID]{Person: by.Person, Period: days})
	})
}

// amend changes what somebody may of a rota that they are on.
func (s *Service) amend(ctx context.Context, name string, by engawa.Actor, space engawa.ID, change func(*Duty)) (err error) {
	ctx, o, err := s.begin(ctx, name, by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := s.mayAt(ctx, by, space, member); err != nil {
		return err
	}
	schedule, err := s.schedule(ctx, by.Tenant)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		d, err := s.rota(ctx, st, by.Tenant, space)
		if err != nil {
			return err
		}
		if !d.has(by.Person) {
			return denied("rota", msgNotOnRota)
		}
		d = d.trim(schedule.Date(s.now()))
		change(&d)
		if err := d.check(); err != nil {
			return err
		}
		d.Version, d.By, d.At = d.Version+1, by.Person, s.now()
		return s.putRota(ctx, st, by, d)
	})
}

// keepDays is for how many days swaps and absences stay in a rota once they are over.
const keepDays = 90

// trim drops the swaps and absences that were over long ago.
func (d Duty) trim(today calendar.Date) Duty {
	over := func(p calendar.Period) bool { return p.To.Before(today.AddDays(-keepDays)) }
	d.Rota.Swaps = slices.DeleteFunc(slices.Clone(d.Rota.Swaps), func(s calendar.Swap[engawa.PersonID]) bool { return over(s.Period) })
	d.Rota.Absences = slices.DeleteFunc(slices.Clone(d.Rota.Absences), func(a calendar.Absence[engawa.PersonID]) bool { return over(a.Period) })
	return d
}

// From is where somebody on duty was found.
type From string

// The places, in the order in which they are asked.
const (
	FromSpace    From = "space"    // the rota of the space
	FromTenant   From = "tenant"   // the rota of the tenant
	FromHosts    From = "hosts"    // those who look after the space
	FromStewards From = "stewards" // [Config].Stewards
	FromNobody   From = "nobody"   // the company does not work
)

// OnDuty is who is to be asked.
type OnDuty struct {
	// People is one person where a rota has one, all hosts or stewards otherwise, and empty on a day without duty.
	People []engawa.PersonID
	From   From
	// Day is the day that it is, in the company's zone.
	Day calendar.Date
	// Next is when the company works again, where nobody is on duty.
	Next time.Time
}

// OnDuty (当番) tells who is on duty for a space at a time, or with the zero space for the tenant. Whoever may see the
// space may ask. Where a rota has nobody left, the next place is asked, see [From]; where none has anybody on a day on which
// the company works, the error is of kind NotFound and says what to do.
func (s *Service) OnDuty(ctx context.Context, by engawa.Actor, space engawa.ID, at time.Time) (on OnDuty, err error) {
	ctx, o, err := s.begin(ctx, "steward.OnDuty", by, anybody)
	defer o.done(&err)
	if err != nil {
		return on, err
	}
	if err := engawa.CheckTime("at", at); err != nil {
		return on, err
	}
	if _, err := s.seatAt(ctx, by, space); err != nil {
		return on, err
	}
	schedule, err := s.schedule(ctx, by.Tenant)
	if err != nil {
		return on, err
	}
	rotas, err := s.store.Rotas(ctx, by.Tenant, 0, space)
	if err != nil {
		return on, err
	}
	on.Day = schedule.Date(at)
	var spared, empty bool // a rota has nobody, because the day needs none or because everybody is absent
	for _, level := range []From{FromSpace, FromTenant} {
		for _, d := range rotas {
			if (d.Space == 0) != (level == FromTenant) {
				continue
			}
			person, err := d.Rota.OnAt(at, schedule)
			switch {
			case err == nil:
				on.People, on.From = []engawa.PersonID{person}, level
				return on, nil
			case errors.Is(err, calendar.ErrNoDuty):
				spared = true
			case errors.Is(err, calendar.ErrAllAbsent):
				empty = true
			default:
				return on, err
			}
		}
	}
	if spared && !empty && !schedule.Day(on.Day).Kind.Business() {
		on.From = FromNobody
		if next, ok := schedule.NextOpen(at); ok {
			on.Next = next
		}
		return on, nil
	}
	if space != 0 {
		on.People, err = engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) ([]engawa.PersonID, error) {
			return s.cfg.Spaces.Hosts(ctx, engawa.System(by.Tenant), space)
		})
		if on.From = FromHosts; err != nil || len(on.People) > 0 {
			return on, err
		}
	}
	if s.cfg.Stewards != nil {
		on.People, err = engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) ([]engawa.PersonID, error) { return s.cfg.Stewards(ctx, by.Tenant) })
		if on.From = FromStewards; err != nil || len(on.People) > 0 {
			return on, err
		}
	}
	why := msgNoRota
	if empty {
		why = msgAllAbsent
	}
	return OnDuty{}, &engawa.Error{Kind: engawa.NotFound, Subject: "duty on " + on.Day.String(), Message: why}
}
