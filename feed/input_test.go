package feed_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// rows counts everything that is written.
func (w *world) rows() string {
	w.Helper()
	var b strings.Builder
	for _, table := range []string{"spaces", "members", "follows", "posts", "comments", "revisions", "retractions", "mentions", "tags", "pending", "claims", "events", "sources", "people"} {
		fmt.Fprint(&b, table, " ", w.count(table), "; ")
	}
	return b.String()
}

// refused demands that a call fails with a kind, says something of what is wrong, and writes nothing.
func (w *world) refused(what string, want engawa.Kind, call func() error, says ...string) {
	w.Helper()
	before := w.rows()
	err := call()
	if !errors.Is(err, want) {
		w.Errorf("%s: the error is %v, want one of kind %v", what, err, want)
		return
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			w.Errorf("%s: %q does not say %q", what, err, s)
		}
	}
	if !strings.HasPrefix(err.Error(), "feed.") || engawa.In(engawa.Japanese, err) == err.Error() {
		w.Errorf("%s: the error names no operation, or speaks no Japanese: %v", what, err)
	}
	if after := w.rows(); after != before {
		w.Errorf("%s: rows were written: %s, before %s", what, after, before)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	each(t, func(w *world) {
		anna := as("anna")
		sp := w.space(anna, feed.NewSpace{})
		post := w.post(anna, sp, "x")
		c := w.comment(anna, post, "y")
		mentions := strings.Repeat("<@bob> ", 10000)
		texts := []struct {
			what, text string
			want       engawa.Kind
			says       string
		}{
			{"empty", "", engawa.Invalid, "Body"},
			{"NUL", "a\x00b", engawa.Invalid, "U+0000"},
			{"a control character", "a\x1bb", engawa.Invalid, "U+001B"},
			{"not UTF-8", "a\xff\xfeb", engawa.Invalid, "UTF-8"},
			{"over the limit", strings.Repeat("あ", feed.MaxBody/3+1), engawa.TooLarge, fmt.Sprint(feed.MaxBody)},
			{"ten thousand mentions", mentions[:len(mentions)*feed.MaxBody/len(mentions)/7*7], engawa.TooLarge, "mentions"},
			{"all ten thousand", mentions, engawa.TooLarge, ""},
			{"an unknown person", "<@nobody> さん", engawa.Invalid, `"nobody"`},
		}
		for _, in := range texts {
			w.refused("post: "+in.what, in.want, func() error {
				_, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: in.text, Key: "k"})
				return err
			}, in.says)
			w.refused("comment: "+in.what, in.want, func() error {
				_, err := w.s.Comment(w.ctx, anna, feed.NewComment{Post: post.ID, Body: in.text, Key: "k"})
				return err
			}, in.says)
			w.refused("edit: "+in.what, in.want, func() error {
				_, _, err := w.s.Edit(w.ctx, anna, c.Ref(), feed.Edit{Version: 1, Body: in.text})
				return err
			}, in.says)
		}
		tooMany := make([]feed.Attachment, feed.MaxAttachments+1)
		for i := range tooMany {
			tooMany[i] = feed.Attachment{Ref: "r", Name: "n"}
		}
		many := make([]engawa.ID, feed.MaxLimit+1)
		manyKeys := make([]feed.Key, 101)
		for i := range manyKeys {
			manyKeys[i] = feed.Everyone()
		}
		for _, in := range []struct {
			what string
			want engawa.Kind
			call func() error
		}{
			{"no space", engawa.Invalid, func() error { _, err := w.s.Publish(w.ctx, anna, feed.NewPost{Body: "x"}); return err }},
			{"before 1970", engawa.Invalid, func() error {
				_, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "x", ExpiresAt: time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)})
				return err
			}},
			{"after 9999", engawa.Invalid, func() error {
				_, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "x", ExpiresAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
				return err
			}},
			{"expired already", engawa.Invalid, func() error {
				_, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "x", ExpiresAt: start})
				return err
			}},
			{"a kind of its own", engawa.Invalid, func() error {
				_, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "x", Kind: "poem"})
				return err
			}},
			{"attachments", engawa.TooLarge, func() error {
				_, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "x", Attachments: tooMany})
				return err
			}},
			{"an attachment with NUL", engawa.Invalid, func() error {
				_, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "x", Attachments: []feed.Attachment{{Ref: "a\x00", Name: "n"}}})
				return err
			}},
			{"a key with NUL", engawa.Invalid, func() error {
				_, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "x", Key: "\x00"})
				return err
			}},
			{"a stale version", engawa.Conflict, func() error {
				_, _, err := w.s.Edit(w.ctx, anna, post.Ref(), feed.Edit{Version: 9, Body: "x"})
				return err
			}},
			{"no version", engawa.Invalid, func() error {
				_, _, err := w.s.Edit(w.ctx, anna, post.Ref(), feed.Edit{Body: "x"})
				return err
			}},
			{"a ref of the host's", engawa.Invalid, func() error {
				_, _, err := w.s.Edit(w.ctx, anna, engawa.Ref{Kind: "workflow", ID: "1"}, feed.Edit{Version: 1, Body: "x"})
				return err
			}},
			{"a ref that is none", engawa.Invalid, func() error { return w.s.Retract(w.ctx, anna, engawa.Ref{Kind: engawa.KindPost, ID: "\x00"}, "") }},
			{"a long reason", engawa.TooLarge, func() error { return w.s.Retract(w.ctx, anna, post.Ref(), strings.Repeat("x", 1001)) }},
			{"a stale space", engawa.Conflict, func() error {
				name := "n"
				_, err := w.s.ChangeSpace(w.ctx, anna, sp.ID, feed.SpaceChange{Version: 7, Name: &name})
				return err
			}},
			{"a space without name", engawa.Invalid, func() error { _, err := w.s.CreateSpace(w.ctx, anna, feed.NewSpace{}); return err }},
			{"a name of two lines", engawa.Invalid, func() error { _, err := w.s.CreateSpace(w.ctx, anna, feed.NewSpace{Name: "a\nb"}); return err }},
			{"a secret open space", engawa.Invalid, func() error {
				_, err := w.s.CreateSpace(w.ctx, anna, feed.NewSpace{Name: "n", Secret: true})
				return err
			}},
			{"a key of a unit without id", engawa.Invalid, func() error {
				_, err := w.s.CreateSpace(w.ctx, anna, feed.NewSpace{Name: "n", Access: []feed.Key{feed.InOrg("")}})
				return err
			}},
			{"too many keys", engawa.TooLarge, func() error {
				_, err := w.s.CreateSpace(w.ctx, anna, feed.NewSpace{Name: "n", Access: manyKeys})
				return err
			}},
			{"an unknown host", engawa.Invalid, func() error {
				_, err := w.s.CreateSpace(w.ctx, anna, feed.NewSpace{Name: "n", Hosts: []engawa.PersonID{"nobody"}})
				return err
			}},
			{"a space that nobody could read", engawa.Invalid, func() error {
				_, err := w.s.ChangeSpace(w.ctx, anna, sp.ID, feed.SpaceChange{Version: 1, Access: &[]feed.Key{}})
				return err
			}},
			{"an unknown member", engawa.Invalid, func() error { return w.s.AddMember(w.ctx, anna, sp.ID, "nobody") }},
			{"a member with NUL", engawa.Invalid, func() error { return w.s.RemoveMember(w.ctx, anna, sp.ID, "\x00") }},
			{"following oneself", engawa.Invalid, func() error { return w.s.Follow(w.ctx, anna, "anna") }},
			{"following nobody", engawa.Invalid, func() error { return w.s.Follow(w.ctx, anna, "nobody") }},
			{"unfollowing nobody", engawa.Invalid, func() error { return w.s.Unfollow(w.ctx, anna, "") }},
			{"no tag", engawa.Invalid, func() error { _, err := w.s.TagPosts(w.ctx, anna, "a b", feed.Window{}); return err }},
			{"no person", engawa.Invalid, func() error { _, err := w.s.PersonPosts(w.ctx, anna, "\xff", feed.Window{}); return err }},
			{"too many ids", engawa.TooLarge, func() error { _, err := w.s.Posts(w.ctx, anna, many); return err }},
			{"an actor without tenant", engawa.Invalid, func() error { _, err := w.s.Home(w.ctx, engawa.Actor{Person: "anna"}, feed.Window{}); return err }},
			{"an actor without person", engawa.Invalid, func() error { _, err := w.s.Home(w.ctx, engawa.Actor{Tenant: tenant}, feed.Window{}); return err }},
			{"the system as author", engawa.Denied, func() error { _, err := w.s.Publish(w.ctx, system, feed.NewPost{Space: sp.ID, Body: "x"}); return err }},
			{"the system as member", engawa.Denied, func() error { return w.s.Join(w.ctx, system, sp.ID) }},
			{"the system leaving", engawa.Denied, func() error { return w.s.Leave(w.ctx, system, sp.ID) }},
			{"the system reading", engawa.Denied, func() error { return w.s.MarkRead(w.ctx, system, sp.ID, 0) }},
			{"a rebuild by a person", engawa.Denied, func() error { return w.s.Rebuild(w.ctx, as("anna", engawa.RoleSteward)) }},
			{"an import by a person", engawa.Denied, func() error { _, err := w.s.Import(w.ctx, anna, "s", nil); return err }},
			{"too large an import", engawa.TooLarge, func() error {
				_, err := w.s.Import(w.ctx, system, "s", make([]feed.ImportItem, feed.MaxImport+1))
				return err
			}},
		} {
			w.refused(in.what, in.want, in.call)
		}
		if again, err := w.s.Post(w.ctx, anna, post.ID); err != nil || again.Body != "x" || again.Version != 1 {
			w.Errorf("the post is now %+v, %v", again, err)
		}
	})
}

