package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// Reminder (リマインダー) is when somebody wants to be reminded of a post.
type Reminder struct {
	Post Post
	At   time.Time
}

// maxReminders is the most reminders that are listed.
const maxReminders = 1000

// Remind reminds the actor of a post at a time, or with the zero time when their next working day opens (次の始業時): today's,
// where it is still to come. It replaces
// an earlier reminder of the same post, and reports the time.
func (s *Service) Remind(ctx context.Context, by engawa.Actor, post engawa.ID, at time.Time) (when time.Time, err error) {
	if when, err = s.remindAt(ctx, by, at); err != nil {
		return time.Time{}, engawa.Wrap("feed.Remind", err)
	}
	return when, s.keepPost(ctx, "feed.Remind", by, post, func(st Store, id, space engawa.ID) error {
		if err := st.PutReminder(ctx, by.Tenant, by.Person, Kept{id, when}); err != nil {
			return err
		}
		return st.Append(ctx, s.tellKept(by, event.ReminderSet, id, space))
	})
}

func (s *Service) remindAt(ctx context.Context, by engawa.Actor, at time.Time) (time.Time, error) {
	if err := by.Check(); err != nil {
		return time.Time{}, err
	}
	now := s.now()
	if !at.IsZero() {
		if err := engawa.CheckTime("at", at); err != nil {
			return time.Time{}, err
		}
		if !at.After(now) {
			return time.Time{}, invalid("at", msgPast)
		}
		return engawa.Micro(at), nil
	}
	hours, err := s.schedule(ctx, by.Tenant, by.Person)
	if err != nil {
		return time.Time{}, err
	}
	for day, n := hours.Date(now), 0; n < calendar.Horizon; day, n = day.AddDays(1), n+1 {
		today := hours.Day(day)
		if !today.Kind.Business() || len(today.Spans) == 0 {
			continue
		}
		if opens := day.At(0, today.Spans[0].From, hours.Zone()); opens.After(now) {
			return engawa.Micro(opens), nil
		}
	}
	return time.Time{}, invalid("at", msgRemindWhen)
}

// ForgetReminder takes a reminder back.
func (s *Service) ForgetReminder(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.dropPost(ctx, "feed.ForgetReminder", by, post, event.ReminderDropped, func(st Store, id engawa.ID) (bool, error) {
		return st.DeleteReminder(ctx, by.Tenant, by.Person, Kept{Post: id})
	})
}

// Reminders lists what the actor waits to be reminded of, soonest first: at most a thousand, without the posts that they
// may not read any more.
func (s *Service) Reminders(ctx context.Context, by engawa.Actor) (all []Reminder, err error) {
	ctx, o, err := s.begin(ctx, "feed.Reminders", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, s.store, r)
	if err != nil {
		return nil, err
	}
	kept, err := s.store.Reminders(ctx, by.Tenant, by.Person, maxReminders)
	if err != nil {
		return nil, err
	}
	posts, err := s.keptPosts(ctx, v, kept)
	if err != nil {
		return nil, err
	}
	for _, k := range kept {
		if p, ok := posts[k.Post]; ok {
			all = append(all, Reminder{p, k.At})
		}
	}
	return all, nil
}

// RemindDue tells of the reminders whose time has come, of all tenants: each once, by an event of its own, also where
// several processes do it at once. It reports when the next one comes, the zero time if none waits. It delivers nothing,
// and asks nobody whether the person may still read the post.
func (s *Service) RemindDue(ctx context.Context) (next time.Time, err error) {
	const name = "feed.RemindDue"
	for {
		due, next, err := s.store.DueReminders(ctx, s.now(), dueAtOnce)
		if err != nil {
			return next, engawa.Wrap(name, err)
		}
		for _, d := range due {
			by := engawa.Actor{Tenant: d.Tenant, Person: d.Person}
			err := s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
				mine, err := st.DeleteReminder(ctx, d.Tenant, d.Person, d.Kept)
				if err != nil || !mine {
					return err // another process was faster, or it was put off
				}
				return st.Append(ctx, s.tellKept(by, event.ReminderDue, d.Post, 0))
			})
			if err != nil {
				return next, engawa.Wrap(name, err)
			}
		}
		if len(due) < dueAtOnce {
			return next, nil
		}
	}
}
