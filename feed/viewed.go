package feed

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Views are how often a post was opened. The author's own views do not count.
type Views struct {
	// Total counts every time, People each person once.
	Total, People int64
}

// View notes that the actor has opened posts (閲覧), at most [MaxLimit] at once: each counts once a call. Those that the
// actor may not read or wrote are passed over. That a post was seen on a list is what [Service.MarkRead] notes: seen is
// not read. There are no events of views.
func (s *Service) View(ctx context.Context, by engawa.Actor, posts ...engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.View", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if by.IsSystem() {
		return denied("", msgNoAuthor)
	}
	found, err := s.readablePosts(ctx, by, posts)
	if err != nil {
		return err
	}
	var ids []engawa.ID
	for _, p := range found {
		if p.Author != by.Person {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids) // two who view the same posts lock in one order
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		return st.PutViews(ctx, by.Tenant, by.Person, slices.Compact(ids), s.now())
	})
}

// readablePosts are those of the posts that the actor may read.
func (s *Service) readablePosts(ctx context.Context, by engawa.Actor, ids []engawa.ID) ([]Post, error) {
	if len(ids) > MaxLimit {
		return nil, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(ids), MaxLimit)}
	}
	r, err := s.reader(ctx, by)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	v, err := s.view(ctx, s.store, r)
	if err != nil {
		return nil, err
	}
	return s.postsFor(ctx, s.store, v, ids)
}

// Views counts the views of posts that the actor may read, at most [MaxLimit] at once; others are missing.
func (s *Service) Views(ctx context.Context, by engawa.Actor, posts ...engawa.ID) (views map[engawa.ID]Views, err error) {
	ctx, o, err := s.begin(ctx, "feed.Views", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	found, err := s.readablePosts(ctx, by, posts)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	ids := make([]engawa.ID, len(found))
	for i, p := range found {
		ids[i] = p.ID
	}
	counts, err := s.store.Views(ctx, by.Tenant, ids)
	views = make(map[engawa.ID]Views, len(ids))
	for _, id := range ids {
		views[id] = counts[id]
	}
	return views, err
}

// ReceiptRule says whether it is shown who has read.
type ReceiptRule string

// The rules for receipts.
const (
	ReceiptsShown  ReceiptRule = "shown"
	ReceiptsHidden ReceiptRule = "hidden"
)

// Readers lists who has opened a post (既読), to its author and those who look after the space, in the order in which
// people were first known. Those who hide their receipts are left out, and whom a block hides; they are among the
// [Views] all the same. Where the tenant hides receipts it is Denied.
func (s *Service) Readers(ctx context.Context, by engawa.Actor, post engawa.ID, window Window) (page engawa.Page[Seeing], err error) {
	ctx, o, err := s.begin(ctx, "feed.Readers", by)
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
	post, err = s.resolve(ctx, s.store, by.Tenant, engawa.KindPost, post)
	if err != nil {
		return page, err
	}
	p, space, err := s.postFor(ctx, s.store, r, post)
	if err != nil {
		return page, err
	}
	if p.Author != by.Person && !r.looksAfter(space.Mine) {
		return page, denied(engawa.KindPost+" "+post.String(), msgAuthorOrHosts)
	}
	if _, all, err := s.store.Receipts(ctx, by.Tenant, by.Person); err != nil || all == ReceiptsHidden {
		if err == nil {
			err = denied("", msgReceiptsOff)
		}
		return page, err
	}
	h, err := s.hides(ctx, s.store, r)
	if err != nil {
		return page, err
	}
	limit := window.limit()
	seen, last, err := s.store.Viewers(ctx, by.Tenant, post, after, limit)
	if err != nil {
		return page, err
	}
	if len(seen) == limit {
		page.Next = engawa.NewCursor(by.Tenant, list, last)
	}
	page.Items = slices.DeleteFunc(seen, func(one Seeing) bool { return h.blocked[one.Person] })
	return page, nil
}

// SetReceipts hides one's own receipts or shows them again: at once and for all posts.
func (s *Service) SetReceipts(ctx context.Context, by engawa.Actor, rule ReceiptRule) error {
	if by.IsSystem() {
		return engawa.Wrap("feed.SetReceipts", denied("", msgNoAuthor))
	}
	return s.setReceipts(ctx, "feed.SetReceipts", by, by.Person, rule)
}

// SetTenantReceipts hides everybody's receipts or shows them again. The tenant's stewards may.
func (s *Service) SetTenantReceipts(ctx context.Context, by engawa.Actor, rule ReceiptRule) error {
	return s.setReceipts(ctx, "feed.SetTenantReceipts", by, "", rule)
}

func (s *Service) setReceipts(ctx context.Context, name string, by engawa.Actor, person engawa.PersonID, rule ReceiptRule) (err error) {
	ctx, o, err := s.begin(ctx, name, by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if rule != ReceiptsShown && rule != ReceiptsHidden {
		return invalid("rule", msgReceiptRule)
	}
	if person == "" && !by.IsSystem() && !by.Has(engawa.RoleSteward) {
		return denied("", msgStewardsOnly)
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		changed, err := st.SetReceipts(ctx, by.Tenant, person, rule, s.now())
		if err != nil || !changed {
			return err
		}
		told := s.tell(by, event.ReceiptsChanged, engawa.Ref{Kind: engawa.KindTenant}, 0, 0)
		told.Person = person
		return st.Append(ctx, told)
	})
}

// Receipts are the rules for the actor's own receipts, and for those of everybody.
func (s *Service) Receipts(ctx context.Context, by engawa.Actor) (own, all ReceiptRule, err error) {
	ctx, o, err := s.begin(ctx, "feed.Receipts", by)
	defer o.done(&err)
	if err != nil {
		return "", "", err
	}
	return s.store.Receipts(ctx, by.Tenant, by.Person)
}

// Bookmark (ブックマーク) is a post that somebody keeps.
type Bookmark struct {
	Post Post
	At   time.Time
}

// Bookmark keeps a post for the actor; nobody else learns of it. Doing it again changes nothing.
func (s *Service) Bookmark(ctx context.Context, by engawa.Actor, post engawa.ID) (err error) {
	return s.keepPost(ctx, "feed.Bookmark", by, post, func(st Store, id engawa.ID, space engawa.ID) error {
		return s.bookmarkIn(ctx, st, by, Kept{id, s.now()}, space)
	})
}

// bookmarkIn keeps a post inside a unit.
func (s *Service) bookmarkIn(ctx context.Context, st Store, by engawa.Actor, kept Kept, space engawa.ID) error {
	changed, err := st.PutBookmark(ctx, by.Tenant, by.Person, kept)
	if err != nil || !changed {
		return err
	}
	return st.Append(ctx, s.tellKept(by, event.BookmarkAdded, kept.Post, space))
}

// keepPost does something inside a unit with a post that the actor may read.
func (s *Service) keepPost(ctx context.Context, name string, by engawa.Actor, post engawa.ID, keep func(st Store, id, space engawa.ID) error) (err error) {
	ctx, o, err := s.begin(ctx, name, by)
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
		return keep(st, p.ID, p.Space)
	})
}

