package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Store is what a storage must do for the feed. Package bunstore/feedstore has one; package feedtest checks one of your
// own, with every rule that stands here.
//
// Every method is told the tenant and must neither show nor change rows of another, whatever ids it is given. A method
// that finds nothing returns zero values and no error, unless it says otherwise. Times come back in UTC with
// microseconds. Bodies go in and come out with mentions of host ids, and must not be kept so: a person's id stands in
// one row only.
type Store interface {
	Units
	SpaceStore
	MemberStore
	FollowStore
	EntryStore
	PostStore
	PendingStore
	ClaimStore
	TimelineStore
	SeenStore
	ImportStore
	ExportStore
	LeaverStore
	RetentionStore
	PurgeStore
	StatusStore
	AckStore
	PollStore
	ReportStore
	WaitStore
	TemplateStore
	OpenStore
	NoticeStore
	SendStore
	HideStore
	ReadStore
	KeepStore
	WatchStore
}

// ErrIDTaken is returned by methods that insert a row whose id another row has; the transaction stays usable.
var ErrIDTaken error = &engawa.Error{Kind: engawa.Conflict, Message: msgIDTaken}

// ErrStale is returned by methods that were told on which versions a decision stands, where these stand no more. The unit
// of work must fail with it.
var ErrStale error = &engawa.Error{Kind: engawa.Conflict, Message: msgBusy}

// Units are how the store's methods come together.
type Units interface {
	// Within runs one unit of work. What f does through the Store that it gets happens wholly or not at all; the Conn is
	// the transaction's handle. Units nest: an inner one joins the outer one, which must fail where the inner one does.
	// The storage may run f again after a deadlock, so f starts from what it reads inside.
	Within(ctx context.Context, f func(Store, engawa.Conn) error) error
	// Bind is the store inside a transaction of the host's.
	Bind(conn engawa.Conn) Store
	// Bound reports whether the store is inside a transaction of the host's.
	Bound() bool
	// Append appends events, inside Within.
	Append(ctx context.Context, events ...event.Event) error
}

// SpaceStore keeps spaces.
type SpaceStore interface {
	// InsertSpace inserts a space with its keys, or returns ErrIDTaken.
	InsertSpace(ctx context.Context, tenant engawa.TenantID, space Space) error
	// UpdateSpace replaces everything but the counters and who created it when, where the version in the database is
	// space.Version-1; else the error is of kind Conflict.
	UpdateSpace(ctx context.Context, tenant engawa.TenantID, space Space) error
	// Space is one space with a person's membership, or the zero Space after the same work.
	Space(ctx context.Context, tenant engawa.TenantID, id engawa.ID, person engawa.PersonID) (Space, error)
	// Spaces are spaces by their ids, with a person's membership, in any order.
	Spaces(ctx context.Context, tenant engawa.TenantID, ids []engawa.ID, person engawa.PersonID) ([]Space, error)
	// Hostless are the spaces that nobody hosts and that are not archived, sorted.
	Hostless(ctx context.Context, tenant engawa.TenantID) ([]engawa.ID, error)
	// Doors are the doors of all spaces, and the version that grows with every change of one.
	Doors(ctx context.Context, tenant engawa.TenantID) ([]Door, int64, error)
}

// Door is what of a space decides who sees it.
type Door struct {
	ID     engawa.ID
	Access []Key
	Join   JoinPolicy
	Secret bool
	// PostCount is how many posts the space has had, about.
	PostCount int64
}

