package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed/body"
)

// Watch is a thread or a tag that somebody follows: one of the two.
type Watch struct {
	// Post is the post whose thread is followed.
	Post engawa.ID
	// Tag is a tag, with or without its sign.
	Tag string
	// At is since when; it is set by the feed.
	At time.Time
}

// MaxTags is how many tags one person follows at most.
const MaxTags = 100

// normal is the watch with its tag as a key.
func (w Watch) normal() (Watch, error) {
	if (w.Post == 0) == (w.Tag == "") {
		return w, invalid("Watch", msgWatchWhat)
	}
	if w.Tag == "" {
		return w, nil
	}
	key, ok := body.TagKey(w.Tag)
	if !ok {
		return w, invalid("Tag", msgNoTag)
	}
	w.Tag = key
	return w, nil
}

// Watch follows a thread or a tag (スレッド・タグのフォロー): its posts are on the actor's [Service.Watched], and who
// follows a thread is told of its comments. To follow a person there is [Service.Follow].
func (s *Service) Watch(ctx context.Context, by engawa.Actor, watch Watch) (err error) {
	watch, err = watch.normal()
	if err != nil {
		return engawa.Wrap("feed.Watch", err)
	}
	watch.At = s.now()
	if watch.Tag == "" {
		return s.keepPost(ctx, "feed.Watch", by, watch.Post, func(st Store, id, space engawa.ID) error {
			watch.Post = id
			return s.watchIn(ctx, st, by, watch, space)
		})
	}
	ctx, o, err := s.begin(ctx, "feed.Watch", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if by.IsSystem() {
		return denied("", msgNoAuthor)
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return s.watchIn(ctx, st, by, watch, 0) })
}

// watchIn follows a thread or tag inside a unit.
func (s *Service) watchIn(ctx context.Context, st Store, by engawa.Actor, watch Watch, space engawa.ID) error {
	changed, err := st.PutWatch(ctx, by.Tenant, by.Person, watch)
	if err != nil || !changed {
		return err
	}
	if watch.Tag == "" {
		return st.Append(ctx, s.tellKept(by, event.ThreadFollowed, watch.Post, space))
	}
	all, err := st.Watches(ctx, by.Tenant, by.Person, 0, MaxTags+1)
	if err == nil && len(all) > MaxTags {
		err = invalid("Tag", msgWatchMany.With(MaxTags))
	}
	if err != nil {
		return err
	}
	return st.Append(ctx, s.tellFollow(by, event.TagFollowed, ""))
}

// Unwatch ends following a thread or a tag.
func (s *Service) Unwatch(ctx context.Context, by engawa.Actor, watch Watch) (err error) {
	watch, err = watch.normal()
	if err != nil {
		return engawa.Wrap("feed.Unwatch", err)
	}
	if watch.Tag == "" {
		return s.dropPost(ctx, "feed.Unwatch", by, watch.Post, event.ThreadUnfollowed, func(st Store, id engawa.ID) (bool, error) {
			return st.DeleteWatch(ctx, by.Tenant, by.Person, Watch{Post: id})
		})
	}
	ctx, o, err := s.begin(ctx, "feed.Unwatch", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		changed, err := st.DeleteWatch(ctx, by.Tenant, by.Person, watch)
		if err != nil || !changed {
			return err
		}
		return st.Append(ctx, s.tellFollow(by, event.TagUnfollowed, ""))
	})
}

// Watches lists the tags that the actor follows, sorted, and the newest of the threads, at most [MaxLimit]. Threads that
// the actor may not read any more are among them, to be unfollowed.
func (s *Service) Watches(ctx context.Context, by engawa.Actor) (all []Watch, err error) {
	ctx, o, err := s.begin(ctx, "feed.Watches", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	return s.store.Watches(ctx, by.Tenant, by.Person, maxID, MaxLimit)
}

// Watched reads the posts whose threads the actor follows and those with a tag that they follow, newest first, as far as
// they may read them. What they muted is there too: they asked for it.
func (s *Service) Watched(ctx context.Context, by engawa.Actor, window Window) (engawa.Page[Post], error) {
	return s.timeline(ctx, "feed.Watched", by, string(by.Person), window, func(ctx context.Context, st Store, v *view) (pick, error) {
		now := s.now()
		return func(before engawa.ID, limit int) ([]Place, error) {
			return st.WatchPlaces(ctx, by.Tenant, by.Person, before, limit, now)
		}, nil
	})
}

// ThreadWatchers lists who follows a thread, for those who notify: whether each may read it is for them to ask. Only
// [engawa.System] may.
func (s *Service) ThreadWatchers(ctx context.Context, by engawa.Actor, post engawa.ID, window Window) (page engawa.Page[engawa.PersonID], err error) {
	ctx, o, err := s.begin(ctx, "feed.ThreadWatchers", by)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	if !by.IsSystem() {
		return page, denied("", msgSystemOnly)
	}
	list := o.name + " " + post.String()
	var after int64
	if _, err := window.After.Keys(by.Tenant, list, &after); err != nil {
		return page, err
	}
	people, last, err := s.store.ThreadWatchers(ctx, by.Tenant, post, after, window.limit())
	page.Items = people
	if len(people) == window.limit() {
		page.Next = engawa.NewCursor(by.Tenant, list, last)
	}
	return page, err
}
