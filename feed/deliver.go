package feed

import (
	"context"
	"errors"
	"time"

	"github.com/engawa-sns/engawa"
)

// Notifier brings notices and digests to people: the host's mail, chat or push. It is asked outside of transactions.
//
// It may be asked again for what it has delivered, after an error or when a node ended before it could note the
// delivery; Key is the same then. An error puts all the given deliveries, which are those of one person, off for a while.
type Notifier interface {
	Deliver(ctx context.Context, deliveries []Delivery) error
}

// Delivery is one message to one person.
type Delivery struct {
	// Key is the same whenever this message is given out, and no other message's of the tenant.
	Key     string
	Tenant  engawa.TenantID
	Person  engawa.PersonID
	Channel Channel
	// Attempt counts from 1.
	Attempt int
	// Text says it in a sentence, without anything of the texts that people wrote.
	Text engawa.Message
	// Notice is what there is to tell; nil in a digest.
	Notice *Notice
	// Digest is what somebody who was away has missed; nil in a notice.
	Digest *Digest
}

const (
	sendsAtOnce = 200
	// maxTries is after how many tries a delivery is given up: with the pauses of backOff after about four days.
	maxTries = 24
	// recheck is when somebody for whom nothing opens is looked at again.
	recheck = 24 * time.Hour
)

// backOff is the pause after so many tries that went wrong: one minute, doubled up to six hours.
func backOff(tries int) time.Duration {
	return min(6*time.Hour, time.Minute<<min(max(0, tries-1), 20))
}

// dueFor is when a notice may go out: urgent ones at once, others once they have been gathered and the person is at work.
func (s *Service) dueFor(ctx context.Context, tenant engawa.TenantID, n Notice) (time.Time, error) {
	now := s.now()
	if n.Urgent {
		return now, nil
	}
	switch n.Kind {
	case NoticeReaction, NoticeComment, NoticeReply:
		now = now.Add(s.cfg.Notices.Gather)
	}
	return s.opening(ctx, tenant, n.Person, now)
}

// opening is the next time from at on at which somebody is at work.
func (s *Service) opening(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, at time.Time) (time.Time, error) {
	schedule, err := s.schedule(ctx, tenant, person)
	if err != nil {
		return time.Time{}, err
	}
	open, ok := schedule.NextOpen(at)
	if !ok {
		open = at.Add(recheck)
	}
	return engawa.Micro(open.UTC()), nil
}

// DeliverNotices hands what is due to the [Notifier], for all tenants, and says when more will be: the chore of every
// node. What is due outside somebody's working hours waits for their next opening (始業), unless it is urgent. What they
// have read meanwhile, may not see any more, or what was undone, is not delivered.
func (s *Service) DeliverNotices(ctx context.Context) (next time.Time, err error) {
	const name = "feed.DeliverNotices"
	if s.cfg.Notifier == nil {
		return time.Time{}, nil
	}
	var all error
	for {
		now := s.now()
		sends, next, err := s.store.DueSends(ctx, now, sendsAtOnce)
		if err != nil {
			return time.Time{}, engawa.Wrap(name, err)
		}
		for _, part := range byPerson(sends) {
			settled, err := s.deliver(ctx, part, now)
			if err != nil {
				if ctx.Err() != nil {
					return time.Time{}, engawa.Wrap(name, ctx.Err())
				}
				all = errors.Join(all, engawa.Wrap(name, err))
			}
			err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return st.SettleSends(ctx, part[0].Tenant, settled) })
			if err != nil {
				return time.Time{}, engawa.Wrap(name, errors.Join(all, err))
			}
		}
		if len(sends) < sendsAtOnce {
			return next, all
		}
	}
}

// byPerson are the sends of each person, in their order.
func byPerson(sends []Send) [][]Send {
	type key struct {
		tenant engawa.TenantID
		person engawa.PersonID
	}
	at := map[key]int{}
	var parts [][]Send
	for _, s := range sends {
		k := key{s.Tenant, s.Notice.Person}
		i, ok := at[k]
		if !ok {
			i = len(parts)
			at[k], parts = i, append(parts, nil)
		}
		parts[i] = append(parts[i], s)
	}
	return parts
}

