package feed

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
)

// Digest is what somebody has missed of what they may read, since the last one.
type Digest struct {
	Since, Until time.Time
	// Posts are unread ones of their home, those with the most comments first; at most five.
	Posts []Post
	// Questions are unanswered questions and desk questions of others, newest first; at most three.
	Questions []Post
	// Announcements are those to acknowledge, newest first; at most five.
	Announcements []Post
}

// Text says how much a digest holds.
func (d Digest) Text() engawa.Message {
	return msgDigestFor.With(len(d.Posts), len(d.Questions), len(d.Announcements))
}

const digestsAtOnce = 100

// SendDigests delivers the digests that are due, for all tenants: the chore of every node. One goes out as a mail when
// its person's working day begins, daily or on the first working day of a week, to those who were away since the last:
// they marked nothing as read. What one digest reached up to is in no other.
func (s *Service) SendDigests(ctx context.Context) error {
	const name = "feed.SendDigests"
	if s.cfg.Notifier == nil {
		return nil
	}
	var all error
	for {
		now := s.now()
		due, err := s.store.DueDigests(ctx, now, digestsAtOnce)
		if err != nil {
			return engawa.Wrap(name, err)
		}
		for _, d := range due {
			err := s.digest(ctx, &d, now)
			if err != nil {
				if ctx.Err() != nil {
					return engawa.Wrap(name, ctx.Err())
				}
				all = errors.Join(all, engawa.Wrap(name, err))
				d.Tries++
				d.Next = now.Add(backOff(d.Tries))
			}
			err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return st.PutDigest(ctx, d.Tenant, d) })
			if err != nil {
				return engawa.Wrap(name, errors.Join(all, err))
			}
		}
		if len(due) < digestsAtOnce {
			return all
		}
	}
}

// digest sends one person's digest, if one is to be sent, and moves its state on.
func (s *Service) digest(ctx context.Context, d *DigestState, now time.Time) error {
	r, err := s.author(ctx, d.Tenant, d.Person)
	if engawa.KindOf(err) == engawa.NotFound || d.Digest == DigestNever {
		d.Until, d.Next = now, now.Add(7*recheck) // looked at again, in case they come back or choose otherwise
		return nil
	}
	if err != nil {
		return err
	}
	schedule, err := s.schedule(ctx, d.Tenant, d.Person)
	if err != nil {
		return err
	}
	since, first := d.Until, d.Until.IsZero() || d.Next.IsZero()
	if !first && !schedule.IsOpen(now) {
		d.Next = engawa.Micro(openFrom(schedule, now).UTC())
		return nil
	}
	if !first && !d.Visited.After(since) {
		found, err := s.missed(ctx, r, since, now)
		if err != nil {
			return err
		}
		if len(found.Posts)+len(found.Questions)+len(found.Announcements) > 0 {
			err := s.cfg.Notifier.Deliver(ctx, []Delivery{{
				Key: "digest/" + string(d.Person) + "/" + since.Format(time.RFC3339Nano), Tenant: d.Tenant, Person: d.Person, Channel: Mail,
				Attempt: d.Tries + 1, Text: found.Text(), Digest: &found,
			}})
			if err != nil {
				return err
			}
		}
	}
	d.Until, d.Next, d.Tries = now, engawa.Micro(nextDigest(schedule, d.Digest, now).UTC()), 0
	return nil
}

// nextDigest is the beginning of the next working day, or of the first one of the next week.
func nextDigest(schedule *calendar.Schedule, how Digests, now time.Time) time.Time {
	day := schedule.Date(now).AddDays(1)
	if how == DigestWeekly {
		for day.Weekday() != time.Monday {
			day = day.AddDays(1)
		}
	}
	return openFrom(schedule, day.At(0, 0, schedule.Zone()))
}

func openFrom(schedule *calendar.Schedule, at time.Time) time.Time {
	if open, ok := schedule.NextOpen(at); ok {
		return open
	}
	return at.Add(recheck)
}

// missed is what appeared since, as the reader may read it now.
func (s *Service) missed(ctx context.Context, r reader, since, until time.Time) (Digest, error) {
	d := Digest{Since: since, Until: until}
	fresh := func(page engawa.Page[Post], keep func(Post) bool, most int, err error) ([]Post, error) {
		posts := slices.DeleteFunc(page.Items, func(p Post) bool {
			return !p.PublishedAt.After(since) || p.PublishedAt.After(until) || !p.countsFor(r.Person) || !keep(p)
		})
		return posts[:min(most, len(posts))], err
	}
	everything := Window{Limit: MaxLimit}
	page, err := s.Unacknowledged(ctx, r.Actor, everything)
	if d.Announcements, err = fresh(page, func(Post) bool { return true }, 5, err); err != nil {
		return d, err
	}
	home, err := s.MySpaces(ctx, r.Actor)
	if err != nil {
		return d, err
	}
	mine := map[engawa.ID]bool{}
	for _, sp := range home {
		mine[sp.ID] = true
	}
	page, err = s.Unanswered(ctx, r.Actor, 0, everything)
	if d.Questions, err = fresh(page, func(p Post) bool { return mine[p.Space] && (p.Kind == Question || p.Kind == Desk) }, 3, err); err != nil {
		return d, err
	}
	listed := map[engawa.ID]bool{}
	for _, p := range slices.Concat(d.Announcements, d.Questions) {
		listed[p.ID] = true
	}
	page, err = s.Home(ctx, r.Actor, everything)
	slices.SortStableFunc(page.Items, func(a, b Post) int { return cmp.Compare(b.Comments, a.Comments) })
	d.Posts, err = fresh(page, func(p Post) bool { return p.Unread && !listed[p.ID] }, 5, err)
	return d, err
}
