package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// DeskDetails belong to a question to a desk (窓口). Those who look after the space are the desk. Whom it is assigned to
// is the status [Assigned], the answer [Accepted], the end [Closed]; until then it is [OnDesk].
type DeskDetails struct {
	bare
	// Topic is what it is about, in the desk's own words. Defaults to none.
	Topic string `json:"topic,omitempty" validate:"line=200"`
	// Due is by when the desk answers: [Config.DeskWithin] of the tenant's working time after publication. It is set by
	// the feed.
	Due time.Time `json:"due,omitzero"`
}

// Kind implements [Details].
func (*DeskDetails) Kind() Kind { return Desk }

func (d *DeskDetails) texts() []string { return []string{d.Topic} }

func (d *DeskDetails) settle(ctx context.Context, s *Service, w writing) error {
	var err error
	d.Due, err = s.inHours(ctx, w.reader.Tenant, "", w.at, s.cfg.DeskWithin)
	return err
}

func (d *DeskDetails) follow(before Details, _ Edit) error {
	d.Due = before.(*DeskDetails).Due
	return nil
}

func (*DeskDetails) appear(ctx context.Context, s *Service, st Store, by engawa.Actor, p Post) error {
	return st.PutStatus(ctx, by.Tenant, p.ID, Status{What: OnDesk, By: by.Person, At: p.PublishedAt})
}

// Assign (担当) gives a desk question to somebody, or with "" back to the desk. The desk may: those who look after the
// space.
func (s *Service) Assign(ctx context.Context, by engawa.Actor, post engawa.ID, person engawa.PersonID) error {
	if person != "" {
		if err := s.known(ctx, by.Tenant, person); err != nil {
			return engawa.Wrap("feed.Assign", err)
		}
	}
	return s.restate(ctx, "feed.Assign", by, post, func(_ Store, r reader, p Post, sp Space) (change, error) {
		if err := hosts(r, sp); err != nil {
			return change{}, err
		}
		c := change{put: []Status{{What: Assigned, Person: person}}, verb: event.DeskAssigned, person: person}
		if person == "" {
			c = drop(Assigned, event.DeskUnassigned)
		}
		return c, ofKind(p, Desk)
	})
}

// ClosePost ends a poll before its time, or a desk question. Its author may, and those who look after the space.
func (s *Service) ClosePost(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.restate(ctx, "feed.ClosePost", by, post, func(_ Store, r reader, p Post, sp Space) (change, error) {
		if err := ownOrHosts(r, p, sp); err != nil {
			return change{}, err
		}
		c := put(Closed, event.PostClosed)
		c.drop = []StatusKind{OnDesk}
		return c, ofKind(p, Desk, Poll)
	})
}

// ReopenPost undoes [Service.ClosePost] for a desk question. A poll stays closed: its result is known.
func (s *Service) ReopenPost(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.restate(ctx, "feed.ReopenPost", by, post, func(_ Store, r reader, p Post, sp Space) (change, error) {
		if err := ownOrHosts(r, p, sp); err != nil {
			return change{}, err
		}
		c := drop(Closed, event.PostReopened)
		c.put = []Status{{What: OnDesk}}
		return c, ofKind(p, Desk)
	})
}
