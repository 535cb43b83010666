package feed

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// AnnouncementDetails belong to an announcement (お知らせ).
type AnnouncementDetails struct {
	bare
	// MustAcknowledge asks every reader of the space to acknowledge (確認) it.
	MustAcknowledge bool `json:"must_acknowledge,omitempty"`
	// AckBy is by when (確認期限): those who have not acknowledged are reminded at [AnnouncementDetails.RemindAt] and when
	// the time has come, and no more; see [Service.RemindUnacknowledged]. Later acknowledgements count all the same.
	// Defaults to no such time: nobody is reminded but by [Service.RemindToAcknowledge].
	AckBy time.Time `json:"ack_by,omitzero" validate:"reltime"`
	// RemindAt is eight working hours of the tenant before AckBy. It is set by the feed.
	RemindAt time.Time `json:"remind_at,omitzero"`
	// Edition counts the material edits, from 1: what was acknowledged before one is to be acknowledged again. It is set
	// by the feed.
	Edition int64 `json:"edition,omitempty"`
}

// Kind implements [Details].
func (*AnnouncementDetails) Kind() Kind { return Announcement }

func (d *AnnouncementDetails) settle(ctx context.Context, s *Service, w writing) error {
	d.Edition = 1
	if !d.AckBy.IsZero() && !d.AckBy.After(w.at) {
		return invalid("Details.AckBy", msgPast)
	}
	return d.schedule(ctx, s, w.reader.Tenant)
}

func (d *AnnouncementDetails) follow(before Details, edit Edit) error {
	d.Edition = before.(*AnnouncementDetails).Edition
	if edit.Material {
		d.Edition++
	}
	return nil
}

func (d *AnnouncementDetails) appear(ctx context.Context, s *Service, st Store, by engawa.Actor, p Post) error {
	if clock, set := p.Status(AckDue); !set || !d.rings(clock.At, s.now()) {
		if err := d.wind(ctx, s, st, by, p); err != nil {
			return err
		}
	}
	if !d.MustAcknowledge {
		if p.is(MustAck) {
			return st.DropStatus(ctx, by.Tenant, p.ID, MustAck)
		}
		return nil
	}
	if now, ok := p.Status(MustAck); ok && now.Entry == engawa.ID(d.Edition) {
		return nil
	}
	return st.PutStatus(ctx, by.Tenant, p.ID, Status{What: MustAck, By: by.Person, At: p.PublishedAt, Entry: engawa.ID(d.Edition)})
}

// Acknowledgement (確認) is one line of the ledger, which is never changed: who acknowledged which edition, and when.
type Acknowledgement struct {
	Post    engawa.ID
	Edition int64
	Person  engawa.PersonID
	At      time.Time
}

// edition is the edition of a post that is to be acknowledged, or an error where none is.
func (p Post) edition() (int64, error) {
	d, ok := p.Details.(*AnnouncementDetails)
	if !ok || !d.MustAcknowledge {
		return 0, &engawa.Error{Kind: engawa.Invalid, Subject: engawa.KindPost + " " + p.ID.String(), Message: msgNoAck}
	}
	return d.Edition, nil
}

// Acknowledge notes that the actor has read an announcement as it stands now. Once more changes nothing.
func (s *Service) Acknowledge(ctx context.Context, by engawa.Actor, post engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Acknowledge", by)
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
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		id, err := s.resolve(ctx, st, by.Tenant, engawa.KindPost, post)
		if err != nil {
			return err
		}
		p, _, err := s.postFor(ctx, st, r, id)
		if err != nil {
			return err
		}
		if p.Retracted != nil {
			return denied(engawa.KindPost+" "+p.ID.String(), msgRetracted)
		}
		edition, err := p.edition()
		if err != nil {
			return err
		}
		fresh, err := st.PutAck(ctx, by.Tenant, Acknowledgement{p.ID, edition, by.Person, s.now()})
		if err != nil || !fresh {
			return err
		}
		told := s.tell(by, event.AnnouncementAcknowledged, p.Ref(), edition, p.Space)
		told.Person = by.Person
		return st.Append(ctx, told)
	})
}

// ackable is a post whose ledger the actor may read: its author and those who look after the space.
func (s *Service) ackable(ctx context.Context, r reader, post engawa.ID) (Post, Space, int64, error) {
	id, err := s.resolve(ctx, s.store, r.Tenant, engawa.KindPost, post)
	if err != nil {
		return Post{}, Space{}, 0, err
	}
	p, sp, err := s.postFor(ctx, s.store, r, id)
	if err == nil {
		err = ownOrHosts(r, p, sp)
	}
	if err != nil {
		return Post{}, Space{}, 0, err
	}
	edition, err := p.edition()
	return p, sp, edition, err
}

// Acknowledged lists who has acknowledged an announcement as it stands now. Its author may read it, and those who look
// after the space.
func (s *Service) Acknowledged(ctx context.Context, by engawa.Actor, post engawa.ID, window Window) (page engawa.Page[Acknowledgement], err error) {
	ctx, o, err := s.begin(ctx, "feed.Acknowledged", by)
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
	p, _, edition, err := s.ackable(ctx, r, post)
	if err != nil {
		return page, err
	}
	acks, last, err := s.store.Acks(ctx, by.Tenant, p.ID, edition, after, window.limit())
	if err != nil {
		return page, err
	}
	page.Items = acks
	if len(acks) == window.limit() {
		page.Next = engawa.NewCursor(by.Tenant, list, last)
	}
	return page, nil
}

