package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
)

// Hides is what somebody does not see: whom they blocked, who blocked them, and what they muted.
type Hides struct {
	// Blocked are those whom the person blocked, and BlockedBy those who blocked them, both sorted by id.
	Blocked, BlockedBy []Block
	// Mutes are sorted by what they mute, and then by its id.
	Mutes []Mute
}

// Block is one person blocking another, from one side.
type Block struct {
	Person engawa.PersonID
	At     time.Time
}

// HideStore keeps whom people block and what they mute. Every change raises the version of the homes concerned.
type HideStore interface {
	// PutBlock and DeleteBlock report whether they changed anything.
	PutBlock(ctx context.Context, tenant engawa.TenantID, person, blocked engawa.PersonID, at time.Time) (bool, error)
	DeleteBlock(ctx context.Context, tenant engawa.TenantID, person, blocked engawa.PersonID) (bool, error)
	// PutMute and DeleteMute report whether they changed anything.
	PutMute(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, mute Mute) (bool, error)
	DeleteMute(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, mute Mute) (bool, error)
	// Hides is all of it for one person.
	Hides(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (Hides, error)
	// WhoHides are those of the people who hide something: who muted its author, thread or space, or, unless it is an
	// announcement, blocked the author or are blocked by them.
	WhoHides(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID, about About) (map[engawa.PersonID]bool, error)
	// CommentsBy are how many comments that are not retracted authors have on posts; posts without any may be missing.
	CommentsBy(ctx context.Context, tenant engawa.TenantID, posts []engawa.ID, authors []engawa.PersonID) (map[engawa.ID]int, error)
}

// Seeing is one person's view of one post.
type Seeing struct {
	Person engawa.PersonID
	// First and Last are when they opened it for the first and the last time.
	First, Last time.Time
}

// HiddenQuery is whose hidden posts are counted.
type HiddenQuery struct {
	Person engawa.PersonID
	// Blocks says that blocks count, and not mutes alone.
	Blocks bool
	Now    time.Time
}

// ReadStore keeps what people read beyond the read marks of [SeenStore].
type ReadStore interface {
	// MarkUnread makes the posts of a space from a number on, up to the person's read mark, count as unread again. The
	// read mark stays. Where nothing from that number on has been read, nothing changes.
	MarkUnread(ctx context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID, from int64) error
	// UnreadHidden counts, for each space, the posts that Unread counts although the person hides them: those of authors
	// and threads that the person muted, and those between which and the person a block stands and that are no
	// announcements. A space that the person muted has math.MaxInt64.
	UnreadHidden(ctx context.Context, tenant engawa.TenantID, q HiddenQuery) (map[engawa.ID]int64, error)
	// PutViews counts one view of each post by a person. The posts are sorted; those of no post of the tenant are left out.
	PutViews(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, posts []engawa.ID, at time.Time) error
	// Views are the counts of posts; those that nobody viewed may be missing.
	Views(ctx context.Context, tenant engawa.TenantID, posts []engawa.ID) (map[engawa.ID]Views, error)
	// Viewers are who viewed a post after a place in a stable order, without those who hide their receipts, and the place
	// of the last.
	Viewers(ctx context.Context, tenant engawa.TenantID, post engawa.ID, after int64, limit int) ([]Seeing, int64, error)
	// SetReceipts hides or shows the receipts of a person, or with "" those of everybody, and reports whether that
	// changed anything.
	SetReceipts(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, rule ReceiptRule, at time.Time) (bool, error)
	// Receipts are the rules of a person and of the tenant.
	Receipts(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (own, all ReceiptRule, err error)
}

// Kept is a post that somebody keeps, for a time or since one.
type Kept struct {
	Post engawa.ID
	At   time.Time
}

// DueReminder is a reminder of any tenant whose time has come.
type DueReminder struct {
	Tenant engawa.TenantID
	Person engawa.PersonID
	Kept
}

// KeepStore keeps bookmarks and reminders, each person's own.
type KeepStore interface {
	// PutBookmark and DeleteBookmark report whether they changed anything. A post that does not exist is NotFound.
	PutBookmark(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, kept Kept) (bool, error)
	DeleteBookmark(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, post engawa.ID) (bool, error)
	// Bookmarks are a person's, newest first, below a place: the time, and among those of one time the post.
	Bookmarks(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before Kept, limit int) ([]Kept, error)
	// PutReminder sets when a person is reminded of a post, in place of any time before. A post that does not exist is
	// NotFound.
	PutReminder(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, kept Kept) error
	// DeleteReminder deletes a reminder, at that time only unless it is zero, and reports whether there was one.
	DeleteReminder(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, kept Kept) (bool, error)
	// Reminders are all that a person waits for, soonest first.
	Reminders(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, limit int) ([]Kept, error)
	// DueReminders are those of all tenants whose time has come, soonest first, and when the next one comes.
	DueReminders(ctx context.Context, now time.Time, limit int) ([]DueReminder, time.Time, error)
}

// WatchStore keeps which threads and tags people follow.
type WatchStore interface {
	// PutWatch and DeleteWatch report whether they changed anything. A post that does not exist is NotFound.
	PutWatch(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, watch Watch) (bool, error)
	DeleteWatch(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, watch Watch) (bool, error)
	// Watches are all of a person's: tags, sorted, and then threads, newest first, at most so many of each.
	Watches(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]Watch, error)
	// WatchPlaces are the places of the posts that a person follows or that have a tag that they follow, as those of
	// [TimelineStore].
	WatchPlaces(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]Place, error)
	// ThreadWatchers are those who follow a thread, after a place in a stable order, and the place of the last.
	ThreadWatchers(ctx context.Context, tenant engawa.TenantID, post engawa.ID, after int64, limit int) ([]engawa.PersonID, int64, error)
}
