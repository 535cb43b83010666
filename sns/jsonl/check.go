package jsonl

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
)

// The greatest lengths in bytes, and numbers, of what a record holds.
const (
	MaxName        = 200
	MaxText        = 4000
	MaxBody        = 512 << 10
	MaxAccess      = 5000
	MaxHosts       = 500
	MaxAttachments = 100
)

// Check refuses a record that a line cannot hold: an *[engawa.Error] of kind Invalid, or TooLarge, with all fields that
// are wrong. It does not know other records, so it checks no reference.
func Check(r Record) error {
	p := &problems{}
	r.check(p)
	if len(p.fields) == 0 {
		return nil
	}
	return &engawa.Error{Kind: p.kind, Subject: r.Type(), Fields: p.fields}
}

type problems struct {
	kind   engawa.Kind
	fields []engawa.Field
}

func (p *problems) add(err error) {
	if err == nil {
		return
	}
	e := err.(*engawa.Error)
	if p.kind != engawa.TooLarge {
		p.kind = e.Kind
	}
	p.fields = append(p.fields, e.Fields...)
}

func (p *problems) say(field string, m engawa.Message) {
	p.add(&engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: m}}})
}

func (p *problems) most(field string, n, limit int) {
	if n > limit {
		p.add(&engawa.Error{Kind: engawa.TooLarge, Fields: []engawa.Field{{Name: field, Message: msgMany.With(n, limit)}}})
	}
}

func (p *problems) id(field, s string) { p.add(engawa.CheckHostID(field, s)) }

func (p *problems) optionalID(field, s string) {
	if s != "" {
		p.id(field, s)
	}
}

func (p *problems) line(field, s string) { p.add(engawa.CheckText(field, s, engawa.Line(MaxName))) }

func (p *problems) text(field, s string, limit int) {
	p.add(engawa.CheckText(field, s, engawa.Lines(limit)))
}

// choice lets the empty string pass.
func (p *problems) choice(field, s string, of ...string) {
	if s == "" {
		return
	}
	for _, c := range of {
		if s == c {
			return
		}
	}
	p.say(field, msgChoice.With(strings.Join(of, ", ")))
}

func (p *problems) optionalTime(field string, t time.Time) {
	if !t.IsZero() {
		p.add(engawa.CheckTime(field, t))
	}
}

func (p *problems) attachments(as []Attachment) {
	p.most("attachments", len(as), MaxAttachments)
	for i, a := range as {
		at := fmt.Sprintf("attachments[%d].", i)
		p.id(at+"ref", a.Ref)
		p.line(at+"name", a.Name)
		p.line(at+"media_type", a.MediaType)
		if a.Size < 0 {
			p.say(at+"size", msgNegative)
		}
	}
}

func (v Version) check(p *problems) {
	if v.Version < 1 || v.Version > CurrentVersion {
		p.say("version", msgVersion.With(v.Version, CurrentVersion))
		return
	}
	p.id("source", v.Source)
	p.line("generator", v.Generator)
}

func (r Person) check(p *problems) {
	p.id("id", r.ID)
	p.line("display", r.Display)
	p.line("reading", r.Reading)
}

func (s Space) check(p *problems) {
	p.id("id", s.ID)
	p.line("name", s.Name)
	if s.Name == "" {
		p.say("name", msgEmpty)
	}
	p.text("why", s.Why, MaxText)
	p.text("for", s.For, MaxText)
	p.text("not_for", s.NotFor, MaxText)
	p.choice("join", s.Join, JoinAuto, JoinOpen, JoinInvite)
	p.choice("posts", s.Posts, "readers", "members", "hosts")
	p.most("access", len(s.Access), MaxAccess)
	for i, a := range s.Access {
		a.check(p, fmt.Sprintf("access[%d].", i))
	}
	p.most("hosts", len(s.Hosts), MaxHosts)
	for i, h := range s.Hosts {
		p.id(fmt.Sprintf("hosts[%d]", i), h)
	}
	p.optionalTime("created_at", s.CreatedAt)
	p.optionalID("created_by", s.CreatedBy)
}

