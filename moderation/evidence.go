package moderation

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Evidence is what a target was when it was reported or held. It stays when the target is edited or deleted.
type Evidence struct {
	ID, Case engawa.ID
	// Text may hold persons as <@id>.
	Text string
	// Digest is the SHA-256 of the text with persons as they are numbered in the storage, so that it can be checked
	// after somebody was forgotten. The storage computes it whenever it reads; the audit trail holds what it was.
	Digest string
	At     time.Time
}

func (e Evidence) filed() event.Filed { return event.Filed{Row: e.ID, Digest: e.Digest} }

// MaxEvidence is how many snapshots a case keeps: the first ones and each that was reported.
const MaxEvidence = 50

// snap keeps what the target is now, unless the case has it already, and reports whether the text is new.
func (s *Service) snap(ctx context.Context, st Store, tenant engawa.TenantID, c *Case, text string) (kept Evidence, fresh bool, err error) {
	seen, err := st.Evidence(ctx, tenant, c.ID)
	if err != nil {
		return kept, false, err
	}
	for _, e := range seen {
		if e.Text == text {
			return e, false, nil
		}
	}
	if len(seen) >= MaxEvidence {
		return kept, false, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(seen)+1, MaxEvidence)}
	}
	err = s.fresh(func(id engawa.ID) error {
		return st.InsertEvidence(ctx, tenant, Evidence{ID: id, Case: c.ID, Text: text, At: s.now()})
	})
	if err != nil {
		return kept, false, err
	}
	if seen, err = st.Evidence(ctx, tenant, c.ID); err != nil {
		return kept, false, err
	}
	for _, e := range seen {
		if e.Text == text {
			kept = e
		}
	}
	return kept, true, nil
}
