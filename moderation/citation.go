package moderation

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
)

// Citation is how reports used one clause of the guideline.
type Citation struct {
	// Clause is the clause as those who reported wrote it.
	Clause string
	// Reports cite it; Decided are those whose case is decided, and Upheld those of them in which the target was removed or
	// rejected.
	Reports, Decided, Upheld int
}

// Citations tells how often clauses were cited in reports since a time, and how the cases ended: which rule is never
// needed, and which is misunderstood. It names no case and nobody; but what people wrote as the clause may say much, so only
// [engawa.System] may ask, to count for the clauses that it knows.
func (s *Service) Citations(ctx context.Context, by engawa.Actor, since time.Time) (all []Citation, err error) {
	ctx, o, err := s.begin(ctx, "moderation.Citations", by, system)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	return s.store.Citations(ctx, by.Tenant, since)
}
