package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// ImportItem is one thing from another system: exactly one of its fields is set. Ids in it are those of that system;
// persons are the host's already.
type ImportItem struct {
	Person  *ImportPerson
	Space   *ImportSpace
	Member  *ImportMember
	Follow  *ImportFollow
	Post    *ImportPost
	Comment *ImportComment

	Status   *ImportStatus
	Ack      *ImportAck
	Vote     *ImportVote
	Template *ImportTemplate
	Duty     *ImportDuty
	Notices  *ImportNotices
	Block    *ImportBlock
	Mute     *ImportMute
	Bookmark *ImportBookmark
	Watch    *ImportWatch

	Retention *ImportRetention
	Hold      *ImportHold
	Reminder  *ImportReminder
	Receipts  *ImportReceipts
}

// ImportPerson tells that somebody of the other system is a person here. What that person is called is the Directory's
// affair; the feed notes only that they came.
type ImportPerson struct {
	ID     string
	Person engawa.PersonID
}

// ImportSpace is a space from elsewhere.
type ImportSpace struct {
	ID string
	NewSpace
	CreatedAt time.Time
	CreatedBy engawa.PersonID
	Archived  bool
}

// ImportMember is a member from elsewhere.
type ImportMember struct {
	Space  string
	Person engawa.PersonID
	Host   bool
	At     time.Time
}

// ImportFollow is one person following another.
type ImportFollow struct {
	Person, Followed engawa.PersonID
	At               time.Time
}

// ImportPost is a post from elsewhere.
type ImportPost struct {
	ID, Space string
	// Author is empty for one who has left.
	Author      engawa.PersonID
	Kind        Kind
	Body        string
	Attachments []Attachment
	// Details are as in [NewPost]; the posts in them are those of the other system, where it has ids like these.
	Details Details
	// Problem is what was wrong with it before it came here: then it is skipped. Defaults to nothing.
	Problem                          error
	PublishedAt, EditedAt, ExpiresAt time.Time
	Retracted                        *Mark
}

// ImportComment is a comment from elsewhere.
type ImportComment struct {
	ID, Post string
	// Space is the post's, for information: an import goes by the post.
	Space string
	// Parent is the comment that it answers; empty for the post.
	Parent                string
	Author                engawa.PersonID
	Body                  string
	Attachments           []Attachment
	PublishedAt, EditedAt time.Time
	Retracted             *Mark
}

// Imported is what an import did.
type Imported struct {
	People, Spaces, Members, Posts, Comments int
	// Further counts what came with them: states, acknowledgements, votes, templates and duties, and what people
	// block, mute, keep and follow.
	Further int
	// Already counts what an earlier import had taken in, without members and follows.
	Already int
	// Skipped are the things that could not be taken in, in their order.
	Skipped []SkippedItem
}

// SkippedItem is one thing that could not be taken in.
type SkippedItem struct {
	Source
	Err error
}

// MaxImport is the most items of one call of Import.
const MaxImport = 1000

// Import takes in things from another system: all of them in one transaction, each once, however often it is called.
// Spaces come before their members and posts, posts before their comments. What cannot be taken in is skipped and
// reported. Nobody is notified, nothing counts as unread, and one event for each space tells consumers what to read.
// Only [engawa.System] may.
func (s *Service) Import(ctx context.Context, by engawa.Actor, system string, items []ImportItem) (done Imported, err error) {
	ctx, o, err := s.begin(ctx, "feed.Import", by)
	defer o.done(&err)
	if err != nil {
		return done, err
	}
	if !by.IsSystem() {
		return done, denied("", msgSystemOnly)
	}
	if err := engawa.CheckHostID("system", system); err != nil {
		return done, err
	}
	if len(items) > MaxImport {
		return done, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(items), MaxImport)}
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		in := &importer{Service: s, st: st, by: by, system: system, fresh: map[Source]engawa.ID{}}
		if err := in.run(ctx, items); err != nil {
			return err
		}
		done = in.done
		return nil
	})
	return done, err
}

