package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
)

// DueAck is an announcement of any tenant whose readers are to be reminded now: [AckDue] says since when.
type DueAck struct {
	Tenant engawa.TenantID
	Post   engawa.ID
}

// remindAhead is how much working time is left at the first reminder: about a day's.
const remindAhead = 8 * time.Hour

// lateReminder is how late a reminder may be: one that nobody sent for longer, such as that of an announcement that
// moved in from elsewhere, is left out.
const lateReminder = 7 * 24 * time.Hour

// schedule sets the time of the first reminder: [remindAhead] before the acknowledgement is due. It is called before
// the transaction begins.
func (d *AnnouncementDetails) schedule(ctx context.Context, s *Service, tenant engawa.TenantID) error {
	d.AckBy, d.RemindAt = microOrZero(d.AckBy), time.Time{}
	if d.AckBy.IsZero() {
		return nil
	}
	if !d.MustAcknowledge {
		return invalid("Details.AckBy", msgNoAck)
	}
	hours, err := s.schedule(ctx, tenant, "")
	if err != nil {
		return err
	}
	if at, ok := hours.AddBusiness(d.AckBy, -remindAhead); ok {
		d.RemindAt = engawa.Micro(at)
	}
	return nil
}

// reminder is when the next reminder comes after a time, zero if none does.
func (d *AnnouncementDetails) reminder(after time.Time) time.Time {
	for _, at := range []time.Time{d.RemindAt, d.AckBy} {
		if at.After(after) {
			return at
		}
	}
	return time.Time{}
}

// rings reports whether a clock has come to one of the times: then [Service.RemindUnacknowledged] is about to wind it.
func (d *AnnouncementDetails) rings(at, now time.Time) bool {
	return d.MustAcknowledge && !at.After(now) && (at.Equal(d.RemindAt) || at.Equal(d.AckBy))
}

// wind sets the clock of the reminders of a post.
func (d *AnnouncementDetails) wind(ctx context.Context, s *Service, st Store, by engawa.Actor, p Post) error {
	at := time.Time{}
	if d.MustAcknowledge {
		at = d.reminder(s.now())
	}
	now, set := p.Status(AckDue)
	switch {
	case at.IsZero() && set:
		return st.DropStatus(ctx, by.Tenant, p.ID, AckDue)
	case at.IsZero() || set && now.At.Equal(at):
		return nil
	}
	return st.PutStatus(ctx, by.Tenant, p.ID, Status{What: AckDue, By: by.Person, At: at})
}

// RemindUnacknowledged reminds, as [Service.RemindToAcknowledge] does, of the announcements of all tenants whose
// [AnnouncementDetails] say by when they are to be acknowledged: once eight working hours of the tenant ahead, and once
// at that time. Each reminder is made once, also where several processes do it at once, and not at all if it is more than
// a week late. It reports when the next one comes, the zero time if none waits: the chore of every node.
func (s *Service) RemindUnacknowledged(ctx context.Context) (next time.Time, err error) {
	const name = "feed.RemindUnacknowledged"
	for {
		due, next, err := s.store.DueAcks(ctx, s.now(), dueAtOnce)
		if err != nil || len(due) == 0 {
			return next, engawa.Wrap(name, err)
		}
		for _, d := range due { // each is put off or ends
			if err := s.remindOf(ctx, d); err != nil {
				return next, engawa.Wrap(name, err)
			}
		}
	}
}

func (s *Service) remindOf(ctx context.Context, due DueAck) error {
	by := engawa.System(due.Tenant)
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if err := st.LockPost(ctx, due.Tenant, due.Post); err != nil {
			return err
		}
		posts, _, err := st.Posts(ctx, due.Tenant, []engawa.ID{due.Post}, "")
		if err != nil {
			return err
		}
		if len(posts) == 0 {
			return st.DropStatus(ctx, due.Tenant, due.Post, AckDue)
		}
		p, now := posts[0], s.now()
		clock, ok := p.Status(AckDue)
		if !ok || clock.At.After(now) {
			return nil // another process was faster, or the author has changed the date
		}
		d, ok := p.Details.(*AnnouncementDetails)
		if !ok {
			d = &AnnouncementDetails{}
		}
		if err := d.wind(ctx, s, st, by, p); err != nil {
			return err
		}
		if !p.is(MustAck) || p.Retracted != nil || p.expired(now) || clock.At.Before(now.Add(-lateReminder)) {
			return nil
		}
		return s.enact(ctx, st, by, p, p.reminded())
	})
}
