package guidelinetest

import (
	"errors"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline"
)

var units = []testCase{
	{"all or nothing", func(s *suite) {
		d := guideline.Document{ID: s.ids.Next(), Title: "x", Kind: guideline.Guide, Version: 1, CreatedAt: s.now()}
		err := s.fails(func(st guideline.Store) error {
			s.must(st.Turn(s.ctx, s.tenant))
			s.must(st.InsertDocument(s.ctx, s.tenant, d))
			s.must(st.Append(s.ctx, event.Event{Tenant: s.tenant, Verb: event.DocumentCreated, Subject: d.Ref(), At: base}))
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			s.Errorf("the error is %v", err)
		}
		got, err := s.st.DocumentByID(s.ctx, s.tenant, d.ID)
		s.must(err)
		s.same("a document that was undone", got, guideline.Document{})
		n, err := s.st.Revision(s.ctx, s.tenant)
		s.must(err)
		s.same("the revision", n, int64(0))
	}},
	{"units nest", func(s *suite) {
		outer, inner := guideline.Document{ID: s.ids.Next(), Version: 1, CreatedAt: base}, guideline.Document{ID: s.ids.Next(), Version: 1, CreatedAt: base}
		nested := func(end error) error {
			return s.fails(func(st guideline.Store) error {
				s.must(st.InsertDocument(s.ctx, s.tenant, outer))
				return st.Within(s.ctx, func(st guideline.Store, _ engawa.Conn) error {
					s.must(st.InsertDocument(s.ctx, s.tenant, inner))
					return end
				})
			})
		}
		if err := nested(errUndo); !errors.Is(err, errUndo) {
			s.Errorf("the error is %v", err)
		}
		s.same("documents after an inner error", len(first(s.st.Documents(s.ctx, s.tenant))), 0)
		s.must(nested(nil))
		s.same("documents", len(first(s.st.Documents(s.ctx, s.tenant))), 2)
	}},
	{"revisions", func(s *suite) {
		for want := int64(1); want <= 3; want++ {
			s.do(func(st guideline.Store) error { return st.Turn(s.ctx, s.tenant) })
			got, err := s.st.Revision(s.ctx, s.tenant)
			s.must(err)
			s.same("the revision", got, want)
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := s.fails(func(st guideline.Store) error { return st.Turn(s.ctx, s.tenant) }); err != nil {
					s.Error(err)
				}
			})
		}
		all.Wait()
		got, err := s.st.Revision(s.ctx, s.tenant)
		s.must(err)
		s.same("the revision after turns at the same moment", got, int64(11))
	}},
}

var documents = []testCase{
	{"a document comes back", func(s *suite) {
		s.same("no document", first(s.st.Documents(s.ctx, s.tenant)), []guideline.Document(nil))
		d := s.document(func(d *guideline.Document) {
			d.Kind, d.Lang, d.Scope.Org, d.Asks = guideline.Mandatory, engawa.English, "営業部", guideline.BeforePosting
			d.ReviewOn, d.Told = base.Add(time.Hour), guideline.Told{Review: base, Effect: 2}
		})
		bare := s.document(func(d *guideline.Document) { d.Owner, d.CreatedBy, d.Scope.Space = "", "", 7 })
		s.same("both", first(s.st.Documents(s.ctx, s.tenant)), []guideline.Document{d, bare})
		s.same("one", first(s.st.DocumentByID(s.ctx, s.tenant, bare.ID)), bare)
		s.same("none", first(s.st.DocumentByID(s.ctx, s.tenant, s.ids.Next())), guideline.Document{})
		s.same("the zero id", first(s.st.DocumentByID(s.ctx, s.tenant, 0)), guideline.Document{})
		s.do(func(st guideline.Store) error {
			if err := st.InsertDocument(s.ctx, s.tenant, d); !errors.Is(err, guideline.ErrIDTaken) {
				s.Errorf("an id that is taken: %v", err)
			}
			return nil
		})
	}},
	{"a document changes from its version", func(s *suite) {
		d := s.document()
		d.Title, d.Asks, d.Owner, d.ReviewOn, d.Version = "新しい題", guideline.BeforePosting, "bob", base.Add(time.Hour), 2
		d.SupersededBy, d.Ended = 5, &guideline.Mark{By: "stew", At: s.now(), Why: "置き換え"}
		s.do(func(st guideline.Store) error { return st.UpdateDocument(s.ctx, s.tenant, d) })
		s.same("changed", first(s.st.DocumentByID(s.ctx, s.tenant, d.ID)), d)
		s.kind(s.fails(func(st guideline.Store) error { return st.UpdateDocument(s.ctx, s.tenant, d) }), engawa.Conflict)
		stranger := d
		stranger.ID = s.ids.Next()
		s.kind(s.fails(func(st guideline.Store) error { return st.UpdateDocument(s.ctx, s.tenant, stranger) }), engawa.Conflict)
	}},
	{"changes", func(s *suite) {
		d, other := s.document(), s.document()
		var want []guideline.Change
		for i, what := range []guideline.Deed{guideline.Created, guideline.Drafted, guideline.Published} {
			c := guideline.Change{ID: s.ids.Next(), Document: d.ID, What: what, N: i, By: "stew", At: s.now(), Why: "理由"}
			s.do(func(st guideline.Store) error { return st.InsertChange(s.ctx, s.tenant, c) })
			want = append([]guideline.Change{c}, want...)
		}
		s.do(func(st guideline.Store) error {
			if err := st.InsertChange(s.ctx, s.tenant, want[0]); !errors.Is(err, guideline.ErrIDTaken) {
				s.Errorf("an id that is taken: %v", err)
			}
			return st.InsertChange(s.ctx, s.tenant, guideline.Change{ID: s.ids.Next(), Document: other.ID, What: guideline.Created, At: base})
		})
		s.same("newest first", first(s.st.Changes(s.ctx, s.tenant, d.ID, maxID, 10)), want)
		s.same("limited", first(s.st.Changes(s.ctx, s.tenant, d.ID, maxID, 1)), want[:1])
		s.same("before one", first(s.st.Changes(s.ctx, s.tenant, d.ID, want[1].ID, 10)), want[2:])
	}},
	{"channels", func(s *suite) {
		s.same("none", first(s.st.Channels(s.ctx, s.tenant)), guideline.ChannelGuide{})
		g := guideline.ChannelGuide{Version: 1, Lines: []guideline.ChannelLine{{
			Purpose: "report", Label: "日報", Urgency: guideline.Today, Use: []guideline.Tool{guideline.Post}, Avoid: []guideline.Tool{guideline.Mail}, Why: "残るから",
		}}}
		put := func(g guideline.ChannelGuide) error {
			return s.fails(func(st guideline.Store) error { return st.PutChannels(s.ctx, s.tenant, g) })
		}
		s.must(put(g))
		s.same("the first", first(s.st.Channels(s.ctx, s.tenant)), g)
		s.kind(put(g), engawa.Conflict)
		g.Version, g.Lines[0].Why = 2, "別の理由"
		s.must(put(g))
		s.kind(put(g), engawa.Conflict)
		s.same("the second", first(s.st.Channels(s.ctx, s.tenant)), g)
	}},
}

// maxID is above every id.
const maxID engawa.ID = 1<<63 - 1

// first is a value whose error ends the test.
func first[T any](v T, err error) T {
	if err != nil {
		panic(err) // the case's goroutine shows it
	}
	return v
}
