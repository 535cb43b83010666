package jsonl

import (
	"encoding/json"
	"time"

	"github.com/engawa-sns/engawa"
)

// Guideline is a document of the guideline with the text that is in effect, or else its draft. It comes in as a draft:
// publishing it is for those who look after it there. What was accepted is not taken in: people accept for themselves.
type Guideline struct {
	Title string `json:"title"`
	// Kind is "guide" or "mandatory", Lang "ja" or "en", Asks "before_posting" or empty.
	Kind string `json:"kind"`
	Lang string `json:"lang"`
	Asks string `json:"asks,omitempty"`
	// Org or Space is whom it is for: a unit, or a space by its id in the source.
	Org   string `json:"org,omitempty"`
	Space string `json:"space,omitempty"`
	// Text is as package guideline has it in JSON, without what is bound to ids of one installation.
	Text json.RawMessage `json:"text"`
}

// Acceptance is what somebody has accepted of the guidelines, as [Report] in the export of that one person alone: the text
// word for word, as package guideline has it in JSON, whose SHA-256 is Hash.
type Acceptance struct {
	Person  string          `json:"person"`
	Receipt string          `json:"receipt"`
	Title   string          `json:"title"`
	Version int             `json:"version"`
	Hash    string          `json:"hash"`
	Text    json.RawMessage `json:"text"`
	At      time.Time       `json:"at"`
}

// Type implements [Record].
func (Guideline) Type() string { return "guideline" }

// Type implements [Record].
func (Acceptance) Type() string { return "acceptance" }

func (r Guideline) check(p *problems) {
	p.line("title", r.Title)
	p.choice("kind", r.Kind, "guide", "mandatory")
	p.choice("lang", r.Lang, "ja", "en")
	p.choice("asks", r.Asks, "before_posting")
	p.optionalID("org", r.Org)
	p.optionalID("space", r.Space)
	if r.Org != "" && r.Space != "" {
		p.say("space", msgWho)
	}
	p.object("text", r.Text)
}

func (r Acceptance) check(p *problems) {
	p.id("person", r.Person)
	p.id("receipt", r.Receipt)
	p.line("title", r.Title)
	p.line("hash", r.Hash)
	p.object("text", r.Text)
	p.optionalTime("at", r.At)
}

// normalGuideline is a record of this file with its times as they are kept.
func normalGuideline(r Record) Record {
	if v, ok := r.(Acceptance); ok {
		v.At = engawa.Micro(v.At)
		return v
	}
	return normalSearching(r)
}

// decodeGuideline decodes the records of this file; false for another type.
func decodeGuideline(of string, line []byte) (Record, bool, error) {
	switch of {
	case Guideline{}.Type():
		return decoded[Guideline](line)
	case Acceptance{}.Type():
		return decoded[Acceptance](line)
	}
	return decodeSearching(of, line)
}
