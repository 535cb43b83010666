package guideline

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Publication (公開) makes a draft a version that changes no more.
type Publication struct {
	// Edition is that of the draft which is meant.
	Edition int64 `validate:"required"`
	// EffectiveAt is from when it is in effect (施行日). Defaults to now.
	EffectiveAt time.Time `validate:"reltime"`
	// Change says whether those who have accepted an earlier version are to accept this one.
	Change Weight `validate:"omitempty,oneof=material"`
	// Why tells people what changed, and stands in the change log.
	Why string `validate:"required,text=4000"`
}

// Weight is how much a version changes.
type Weight string

// Minor changes (軽微な修正) need no new acceptance, Material ones (重要な変更) do.
const (
	Minor    Weight = ""
	Material Weight = "material"
)

// Publish publishes the draft. Of two at the same moment one wins, and the other is a Conflict.
func (s *Service) Publish(ctx context.Context, by engawa.Actor, id engawa.ID, in Publication) (v Version, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Publish", by, anybody)
	defer o.done(&err)
	if err != nil {
		return v, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return v, err
	}
	if err := s.plain("Why", in.Why); err != nil {
		return v, err
	}
	if !in.EffectiveAt.IsZero() && in.EffectiveAt.Before(s.now()) {
		return v, invalid("EffectiveAt", msgPast)
	}
	err = s.editing(ctx, by, id, func(st Store, d *Document, now time.Time) (done, error) {
		h, there := d.draft()
		switch {
		case d.Ended != nil:
			return done{}, conflict(*d, msgEnded)
		case !there:
			return done{}, conflict(*d, msgNoDraft)
		case h.Edition != in.Edition:
			return done{}, conflict(*d, msgStale.With(h.Edition))
		}
		v, err = st.VersionByN(ctx, by.Tenant, id, h.N)
		if err != nil {
			return done{}, err
		}
		if len(v.Clauses) == 0 {
			return done{}, invalid("Clauses", msgNoClause)
		}
		v.PublishedAt, v.EffectiveAt, v.Why, v.By = now, now, in.Why, by.Person
		v.Material, v.Hash = in.Change == Material || h.N == 1, v.Digest()
		if !in.EffectiveAt.IsZero() && in.EffectiveAt.After(now) {
			v.EffectiveAt = engawa.Micro(in.EffectiveAt)
		}
		if h.N > 1 {
			if before, _ := d.head(h.N - 1); v.EffectiveAt.Before(before.EffectiveAt) {
				return done{}, invalid("EffectiveAt", msgBefore.With(before.EffectiveAt.Format(time.RFC3339)))
			}
		}
		if err := st.PutPublished(ctx, by.Tenant, v); err != nil {
			return done{}, err
		}
		return done{what: Published, n: v.N, material: v.Material, verb: event.VersionPublished, why: in.Why}, nil
	})
	if err != nil {
		return Version{}, err
	}
	return v, nil
}

// Retire (廃止) ends a document. What was accepted of it stays readable for those who did.
func (s *Service) Retire(ctx context.Context, by engawa.Actor, id engawa.ID, why string) (err error) {
	ctx, o, err := s.begin(ctx, "guideline.Retire", by, anybody)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.end(ctx, by, id, why, done{what: RetiredIt, verb: event.DocumentRetired, why: why}, nil)
}

// Supersede (置き換え) ends a document because another one takes its place.
func (s *Service) Supersede(ctx context.Context, by engawa.Actor, id, better engawa.ID, why string) (err error) {
	ctx, o, err := s.begin(ctx, "guideline.Supersede", by, anybody)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if id == better {
		return invalid("better", msgItself)
	}
	if _, _, err := s.documentFor(ctx, by, better); err != nil {
		return err
	}
	return s.end(ctx, by, id, why, done{what: SupersededIt, verb: event.DocumentSuperseded, why: why}, func(st Store, d *Document, now time.Time) error {
		for at, steps := better, 0; at != 0; steps++ {
			next, err := st.DocumentByID(ctx, by.Tenant, at)
			if err != nil {
				return err
			}
			if next.SupersededBy == id || steps > MaxDocuments {
				return invalid("better", msgCycle)
			}
			next.settle(now)
			switch {
			case at != better:
			case next.State() == Draft:
				return invalid("better", msgNotInEffect)
			case next.State() == Retired:
				return invalid("better", msgEnded)
			}
			at = next.SupersededBy
		}
		d.SupersededBy = better
		return nil
	})
}

func (s *Service) end(ctx context.Context, by engawa.Actor, id engawa.ID, why string, out done, also func(Store, *Document, time.Time) error) error {
	if why == "" {
		return invalid("why", msgBlank)
	}
	if err := engawa.CheckText("why", why, engawa.Lines(4000)); err != nil {
		return err
	}
	if err := s.plain("why", why); err != nil {
		return err
	}
	return s.editing(ctx, by, id, func(st Store, d *Document, now time.Time) (done, error) {
		if also != nil {
			if err := also(st, d, now); err != nil {
				return done{}, err
			}
		}
		if d.Ended != nil {
			return done{}, conflict(*d, msgEnded)
		}
		d.Ended = &Mark{By: by.Person, At: now, Why: why}
		return out, nil
	})
}
