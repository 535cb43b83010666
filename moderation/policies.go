package moderation

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// KindPolicy is the kind of refs to policies; their ids are hashes.
const KindPolicy = "policy"

// StoredPolicy is a policy of a tenant's with how far it has come.
type StoredPolicy struct {
	Hash, Name string
	Version    int
	File       string
	// Source is the file; empty in lists.
	Source []byte
	Stage  Stage
	By     engawa.PersonID
	At     time.Time
	// Test is its back-test, if there was one. That of another text has another hash and is not this one's.
	Test *TestReport
}

// Ref points at the policy.
func (p StoredPolicy) Ref() engawa.Ref { return engawa.Ref{Kind: KindPolicy, ID: p.Hash} }

// DraftPolicy loads a policy and keeps it as a draft, which decides nothing yet. One that does not load is refused, with
// file, line and column, and whatever runs goes on.
func (s *Service) DraftPolicy(ctx context.Context, by engawa.Actor, file string, source []byte) (p *Policy, err error) {
	ctx, o, err := s.begin(ctx, "moderation.DraftPolicy", by, stewards)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if err := engawa.CheckText("file", file, engawa.Line(200)); err != nil {
		return nil, err
	}
	p, err = Load(file, source)
	if err != nil {
		return nil, &engawa.Error{Kind: engawa.Invalid, Subject: file, Message: msgPolicy, Err: err}
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		stored := StoredPolicy{Hash: p.Hash(), Name: p.Name, Version: p.Version, File: file, Source: source, Stage: Drafted, By: by.Person, At: s.now()}
		if err := st.InsertPolicy(ctx, by.Tenant, stored); err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, event.PolicyDrafted, stored.Ref(), s.now().UnixMicro()))
	})
	return p, err
}

// Policies are the tenant's policies, newest first, without their sources. Everybody may know by which rules they are
// judged.
func (s *Service) Policies(ctx context.Context, by engawa.Actor) (all []StoredPolicy, err error) {
	ctx, o, err := s.begin(ctx, "moderation.Policies", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	return s.store.Policies(ctx, by.Tenant)
}

// PolicySource is the file of one policy.
func (s *Service) PolicySource(ctx context.Context, by engawa.Actor, hash string) (p StoredPolicy, err error) {
	ctx, o, err := s.begin(ctx, "moderation.PolicySource", by, anybody)
	defer o.done(&err)
	if err != nil {
		return p, err
	}
	return s.storedPolicy(ctx, s.store, by.Tenant, hash)
}

func (s *Service) storedPolicy(ctx context.Context, st Store, tenant engawa.TenantID, hash string) (StoredPolicy, error) {
	p, err := st.PolicyByHash(ctx, tenant, hash)
	if err == nil && p.Hash == "" {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: KindPolicy + " " + hash, Message: msgNotFound}
	}
	return p, err
}

// policy is a policy by its hash, loaded: a stored one, or the fallback.
func (s *Service) policy(ctx context.Context, st Store, tenant engawa.TenantID, hash string) (*Policy, error) {
	if f := s.cfg.Fallback; f != nil && f.Hash() == hash {
		return f, nil
	}
	// What another tenant has loaded is the same text; that this one may use it is asked of the storage by the caller.
	if p, err := s.policies.get(hash, "", nil); p != nil || err != nil {
		return p, err
	}
	stored, err := s.storedPolicy(ctx, st, tenant, hash)
	if err != nil {
		return nil, err
	}
	return s.policies.get(hash, stored.File, stored.Source)
}

// Backtest runs a stored policy over a history beside the one that is live, and keeps the report: going live needs it.
func (s *Service) Backtest(ctx context.Context, by engawa.Actor, hash string, history iter.Seq2[Post, error]) (report TestReport, err error) {
	ctx, o, err := s.begin(ctx, "moderation.Backtest", by, stewards)
	defer o.done(&err)
	if err != nil {
		return report, err
	}
	if _, err := s.storedPolicy(ctx, s.store, by.Tenant, hash); err != nil {
		return report, err
	}
	p, err := s.policy(ctx, s.store, by.Tenant, hash)
	if err != nil {
		return report, err
	}
	live, _, err := s.running(ctx, s.store, by.Tenant)
	if err != nil {
		return report, err
	}
	x := p.Extractor()
	if s.cfg.Scorer != nil {
		x.Scorer = s.cfg.Scorer
	}
	if report, err = Backtest(live, p, history, BacktestOptions{Extractor: x}); err != nil {
		return report, err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if err := st.PutTest(ctx, by.Tenant, hash, report); err != nil {
			return err
		}
		told := s.tell(by, event.PolicyTested, engawa.Ref{Kind: KindPolicy, ID: hash}, s.now().UnixMicro())
		return st.Append(ctx, told.With(event.Filed{Digest: digest(report)}))
	})
	return report, err
}

// ShadowPolicy lets a policy decide beside the live one; nobody sees what it says but those who look at its figures.
func (s *Service) ShadowPolicy(ctx context.Context, by engawa.Actor, hash string) error {
	return s.advance(ctx, "moderation.ShadowPolicy", by, hash, Shadow)
}

