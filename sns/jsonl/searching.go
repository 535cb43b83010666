package jsonl

import (
	"regexp"
	"time"

	"github.com/engawa-sns/engawa"
)

// Synonyms are words that mean the same to a tenant's search: of whoever searches for one of From it also finds those of
// To, which is left out where all of From mean the same.
type Synonyms struct {
	From []string  `json:"from"`
	To   []string  `json:"to,omitempty"`
	By   string    `json:"by,omitempty"`
	At   time.Time `json:"at,omitzero"`
}

// Word is a word of a tenant's user dictionary.
type Word struct {
	Text    string    `json:"text"`
	Reading string    `json:"reading,omitempty"`
	By      string    `json:"by,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// SavedSearch is a query that somebody keeps.
type SavedSearch struct {
	Person string `json:"person"`
	Name   string `json:"name"`
	Query  string `json:"query"`
	// NotifySince is since when the person is told of what is new; zero where they are not.
	NotifySince time.Time `json:"notify_since,omitzero"`
	At          time.Time `json:"at,omitzero"`
}

// Gap is what somebody asked in vain in a month, such as "2026-04", or what they said answers what was asked in vain. Like
// [Report] it stands in the export of that one person and in no other, and is not taken in.
type Gap struct {
	Person string `json:"person"`
	// Text is how it was typed; empty where so few asked that it was never written down.
	Text  string `json:"text,omitempty"`
	Month string `json:"month,omitempty"`
	// Answer is what answers it, as "kind:id".
	Answer string    `json:"answer,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Type implements [Record].
func (Synonyms) Type() string { return "synonyms" }

// Type implements [Record].
func (Word) Type() string { return "word" }

// Type implements [Record].
func (SavedSearch) Type() string { return "saved_search" }

// Type implements [Record].
func (Gap) Type() string { return "gap" }

// maxSide is how many words one side of synonyms may have, maxQuery the greatest length of a query, in bytes.
const (
	maxSide  = 100
	maxQuery = 1000
)

func (r Synonyms) check(p *problems) {
	if len(r.From) == 0 {
		p.say("from", msgEmpty)
	}
	for field, words := range map[string][]string{"from": r.From, "to": r.To} {
		p.most(field, len(words), maxSide)
		for _, w := range words {
			p.line(field, w)
		}
	}
	p.optionalID("by", r.By)
	p.optionalTime("at", r.At)
}

func (r Word) check(p *problems) {
	p.required("text", r.Text)
	p.add(engawa.CheckText("reading", r.Reading, engawa.Line(maxQuery)))
	p.optionalID("by", r.By)
	p.optionalTime("at", r.At)
}

func (r SavedSearch) check(p *problems) {
	p.id("person", r.Person)
	p.required("name", r.Name)
	p.required("query", r.Query)
	p.optionalTime("notify_since", r.NotifySince)
	p.optionalTime("at", r.At)
}

var month = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)

func (r Gap) check(p *problems) {
	p.id("person", r.Person)
	p.line("text", r.Text)
	if r.Month != "" && !month.MatchString(r.Month) {
		p.say("month", msgMonth)
	}
	if (r.Month == "") == (r.Answer == "") {
		p.say("month", msgOneOf)
	}
	p.add(engawa.CheckText("answer", r.Answer, engawa.Line(2*engawa.MaxHostID+1)))
	p.optionalTime("at", r.At)
}

var msgMonth = engawa.Message{Code: "jsonl.month", EN: "must be a month such as 2026-04", JA: "2026-04のように月を指定してください"}

// required is a line that is not empty.
func (p *problems) required(field, s string) {
	if s == "" {
		p.say(field, msgEmpty)
	}
	p.add(engawa.CheckText(field, s, engawa.Line(maxQuery)))
}

// normalSearching is a record of this file with its times as they are kept.
func normalSearching(r Record) Record {
	switch v := r.(type) {
	case Synonyms:
		v.At = engawa.Micro(v.At)
		return v
	case Word:
		v.At = engawa.Micro(v.At)
		return v
	case SavedSearch:
		v.NotifySince, v.At = engawa.Micro(v.NotifySince), engawa.Micro(v.At)
		return v
	case Gap:
		v.At = engawa.Micro(v.At)
		return v
	}
	return r
}

// decodeSearching decodes the records of this file; false for another type.
func decodeSearching(of string, line []byte) (Record, bool, error) {
	switch of {
	case Synonyms{}.Type():
		return decoded[Synonyms](line)
	case Word{}.Type():
		return decoded[Word](line)
	case SavedSearch{}.Type():
		return decoded[SavedSearch](line)
	case Gap{}.Type():
		return decoded[Gap](line)
	}
	return nil, false, nil
}