func (a Access) check(p *problems, at string) {
	switch a.Kind {
	case AccessEveryone:
		if a.Value != "" {
			p.say(at+"value", msgNoValue)
		}
	case AccessRank:
		if n, err := strconv.Atoi(a.Value); err != nil || n < 0 {
			p.say(at+"value", msgRank)
		}
	default:
		if a.Kind == "" {
			p.say(at+"kind", msgEmpty)
		}
		p.choice(at+"kind", a.Kind, AccessEveryone, AccessOrg, AccessOrgBelow, AccessRank, AccessRole, AccessPerson)
		if a.Kind != AccessPerson || a.Value != "" {
			p.id(at+"value", a.Value)
		}
	}
}

func (p *problems) retracted(r *Retracted) {
	if r == nil {
		return
	}
	p.optionalID("retracted.by", r.By)
	p.add(engawa.CheckTime("retracted.at", r.At))
	p.text("retracted.why", r.Why, MaxText)
}

func (f Follow) check(p *problems) {
	p.id("person", f.Person)
	p.id("followed", f.Followed)
	p.optionalTime("at", f.At)
}

func (m Member) check(p *problems) {
	p.id("space", m.Space)
	p.id("person", m.Person)
	p.optionalTime("at", m.At)
}

func (r Post) check(p *problems) {
	p.id("id", r.ID)
	p.id("space", r.Space)
	p.optionalID("author", r.Author)
	p.line("kind", r.Kind)
	p.text("body", r.Body, MaxBody)
	p.add(engawa.CheckTime("published_at", r.PublishedAt))
	p.optionalTime("edited_at", r.EditedAt)
	p.optionalTime("expires_at", r.ExpiresAt)
	if len(r.Details) > 0 {
		p.object("details", r.Details)
	}
	p.attachments(r.Attachments)
	p.retracted(r.Retracted)
}

func (c Comment) check(p *problems) {
	p.id("id", c.ID)
	p.id("space", c.Space)
	p.id("post", c.Post)
	p.optionalID("parent", c.Parent)
	p.optionalID("author", c.Author)
	p.text("body", c.Body, MaxBody)
	p.add(engawa.CheckTime("published_at", c.PublishedAt))
	p.optionalTime("edited_at", c.EditedAt)
	p.attachments(c.Attachments)
	p.retracted(c.Retracted)
}

// target wants "kind:id" of a post, a comment or an object of the host's.
func (p *problems) target(s string) {
	kind, id, ok := strings.Cut(s, ":")
	switch kind {
	case engawa.KindSpace, engawa.KindPending, engawa.KindPerson, engawa.KindTenant:
		ok = false
	}
	if !ok || engawa.CheckHostID("target", kind) != nil {
		p.say("target", msgTarget)
		return
	}
	p.id("target", id)
}

func (k Kind) check(p *problems) {
	p.id("name", k.Name)
	p.line("ja", k.JA)
	p.line("en", k.EN)
	p.line("emoji", k.Emoji)
	if k.Image != nil {
		p.text("image.ref", k.Image.Ref, MaxText)
		p.line("image.media_type", k.Image.MediaType)
	}
	p.choice("score", k.Score, "positive", "negative")
	p.optionalTime("retired", k.Retired)
}

func (t Thanks) check(p *problems) {
	p.id("id", t.ID)
	p.optionalID("from", t.From)
	p.most("to", len(t.To), MaxHosts)
	for i, s := range t.To {
		at := fmt.Sprintf("to[%d].", i)
		p.optionalID(at+"person", s.Person)
		if s.Points < 0 || s.Damped < 0 {
			p.say(at+"points", msgNegative)
		}
	}
	if t.Target != "" {
		p.target(t.Target)
	}
	p.text("message", t.Message, MaxText)
	p.optionalID("value", t.Value)
	p.add(engawa.CheckTime("at", t.At))
}

func (r Reaction) check(p *problems) {
	p.target(r.Target)
	p.id("reaction", r.Reaction)
	if (r.Person == "") == (r.Count == 0) {
		p.say("person", msgWho)
	}
	p.optionalID("person", r.Person)
	if r.Count < 0 {
		p.say("count", msgNegative)
	}
	p.optionalTime("at", r.At)
}
