package sns

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/search"
)

// What a search finds of a post changes by time alone when it expires, and when the review of an article is overdue. No
// event tells of it, so each node remembers when that will be of the posts in its index, and the first search after it
// brings them up to date before it counts anything. Nothing is written for it; a process that starts looks through the
// tenant's posts once.

// overdueFrom is when an article begins to count as outdated: the day after that of its review, where the tenant is. It is
// the zero time for what is not reviewed.
func (p pieces) overdueFrom(tenant engawa.TenantID, post feed.Post) time.Time {
	d, ok := post.Details.(*feed.ArticleDetails)
	if !ok || d.ReviewOn.IsZero() {
		return time.Time{}
	}
	return time.Date(d.ReviewOn.Year, d.ReviewOn.Month, d.ReviewOn.Day+1, 0, 0, 0, 0, p.zone(tenant))
}

// overdue reports whether the review of an article is.
func (p pieces) overdue(tenant engawa.TenantID, post feed.Post) bool {
	from := p.overdueFrom(tenant, post)
	return !from.IsZero() && !p.now().Before(from)
}

// watch remembers when a post that is indexed changes next.
func (p pieces) watch(tenant engawa.TenantID, post feed.Post) {
	if p.follower == nil {
		return
	}
	now := p.now()
	for _, at := range []time.Time{post.ExpiresAt, p.overdueFrom(tenant, post)} {
		if at.After(now) {
			p.follower.watch(tenant, post.Ref(), at)
		}
	}
}

// turning is when posts of a tenant change by time.
type turning struct {
	at map[engawa.Ref]time.Time
	// next is when the first of them does, or earlier; the zero time where none will.
	next time.Time
	// whole says that all posts in the index have been looked at.
	whole bool
}

// add notes a time; of two of one post the earlier one, after which the other is noted again.
func (t *turning) add(ref engawa.Ref, at time.Time) {
	if old, ok := t.at[ref]; ok && !at.Before(old) {
		return
	}
	t.at[ref] = at
	if t.next.IsZero() || at.Before(t.next) {
		t.next = at
	}
}

// take are the posts that have changed by now; they are forgotten.
func (t *turning) take(now time.Time) (due []engawa.Ref) {
	if t.next.IsZero() || now.Before(t.next) {
		return nil
	}
	t.next = time.Time{}
	for ref, at := range t.at {
		switch {
		case !now.Before(at):
			due = append(due, ref)
			delete(t.at, ref)
		case t.next.IsZero() || at.Before(t.next):
			t.next = at
		}
	}
	return due
}

func (f *follower) watch(tenant engawa.TenantID, ref engawa.Ref, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of(tenant).turning.add(ref, at)
}

// pass brings what has changed by time into the index. Where that goes wrong it is tried again by the next search.
func (f *follower) pass(ctx context.Context, tenant engawa.TenantID) {
	now := f.now()
	f.mu.Lock()
	t := f.of(tenant)
	var due []engawa.Ref
	if t.following { // else it is being caught up
		due = t.turning.take(now)
	}
	upTo := t.upTo
	f.mu.Unlock()
	if len(due) == 0 {
		return
	}
	if err := f.renew(ctx, tenant, due, upTo); err != nil {
		f.logger.WarnContext(ctx, "search: what has expired is still counted", "tenant", tenant, "error", err)
		for _, ref := range due {
			f.watch(tenant, ref, now)
		}
	}
}

// renew indexes posts again, with their comments.
func (f *follower) renew(ctx context.Context, tenant engawa.TenantID, posts []engawa.Ref, watermark int64) error {
	refs, err := f.withComments(ctx, tenant, posts)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(refs, search.MaxRefs) {
		if err := f.search.Index(ctx, engawa.System(tenant), part, watermark); err != nil {
			return err
		}
	}
	return nil
}

// remember looks through the posts of an index that another process has made: which have changed since, and which will. The
// clauses in effect, of which there are few, are indexed again: the index may be older than the finding of clauses.
func (f *follower) remember(ctx context.Context, tenant engawa.TenantID, watermark int64) error {
	for after := engawa.ID(0); ; {
		posts, last, err := f.talk.TimedAfter(ctx, engawa.System(tenant), after)
		if err != nil {
			return err
		}
		now := f.now()
		var due []engawa.Ref
		for _, p := range posts {
			f.pieces.watch(tenant, p)
			if !p.ExpiresAt.IsZero() && !now.Before(p.ExpiresAt) || f.pieces.overdue(tenant, p) {
				due = append(due, p.Ref())
			}
		}
		if err := f.renew(ctx, tenant, due, watermark); err != nil {
			return err
		}
		if last == 0 {
			break
		}
		after = last
	}
	if err := f.rules.index(ctx, f.search, tenant, watermark); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of(tenant).turning.whole = true
	return nil
}
