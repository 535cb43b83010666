package feed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

func TestReadersSeeWhatANaiveReaderWouldCount(t *testing.T) {
	each(t, func(w *world) {
		steps := 250
		if w.db.Dialect != bunstore.SQLite {
			steps = 80 // the same rules at a tenth of the speed
		}
		st := newStory(w)
		for i := 0; i < steps || len(st.posts) < 10 && i < 10*steps; i++ { // chance may tell a story of hardly any post
			st.step()
			if i%10 == 9 {
				st.check()
			}
		}
		st.rebuilt()
		st.check()
		if len(st.posts) < 10 {
			w.Errorf("the story has only %d posts", len(st.posts))
		}
	})
}

// derived is everything in the tables that Rebuild computes.
func (w *world) derived() string {
	w.Helper()
	var b strings.Builder
	for _, query := range []string{
		`SELECT post_id, comments FROM engawa_post_counts ORDER BY 1`,
		`SELECT id, last_post_id FROM engawa_spaces ORDER BY 1`,
		`SELECT id, gap_seq FROM engawa_spaces ORDER BY 1`,
		`SELECT person_id * 1000000 + seen, own FROM engawa_members ORDER BY space_id, person_id`,
		`SELECT space_id, first_seq FROM engawa_gaps ORDER BY 1, 2`,
		`SELECT last_seq, at FROM engawa_gaps ORDER BY space_id, first_seq`,
		`SELECT author_id, tenant_id FROM engawa_gaps ORDER BY space_id, first_seq`,
		`SELECT post_id, author_id FROM engawa_open_posts ORDER BY 1`,
		`SELECT post_id, expires_at FROM engawa_open_posts ORDER BY 1`,
		`SELECT post_id, stage FROM engawa_open_posts ORDER BY 1`,
		`SELECT person_id, hides FROM engawa_homes ORDER BY 1`,
		`SELECT post_id, total FROM engawa_view_counts ORDER BY 1`,
		`SELECT post_id, people FROM engawa_view_counts ORDER BY 1`,
		`SELECT choice, votes FROM engawa_poll_counts WHERE votes > 0 ORDER BY post_id, choice`,
	} {
		rows, err := w.db.SQL.QueryContext(w.ctx, query)
		w.must(err)
		for rows.Next() {
			var x, y int64
			w.must(rows.Scan(&x, &y))
			fmt.Fprintf(&b, "%d %d\n", x, y)
		}
		w.must(rows.Err())
		w.must(rows.Close())
		b.WriteString("--\n")
	}
	return b.String()
}

// rebuilt demands that a rebuild changes nothing, and writes no event.
func (st *story) rebuilt() {
	st.Helper()
	before := st.derived()
	if verbs := st.said(func() { st.must(st.s.Rebuild(st.ctx, system)) }); len(verbs) > 0 {
		st.Errorf("a rebuild says %v", verbs)
	}
	if after := st.derived(); after != before {
		st.Errorf("seed %d: a rebuild has changed what is derived:\n now %s\nwere %s", st.seed, after, before)
	}
}

// projection is what a consumer of events keeps: it learns what to read again from the events alone.
type projection struct {
	Spaces  map[engawa.ID]string
	Posts   map[engawa.ID]string
	Members map[string]string
	Follows map[string]bool
	Pending map[engawa.ID]string
}

func newProjection() *projection {
	return &projection{map[engawa.ID]string{}, map[engawa.ID]string{}, map[string]string{}, map[string]bool{}, map[engawa.ID]string{}}
}

func (p *projection) space(sp feed.Space) {
	p.Spaces[sp.ID] = fmt.Sprint(sp.Name, sp.Version, sp.Join, sp.Access, sp.Archived != nil)
}

func (p *projection) post(post feed.Post) {
	details, _ := json.Marshal([]any{post.Details, post.Statuses, post.Acks, post.Tally})
	p.Posts[post.ID] = fmt.Sprint(post.Space, post.Version, post.Body, post.Comments, post.Retracted != nil, post.Author, string(details))
}

func (p *projection) member(space engawa.ID, m feed.Membership) {
	key := space.String() + " " + string(m.Person)
	delete(p.Members, key)
	if m.State == feed.Joined {
		p.Members[key] = fmt.Sprint(m.Host, m.Version)
	}
}

