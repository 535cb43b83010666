package feed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed/body"
)

// ImportItem is one thing from another system: exactly one of its fields is set. Ids in it are those of that system;
// persons are the host's already.
type ImportItem struct {
	Space   *ImportSpace
	Member  *ImportMember
	Post    *ImportPost
	Comment *ImportComment
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

// ImportPost is a post from elsewhere.
type ImportPost struct {
	ID, Space                        string
	Author                           engawa.PersonID
	Kind                             Kind
	Body                             string
	Attachments                      []Attachment
	PublishedAt, EditedAt, ExpiresAt time.Time
}

// ImportComment is a comment from elsewhere.
type ImportComment struct {
	ID, Post string
	// Parent is the comment that it answers; empty for the post.
	Parent                string
	Author                engawa.PersonID
	Body                  string
	Attachments           []Attachment
	PublishedAt, EditedAt time.Time
}

// Imported is what an import did.
type Imported struct {
	Spaces, Members, Posts, Comments int
	// Already counts what an earlier import had taken in.
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

	posts    map[engawa.ID]*importBatch // by space
	order    []engawa.ID                // of the spaces in posts
	comments []Comment
	notes    []Notes
	answered map[engawa.ID]int // comments by space
}

// importBatch is the posts of one space.
type importBatch struct {
	posts []Post
	notes []Notes
}

func (in *importer) run(ctx context.Context, items []ImportItem) error {
	in.posts, in.answered, in.taken = map[engawa.ID]*importBatch{}, map[engawa.ID]int{}, map[engawa.ID]bool{}
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
	for _, space := range in.order {
		if err := in.putPosts(ctx, space); err != nil {
			return err
		}
	}
	if err := in.putComments(ctx); err != nil {
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
	for _, item := range items {
		switch {
		case item.Space != nil:
			sources = append(sources, Source{engawa.KindSpace, item.Space.ID})
		case item.Member != nil:
			sources = append(sources, Source{engawa.KindSpace, item.Member.Space}, memberSource(*item.Member))
		case item.Post != nil:
			sources = append(sources, Source{engawa.KindPost, item.Post.ID}, Source{engawa.KindSpace, item.Post.Space})
			ids = append(ids, in.id(item.Post.PublishedAt, item.Post.ID, 0))
		case item.Comment != nil:
			sources = append(sources, Source{engawa.KindComment, item.Comment.ID}, Source{engawa.KindPost, item.Comment.Post})
			if item.Comment.Parent != "" {
				sources = append(sources, Source{engawa.KindComment, item.Comment.Parent})
			}
			ids = append(ids, in.id(item.Comment.PublishedAt, item.Comment.ID, 0))
		}
	}
	var err error
	if in.ids, err = in.st.Sources(ctx, in.by.Tenant, in.system, sources); err != nil {
		return err
	}
	if len(ids) > 0 {
		in.taken, err = in.st.Taken(ctx, ids)
	}
	return err
}

func memberSource(m ImportMember) Source {
	return Source{engawa.KindPerson, m.Space + " " + string(m.Person)}
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
	case item.Space != nil:
		source, add = Source{engawa.KindSpace, item.Space.ID}, func() error { return in.space(ctx, *item.Space) }
	case item.Member != nil:
		source, add = memberSource(*item.Member), func() error { return in.member(ctx, *item.Member) }
	case item.Post != nil:
		source, add = Source{engawa.KindPost, item.Post.ID}, func() error { return in.post(ctx, *item.Post) }
	case item.Comment != nil:
		source, add = Source{engawa.KindComment, item.Comment.ID}, func() error { return in.comment(ctx, *item.Comment) }
	default:
		return source, invalid("item", msgImportRef.With("item", ""))
	}
	if err := engawa.CheckText("id", source.ID, engawa.Line(2*engawa.MaxHostID+1)); err != nil || source.ID == "" {
		return source, invalid("id", msgImportRef.With(source.Kind, source.ID))
	}
	if _, already := in.ids[source]; already {
		in.done.Already++
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
	if err := sp.check(); err != nil {
		return err
	}
	for try := 0; ; try++ {
		sp.ID = in.id(sp.CreatedAt, item.ID, try)
		err := in.st.InsertSpace(ctx, in.by.Tenant, sp)
		if err == ErrIDTaken && try < 100 {
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	in.had(Source{engawa.KindSpace, item.ID}, sp.ID)
	in.done.Spaces++
	for _, host := range item.Hosts {
		m := Membership{Person: host, State: Joined, Host: true, JoinedAt: sp.CreatedAt, Version: 1}
		if err := in.st.PutMember(ctx, in.by.Tenant, sp.ID, m); err != nil {
			return err
		}
	}
	return in.st.Append(ctx, in.tell(in.by, event.SpaceCreated, sp.Ref(), 1, sp.ID))
}

func (in *importer) member(ctx context.Context, item ImportMember) error {
	space, err := in.ref(engawa.KindSpace, item.Space)
	if err != nil {
		return err
	}
	if err := engawa.CheckHostID("person", string(item.Person)); err != nil {
		return err
	}
	m, err := in.st.LockMember(ctx, in.by.Tenant, space, item.Person)
	if err != nil {
		return err
	}
	in.had(memberSource(item), space)
	if m.State == Joined && m.Host == item.Host {
		return nil
	}
	m.Person, m.State, m.Host, m.JoinedAt = item.Person, Joined, m.Host || item.Host, item.At
	if m.JoinedAt.IsZero() {
		m.JoinedAt = in.now()
	}
	in.done.Members++
	return in.putMember(ctx, in.st, in.by, space, m, event.MemberInvited)
}

func (in *importer) post(ctx context.Context, item ImportPost) error {
	space, err := in.ref(engawa.KindSpace, item.Space)
	if err != nil {
		return err
	}
	parsed, err := in.checkText(item.Author, item.Body, item.Attachments, item.PublishedAt, item.EditedAt, item.ExpiresAt)
	if err != nil {
		return err
	}
	id, err := in.newID(ctx, item.PublishedAt, item.ID)
	if err != nil {
		return err
	}
	if item.Kind == "" {
		item.Kind = Update
	}
	post := Post{
		ID: id, Space: space, Author: item.Author, Kind: item.Kind, State: Published, Body: item.Body, Attachments: item.Attachments,
		Version: 1, CreatedAt: engawa.Micro(item.PublishedAt), PublishedAt: engawa.Micro(item.PublishedAt),
		EditedAt: microOrZero(item.EditedAt), ExpiresAt: microOrZero(item.ExpiresAt), Imported: true,
	}
	batch := in.posts[space]
	if batch == nil {
		batch = &importBatch{}
		in.posts[space] = batch
		in.order = append(in.order, space)
	}
	batch.posts = append(batch.posts, post)
	batch.notes = append(batch.notes, importNotes(post.Ref(), id, space, parsed, item.Attachments))
	in.had(Source{engawa.KindPost, item.ID}, id)
	in.done.Posts++
	return nil
}

func (in *importer) comment(ctx context.Context, item ImportComment) error {
	post, err := in.ref(engawa.KindPost, item.Post)
	if err != nil {
		return err
	}
	var parent engawa.ID
	if item.Parent != "" {
		if parent, err = in.ref(engawa.KindComment, item.Parent); err != nil {
			return err
		}
	}
	parsed, err := in.checkText(item.Author, item.Body, item.Attachments, item.PublishedAt, item.EditedAt, time.Time{})
	if err != nil {
		return err
	}
	space, err := in.spaceOf(ctx, post)
	if err != nil {
		return err
	}
	id, err := in.newID(ctx, item.PublishedAt, item.ID)
	if err != nil {
		return err
	}
	c := Comment{
		ID: id, Space: space, Post: post, Parent: parent, Author: item.Author, State: Published, Body: item.Body,
		Attachments: item.Attachments, Version: 1, CreatedAt: engawa.Micro(item.PublishedAt),
		PublishedAt: engawa.Micro(item.PublishedAt), EditedAt: microOrZero(item.EditedAt), Imported: true,
	}
	in.comments = append(in.comments, c)
	in.notes = append(in.notes, importNotes(c.Ref(), post, space, parsed, item.Attachments))
	in.answered[space]++
	in.had(Source{engawa.KindComment, item.ID}, id)
	in.done.Comments++
	return nil
}

// spaceOf is the space of a post of this or an earlier call.
func (in *importer) spaceOf(ctx context.Context, post engawa.ID) (engawa.ID, error) {
	for space, batch := range in.posts {
		for _, p := range batch.posts {
			if p.ID == post {
				return space, nil
			}
		}
	}
	posts, err := in.st.Posts(ctx, in.by.Tenant, []engawa.ID{post})
	if err != nil || len(posts) == 0 {
		return 0, err
	}
	return posts[0].Space, nil
}

// checkText refuses what could not have been published here either.
func (in *importer) checkText(author engawa.PersonID, text string, attachments []Attachment, published, edited, expires time.Time) (body.Body, error) {
	if err := engawa.CheckHostID("author", string(author)); err != nil {
		return body.Body{}, err
	}
	if err := engawa.CheckTime("PublishedAt", published); err != nil {
		return body.Body{}, err
	}
	for _, t := range []time.Time{edited, expires} {
		if !t.IsZero() {
			if err := engawa.CheckTime("EditedAt, ExpiresAt", t); err != nil {
				return body.Body{}, err
			}
		}
	}
	if err := in.valid.Check("", struct {
		Attachments []Attachment `validate:"max=20,dive"`
	}{attachments}); err != nil {
		return body.Body{}, err
	}
	if strings.TrimSpace(text) == "" && len(attachments) == 0 {
		return body.Body{}, invalid("Body", msgImportEmpty)
	}
	return body.Parse(text)
}

func importNotes(entry engawa.Ref, post, space engawa.ID, parsed body.Body, attachments []Attachment) Notes {
	n := Notes{Entry: entry, Post: post, Space: space, Tags: tagKeys(parsed), Attachments: attachments}
	for _, m := range parsed.Mentions {
		n.Mentions = append(n.Mentions, engawa.PersonID(m))
	}
	return n
}

func microOrZero(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return engawa.Micro(t)
}

// putPosts writes one space's posts and tells consumers the range, with the comments that came in the same call.
func (in *importer) putPosts(ctx context.Context, space engawa.ID) error {
	batch := in.posts[space]
	first, err := in.st.ImportPosts(ctx, in.by.Tenant, space, batch.posts, batch.notes)
	if err != nil {
		return err
	}
	last := first + int64(len(batch.posts)) - 1
	told := in.tell(in.by, event.ImportFinished, engawa.RefTo(engawa.KindSpace, space), last, space)
	err = in.st.Append(ctx, told.With(event.Range{First: first, Last: last, Comments: in.answered[space]}))
	delete(in.answered, space)
	return err
}

// putComments writes all comments, and tells of those in spaces to which no posts came.
func (in *importer) putComments(ctx context.Context) error {
	if len(in.comments) == 0 {
		return nil
	}
	if err := in.st.ImportComments(ctx, in.by.Tenant, in.comments, in.notes); err != nil {
		return err
	}
	for space, n := range in.answered {
		told := in.tell(in.by, event.ImportFinished, engawa.RefTo(engawa.KindSpace, space), 0, space)
		if err := in.st.Append(ctx, told.With(event.Range{First: 1, Last: 0, Comments: n})); err != nil {
			return err
		}
	}
	return nil
}
