// Package stewardtest checks a storage of stewards against everything that [steward.Store] promises.
//
//	func TestStore(t *testing.T) {
//		stewardtest.Run(t, mystore.Open(t))
//	}
//
// Each case works for a tenant of its own. The facet "tenants" runs every method of the interface for a second tenant
// with the first one's rows: it lists the methods by reflection, and a method without its case fails.
package stewardtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/guideline/steward"
)

// Run checks a storage, which must be empty and ready.
func Run(t *testing.T, store steward.Store) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(newSuite(t, store, engawa.TenantID("tenant of "+c.name))) })
	}
	t.Run("tenants", func(t *testing.T) { runTenants(t, store) })
}

type testCase struct {
	name string
	run  func(*suite)
}

// suite is one case: a store and a tenant that nothing else uses.
type suite struct {
	*testing.T
	ctx    context.Context
	st     steward.Store
	tenant engawa.TenantID
	ids    *engawa.IDSource
}

func newSuite(t *testing.T, store steward.Store, tenant engawa.TenantID) *suite {
	return &suite{T: t, ctx: t.Context(), st: store, tenant: tenant, ids: engawa.NewIDSource(nil)}
}

// in is the suite for another tenant and test; ids of one source do not clash.
func (s *suite) in(t *testing.T, tenant engawa.TenantID) *suite {
	other := *s
	other.T, other.ctx, other.tenant = t, t.Context(), tenant
	return &other
}

// base is when the tests take place; its microseconds must survive.
var base = time.Date(2026, 4, 1, 9, 30, 0, 123456000, time.UTC)

func day(n int) calendar.Date { return calendar.Date{Year: 2026, Month: time.April, Day: n} }

var errUndo = errors.New("undo")

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) kind(err error, want engawa.Kind) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("the error is %v, want one of kind %v", err, want)
	}
}