// handle reads again what an event is about.
func (w *world) handle(ctx context.Context, p *projection, e event.Event) error {
	id, _ := e.Subject.OwnID()
	post := func(id engawa.ID) error {
		found, err := w.s.Post(ctx, system, id)
		if err == nil {
			p.post(found)
		}
		if errors.Is(err, engawa.NotFound) { // deleted since
			delete(p.Posts, id)
			return nil
		}
		return err
	}
	switch e.Verb {
	case event.PostPurged:
		delete(p.Posts, id)
		return nil
	case event.CommentPurged: // its post is told of after it
		return nil
	}
	switch verb, _, _ := strings.Cut(string(e.Verb), "."); verb {
	case "space":
		sp, err := w.s.Space(ctx, system, id)
		p.space(sp)
		return err
	case "member", "host":
		if e.Person == "" { // forgotten since
			return nil
		}
		mine, _, err := w.store.Mine(ctx, tenant, e.Person)
		p.member(id, mine[id])
		return err
	case "person":
		if e.Verb == event.PersonForgotten { // it names nobody: whoever keeps ids of people reads them anew
			pending := p.Pending
			*p = *w.fresh()
			p.Pending = pending
			return nil
		}
		if e.Actor == "" || e.Person == "" || e.Verb == event.PersonBlocked || e.Verb == event.PersonUnblocked { // forgotten since, or not shown
			return nil
		}
		following, err := w.s.Following(ctx, as(e.Actor))
		p.Follows[string(e.Actor)+" "+string(e.Person)] = slices.Contains(following, e.Person)
		return err
	case "post", "answer", "desk", "announcement", "poll":
		return post(id)
	case "retention", "hold": // nothing that is shown to members
		return nil
	case "template", "reports", "mute", "bookmark", "reminder", "thread", "tag", "receipts": // read again by those who show them
		return nil
	case "comment":
		thread, err := event.Read[event.Thread](e)
		if err != nil {
			return err
		}
		return post(thread.Post)
	case "pending", "consent":
		row, err := w.store.PendingByID(ctx, tenant, id)
		p.Pending[id] = fmt.Sprint(row.Outcome, row.Entry)
		if err == nil && e.Verb == event.PendingReleased {
			release, err := event.Read[event.Release](e)
			if err != nil || release.Entry != row.Entry {
				return fmt.Errorf("released %v, told %v, %w", row.Entry, release.Entry, err)
			}
		}
		return err
	case "import":
		told, err := event.Read[event.Range](e)
		if err != nil {
			return err
		}
		return w.everyPost(ctx, func(found feed.Post) {
			if found.Space == e.Space && (told.Comments > 0 || found.Seq >= told.First && found.Seq <= told.Last) {
				p.post(found)
			}
		})
	}
	return fmt.Errorf("nobody knows the verb %s", e.Verb)
}

func (w *world) everyPost(ctx context.Context, f func(feed.Post)) error {
	posts, err := w.store.PostsAfter(ctx, tenant, 0, 100000)
	for part := range slices.Chunk(idsOf(posts), feed.MaxLimit) {
		full, err := w.s.Posts(ctx, system, part)
		if err != nil {
			return err
		}
		for _, p := range full {
			f(p)
		}
	}
	return err
}

// fresh is the projection read from the store alone.
func (w *world) fresh() *projection {
	w.Helper()
	p := newProjection()
	doors, _, err := w.store.Doors(w.ctx, tenant)
	w.must(err)
	for _, d := range doors {
		sp, err := w.s.Space(w.ctx, system, d.ID)
		w.must(err)
		p.space(sp)
		members, _, err := w.store.Members(w.ctx, tenant, d.ID, 0, 10000)
		w.must(err)
		for _, m := range members {
			p.member(d.ID, m)
		}
	}
	w.must(w.everyPost(w.ctx, p.post))
	people, err := w.store.People(w.ctx, tenant, "", 10000)
	w.must(err)
	for _, who := range people {
		following, err := w.store.Following(w.ctx, tenant, who)
		w.must(err)
		for _, whom := range following {
			p.Follows[string(who)+" "+string(whom)] = true
		}
	}
	return p
}

