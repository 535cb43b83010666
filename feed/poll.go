package feed

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// PollDetails belong to a poll (アンケート).
//
// # Changing a vote
//
// In a poll with names a vote may be changed and taken back until the poll closes; the last one counts. In an anonymous
// poll a vote stands: nothing says whose it is, so nothing could be changed.
//
// # What anonymous means
//
// Of an anonymous vote two things are kept, apart from each other: that one more vote was cast for a choice, as a number
// that grows; and a marker, so that nobody votes twice: HMAC-SHA-256 of poll and person under [Config.BallotKey], which
// is not in the database. Neither has a time or an order. The event of a vote names nobody and no choice, results are
// shown to nobody before the poll is closed, and no list and no export has the markers.
//
// Somebody with the database alone sees how many voted and how the choices stand, at any moment; not who voted, and not
// for what. With the key as well, they can find out who has voted, by trying every person; still not for what. What no
// table can prevent: somebody who watches the numbers, the log of the database or its row versions at the very moment
// when they know a person to be voting sees which number grows; and where all vote alike, the result tells. Whoever runs
// the database can do the first, so give the key to somebody else.
type PollDetails struct {
	bare
	// Options are what one may vote for, in the order in which they are shown.
	Options []string `json:"options" validate:"required,min=2,max=50,unique,dive,required,line=500"`
	// Multiple allows votes for several options.
	Multiple bool `json:"multiple,omitempty"`
	// Anonymous keeps who voted for what from everybody. It hides the results until the poll is closed.
	Anonymous bool `json:"anonymous,omitempty"`
	// Hidden hides the results until the poll is closed.
	Hidden bool `json:"hidden,omitempty"`
	// ClosesAt is when the poll closes by itself. Defaults to never: [Service.ClosePost] does.
	ClosesAt time.Time `json:"closes_at,omitzero" validate:"reltime"`
}

// Kind implements [Details].
func (*PollDetails) Kind() Kind { return Poll }

func (d *PollDetails) texts() []string { return d.Options }

func (d *PollDetails) settle(_ context.Context, s *Service, w writing) error {
	d.Hidden = d.Hidden || d.Anonymous
	d.ClosesAt = microOrZero(d.ClosesAt)
	if !d.ClosesAt.IsZero() && !d.ClosesAt.After(w.at) {
		return invalid("Details.ClosesAt", msgPast)
	}
	if d.Anonymous && len(s.cfg.BallotKey) < minBallotKey {
		return invalid("Details.Anonymous", msgNoBallotKey.With(minBallotKey))
	}
	return nil
}

// minBallotKey is the least length of the key of ballots, in bytes: that of the hash.
const minBallotKey = sha256.Size

func (d *PollDetails) follow(before Details, _ Edit) error {
	was := before.(*PollDetails)
	d.ClosesAt = microOrZero(d.ClosesAt)
	if !slices.Equal(d.Options, was.Options) || d.Multiple != was.Multiple || d.Anonymous != was.Anonymous ||
		d.Hidden != was.Hidden || !d.ClosesAt.Equal(was.ClosesAt) {
		return invalid("Details", msgFixed)
	}
	return nil
}

// closed reports whether a poll takes no more votes.
func (p Post) closed(now time.Time) bool {
	d, ok := p.Details.(*PollDetails)
	return p.is(Closed) || ok && !d.ClosesAt.IsZero() && !now.Before(d.ClosesAt)
}

// Tally is how a poll stands.
type Tally struct {
	// Votes are those for each option; nil while they are hidden.
	Votes []int64
	// Mine are the options that the reader voted for, by their place, in order; nil in an anonymous poll.
	Mine []int
	// Voted reports whether the reader has voted.
	Voted bool
	// Closed reports whether the poll takes no more votes.
	Closed bool
}

// Vote is a vote of somebody in a poll with names.
type Vote struct {
	Person engawa.PersonID
	// Choices are the options voted for, by their place, in order.
	Choices []int
	At      time.Time
}

// ballot is the marker of an anonymous vote.
func (s *Service) ballot(tenant engawa.TenantID, post engawa.ID, person engawa.PersonID) string {
	mac := hmac.New(sha256.New, s.cfg.BallotKey)
	fmt.Fprintf(mac, "%d:%s%d:%s%s", len(tenant), tenant, len(person), person, post)
	return hex.EncodeToString(mac.Sum(nil))
}

