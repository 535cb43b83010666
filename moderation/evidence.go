package moderation

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
)

// Evidence is what a target was when it was reported or held. It stays when the target is edited or deleted.
type Evidence struct {
	ID, Case engawa.ID
	// Text may hold persons as <@id>.
	Text string
	// Digest is the SHA-256 of the text with persons as they are numbered in the storage, so that it can be checked
	// after somebody was forgotten. The storage sets it.
	Digest string
	At     time.Time
}

// MaxEvidence is how many snapshots a case keeps: the first ones and each that was reported.
const MaxEvidence = 50

// snap keeps what the target is now, unless the case has it already. It reports whether the text is new.
func (s *Service) snap(ctx context.Context, st Store, tenant engawa.TenantID, c *Case, text string) (bool, error) {
	seen, err := st.Evidence(ctx, tenant, c.ID)
	if err != nil {
		return false, err
	}
	for _, e := range seen {
		if e.Text == text {
			return false, nil
		}
	}
	if len(seen) >= MaxEvidence {
		return false, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(seen)+1, MaxEvidence)}
	}
	return true, s.fresh(func(id engawa.ID) error {
		return st.InsertEvidence(ctx, tenant, Evidence{ID: id, Case: c.ID, Text: text, At: s.now()})
	})
}