// MemberStore keeps memberships.
type MemberStore interface {
	// LockMember is one membership, locked until the unit ends; the zero Membership where there is no row.
	LockMember(ctx context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID) (Membership, error)
	// PutMember inserts a membership or replaces its state, host, time and version. Somebody who becomes a member starts
	// with Seen at the space's PostCount: what was said before is not unread. Seen and Again of a member stay; in a space of
	// JoinAuto those without a row, or with one in the state NoMember, are members already. A space that does not exist
	// is an error of kind NotFound.
	PutMember(ctx context.Context, tenant engawa.TenantID, space engawa.ID, m Membership) error
	// Members are the joined members of a space after a place in a stable order, and the place of the last.
	Members(ctx context.Context, tenant engawa.TenantID, space engawa.ID, after int64, limit int) ([]Membership, int64, error)
	// Mine are all memberships of a person that have a row, and the version of the Doors.
	Mine(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (map[engawa.ID]Membership, int64, error)
	// Versions are the version of the Doors, and one that grows with every change of what is on the person's home:
	// memberships that are put, follows, blocks from either side, and mutes.
	Versions(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (doors, home int64, err error)
	// MineIn are a person's memberships of the given spaces that have a row, and the version of the Doors.
	MineIn(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, spaces []engawa.ID) (map[engawa.ID]Membership, int64, error)
}

// FollowStore keeps who follows whom.
type FollowStore interface {
	// PutFollow and DeleteFollow report whether they changed anything.
	PutFollow(ctx context.Context, tenant engawa.TenantID, person, followed engawa.PersonID, at time.Time) (bool, error)
	DeleteFollow(ctx context.Context, tenant engawa.TenantID, person, followed engawa.PersonID) (bool, error)
	// Following are those whom a person follows, sorted.
	Following(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]engawa.PersonID, error)
}

// Place says where an entry stands: its post (itself, for a post) and space.
type Place struct {
	Entry engawa.Ref
	Post  engawa.ID
	Space engawa.ID
}

// Notes is what is looked up by what a text holds.
type Notes struct {
	Place
	Mentions []engawa.PersonID
	// Tags are keys, as package feed/body gives them. Those of comments are not kept.
	Tags []string
}

// EntryStore keeps what posts and comments have in common.
type EntryStore interface {
	// Annotate replaces the mentions and tags of an entry.
	Annotate(ctx context.Context, tenant engawa.TenantID, notes Notes) error
	// Revise replaces an entry's text, keeps the earlier one as a revision, and raises the version, where it is as given;
	// else the error is of kind Conflict.
	Revise(ctx context.Context, tenant engawa.TenantID, entry engawa.Ref, version int64, next Revision) (Place, error)
	// Revisions are the earlier texts, newest first.
	Revisions(ctx context.Context, tenant engawa.TenantID, entry engawa.Ref) ([]Revision, error)
	// SetRetracted sets or, with nil, lifts a retraction, and raises the version, where it is as given; else the error is
	// of kind Conflict. Counts and unread follow.
	SetRetracted(ctx context.Context, tenant engawa.TenantID, entry engawa.Ref, version int64, mark *Mark) (Place, error)
	// InsertComment inserts a comment and counts it, or returns ErrIDTaken.
	InsertComment(ctx context.Context, tenant engawa.TenantID, comment Comment) error
	// CommentsByID are comments by their ids, in any order.
	CommentsByID(ctx context.Context, tenant engawa.TenantID, ids []engawa.ID) ([]Comment, error)
	// Comments are a post's comments after an id, in order.
	Comments(ctx context.Context, tenant engawa.TenantID, post engawa.ID, after engawa.ID, limit int) ([]Comment, error)
}

// Admission is on what grounds a post comes into a space.
type Admission struct {
	// State is that of the author's membership row, or of the one that they get.
	State MemberState
	// Space and Member are the versions of the space and of the author's membership row which were looked at to decide.
	// With Space 0 nothing is checked: they were read in the same unit of work.
	Space, Member int64
}

// PostStore keeps posts.
type PostStore interface {
	// InsertPost inserts a post, gives it the space's next number, and reports both its id and that number. The id is
	// greater than the space's LastPost: where the given one is not, another is made from it. The author's own post does
	// not count as unread for them; where they have no membership row and one is needed, its state is that of the
	// admission. It returns ErrIDTaken where the id is in use, ErrStale where the admission does not hold, and NotFound
	// where the space does not exist.
	InsertPost(ctx context.Context, tenant engawa.TenantID, post Post, on Admission) (engawa.ID, int64, error)
	// Posts are posts by their ids, with the number of their comments and the name of their space, in any order, and a
	// person's memberships of their spaces, of which State, Host, Seen and Again are set; where there is no row, the zero
	// Membership but for the person.
	Posts(ctx context.Context, tenant engawa.TenantID, ids []engawa.ID, person engawa.PersonID) ([]Post, map[engawa.ID]Membership, error)
	// Rebuild computes everything that is derived from the rows anew: counts, marks and what unread leaves out.
	Rebuild(ctx context.Context, tenant engawa.TenantID) error
}

// Publisher is a [PostStore] that can publish a plain post at one stroke, where that is quicker than a unit of work: a post
// without mentions, tags, details and an expiry, to which nothing else is written in the same unit.
type Publisher interface {
	// PublishPlain does what InsertPost and Append do in a unit of their own, outside Within: all of it, or nothing. The
	// admission names versions. It keeps the post's id, and reports false where it did nothing, for whatever reason: then
	// the feed goes the usual way, which finds out why.
	PublishPlain(ctx context.Context, tenant engawa.TenantID, post Post, on Admission, told event.Event) (seq int64, done bool, err error)
}

// PendingStore keeps what waits for a decision, and the aliases that remain.
type PendingStore interface {
	// InsertPending inserts a pending row, or returns ErrIDTaken.
	InsertPending(ctx context.Context, tenant engawa.TenantID, p Pending) error
	// PendingByID is one pending row.
	PendingByID(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Pending, error)
	// LockPending is PendingByID, locked until the unit ends.
	LockPending(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Pending, error)
	// PendingOf are a person's rows that wait and are no drafts, with ids below before, newest first.
	PendingOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]Pending, error)
	// UpdatePending replaces everything but the author, what the row is about, and when it was made; of a draft also the
	// space and the kind.
	UpdatePending(ctx context.Context, tenant engawa.TenantID, p Pending) error
	// Alias is what a pending row became, or the zero Ref.
	Alias(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (engawa.Ref, error)
}