// EnablePolicy lets a policy that is in shadow decide, in the place of the one that does. It takes a back-test of exactly
// this policy within its budget: see [Promote].
func (s *Service) EnablePolicy(ctx context.Context, by engawa.Actor, hash string) error {
	return s.advance(ctx, "moderation.EnablePolicy", by, hash, Live)
}

// RetirePolicy makes a policy a draft again: it decides nothing any more.
func (s *Service) RetirePolicy(ctx context.Context, by engawa.Actor, hash string) error {
	return s.advance(ctx, "moderation.RetirePolicy", by, hash, Drafted)
}

var stageVerbs = map[Stage]event.Verb{Drafted: event.PolicyRetired, Shadow: event.PolicyShadowed, Live: event.PolicyEnabled}

func (s *Service) advance(ctx context.Context, name string, by engawa.Actor, hash string, to Stage) (err error) {
	ctx, o, err := s.begin(ctx, name, by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if _, err := s.storedPolicy(ctx, s.store, by.Tenant, hash); err != nil {
		return err
	}
	p, err := s.policy(ctx, s.store, by.Tenant, hash)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		all, err := st.LockPolicies(ctx, by.Tenant)
		if err != nil {
			return err
		}
		var tell []event.Event
		put := func(hash string, stage Stage, verb event.Verb) error {
			tell = append(tell, s.tell(by, verb, engawa.Ref{Kind: KindPolicy, ID: hash}, s.now().UnixMicro()))
			return st.PutStage(ctx, by.Tenant, hash, stage, by.Person, s.now())
		}
		for _, stored := range all {
			switch {
			case stored.Hash == hash && stored.Stage == to:
				return nil
			case stored.Hash == hash && to != Drafted:
				next, err := Promote(p, stored.Stage, stored.Test)
				if err == nil && next != to {
					err = errors.New("put it in shadow first")
				}
				if err != nil {
					return &engawa.Error{Kind: engawa.Conflict, Subject: KindPolicy + " " + hash, Message: msgStage.With(stored.Stage), Err: err}
				}
			case stored.Hash != hash && stored.Stage == to && to != Drafted: // there is one live and one in shadow
				if err := put(stored.Hash, Drafted, event.PolicyRetired); err != nil {
					return err
				}
			}
		}
		if err := put(hash, to, stageVerbs[to]); err != nil {
			return err
		}
		return st.Append(ctx, tell...)
	})
}

// running are the policies of a tenant: the one that decides (nil for none) and the one in shadow.
func (s *Service) running(ctx context.Context, st Store, tenant engawa.TenantID) (live, shadow *Policy, err error) {
	all, err := st.Policies(ctx, tenant)
	if err != nil {
		return nil, nil, err
	}
	for _, stored := range all {
		switch stored.Stage {
		case Live:
			live, err = s.policy(ctx, st, tenant, stored.Hash)
		case Shadow:
			shadow, err = s.policy(ctx, st, tenant, stored.Hash)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if live == nil {
		live = s.cfg.Fallback
	}
	return live, shadow, nil
}

// brakeDays is over how many days the brake looks.
const brakeDays = 7

func dayOf(t time.Time) int64 { return t.Unix() / 86400 }

// CheckBrakes puts live policies that flag too much, or whose decisions people overturn too often, back into shadow: a
// chore. It goes by the last week.
func (s *Service) CheckBrakes(ctx context.Context) (err error) {
	const name = "moderation.CheckBrakes"
	tenants, err := s.store.Tenants(ctx)
	if err != nil {
		return engawa.Wrap(name, err)
	}
	for _, tenant := range tenants {
		all, err := s.store.Policies(ctx, tenant)
		if err != nil {
			return engawa.Wrap(name, err)
		}
		for _, p := range all {
			if p.Stage != Live {
				continue
			}
			t, err := s.store.Tally(ctx, tenant, p.Hash, dayOf(s.now())-brakeDays)
			if err != nil {
				return engawa.Wrap(name, err)
			}
			if _, pull := s.cfg.Brake.Pull(t.Flagged, t.Posts, t.Overturned, t.Reviewed); !pull {
				continue
			}
			err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
				all, err := st.LockPolicies(ctx, tenant)
				if err != nil {
					return err
				}
				for _, now := range all {
					switch {
					case now.Hash == p.Hash && now.Stage != Live:
						return nil
					case now.Stage == Shadow:
						if err := st.PutStage(ctx, tenant, now.Hash, Drafted, "", s.now()); err != nil {
							return err
						}
					}
				}
				if err := st.PutStage(ctx, tenant, p.Hash, Shadow, "", s.now()); err != nil {
					return err
				}
				return st.Append(ctx, s.tell(engawa.System(tenant), event.PolicyBraked, p.Ref(), s.now().UnixMicro()))
			})
			if err != nil {
				return engawa.Wrap(name, err)
			}
		}
	}
	return nil
}

// PolicyTally is what a policy has seen and done in the last days, for those who decide about it.
func (s *Service) PolicyTally(ctx context.Context, by engawa.Actor, hash string, days int) (t Tally, err error) {
	ctx, o, err := s.begin(ctx, "moderation.PolicyTally", by, stewards)
	defer o.done(&err)
	if err != nil {
		return t, err
	}
	return s.store.Tally(ctx, by.Tenant, hash, dayOf(s.now())-int64(days))
}
