package moderation

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Entry is one line of a tenant's audit trail (監査証跡). It holds digests and numbers, no text and no id of the host's, so
// it stays as it is when somebody is forgotten.
type Entry struct {
	// N counts from 1 without a gap.
	N  int64     `json:"n"`
	At time.Time `json:"at"`
	// Verb is what happened, Subject what to.
	Verb    event.Verb `json:"verb"`
	Subject string     `json:"subject"`
	// Actor is the number of who did it; 0 for the system and for those who are sealed.
	Actor int64 `json:"actor"`
	// Digest is the SHA-256 of what the event carried, in hexadecimal: the digest of what was written among it.
	Digest string `json:"digest"`
	// Prev is the hash of the entry before, 64 zeros for the first; Hash is the entry's own: see [Entry.Sum].
	Prev string `json:"prev"`
	Hash string `json:"hash"`
}

// Head is the end of a trail. Whoever keeps it elsewhere can tell later that nothing before it was changed or cut off.
type Head struct {
	N    int64  `json:"n"`
	Hash string `json:"hash"`
}

// genesis is what stands before the first entry.
var genesis = hex.EncodeToString(make([]byte, sha256.Size))

// Sum is what the entry's Hash must be: the SHA-256 of its line with an empty hash.
func (e Entry) Sum() string {
	e.Hash = ""
	sum := sha256.Sum256(e.line())
	return hex.EncodeToString(sum[:])
}

// line is the one form of an entry as JSON.
func (e Entry) line() []byte {
	b, err := json.Marshal(e)
	if err != nil {
		panic("moderation: " + err.Error()) // numbers and texts only
	}
	return b
}

// AuditVerbs are what the trail records.
func AuditVerbs() []event.Verb {
	return []event.Verb{
		event.ReportFiled, event.CaseOpened, event.CaseClaimed, event.CaseReturned, event.CaseReferred, event.CaseDecided, event.CaseAppealed,
		event.SanctionGiven, event.SanctionLifted, event.DeskChanged,
		event.PolicyDrafted, event.PolicyTested, event.PolicyShadowed, event.PolicyEnabled, event.PolicyRetired, event.PolicyBraked, event.DraftJudged,
	}
}

// AuditConsumer writes the trail: one consumer for all, under a lease, so that nobody who publishes waits for the head of
// a chain.
func (s *Service) AuditConsumer() event.Consumer {
	return event.Consumer{Name: "moderation.audit", Verbs: AuditVerbs(), Handle: s.chain}
}

// chain adds an event to the trail, once.
func (s *Service) chain(ctx context.Context, e event.Event) error {
	var head Head
	grew := false
	err := s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		grew = false
		last, known, err := st.LockAudit(ctx, e.Tenant, e.Seq)
		if err != nil || known {
			return err
		}
		actor, err := st.Number(ctx, e.Tenant, e.Actor)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(e.Payload)
		entry := Entry{
			N: last.N + 1, At: engawa.Micro(e.At), Verb: e.Verb, Subject: e.Subject.String(), Actor: actor,
			Digest: hex.EncodeToString(sum[:]), Prev: last.Hash,
		}
		if last.N == 0 {
			entry.Prev = genesis
		}
		entry.Hash = entry.Sum()
		head, grew = Head{entry.N, entry.Hash}, true
		return st.AppendAudit(ctx, e.Tenant, entry, e.Seq)
	})
	if err != nil || !grew || s.cfg.Witness == nil {
		return err
	}
	// The trail has grown whether the host could take the head or not; it gets the next one.
	if _, err := engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.cfg.Witness(ctx, e.Tenant, head)
	}); err != nil {
		s.cfg.Logger.WarnContext(ctx, "moderation: the head of the audit trail was not taken", "tenant", e.Tenant, "n", head.N, "error", err)
	}
	return nil
}

// Audit is a tenant's trail from the first entry. Stewards may read it.
func (s *Service) Audit(ctx context.Context, by engawa.Actor) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		ctx, o, err := s.begin(ctx, "moderation.Audit", by, stewards)
		defer o.done(&err)
		if err != nil {
			yield(Entry{}, engawa.Wrap(o.name, err))
			return
		}
		for after := int64(0); ; {
			var entries []Entry
			if entries, err = s.store.Audit(ctx, by.Tenant, after, MaxLimit); err != nil {
				yield(Entry{}, engawa.Wrap(o.name, err))
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
				after = e.N
			}
			if len(entries) < MaxLimit {
				return
			}
		}
	}
}

// WriteAudit writes a trail as JSON lines and returns its head. Examples/auditverify reads them.
func WriteAudit(w io.Writer, trail iter.Seq2[Entry, error]) (Head, error) {
	var head Head
	out := bufio.NewWriter(w)
	for e, err := range trail {
		if err != nil {
			return head, err
		}
		if _, err := out.Write(append(e.line(), '\n')); err != nil {
			return head, err
		}
		head = Head{e.N, e.Hash}
	}
	return head, out.Flush()
}

// ReadAudit reads what [WriteAudit] wrote, byte for byte: a line that holds anything else is an error that names it.
func ReadAudit(r io.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		in := bufio.NewReader(r)
		for n := 1; ; n++ {
			line, err := in.ReadBytes('\n')
			if err == io.EOF && len(line) == 0 {
				return
			}
			if err != nil {
				yield(Entry{}, tampered("line %d does not end as it was written", n))
				return
			}
			var e Entry
			if len(line) > maxLine || json.Unmarshal(line, &e) != nil || !bytes.Equal(append(e.line(), '\n'), line) {
				yield(Entry{}, tampered("line %d is not as it was written", n))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func tampered(format string, args ...any) error {
	return &engawa.Error{Kind: engawa.Conflict, Message: msgAudit.With(fmt.Sprintf(format, args...))}
}

// VerifyAudit goes through a trail and finds what was changed, taken out, put in or moved. A trail whose end was cut off,
// or that was written anew from some entry on with hashes that fit, is found by the heads that the host kept: each must
// stand where it stood. It returns the trail's own head.
func VerifyAudit(trail iter.Seq2[Entry, error], kept ...Head) (Head, error) {
	head := Head{Hash: genesis}
	var last time.Time
	kept = slices.SortedFunc(slices.Values(kept), func(a, b Head) int { return int(min(max(a.N-b.N, -1), 1)) })
	for len(kept) > 0 && kept[0].N <= 0 {
		kept = kept[1:]
	}
	for e, err := range trail {
		switch {
		case err != nil:
			return head, err
		case e.N != head.N+1:
			return head, tampered("entry %d follows entry %d", e.N, head.N)
		case e.Prev != head.Hash:
			return head, tampered("entry %d does not follow the one before it", e.N)
		case e.Sum() != e.Hash:
			return head, tampered("entry %d was changed", e.N)
		}
		head, last = Head{e.N, e.Hash}, e.At
		for ; len(kept) > 0 && kept[0].N == e.N; kept = kept[1:] {
			if kept[0].Hash != e.Hash {
				return head, tampered("entry %d is not the one whose head was kept: the trail was written anew", e.N)
			}
		}
	}
	if len(kept) > 0 {
		return head, tampered("it ends with entry %d of %s, and the head of entry %d was kept: its end was cut off", head.N, last.Format(time.DateOnly), kept[len(kept)-1].N)
	}
	return head, nil
}

// VerifyAudit verifies the tenant's trail as it stands in the storage.
func (s *Service) VerifyAudit(ctx context.Context, by engawa.Actor, kept ...Head) (Head, error) {
	return VerifyAudit(s.Audit(ctx, by), kept...)
}
