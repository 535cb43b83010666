package feed

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Status is a state that a post is in: who put it there, and when. A post is in each state at most once.
type Status struct {
	What StatusKind
	By   engawa.PersonID
	At   time.Time
	// Entry is the comment or post concerned, for the states that say so.
	Entry engawa.ID
	// Person is the person concerned, for the states that say so.
	Person engawa.PersonID
}

// StatusKind names a state of a post.
type StatusKind string

// The states of posts beside being retracted.
const (
	Pinned         StatusKind = "pinned"     // 固定: shown on top of the space
	Locked         StatusKind = "locked"     // takes no comments
	NoAnswerNeeded StatusKind = "no_answer"  // 返信不要
	Accepted       StatusKind = "accepted"   // 解決: Entry is the comment that answers
	Closed         StatusKind = "closed"     // 終了: of polls and desk questions
	Assigned       StatusKind = "assigned"   // 担当: Person looks after the desk question
	Superseded     StatusKind = "superseded" // Entry is the post that says it better now
	MustAck        StatusKind = "must_ack"   // 要確認: Entry is the edition to acknowledge
	OnDesk         StatusKind = "on_desk"    // 対応中: a desk question that is not closed
	AckDue         StatusKind = "ack_due"    // 確認期限: At is when those who have not acknowledged are reminded next
	Reminded       StatusKind = "reminded"   // 督促: Entry is how often those who have not acknowledged were reminded
)

// Status is the state of that kind which the post is in, if it is.
func (p Post) Status(what StatusKind) (Status, bool) {
	i := slices.IndexFunc(p.Statuses, func(s Status) bool { return s.What == what })
	if i < 0 {
		return Status{}, false
	}
	return p.Statuses[i], true
}

// is reports whether the post is in a state.
func (p Post) is(what StatusKind) bool { _, ok := p.Status(what); return ok }

// change is what a call does to the states of a post.
type change struct {
	put  []Status
	drop []StatusKind
	verb event.Verb
	// person is whom the event concerns.
	person engawa.PersonID
}

// restate changes the states of a post, after decide has looked at it under a lock. A change that changes nothing says
// nothing.
func (s *Service) restate(ctx context.Context, name string, by engawa.Actor, id engawa.ID,
	decide func(st Store, r reader, p Post, sp Space) (change, error)) (err error) {
	ctx, o, err := s.begin(ctx, name, by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		p, sp, err := s.lockPost(ctx, st, r, id)
		if err != nil {
			return err
		}
		if p.Retracted != nil {
			return denied(engawa.KindPost+" "+p.ID.String(), msgRetracted)
		}
		c, err := decide(st, r, p, sp)
		if err != nil {
			return err
		}
		return s.enact(ctx, st, by, p, c)
	})
}

// enact writes what a change says, and tells of it if that was anything new.
func (s *Service) enact(ctx context.Context, st Store, by engawa.Actor, p Post, c change) error {
	changed, err := s.apply(ctx, st, by, p, c)
	if err != nil || !changed {
		return err
	}
	told := s.tell(by, c.verb, p.Ref(), p.Version, p.Space)
	told.Person = c.person
	return st.Append(ctx, told)
}

// apply writes what a change says and reports whether that was anything new.
func (s *Service) apply(ctx context.Context, st Store, by engawa.Actor, p Post, c change) (bool, error) {
	changed := false
	for _, status := range c.put {
		if now, ok := p.Status(status.What); ok && now.Entry == status.Entry && now.Person == status.Person {
			continue
		}
		status.By, status.At = by.Person, s.now()
		if err := st.PutStatus(ctx, by.Tenant, p.ID, status); err != nil {
			return false, err
		}
		changed = true
	}
	for _, what := range c.drop {
		if !p.is(what) {
			continue
		}
		if err := st.DropStatus(ctx, by.Tenant, p.ID, what); err != nil {
			return false, err
		}
		changed = true
	}
	return changed, nil
}

// lockPost is postFor with the post locked, so that what is decided by its states holds until the unit ends.
func (s *Service) lockPost(ctx context.Context, st Store, r reader, id engawa.ID) (Post, Space, error) {
	id, err := s.resolve(ctx, st, r.Tenant, engawa.KindPost, id)
	if err != nil {
		return Post{}, Space{}, err
	}
	if err := st.LockPost(ctx, r.Tenant, id); err != nil {
		return Post{}, Space{}, err
	}
	return s.postFor(ctx, st, r, id)
}

// ownOrHosts lets a post's author and those who look after the space through.
func ownOrHosts(r reader, p Post, sp Space) error {
	if p.Author != r.Person && !r.looksAfter(sp.Mine) {
		return denied(engawa.KindPost+" "+p.ID.String(), msgAuthorOrHosts)
	}
	return nil
}

// hosts lets those who look after the space through.
func hosts(r reader, sp Space) error {
	if !r.looksAfter(sp.Mine) {
		return denied(spaceSubject(sp), msgHostsOnly)
	}
	return nil
}

// ofKind refuses a post of another kind.
func ofKind(p Post, kinds ...Kind) error {
	if !slices.Contains(kinds, p.Kind) {
		return &engawa.Error{Kind: engawa.Invalid, Subject: engawa.KindPost + " " + p.ID.String(), Message: msgOtherKind.With(kinds[0], p.Kind)}
	}
	return nil
}

