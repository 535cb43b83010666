package feed_test

import (
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// Who has posted before is not asked for again, and yet whatever shuts them out does so at their next post, whichever
// process did it.
func TestWhoPostedBeforeIsStillAdmitted(t *testing.T) {
	type shut struct {
		space feed.NewSpace
		do    func(w *world, other *feed.Service, sp feed.Space) error
		want  engawa.Kind
	}
	invited := feed.NewSpace{Name: "役員会", Join: feed.JoinInvite}
	for name, c := range map[string]shut{
		"removed": {invited, func(w *world, other *feed.Service, sp feed.Space) error {
			return other.RemoveMember(w.ctx, as("anna"), sp.ID, "bob")
		}, engawa.NotFound},
		"archived": {feed.NewSpace{}, func(w *world, other *feed.Service, sp feed.Space) error {
			return other.ArchiveSpace(w.ctx, as("anna"), sp.ID, "終了")
		}, engawa.Denied},
		"posts by hosts only": {feed.NewSpace{}, func(w *world, other *feed.Service, sp feed.Space) error {
			now, err := other.Space(w.ctx, as("anna"), sp.ID)
			if err != nil {
				return err
			}
			hosts := feed.PostsByHosts
			_, err = other.ChangeSpace(w.ctx, as("anna"), sp.ID, feed.SpaceChange{Version: now.Version, Posts: &hosts})
			return err
		}, engawa.Denied},
		"transferred": {feed.NewSpace{Access: []feed.Key{feed.InOrg("sales")}}, func(w *world, _ *feed.Service, _ feed.Space) error {
			w.dir.put("lab", 1, "bob")
			return nil
		}, engawa.NotFound},
		"nothing": {feed.NewSpace{}, func(*world, *feed.Service, feed.Space) error { return nil }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				sp := w.space(as("anna"), c.space)
				if sp.Join == feed.JoinInvite {
					w.must(w.s.AddMember(w.ctx, as("anna"), sp.ID, "bob"))
				} else {
					w.must(w.s.Join(w.ctx, as("bob"), sp.ID))
				}
				for range 3 {
					w.post(as("bob"), sp, "お疲れさまです")
				}
				other := w.service(w.store)
				w.must(c.do(w, other, sp))
				_, err := w.s.Publish(w.ctx, as("bob"), feed.NewPost{Space: sp.ID, Body: "まだ書けますか"})
				if c.want == 0 {
					w.must(err)
					return
				}
				w.kind(err, c.want)
			})
		})
	}
}

// A gate that holds sees to it that nothing remembered decides: what is held was admitted by what stands in the database.
func TestWhatIsHeldIsAdmittedNow(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		w.must(w.s.Join(w.ctx, as("bob"), sp.ID))
		for range 3 {
			w.post(as("bob"), sp, "お疲れさまです")
		}
		w.must(w.service(w.store).ArchiveSpace(w.ctx, as("anna"), sp.ID, "終了"))
		w.gate.set(always(feed.Hold))
		_, err := w.s.Publish(w.ctx, as("bob"), feed.NewPost{Space: sp.ID, Body: "保留されますか"})
		w.kind(err, engawa.Denied)
		if n := w.count("pending"); n != 0 {
			w.Errorf("%d texts wait", n)
		}
	})
}
