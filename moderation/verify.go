package moderation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

var mention = regexp.MustCompile(`<@[^<>]*>`)

// unnamed is a text without the persons in it, who may be forgotten later: digests go over what stays.
func unnamed(text string) string { return mention.ReplaceAllString(text, "<@>") }

// VerifyRecords compares what is kept with what the trail says of it: that each report, piece of evidence, ruling, appeal,
// strike, judgement and policy that the trail tells of is there and digests to what it did, and that a case stands as its
// last entry and its last ruling leave it. It wants the trail itself verified ([Service.VerifyAudit]) and its consumer caught
// up. Whom a reason mentions, and the strikes of somebody who was forgotten, it cannot tell. Stewards may call it.
func (s *Service) VerifyRecords(ctx context.Context, by engawa.Actor) error {
	const name = "moderation.VerifyRecords"
	files, tested := map[string]*file{}, map[string]Entry{}
	for e, err := range s.Audit(ctx, by) {
		if err != nil {
			return engawa.Wrap(name, err)
		}
		if e.Verb == event.PolicyTested {
			tested[e.Subject] = e // only the last report is kept
			continue
		}
		f := files[e.Subject]
		if f == nil {
			if f, err = s.file(ctx, by.Tenant, e.Subject); err != nil {
				return engawa.Wrap(name, err)
			}
			files[e.Subject] = f
		}
		if !f.has(e) {
			return engawa.Wrap(name, differs("entry %d, %s of %s, is about something that is not as it was", e.N, e.Verb, e.Subject))
		}
		f.follow(e)
	}
	for subject, f := range files {
		if !f.stands() {
			return engawa.Wrap(name, differs("%s is not in the state in which entry %d has left it", subject, f.last.N))
		}
	}
	for subject, e := range tested {
		p, err := s.storedPolicy(ctx, s.store, by.Tenant, strings.TrimPrefix(subject, KindPolicy+":"))
		if err != nil {
			return engawa.Wrap(name, err)
		}
		if p.Test == nil || payload(event.Filed{Digest: digest(*p.Test)}) != e.Digest {
			return engawa.Wrap(name, differs("the back-test of %s is not the one of entry %d", subject, e.N))
		}
	}
	return nil
}

func differs(format string, args ...any) error {
	return &engawa.Error{Kind: engawa.Conflict, Message: msgRecords.With(fmt.Sprintf(format, args...))}
}

// payload is what an entry holds of an event that carried this.
func payload(p event.Payload) string {
	b, err := json.Marshal(p)
	if err != nil {
		panic("moderation: " + err.Error()) // numbers and texts only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// file is what is kept about the subject of entries, as the entries would hold it.
type file struct {
	holds   map[event.Verb]map[string]bool
	c       Case
	rulings []Ruling
	// state is that after the last entry which changed it.
	state State
	last  Entry
}

// digested are the verbs whose entries hold a digest of something that is kept.
var digested = map[event.Verb]bool{
	event.ReportFiled: true, event.CaseOpened: true, event.CaseDecided: true, event.CaseAppealed: true, event.SanctionGiven: true,
	event.DraftJudged: true, event.PolicyDrafted: true,
}

func (f *file) put(verb event.Verb, sum string) {
	if f.holds[verb] == nil {
		f.holds[verb] = map[string]bool{}
	}
	f.holds[verb][sum] = true
}

func (f *file) has(e Entry) bool {
	if !digested[e.Verb] || e.Verb == event.SanctionGiven && f.c.Author == "" {
		return true
	}
	return f.holds[e.Verb][e.Digest]
}

// follow notes how an entry leaves a case.
func (f *file) follow(e Entry) {
	switch e.Verb {
	case event.CaseOpened, event.CaseReturned, event.CaseReferred, event.CaseAppealed:
		f.state, f.last = Waiting, e
	case event.CaseClaimed:
		f.state, f.last = Claimed, e
	case event.ReportFiled:
		if f.state == Claimed { // whoever has it may be the one who reports
			f.state, f.last = f.c.State, e
		}
	case event.CaseDecided:
		f.state, f.last = Ruled, e
	}
}

// stands reports whether a case is as its last entry and its last ruling leave it.
func (f *file) stands() bool {
	if f.state == "" {
		return true
	}
	if f.c.State != f.state {
		return false
	}
	if f.state != Ruled {
		return true
	}
	if len(f.rulings) == 0 {
		return false
	}
	last := f.rulings[len(f.rulings)-1]
	return f.c.Last == last.Action && f.c.Round == last.Round && f.c.RuledAt.Equal(last.At)
}

// file reads everything about a subject.
func (s *Service) file(ctx context.Context, tenant engawa.TenantID, subject string) (*file, error) {
	f := &file{holds: map[event.Verb]map[string]bool{}}
	kind, id, _ := strings.Cut(subject, ":")
	switch kind {
	case KindPolicy:
		p, err := s.store.PolicyByHash(ctx, tenant, id)
		if err != nil {
			return nil, err
		}
		if loaded, err := Load(p.File, p.Source); err == nil && loaded.Hash() == id {
			f.put(event.PolicyDrafted, none)
		}
		return f, nil
	case KindCase:
		number, err := engawa.ParseID(id)
		if err != nil {
			return f, nil
		}
		return f, s.caseFile(ctx, tenant, number, f)
	}
	records, err := s.store.Records(ctx, tenant, engawa.Ref{Kind: kind, ID: id})
	for _, r := range records {
		f.put(event.DraftJudged, payload(r.judged()))
	}
	return f, err
}

// none is the digest of no payload.
var none = hex.EncodeToString(func() []byte { sum := sha256.Sum256(nil); return sum[:] }())

func (s *Service) caseFile(ctx context.Context, tenant engawa.TenantID, id engawa.ID, f *file) (err error) {
	if f.c, err = s.store.CaseByID(ctx, tenant, id); err != nil {
		return err
	}
	evidence, err := s.store.Evidence(ctx, tenant, id)
	if err != nil {
		return err
	}
	reports, err := s.store.Reports(ctx, tenant, id)
	if err != nil {
		return err
	}
	for _, e := range evidence {
		f.put(event.CaseOpened, payload(e.filed()))
		for _, r := range reports { // which of them it was about is known by the digest alone
			f.put(event.ReportFiled, payload(r.filed(e)))
		}
	}
	if f.rulings, err = s.store.Rulings(ctx, tenant, id); err != nil {
		return err
	}
	for _, r := range f.rulings {
		f.put(event.CaseDecided, payload(r.decided()))
	}
	appeals, err := s.store.Appeals(ctx, tenant, id)
	if err != nil {
		return err
	}
	for _, a := range appeals {
		f.put(event.CaseAppealed, payload(a.filed()))
	}
	if f.c.Author == "" {
		return nil
	}
	strikes, err := s.store.Sanctions(ctx, tenant, f.c.Author)
	for _, x := range strikes {
		if x.Case == id {
			f.put(event.SanctionGiven, payload(x.filed()))
		}
	}
	return err
}
