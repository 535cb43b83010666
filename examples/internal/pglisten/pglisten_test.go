package pglisten_test

import (
	"context"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/examples/internal/pglisten"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// TestOtherProcessWakes appends through one pool and waits for a relay on another that would not look by itself.
func TestOtherProcessWakes(t *testing.T) {
	db := dbtest.On(t, bunstore.PostgreSQL)
	db.Migrated()
	config := db.Config(db.SQL)
	config.Notify = "engawa_test"
	writer, err := bunstore.New(config)
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan event.Event)
	relay, err := event.NewRelay(event.Config{
		Store: writer.Outbox(), Poll: time.Hour, Listen: pglisten.On(db.Open(), "engawa_test"),
		Consumers: []event.Consumer{{Name: "c", Handle: func(_ context.Context, e event.Event) error { told <- e; return nil }}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- relay.Run(ctx) }()
	appendOne := func(version int64) {
		t.Helper()
		err := writer.Session().Within(ctx, func(s *bunstore.Session) error {
			return s.Append(ctx, event.Event{Tenant: "t", Verb: event.PostEdited, Subject: engawa.RefTo(engawa.KindPost, 1), Version: version, At: time.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// What was appended before the relay listened is found at its first look, or by a later notification.
	for version := int64(1); ; version++ {
		appendOne(version)
		select {
		case e := <-told:
			if e.Version < 3 {
				continue
			}
		case <-time.After(100 * time.Millisecond):
			if version < 100 {
				continue
			}
			t.Error("nothing woke the relay")
		}
		break
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