// importer is one call of Import.
type importer struct {
	*Service
	st     Store
	by     engawa.Actor
	system string
	done   Imported

	ids   map[Source]engawa.ID // of this and earlier calls
	fresh map[Source]engawa.ID // of this call
	taken map[engawa.ID]bool
	// spaceOf is the space of posts that were or are imported.
	spaceOf map[engawa.ID]engawa.ID

	posts     []Post
	postNotes []Notes
	imported  map[engawa.ID]int // posts, by space
	order     []engawa.ID       // of the spaces in imported
	comments  []Comment
	notes     []Notes
	answered  map[engawa.ID]int // comments, and what else came to posts, by space
	after     []func(ctx context.Context) error
}

func (in *importer) run(ctx context.Context, items []ImportItem) error {
	in.imported, in.answered, in.taken = map[engawa.ID]int{}, map[engawa.ID]int{}, map[engawa.ID]bool{}
	in.spaceOf = map[engawa.ID]engawa.ID{}
	if err := in.look(ctx, items); err != nil {
		return err
	}
	for _, item := range items {
		source, err := in.take(ctx, item)
		switch kind := engawa.KindOf(err); {
		case err == nil:
		case kind == engawa.Invalid, kind == engawa.TooLarge, kind == engawa.NotFound:
			in.done.Skipped = append(in.done.Skipped, SkippedItem{source, err})
		default:
			return err
		}
	}
	if err := in.putPosts(ctx); err != nil {
		return err
	}
	if err := in.putComments(ctx); err != nil {
		return err
	}
	if err := in.finish(ctx); err != nil {
		return err
	}
	if len(in.fresh) == 0 {
		return nil
	}
	return in.st.PutSources(ctx, in.by.Tenant, in.system, in.fresh)
}

// look finds what earlier calls took in, and which ids are taken.
func (in *importer) look(ctx context.Context, items []ImportItem) error {
	var sources []Source
	var ids []engawa.ID
	add := func(all ...Source) {
		for _, s := range all {
			if s.check() == nil { // else no earlier call took it in
				sources = append(sources, s)
			}
		}
	}
	for _, item := range items {
		switch {
		case item.Person != nil:
			add(Source{engawa.KindPerson, item.Person.ID})
		case item.Space != nil:
			add(Source{engawa.KindSpace, item.Space.ID})
		case item.Member != nil:
			add(Source{engawa.KindSpace, item.Member.Space}, memberSource(*item.Member))
		case item.Follow != nil:
			add(followSource(*item.Follow))
		case item.Post != nil:
			add(Source{engawa.KindPost, item.Post.ID}, Source{engawa.KindSpace, item.Post.Space})
			ids = append(ids, in.id(item.Post.PublishedAt, item.Post.ID, 0))
		case item.Comment != nil:
			add(Source{engawa.KindComment, item.Comment.ID}, Source{engawa.KindPost, item.Comment.Post})
			add(Source{engawa.KindComment, item.Comment.Parent})
			ids = append(ids, in.id(item.Comment.PublishedAt, item.Comment.ID, 0))
		}
	}
	for _, item := range items {
		switch {
		case item.Post != nil && item.Post.Details != nil:
			for _, p := range item.Post.Details.posts() {
				add(Source{engawa.KindPost, p.String()})
			}
		case item.Status != nil:
			add(statusSource(*item.Status), Source{engawa.KindPost, item.Status.Post}, Source{engawa.KindPost, item.Status.Entry}, Source{engawa.KindComment, item.Status.Entry})
		case item.Ack != nil:
			add(ackSource(*item.Ack), Source{engawa.KindPost, item.Ack.Post})
		case item.Vote != nil:
			add(votesSource(*item.Vote), Source{engawa.KindPost, item.Vote.Post})
		case item.Template != nil:
			add(Source{kindTemplate, item.Template.ID}, Source{engawa.KindSpace, item.Template.Space})
		case item.Duty != nil:
			add(Source{engawa.KindSpace, item.Duty.Space})
		}
		for _, part := range []func(context.Context, ImportItem) (Source, []Source, func() error){in.reading, in.keeping} {
			if source, names, take := part(ctx, item); take != nil {
				add(append(names, source)...)
			}
		}
	}
	var err error
	if in.ids, err = in.st.Sources(ctx, in.by.Tenant, in.system, sources); err != nil {
		return err
	}
	if len(ids) > 0 {
		if in.taken, err = in.st.Taken(ctx, ids); err != nil {
			return err
		}
	}
	return in.lookAtPosts(ctx, items)
}

