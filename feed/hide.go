package feed

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Block hides two people from each other (ブロック): their posts, comments and mentions are not found by the other, in
// every list, and the number of comments on a post leaves out what the reader does not see; what others answered to a
// hidden comment stays. The number of unread posts leaves them out too, and notices. Announcements are never hidden, nor anything
// from stewards and the system; a host of a space is a person like any other. It does not hide that somebody is a member
// of a space, acknowledged or voted. Blocking again changes nothing.
func (s *Service) Block(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Block", by)
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
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return s.blockIn(ctx, st, by, person, s.now()) })
}

// blockIn blocks somebody inside a unit.
func (s *Service) blockIn(ctx context.Context, st Store, by engawa.Actor, person engawa.PersonID, at time.Time) error {
	changed, err := st.PutBlock(ctx, by.Tenant, by.Person, person, at)
	if err != nil || !changed {
		return err
	}
	return st.Append(ctx, s.tellFollow(by, event.PersonBlocked, person))
}

// Unblock takes back one's own block; the other's stays.
func (s *Service) Unblock(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Unblock", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckHostID("person", string(person)); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		changed, err := st.DeleteBlock(ctx, by.Tenant, by.Person, person)
		if err != nil || !changed {
			return err
		}
		return st.Append(ctx, s.tellFollow(by, event.PersonUnblocked, person))
	})
}

// Blocked lists those whom the actor blocks, sorted. Who blocks the actor is not told.
func (s *Service) Blocked(ctx context.Context, by engawa.Actor) (blocked []Block, err error) {
	ctx, o, err := s.begin(ctx, "feed.Blocked", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Hides(ctx, by.Tenant, by.Person)
	return all.Blocked, err
}

// MuteKind is what is muted.
type MuteKind string

// What can be muted.
const (
	MutePerson MuteKind = "person"
	MuteThread MuteKind = "thread"
	MuteSpace  MuteKind = "space"
)

// Mute is something that somebody would rather not hear of (ミュート).
type Mute struct {
	What MuteKind
	// Person is whom [MutePerson] mutes.
	Person engawa.PersonID
	// ID is the post whose thread [MuteThread] mutes, or the space of [MuteSpace].
	ID engawa.ID
	// At is since when; it is set by the feed.
	At time.Time
}

// check refuses what names nothing or two things.
func (m Mute) check() error {
	switch m.What {
	case MutePerson:
		if m.ID != 0 {
			return invalid("ID", msgMuteWhat)
		}
		return engawa.CheckHostID("Person", string(m.Person))
	case MuteThread, MuteSpace:
		if m.ID != 0 && m.Person == "" {
			return nil
		}
	}
	return invalid("What", msgMuteWhat)
}

// Mute takes a person, a thread or a space off the actor's home and out of their unread, announcements too, and stops
// notices about it. Nobody else notices: the space's own page, the person's and the post itself read as before, and what
// is to be acknowledged still is. A muted space stays in [Service.MySpaces] and counts no unread.
func (s *Service) Mute(ctx context.Context, by engawa.Actor, mute Mute) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Mute", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if by.IsSystem() {
		return denied("", msgNoAuthor)
	}
	if err := mute.check(); err != nil {
		return err
	}
	if mute.Person == by.Person {
		return invalid("Person", msgFollowSelf)
	}
	r, err := s.reader(ctx, by)
	if err == nil && mute.What == MutePerson {
		err = s.known(ctx, by.Tenant, mute.Person)
	}
	if err != nil {
		return err
	}
	mute.At = s.now()
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		switch mute.What {
		case MuteThread:
			id, err := s.resolve(ctx, st, by.Tenant, engawa.KindPost, mute.ID)
			if err != nil {
				return err
			}
			if _, _, err := s.postFor(ctx, st, r, id); err != nil {
				return err
			}
			mute.ID = id
		case MuteSpace:
			if _, err := s.spaceFor(ctx, st, r, mute.ID, readable); err != nil {
				return err
			}
		}
		return s.muteIn(ctx, st, by, mute)
	})
}

// muteIn mutes something inside a unit.
func (s *Service) muteIn(ctx context.Context, st Store, by engawa.Actor, mute Mute) error {
	changed, err := st.PutMute(ctx, by.Tenant, by.Person, mute)
	if err != nil || !changed {
		return err
	}
	return st.Append(ctx, s.tellMute(by, event.MuteAdded, mute))
}

// Unmute takes a mute back.
func (s *Service) Unmute(ctx context.Context, by engawa.Actor, mute Mute) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Unmute", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := mute.check(); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		changed, err := st.DeleteMute(ctx, by.Tenant, by.Person, mute)
		if err != nil || !changed {
			return err
		}
		return st.Append(ctx, s.tellMute(by, event.MuteRemoved, mute))
	})
}

