package sns_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/sns"
)

// clock is a time that passes when it is told to.
type clock struct{ now atomic.Int64 }

func (c *clock) Now() time.Time { return time.UnixMicro(c.now.Add(1000)).UTC() }

func (c *clock) pass(d time.Duration) { c.now.Add(d.Microseconds()) }

// openAt is open at a time of its own: Wednesday 1 April 2026, 10:00 in Tokyo.
func openAt(t *testing.T, db *dbtest.DB) (*sns.SNS, *clock) {
	t.Helper()
	store, err := bunstore.New(db.Config(db.SQL))
	if err == nil {
		err = sns.Migrate(t.Context(), store)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{}
	c.now.Store(time.Date(2026, time.April, 1, 1, 0, 0, 0, time.UTC).UnixMicro())
	s, err := sns.Open(t.Context(), sns.Config{Store: store, Directory: anybody{}, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, c
}

// What is not kept any more goes with its reactions and notices, and by a chore.
func TestWhatIsPurgedLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		s, clock := openAt(t, db)
		anna, bob := engawa.Actor{Tenant: "t", Person: "anna"}, engawa.Actor{Tenant: "t", Person: "bob"}
		sei := engawa.Actor{Tenant: "t", Person: "sei", Roles: []engawa.Role{engawa.RoleSteward}}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		sp, err := s.Feed.CreateSpace(ctx, anna, feed.NewSpace{Name: "全社"})
		must(err)
		publish := func() (feed.Post, feed.Comment) {
			t.Helper()
			p, err := s.Feed.Publish(ctx, anna, feed.NewPost{Space: sp.ID, Body: "お知らせです"})
			must(err)
			c, err := s.Feed.Comment(ctx, bob, feed.NewComment{Post: p.ID, Body: "はい"})
			must(err)
			for _, ref := range []engawa.Ref{p.Ref(), c.Ref()} {
				_, err := s.Reaction.Add(ctx, anna, ref, "like")
				must(err)
			}
			must(s.Drain(ctx))
			return p, c
		}
		old, oldComment := publish()
		clock.pass(40 * 24 * time.Hour)
		young, youngComment := publish()
		must(s.Feed.SetRetention(ctx, sei, feed.Retention{Space: sp.ID, Days: 30}))
		must(s.Chores(ctx))
		must(s.Drain(ctx))
		must(s.Reaction.RollUp(ctx))
		if _, err := s.Feed.Post(ctx, anna, old.ID); engawa.KindOf(err) != engawa.NotFound {
			t.Errorf("the old post: %v", err)
		}
		left := map[engawa.Ref]int{}
		for item, err := range s.Reaction.Export(ctx, engawa.System("t")) {
			must(err)
			if item.Reaction != nil {
				left[item.Reaction.Target]++
			}
		}
		if left[old.Ref()]+left[oldComment.Ref()] != 0 || left[young.Ref()] != 1 || left[youngComment.Ref()] != 1 {
			t.Errorf("reactions are left on %v", left)
		}
		notices, err := s.Notices(ctx, anna, feed.Window{})
		must(err)
		for _, n := range notices.Items {
			if n.Post != young.ID {
				t.Errorf("a notice is left: %+v", n.Notice)
			}
		}
		if len(notices.Items) == 0 {
			t.Error("no notice of the young post is left")
		}
	})
}

// A block hides who reacted, on pages too.
func TestBlocksHideReactions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		s, _ := openAt(t, db)
		anna, bob, carl := engawa.Actor{Tenant: "t", Person: "anna"}, engawa.Actor{Tenant: "t", Person: "bob"}, engawa.Actor{Tenant: "t", Person: "carl"}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		sp, err := s.Feed.CreateSpace(ctx, carl, feed.NewSpace{Name: "全社", Join: feed.JoinAuto})
		must(err)
		p, err := s.Feed.Publish(ctx, carl, feed.NewPost{Space: sp.ID, Body: "お疲れさまです"})
		must(err)
		for _, by := range []engawa.Actor{anna, bob} {
			_, err := s.Reaction.Add(ctx, by, p.Ref(), "like")
			must(err)
		}
		must(s.Feed.Block(ctx, anna, "bob"))
		for _, c := range []struct {
			by   engawa.Actor
			want int
		}{{anna, 1}, {bob, 1}, {carl, 2}} {
			home, err := s.Home(ctx, c.by, feed.Window{})
			must(err)
			page, err := s.SpacePosts(ctx, c.by, sp.ID, feed.Window{})
			must(err)
			asked, err := s.Reaction.Summaries(ctx, c.by, p.Ref())
			must(err)
			if a, b, d := home.Items[0].Reactions.Total(), page.Items[0].Reactions.Total(), asked[p.Ref()].Total(); a != c.want || b != c.want || d != c.want {
				t.Errorf("%s counts %d at home, %d in the space and %d when asking, want %d", c.by.Person, a, b, d, c.want)
			}
		}
	})
}