// Claim is the use of an idempotency key.
type Claim struct {
	Key string
	// Digest tells inputs apart.
	Digest string
	At     time.Time
	// Entry is what was made under the key.
	Entry engawa.Ref
}

// ClaimStore keeps idempotency keys, each person's own.
type ClaimStore interface {
	// Claim inserts a claim and reports true, or reports the one that stands there. A second transaction with the same
	// key waits for the first to end.
	Claim(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, claim Claim) (Claim, bool, error)
	// Settle notes what was made.
	Settle(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, key string, entry engawa.Ref) error
}

// HomeQuery selects what a person's home shows: posts of the spaces that they have joined, of further spaces, and of
// the people whom they follow.
type HomeQuery struct {
	Person engawa.PersonID
	// Spaces are those that the person is a member of by key and has not joined.
	Spaces []engawa.ID
	Before engawa.ID
	Limit  int
	Now    time.Time
	// Muting says that the person muted something: authors, threads and spaces that they muted are left out.
	Muting bool
	// Share is about which part of the tenant's posts is in the home's spaces, between 0 and 1.
	Share float64
}

// Spot is where a post stands and whose it is.
type Spot struct {
	Post   engawa.ID
	Space  engawa.ID
	Author engawa.PersonID
	// Gone is set while the post is retracted.
	Gone bool
}

// TimelineStore finds the places of posts, newest first, below an id, without those that are retracted or have expired.
type TimelineStore interface {
	// HomePlaces are those of a home. They may include posts that the person may not read.
	HomePlaces(ctx context.Context, tenant engawa.TenantID, q HomeQuery) ([]Place, error)
	// SpacePlaces are those of one space.
	SpacePlaces(ctx context.Context, tenant engawa.TenantID, space engawa.ID, before engawa.ID, limit int, now time.Time) ([]Place, error)
	// AuthorPlaces are those of one author.
	AuthorPlaces(ctx context.Context, tenant engawa.TenantID, author engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]Place, error)
	// TagPlaces are those with a tag.
	TagPlaces(ctx context.Context, tenant engawa.TenantID, tag string, before engawa.ID, limit int, now time.Time) ([]Place, error)
	// MentionPlaces are the posts and comments that mention a person.
	MentionPlaces(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]Place, error)
	// Newest are the newest posts of all spaces, retracted and expired ones too, newest first. It reads where writing
	// goes, never a copy that lags behind.
	Newest(ctx context.Context, tenant engawa.TenantID, limit int) ([]Spot, error)
}

