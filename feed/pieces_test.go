package feed_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// What can be found is what the reader may read, while it is there.
func TestPieces(t *testing.T) {
	each(t, func(w *world) {
		v := w.village("one")
		anna, carl, sys := v.as("anna"), v.as("carl"), engawa.System("one")
		secret := w.post(anna, v.secret, "x")
		expiring, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: v.space.ID, Body: "soon gone", ExpiresAt: w.clock.Now().Add(time.Hour)})
		w.must(err)
		below := w.comment(anna, expiring, "below")
		poll, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: v.space.ID, Body: "lunch?", Details: &feed.PollDetails{Options: []string{"soba", "udon"}}})
		w.must(err)
		refs := []engawa.Ref{v.post.Ref(), v.comment.Ref(), secret.Ref(), expiring.Ref(), below.Ref(), poll.Ref(), engawa.RefTo(engawa.KindPost, 1), {Kind: "ringi", ID: "1"}}
		found := func(by engawa.Actor) (found []engawa.Ref) {
			w.Helper()
			pieces, err := w.s.Pieces(w.ctx, by, refs)
			w.must(err)
			for _, ref := range refs {
				if p, ok := pieces[ref]; ok {
					found = append(found, ref)
					if p.Ref() != ref || p.Text() == "" {
						w.Errorf("%s leads to %+v", ref, p)
					}
				}
			}
			// The walk of everything finds the same as the system does.
			if by.IsSystem() {
				var walked []engawa.Ref
				for after := engawa.ID(0); ; {
					some, last, err := w.s.PiecesAfter(w.ctx, by, after)
					w.must(err)
					if last == 0 {
						break
					}
					after = last
					for _, p := range some {
						walked = append(walked, p.Ref())
					}
				}
				for _, ref := range refs {
					if slices.Contains(walked, ref) != slices.Contains(found, ref) {
						w.Errorf("%s: found %v, walked %v", ref, found, walked)
					}
				}
			}
			return found
		}
		want := func(when string, got []engawa.Ref, want ...engawa.Ref) {
			w.Helper()
			if !slices.Equal(got, want) {
				w.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		want("the system", found(sys), refs[:6]...)
		want("anna", found(anna), refs[:6]...)
		want("carl, who blocks bob and is not let into the secret space", found(carl), refs[0], refs[3], refs[4], refs[5])
		if pieces, err := w.s.Pieces(w.ctx, anna, []engawa.Ref{poll.Ref()}); err != nil || pieces[poll.Ref()].Text() != "lunch?\nsoba\nudon" {
			w.Errorf("the poll reads %q, %v", pieces[poll.Ref()].Text(), err)
		}
		w.clock.pass(2 * time.Hour)
		want("once it has expired", found(sys), refs[0], refs[1], refs[2], refs[5])
		w.must(w.s.Retract(w.ctx, anna, v.post.Ref(), ""))
		want("once it is taken back", found(anna), refs[2], refs[5])
		w.must(w.s.Restore(w.ctx, anna, v.post.Ref()))
		want("once it is back", found(sys), refs[0], refs[1], refs[2], refs[5])

		for name, call := range map[string]func() error{
			"PiecesAfter": func() error { _, _, err := w.s.PiecesAfter(w.ctx, anna, 0); return err },
			"CommentRefs": func() error { _, err := w.s.CommentRefs(w.ctx, anna, v.post.ID); return err },
		} {
			if err := call(); !errors.Is(err, engawa.Denied) {
				w.Errorf("%s by a person: %v", name, err)
			}
		}
		for by, n := range map[engawa.PersonID]bool{"anna": true, "carl": false} {
			spaces, err := w.s.ReadableSpaces(w.ctx, v.as(by))
			w.must(err)
			if slices.Contains(spaces, v.secret.ID) != n || !slices.Contains(spaces, v.space.ID) {
				w.Errorf("%s may read in %v", by, spaces)
			}
		}
	})
}
