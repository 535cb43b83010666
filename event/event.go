package event

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/engawa-sns/engawa"
)

// MaxPayload is the greatest length of a payload in bytes of JSON.
const MaxPayload = 4 << 10

// Event is one thing that happened.
type Event struct {
	// Seq is the place in the log: dense, growing, given after the commit. It is 0 in an event that is being appended.
	Seq    int64
	Tenant engawa.TenantID
	Verb   Verb
	// Subject is what it happened to.
	Subject engawa.Ref
	// Version is the subject's, taken under its row lock; events of one subject and person come in this order.
	Version int64
	// Actor did it; empty for [engawa.System], and for somebody who was forgotten since.
	Actor engawa.PersonID
	// Person is whom it concerns beside the actor, for the verbs that say so; else, and for somebody who was forgotten
	// since, empty.
	Person engawa.PersonID
	// Space is where the subject lives; 0 for what lives in none.
	Space engawa.ID
	At    time.Time
	// Payload is the verb's typed payload as JSON, or nil. It holds ids of engawa's own and numbers only: no id of a
	// person, no text.
	Payload json.RawMessage
}

// Key names what order is kept for: the subject, and the person where the event is about one (who joined a space).
func (e Event) Key() Key { return Key{e.Tenant, e.Subject, e.Person} }

// Key is a subject with the person concerned.
type Key struct {
	Tenant  engawa.TenantID
	Subject engawa.Ref
	Person  engawa.PersonID
}

// Payload is a typed payload: the verbs' doc comments say which one they carry.
type Payload interface{ payload() }

// With is the event with its payload. It panics on a payload that cannot be JSON, which none of this package is.
func (e Event) With(p Payload) Event {
	b, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("event.With: %v", err))
	}
	e.Payload = b
	return e
}

// Read is the payload of an event.
func Read[P Payload](e Event) (P, error) {
	var p P
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return p, fmt.Errorf("event.Read: %s %s: the payload is not a %T: %w", e.Verb, e.Subject, p, err)
	}
	return p, nil
}