// UnreadCounts are a person's unread posts, with the state of their memberships and the version of the Doors.
type UnreadCounts struct {
	Posts   map[engawa.ID]int64
	Mine    map[engawa.ID]Membership
	Version int64
	// Hides reports whether the person has anything in [HideStore].
	Hides bool
}

// SeenStore keeps how far people have read.
type SeenStore interface {
	// MarkSeen raises a person's read mark in a space, at most to its PostCount; it never falls. What was marked unread
	// again up to the number is read. A row that is needed gets the given state.
	MarkSeen(ctx context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID, seq int64, as MemberState) error
	// Unread counts, for each space in which the person has a row and for each of the given ones, the posts above the
	// read mark, and those that were marked unread again, that are not the person's own, imported, retracted or expired. It gives the State of each membership as well.
	Unread(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, spaces []engawa.ID, now time.Time) (UnreadCounts, error)
}

// Source names a row of another system: what it is, and its key there.
type Source struct {
	// Kind is one of the engawa.Kind constants.
	Kind string
	ID   string
}

// ImportStore takes in rows of another system, in bulk.
type ImportStore interface {
	// Sources are the ids of what was imported before from a system.
	Sources(ctx context.Context, tenant engawa.TenantID, system string, sources []Source) (map[Source]engawa.ID, error)
	// PutSources notes what was imported.
	PutSources(ctx context.Context, tenant engawa.TenantID, system string, ids map[Source]engawa.ID) error
	// Taken are those of the ids that posts or comments of any tenant have: ids are unique across tenants.
	Taken(ctx context.Context, ids []engawa.ID) (map[engawa.ID]bool, error)
	// ImportPosts inserts posts, those without an author as somebody's who was forgotten, each into its space, gives them
	// the next numbers there, in their order, and reports the first of these for each space. None of them counts as unread
	// for anybody.
	ImportPosts(ctx context.Context, tenant engawa.TenantID, posts []Post, notes []Notes) (map[engawa.ID]int64, error)
	// ImportComments inserts comments, as ImportPosts does posts, and counts them.
	ImportComments(ctx context.Context, tenant engawa.TenantID, comments []Comment, notes []Notes) error
}

// ExportStore walks everything that a tenant has, for an export.
type ExportStore interface {
	// People are persons who wrote, joined or follow, after an id, sorted.
	People(ctx context.Context, tenant engawa.TenantID, after engawa.PersonID, limit int) ([]engawa.PersonID, error)
	// Follows are all follows of a person.
	Follows(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]ImportFollow, error)
	// PostsAfter are posts above an id, in order, retracted and expired ones too.
	PostsAfter(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]Post, error)
	// PostsTimed are those of PostsAfter that expire or have expired, and all articles; retracted ones are missing.
	PostsTimed(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]Post, error)
	// CommentsOf are all comments of posts, in the order of their ids, retracted ones too.
	CommentsOf(ctx context.Context, tenant engawa.TenantID, posts []engawa.ID) ([]Comment, error)
}

// LeaverStore lets go of those who left.
type LeaverStore interface {
	// ForgetPerson deletes what is a person's alone: memberships, follows both ways, drafts and what waits to be published,
	// idempotency keys, mentions of them as they are looked up, what they are asked for. What they wrote, acknowledged and
	// voted stays, and their id is taken away for ever: authors and members come back with the empty PersonID, mentions in
	// bodies as of [Former]. It reports whether there was such a person.
	ForgetPerson(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (bool, error)
}

// Former is whom a mention names, or who acknowledged or voted, whose person was forgotten. The storage keeps no id for it:
// nobody may have this one.
const Former engawa.PersonID = "former"
