package jsonl

import (
	"time"

	"github.com/engawa-sns/engawa"
)

// Learning is a course that somebody takes or has taken. Like [Report] it stands in the export of that one person and in
// no other, and is not taken in; so do [Seat] and [Offer].
type Learning struct {
	Person string    `json:"person"`
	Course string    `json:"course"`
	Round  int       `json:"round"`
	At     time.Time `json:"at"`
	// Steps are those that are done in this round.
	Steps []string `json:"steps,omitempty"`
	// Completed is when each round was completed.
	Completed []time.Time `json:"completed,omitempty"`
}

// Seat is somebody's seat in a session of a course, on a day such as "2026-04-01".
type Seat struct {
	Person   string    `json:"person"`
	Session  string    `json:"session"`
	Day      string    `json:"day"`
	Waiting  bool      `json:"waiting,omitempty"`
	At       time.Time `json:"at"`
	Attended time.Time `json:"attended,omitzero"`
}

// Offer is a follow-up or a refresher that somebody was offered.
type Offer struct {
	Person   string    `json:"person"`
	Kind     string    `json:"kind"`
	Clause   string    `json:"clause,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	At       time.Time `json:"at"`
	Answered time.Time `json:"answered,omitzero"`
	Take     string    `json:"take,omitempty"`
	Score    int       `json:"score,omitempty"`
	Note     string    `json:"note,omitempty"`
}

// Type implements [Record].
func (Learning) Type() string { return "learning" }

// Type implements [Record].
func (Seat) Type() string { return "seat" }

// Type implements [Record].
func (Offer) Type() string { return "offer" }

// maxSteps is how many steps or rounds a record holds.
const maxSteps = 1000

func (r Learning) check(p *problems) {
	p.id("person", r.Person)
	p.line("course", r.Course)
	p.most("steps", len(r.Steps), maxSteps)
	p.most("completed", len(r.Completed), maxSteps)
	for _, s := range r.Steps {
		p.line("steps", s)
	}
	for _, t := range append([]time.Time{r.At}, r.Completed...) {
		p.optionalTime("at", t)
	}
}

func (r Seat) check(p *problems) {
	p.id("person", r.Person)
	p.id("session", r.Session)
	p.line("day", r.Day)
	p.optionalTime("at", r.At)
	p.optionalTime("attended", r.Attended)
}

func (r Offer) check(p *problems) {
	p.id("person", r.Person)
	for field, s := range map[string]string{"kind": r.Kind, "clause": r.Clause, "reason": r.Reason, "take": r.Take} {
		p.line(field, s)
	}
	p.text("note", r.Note, MaxText)
	p.optionalTime("at", r.At)
	p.optionalTime("answered", r.Answered)
}

// normalTraining is a record of this file with its times as they are kept.
func normalTraining(r Record) Record {
	switch v := r.(type) {
	case Learning:
		v.At = engawa.Micro(v.At)
		for i, t := range v.Completed {
			v.Completed[i] = engawa.Micro(t)
		}
		return v
	case Seat:
		v.At, v.Attended = engawa.Micro(v.At), engawa.Micro(v.Attended)
		return v
	case Offer:
		v.At, v.Answered = engawa.Micro(v.At), engawa.Micro(v.Answered)
		return v
	}
	return normalModeration(r)
}

// decodeTraining decodes the records of this file; false for another type.
func decodeTraining(of string, line []byte) (Record, bool, error) {
	switch of {
	case Learning{}.Type():
		return decoded[Learning](line)
	case Seat{}.Type():
		return decoded[Seat](line)
	case Offer{}.Type():
		return decoded[Offer](line)
	}
	return decodeModeration(of, line)
}