func (s *suite) same(what string, got, want any) {
	s.Helper()
	if !reflect.DeepEqual(got, want) {
		s.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// do runs a unit of work that must succeed.
func (s *suite) do(f func(steward.Store) error) {
	s.Helper()
	s.must(s.fails(f))
}

func (s *suite) fails(f func(steward.Store) error) error {
	return s.st.Within(s.ctx, func(st steward.Store, _ engawa.Conn) error { return f(st) })
}

// got is what a method answers, which must not fail.
func got[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// rota inserts one in which everybody of these tests has a part.
func (s *suite) rota(space engawa.ID) steward.Duty {
	s.Helper()
	d := steward.Duty{Space: space, Version: 1, By: "boss", At: base, Rota: calendar.Rota[engawa.PersonID]{
		People: []engawa.PersonID{"anna", "bob", "carl"}, Unit: calendar.ByWeek, Start: day(6),
		Swaps:    []calendar.Swap[engawa.PersonID]{{Person: "dora", Period: calendar.Period{From: day(7), To: day(8)}}},
		Absences: []calendar.Absence[engawa.PersonID]{{Person: "bob", Period: calendar.Period{From: day(13), To: day(14)}}},
	}}
	s.do(func(st steward.Store) error { return st.PutRota(s.ctx, s.tenant, d) })
	return d
}

func (s *suite) handOver(space engawa.ID, text string) steward.HandOver {
	s.Helper()
	h := steward.HandOver{ID: s.ids.Next(), Space: space, Text: text, By: "anna", At: base}
	s.do(func(st steward.Store) error { return st.AddHandOver(s.ctx, s.tenant, h) })
	return h
}

func key(id string) steward.Key {
	return steward.Key{Kind: steward.Unanswered, Ref: engawa.Ref{Kind: engawa.KindPost, ID: id}}
}

func (s *suite) take(id string, p engawa.PersonID, at, until time.Time) (mine, held steward.Claim) {
	s.Helper()
	mine = steward.Claim{Key: key(id), State: steward.Claimed, By: p, At: at, Until: until}
	s.do(func(st steward.Store) error {
		var err error
		held, err = st.TakeClaim(s.ctx, s.tenant, mine, at)
		return err
	})
	return mine, held
}

var cases = []testCase{
	{"a unit that fails leaves nothing", func(s *suite) {
		err := s.fails(func(st steward.Store) error {
			s.must(st.AddHandOver(s.ctx, s.tenant, steward.HandOver{ID: s.ids.Next(), Text: "x", By: "anna", At: base}))
			if len(got(st.HandOvers(s.ctx, s.tenant, 0))) != 1 {
				s.Error("the unit does not see what it wrote")
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			s.Error(err)
		}
		if left := got(s.st.HandOvers(s.ctx, s.tenant, 0)); len(left) > 0 {
			s.Errorf("it leaves %+v", left)
		}
	}},
	{"a bound store works inside the transaction", func(s *suite) {
		s.must(s.st.Within(s.ctx, func(_ steward.Store, conn engawa.Conn) error {
			bound := s.st.Bind(conn)
			err := bound.Within(s.ctx, func(st steward.Store, _ engawa.Conn) error {
				s.must(st.AddHandOver(s.ctx, s.tenant, steward.HandOver{ID: s.ids.Next(), Text: "x", By: "anna", At: base}))
				return errUndo
			})
			if !errors.Is(err, errUndo) {
				s.Error(err)
			}
			return bound.AddHandOver(s.ctx, s.tenant, steward.HandOver{ID: s.ids.Next(), Text: "y", By: "anna", At: base})
		}))
		if all := got(s.st.HandOvers(s.ctx, s.tenant, 0)); len(all) != 1 || all[0].Text != "y" {
			s.Errorf("hand-overs: %+v", all)
		}
	}},
	{"rotas are kept as they are", func(s *suite) {
		space := s.ids.Next()
		all, one := s.rota(0), s.rota(space)
		s.same("both", got(s.st.Rotas(s.ctx, s.tenant, 0, space)), []steward.Duty{all, one})
		s.same("one", got(s.st.Rotas(s.ctx, s.tenant, space)), []steward.Duty{one})
		for p, n := range map[engawa.PersonID]int{"anna": 2, "dora": 2, "boss": 0, "nobody": 0} {
			if with := got(s.st.RotasWith(s.ctx, s.tenant, p)); len(with) != n {
				s.Errorf("%s is on %d rotas: %+v", p, n, with)
			}
		}
		s.kind(s.fails(func(st steward.Store) error { return st.PutRota(s.ctx, s.tenant, one) }), engawa.Conflict)
		one.Version, one.Rota.People, one.Rota.Swaps, one.Rota.Absences = 2, []engawa.PersonID{"erik", "anna"}, nil, nil
		s.do(func(st steward.Store) error { return st.PutRota(s.ctx, s.tenant, one) })
		s.same("after a change", got(s.st.Rotas(s.ctx, s.tenant, space)), []steward.Duty{one})
		if with := got(s.st.RotasWith(s.ctx, s.tenant, "bob")); len(with) != 1 {
			s.Errorf("who was taken off one: %+v", with)
		}
		s.kind(s.fails(func(st steward.Store) error { return st.PutRota(s.ctx, s.tenant, one) }), engawa.Conflict)
		s.kind(s.fails(func(st steward.Store) error { return st.DropRota(s.ctx, s.tenant, space, 1) }), engawa.Conflict)
		s.do(func(st steward.Store) error { return st.DropRota(s.ctx, s.tenant, space, 2) })
		s.same("what is left", got(s.st.Rotas(s.ctx, s.tenant, 0, space)), []steward.Duty{all})
		if with := got(s.st.RotasWith(s.ctx, s.tenant, "erik")); len(with) > 0 {
			s.Errorf("a rota that is gone has %+v", with)
		}
	}},
	{"who is forgotten keeps their place in the order", func(s *suite) {
		d := s.rota(0)
		s.take("1", "bob", base, base.Add(time.Hour))
		for range 2 {
			s.do(func(st steward.Store) error { return st.Forget(s.ctx, s.tenant, "bob") })
		}
		now := got(s.st.Rotas(s.ctx, s.tenant, 0))[0]
		for i := range 6 {
			on := day(6).AddDays(7 * i)
			was, err := d.Rota.On(on, nil)
			s.must(err)
			if was == "bob" {
				was = "carl"
			}
			if is, err := now.Rota.On(on, nil); err != nil || is != was {
				s.Errorf("on %s it is %s, want %s, %v", on, is, was, err)
			}
		}
		now.Version++
		s.do(func(st steward.Store) error { return st.PutRota(s.ctx, s.tenant, now) }) // as it was read
		s.same("written once more", got(s.st.Rotas(s.ctx, s.tenant, 0))[0], now)
		if left := got(s.st.Claims(s.ctx, s.tenant, base)); len(left) > 0 {
			s.Errorf("claims of somebody who was forgotten: %+v", left)
		}
		if with := got(s.st.RotasWith(s.ctx, s.tenant, "bob")); len(with) > 0 {
			s.Errorf("they are on %+v", with)
		}
	}},
	{"hand-overs", func(s *suite) {
		space := s.ids.Next()
		one, two := s.handOver(space, "一\n行"), s.handOver(space, "二")
		s.handOver(0, "全体")
		s.same("newest first", got(s.st.HandOvers(s.ctx, s.tenant, space)), []steward.HandOver{two, one})
		for i, p := range []engawa.PersonID{"bob", "carl"} {
			s.do(func(st steward.Store) error {
				if first := got(st.MarkHandOver(s.ctx, s.tenant, one.ID, p, base.Add(time.Hour))); first != (i == 0) {
					s.Errorf("%s was the first to read it: %v", p, first)
				}
				return nil
			})
		}
		one.ReadBy, one.ReadAt = "bob", base.Add(time.Hour)
		s.same("one", got(s.st.HandOver(s.ctx, s.tenant, one.ID)), one)
		s.do(func(st steward.Store) error { return st.TrimHandOvers(s.ctx, s.tenant, space, 2) })
		s.same("two stay of two", len(got(s.st.HandOvers(s.ctx, s.tenant, space))), 2)
		s.do(func(st steward.Store) error { return st.TrimHandOvers(s.ctx, s.tenant, space, 1) })
		s.same("the newest stays", got(s.st.HandOvers(s.ctx, s.tenant, space)), []steward.HandOver{two})
		s.same("and others are not touched", len(got(s.st.HandOvers(s.ctx, s.tenant, 0))), 1)
		taken := two
		s.kind(s.fails(func(st steward.Store) error { return st.AddHandOver(s.ctx, s.tenant, taken) }), engawa.Conflict)
	}},
	{"claims", func(s *suite) {
		until := base.Add(time.Hour)
		anna, held := s.take("1", "anna", base, until)
		s.same("taken", held, anna)
		_, held = s.take("1", "bob", base.Add(time.Minute), until)
		s.same("somebody else finds", held, anna)
		again, held := s.take("1", "anna", base.Add(time.Minute), until.Add(time.Minute))
		s.same("taken again", held, again)
		bob, held := s.take("1", "bob", until.Add(time.Minute), until.Add(time.Hour))
		s.same("once it has run out", held, bob)
		s.same("claims", got(s.st.Claims(s.ctx, s.tenant, base)), []steward.Claim{bob})
		s.same("that hold later", len(got(s.st.Claims(s.ctx, s.tenant, until.Add(time.Hour)))), 0)
		for _, c := range []struct {
			who  engawa.PersonID
			want bool
		}{{"anna", false}, {"nobody", false}, {"bob", true}, {"bob", false}} {
			s.do(func(st steward.Store) error {
				if dropped := got(st.DropClaim(s.ctx, s.tenant, key("1"), c.who)); dropped != c.want {
					s.Errorf("%s drops it: %v", c.who, dropped)
				}
				return nil
			})
		}
		s.take("2", "anna", base, until)
		s.take("3", "anna", base, until.Add(time.Second))
		s.do(func(st steward.Store) error { return st.DropClaims(s.ctx, s.tenant, until.Add(time.Second)) })
		if left := got(s.st.Claims(s.ctx, s.tenant, base)); len(left) != 1 || left[0].Key != key("3") {
			s.Errorf("what had not run out: %+v", left)
		}
		s.do(func(st steward.Store) error {
			if !got(st.DropClaim(s.ctx, s.tenant, key("3"), "")) {
				s.Error("nobody in particular cannot drop it")
			}
			return nil
		})
	}},
	{"of many at once one gets it", func(s *suite) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		winners := map[engawa.PersonID]bool{}
		for i := range 16 {
			wg.Go(func() {
				c := steward.Claim{Key: key("hot"), State: steward.Claimed, By: engawa.PersonID(fmt.Sprint("p", i)), At: base, Until: base.Add(time.Hour)}
				err := s.fails(func(st steward.Store) error {
					held, err := st.TakeClaim(s.ctx, s.tenant, c, base)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						winners[held.By] = true
					}
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		wg.Wait()
		claims := got(s.st.Claims(s.ctx, s.tenant, base))
		if len(claims) != 1 || !winners[claims[0].By] {
			s.Errorf("%+v hold it, told were %v", claims, winners)
		}
	}},
}

// secret marks the texts of one tenant.
func secret(tenant engawa.TenantID) string { return "only for " + string(tenant) }

// town is what both tenants have under the same names.
type town struct {
	tenant   engawa.TenantID
	space    engawa.ID
	rota     steward.Duty
	handOver steward.HandOver
	claim    steward.Claim
}

func build(s *suite) town {
	s.Helper()
	t := town{tenant: s.tenant, space: townSpace, rota: s.rota(townSpace)}
	t.handOver = s.handOver(townSpace, secret(s.tenant))
	t.claim, _ = s.take("1", engawa.PersonID("anna of "+s.tenant), base, base.Add(time.Hour))
	return t
}

// townSpace is a space of each.
const townSpace engawa.ID = 77

// look is everything that the store shows of a tenant.
func look(s *suite, t town) []any {
	s.Helper()
	return []any{
		got(s.st.Rotas(s.ctx, t.tenant, t.space)), got(s.st.RotasWith(s.ctx, t.tenant, "anna")), got(s.st.HandOvers(s.ctx, t.tenant, t.space)),
		got(s.st.Claims(s.ctx, t.tenant, base)),
	}
}

func answered[T any](v T, err error) (any, error) { return v, err }

// tenantCase calls one method for a tenant that is not the one's, with the one's ids, and is what it answered.
type tenantCase = func(s *suite, st steward.Store, one town) (any, error)

// tenantCases has a case for every method of steward.Store.
var tenantCases = map[string]tenantCase{
	"Within": func(s *suite, st steward.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(steward.Store, engawa.Conn) error { return nil })
	},
	"Bind": func(s *suite, st steward.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(st steward.Store, conn engawa.Conn) error { st.Bind(conn); return nil })
	},
	"Append": func(*suite, steward.Store, town) (any, error) { return nil, nil }, // it is bunstore's own
	"Forget": func(s *suite, st steward.Store, _ town) (any, error) { return nil, st.Forget(s.ctx, s.tenant, "anna") },
	"PutRota": func(s *suite, st steward.Store, one town) (any, error) {
		d := one.rota
		d.Version = 2
		return nil, st.PutRota(s.ctx, s.tenant, d)
	},
	"DropRota": func(s *suite, st steward.Store, one town) (any, error) {
		return nil, st.DropRota(s.ctx, s.tenant, one.space, 1)
	},
	"Rotas": func(s *suite, st steward.Store, one town) (any, error) {
		all, err := st.Rotas(s.ctx, s.tenant, one.space)
		if len(all) > 0 && s.tenant == "empty" {
			s.Errorf("another tenant's rotas: %+v", all)
		}
		return nil, err
	},
	"RotasWith": func(s *suite, st steward.Store, _ town) (any, error) {
		return answered(st.RotasWith(s.ctx, s.tenant, "anna of one"))
	},
	"AddHandOver": func(s *suite, st steward.Store, one town) (any, error) {
		h := one.handOver
		h.Text = "taken over"
		return nil, st.AddHandOver(s.ctx, s.tenant, h)
	},
	"HandOver": func(s *suite, st steward.Store, one town) (any, error) {
		return answered(st.HandOver(s.ctx, s.tenant, one.handOver.ID))
	},
	"HandOvers": func(s *suite, st steward.Store, one town) (any, error) {
		return answered(st.HandOvers(s.ctx, s.tenant, one.space))
	},
	"MarkHandOver": func(s *suite, st steward.Store, one town) (any, error) {
		return answered(st.MarkHandOver(s.ctx, s.tenant, one.handOver.ID, "bob", base))
	},
	"TrimHandOvers": func(s *suite, st steward.Store, one town) (any, error) {
		return nil, st.TrimHandOvers(s.ctx, s.tenant, one.space, 1)
	},
	"TakeClaim": func(s *suite, st steward.Store, one town) (any, error) {
		c := one.claim
		c.By = "bob"
		return answered(st.TakeClaim(s.ctx, s.tenant, c, base.Add(2*time.Hour)))
	},
	"DropClaim": func(s *suite, st steward.Store, one town) (any, error) {
		return answered(st.DropClaim(s.ctx, s.tenant, one.claim.Key, ""))
	},
	"Claims": func(s *suite, st steward.Store, _ town) (any, error) {
		return answered(st.Claims(s.ctx, s.tenant, base))
	},
	"DropClaims": func(s *suite, st steward.Store, _ town) (any, error) {
		return nil, st.DropClaims(s.ctx, s.tenant, base.Add(24*time.Hour))
	},
}
