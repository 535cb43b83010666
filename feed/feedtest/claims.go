package feedtest

import (
	"errors"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

var claims = []testCase{
	{"a key is claimed once", func(s *suite) {
		claim := func(person engawa.PersonID, c feed.Claim) (got feed.Claim, fresh bool) {
			s.Helper()
			s.do(func(st feed.Store) error {
				var err error
				got, fresh, err = st.Claim(s.ctx, s.tenant, person, c)
				return err
			})
			return got, fresh
		}
		first := feed.Claim{Key: "k", Digest: "d1", At: base}
		if _, fresh := claim("anna", first); !fresh {
			s.Error("the first claim is not fresh")
		}
		made := engawa.RefTo(engawa.KindPost, 99)
		s.do(func(st feed.Store) error { return st.Settle(s.ctx, s.tenant, "anna", "k", made) })
		got, fresh := claim("anna", feed.Claim{Key: "k", Digest: "d2", At: base.Add(time.Hour)})
		first.Entry = made
		if fresh {
			s.Error("the second claim is fresh")
		}
		s.same("the claim that stands there", got, first)
		for _, key := range []string{"K", "k ", " k", "か", "カ", "が", "か\u3099"} {
			if _, fresh := claim("anna", feed.Claim{Key: key, Digest: "d", At: base}); !fresh {
				s.Errorf("the key %q was taken for another", key)
			}
		}
		if _, fresh := claim("bob", first); !fresh {
			s.Error("a key is not each person's own")
		}
	}},
	{"a claim that was taken back is free", func(s *suite) {
		claim := func(end error) error {
			return s.fails(func(st feed.Store) error {
				_, fresh, err := st.Claim(s.ctx, s.tenant, "anna", feed.Claim{Key: "k", Digest: "d", At: base})
				if err == nil && !fresh {
					s.Error("the claim is not fresh")
				}
				return errors.Join(err, end)
			})
		}
		if err := claim(errUndo); !errors.Is(err, errUndo) {
			s.Error(err)
		}
		s.must(claim(nil))
	}},
	{"a second claim waits for the first to commit", func(s *suite) { raceClaims(s, nil) }},
	{"a second claim waits for the first to fail", func(s *suite) { raceClaims(s, errUndo) }},
}

// raceClaims claims one key in two transactions at once; the first ends with an error or nil.
func raceClaims(s *suite, end error) {
	s.space(nil) // the tenant is known
	type answer struct {
		claim feed.Claim
		fresh bool
		err   error
	}
	started, second := make(chan struct{}), make(chan answer, 1)
	made := engawa.RefTo(engawa.KindComment, 5)
	once := false
	err := s.fails(func(st feed.Store) error {
		if _, fresh, err := st.Claim(s.ctx, s.tenant, "anna", feed.Claim{Key: "k", Digest: "first", At: base}); err != nil || !fresh {
			return errors.Join(err, errors.New("the first claim is not fresh"))
		}
		if !once {
			once = true
			go func() {
				var a answer
				close(started)
				a.err = s.fails(func(st feed.Store) error {
					var err error
					a.claim, a.fresh, err = st.Claim(s.ctx, s.tenant, "anna", feed.Claim{Key: "k", Digest: "second", At: base})
					return err
				})
				second <- a
			}()
		}
		<-started
		time.Sleep(20 * time.Millisecond) // time for the other to reach the row; without it the case is only weaker
		s.must(st.Settle(s.ctx, s.tenant, "anna", "k", made))
		return end
	})
	if !errors.Is(err, end) {
		s.Error(err)
	}
	got := <-second
	s.must(got.err)
	if end != nil {
		if !got.fresh {
			s.Errorf("the claim of a transaction that failed stands: %+v", got.claim)
		}
		return
	}
	if got.fresh || got.claim.Digest != "first" || got.claim.Entry != made {
		s.Errorf("the second claim did not wait: fresh %v, %+v", got.fresh, got.claim)
	}
}
