package feed

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// ArticleDetails belong to knowledge (ナレッジ) that was written down, perhaps out of a thread. What says it better now is
// the status [Superseded].
type ArticleDetails struct {
	bare
	// Owner keeps it right. Defaults to the author.
	Owner engawa.PersonID `json:"owner,omitempty" validate:"omitempty,hostid"`
	// ReviewOn is the day on which the owner looks at it again. Defaults to none.
	ReviewOn calendar.Date `json:"review_on,omitzero"`
	// From is the thread that it was made of. Defaults to none.
	From engawa.ID `json:"from,omitzero"`
}

// Kind implements [Details].
func (*ArticleDetails) Kind() Kind { return Article }

func (d *ArticleDetails) people() []*engawa.PersonID { return []*engawa.PersonID{&d.Owner} }

func (d *ArticleDetails) posts() []*engawa.ID { return []*engawa.ID{&d.From} }

func (d *ArticleDetails) settle(ctx context.Context, s *Service, w writing) error {
	if d.Owner == "" {
		d.Owner = w.reader.Person
	}
	if !d.ReviewOn.IsZero() && !d.ReviewOn.Valid() {
		return invalid("Details.ReviewOn", msgNoDay)
	}
	if d.From == 0 {
		return nil
	}
	from, err := s.resolve(ctx, s.store, w.reader.Tenant, engawa.KindPost, d.From)
	if err != nil {
		return err
	}
	d.From = from
	_, _, err = s.postFor(ctx, s.store, w.reader, from)
	return err
}

func (d *ArticleDetails) follow(before Details, _ Edit) error {
	d.From = before.(*ArticleDetails).From
	return nil
}

// Supersede notes that a post is superseded by another one, or with the zero id by none any more. Its author, the owner
// of an article and those who look after the space may, and the other post must be one that they can read. A chain that
// would come back to the post itself is refused.
func (s *Service) Supersede(ctx context.Context, by engawa.Actor, post, better engawa.ID) error {
	return s.restate(ctx, "feed.Supersede", by, post, func(st Store, r reader, p Post, sp Space) (change, error) {
		if d, ok := p.Details.(*ArticleDetails); !ok || d.Owner != by.Person {
			if err := ownOrHosts(r, p, sp); err != nil {
				return change{}, err
			}
		}
		if better == 0 {
			return drop(Superseded, event.PostUnsuperseded), nil
		}
		// One at a time in a tenant: two chains that grow towards each other would not see the ring that they close.
		if err := st.LockTenant(ctx, by.Tenant); err != nil {
			return change{}, err
		}
		better, err := s.resolve(ctx, st, by.Tenant, engawa.KindPost, better)
		if err != nil {
			return change{}, err
		}
		if _, _, err := s.postFor(ctx, st, r, better); err != nil {
			return change{}, err
		}
		for next, length := better, 0; next != 0; length++ {
			if next == p.ID || length > maxChain {
				return change{}, &engawa.Error{Kind: engawa.Conflict, Subject: engawa.KindPost + " " + p.ID.String(), Message: msgCycle}
			}
			rows, _, err := st.Posts(ctx, by.Tenant, []engawa.ID{next}, "")
			if err != nil || len(rows) == 0 {
				return change{}, err
			}
			status, _ := rows[0].Status(Superseded)
			next = status.Entry
		}
		return change{put: []Status{{What: Superseded, Entry: better}}, verb: event.PostSuperseded}, nil
	})
}

// maxChain is the longest chain of posts that supersede one another.
const maxChain = 100
