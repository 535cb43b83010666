package feedtest

import (
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// pendingAgain reads a pending row.
func (s *suite) pendingAgain(id engawa.ID) feed.Pending {
	s.Helper()
	p, err := s.st.PendingByID(s.ctx, s.tenant, id)
	s.must(err)
	return p
}

func (s *suite) hold(author engawa.PersonID, change func(*feed.Pending)) feed.Pending {
	s.Helper()
	p := feed.Pending{ID: s.ids.Next(), Space: 7, Author: author, Kind: feed.Update, Body: "x", CreatedAt: base, Version: 1}
	if change != nil {
		change(&p)
	}
	s.do(func(st feed.Store) error { return st.InsertPending(s.ctx, s.tenant, p) })
	return p
}

var pendings = []testCase{
	{"a pending row comes back as it was", func(s *suite) {
		full := s.hold("anna", func(p *feed.Pending) {
			p.Post, p.Parent, p.Edits, p.EditsVersion = 8, 9, engawa.RefTo(engawa.KindComment, 9), 4
			p.Kind, p.Body, p.Attachments = "", hardBody, someAttachments
			p.ExpiresAt, p.Advice = base.Add(time.Microsecond), []string{"rule.1", "規則2"}
		})
		s.same("the row", s.pendingAgain(full.ID), full)
		bare := s.hold("anna", nil)
		s.same("a bare row", s.pendingAgain(bare.ID), bare)
		s.same("no row", s.pendingAgain(stranger), feed.Pending{})
		s.do(func(st feed.Store) error {
			locked, err := st.LockPending(s.ctx, s.tenant, full.ID)
			s.same("the locked row", locked, full)
			s.must(err)
			none, err := st.LockPending(s.ctx, s.tenant, stranger)
			s.same("no locked row", none, feed.Pending{})
			return err
		})
	}},
	{"a decision is kept", func(s *suite) {
		p := s.hold("anna", func(p *feed.Pending) { p.Body, p.Attachments, p.Advice = hardBody, someAttachments, []string{"a"} })
		if ref, err := s.st.Alias(s.ctx, s.tenant, p.ID); err != nil || ref != (engawa.Ref{}) {
			s.Errorf("a waiting row is an alias of %v, %v", ref, err)
		}
		p.Body, p.Attachments, p.Outcome, p.Version, p.EditsVersion = "", nil, feed.Released, 2, 7
		p.Decided = &feed.Mark{By: "bob", At: base.Add(time.Hour), Why: "問題なし"}
		p.Entry = engawa.RefTo(engawa.KindPost, 1234)
		s.do(func(st feed.Store) error { return st.UpdatePending(s.ctx, s.tenant, p) })
		s.same("the row", s.pendingAgain(p.ID), p)
		if ref, err := s.st.Alias(s.ctx, s.tenant, p.ID); err != nil || ref != p.Entry {
			s.Errorf("the row is an alias of %v, %v", ref, err)
		}
		if ref, err := s.st.Alias(s.ctx, s.tenant, stranger); err != nil || ref != (engawa.Ref{}) {
			s.Errorf("no row is an alias of %v, %v", ref, err)
		}
		q := s.hold("anna", nil)
		q.Outcome, q.Decided, q.Version = feed.Rejected, &feed.Mark{At: base}, 2
		s.do(func(st feed.Store) error { return st.UpdatePending(s.ctx, s.tenant, q) })
		s.same("a row that nobody by name has decided", s.pendingAgain(q.ID), q)
	}},
	{"one's own waiting rows, newest first", func(s *suite) {
		var mine []feed.Pending
		for range 5 {
			mine = append(mine, s.hold("anna", nil))
			s.hold("bob", nil)
		}
		mine[2].Outcome, mine[2].Decided, mine[2].Version = feed.Withdrawn, &feed.Mark{By: "anna", At: base}, 2
		s.do(func(st feed.Store) error { return st.UpdatePending(s.ctx, s.tenant, mine[2]) })
		list := func(before engawa.ID, limit int, want ...feed.Pending) {
			s.Helper()
			got, err := s.st.PendingOf(s.ctx, s.tenant, "anna", before, limit)
			s.must(err)
			if len(got)+len(want) > 0 {
				s.same("the rows", got, want)
			}
		}
		list(top, 10, mine[4], mine[3], mine[1], mine[0])
		list(top, 2, mine[4], mine[3])
		list(mine[3].ID, 10, mine[1], mine[0])
		list(mine[0].ID, 10)
		if none, err := s.st.PendingOf(s.ctx, s.tenant, "nobody", top, 10); err != nil || len(none) != 0 {
			s.Errorf("nobody has %v, %v", none, err)
		}
	}},
	{"a locked row waits", func(s *suite) {
		p := s.hold("anna", nil)
		started, read := make(chan struct{}), make(chan feed.Pending, 1)
		s.do(func(st feed.Store) error {
			locked, err := st.LockPending(s.ctx, s.tenant, p.ID)
			s.must(err)
			go func() {
				var got feed.Pending
				close(started)
				err := s.fails(func(st feed.Store) error {
					var err error
					got, err = st.LockPending(s.ctx, s.tenant, p.ID)
					return err
				})
				if err != nil {
					s.Error(err)
				}
				read <- got
			}()
			<-started
			time.Sleep(20 * time.Millisecond) // time for the other to reach the lock; without it the case is only weaker
			locked.Outcome, locked.Decided, locked.Version = feed.Rejected, &feed.Mark{By: "bob", At: base}, 2
			return st.UpdatePending(s.ctx, s.tenant, locked)
		})
		if got := <-read; got.Outcome != feed.Rejected || got.Version != 2 {
			s.Errorf("the second unit did not wait: it read %+v", got)
		}
	}},
}