// lookAtPosts finds the spaces of the posts of earlier calls to which comments come.
func (in *importer) lookAtPosts(ctx context.Context, items []ImportItem) error {
	var posts []engawa.ID
	for _, item := range items {
		var of string
		switch {
		case item.Comment != nil:
			of = item.Comment.Post
		case item.Status != nil:
			of = item.Status.Post
		case item.Ack != nil:
			of = item.Ack.Post
		case item.Vote != nil:
			of = item.Vote.Post
		case item.Bookmark != nil:
			of = item.Bookmark.Post
		case item.Watch != nil:
			of = item.Watch.Post
		case item.Reminder != nil:
			of = item.Reminder.Post
		}
		if of == "" {
			continue
		}
		id, ok := in.ids[Source{engawa.KindPost, of}]
		if _, asked := in.spaceOf[id]; ok && !asked {
			in.spaceOf[id] = 0
			posts = append(posts, id)
		}
	}
	found, _, err := in.st.Posts(ctx, in.by.Tenant, posts, "")
	for _, p := range found {
		in.spaceOf[p.ID] = p.Space
	}
	return err
}

// check refuses a source that cannot be kept.
func (s Source) check() error {
	if err := engawa.CheckText("id", s.ID, engawa.Line(2*engawa.MaxHostID+1)); err != nil {
		return err
	}
	if s.ID == "" {
		return invalid("id", msgImportNoID)
	}
	return nil
}

// The kinds of sources that are no object of their own: memberships and follows.
const (
	kindMember = "member"
	kindFollow = "follow"
)

func followSource(f ImportFollow) Source {
	return Source{kindFollow, string(f.Person) + " " + string(f.Followed)}
}

func memberSource(m ImportMember) Source {
	return Source{kindMember, m.Space + " " + string(m.Person)}
}

func (in *importer) id(at time.Time, source string, try int) engawa.ID {
	return engawa.ImportID(at, string(in.by.Tenant)+"\x00"+in.system+"\x00"+source, try)
}

// newID is the id for a thing of that time and key: the same in every run over the same database.
func (in *importer) newID(ctx context.Context, at time.Time, source string) (engawa.ID, error) {
	for try := range 1000 {
		id := in.id(at, source, try)
		if try > 0 && !in.taken[id] {
			taken, err := in.st.Taken(ctx, []engawa.ID{id})
			if err != nil {
				return 0, err
			}
			in.taken[id] = taken[id]
		}
		if !in.taken[id] {
			in.taken[id] = true
			return id, nil
		}
	}
	return 0, fmt.Errorf("1000 things of the same microsecond")
}

// take takes one item in, or says why it cannot be.
func (in *importer) take(ctx context.Context, item ImportItem) (Source, error) {
	var source Source
	var add func() error
	switch {
	case item.Person != nil:
		source, add = Source{engawa.KindPerson, item.Person.ID}, func() error { return in.person(*item.Person) }
	case item.Space != nil:
		source, add = Source{engawa.KindSpace, item.Space.ID}, func() error { return in.space(ctx, *item.Space) }
	case item.Member != nil:
		source, add = memberSource(*item.Member), func() error { return in.member(ctx, *item.Member) }
	case item.Follow != nil:
		source, add = followSource(*item.Follow), func() error { return in.follow(ctx, *item.Follow) }
	case item.Post != nil:
		source, add = Source{engawa.KindPost, item.Post.ID}, func() error { return in.post(ctx, *item.Post) }
	case item.Comment != nil:
		source, add = Source{engawa.KindComment, item.Comment.ID}, func() error { return in.comment(ctx, *item.Comment) }
	default:
		if source, add = in.further(ctx, item); add == nil {
			return source, invalid("item", msgImportNothing)
		}
	}
	if err := source.check(); err != nil {
		return source, err
	}
	if _, already := in.ids[source]; already && item.once() {
		if source.Kind != kindMember && source.Kind != kindFollow {
			in.done.Already++
		}
		return source, nil
	}
	return source, add()
}

// had notes what a source became.
func (in *importer) had(source Source, id engawa.ID) {
	in.ids[source], in.fresh[source] = id, id
}