func (s *Service) tellKept(by engawa.Actor, verb event.Verb, post, space engawa.ID) event.Event {
	told := s.tell(by, verb, engawa.RefTo(engawa.KindPost, post), 0, space)
	told.Person = by.Person
	return told
}

// dropPost takes back what the actor keeps of a post, also of one that they may not read any more.
func (s *Service) dropPost(ctx context.Context, name string, by engawa.Actor, post engawa.ID, verb event.Verb, drop func(st Store, id engawa.ID) (bool, error)) (err error) {
	ctx, o, err := s.begin(ctx, name, by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		id, err := s.resolve(ctx, st, by.Tenant, engawa.KindPost, post)
		if err != nil {
			return err
		}
		changed, err := drop(st, id)
		if err != nil || !changed {
			return err
		}
		return st.Append(ctx, s.tellKept(by, verb, id, 0))
	})
}

// Unbookmark takes a bookmark back.
func (s *Service) Unbookmark(ctx context.Context, by engawa.Actor, post engawa.ID) (err error) {
	return s.dropPost(ctx, "feed.Unbookmark", by, post, event.BookmarkRemoved, func(st Store, id engawa.ID) (bool, error) {
		return st.DeleteBookmark(ctx, by.Tenant, by.Person, id)
	})
}

// Bookmarks reads the posts that the actor keeps, the last kept first, also those that have expired. A retracted one
// stays, without its text; one that the actor may not read any more is left out, and is there again once they may.
func (s *Service) Bookmarks(ctx context.Context, by engawa.Actor, window Window) (page engawa.Page[Bookmark], err error) {
	ctx, o, err := s.begin(ctx, "feed.Bookmarks", by)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	list := o.name + " " + string(by.Person)
	at, post := maxTime, int64(maxID)
	if _, err := window.After.Keys(by.Tenant, list, &at, &post); err != nil {
		return page, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return page, err
	}
	v, err := s.view(ctx, s.store, r)
	if err != nil {
		return page, err
	}
	limit := window.limit()
	next := func(k Kept) engawa.Cursor { return engawa.NewCursor(by.Tenant, list, k.At.UnixMicro(), int64(k.Post)) }
	before := Kept{engawa.ID(post), time.UnixMicro(at).UTC()}
	for want, scanned := limit+1, 0; ; want = MaxLimit {
		kept, err := s.store.Bookmarks(ctx, by.Tenant, by.Person, before, want)
		if err != nil {
			return page, err
		}
		posts, err := s.keptPosts(ctx, v, kept)
		if err != nil {
			return page, err
		}
		for _, k := range kept {
			p, ok := posts[k.Post]
			if ok && len(page.Items) == limit {
				page.Next = next(before)
				return page, nil
			}
			if before = k; ok {
				page.Items = append(page.Items, Bookmark{p, k.At})
			}
		}
		if len(kept) < want {
			return page, nil
		}
		if scanned += len(kept); scanned >= maxScan {
			page.Next = next(before)
			return page, nil
		}
	}
}

// maxTime is later than all times, in microseconds: the year 9999.
const maxTime = int64(253_402_300_799_000_000)

// keptPosts reads posts that somebody keeps, as far as they may.
func (s *Service) keptPosts(ctx context.Context, v *view, kept []Kept) (map[engawa.ID]Post, error) {
	found := make(map[engawa.ID]Post, len(kept))
	ids := make([]engawa.ID, len(kept))
	for i, k := range kept {
		ids[i] = k.Post
	}
	posts, err := s.postsFor(ctx, s.store, v, ids)
	for _, p := range posts {
		found[p.ID] = p
	}
	return found, err
}
