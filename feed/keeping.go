package feed

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Retention (保存期間) says for how long posts are kept, with their comments and all that belongs to them.
type Retention struct {
	// Space is whose posts are meant; zero is the tenant, for spaces that have no rule of their own.
	Space engawa.ID
	// Days after its publication a post is deleted for ever. 0 keeps posts for ever.
	Days int `validate:"gte=0,lte=36500"`
	// Version counts the changes; to change a rule, hand back the version that the change started from.
	Version int64
	By      engawa.PersonID
	At      time.Time
}

// LegalHold (訴訟ホールド) keeps what is in a space, or whatever a person has a part in, from being deleted by a
// [Retention] or by the purge of what was retracted, until it is lifted. The zero Space and Person hold everything.
type LegalHold struct {
	ID     engawa.ID
	Space  engawa.ID
	Person engawa.PersonID `validate:"omitempty,hostid"`
	Why    string          `validate:"required,line=1000"`
	By     engawa.PersonID
	At     time.Time
	// Lifted is set once it does not hold any more.
	Lifted *Mark
}

// Doomed is what a rule would delete now.
type Doomed struct {
	// Posts and Comments would be deleted; Held posts would be, but for a legal hold.
	Posts, Comments, Held int64
	// Oldest and Newest are when the first and the last of those that would be deleted were published.
	Oldest, Newest time.Time
}

// stewardOnly refuses everybody but the tenant's stewards and the system.
func stewardOnly(by engawa.Actor) error {
	if !by.IsSystem() && !by.Has(engawa.RoleSteward) {
		return denied("", msgStewardsOnly)
	}
	return nil
}

// Retentions are the tenant's rules, the tenant's own first. Stewards may read them.
func (s *Service) Retentions(ctx context.Context, by engawa.Actor) (rules []Retention, err error) {
	ctx, o, err := s.begin(ctx, "feed.Retentions", by)
	defer o.done(&err)
	if err == nil {
		err = stewardOnly(by)
	}
	if err != nil {
		return nil, err
	}
	return s.store.Retentions(ctx, by.Tenant)
}

// PreviewRetention tells what a rule would delete if it held now; it writes nothing. Stewards may ask.
func (s *Service) PreviewRetention(ctx context.Context, by engawa.Actor, rule Retention) (doomed Doomed, err error) {
	ctx, o, err := s.begin(ctx, "feed.PreviewRetention", by)
	defer o.done(&err)
	if err == nil {
		err = stewardOnly(by)
	}
	if err == nil {
		err = s.valid.Check(o.name, rule)
	}
	if err != nil || rule.Days == 0 {
		return Doomed{}, err
	}
	return s.store.Doomed(ctx, by.Tenant, rule.Space, s.cutoff(rule))
}

// cutoff is the time before which a rule deletes.
func (s *Service) cutoff(rule Retention) time.Time { return s.now().AddDate(0, 0, -rule.Days) }

// SetRetention makes or changes a rule. It deletes nothing by itself: [Service.Purge] does, so look at
// [Service.PreviewRetention] first. Stewards may.
func (s *Service) SetRetention(ctx context.Context, by engawa.Actor, rule Retention) (err error) {
	ctx, o, err := s.begin(ctx, "feed.SetRetention", by)
	defer o.done(&err)
	if err == nil {
		err = stewardOnly(by)
	}
	if err == nil {
		err = s.valid.Check(o.name, rule)
	}
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		subject := engawa.Ref{Kind: engawa.KindTenant}
		if rule.Space != 0 {
			if _, err := s.spaceFor(ctx, st, reader{Actor: engawa.System(by.Tenant)}, rule.Space, listed); err != nil {
				return err
			}
			subject = engawa.RefTo(engawa.KindSpace, rule.Space)
		}
		rule.By, rule.At = by.Person, s.now()
		if err := st.PutRetention(ctx, by.Tenant, rule); err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, event.RetentionChanged, subject, rule.Version+1, rule.Space))
	})
}

// LegalHolds are all holds, lifted ones too, oldest first. Stewards may read them.
func (s *Service) LegalHolds(ctx context.Context, by engawa.Actor) (holds []LegalHold, err error) {
	ctx, o, err := s.begin(ctx, "feed.LegalHolds", by)
	defer o.done(&err)
	if err == nil {
		err = stewardOnly(by)
	}
	if err != nil {
		return nil, err
	}
	return s.store.LegalHolds(ctx, by.Tenant)
}

// HoldLegally begins a hold. Stewards may.
func (s *Service) HoldLegally(ctx context.Context, by engawa.Actor, hold LegalHold) (id engawa.ID, err error) {
	ctx, o, err := s.begin(ctx, "feed.HoldLegally", by)
	defer o.done(&err)
	if err == nil {
		err = stewardOnly(by)
	}
	if err == nil {
		err = s.valid.Check(o.name, hold)
	}
	if err != nil {
		return 0, err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if hold.Space != 0 {
			if _, err := s.spaceFor(ctx, st, reader{Actor: engawa.System(by.Tenant)}, hold.Space, listed); err != nil {
				return err
			}
		}
		hold.By, hold.At, hold.Lifted = by.Person, s.now(), nil
		err := s.fresh(func(fresh engawa.ID) error {
			hold.ID, id = fresh, fresh
			return st.InsertLegalHold(ctx, by.Tenant, hold)
		})
		if err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, event.HoldBegun, engawa.RefTo(kindHold, id), 1, hold.Space))
	})
	return id, err
}