// readOnly are the methods of feed.Service that write nothing.
var readOnly = []string{
	"With", "Retentions", "PreviewRetention", "LegalHolds", "Hear", "Deafen", "Glimpses", "Pieces", "PiecesAfter", "TimedAfter", "CommentRefs", "ReadableSpaces", "SourceIDs", "Space", "Spaces", "SpacesByID", "MySpaces", "HostlessSpaces", "SpacePosts", "Home", "Post", "Posts", "PersonPosts", "TagPosts", "Mentions", "Comments", "Thread",
	"CommentByID", "Members", "Unread", "Following", "History", "Pending", "Preview", "PreviewComment", "Reach", "Export",
	"AskedConsents", "DeskPosts", "Drafts", "DueReports", "NotAcknowledged", "Acknowledged", "Nudges", "PinnedPosts",
	"SimilarQuestions", "Templates", "Unacknowledged", "Unanswered", "Votes",
	"Notices", "UnreadNotices", "NoticePreferences",
	"Blocked", "Mutes", "Hides", "HiddenFrom", "WhoHides", "Views", "Readers", "Receipts", "Bookmarks", "Reminders", "Watches", "Watched", "ThreadWatchers",
}

// action is one call of a writing method, ready to be made, and the events that it promises.
type action struct {
	call     func() error
	promises []event.Verb
	// again reports that the same call once more changes nothing.
	again bool
}