// Vote votes in a poll for options by their place, from 0. In a poll with names it replaces an earlier vote, and no
// options take it back; see [PollDetails].
func (s *Service) Vote(ctx context.Context, by engawa.Actor, post engawa.ID, options ...int) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Vote", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if by.IsSystem() {
		return denied("", msgNoAuthor)
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return err
	}
	options = slices.Compact(slices.Sorted(slices.Values(options)))
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		p, _, err := s.lockPost(ctx, st, r, post)
		if err != nil {
			return err
		}
		subject := engawa.KindPost + " " + p.ID.String()
		d, ok := p.Details.(*PollDetails)
		switch {
		case p.Retracted != nil:
			return denied(subject, msgRetracted)
		case !ok:
			return ofKind(p, Poll)
		case p.closed(s.now()):
			return &engawa.Error{Kind: engawa.Denied, Subject: subject, Message: msgPollClosed}
		case len(options) > 1 && !d.Multiple:
			return invalid("options", msgOneOption)
		case len(options) > 0 && (options[0] < 0 || options[len(options)-1] >= len(d.Options)):
			return invalid("options", msgNoOption.With(len(d.Options)-1))
		case d.Anonymous && len(options) == 0:
			return invalid("options", msgVoteStands)
		}
		if !d.Anonymous {
			changed, err := st.PutVote(ctx, by.Tenant, p.ID, Vote{by.Person, options, s.now()})
			if err != nil || !changed {
				return err
			}
			return st.Append(ctx, s.tell(by, event.PollVoted, p.Ref(), p.Version, p.Space))
		}
		fresh, err := st.PutBallot(ctx, by.Tenant, p.ID, s.ballot(by.Tenant, p.ID, by.Person), options)
		if err == nil && !fresh {
			err = &engawa.Error{Kind: engawa.Conflict, Subject: subject, Message: msgVoteStands}
		}
		if err != nil {
			return err
		}
		return st.Append(ctx, s.tell(engawa.System(by.Tenant), event.PollVoted, p.Ref(), p.Version, p.Space))
	})
}

// Votes lists who voted for what in a poll with names, where the reader may see the results.
func (s *Service) Votes(ctx context.Context, by engawa.Actor, post engawa.ID, window Window) (page engawa.Page[Vote], err error) {
	ctx, o, err := s.begin(ctx, "feed.Votes", by)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	list := o.name + " " + post.String()
	var after int64
	if _, err := window.After.Keys(by.Tenant, list, &after); err != nil {
		return page, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return page, err
	}
	id, err := s.resolve(ctx, s.store, by.Tenant, engawa.KindPost, post)
	if err != nil {
		return page, err
	}
	p, _, err := s.postFor(ctx, s.store, r, id)
	if err != nil {
		return page, err
	}
	d, ok := p.Details.(*PollDetails)
	switch {
	case !ok:
		return page, ofKind(p, Poll)
	case d.Anonymous:
		return page, denied(engawa.KindPost+" "+p.ID.String(), msgAnonymous)
	case d.Hidden && !p.closed(s.now()):
		return page, denied(engawa.KindPost+" "+p.ID.String(), msgHidden)
	}
	votes, last, err := s.store.Votes(ctx, by.Tenant, p.ID, after, window.limit())
	if err != nil {
		return page, err
	}
	page.Items = votes
	if len(votes) == window.limit() {
		page.Next = engawa.NewCursor(by.Tenant, list, last)
	}
	return page, nil
}

// fill adds to posts what the tables beside them know, one question for each kind that is among them.
func (s *Service) fill(ctx context.Context, st Store, r reader, posts []Post, mine func(Post) Membership) error {
	editions, marks := map[engawa.ID]int64{}, map[engawa.ID]string{}
	for _, p := range posts {
		switch d := p.Details.(type) {
		case *AnnouncementDetails:
			if d.MustAcknowledge {
				editions[p.ID] = d.Edition
			}
		case *PollDetails:
			marks[p.ID] = ""
			if d.Anonymous && !r.IsSystem() {
				marks[p.ID] = s.ballot(r.Tenant, p.ID, r.Person)
			}
		}
	}
	var acks map[engawa.ID]Acks
	var tallies map[engawa.ID]Tally
	var err error
	if len(editions) > 0 {
		if acks, err = st.AckCounts(ctx, r.Tenant, editions, r.Person); err != nil {
			return err
		}
	}
	if len(marks) > 0 {
		if tallies, err = st.Tallies(ctx, r.Tenant, marks, r.Person); err != nil {
			return err
		}
	}
	for i := range posts {
		p := &posts[i]
		switch d := p.Details.(type) {
		case *AnnouncementDetails:
			if !d.MustAcknowledge {
				continue
			}
			a := acks[p.ID]
			if p.Author != r.Person && !r.looksAfter(mine(*p)) {
				a.Count = 0
			}
			p.Acks = &a
		case *PollDetails:
			t := tallies[p.ID]
			t.Votes = append(t.Votes, make([]int64, max(0, len(d.Options)-len(t.Votes)))...)
			t.Closed = p.closed(s.now())
			if d.Hidden && !t.Closed {
				t.Votes = nil
			}
			p.Tally = &t
		}
	}
	return nil
}
