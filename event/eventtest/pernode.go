package eventtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/event"
)

// A consumer that runs on every node handles every event on each of them; the cursor of a node that stays away is
// forgotten, and it begins with a rebuild when it comes back.
func testPerNode(t *testing.T, h Harness) {
	var a, b journal
	node := func(name string, store event.Store, j *journal) *event.Relay {
		return relay(t, event.Config{Store: store, Node: name, NodeTTL: 50 * time.Millisecond, Poll: time.Millisecond, Keep: time.Nanosecond}, event.Consumer{
			Name: "index", PerNode: true,
			Handle:  func(_ context.Context, e event.Event) error { j.event(e); return nil },
			Rebuild: func(context.Context) error { j.note("rebuild"); return nil },
		})
	}
	first, second := node("a", h.Store, &a), node("b", h.Other, &b)
	drain(t, first)
	drain(t, second)
	h.Append(t, On(1, 1), On(2, 1))
	drain(t, first)
	drain(t, second)
	for name, j := range map[string]*journal{"a": &a, "b": &b} {
		if got := j.take(); got != "rebuild 1.1 2.1" {
			t.Errorf("node %s: %q", name, got)
		}
	}
	stop := run(t, first) // it purges, and in time forgets the other
	defer stop()
	until(t, "the silent node is forgotten", func() bool {
		cursors, err := h.Store.Cursors(t.Context())
		_, there := cursors["index@b"]
		return err == nil && !there
	})
	h.Append(t, On(1, 2))
	drain(t, second)
	if got := b.take(); !strings.HasPrefix(got, "rebuild") {
		t.Errorf("the node that came back: %q", got)
	}
}
