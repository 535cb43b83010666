package event

import (
	"context"
	"time"
)

// Tenure (任期) is a node's hold on one lease. A lease carries no time, because clocks differ: a node takes over one whose
// beat has stood still, by its own clock, for two thirds of TTL. The holder renews its lease after a sixth of it, and
// whoever would like to have it looks as often: so somebody else works within one TTL after a holder fell silent, and a
// holder may miss three beats.
//
// A Tenure is for one goroutine at a time.
type Tenure struct {
	Leases Leases
	// Name is the lease's, Node this process's own.
	Name, Node string
	// TTL is how long a silent node keeps the lease.
	TTL time.Duration
	// Since is a clock that only goes forward.
	Since func() time.Duration

	lease   Lease
	renewed time.Duration
	// seen is another node's lease, and seenAt when its beat was first seen.
	seen   Lease
	seenAt time.Duration
}

// Beat is how often to call [Tenure.Hold], at least.
func (t *Tenure) Beat() time.Duration { return max(t.TTL/6, time.Millisecond) }

// Lease is what this node holds; the zero Lease where it holds nothing.
func (t *Tenure) Lease() Lease { return t.lease }

// Hold takes or renews the lease. It reports whether this node holds it, and whether that is new.
func (t *Tenure) Hold(ctx context.Context) (held, fresh bool, err error) {
	now := t.Since()
	mine := t.lease.Holder == t.Node
	if mine && now-t.renewed < t.TTL/6 {
		return true, false, nil
	}
	current := t.lease
	if !mine {
		if current, err = t.Leases.Holder(ctx, t.Name); err != nil {
			return false, false, err
		}
		if current != t.seen {
			t.seen, t.seenAt = current, now
		}
		// This node's own name stands there when the answer to a renewal got lost.
		if current.Holder != "" && current.Holder != t.Node && now-t.seenAt < t.TTL*2/3 {
			return false, false, nil
		}
	}
	taken, ok, err := t.Leases.Take(ctx, current, t.Node)
	if err != nil {
		return false, false, err
	}
	if !ok {
		t.lease, t.seen = Lease{}, Lease{}
		return false, false, nil
	}
	t.lease, t.renewed = taken, now
	return true, !mine, nil
}

// Lose notes that another node has the lease.
func (t *Tenure) Lose() { t.lease = Lease{} }

// Release lets another node begin at once. Where it fails, the lease runs out.
func (t *Tenure) Release(ctx context.Context) error {
	var err error
	if t.lease.Holder == t.Node {
		_, _, err = t.Leases.Take(ctx, t.lease, "")
	}
	t.lease = Lease{}
	return err
}
