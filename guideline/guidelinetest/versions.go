package guidelinetest

import (
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/guideline"
)

var versions = []testCase{
	{"a draft is edited", func(s *suite) {
		d := s.document()
		v := s.draft(d, 1, text("あいさつ"))
		s.same("the draft", first(s.st.VersionByN(s.ctx, s.tenant, d.ID, 1)), v)
		s.kind(s.fails(func(st guideline.Store) error { return st.PutDraft(s.ctx, s.tenant, v) }), engawa.Conflict)
		v.Edition, v.Why, v.By, v.Text = 2, "again", "anna", text("別")
		s.do(func(st guideline.Store) error { return st.PutDraft(s.ctx, s.tenant, v) })
		s.kind(s.fails(func(st guideline.Store) error { return st.PutDraft(s.ctx, s.tenant, v) }), engawa.Conflict)
		s.same("changed", first(s.st.VersionByN(s.ctx, s.tenant, d.ID, 1)), v)
		s.same("the head", first(s.st.DocumentByID(s.ctx, s.tenant, d.ID)).Heads, []guideline.Head{v.Head})
		s.same("no version", first(s.st.VersionByN(s.ctx, s.tenant, d.ID, 2)), guideline.Version{})
		stranger := v
		stranger.Document, stranger.Edition = s.ids.Next(), 1
		s.kind(s.fails(func(st guideline.Store) error { return st.PutDraft(s.ctx, s.tenant, stranger) }), engawa.Conflict)
	}},
	{"a published version never changes", func(s *suite) {
		d := s.document()
		v := s.published(s.draft(d, 1, text("あいさつ")), s.now())
		s.same("published", first(s.st.VersionByN(s.ctx, s.tenant, d.ID, 1)), v)
		s.same("its hash", v.Digest(), v.Hash)
		for _, edition := range []int64{1, 2} {
			changed := v
			changed.Text, changed.Edition = text("書き換え"), edition
			s.kind(s.fails(func(st guideline.Store) error { return st.PutDraft(s.ctx, s.tenant, changed) }), engawa.Conflict)
			s.kind(s.fails(func(st guideline.Store) error { return st.PutPublished(s.ctx, s.tenant, changed) }), engawa.Conflict)
		}
		s.same("still", first(s.st.VersionByN(s.ctx, s.tenant, d.ID, 1)), v)
	}},
	{"one of many publishes at the same moment wins", func(s *suite) {
		d := s.document()
		v := s.draft(d, 1, text("あいさつ"))
		v.PublishedAt, v.EffectiveAt, v.Hash = s.now(), s.now(), v.Digest()
		var all sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 8 {
			all.Go(func() {
				err := s.fails(func(st guideline.Store) error { return st.PutPublished(s.ctx, s.tenant, v) })
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else {
					s.kind(err, engawa.Conflict)
				}
			})
		}
		all.Wait()
		s.same("winners", won, 1)
	}},
	{"clauses belong to one document", func(s *suite) {
		d, other := s.document(), s.document()
		take := func(d guideline.Document, ids ...guideline.ClauseID) (taken map[guideline.ClauseID]engawa.ID) {
			s.Helper()
			s.do(func(st guideline.Store) (err error) {
				taken, err = st.TakeClauses(s.ctx, s.tenant, d.ID, ids)
				return err
			})
			return taken
		}
		if taken := take(d, "a", "b"); len(taken) > 0 {
			s.Errorf("taken: %v", taken)
		}
		if taken := take(d, "b", "c"); len(taken) > 0 {
			s.Errorf("taken by itself: %v", taken)
		}
		s.same("taken", take(other, "c", "d"), map[guideline.ClauseID]engawa.ID{"c": d.ID})
		s.same("the owner", first(s.st.ClauseOwner(s.ctx, s.tenant, "c")), d.ID)
		s.same("nobody's, as nothing was given", first(s.st.ClauseOwner(s.ctx, s.tenant, "d")), engawa.ID(0))
		if len(take(d)) > 0 {
			s.Error("nothing asked, something taken")
		}
	}},
	{"a thousand clauses", func(s *suite) {
		d := s.document()
		var many guideline.Text
		var ids []guideline.ClauseID
		for i := range 1000 {
			id := guideline.ClauseID("c" + time.Duration(i).String())
			many.Clauses = append(many.Clauses, guideline.Clause{ID: id, Title: "題", Text: "本文"})
			ids = append(ids, id)
		}
		s.do(func(st guideline.Store) error {
			_, err := st.TakeClauses(s.ctx, s.tenant, d.ID, ids)
			return err
		})
		s.draft(d, 1, many)
		s.same("all of them", len(first(s.st.VersionByN(s.ctx, s.tenant, d.ID, 1)).Clauses), 1000)
		s.same("the last", first(s.st.ClauseOwner(s.ctx, s.tenant, ids[999])), d.ID)
	}},
	{"what is due", func(s *suite) {
		// Times long before those of other cases, whose tenants are seen here as well.
		long := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
		review := s.document(func(d *guideline.Document) { d.ReviewOn = long.Add(time.Hour) })
		version := s.document()
		s.published(s.draft(version, 1, text("題")), long.Add(2*time.Hour))
		s.draft(s.document(), 1, text("下書き"))
		due := func(at time.Time) []engawa.ID {
			s.Helper()
			var ids []engawa.ID
			for _, one := range first(s.st.Due(s.ctx, at, 100)) {
				if one.Tenant == s.tenant {
					ids = append(ids, one.Document)
				}
			}
			slices.Sort(ids)
			return ids
		}
		s.same("nothing yet", due(long), []engawa.ID(nil))
		s.same("the review", due(long.Add(time.Hour)), []engawa.ID{review.ID})
		s.same("both", due(long.Add(2*time.Hour)), []engawa.ID{review.ID, version.ID})
		s.same("at most one", len(first(s.st.Due(s.ctx, long.Add(2*time.Hour), 1))), 1)
		told := guideline.Told{Review: review.ReviewOn}
		s.do(func(st guideline.Store) error { return st.PutTold(s.ctx, s.tenant, review.ID, told) })
		s.do(func(st guideline.Store) error {
			return st.PutTold(s.ctx, s.tenant, version.ID, guideline.Told{Effect: 1})
		})
		s.same("told", due(long.Add(2*time.Hour)), []engawa.ID(nil))
		after := first(s.st.DocumentByID(s.ctx, s.tenant, review.ID))
		s.same("what was told", after.Told, told)
		s.same("the version does not move", after.Version, review.Version)
	}},
}