// NotAcknowledged lists who has not acknowledged an announcement as it stands now, sorted: those to remind, and nobody
// else. Its author may read it, and those who look after the space.
//
// The audience are those who may read the space now: its members, the persons who hold a key of their own, and, where
// the Directory is an [engawa.MemberLister], everybody in the units that hold a key. Of a space that is open to more,
// such as everyone or a unit with those below, only those are known who have come by, since no Directory has to list a
// company. The author is not among them.
func (s *Service) NotAcknowledged(ctx context.Context, by engawa.Actor, post engawa.ID) (missing []engawa.PersonID, err error) {
	ctx, o, err := s.begin(ctx, "feed.NotAcknowledged", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	p, sp, edition, err := s.ackable(ctx, r, post)
	if err != nil {
		return nil, err
	}
	audience, err := s.audience(ctx, by.Tenant, sp)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(audience, 500) {
		done, err := s.store.AckedBy(ctx, by.Tenant, p.ID, edition, part)
		if err != nil {
			return nil, err
		}
		for _, person := range part {
			if person != p.Author && !done[person] {
				missing = append(missing, person)
			}
		}
	}
	return missing, nil
}

// RemindAgain is how long after an announcement appeared, or after the last reminder, there may be another.
const RemindAgain = 4 * time.Hour

// RemindToAcknowledge (督促) reminds those who have not acknowledged an announcement as it stands now, as
// [Service.NotAcknowledged] lists them, and nobody else: each gets a notice, in their working hours. Its author may, and
// those who look after the space; sooner than [RemindAgain] after the last one it is a conflict.
func (s *Service) RemindToAcknowledge(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.restate(ctx, "feed.RemindToAcknowledge", by, post, func(_ Store, r reader, p Post, sp Space) (change, error) {
		if err := ownOrHosts(r, p, sp); err != nil {
			return change{}, err
		}
		if _, err := p.edition(); err != nil {
			return change{}, err
		}
		last := p.PublishedAt
		for _, what := range []StatusKind{MustAck, Reminded} {
			if status, ok := p.Status(what); ok && status.At.After(last) {
				last = status.At
			}
		}
		if again := last.Add(RemindAgain); s.now().Before(again) {
			return change{}, &engawa.Error{Kind: engawa.Conflict, Subject: engawa.KindPost + " " + p.ID.String(), Message: msgRemindLater.With(again.Format(time.RFC3339))}
		}
		return p.reminded(), nil
	})
}

// reminded is one more reminder of those who have not acknowledged.
func (p Post) reminded() change {
	before, _ := p.Status(Reminded)
	return change{put: []Status{{What: Reminded, Entry: before.Entry + 1}}, verb: event.AnnouncementReminded}
}

// audience are those who may read a space, as far as anybody can list them, sorted.
func (s *Service) audience(ctx context.Context, tenant engawa.TenantID, sp Space) ([]engawa.PersonID, error) {
	mine := map[engawa.PersonID]Membership{}
	for after := int64(0); ; {
		members, last, err := s.store.Readers(ctx, tenant, sp.ID, after, 500)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			mine[m.Person] = m
		}
		if len(members) < 500 {
			break
		}
		after = last
	}
	lister, canList := s.dir.(engawa.MemberLister)
	for _, k := range sp.Access {
		switch {
		case k.Kind == KeyPerson:
			mine[k.Person] = orMember(mine, k.Person)
		case canList && (k.Kind == KeyOrg || k.Kind == KeyOrgBelow):
			for person, err := range lister.Members(ctx, tenant, k.Org, s.now()) {
				if err != nil {
					return nil, &engawa.Error{Kind: engawa.Unavailable, Err: err}
				}
				mine[person] = orMember(mine, person)
			}
		}
	}
	var audience []engawa.PersonID
	for person, m := range mine {
		r, err := s.reader(ctx, engawa.Actor{Tenant: tenant, Person: person})
		if engawa.KindOf(err) == engawa.NotFound {
			continue // they have left
		}
		if err != nil {
			return nil, err
		}
		if r.sees(sp.door(), m) == readable {
			audience = append(audience, person)
		}
	}
	slices.Sort(audience)
	return audience, nil
}

func orMember(mine map[engawa.PersonID]Membership, person engawa.PersonID) Membership {
	if m, ok := mine[person]; ok {
		return m
	}
	return Membership{Person: person}
}

// Unacknowledged (未確認) reads the announcements that the actor is still to acknowledge, newest first.
func (s *Service) Unacknowledged(ctx context.Context, by engawa.Actor, window Window) (engawa.Page[Post], error) {
	return s.timeline(ctx, "feed.Unacknowledged", by, string(by.Person), window, func(ctx context.Context, st Store, v *view) (pick, error) {
		if by.IsSystem() {
			return nil, denied("", msgNoAuthor)
		}
		now := s.now()
		return func(before engawa.ID, limit int) ([]Place, error) {
			return st.UnackedPlaces(ctx, by.Tenant, by.Person, before, limit, now)
		}, nil
	})
}

// Acks is how far an announcement has been acknowledged.
type Acks struct {
	// Mine is when the reader acknowledged the present edition; zero: not yet.
	Mine time.Time
	// Count is how many have, for its author and those who look after the space; for others it is 0.
	Count int64
}
