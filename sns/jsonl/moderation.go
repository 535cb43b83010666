package jsonl

import (
	"time"

	"github.com/engawa-sns/engawa"
)

// Policy is a policy of moderation, as the file that it was loaded from. It comes in as a draft: going live takes a
// back-test where it is to decide.
type Policy struct {
	File   string `json:"file"`
	Source string `json:"source"`
}

// Report is somebody's own report to the desk. It stands in the export of that one person and in no other, and is not
// taken in.
type Report struct {
	Person string    `json:"person"`
	Target string    `json:"target"`
	Clause string    `json:"clause"`
	Why    string    `json:"why,omitempty"`
	At     time.Time `json:"at"`
}

// Strike is a strike that somebody got from the desk, as [Report] in the export of that one person alone.
type Strike struct {
	Person string    `json:"person"`
	Grade  int       `json:"grade"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
	Lifted time.Time `json:"lifted,omitzero"`
}

// Type implements [Record].
func (Policy) Type() string { return "policy" }

// Type implements [Record].
func (Report) Type() string { return "report" }

// Type implements [Record].
func (Strike) Type() string { return "strike" }

// maxSource is the greatest length of a policy, in bytes.
const maxSource = 256 << 10

func (r Policy) check(p *problems) {
	p.line("file", r.File)
	p.text("source", r.Source, maxSource)
}

func (r Report) check(p *problems) {
	p.id("person", r.Person)
	p.add(engawa.CheckText("target", r.Target, engawa.Line(2*engawa.MaxHostID+1)))
	p.add(engawa.CheckText("clause", r.Clause, engawa.Line(1000)))
	p.text("why", r.Why, maxSource)
	p.optionalTime("at", r.At)
}

func (r Strike) check(p *problems) {
	p.id("person", r.Person)
	for _, t := range []time.Time{r.At, r.Until, r.Lifted} {
		p.optionalTime("at", t)
	}
}

// normalModeration is a record of this file with its times as they are kept.
func normalModeration(r Record) Record {
	switch v := r.(type) {
	case Report:
		v.At = engawa.Micro(v.At)
		return v
	case Strike:
		v.At, v.Until, v.Lifted = engawa.Micro(v.At), engawa.Micro(v.Until), engawa.Micro(v.Lifted)
		return v
	}
	return r
}

// decodeModeration decodes the records of this file; false for another type.
func decodeModeration(of string, line []byte) (Record, bool, error) {
	switch of {
	case Policy{}.Type():
		return decoded[Policy](line)
	case Report{}.Type():
		return decoded[Report](line)
	case Strike{}.Type():
		return decoded[Strike](line)
	}
	return decodeGuideline(of, line)
}