// kindHold is the kind of a legal hold's ref.
const kindHold = "hold"

// LiftLegalHold ends a hold. Lifting it again changes nothing. Stewards may.
func (s *Service) LiftLegalHold(ctx context.Context, by engawa.Actor, id engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.LiftLegalHold", by)
	defer o.done(&err)
	if err == nil {
		err = stewardOnly(by)
	}
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		found, fresh, err := st.LiftLegalHold(ctx, by.Tenant, id, Mark{By: by.Person, At: s.now()})
		if err == nil && !found {
			err = notFound(kindHold, id)
		}
		if err != nil || !fresh {
			return err
		}
		return st.Append(ctx, s.tell(by, event.HoldLifted, engawa.RefTo(kindHold, id), 2, 0))
	})
}

// Purged is what one [Service.Purge] deleted.
type Purged struct {
	// Posts went for ever, and Texts are those of retracted posts and comments, whose places stay.
	Posts, Texts int
}

// purgeBatch is how much one transaction deletes.
const purgeBatch = 100

// Purge deletes, for one tenant, what is due: posts whose [Retention] has run out, with their comments, history, notices
// and all that people keep of them; and the texts of posts and comments that were retracted longer ago than
// [Config.PurgeRetracted]. What a [LegalHold] holds stays, and so does the ledger of acknowledgements. It works in small
// transactions and may be interrupted. Only [engawa.System] may.
func (s *Service) Purge(ctx context.Context, by engawa.Actor) (done Purged, err error) {
	ctx, o, err := s.begin(ctx, "feed.Purge", by)
	defer o.done(&err)
	if err == nil && !by.IsSystem() {
		err = denied("", msgSystemOnly)
	}
	if err != nil {
		return Purged{}, err
	}
	rules, err := s.store.Retentions(ctx, by.Tenant)
	if err != nil {
		return Purged{}, err
	}
	for _, rule := range rules {
		for n := purgeBatch; rule.Days > 0 && n == purgeBatch; {
			err := s.store.Within(ctx, func(st Store, _ engawa.Conn) (err error) {
				n, err = s.purgePosts(ctx, st, by, rule)
				return err
			})
			if err != nil {
				return done, err
			}
			done.Posts += n
		}
	}
	for n := purgeBatch; s.cfg.PurgeRetracted > 0 && n == purgeBatch; {
		err := s.store.Within(ctx, func(st Store, _ engawa.Conn) (err error) {
			n, err = st.PurgeTexts(ctx, by.Tenant, s.now().Add(-s.cfg.PurgeRetracted), purgeBatch)
			return err
		})
		if err != nil {
			return done, err
		}
		done.Texts += n
	}
	return done, nil
}

// purgePosts deletes one batch of what a rule no longer keeps, tells of it, and reports the number of posts.
func (s *Service) purgePosts(ctx context.Context, st Store, by engawa.Actor, rule Retention) (posts int, err error) {
	gone, err := st.PurgePosts(ctx, by.Tenant, rule.Space, s.cutoff(rule), purgeBatch)
	if err != nil {
		return 0, err
	}
	told := make([]event.Event, len(gone))
	for i, p := range gone {
		if p.Entry.Kind == engawa.KindComment {
			told[i] = s.tell(by, event.CommentPurged, p.Entry, 0, p.Space).With(event.Thread{Post: p.Post})
			continue
		}
		told[i] = s.tell(by, event.PostPurged, p.Entry, 0, p.Space)
		posts++
	}
	for part := range slices.Chunk(told, purgeBatch) {
		if err := st.Append(ctx, part...); err != nil {
			return 0, err
		}
	}
	return posts, nil
}

// PurgeDue does [Service.Purge] for every tenant that may have something to delete: the chore of every node. A tenant
// whose purge fails is passed over until the next time.
func (s *Service) PurgeDue(ctx context.Context) error {
	const name = "feed.PurgeDue"
	before := time.Time{}
	if s.cfg.PurgeRetracted > 0 {
		before = s.now().Add(-s.cfg.PurgeRetracted)
	}
	tenants, err := s.store.PurgeTenants(ctx, before)
	if err != nil {
		return engawa.Wrap(name, err)
	}
	var all error
	for _, tenant := range tenants {
		if _, err := s.Purge(ctx, engawa.System(tenant)); err != nil {
			if ctx.Err() != nil {
				return engawa.Wrap(name, ctx.Err())
			}
			all = errors.Join(all, engawa.Wrap(name, err))
		}
	}
	return all
}
