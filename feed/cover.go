package feed

import (
	"context"

	"github.com/engawa-sns/engawa"
)

// covers reports whether what a held edit would change goes out of sight.
func (v Verdict) covers() bool { return v.Action == Hold && v.Retract }

// cover retracts what a held edit would change, and returns its version then. Nothing else than the pending edit that did
// so starts from the version of a retracted entry: that tells [Service.uncover] whose retraction it is.
func (s *Service) cover(ctx context.Context, st Store, tenant engawa.TenantID, e entry) (int64, error) {
	place, err := st.SetRetracted(ctx, tenant, e.ref, e.version, &Mark{At: s.now(), Why: msgCovered.In(engawa.Japanese)})
	if err != nil {
		return 0, err
	}
	told := s.tellEntry(engawa.System(tenant), entryVerbs[e.ref.Kind].retracted, e.ref, e.version+1, place)
	return e.version + 1, st.Append(ctx, told)
}

// uncover brings back what an edit covers, and reports whether it did.
func (s *Service) uncover(ctx context.Context, st Store, tenant engawa.TenantID, p Pending) (bool, error) {
	e, err := s.entryFor(ctx, st, reader{Actor: engawa.System(tenant)}, p.Edits)
	if err != nil || e.retracted == nil || e.version != p.EditsVersion {
		return false, err
	}
	place, err := st.SetRetracted(ctx, tenant, e.ref, e.version, nil)
	if err != nil {
		return false, err
	}
	told := s.tellEntry(engawa.System(tenant), entryVerbs[e.ref.Kind].restored, e.ref, e.version+1, place)
	return true, st.Append(ctx, told)
}