// actions prepare a call of every writing method of feed.Service.
var actions = map[string]func(st *story) []action{
	"CreateSpace": func(st *story) []action {
		return []action{{call: func() error {
			_, err := st.s.CreateSpace(st.ctx, as("anna"), feed.NewSpace{Name: "n", Hosts: []engawa.PersonID{"bob", "anna", "bob"}})
			return err
		}, promises: []event.Verb{event.SpaceCreated, event.MemberInvited, event.HostAdded, event.MemberInvited, event.HostAdded}}}
	},
	"ChangeSpace": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		name, keys := "別の名前", []feed.Key{feed.InOrg("sales"), feed.Everyone()}
		same := name
		return []action{
			{call: func() error {
				_, err := st.s.ChangeSpace(st.ctx, as("anna"), sp.ID, feed.SpaceChange{Version: 1, Name: &name, Access: &keys})
				return err
			}, promises: []event.Verb{event.SpaceChanged}},
			{call: func() error {
				_, err := st.s.ChangeSpace(st.ctx, as("anna"), sp.ID, feed.SpaceChange{Version: 2, Name: &same})
				return err
			}, again: true},
		}
	},
	"ArchiveSpace": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		return []action{{func() error { return st.s.ArchiveSpace(st.ctx, as("anna"), sp.ID, "終") }, []event.Verb{event.SpaceArchived}, true}}
	},
	"UnarchiveSpace": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		st.must(st.s.ArchiveSpace(st.ctx, as("anna"), sp.ID, ""))
		return []action{{func() error { return st.s.UnarchiveSpace(st.ctx, as("anna"), sp.ID) }, []event.Verb{event.SpaceUnarchived}, true}}
	},
	"Join": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		return []action{{func() error { return st.s.Join(st.ctx, as("bob"), sp.ID) }, []event.Verb{event.MemberJoined}, true}}
	},
	"Leave": func(st *story) []action {
		open, auto := st.world.space(as("anna"), feed.NewSpace{}), st.world.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto})
		return []action{
			{func() error { return st.s.Leave(st.ctx, as("anna"), open.ID) }, []event.Verb{event.MemberLeft}, true},
			{func() error { return st.s.Leave(st.ctx, as("bob"), open.ID) }, nil, true},
			{func() error { return st.s.Leave(st.ctx, as("bob"), auto.ID) }, []event.Verb{event.MemberLeft}, true},
		}
	},
	"AddMember": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{Join: feed.JoinInvite})
		return []action{
			{func() error { return st.s.AddMember(st.ctx, as("anna"), sp.ID, "bob") }, []event.Verb{event.MemberInvited}, true},
			{func() error { return st.s.AddMember(st.ctx, as("anna"), sp.ID, "anna") }, nil, true},
		}
	},
	"RemoveMember": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		st.must(st.s.AddMember(st.ctx, as("anna"), sp.ID, "bob"))
		return []action{
			{func() error { return st.s.RemoveMember(st.ctx, as("anna"), sp.ID, "bob") }, []event.Verb{event.MemberRemoved}, true},
			{func() error { return st.s.RemoveMember(st.ctx, as("anna"), sp.ID, "carl") }, nil, true},
		}
	},
	"AddHost": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		return []action{{func() error { return st.s.AddHost(st.ctx, as("anna"), sp.ID, "bob") }, []event.Verb{event.HostAdded}, true}}
	},
	"RemoveHost": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		st.must(st.s.AddHost(st.ctx, as("anna"), sp.ID, "bob"))
		return []action{{func() error { return st.s.RemoveHost(st.ctx, as("anna"), sp.ID, "bob") }, []event.Verb{event.HostRemoved}, true}}
	},
	"Follow": func(st *story) []action {
		st.dir.put("hr", 1, "fan")
		return []action{{func() error { return st.s.Follow(st.ctx, as("fan"), "bob") }, []event.Verb{event.PersonFollowed}, true}}
	},
	"Unfollow": func(st *story) []action {
		st.must(st.s.Follow(st.ctx, as("anna"), "hana"))
		return []action{{func() error { return st.s.Unfollow(st.ctx, as("anna"), "hana") }, []event.Verb{event.PersonUnfollowed}, true}}
	},
	"Publish": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		publish := func() error {
			_, err := st.s.Publish(st.ctx, as("bob"), feed.NewPost{Space: sp.ID, Body: "<@anna> #t", Key: sp.ID.String(), ExpiresAt: start.AddDate(1, 0, 0)})
			return err
		}
		return []action{{publish, []event.Verb{event.PostPublished}, true}}
	},
	"Comment": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		p := st.post(as("anna"), sp, "x")
		comment := func() error {
			_, err := st.s.Comment(st.ctx, as("bob"), feed.NewComment{Post: p.ID, Body: "<@anna>", Key: sp.ID.String()})
			return err
		}
		return []action{{comment, []event.Verb{event.CommentPublished}, true}}
	},
	"Edit": func(st *story) []action {
		p := st.post(as("anna"), st.world.space(as("anna"), feed.NewSpace{}), "x")
		c := st.world.comment(as("bob"), p, "y")
		edit := func(by engawa.PersonID, ref engawa.Ref) func() error {
			return func() error {
				_, _, err := st.s.Edit(st.ctx, as(by), ref, feed.Edit{Version: 1, Body: "z"})
				return err
			}
		}
		q := st.post(as("anna"), st.world.space(as("anna"), feed.NewSpace{}), "x")
		d := st.world.comment(as("bob"), q, "y")
		covered := func(by engawa.PersonID, ref engawa.Ref) func() error {
			return func() error {
				st.gate.set(covering)
				defer st.gate.set(nil)
				return edit(by, ref)()
			}
		}
		return []action{
			{edit("anna", p.Ref()), []event.Verb{event.PostEdited}, false}, {edit("bob", c.Ref()), []event.Verb{event.CommentEdited}, false},
			{covered("bob", d.Ref()), []event.Verb{event.CommentRetracted, event.PendingHeld}, false},
			{covered("anna", q.Ref()), []event.Verb{event.PostRetracted, event.PendingHeld}, false},
		}
	},
	"Retract": func(st *story) []action {
		p := st.post(as("anna"), st.world.space(as("anna"), feed.NewSpace{}), "x")
		c := st.world.comment(as("bob"), p, "y")
		return []action{
			{func() error { return st.s.Retract(st.ctx, as("bob"), c.Ref(), "") }, []event.Verb{event.CommentRetracted}, true},
			{func() error { return st.s.Retract(st.ctx, as("anna"), p.Ref(), "") }, []event.Verb{event.PostRetracted}, true},
		}
	},
	"Restore": func(st *story) []action {
		p := st.post(as("anna"), st.world.space(as("anna"), feed.NewSpace{}), "x")
		c := st.world.comment(as("bob"), p, "y")
		st.must(st.s.Retract(st.ctx, as("bob"), c.Ref(), ""))
		st.must(st.s.Retract(st.ctx, as("anna"), p.Ref(), ""))
		return []action{
			{func() error { return st.s.Restore(st.ctx, as("bob"), c.Ref()) }, []event.Verb{event.CommentRestored}, true},
			{func() error { return st.s.Restore(st.ctx, as("anna"), p.Ref()) }, []event.Verb{event.PostRestored}, true},
		}
	},
	"Release": func(st *story) []action {
		p, c, e := st.threeHeld()
		release := func(id engawa.ID) func() error {
			return func() error { _, err := st.s.Release(st.ctx, system, id); return err }
		}
		withdrawn := st.covered("bob")
		st.must(st.s.Withdraw(st.ctx, as("bob"), withdrawn))
		return []action{
			{release(p), []event.Verb{event.PostPublished, event.PendingReleased}, true},
			{release(c), []event.Verb{event.CommentPublished, event.PendingReleased}, true},
			{release(e), []event.Verb{event.PostEdited, event.PendingReleased}, true},
			{release(st.covered("anna")), []event.Verb{event.PostRestored, event.PostEdited, event.PendingReleased}, true},
			{release(withdrawn), []event.Verb{event.PostRestored}, false},
		}
	},
	"Reject": func(st *story) []action {
		p, c, e := st.threeHeld()
		var all []action
		for _, id := range []engawa.ID{p, c, e} {
			all = append(all, action{func() error { return st.s.Reject(st.ctx, system, id, "x") }, []event.Verb{event.PendingRejected}, true})
		}
		return all
	},
	"Withdraw": func(st *story) []action {
		p, c, e := st.threeHeld()
		var all []action
		for _, id := range []engawa.ID{p, c, e} {
			all = append(all, action{func() error { return st.s.Withdraw(st.ctx, as("anna"), id) }, []event.Verb{event.PendingWithdrawn}, true})
		}
		return all
	},
	"Import": func(st *story) []action {
		items := func(items ...feed.ImportItem) func() error {
			return func() error {
				done, err := st.s.Import(st.ctx, system, "new", items)
				if len(done.Skipped) > 0 {
					return done.Skipped[0].Err
				}
				return err
			}
		}
		at := start.Add(-time.Hour)
		space := feed.ImportItem{Space: &feed.ImportSpace{ID: "N1", NewSpace: feed.NewSpace{Name: "n", Hosts: []engawa.PersonID{"bob"}}, CreatedAt: at}}
		member := feed.ImportItem{Member: &feed.ImportMember{Space: "N1", Person: "carl", Host: true, At: at}}
		post := feed.ImportItem{Post: &feed.ImportPost{ID: "N1/1", Space: "N1", Author: "carl", Body: "<@bob> x", PublishedAt: at}}
		first := feed.ImportItem{Comment: &feed.ImportComment{ID: "N1/2", Post: "N1/1", Author: "bob", Body: "y", PublishedAt: at}}
		second := feed.ImportItem{Comment: &feed.ImportComment{ID: "N1/3", Post: "N1/1", Parent: "N1/2", Author: "bob", Body: "y", PublishedAt: at}}
		follow := feed.ImportItem{Follow: &feed.ImportFollow{Person: "carl", Followed: "newcomer", At: at}}
		return []action{
			{items(space), []event.Verb{event.SpaceCreated, event.MemberInvited, event.HostAdded}, true},
			{items(member), []event.Verb{event.MemberInvited, event.HostAdded}, true},
			{items(post, first), []event.Verb{event.ImportFinished}, true},
			{items(second), []event.Verb{event.ImportFinished}, true},
			{items(follow), []event.Verb{event.PersonFollowed}, true},
			{items(feed.ImportItem{Person: &feed.ImportPerson{ID: "U1", Person: "carl"}}), nil, true},
		}
	},
	"MarkRead": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto})
		p := st.post(as("anna"), sp, "x")
		return []action{{func() error { return st.s.MarkRead(st.ctx, as("bob"), sp.ID, p.ID) }, nil, true}}
	},
	"Forget": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		st.dir.put("sales", 1, "goes")
		st.must(st.s.Join(st.ctx, as("goes"), sp.ID))
		st.must(st.s.Follow(st.ctx, as("goes"), "anna"))
		st.must(st.s.Follow(st.ctx, as("bob"), "goes"))
		p := st.post(as("goes"), sp, "後はよろしく")
		st.world.comment(as("anna"), p, "<@goes> お疲れさまでした")
		return []action{{func() error { return st.s.Forget(st.ctx, system, "goes") }, []event.Verb{event.PersonForgotten}, true}}
	},
	"Rebuild": func(st *story) []action {
		return []action{{func() error { return st.s.Rebuild(st.ctx, system) }, nil, true}}
	},
}

