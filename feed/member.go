package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Membership is one person's place in a space.
type Membership struct {
	Person engawa.PersonID
	State  MemberState
	// Host (世話役) looks after the space.
	Host     bool
	JoinedAt time.Time
	// Seen is the read mark: posts up to this number have been read.
	Seen int64
	// Again is the first of the posts that were marked unread again, all of them up to Seen; 0 for none.
	Again int64
	// Version counts the changes of State and Host.
	Version int64
}

// hasRead reports whether a post of that number counts as read.
func (m Membership) hasRead(seq int64) bool { return seq <= m.Seen && (m.Again == 0 || seq < m.Again) }

// MemberState is how somebody stands to a space.
type MemberState int

// The states of a membership.
const (
	// NoMember has no row: in a space of [JoinAuto] that is a member by key.
	NoMember MemberState = iota
	Joined
	Left
	Removed
	// ByKey is a member of a [JoinAuto] space who has a row only because they read or wrote there.
	ByKey
)

// rowState is the state of a row that somebody gets by reading or writing in a space.
func rowState(sp Space) MemberState {
	if sp.Join == JoinAuto {
		return ByKey
	}
	return NoMember
}

// Join puts a space on the actor's home. One to which members are invited takes nobody by themselves.
func (s *Service) Join(ctx context.Context, by engawa.Actor, space engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Join", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.membership(ctx, by, space, by.Person, listed, event.MemberJoined, func(sp Space, r reader, m *Membership) error {
		if sp.Join == JoinInvite && m.State != Joined {
			return denied(spaceSubject(sp), msgMembersOnly)
		}
		m.State, m.JoinedAt = Joined, s.now()
		return nil
	})
}

// Leave takes a space off the actor's home. What they may read does not change, unless members are invited to it.
func (s *Service) Leave(ctx context.Context, by engawa.Actor, space engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Leave", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.membership(ctx, by, space, by.Person, listed, event.MemberLeft, func(sp Space, _ reader, m *Membership) error {
		if onHome(sp.door(), *m) {
			m.State, m.Host = Left, false
		}
		return nil
	})
}

// AddMember puts a space on somebody's home; to a space of [JoinInvite] it is the only way in. Those who look after
// the space may. It does not replace the space's keys: who holds none of them still cannot read.
func (s *Service) AddMember(ctx context.Context, by engawa.Actor, space engawa.ID, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.AddMember", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := s.known(ctx, by.Tenant, person); err != nil {
		return err
	}
	return s.membership(ctx, by, space, person, listed, event.MemberInvited, func(sp Space, r reader, m *Membership) error {
		if !r.looksAfter(sp.Mine) {
			return denied(spaceSubject(sp), msgHostsOnly)
		}
		if m.State != Joined {
			m.State, m.JoinedAt = Joined, s.now()
		}
		return nil
	})
}

// RemoveMember takes a space off somebody's home. Those who look after the space may.
func (s *Service) RemoveMember(ctx context.Context, by engawa.Actor, space engawa.ID, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.RemoveMember", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.membership(ctx, by, space, person, listed, event.MemberRemoved, func(sp Space, r reader, m *Membership) error {
		if !r.looksAfter(sp.Mine) {
			return denied(spaceSubject(sp), msgHostsOnly)
		}
		if onHome(sp.door(), *m) {
			m.State, m.Host = Removed, false
		}
		return nil
	})
}

// AddHost makes somebody a host, and a member. Those who look after the space may.
func (s *Service) AddHost(ctx context.Context, by engawa.Actor, space engawa.ID, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.AddHost", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := s.known(ctx, by.Tenant, person); err != nil {
		return err
	}
	return s.membership(ctx, by, space, person, listed, event.HostAdded, func(sp Space, r reader, m *Membership) error {
		if !r.looksAfter(sp.Mine) {
			return denied(spaceSubject(sp), msgHostsOnly)
		}
		if m.State != Joined {
			m.JoinedAt = s.now()
		}
		m.State, m.Host = Joined, true
		return nil
	})
}

// RemoveHost makes a host an ordinary member. Those who look after the space may.
func (s *Service) RemoveHost(ctx context.Context, by engawa.Actor, space engawa.ID, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.RemoveHost", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.membership(ctx, by, space, person, listed, event.HostRemoved, func(sp Space, r reader, m *Membership) error {
		if !r.looksAfter(sp.Mine) {
			return denied(spaceSubject(sp), msgHostsOnly)
		}
		m.Host = false
		return nil
	})
}

