package sns_test

import (
	"context"
	"errors"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/reaction"
	"github.com/engawa-sns/engawa/sns"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

func TestThanksArePosts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		s, _ := open(t, db)
		me := engawa.Actor{Tenant: "t", Person: "tanaka", Roles: []engawa.Role{engawa.RoleSteward}}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		sp, err := s.Feed.CreateSpace(ctx, me, feed.NewSpace{Name: "x"})
		must(err)
		must(s.Feed.Join(ctx, me, sp.ID))
		must(s.Reaction.SetRules(ctx, me, reaction.Rules{Weekly: 5}))
		in := reaction.NewThanks{To: []engawa.PersonID{"sato", "ito"}, Message: "助かりました", Points: 3, Space: sp.ID, Key: "k"}
		thanks, err := s.Reaction.Thank(ctx, me, in)
		must(err)
		again, err := s.Reaction.Thank(ctx, me, in)
		must(err)
		if again.ID != thanks.ID || thanks.Shares[0].Points != 2 || thanks.Shares[1].Points != 1 {
			t.Errorf("%+v, then %+v", thanks, again)
		}
		if _, err := s.Reaction.Toggle(ctx, me, thanks.Shown, "sugoi"); err != nil {
			t.Error(err)
		}
		in.Key, in.Points = "", 4 // three of five are spent
		if _, err := s.Reaction.Thank(ctx, me, in); !errors.Is(err, engawa.TooLarge) {
			t.Error(err)
		}
		page, err := s.Home(ctx, me, feed.Window{})
		must(err)
		if len(page.Items) != 1 || page.Items[0].Kind != feed.Thanks || page.Items[0].Body != "<@sato> <@ito> 助かりました" || page.Items[0].Reactions.Total() != 1 || !page.Items[0].Reactions[0].Mine {
			t.Errorf("the home: %+v", page.Items)
		}
		said, err := s.Feed.Comment(ctx, me, feed.NewComment{Post: page.Items[0].ID, Body: "本当に"})
		must(err)
		_, err = s.Reaction.Toggle(ctx, me, said.Ref(), "sugoi")
		must(err)
		thread, err := s.Thread(ctx, me, page.Items[0].ID, feed.Window{})
		must(err)
		if thread.Reactions.Total() != 1 || len(thread.Comments.Items) != 1 || thread.Comments.Items[0].Body != "本当に" || !thread.Comments.Items[0].Reactions[0].Mine ||
			thread.Comments.Items[0].AuthorName.Display == "" || thread.AuthorName.Display == "" {
			t.Errorf("the thread: %+v", thread)
		}
		found, err := s.Reaction.ThanksOn(ctx, me, thanks.Shown)
		must(err)
		if found[thanks.Shown].ID != thanks.ID || found[thanks.Shown].Message != "" {
			t.Errorf("%+v", found)
		}
		tx, err := db.SQL.BeginTx(ctx, nil)
		must(err)
		in.Points = 2
		_, err = s.With(tx).Reaction.Thank(ctx, me, in)
		must(err)
		must(tx.Rollback())
		if b, err := s.Reaction.Budget(ctx, me); err != nil || b.Left != 2 {
			t.Errorf("after a rollback %d are left: %v", b.Left, err)
		}
		page, err = s.Home(ctx, me, feed.Window{})
		must(err)
		if len(page.Items) != 1 {
			t.Errorf("%d posts", len(page.Items))
		}

		// Everything moves into another tenant, once.
		var first []jsonl.Record
		for r, err := range s.Export(ctx, "t", "engawa:t") {
			must(err)
			first = append(first, r)
		}
		for _, want := range []sns.ImportReport{{Reactions: 2, Thanks: 1}, {}} {
			done, err := s.Import(ctx, func(yield func(jsonl.Record, error) bool) {
				for _, r := range first {
					if !yield(r, nil) {
						return
					}
				}
			}, sns.Import{Tenant: "b"})
			must(err)
			if done.Reactions != want.Reactions || done.Thanks != want.Thanks || done.Skipped > 0 {
				t.Errorf("%+v", done)
			}
		}
	})
}

// TestHeldThanks are not kept, and neither is anything else of them.
func TestHeldThanks(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	store := db.New(nil)
	if err := sns.Migrate(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	s, err := sns.Open(t.Context(), sns.Config{Store: store, Directory: anybody{}, Gate: holding{}})
	if err != nil {
		t.Fatal(err)
	}
	me := engawa.Actor{Tenant: "t", Person: "tanaka"}
	sp, err := s.Feed.CreateSpace(t.Context(), me, feed.NewSpace{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Reaction.Thank(t.Context(), me, reaction.NewThanks{To: []engawa.PersonID{"sato"}, Message: "x", Space: sp.ID})
	if !errors.Is(err, engawa.Held) {
		t.Error(err)
	}
	if n := db.Int(`SELECT (SELECT COUNT(*) FROM engawa_thanks) + (SELECT COUNT(*) FROM engawa_pending)`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

type holding struct{}

func (holding) Judge(context.Context, engawa.Conn, feed.Draft) (feed.Verdict, error) {
	return feed.Verdict{Action: feed.Hold}, nil
}
