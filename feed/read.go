package feed

import (
	"cmp"
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
)

// known are at most limit spaces that the reader knows of, above an id, sorted.
func (v *view) known(after engawa.ID, limit int) []engawa.ID {
	var ids []engawa.ID
	for id, door := range v.doors.byID {
		if id > after && v.sees(door, v.mine[id]) >= listed {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids[:min(limit, len(ids))]
}

// spacesFor reads spaces through the door, sorted by id.
func (s *Service) spacesFor(ctx context.Context, st Store, r reader, ids []engawa.ID) ([]Space, error) {
	spaces, err := st.Spaces(ctx, r.Tenant, ids, r.Person)
	if err != nil {
		return nil, err
	}
	spaces = slices.DeleteFunc(spaces, func(sp Space) bool { return r.sees(sp.door(), sp.Mine) < listed })
	slices.SortFunc(spaces, func(a, b Space) int { return cmp.Compare(a.ID, b.ID) })
	return spaces, nil
}

// MySpaces are the spaces on the actor's home, sorted by id.
func (s *Service) MySpaces(ctx context.Context, by engawa.Actor) (spaces []Space, err error) {
	ctx, o, err := s.begin(ctx, "feed.MySpaces", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	v, err := s.wholeView(ctx, s.store, r)
	if err != nil {
		return nil, err
	}
	home := v.home()
	if len(home) == 0 {
		return nil, nil
	}
	return s.spacesFor(ctx, s.store, v.reader, home)
}

// MarkRead notes that the actor has seen a space up to a post, or all of it with the zero id. A mark never moves back:
// see [Service.MarkUnread]. That a post was opened is told by [Service.View].
func (s *Service) MarkRead(ctx context.Context, by engawa.Actor, space engawa.ID, upTo engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.MarkRead", by)
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
		sp, err := s.spaceFor(ctx, st, r, space, readable)
		if err != nil {
			return err
		}
		seq := sp.PostCount
		if upTo != 0 {
			upTo, err := s.resolve(ctx, st, by.Tenant, engawa.KindPost, upTo)
			if err != nil {
				return err
			}
			post, _, err := s.postFor(ctx, st, r, upTo)
			if err == nil && post.Space != space {
				err = notFound(engawa.KindPost, upTo)
			}
			if err != nil {
				return err
			}
			seq = post.Seq
		}
		if err := st.MarkSeen(ctx, by.Tenant, space, by.Person, seq, rowState(sp)); err != nil {
			return err
		}
		return st.Visited(ctx, by.Tenant, by.Person, s.now())
	})
}

// MarkUnread makes the posts of a space unread again from one on (ここから未読にする): all that is newer, but for what never
// counts, one's own posts first of all. Reading on takes them back one by one. Where none of them has been read, nothing
// changes.
func (s *Service) MarkUnread(ctx context.Context, by engawa.Actor, from engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.MarkUnread", by)
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
		id, err := s.resolve(ctx, st, by.Tenant, engawa.KindPost, from)
		if err != nil {
			return err
		}
		post, _, err := s.postFor(ctx, st, r, id)
		if err != nil {
			return err
		}
		return st.MarkUnread(ctx, by.Tenant, post.Space, by.Person, post.Seq)
	})
}

// Unread is how many posts of a space somebody has not read.
type Unread struct {
	Space engawa.ID
	Posts int64
}

// Unread counts the unread posts of each space on the actor's home, also where there are none, sorted by space. What the
// actor does not see because of a block, and what they muted, does not count; a muted space counts none. For those who
// hide anything that takes one question more, in proportion to what the hidden people wrote.
func (s *Service) Unread(ctx context.Context, by engawa.Actor) (unread []Unread, err error) {
	ctx, o, err := s.begin(ctx, "feed.Unread", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	if by.IsSystem() {
		return nil, nil
	}
	v := &view{reader: r, st: s.store, doors: s.access.latest(by.Tenant, s.now()), whole: true}
	u, err := s.store.Unread(ctx, by.Tenant, by.Person, v.doors.auto(r), s.now())
	if err != nil {
		return nil, err
	}
	if v.doors.version != u.Version || u.Version == 0 {
		if v.doors, err = s.readDoors(ctx, s.store, by.Tenant); err != nil {
			return nil, err
		}
		if u, err = s.store.Unread(ctx, by.Tenant, by.Person, v.doors.auto(r), s.now()); err != nil {
			return nil, err
		}
	}
	v.mine = u.Mine
	var less map[engawa.ID]int64
	if u.Hides {
		q := HiddenQuery{Person: by.Person, Blocks: !by.Has(engawa.RoleSteward), Now: s.now()}
		if less, err = s.store.UnreadHidden(ctx, by.Tenant, q); err != nil {
			return nil, err
		}
	}
	home := v.home()
	for _, id := range home {
		unread = append(unread, Unread{Space: id, Posts: max(0, u.Posts[id]-less[id])})
	}
	return unread, nil
}

// Rebuild computes what is derived from a tenant's rows anew: comment counts, the newest post of each space, and what
// unread leaves out. Only [engawa.System] may. It changes nothing where all was right.
func (s *Service) Rebuild(ctx context.Context, by engawa.Actor) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Rebuild", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if !by.IsSystem() {
		return denied("", msgSystemOnly)
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return st.Rebuild(ctx, by.Tenant) })
}
