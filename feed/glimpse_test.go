package feed_test

import (
	"context"
	"errors"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

func TestGlimpses(t *testing.T) {
	each(t, func(w *world) {
		v := w.village("one")
		anna, carl := v.as("anna"), v.as("carl")
		refs := []engawa.Ref{v.post.Ref(), v.comment.Ref(), engawa.RefTo(engawa.KindPost, 1), {Kind: "ringi", ID: "1"}}
		seen, err := w.s.Glimpses(w.ctx, anna, refs)
		w.must(err)
		if len(seen) != 2 || seen[v.post.Ref()] != (feed.Glimpse{Author: "anna", Space: v.space.ID}) || seen[v.comment.Ref()].Author != "bob" {
			w.Errorf("anna sees %+v", seen)
		}
		secret := w.post(anna, v.secret, "x")
		if seen, err := w.s.Glimpses(w.ctx, carl, []engawa.Ref{secret.Ref()}); err != nil || len(seen) > 0 {
			w.Errorf("carl sees %+v, %v", seen, err)
		}
		w.must(w.s.Retract(w.ctx, anna, v.post.Ref(), ""))
		seen, err = w.s.Glimpses(w.ctx, anna, refs)
		w.must(err)
		if !seen[v.post.Ref()].Closed || seen[v.comment.Ref()].Closed {
			w.Errorf("after a retraction: %+v", seen)
		}
	})
}

func TestAlso(t *testing.T) {
	each(t, func(w *world) {
		v := w.village("one")
		anna := v.as("anna")
		calls, refusal := 0, errors.New("no")
		post := feed.NewPost{Space: v.space.ID, Body: "x", Key: "also", Also: func(_ context.Context, conn engawa.Conn, p feed.Post) error {
			calls++
			if conn == nil || p.ID == 0 {
				w.Errorf("called with %v and %+v", conn, p)
			}
			return refusal
		}}
		if _, err := w.s.Publish(w.ctx, anna, post); !errors.Is(err, refusal) {
			w.Errorf("the error is %v", err)
		}
		refusal = nil
		first, err := w.s.Publish(w.ctx, anna, post)
		w.must(err)
		again, err := w.s.Publish(w.ctx, anna, post)
		w.must(err)
		if again.ID != first.ID || calls != 2 {
			w.Errorf("%d calls, posts %s and %s", calls, first.ID, again.ID)
		}
	})
}