// tellMute tells of a mute: its subject is the actor, as that of a follow.
func (s *Service) tellMute(by engawa.Actor, verb event.Verb, mute Mute) event.Event {
	told := s.tellFollow(by, verb, mute.Person)
	switch mute.What {
	case MuteThread:
		told = told.With(event.Thread{Post: mute.ID})
	case MuteSpace:
		told.Space = mute.ID
	}
	return told
}

// Mutes lists what the actor mutes: persons, threads and spaces, each sorted.
func (s *Service) Mutes(ctx context.Context, by engawa.Actor) (mutes []Mute, err error) {
	ctx, o, err := s.begin(ctx, "feed.Mutes", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Hides(ctx, by.Tenant, by.Person)
	return all.Mutes, err
}

// Hides says which of the people the actor and they hide from each other, because one of them blocked the other: for
// what other rooms show of people, such as who reacted or what was found. It takes one question.
func (s *Service) Hides(ctx context.Context, by engawa.Actor, people ...engawa.PersonID) (hidden map[engawa.PersonID]bool, err error) {
	ctx, o, err := s.begin(ctx, "feed.Hides", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	h, err := s.hides(ctx, s.store, reader{Actor: by})
	if err != nil {
		return nil, err
	}
	hidden = map[engawa.PersonID]bool{}
	for _, p := range people {
		if h.blocked[p] {
			hidden[p] = true
		}
	}
	return hidden, nil
}

// HiddenFrom are all people whom the actor and they hide from each other: for what other rooms count or name, and not to
// be shown itself, since who blocks the actor is not told.
func (s *Service) HiddenFrom(ctx context.Context, by engawa.Actor) (people []engawa.PersonID, err error) {
	ctx, o, err := s.begin(ctx, "feed.HiddenFrom", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	h, err := s.hides(ctx, s.store, reader{Actor: by})
	if err != nil {
		return nil, err
	}
	return slices.Clone(h.authors), nil
}

// About is what a notice would be about. What is zero is not asked for.
type About struct {
	Author engawa.PersonID
	// Kind is that of the post, if it is the post that the notice is about and not a comment.
	Kind  Kind
	Post  engawa.ID
	Space engawa.ID
}

// WhoHides says which of the people want no notice about something: who blocked its author or is blocked by them, unless
// it is an announcement, and who muted the author, the thread or the space. At most [MaxImport] people are asked for at
// once. Only [engawa.System] may.
func (s *Service) WhoHides(ctx context.Context, by engawa.Actor, people []engawa.PersonID, about About) (hide map[engawa.PersonID]bool, err error) {
	ctx, o, err := s.begin(ctx, "feed.WhoHides", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if !by.IsSystem() {
		return nil, denied("", msgSystemOnly)
	}
	if len(people) > MaxImport {
		return nil, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(people), MaxImport)}
	}
	return s.store.WhoHides(ctx, by.Tenant, people, about)
}

// hidden is what one reader does not see, made for looking up.
type hidden struct {
	// blocked are those whom the reader blocked and those who blocked them; authors are the same, as a list.
	blocked map[engawa.PersonID]bool
	authors []engawa.PersonID
	// people, threads and spaces are those that the reader muted.
	people          []engawa.PersonID
	threads, spaces map[engawa.ID]bool
}

func (h *hidden) muting() bool { return len(h.people)+len(h.threads)+len(h.spaces) > 0 }

func (h *hidden) weight() int { return len(h.authors) + len(h.people) + len(h.threads) + len(h.spaces) }

func newHidden(all Hides) *hidden {
	if len(all.Blocked)+len(all.BlockedBy)+len(all.Mutes) == 0 {
		return &hidden{}
	}
	h := &hidden{blocked: map[engawa.PersonID]bool{}, threads: map[engawa.ID]bool{}, spaces: map[engawa.ID]bool{}}
	for _, list := range [][]Block{all.Blocked, all.BlockedBy} {
		for _, b := range list {
			if !h.blocked[b.Person] {
				h.blocked[b.Person] = true
				h.authors = append(h.authors, b.Person)
			}
		}
	}
	slices.Sort(h.authors)
	for _, m := range all.Mutes {
		switch m.What {
		case MutePerson:
			h.people = append(h.people, m.Person)
		case MuteThread:
			h.threads[m.ID] = true
		case MuteSpace:
			h.spaces[m.ID] = true
		}
	}
	return h
}

// unblocked is the same for those from whom no block hides anything: stewards and the system.
func (h *hidden) unblocked() *hidden {
	if len(h.authors) == 0 {
		return h
	}
	free := *h
	free.blocked, free.authors = nil, nil
	return &free
}

// homeShows reports whether a place belongs on the home of somebody who muted what they muted.
func (h *hidden) homeShows(post, space engawa.ID) bool { return !h.threads[post] && !h.spaces[space] }
