package feedtest

import (
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

var exports = []testCase{
	{"everybody is listed", func(s *suite) {
		var want []engawa.PersonID
		sp := s.space(nil)
		for _, id := range alike {
			s.join(sp, engawa.PersonID(id))
			want = append(want, engawa.PersonID(id))
		}
		slices.Sort(want)
		var got []engawa.PersonID
		for after := engawa.PersonID(""); ; {
			page, err := s.st.People(s.ctx, s.tenant, after, 3)
			s.must(err)
			got = append(got, page...)
			if len(page) < 3 {
				break
			}
			after = page[2]
		}
		s.same("the people", got, want) // anna, who created the space, is one of them
	}},
	{"follows are listed", func(s *suite) {
		s.do(func(st feed.Store) error {
			_, err := st.PutFollow(s.ctx, s.tenant, "anna", "zoe", base)
			s.must(err)
			_, err = st.PutFollow(s.ctx, s.tenant, "anna", "bob", base.Add(time.Hour))
			return err
		})
		got, err := s.st.Follows(s.ctx, s.tenant, "anna")
		s.must(err)
		s.same("anna's", got, []feed.ImportFollow{
			{Person: "anna", Followed: "bob", At: base.Add(time.Hour)}, {Person: "anna", Followed: "zoe", At: base},
		})
		if none, err := s.st.Follows(s.ctx, s.tenant, "nobody"); err != nil || len(none) != 0 {
			s.Errorf("nobody follows %v, %v", none, err)
		}
	}},
	{"posts that change by time are walked", func(s *suite) {
		a, b := s.space(nil), s.space(nil)
		s.post(a, "anna", nil)
		expired := s.post(a, "anna", func(p *feed.Post) { p.ExpiresAt = base })
		article := s.post(b, "bob", func(p *feed.Post) { p.Kind, p.Details = feed.Article, &feed.ArticleDetails{Owner: "bob"} })
		later := s.post(b, "bob", func(p *feed.Post) { p.ExpiresAt = base.AddDate(1, 0, 0) })
		gone := s.post(b, "bob", func(p *feed.Post) { p.ExpiresAt = base })
		s.retract(gone.Ref(), 1, &feed.Mark{By: "bob", At: base})
		walk := func(after engawa.ID, limit int, want ...engawa.ID) {
			s.Helper()
			got, err := s.st.PostsTimed(s.ctx, s.tenant, after, limit)
			s.must(err)
			var ids []engawa.ID
			for _, p := range got {
				ids = append(ids, p.ID)
			}
			s.same("the posts", ids, want)
		}
		walk(0, 10, expired.ID, article.ID, later.ID)
		walk(0, 1, expired.ID)
		walk(expired.ID, 10, article.ID, later.ID)
		walk(later.ID, 10)
		got, err := s.st.PostsTimed(s.ctx, s.tenant, article.ID, 1)
		s.must(err)
		if len(got) != 1 || !got[0].ExpiresAt.Equal(later.ExpiresAt) {
			s.Errorf("the last one: %+v", got)
		}
	}},
	{"posts and comments are walked", func(s *suite) {
		a, b := s.space(nil), s.space(nil)
		p, q := s.post(a, "anna", nil), s.post(b, "bob", func(p *feed.Post) { p.ExpiresAt = base })
		c, d := s.comment(q, "anna", nil), s.comment(p, "bob", nil)
		mark := &feed.Mark{By: "anna", At: base, Why: "x"}
		s.retract(p.Ref(), 1, mark)
		s.retract(d.Ref(), 1, mark)
		p.Version, p.Retracted, q.Comments = 2, mark, 1
		d.Version, d.Retracted = 2, mark
		walk := func(after engawa.ID, limit int, want ...feed.Post) {
			s.Helper()
			got, err := s.st.PostsAfter(s.ctx, s.tenant, after, limit)
			s.must(err)
			if len(got)+len(want) > 0 {
				s.same("the posts", got, want)
			}
		}
		walk(0, 10, p, q)
		walk(0, 1, p)
		walk(p.ID, 10, q)
		walk(q.ID, 10)
		got, err := s.st.CommentsOf(s.ctx, s.tenant, []engawa.ID{q.ID, p.ID, stranger})
		s.must(err)
		s.same("the comments", got, []feed.Comment{c, d})
		if none, err := s.st.CommentsOf(s.ctx, s.tenant, nil); err != nil || len(none) != 0 {
			s.Errorf("no posts have %v, %v", none, err)
		}
	}},
}
