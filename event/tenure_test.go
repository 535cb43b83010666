package event_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/event"
)

// board is leases in memory; it may be out of reach.
type board struct {
	lease event.Lease
	gone  error
}

func (b *board) Holder(context.Context, string) (event.Lease, error) { return b.lease, b.gone }

func (b *board) Take(_ context.Context, seen event.Lease, holder string) (event.Lease, bool, error) {
	if b.gone != nil || seen != b.lease {
		return event.Lease{}, false, b.gone
	}
	b.lease = event.Lease{Name: seen.Name, Holder: holder, Beat: seen.Beat + 1}
	return b.lease, true, nil
}

// A node that looks once a beat works within one TTL after the holder fell silent, whenever in its own rhythm that was;
// a holder that beats keeps the lease for ever.
func TestTakeOverWithinOneLease(t *testing.T) {
	const ttl = 600 * time.Millisecond
	for phase := time.Duration(0); phase < ttl/6; phase += time.Millisecond {
		var now time.Duration
		b := &board{}
		node := func(name string) *event.Tenure {
			return &event.Tenure{Leases: b, Name: "work", Node: name, TTL: ttl, Since: func() time.Duration { return now }}
		}
		first, second := node("first"), node("second")
		hold := func(n *event.Tenure) bool {
			t.Helper()
			held, _, err := n.Hold(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return held
		}
		var silent time.Duration
		for ; now < 4*ttl; now += time.Millisecond {
			if now < 2*ttl && now%first.Beat() == 0 {
				if !hold(first) {
					t.Fatalf("at %v the first node lost a lease that it keeps", now)
				}
				silent = now
			}
			if now >= first.Beat() && (now+phase)%second.Beat() == 0 && hold(second) {
				break
			}
		}
		if second.Lease().Holder != "second" || now < 2*ttl-first.Beat() || now-silent > ttl {
			t.Fatalf("phase %v: silent since %v, taken over at %v, want at most %v later", phase, silent, now, ttl)
		}
		if hold(first) {
			t.Fatal("the first node does not see that it lost the lease")
		}
	}
}

func TestTenure(t *testing.T) {
	var now time.Duration
	b := &board{}
	n := &event.Tenure{Leases: b, Name: "work", Node: "n", TTL: time.Minute, Since: func() time.Duration { return now }}
	steps := []struct {
		what                 string
		do                   func()
		held, fresh, failing bool
	}{
		{"a free lease", func() {}, true, true, false},
		{"it is kept", func() { now += time.Second }, true, false, false},
		{"it is renewed", func() { now += 11 * time.Second }, true, false, false},
		{"the store is out of reach", func() { now += 11 * time.Second; b.gone = errors.New("gone") }, false, false, true},
		{"it is back", func() { b.gone = nil }, true, false, false},
		{"another took it", func() { b.lease.Holder, b.lease.Beat = "other", b.lease.Beat+1; now += 11 * time.Second }, false, false, false},
		{"it is seen first", func() {}, false, false, false},
		{"it stands still", func() { now += 39 * time.Second }, false, false, false},
		{"long enough", func() { now += time.Second }, true, true, false},
		{"it was released", func() {
			if err := n.Release(t.Context()); err != nil || b.lease.Holder != "" {
				t.Errorf("the lease is %+v, %v", b.lease, err)
			}
		}, true, true, false},
		{"it was lost", func() { n.Lose() }, true, true, false},
	}
	for _, s := range steps {
		s.do()
		held, fresh, err := n.Hold(t.Context())
		if held != s.held || fresh != s.fresh || err != nil != s.failing {
			t.Errorf("%s: held %v, fresh %v, %v", s.what, held, fresh, err)
		}
	}
}