// put and drop are the two changes of a plain state.
func put(what StatusKind, verb event.Verb) change {
	return change{put: []Status{{What: what}}, verb: verb}
}

func drop(what StatusKind, verb event.Verb) change {
	return change{drop: []StatusKind{what}, verb: verb}
}

// Pin (固定) shows a post on top of its space. Those who look after the space may, for at most [MaxPinned] posts.
func (s *Service) Pin(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.restate(ctx, "feed.Pin", by, post, func(st Store, r reader, p Post, sp Space) (change, error) {
		if err := hosts(r, sp); err != nil {
			return change{}, err
		}
		if !p.is(Pinned) {
			pinned, err := st.StatusPlaces(ctx, by.Tenant, Pinned, p.Space, maxID, MaxPinned, s.now())
			if err != nil {
				return change{}, err
			}
			if len(pinned) >= MaxPinned {
				return change{}, &engawa.Error{Kind: engawa.Conflict, Subject: spaceSubject(sp), Message: msgPinned.With(MaxPinned)}
			}
		}
		return put(Pinned, event.PostPinned), nil
	})
}

// MaxPinned is the most posts that a space shows on top.
const MaxPinned = 20

// Unpin undoes [Service.Pin].
func (s *Service) Unpin(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.restate(ctx, "feed.Unpin", by, post, func(_ Store, r reader, p Post, sp Space) (change, error) {
		return drop(Pinned, event.PostUnpinned), hosts(r, sp)
	})
}

// Lock ends the talk below a post: nobody comments but those who look after the space. They may.
func (s *Service) Lock(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.restate(ctx, "feed.Lock", by, post, func(_ Store, r reader, p Post, sp Space) (change, error) {
		return put(Locked, event.PostLocked), hosts(r, sp)
	})
}

// Unlock undoes [Service.Lock].
func (s *Service) Unlock(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.restate(ctx, "feed.Unlock", by, post, func(_ Store, r reader, p Post, sp Space) (change, error) {
		return drop(Locked, event.PostUnlocked), hosts(r, sp)
	})
}

// NeedNoAnswer (返信不要) takes a post off the list of unanswered ones. Its author may.
func (s *Service) NeedNoAnswer(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.restate(ctx, "feed.NeedNoAnswer", by, post, func(_ Store, r reader, p Post, sp Space) (change, error) {
		return put(NoAnswerNeeded, event.PostSettled), ownOrHosts(r, p, sp)
	})
}

// NeedAnswer undoes [Service.NeedNoAnswer].
func (s *Service) NeedAnswer(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.restate(ctx, "feed.NeedAnswer", by, post, func(_ Store, r reader, p Post, sp Space) (change, error) {
		return drop(NoAnswerNeeded, event.PostUnsettled), ownOrHosts(r, p, sp)
	})
}

// PinnedPosts reads what is shown on top of a space, newest first.
func (s *Service) PinnedPosts(ctx context.Context, by engawa.Actor, space engawa.ID, window Window) (engawa.Page[Post], error) {
	return s.withStatus(ctx, "feed.PinnedPosts", by, Pinned, space, window)
}

// DeskPosts (窓口) reads the questions of a space that are not closed, newest first.
func (s *Service) DeskPosts(ctx context.Context, by engawa.Actor, space engawa.ID, window Window) (engawa.Page[Post], error) {
	return s.withStatus(ctx, "feed.DeskPosts", by, OnDesk, space, window)
}

// withStatus is a timeline of the posts of a space that are in a state.
func (s *Service) withStatus(ctx context.Context, name string, by engawa.Actor, what StatusKind, space engawa.ID, window Window) (engawa.Page[Post], error) {
	return s.timeline(ctx, name, by, space.String(), window, func(ctx context.Context, st Store, v *view) (pick, error) {
		if err := v.look(ctx, space); err != nil {
			return nil, err
		}
		if err := admit(v.sees(v.doors.byID[space], v.mine[space]), readable, engawa.KindSpace, space); err != nil {
			return nil, err
		}
		now := s.now()
		return func(before engawa.ID, limit int) ([]Place, error) {
			return st.StatusPlaces(ctx, by.Tenant, what, space, before, limit, now)
		}, nil
	})
}

// Unanswered (未回答) reads the posts that nobody but their author has answered, newest first: of one space, or with the
// zero id of all that the actor may read. A comment of somebody else is an answer; so is an accepted one, and a post that
// needs none is not listed.
func (s *Service) Unanswered(ctx context.Context, by engawa.Actor, space engawa.ID, window Window) (engawa.Page[Post], error) {
	return s.timeline(ctx, "feed.Unanswered", by, space.String(), window, func(ctx context.Context, st Store, v *view) (pick, error) {
		if space != 0 {
			if err := v.look(ctx, space); err != nil {
				return nil, err
			}
			if err := admit(v.sees(v.doors.byID[space], v.mine[space]), readable, engawa.KindSpace, space); err != nil {
				return nil, err
			}
		}
		now := s.now()
		return func(before engawa.ID, limit int) ([]Place, error) {
			return st.OpenPlaces(ctx, by.Tenant, space, before, limit, now)
		}, nil
	})
}