func TestAnImportSkipsWhatItCannotTake(t *testing.T) {
	each(t, func(w *world) {
		at := start.Add(-time.Hour)
		good := func() []feed.ImportItem {
			return []feed.ImportItem{
				{Space: &feed.ImportSpace{ID: "C1", NewSpace: feed.NewSpace{Name: "n"}, CreatedAt: at}},
				{Post: &feed.ImportPost{ID: "P1", Space: "C1", Author: "anna", Body: "x", PublishedAt: at}},
				{Post: &feed.ImportPost{ID: "P2", Space: "C1", Author: "anna", Body: "x", PublishedAt: at}},
				{Comment: &feed.ImportComment{ID: "K1", Post: "P1", Author: "bob", Body: "y", PublishedAt: at}},
			}
		}
		post := func(change func(*feed.ImportPost)) feed.ImportItem {
			p := &feed.ImportPost{ID: "bad", Space: "C1", Author: "anna", Body: "x", PublishedAt: at}
			change(p)
			return feed.ImportItem{Post: p}
		}
		comment := func(change func(*feed.ImportComment)) feed.ImportItem {
			c := &feed.ImportComment{ID: "bad", Post: "P1", Author: "anna", Body: "x", PublishedAt: at}
			change(c)
			return feed.ImportItem{Comment: c}
		}
		bad := []feed.ImportItem{
			{},
			post(func(p *feed.ImportPost) { p.ID = "" }),
			post(func(p *feed.ImportPost) { p.ID = "a\x00" }),
			post(func(p *feed.ImportPost) { p.ID = strings.Repeat("x", 300) }),
			post(func(p *feed.ImportPost) { p.Space = "\xff" }),
			post(func(p *feed.ImportPost) { p.Space = "C9" }),
			post(func(p *feed.ImportPost) { p.Author = "a\x00" }),
			post(func(p *feed.ImportPost) { p.Kind = feed.Kind(strings.Repeat("k", 40)) }),
			post(func(p *feed.ImportPost) { p.Body = "a\x00" }),
			post(func(p *feed.ImportPost) { p.Body = " \n" }),
			post(func(p *feed.ImportPost) { p.Body = strings.Repeat("x", feed.MaxBody+1) }),
			post(func(p *feed.ImportPost) { p.PublishedAt = time.Time{} }),
			post(func(p *feed.ImportPost) { p.PublishedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }),
			post(func(p *feed.ImportPost) { p.EditedAt = time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC) }),
			post(func(p *feed.ImportPost) { p.Retracted = &feed.Mark{By: "\x00", At: at} }),
			post(func(p *feed.ImportPost) { p.Retracted = &feed.Mark{By: "a", At: at, Why: "\x00"} }),
			comment(func(c *feed.ImportComment) { c.Post = "P9" }),
			comment(func(c *feed.ImportComment) { c.Parent = "K9" }),
			comment(func(c *feed.ImportComment) { c.Post, c.Parent = "P2", "K1" }),
			comment(func(c *feed.ImportComment) { c.Body = "\xff" }),
			{Space: &feed.ImportSpace{ID: "C2", NewSpace: feed.NewSpace{Name: "a\x00"}}},
			{Space: &feed.ImportSpace{ID: "C2", NewSpace: feed.NewSpace{Name: "n"}, CreatedBy: "a\x00"}},
			{Space: &feed.ImportSpace{ID: "C2", NewSpace: feed.NewSpace{Name: "n"}, CreatedAt: start.AddDate(9000, 0, 0)}},
			{Member: &feed.ImportMember{Space: "C1", Person: "a\x00"}},
			{Member: &feed.ImportMember{Space: "C9", Person: "anna"}},
			{Member: &feed.ImportMember{Space: "C1", Person: "anna", At: start.AddDate(-90, 0, 0)}},
			{Follow: &feed.ImportFollow{Person: "anna", Followed: "anna"}},
			{Follow: &feed.ImportFollow{Person: "anna", Followed: "\x00"}},
			{Person: &feed.ImportPerson{ID: "U1", Person: "\x00"}},
			{Retention: &feed.ImportRetention{Space: "C9", Days: 1, At: at}},
			{Retention: &feed.ImportRetention{Days: -1, At: at}},
			{Hold: &feed.ImportHold{At: at}},
			{Hold: &feed.ImportHold{Person: "\x00", Why: "x", At: at}},
			{Reminder: &feed.ImportReminder{Post: "P9", Person: "anna", At: at}},
			{Receipts: &feed.ImportReceipts{Person: "anna", Rule: "often"}},
		}
		items := append(good(), bad...)
		done, err := w.s.Import(w.ctx, system, "slack", items)
		w.must(err)
		if done.Spaces != 1 || done.Posts != 2 || done.Comments != 1 || len(done.Skipped) != len(bad) {
			for _, s := range done.Skipped {
				w.Log(s.Source, s.Err)
			}
			w.Fatalf("imported %d spaces, %d posts, %d comments, skipped %d of %d", done.Spaces, done.Posts, done.Comments, len(done.Skipped), len(bad))
		}
		for i, s := range done.Skipped {
			if s.Err == nil || engawa.KindOf(s.Err) == engawa.Internal {
				w.Errorf("item %d was skipped with %v", i, s.Err)
			}
		}
		before := w.rows()
		done, err = w.s.Import(w.ctx, system, "slack", items)
		w.must(err)
		if done.Already != 4 || done.Spaces+done.Members+done.Posts+done.Comments != 0 || w.rows() != before {
			w.Errorf("again: %+v, %s", done, w.rows())
		}
	})
}

func TestADatabaseThatIsNotMigratedSaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		w := &world{T: t, ctx: t.Context(), db: db, dir: newCompany(), gate: &gate{}, clock: &clock{now: start}}
		w.dir.put("sales", 1, "anna")
		for _, migrated := range []bool{false, true} {
			store := db.New(nil)
			if migrated { // but not the feed's tables
				dbtest.Migrate(t, store)
			}
			w.s = w.service(feedstore.New(store))
			_, published := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: 1, Body: "x"})
			_, read := w.s.Home(w.ctx, as("anna"), feed.Window{})
			_, made := w.s.CreateSpace(w.ctx, as("anna"), feed.NewSpace{Name: "n"})
			for _, err := range []error{published, read, made} {
				if migrated && err == nil { // nobody has anything yet, so nothing had to be read
					continue
				}
				if !errors.Is(err, engawa.Unavailable) || !strings.Contains(err.Error(), "Migrate") {
					t.Errorf("migrated %v: %v", migrated, err)
				}
			}
			if made == nil {
				t.Error("a space was made without its table")
			}
		}
	})
}

func TestADirectoryThatFails(t *testing.T) {
	each(t, func(w *world) {
		anna := as("anna")
		sp := w.space(anna, feed.NewSpace{})
		post := w.post(anna, sp, "x")
		reads := map[string]func() error{
			"Home":    func() error { _, err := w.s.Home(w.ctx, anna, feed.Window{}); return err },
			"Unread":  func() error { _, err := w.s.Unread(w.ctx, anna); return err },
			"Post":    func() error { _, err := w.s.Post(w.ctx, anna, post.ID); return err },
			"Publish": func() error { _, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "x"}); return err },
			"Comment": func() error {
				_, err := w.s.Comment(w.ctx, anna, feed.NewComment{Post: post.ID, Body: "x"})
				return err
			},
			"Retract": func() error { return w.s.Retract(w.ctx, anna, post.Ref(), "") },
			"Create":  func() error { _, err := w.s.CreateSpace(w.ctx, anna, feed.NewSpace{Name: "n"}); return err },
			"Join":    func() error { return w.s.Join(w.ctx, anna, sp.ID) },
			"Follow":  func() error { return w.s.Follow(w.ctx, anna, "bob") },
		}
		for what, lie := range map[string]func(context.Context) ([]engawa.Affiliation, error){
			"errs":              func(context.Context) ([]engawa.Affiliation, error) { return nil, errors.New("ldap: no route") },
			"hangs":             func(ctx context.Context) ([]engawa.Affiliation, error) { <-ctx.Done(); return nil, ctx.Err() },
			"hangs without end": func(context.Context) ([]engawa.Affiliation, error) { <-w.ctx.Done(); return nil, nil },
			"has no org":        func(context.Context) ([]engawa.Affiliation, error) { return []engawa.Affiliation{{Org: ""}}, nil },
			"has a NUL org":     func(context.Context) ([]engawa.Affiliation, error) { return []engawa.Affiliation{{Org: "a\x00"}}, nil },
			"has thousands":     func(context.Context) ([]engawa.Affiliation, error) { return make([]engawa.Affiliation, 5000), nil },
		} {
			w.dir.lie(lie)
			for name, call := range reads {
				w.refused("a directory that "+what+": "+name, engawa.Unavailable, call, "directory")
			}
			w.dir.lie(nil)
		}
		for name, call := range reads {
			if name != "Retract" {
				if err := call(); err != nil {
					w.Errorf("%s afterwards: %v", name, err)
				}
			}
		}
	}, func(c *feed.Config) { c.DirectoryTimeout = 150 * time.Millisecond })
}