// deliver hands over what is due to one person. It gives back every send as it is to stand from now on; with an error
// those that could not be handed over are put off.
func (s *Service) deliver(ctx context.Context, sends []Send, now time.Time) ([]Send, error) {
	tenant, person := sends[0].Tenant, sends[0].Notice.Person
	put := func(err error) ([]Send, error) { // all of them off
		for i := range sends {
			sends[i].Tries++
			if sends[i].Due = now.Add(backOff(sends[i].Tries)); sends[i].Tries >= maxTries {
				s.cfg.Logger.WarnContext(ctx, "a notice is given up", "notice", sends[i].Notice.ID.String(), "channel", string(sends[i].Channel))
				sends[i].Due = time.Time{}
			}
		}
		return sends, err
	}
	drop := func() ([]Send, error) {
		for i := range sends {
			sends[i].Due = time.Time{}
		}
		return sends, nil
	}
	if person == "" {
		return drop()
	}
	r, err := s.author(ctx, tenant, person)
	if engawa.KindOf(err) == engawa.NotFound {
		return drop() // they have left
	}
	if err != nil {
		return put(err)
	}
	var spaces []engawa.ID
	for _, send := range sends {
		spaces = append(spaces, noticeSpaces([]Notice{send.Notice})...)
	}
	v, err := s.view(ctx, s.store, r, spaces...)
	if err != nil {
		return put(err)
	}
	open, err := s.opening(ctx, tenant, person, now)
	if err != nil {
		return put(err)
	}
	h, err := s.hides(ctx, s.store, r)
	if err != nil {
		return put(err)
	}
	var out []Delivery
	var settled, going []Send
	for _, send := range sends {
		var shown bool
		send.Notice, shown = send.Notice.without(h)
		switch {
		case !shown || send.Void || !send.Notice.Read.IsZero() || !v.seesNotice(send.Notice):
			send.Due = time.Time{}
			settled = append(settled, send)
		case !send.Notice.Urgent && open.After(now):
			send.Due = open
			settled = append(settled, send)
		default:
			going = append(going, send)
		}
	}
	if len(going) == 0 {
		return settled, nil
	}
	var actors []engawa.PersonID
	for _, send := range going {
		actors = append(actors, send.Notice.Actors...)
	}
	names, err := s.names(ctx, tenant, actors)
	if err == nil {
		for _, send := range going {
			out = append(out, Delivery{
				Key: send.Notice.ID.String() + "/" + string(send.Channel), Tenant: tenant, Person: person, Channel: send.Channel,
				Attempt: send.Tries + 1, Text: send.Notice.Text(names), Notice: &send.Notice,
			})
		}
		err = s.cfg.Notifier.Deliver(ctx, out)
	}
	sends = going
	if err != nil {
		going, err = put(err)
	} else {
		going, err = drop()
	}
	return append(settled, going...), err
}

// names are what people are called, as far as the Directory knows.
func (s *Service) names(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	namer, ok := s.dir.(engawa.Namer)
	if !ok || len(people) == 0 {
		return nil, nil
	}
	return engawa.Ask(ctx, s.cfg.DirectoryTimeout, func(ctx context.Context) (map[engawa.PersonID]engawa.Name, error) {
		return namer.Names(ctx, tenant, people)
	})
}

// PurgeNotices deletes notices about which nothing has happened for the time of [NoticeRules].Keep, for all tenants.
func (s *Service) PurgeNotices(ctx context.Context) error {
	for {
		n, err := s.store.PurgeNotices(ctx, s.now().Add(-s.cfg.Notices.Keep), sendsAtOnce)
		if err != nil || n < sendsAtOnce {
			return engawa.Wrap("feed.PurgeNotices", err)
		}
	}
}
