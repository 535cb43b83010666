package eventtest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/event"
)

// journal is what a consumer was called with, in order.
type journal struct {
	mu    sync.Mutex
	calls []string
}

func (j *journal) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, fmt.Sprintf(format, args...))
}

func (j *journal) event(e event.Event) {
	id, _ := e.Subject.OwnID()
	j.note("%d.%d", id, e.Version)
}

// take returns what was noted and forgets it.
func (j *journal) take() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := strings.Join(j.calls, " ")
	j.calls = nil
	return s
}

func relay(t *testing.T, cfg event.Config, consumers ...event.Consumer) *event.Relay {
	t.Helper()
	if cfg.Poll == 0 {
		cfg.Poll = 10 * time.Millisecond
	}
	if cfg.Backoff == 0 {
		cfg.Backoff = time.Millisecond
	}
	cfg.Consumers = consumers
	r, err := event.NewRelay(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func drain(t *testing.T, r *event.Relay) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.Drain(ctx); err != nil {
		t.Fatal(err)
	}
}

// run starts a relay; the function that it returns stops it and waits.
func run(t *testing.T, r *event.Relay) func() {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(time.Minute):
				t.Error("Run does not return")
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// until waits for something that a relay does in its own time.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for start := time.Now(); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			t.Fatalf("never: %s", what)
		}
	}
}

