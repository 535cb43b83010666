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
	}
	return normalModeration(r)
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
	}
	return decodeModeration(of, line)
}
