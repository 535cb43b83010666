// Package eventtest checks an [event.Store] of one's own, alone and under a relay.
//
//	func TestStore(t *testing.T) {
//		eventtest.Run(t, func(t *testing.T) eventtest.Harness { … })
//	}
package eventtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Harness is one fresh storage.
type Harness struct {
	// Store is under test.
	Store event.Store
	// Other is the same storage as another process sees it, on connections of its own.
	Other event.Store
	// Begin opens a transaction in which events can be appended, and which ends with a commit or a rollback.
	Begin func(ctx context.Context) (Tx, error)
	// OneWriter says that a second transaction cannot write before the first has ended.
	OneWriter bool
}

// Tx is a transaction of a writer's.
type Tx interface {
	Append(ctx context.Context, events ...event.Event) error
	Commit() error
	Rollback() error
}

// Run checks everything that a [event.Relay] relies on, and then relays.
func Run(t *testing.T, fresh func(t *testing.T) Harness) {
	for name, test := range map[string]func(*testing.T, Harness){
		"Log": testLog, "OrderOfVersions": testOrder, "OpenTransactions": testOpen, "Purge": testPurge,
		"Advance": testAdvance, "Parking": testParking, "Leases": testLeases, "Forget": testForget,
		"Relay": testRelay, "Stuck": testStuck, "Panic": testPanic, "Hang": testHang, "TakeOver": testTakeOver, "LongWork": testLongWork,
		"Rebuild": testRebuild, "LateConsumer": testLate, "DrainElsewhere": testDrainElsewhere, "Clock": testClock, "NoSpin": testNoSpin,
		"PerNode": testPerNode, "Unwanted": testUnwanted,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

var at = time.Date(2026, 4, 1, 9, 0, 0, 123456000, time.UTC)

// On is an event of a subject, with a version.
func On(subject, version int64) event.Event {
	return event.Event{
		Tenant: "main", Verb: event.PostEdited, Subject: engawa.RefTo(engawa.KindPost, engawa.ID(subject)), Version: version,
		Actor: "恵", Space: 7, At: at,
	}
}

// Append appends events in a transaction of their own.
func (h Harness) Append(t testing.TB, events ...event.Event) {
	t.Helper()
	tx := h.begin(t, events...)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func (h Harness) begin(t testing.TB, events ...event.Event) Tx {
	t.Helper()
	tx, err := h.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Append(t.Context(), events...); err != nil {
		t.Fatal(errors.Join(err, tx.Rollback()))
	}
	return tx
}

func (h Harness) sequence(t testing.TB) {
	t.Helper()
	for more := true; more; {
		var err error
		if _, more, err = h.Store.Sequence(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
	}
}

func (h Harness) read(t testing.TB, after int64, limit int) []event.Event {
	t.Helper()
	events, err := h.Store.Read(t.Context(), after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func (h Harness) head(t testing.TB) int64 {
	t.Helper()
	head, err := h.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func testLog(t *testing.T, h Harness) {
	if head := h.head(t); head != 0 {
		t.Errorf("head of an empty log: %d", head)
	}
	full := On(1, 3)
	full.Verb, full.Person = event.MemberJoined, "あ "
	full = full.With(event.Range{First: 1, Last: 2})
	system := On(2, 1)
	system.Actor, system.Tenant = "", "other"
	h.Append(t, full, system)
	tx := h.begin(t, On(3, 1))
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	for i := range int64(20) {
		h.Append(t, On(100+i, 1))
	}
	h.sequence(t)
	got := h.read(t, 0, 100)
	if len(got) != 22 {
		t.Fatalf("%d events, want 22", len(got))
	}
	for i, e := range got {
		if e.Seq != int64(i+1) {
			t.Errorf("event %d has the place %d", i, e.Seq)
		}
	}
	full.Seq, system.Seq = 1, 2
	for i, want := range []event.Event{full, system} {
		if fmt.Sprintf("%+v", got[i]) != fmt.Sprintf("%+v", want) {
			t.Errorf("read %+v\nwant %+v", got[i], want)
		}
	}
	if part := h.read(t, 5, 3); len(part) != 3 || part[0].Seq != 6 {
		t.Errorf("after 5, at most 3: %v", part)
	}
	if head := h.head(t); head != 22 {
		t.Errorf("head %d, want 22", head)
	}
}

// Within one stamping the versions of a subject decide, whatever the order of insertion.
func testOrder(t *testing.T, h Harness) {
	if h.OneWriter {
		t.Skip("the order of insertion is the order of versions where one transaction writes at a time")
	}
	joined := func(person engawa.PersonID, version int64) event.Event {
		e := On(9, version)
		e.Person = person
		return e
	}
	h.Append(t, On(1, 2), On(2, 2), joined("a", 2), On(1, 1), joined("b", 1), On(2, 1), joined("a", 1))
	if n, more, err := h.Store.Sequence(t.Context(), 100); n != 7 || more || err != nil {
		t.Errorf("Sequence: %d, %v, %v", n, more, err)
	}
	last := map[event.Key]int64{}
	for _, e := range h.read(t, 0, 10) {
		if e.Version <= last[e.Key()] {
			t.Errorf("%v: version %d comes after %d", e.Key(), e.Version, last[e.Key()])
		}
		last[e.Key()] = e.Version
	}
}

// What commits late is neither skipped nor waited for.
func testOpen(t *testing.T, h Harness) {
	if h.OneWriter {
		t.Skip("one transaction writes at a time")
	}
	var open []Tx
	for i := range int64(3) {
		open = append(open, h.begin(t, On(i, 1)))
		h.Append(t, On(10+i, 1))
	}
	h.sequence(t)
	if got := h.read(t, 0, 10); len(got) != 3 || got[2].Seq != 3 {
		t.Fatalf("with three transactions open: %v", got)
	}
	for i, tx := range slices.Backward(open) {
		end := tx.Commit
		if i == 1 {
			end = tx.Rollback
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		h.sequence(t)
	}
	if got := h.read(t, 3, 10); len(got) != 2 || got[0].Subject != On(2, 1).Subject || got[1].Seq != 5 {
		t.Errorf("after the late commits: %v", got)
	}
}

func (h Harness) lease(t testing.TB, name, holder string) event.Lease {
	t.Helper()
	seen, err := h.Store.Holder(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	lease, ok, err := h.Store.Take(t.Context(), seen, holder)
	if err != nil || !ok || lease.Holder != holder || lease.Beat != seen.Beat+1 || lease.Name != name {
		t.Fatalf("Take of %+v: %+v, %v, %v", seen, lease, ok, err)
	}
	return lease
}

func (h Harness) advance(t testing.TB, lease event.Lease, to int64, parked ...event.Parked) bool {
	t.Helper()
	ok, err := h.Store.Advance(t.Context(), lease, to, parked)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func (h Harness) parked(t testing.TB, consumer string) []event.Parked {
	t.Helper()
	parked, err := h.Store.Parked(t.Context(), consumer, 100)
	if err != nil {
		t.Fatal(err)
	}
	return parked
}

func testPurge(t *testing.T, h Harness) {
	for i := range int64(10) {
		e := On(i, 1)
		e.At = at.Add(time.Duration(i) * time.Hour)
		h.Append(t, e)
	}
	h.sequence(t)
	events := h.read(t, 0, 10)
	if !h.advance(t, h.lease(t, "a", "me"), 8, event.Parked{Consumer: "a", Event: events[2], Attempts: 1, Cause: "x", At: at}) {
		t.Fatal("a lease that was taken does not hold")
	}
	purge := func(upTo int64, before time.Time) int64 {
		var all int64
		for {
			n, err := h.Store.Purge(t.Context(), upTo, before)
			if err != nil {
				t.Fatal(err)
			}
			if all += n; n == 0 {
				return all
			}
		}
	}
	if n := purge(8, at.Add(5*time.Hour)); n != 4 {
		t.Errorf("%d purged by age, want 4", n)
	}
	if n := purge(8, at.Add(100*time.Hour)); n != 3 {
		t.Errorf("%d purged by place, want 3", n)
	}
	var left []int64
	for _, e := range h.read(t, 0, 10) {
		left = append(left, e.Seq)
	}
	if fmt.Sprint(left) != "[3 9 10]" {
		t.Errorf("left: %v, want the parked one and the unread ones", left)
	}
	if n := purge(10, at.Add(100*time.Hour)); n != 2 || h.head(t) != 10 {
		t.Errorf("%d purged at the end, head %d", n, h.head(t))
	}
	h.Append(t, On(50, 1))
	h.sequence(t)
	if got := h.read(t, 10, 10); len(got) != 1 || got[0].Seq != 11 {
		t.Errorf("after a purge the next event is %v", got)
	}
}

func testAdvance(t *testing.T, h Harness) {
	h.Append(t, On(1, 1))
	h.sequence(t)
	e := h.read(t, 0, 1)[0]
	lease := h.lease(t, "a", "me")
	cursors := func() map[string]int64 {
		t.Helper()
		c, err := h.Store.Cursors(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if _, begun := cursors()["a"]; begun {
		t.Error("a consumer that never ran has a cursor")
	}
	if !h.advance(t, lease, 0) {
		t.Error("the first cursor is refused")
	}
	if at, begun := cursors()["a"]; !begun || at != 0 {
		t.Errorf("the first cursor is %d, %v", at, begun)
	}
	stolen, ok, err := h.Other.Take(t.Context(), lease, "you")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	p := event.Parked{Consumer: "a", Event: e, Attempts: 1, Cause: "バカ", At: at}
	for _, stale := range []event.Lease{lease, {Name: "a"}, {Name: "a", Holder: "you", Beat: lease.Beat}, {Name: "b", Holder: "you", Beat: stolen.Beat}} {
		if h.advance(t, stale, 1, p) {
			t.Errorf("the stale lease %+v moves the cursor", stale)
		}
	}
	if at := cursors()["a"]; at != 0 || len(h.parked(t, "a")) != 0 {
		t.Errorf("a stale lease left the cursor %d and %v", at, h.parked(t, "a"))
	}
	for range 2 { // parking the same event twice is no error
		if !h.advance(t, stolen, 1, p) {
			t.Error("the new holder is refused")
		}
	}
	if at := cursors()["a"]; at != 1 {
		t.Errorf("cursor %d, want 1", at)
	}
}
