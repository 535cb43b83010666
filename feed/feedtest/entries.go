package feedtest

import (
	"cmp"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

var entries = []testCase{
	{"a revision keeps the earlier text", func(s *suite) {
		sp := s.space(nil)
		p := s.post(sp, "anna", func(p *feed.Post) { p.Body, p.Attachments = hardBody, someAttachments })
		c := s.comment(p, "anna", func(c *feed.Comment) { c.Body = hardBody })
		for _, e := range []struct {
			ref   engawa.Ref
			first []feed.Attachment
		}{{p.Ref(), someAttachments}, {c.Ref(), nil}} {
			if none, err := s.st.Revisions(s.ctx, s.tenant, e.ref); err != nil || len(none) != 0 {
				s.Errorf("%s: revisions %v, %v", e.ref, none, err)
			}
			var place feed.Place
			revise := func(version int64, next feed.Revision) error {
				return s.fails(func(st feed.Store) error {
					var err error
					place, err = st.Revise(s.ctx, s.tenant, e.ref, version, next)
					return err
				})
			}
			s.must(revise(1, feed.Revision{Body: "二 <@carl>", By: "anna", At: base.Add(time.Minute)}))
			s.same("the place", place, feed.Place{Entry: e.ref, Post: p.ID, Space: sp.ID})
			s.must(revise(2, feed.Revision{Body: "三", Attachments: someAttachments[:1], By: "bob", At: base.Add(2 * time.Minute)}))
			for _, version := range []int64{0, 1, 2, 4} {
				s.kind(revise(version, feed.Revision{Body: "no", By: "anna", At: base}), engawa.Conflict)
			}
			earlier, err := s.st.Revisions(s.ctx, s.tenant, e.ref)
			s.must(err)
			s.same("the revisions", earlier, []feed.Revision{
				{Version: 2, Body: "二 <@carl>", By: "bob", At: base.Add(2 * time.Minute)},
				{Version: 1, Body: hardBody, Attachments: e.first, By: "anna", At: base.Add(time.Minute)},
			})
		}
		p.Body, p.Attachments, p.Version, p.EditedAt, p.Comments = "三", someAttachments[:1], 3, base.Add(2*time.Minute), 1
		s.same("the post", s.postAgain(p.ID), p)
		c.Body, c.Attachments, c.Version, c.EditedAt = "三", someAttachments[:1], 3, base.Add(2*time.Minute)
		s.same("the comment", s.commentAgain(c.ID), c)
	}},
	{"a retraction is set and lifted", func(s *suite) {
		sp := s.space(nil)
		s.join(sp, "bob")
		p := s.post(sp, "anna", nil)
		c := s.comment(p, "anna", nil)
		s.comment(p, "bob", nil)
		mark := &feed.Mark{By: "carl", At: base.Add(time.Second), Why: "重複"}

		s.same("the comment's place", s.retract(c.Ref(), 1, mark), feed.Place{Entry: c.Ref(), Post: p.ID, Space: sp.ID})
		c.Version, c.Retracted = 2, mark
		s.same("the retracted comment", s.commentAgain(c.ID), c)
		p.Comments = 1
		s.same("its post", s.postAgain(p.ID), p)
		s.same("the post's place", s.retract(p.Ref(), 1, mark), feed.Place{Entry: p.Ref(), Post: p.ID, Space: sp.ID})
		p.Version, p.Retracted = 2, mark
		s.same("the retracted post", s.postAgain(p.ID), p)
		if n := s.unread(sp, "bob", base); n != 0 {
			s.Errorf("a retracted post is unread %d times", n)
		}
		for _, ref := range []engawa.Ref{p.Ref(), c.Ref()} {
			for _, version := range []int64{0, 1, 3} {
				s.kind(s.fails(func(st feed.Store) error {
					_, err := st.SetRetracted(s.ctx, s.tenant, ref, version, nil)
					return err
				}), engawa.Conflict)
			}
		}
		again := &feed.Mark{By: "bob", At: base.Add(time.Minute)}
		s.retract(c.Ref(), 2, again)
		c.Version, c.Retracted = 3, again
		s.same("the comment retracted once more", s.commentAgain(c.ID), c)
		s.retract(c.Ref(), 3, nil)
		c.Version, c.Retracted = 4, nil
		s.same("the restored comment", s.commentAgain(c.ID), c)
		s.retract(p.Ref(), 2, nil)
		p.Version, p.Retracted, p.Comments = 3, nil, 2
		s.same("the restored post", s.postAgain(p.ID), p)
		if n := s.unread(sp, "bob", base); n != 1 {
			s.Errorf("a restored post is unread %d times", n)
		}
		s.retract(c.Ref(), 4, nil)
		if n := s.postAgain(p.ID).Comments; n != 2 {
			s.Errorf("lifting what was not set made %d comments of 2", n)
		}
	}},
	{"an entry that does not exist conflicts", func(s *suite) {
		s.space(nil)
		for _, kind := range []string{engawa.KindPost, engawa.KindComment} {
			ref := engawa.RefTo(kind, stranger)
			s.kind(s.fails(func(st feed.Store) error {
				_, err := st.Revise(s.ctx, s.tenant, ref, 1, feed.Revision{Body: "x", By: "anna", At: base})
				return err
			}), engawa.Conflict)
			s.kind(s.fails(func(st feed.Store) error {
				_, err := st.SetRetracted(s.ctx, s.tenant, ref, 1, &feed.Mark{By: "anna", At: base})
				return err
			}), engawa.Conflict)
		}
	}},
	{"a comment comes back as it was", func(s *suite) {
		sp := s.space(nil)
		p, other := s.post(sp, "anna", nil), s.post(sp, "anna", nil)
		first := s.comment(p, "bob", func(c *feed.Comment) {
			c.Body, c.Attachments, c.Version = hardBody, someAttachments, 5
			c.CreatedAt, c.EditedAt, c.Imported = base.Add(-time.Hour), base.Add(time.Microsecond), true
		})
		second := s.comment(p, "anna", func(c *feed.Comment) { c.Parent = first.ID })
		third := s.comment(p, "carl", nil)
		foreign := s.comment(other, "bob", nil)
		found, err := s.st.CommentsByID(s.ctx, s.tenant, []engawa.ID{foreign.ID, stranger, first.ID})
		s.must(err)
		slices.SortFunc(found, func(a, b feed.Comment) int { return cmp.Compare(a.ID, b.ID) })
		s.same("the comments by id", found, []feed.Comment{first, foreign})
		if found, err := s.st.CommentsByID(s.ctx, s.tenant, nil); err != nil || len(found) != 0 {
			s.Errorf("no ids give %v, %v", found, err)
		}
		list := func(after engawa.ID, limit int, want ...feed.Comment) {
			s.Helper()
			got, err := s.st.Comments(s.ctx, s.tenant, p.ID, after, limit)
			s.must(err)
			if len(got)+len(want) > 0 {
				s.same("the comments", got, want)
			}
		}
		list(0, 10, first, second, third)
		list(0, 2, first, second)
		list(first.ID, 10, second, third)
		list(third.ID, 10)
		if n := s.postAgain(p.ID).Comments; n != 3 {
			s.Errorf("%d comments are counted", n)
		}
	}},
	{"annotations are replaced", func(s *suite) {
		sp := s.space(nil)
		p := s.post(sp, "anna", nil)
		c := s.comment(p, "anna", nil)
		onPost := feed.Place{Entry: p.Ref(), Post: p.ID, Space: sp.ID}
		onComment := feed.Place{Entry: c.Ref(), Post: p.ID, Space: sp.ID}
		mentioned := func(person engawa.PersonID, want ...feed.Place) {
			s.Helper()
			got, err := s.st.MentionPlaces(s.ctx, s.tenant, person, top, 10, base)
			s.must(err)
			if len(got)+len(want) > 0 {
				s.same("mentions of "+string(person), got, want)
			}
		}
		tagged := func(tag string, want ...feed.Place) {
			s.Helper()
			got, err := s.st.TagPlaces(s.ctx, s.tenant, tag, top, 10, base)
			s.must(err)
			if len(got)+len(want) > 0 {
				s.same("posts with "+tag, got, want)
			}
		}
		s.annotate(feed.Notes{Place: onPost, Mentions: []engawa.PersonID{"bob", "carl"}, Tags: []string{"営業", "dx"}})
		s.annotate(feed.Notes{Place: onComment, Mentions: []engawa.PersonID{"bob"}, Tags: []string{"営業", "comment"}})
		mentioned("bob", onComment, onPost)
		mentioned("carl", onPost)
		tagged("営業", onPost)
		tagged("comment")
		s.annotate(feed.Notes{Place: onPost, Mentions: []engawa.PersonID{"carl", "dora"}, Tags: []string{"dx", "ai"}})
		mentioned("bob", onComment)
		mentioned("carl", onPost)
		mentioned("dora", onPost)
		tagged("営業")
		tagged("dx", onPost)
		tagged("ai", onPost)
		s.annotate(feed.Notes{Place: onComment})
		s.annotate(feed.Notes{Place: onPost})
		mentioned("bob")
		mentioned("dora")
		tagged("dx")
	}},
}

func (s *suite) commentAgain(id engawa.ID) feed.Comment {
	s.Helper()
	found, err := s.st.CommentsByID(s.ctx, s.tenant, []engawa.ID{id})
	s.must(err)
	if len(found) != 1 {
		s.Fatalf("%d comments by one id", len(found))
	}
	return found[0]
}
