package jsonl

import (
	"time"

	"github.com/engawa-sns/engawa"
)

// Block is one person blocking another.
type Block struct {
	Person  string    `json:"person"`
	Blocked string    `json:"blocked"`
	At      time.Time `json:"at,omitzero"`
}

// Mute is a person, a thread or a space that somebody muted: one of the three.
type Mute struct {
	Person string    `json:"person"`
	Muted  string    `json:"muted,omitempty"`
	Post   string    `json:"post,omitempty"`
	Space  string    `json:"space,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Bookmark is a post that somebody keeps.
type Bookmark struct {
	Person string    `json:"person"`
	Post   string    `json:"post"`
	At     time.Time `json:"at,omitzero"`
}

// Watch is a thread, by its post, or a tag that somebody follows: one of the two.
type Watch struct {
	Person string    `json:"person"`
	Post   string    `json:"post,omitempty"`
	Tag    string    `json:"tag,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Retention is for how long posts are kept.
type Retention struct {
	Space string    `json:"space,omitempty"`
	Days  int       `json:"days"`
	By    string    `json:"by,omitempty"`
	At    time.Time `json:"at"`
}

// Hold is a legal hold.
type Hold struct {
	Space  string     `json:"space,omitempty"`
	Person string     `json:"person,omitempty"`
	Why    string     `json:"why"`
	By     string     `json:"by,omitempty"`
	At     time.Time  `json:"at"`
	Lifted *Retracted `json:"lifted,omitempty"`
}

// Reminder is when somebody wants to be reminded of a post.
type Reminder struct {
	Person string    `json:"person"`
	Post   string    `json:"post"`
	At     time.Time `json:"at"`
}

// Receipts is a rule of who shows what they have read: one person, or everybody.
type Receipts struct {
	Person string `json:"person,omitempty"`
	Rule   string `json:"rule"`
}

// Type implements [Record].
func (Retention) Type() string { return "retention" }

// Type implements [Record].
func (Hold) Type() string { return "hold" }

// Type implements [Record].
func (Reminder) Type() string { return "reminder" }

// Type implements [Record].
func (Receipts) Type() string { return "receipts" }

// Type implements [Record].
func (Block) Type() string { return "block" }

// Type implements [Record].
func (Mute) Type() string { return "mute" }

// Type implements [Record].
func (Bookmark) Type() string { return "bookmark" }

// Type implements [Record].
func (Watch) Type() string { return "watch" }

func (r Block) check(p *problems) {
	p.id("person", r.Person)
	p.id("blocked", r.Blocked)
	p.optionalTime("at", r.At)
}

func (r Mute) check(p *problems) {
	p.id("person", r.Person)
	p.oneOf("muted", r.Muted, r.Post, r.Space)
	p.optionalTime("at", r.At)
}

func (r Bookmark) check(p *problems) {
	p.id("person", r.Person)
	p.id("post", r.Post)
	p.optionalTime("at", r.At)
}

func (r Watch) check(p *problems) {
	p.id("person", r.Person)
	p.oneOf("post", r.Post, r.Tag)
	p.optionalTime("at", r.At)
}

func (r Retention) check(p *problems) {
	p.optionalID("space", r.Space)
	if r.Days < 0 {
		p.say("days", msgNegative)
	}
	p.optionalID("by", r.By)
	p.add(engawa.CheckTime("at", r.At))
}

func (r Hold) check(p *problems) {
	p.optionalID("space", r.Space)
	p.optionalID("person", r.Person)
	p.text("why", r.Why, MaxText)
	if r.Why == "" {
		p.say("why", msgEmpty)
	}
	p.optionalID("by", r.By)
	p.add(engawa.CheckTime("at", r.At))
	if r.Lifted != nil {
		p.optionalID("lifted.by", r.Lifted.By)
		p.add(engawa.CheckTime("lifted.at", r.Lifted.At))
	}
}

func (r Reminder) check(p *problems) {
	p.id("person", r.Person)
	p.id("post", r.Post)
	p.add(engawa.CheckTime("at", r.At))
}

func (r Receipts) check(p *problems) {
	p.optionalID("person", r.Person)
	p.choice("rule", r.Rule, "shown", "hidden")
	if r.Rule == "" {
		p.say("rule", msgEmpty)
	}
}

// oneOf wants exactly one id. Tags are shorter than an id may be in characters, not in bytes.
func (p *problems) oneOf(field string, ids ...string) {
	n := 0
	for _, id := range ids {
		if id != "" {
			n++
			p.add(engawa.CheckText(field, id, engawa.Line(maxTag)))
		}
	}
	if n != 1 {
		p.say(field, msgOneOf)
	}
}

// maxTag is the greatest length of a tag, in bytes.
const maxTag = 512

// normalReading is a record of this file with its times as they are kept.
func normalReading(r Record) Record {
	switch v := r.(type) {
	case Block:
		v.At = engawa.Micro(v.At)
		return v
	case Mute:
		v.At = engawa.Micro(v.At)
		return v
	case Bookmark:
		v.At = engawa.Micro(v.At)
		return v
	case Watch:
		v.At = engawa.Micro(v.At)
		return v
	case Retention:
		v.At = engawa.Micro(v.At)
		return v
	case Hold:
		v.At, v.Lifted = engawa.Micro(v.At), v.Lifted.micro()
		return v
	case Reminder:
		v.At = engawa.Micro(v.At)
		return v
	}
	return normalTraining(normalGuideline(r))
}

// decodeReading decodes the records of this file; false for another type.
func decodeReading(of string, line []byte) (Record, bool, error) {
	switch of {
	case Block{}.Type():
		return decoded[Block](line)
	case Mute{}.Type():
		return decoded[Mute](line)
	case Bookmark{}.Type():
		return decoded[Bookmark](line)
	case Watch{}.Type():
		return decoded[Watch](line)
	case Retention{}.Type():
		return decoded[Retention](line)
	case Hold{}.Type():
		return decoded[Hold](line)
	case Reminder{}.Type():
		return decoded[Reminder](line)
	case Receipts{}.Type():
		return decoded[Receipts](line)
	}
	return decodeTraining(of, line)
}