func (h Harness) status(t *testing.T, r *event.Relay) event.Status {
	t.Helper()
	all, err := r.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// A subject that fails is parked, tried, stuck, retried and dropped, and holds up nobody else.
func testStuck(t *testing.T, h Harness) {
	var j journal
	var broken atomic.Bool
	broken.Store(true)
	r := relay(t, event.Config{Store: h.Store, MaxAttempts: 3, Batch: 3}, event.Consumer{
		Name: "a", Verbs: []event.Verb{event.PostEdited},
		Handle: func(_ context.Context, e event.Event) error {
			j.event(e)
			if e.Subject == On(1, 0).Subject && broken.Load() {
				return errors.New("壊れています\x00\xff" + strings.Repeat("長", 400)) // as no database takes it
			}
			return nil
		},
	})
	unwanted := On(1, 1)
	unwanted.Verb = event.PostRetracted
	h.Append(t, unwanted)
	for v := range int64(2) {
		h.Append(t, On(1, v+2))
		h.Append(t, On(2, v+2))
	}
	drain(t, r)
	if got := j.take(); got != "1.2 2.2 1.2 2.3 1.2" && got != "1.2 2.2 1.2 1.2 2.3" {
		t.Errorf("calls: %s", got)
	}
	s := h.status(t, r)
	if !s.Begun || s.Lag != 0 || s.Cursor != 5 || s.Stuck != 1 || len(s.Parked) != 2 {
		t.Fatalf("status %+v", s)
	}
	if p := s.Parked; p[0].Attempts != 3 || p[1].Attempts != 0 || p[0].Event.Version != 2 || !strings.HasPrefix(p[0].Cause, "壊れています") {
		t.Errorf("parked %+v", p)
	}
	broken.Store(false)
	h.Append(t, On(1, 4), On(2, 4))
	drain(t, r)
	if got := j.take(); got != "2.4" {
		t.Errorf("a stuck subject is tried without being asked: %s", got)
	}
	if err := r.Retry(t.Context(), "nobody", 1); err == nil {
		t.Error("a consumer that is not there is retried")
	}
	if err := r.Retry(t.Context(), "a", s.Parked[0].Event.Seq); err != nil {
		t.Fatal(err)
	}
	drain(t, r)
	if got := j.take(); got != "1.2 1.3 1.4" {
		t.Errorf("after Retry: %s", got)
	}
	broken.Store(true)
	h.Append(t, On(1, 5), On(1, 6))
	drain(t, r)
	s = h.status(t, r)
	if len(s.Parked) != 2 || s.Stuck != 1 {
		t.Fatalf("status %+v", s)
	}
	broken.Store(false)
	j.take()
	if err := r.Drop(t.Context(), "a", s.Parked[0].Event.Seq); err != nil {
		t.Fatal(err)
	}
	drain(t, r)
	if got := j.take(); got != "1.6" {
		t.Errorf("after Drop: %s", got)
	}
	if s = h.status(t, r); len(s.Parked) != 0 || s.Lag != 0 || s.Holder != "" {
		t.Errorf("in the end: %+v", s)
	}

	// With Run the pauses between the tries are those of Backoff.
	broken.Store(true)
	h.Append(t, On(1, 7))
	stop := run(t, r)
	until(t, "the subject is stuck", func() bool { return h.status(t, r).Stuck == 1 })
	if got := j.take(); got != "1.7 1.7 1.7" {
		t.Errorf("tried %s, want three tries", got)
	}
	broken.Store(false)
	if err := r.Retry(t.Context(), "a", h.status(t, r).Parked[0].Event.Seq); err != nil {
		t.Fatal(err)
	}
	until(t, "it is handled", func() bool { return len(h.status(t, r).Parked) == 0 })
	stop()
	if s = h.status(t, r); s.Holder != "" {
		t.Errorf("Run left the lease with %q", s.Holder)
	}
}

func testPanic(t *testing.T, h Harness) {
	var j journal
	r := relay(t, event.Config{Store: h.Store, MaxAttempts: 1}, event.Consumer{Name: "a", Handle: func(_ context.Context, e event.Event) error {
		j.event(e)
		switch e.Subject {
		case On(1, 0).Subject:
			panic("oops")
		case On(2, 0).Subject:
			runtime.Goexit()
		}
		return nil
	}})
	h.Append(t, On(1, 1), On(2, 1), On(3, 1))
	drain(t, r)
	s := h.status(t, r)
	if got := j.take(); got != "1.1 2.1 3.1" || len(s.Parked) != 2 || s.Stuck != 2 || s.Parked[0].Cause != "panic: oops" {
		t.Errorf("calls %s, %+v", got, s)
	}
}

// A call that does not heed its context is left; nothing else waits for it, and its subject is not handled beside it.
func testHang(t *testing.T, h Harness) {
	var j, beside journal
	free := make(chan struct{})
	var inside, most atomic.Int32
	r := relay(t, event.Config{Store: h.Store, HandleTimeout: 30 * time.Millisecond, MaxAttempts: 10_000},
		event.Consumer{Name: "a", Handle: func(ctx context.Context, e event.Event) error {
			switch e.Subject {
			case On(1, 0).Subject:
				most.Store(max(most.Load(), inside.Add(1)))
				defer inside.Add(-1)
				<-free
			case On(2, 0).Subject:
				select {
				case <-free:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			j.event(e)
			return nil
		}},
		event.Consumer{Name: "beside", Handle: func(_ context.Context, e event.Event) error {
			beside.event(e)
			return nil
		}})
	h.Append(t, On(1, 1), On(2, 1), On(3, 1), On(1, 2))
	stop := run(t, r)
	until(t, "the events behind the hanging one are handled", func() bool { return h.status(t, r).Cursor == 4 })
	if got := j.take(); got != "3.1" {
		t.Errorf("handled while one hangs: %s", got)
	}
	until(t, "another consumer is done", func() bool { return beside.take() != "" })
	causes := map[string]bool{}
	for _, p := range h.status(t, r).Parked {
		causes[p.Cause] = true
	}
	for cause := range causes {
		if cause != "" && !strings.Contains(cause, "longer than 30ms") {
			t.Errorf("cause %q", cause)
		}
	}
	close(free)
	until(t, "all is handled", func() bool { return len(h.status(t, r).Parked) == 0 })
	stop()
	if most.Load() != 1 {
		t.Errorf("one subject was handled %d times at once", most.Load())
	}
	got := j.take()
	if !strings.Contains(got, "2.1") || strings.LastIndex(got, "1.1") > strings.Index(got, "1.2") {
		t.Errorf("handled in the end: %s", got)
	}
}