// membership changes one person's place in a space. A change that changes nothing writes nothing.
func (s *Service) membership(ctx context.Context, by engawa.Actor, id engawa.ID, person engawa.PersonID, need sight, verb event.Verb, change func(Space, reader, *Membership) error) error {
	if by.IsSystem() && person == by.Person {
		return denied("", msgNoAuthor)
	}
	if err := engawa.CheckHostID("person", string(person)); err != nil {
		return err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		space, err := s.spaceFor(ctx, st, r, id, need)
		if err != nil {
			return err
		}
		m, err := st.LockMember(ctx, by.Tenant, id, person)
		if err != nil {
			return err
		}
		before := m
		m.Person = person
		if err := change(space, r, &m); err != nil {
			return err
		}
		if m.State == before.State && m.Host == before.Host {
			return nil
		}
		return s.putMember(ctx, st, by, id, m, verb)
	})
}

// putMember writes a membership and tells of it.
func (s *Service) putMember(ctx context.Context, st Store, by engawa.Actor, space engawa.ID, m Membership, verbs ...event.Verb) error {
	for _, verb := range verbs {
		m.Version++
		told := s.tell(by, verb, engawa.RefTo(engawa.KindSpace, space), m.Version, space)
		told.Person = m.Person
		if err := st.Append(ctx, told); err != nil {
			return err
		}
	}
	return st.PutMember(ctx, by.Tenant, space, m)
}

// Members lists the members of a space that have a row, in the order in which they were first known. In a space of
// [JoinAuto] that is not everybody who may read it.
func (s *Service) Members(ctx context.Context, by engawa.Actor, space engawa.ID, window Window) (page engawa.Page[Membership], err error) {
	ctx, o, err := s.begin(ctx, "feed.Members", by)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	list := o.name + " " + space.String()
	var after int64
	if _, err := window.After.Keys(by.Tenant, list, &after); err != nil {
		return page, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return page, err
	}
	if _, err := s.spaceFor(ctx, s.store, r, space, readable); err != nil {
		return page, err
	}
	limit := window.limit()
	members, last, err := s.store.Members(ctx, by.Tenant, space, after, limit)
	if err != nil {
		return page, err
	}
	for i := range members {
		members[i].Seen, members[i].Again = 0, 0 // how far somebody has read is theirs
	}
	page.Items = members
	if len(members) == limit {
		page.Next = engawa.NewCursor(by.Tenant, list, last)
	}
	return page, nil
}

// Follow shows somebody's posts on the actor's home, as far as the actor may read them.
func (s *Service) Follow(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Follow", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if by.IsSystem() || person == by.Person {
		return invalid("person", msgFollowSelf)
	}
	if err := s.known(ctx, by.Tenant, by.Person, person); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return s.followIn(ctx, st, by, person, s.now()) })
}

// Unfollow ends following somebody.
func (s *Service) Unfollow(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Unfollow", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckHostID("person", string(person)); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		changed, err := st.DeleteFollow(ctx, by.Tenant, by.Person, person)
		if err != nil || !changed {
			return err
		}
		return st.Append(ctx, s.tellFollow(by, event.PersonUnfollowed, person))
	})
}

// followIn follows somebody inside a unit; following again changes nothing.
func (s *Service) followIn(ctx context.Context, st Store, by engawa.Actor, person engawa.PersonID, at time.Time) error {
	changed, err := st.PutFollow(ctx, by.Tenant, by.Person, person, at)
	if err != nil || !changed {
		return err
	}
	return st.Append(ctx, s.tellFollow(by, event.PersonFollowed, person))
}

func (s *Service) tellFollow(by engawa.Actor, verb event.Verb, person engawa.PersonID) event.Event {
	told := s.tell(by, verb, engawa.Ref{Kind: engawa.KindPerson}, 0, 0)
	told.Person = person
	return told
}

// Following lists those whom the actor follows.
func (s *Service) Following(ctx context.Context, by engawa.Actor) (people []engawa.PersonID, err error) {
	ctx, o, err := s.begin(ctx, "feed.Following", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	return s.store.Following(ctx, by.Tenant, by.Person)
}