// threeHeld are the pending rows of a post, a comment and an edit of anna's.
func (st *story) threeHeld() (post, comment, edit engawa.ID) {
	st.Helper()
	sp := st.world.space(as("anna"), feed.NewSpace{})
	p := st.post(as("anna"), sp, "x")
	st.gate.set(always(feed.Hold))
	defer st.gate.set(nil)
	post = st.post(as("anna"), sp, "<@bob> y").ID
	comment = st.world.comment(as("anna"), p, "<@bob> z").ID
	_, _, err := st.s.Edit(st.ctx, as("anna"), p.Ref(), feed.Edit{Version: 1, Body: "w"})
	st.must(err)
	page, err := st.s.Pending(st.ctx, as("anna"), feed.Window{Limit: 1})
	st.must(err)
	return post, comment, page.Items[0].ID
}

// covering is a gate that holds an edit and takes out of sight what it would change.
func covering(feed.Draft) feed.Verdict { return feed.Verdict{Action: feed.Hold, Retract: true} }

// covered is the pending row of an edit that covers its post.
func (st *story) covered(by engawa.PersonID) engawa.ID {
	st.Helper()
	p := st.post(as(by), st.world.space(as(by), feed.NewSpace{}), "x")
	st.gate.set(covering)
	defer st.gate.set(nil)
	_, _, err := st.s.Edit(st.ctx, as(by), p.Ref(), feed.Edit{Version: 1, Body: "w"})
	st.must(err)
	page, err := st.s.Pending(st.ctx, as(by), feed.Window{Limit: 1})
	st.must(err)
	return page.Items[0].ID
}