// ref is what a source became, which must have come before.
func (in *importer) ref(kind, id string) (engawa.ID, error) {
	if known, ok := in.ids[Source{kind, id}]; ok {
		return known, nil
	}
	return 0, &engawa.Error{Kind: engawa.NotFound, Message: msgImportRef.With(kind, id)}
}

func (in *importer) person(item ImportPerson) error {
	if err := engawa.CheckHostID("person", string(item.Person)); err != nil {
		return err
	}
	in.had(Source{engawa.KindPerson, item.ID}, 1)
	in.done.People++
	return nil
}

func (in *importer) space(ctx context.Context, item ImportSpace) error {
	if err := in.valid.Check("", item.NewSpace); err != nil {
		return err
	}
	at := item.CreatedAt
	if at.IsZero() {
		at = in.now()
	}
	if err := engawa.CheckTime("CreatedAt", at); err != nil {
		return err
	}
	if item.CreatedBy != "" {
		if err := engawa.CheckHostID("CreatedBy", string(item.CreatedBy)); err != nil {
			return err
		}
	}
	sp := Space{
		Name: item.Name, Purpose: item.Purpose, Access: item.Access, Join: item.Join, Secret: item.Secret, Posts: item.Posts,
		Version: 1, CreatedAt: engawa.Micro(at), CreatedBy: item.CreatedBy,
	}
	if sp.Join == "" {
		sp.Join = JoinOpen
	}
	if sp.Posts == "" {
		sp.Posts = PostsByReaders
	}
	if len(sp.Access) == 0 && sp.Join != JoinInvite {
		sp.Access = []Key{Everyone()}
	}
	if item.Archived {
		sp.Archived = &Mark{By: item.CreatedBy, At: in.now()}
	}
	if err := sp.checkAfter([]Key{nobodys}); err != nil {
		return err
	}
	for try := 0; ; try++ {
		sp.ID = in.id(sp.CreatedAt, item.ID, try)
		err := in.st.InsertSpace(ctx, in.by.Tenant, sp)
		if errors.Is(err, ErrIDTaken) && try < 1000 {
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	in.had(Source{engawa.KindSpace, item.ID}, sp.ID)
	in.done.Spaces++
	if err := in.st.Append(ctx, in.tell(in.by, event.SpaceCreated, sp.Ref(), 1, sp.ID)); err != nil {
		return err
	}
	for _, host := range slices.Compact(slices.Sorted(slices.Values(item.Hosts))) {
		m := Membership{Person: host, State: Joined, Host: true, JoinedAt: sp.CreatedAt}
		if err := in.putMember(ctx, in.st, in.by, sp.ID, m, event.MemberInvited, event.HostAdded); err != nil {
			return err
		}
	}
	return nil
}

func (in *importer) member(ctx context.Context, item ImportMember) error {
	space, err := in.ref(engawa.KindSpace, item.Space)
	if err != nil {
		return err
	}
	if err := engawa.CheckHostID("person", string(item.Person)); err != nil {
		return err
	}
	if item.At.IsZero() {
		item.At = in.now()
	}
	if err := engawa.CheckTime("At", item.At); err != nil {
		return err
	}
	m, err := in.st.LockMember(ctx, in.by.Tenant, space, item.Person)
	if err != nil {
		return err
	}
	in.had(memberSource(item), space)
	var verbs []event.Verb
	if m.State != Joined {
		verbs = append(verbs, event.MemberInvited)
		m.State, m.Host, m.JoinedAt = Joined, false, engawa.Micro(item.At)
	}
	if item.Host && !m.Host {
		verbs = append(verbs, event.HostAdded)
		m.Host = true
	}
	if len(verbs) == 0 {
		return nil
	}
	m.Person = item.Person
	in.done.Members++
	return in.putMember(ctx, in.st, in.by, space, m, verbs...)
}

func (in *importer) follow(ctx context.Context, item ImportFollow) error {
	for _, p := range []engawa.PersonID{item.Person, item.Followed} {
		if err := engawa.CheckHostID("person", string(p)); err != nil {
			return err
		}
	}
	if item.Person == item.Followed {
		return invalid("followed", msgFollowSelf)
	}
	if item.At.IsZero() {
		item.At = in.now()
	}
	in.had(followSource(item), 1)
	by := in.by
	by.Person = item.Person
	return in.Service.followIn(ctx, in.st, by, item.Followed, engawa.Micro(item.At))
}
