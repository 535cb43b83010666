package event_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

func TestPayload(t *testing.T) {
	want := event.Range{First: 3, Last: 9, Comments: 2}
	e := event.Event{Verb: event.ImportFinished, Subject: engawa.RefTo(engawa.KindSpace, 1)}.With(want)
	if got, err := event.Read[event.Range](e); err != nil || got != want {
		t.Errorf("read %+v, %v", got, err)
	}
	if len(e.Payload) > event.MaxPayload {
		t.Errorf("the payload has %d bytes", len(e.Payload))
	}
	e.Payload = []byte(`{`)
	if _, err := event.Read[event.Range](e); err == nil || !strings.Contains(err.Error(), "import.finished") {
		t.Errorf("a broken payload: %v", err)
	}
}

func TestVerbs(t *testing.T) {
	verbs := event.Verbs()
	if !slices.IsSorted(verbs) || len(slices.Compact(slices.Clone(verbs))) != len(verbs) {
		t.Errorf("not sorted, or not each once: %v", verbs)
	}
	for _, v := range verbs {
		noun, participle, ok := strings.Cut(string(v), ".")
		if !ok || noun == "" || participle == "" || len(v) > 64 {
			t.Errorf("verb %q", v)
		}
	}
}

// A Key tells tenants, subjects and persons apart.
func TestKey(t *testing.T) {
	e := event.Event{Tenant: "a", Subject: engawa.RefTo(engawa.KindSpace, 1), Person: "p", Version: 1}
	same := e
	same.Version, same.Actor, same.Seq = 2, "q", 9
	if e.Key() != same.Key() {
		t.Error("the key depends on more than the subject")
	}
	for name, change := range map[string]func(*event.Event){
		"tenant": func(e *event.Event) { e.Tenant = "b" }, "subject": func(e *event.Event) { e.Subject.ID = "2" }, "person": func(e *event.Event) { e.Person = "" },
	} {
		other := e
		if change(&other); other.Key() == e.Key() {
			t.Errorf("the key does not depend on the %s", name)
		}
	}
}

func TestNewRelayRefuses(t *testing.T) {
	handle := func(context.Context, event.Event) error { return nil }
	var store struct{ event.Store }
	for name, cfg := range map[string]event.Config{
		"no store":            {},
		"no name":             {Store: store, Consumers: []event.Consumer{{Handle: handle}}},
		"no handle":           {Store: store, Consumers: []event.Consumer{{Name: "a"}}},
		"a name twice":        {Store: store, Consumers: []event.Consumer{{Name: "a", Handle: handle}, {Name: "a", Handle: handle}}},
		"a name that is long": {Store: store, Consumers: []event.Consumer{{Name: strings.Repeat("あ", 50), Handle: handle}}},
	} {
		if _, err := event.NewRelay(cfg); err == nil || !strings.HasPrefix(err.Error(), "event.NewRelay: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := event.NewRelay(event.Config{Store: store, Consumers: []event.Consumer{{Name: "通知", Handle: handle}}}); err != nil {
		t.Error(err)
	}
}
