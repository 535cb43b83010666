package eventtest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/event"
)

func testParking(t *testing.T, h Harness) {
	for i := range int64(4) {
		h.Append(t, On(i, 1))
	}
	h.sequence(t)
	events := h.read(t, 0, 10)
	lease, other := h.lease(t, "a", "me"), h.lease(t, "b", "me")
	var all []event.Parked
	for _, i := range []int{3, 0, 2} {
		all = append(all, event.Parked{Consumer: "a", Event: events[i], Attempts: i, Cause: fmt.Sprint("原因", i), At: at})
	}
	theirs := all[0]
	theirs.Consumer = "b"
	if !h.advance(t, lease, 4, all...) || !h.advance(t, other, 4, theirs) {
		t.Fatal("refused")
	}
	got := h.parked(t, "a")
	want := []event.Parked{all[1], all[2], all[0]}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("parked %+v\nwant %+v", got, want)
	}
	ctx := t.Context()
	later := at.Add(time.Minute)
	if err := errors.Join(
		h.Store.Attempted(ctx, "a", events[2].Seq, 5, "again", later),
		h.Store.Unpark(ctx, "a", events[3].Seq),
		h.Store.Unpark(ctx, "a", events[1].Seq), // is not parked
	); err != nil {
		t.Fatal(err)
	}
	got = h.parked(t, "a")
	if len(got) != 2 || got[1].Attempts != 5 || got[1].Cause != "again" || !got[1].At.Equal(later) || got[0].Attempts != 0 {
		t.Errorf("after an attempt and an unparking: %+v", got)
	}
	if len(h.parked(t, "b")) != 1 {
		t.Error("another consumer's parking changed")
	}
	if one, err := h.Store.Parked(ctx, "a", 1); err != nil || len(one) != 1 || one[0].Event.Seq != events[0].Seq {
		t.Errorf("at most one: %v, %v", one, err)
	}
}

func testLeases(t *testing.T, h Harness) {
	ctx := t.Context()
	if nobody, err := h.Store.Holder(ctx, "a"); err != nil || nobody != (event.Lease{Name: "a"}) {
		t.Fatalf("a lease that nobody took: %+v, %v", nobody, err)
	}
	// Of two that saw the same state, one gets it.
	for round := range 10 {
		seen, err := h.Store.Holder(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		won := make(chan bool, 2)
		for holder, store := range map[string]event.Store{"me": h.Store, "you": h.Other} {
			go func() {
				_, ok, err := store.Take(ctx, seen, holder)
				if err != nil {
					t.Error(err)
				}
				won <- ok
			}()
		}
		if a, b := <-won, <-won; a == b {
			t.Fatalf("round %d: both got %v", round, a)
		}
	}
	lease, err := h.Store.Holder(ctx, "a")
	if err != nil || lease.Beat != 10 {
		t.Errorf("after ten takings: %+v, %v", lease, err)
	}
	free, ok, err := h.Store.Take(ctx, lease, "")
	if err != nil || !ok || free.Holder != "" {
		t.Errorf("released: %+v, %v, %v", free, ok, err)
	}
}

func testForget(t *testing.T, h Harness) {
	h.Append(t, On(1, 1))
	h.sequence(t)
	e := h.read(t, 0, 1)[0]
	for _, name := range []string{"a", "b"} {
		if !h.advance(t, h.lease(t, name, "me"), 1, event.Parked{Consumer: name, Event: e, Attempts: 1, At: at}) {
			t.Fatal("refused")
		}
	}
	if err := h.Store.Forget(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	cursors, err := h.Store.Cursors(t.Context())
	if _, there := cursors["a"]; err != nil || there || cursors["b"] != 1 {
		t.Errorf("cursors %v, %v", cursors, err)
	}
	if a, b := len(h.parked(t, "a")), len(h.parked(t, "b")); a != 0 || b != 1 {
		t.Errorf("%d and %d parked, want 0 and 1", a, b)
	}
	if lease, err := h.Store.Holder(t.Context(), "a"); err != nil || lease.Holder != "" || lease.Beat != 0 {
		t.Errorf("lease %+v, %v", lease, err)
	}
}
