package jsonl

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/engawa-sns/engawa"
)

// Status is a state of a post.
type Status struct {
	Post   string    `json:"post"`
	What   string    `json:"what"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
	Entry  string    `json:"entry,omitempty"`
	Person string    `json:"person,omitempty"`
}

// Ack is an acknowledgement of an announcement.
type Ack struct {
	Post    string    `json:"post"`
	Edition int64     `json:"edition"`
	Person  string    `json:"person"`
	At      time.Time `json:"at"`
}

// Vote is a person's vote, or how many voted for one option.
type Vote struct {
	Post    string    `json:"post"`
	Choices []int     `json:"choices"`
	Person  string    `json:"person,omitempty"`
	Count   int64     `json:"count,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// Template is a template for the posts of a space.
type Template struct {
	ID      string    `json:"id"`
	Space   string    `json:"space"`
	Name    string    `json:"name"`
	Kind    string    `json:"kind,omitempty"`
	Body    string    `json:"body"`
	Example string    `json:"example,omitempty"`
	Place   int64     `json:"place,omitempty"`
	By      string    `json:"by,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// Duty is an agreement to write daily reports.
type Duty struct {
	Space   string    `json:"space"`
	Person  string    `json:"person"`
	AskedBy string    `json:"asked_by"`
	At      time.Time `json:"at"`
}

// Hours are working hours: of the tenant, or of one unit or person.
type Hours struct {
	Org    string          `json:"org,omitempty"`
	Person string          `json:"person,omitempty"`
	Hours  json.RawMessage `json:"hours"`
}

// Type implements [Record].
func (Status) Type() string { return "status" }

// Type implements [Record].
func (Ack) Type() string { return "ack" }

// Type implements [Record].
func (Vote) Type() string { return "vote" }

// Type implements [Record].
func (Template) Type() string { return "template" }

// Type implements [Record].
func (Duty) Type() string { return "duty" }

// Type implements [Record].
func (Hours) Type() string { return "hours" }

// MaxChoices is the greatest number of options that a vote is for.
const MaxChoices = 50

func (r Status) check(p *problems) {
	p.id("post", r.Post)
	p.choice("what", r.What, "pinned", "locked", "no_answer", "accepted", "closed", "assigned", "superseded", "must_ack", "ack_due", "on_desk", "reminded")
	if r.What == "" {
		p.say("what", msgEmpty)
	}
	p.optionalID("by", r.By)
	p.add(engawa.CheckTime("at", r.At))
	p.optionalID("entry", r.Entry)
	p.optionalID("person", r.Person)
}

func (r Ack) check(p *problems) {
	p.id("post", r.Post)
	p.id("person", r.Person)
	if r.Edition < 1 {
		p.say("edition", msgNegative)
	}
	p.add(engawa.CheckTime("at", r.At))
}

func (r Vote) check(p *problems) {
	p.id("post", r.Post)
	p.most("choices", len(r.Choices), MaxChoices)
	if len(r.Choices) == 0 {
		p.say("choices", msgEmpty)
	}
	for _, c := range r.Choices {
		if c < 0 {
			p.say("choices", msgNegative)
		}
	}
	p.optionalID("person", r.Person)
	if r.Count < 0 {
		p.say("count", msgNegative)
	}
	if r.Person != "" && r.Count != 0 || r.Person == "" && len(r.Choices) > 1 {
		p.say("person", msgWho)
	}
	p.optionalTime("at", r.At)
}

func (r Template) check(p *problems) {
	p.id("id", r.ID)
	p.id("space", r.Space)
	p.line("name", r.Name)
	if r.Name == "" {
		p.say("name", msgEmpty)
	}
	p.line("kind", r.Kind)
	p.text("body", r.Body, MaxBody)
	p.text("example", r.Example, MaxBody)
	p.optionalID("by", r.By)
	p.optionalTime("at", r.At)
}

func (r Duty) check(p *problems) {
	p.id("space", r.Space)
	p.id("person", r.Person)
	p.id("asked_by", r.AskedBy)
	p.add(engawa.CheckTime("at", r.At))
}

func (r Hours) check(p *problems) {
	p.optionalID("org", r.Org)
	p.optionalID("person", r.Person)
	if r.Org != "" && r.Person != "" {
		p.say("person", msgWho)
	}
	p.object("hours", r.Hours)
}

// object refuses what is no JSON object.
func (p *problems) object(field string, raw json.RawMessage) {
	if !json.Valid(raw) || !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		p.say(field, msgObject)
	}
}

var msgObject = engawa.Message{Code: "jsonl.object", EN: "must be a JSON object", JA: "JSONのオブジェクトを指定してください"}

// compact is an object without spaces, so that it reads the same however it was written.
func compact(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return raw
	}
	return b.Bytes()
}

// normal is a record with its times as they are kept.
func normal(r Record) Record {
	r = normalReading(r)
	switch v := r.(type) {
	case Status:
		v.At = engawa.Micro(v.At)
		return v
	case Ack:
		v.At = engawa.Micro(v.At)
		return v
	case Vote:
		v.At = engawa.Micro(v.At)
		return v
	case Template:
		v.At = engawa.Micro(v.At)
		return v
	case Duty:
		v.At = engawa.Micro(v.At)
		return v
	case Hours:
		v.Hours = compact(v.Hours)
		return v
	}
	return r
}

// decodeKinds decodes the records of this file; false for another type.
func decodeKinds(of string, line []byte) (Record, bool, error) {
	switch of {
	case Status{}.Type():
		return decoded[Status](line)
	case Ack{}.Type():
		return decoded[Ack](line)
	case Vote{}.Type():
		return decoded[Vote](line)
	case Template{}.Type():
		return decoded[Template](line)
	case Duty{}.Type():
		return decoded[Duty](line)
	case Notices{}.Type():
		return decoded[Notices](line)
	case Hours{}.Type():
		return decoded[Hours](line)
	}
	return nil, false, nil
}

// decoded decodes a line into a record, whose own fields are all that it may have beside its type.
func decoded[R Record](line []byte) (Record, bool, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return nil, true, syntax(err)
	}
	delete(fields, "type")
	rest, err := json.Marshal(fields)
	if err != nil {
		return nil, true, syntax(err)
	}
	var r R
	record, err := into(rest, &r, func() Record { return normal(r) })
	return record, true, err
}