// After every action, what its events tell is enough to keep a projection equal to one that is built afresh, and what
// is derived equals a rebuild.
func TestReplay(t *testing.T) {
	cases := map[string]bool{}
	actions := merged(merged(merged(merged(actions, kindActions), noticeActions), keepingActions), readingActions)
	for name := range actions {
		cases[name] = true
	}
	for _, name := range readOnly {
		if cases[name] {
			t.Errorf("%s is in both lists", name)
		}
		cases[name] = true
	}
	for _, wrong := range missing(methodsOf(reflect.TypeFor[*feed.Service]()), cases) {
		t.Errorf("the lists of writing and reading methods: %s", wrong)
	}
	each(t, func(w *world) {
		kept := newProjection()
		relay, err := event.NewRelay(event.Config{Store: w.bun.Outbox(), Consumers: []event.Consumer{{
			Name: "projection", Handle: func(ctx context.Context, e event.Event) error { return w.handle(ctx, kept, e) },
		}}})
		w.must(err)
		st := newStory(w)
		same := func(when string) {
			w.Helper()
			w.must(relay.Drain(w.ctx))
			parked, err := relay.Status(w.ctx)
			w.must(err)
			for _, s := range parked {
				if len(s.Parked) > 0 {
					w.Fatalf("%s: the consumer stands at %+v", when, s)
				}
			}
			fresh := w.fresh()
			fresh.Pending = kept.Pending // what is decided is in no list
			for key, on := range kept.Follows {
				if !on {
					delete(kept.Follows, key)
				}
			}
			got, _ := json.Marshal(kept)
			want, _ := json.Marshal(fresh)
			if string(got) != string(want) {
				w.Errorf("seed %d: %s: the projection is\n%s\nafresh it is\n%s", st.seed, when, got, want)
			}
			st.rebuilt()
		}
		for n, name := range methodsOf(reflect.TypeFor[*feed.Service]()) {
			prepare := actions[name]
			if prepare == nil {
				continue
			}
			for range 3 {
				st.step()
			}
			st.reconcile() // what follows is between people who see each other
			if n%5 == 0 {  // what has gone wrong in between shows after the action as well
				same("before " + name)
			}
			for i, act := range prepare(st) {
				verbs := w.said(func() {
					if err := act.call(); err != nil {
						w.Errorf("%s %d: %v", name, i, err)
					}
				})
				if !slices.Equal(verbs, act.promises) {
					w.Errorf("%s %d says %v, and promises %v", name, i, verbs, act.promises)
				}
				same(fmt.Sprint("after ", name, " ", i))
				if !act.again {
					continue
				}
				before := w.fresh()
				verbs = w.said(func() {
					if err := act.call(); err != nil {
						w.Errorf("%s %d again: %v", name, i, err)
					}
				})
				if len(verbs) > 0 || !reflect.DeepEqual(w.fresh(), before) {
					w.Errorf("%s %d again says %v, or has changed something", name, i, verbs)
				}
			}
		}
	})
}
