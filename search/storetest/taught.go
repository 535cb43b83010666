package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

var units = []testCase{
	{"a unit that fails leaves nothing", func(s *suite) {
		err := s.fails(func(st search.Store) error {
			s.must(st.PutWords(s.ctx, s.tenant, s.word("縁側商事", "")))
			s.must(st.Renew(s.ctx, s.tenant, base))
			if inside, err := st.Words(s.ctx, s.tenant); err != nil || len(inside) != 1 {
				s.Errorf("the unit does not see what it wrote: %v, %v", inside, err)
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			s.Error(err)
		}
		s.words()
		s.version(0)
	}},
	{"units nest", func(s *suite) {
		err := s.fails(func(st search.Store) error {
			s.must(st.Within(s.ctx, func(st search.Store, _ engawa.Conn) error {
				return st.PutWords(s.ctx, s.tenant, s.word("縁側商事", ""))
			}))
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			s.Error(err)
		}
		s.words()
	}},
	{"a bound store works inside the transaction", func(s *suite) {
		kept := s.word("縁側商事", "")
		s.must(s.st.Within(s.ctx, func(_ search.Store, conn engawa.Conn) error {
			bound := s.st.Bind(conn)
			err := bound.Within(s.ctx, func(st search.Store, _ engawa.Conn) error {
				s.must(st.PutWords(s.ctx, s.tenant, s.word("幻", "")))
				return errUndo
			})
			if !errors.Is(err, errUndo) {
				s.Error(err)
			}
			return bound.PutWords(s.ctx, s.tenant, kept)
		}))
		s.words(kept)
	}},
}

func (s *suite) version(want int64) {
	s.Helper()
	if got, err := s.st.Version(s.ctx, s.tenant); err != nil || got != want {
		s.Errorf("the version is %d, %v, want %d", got, err, want)
	}
}

// words demands the words, in every way in which they can be read.
func (s *suite) words(want ...search.TaughtWord) {
	s.Helper()
	var plain []search.Word
	var texts []string
	for _, w := range want {
		plain, texts = append(plain, w.Word), append(texts, w.Text)
	}
	got, err := s.st.WordsAfter(s.ctx, s.tenant, 0, 1000)
	s.must(err)
	s.same("the words", got, want)
	dict, err := s.st.Words(s.ctx, s.tenant)
	s.must(err)
	s.same("the dictionary's words", dict, plain)
	if len(texts) > 0 {
		named, err := s.st.WordsNamed(s.ctx, s.tenant, append(texts, "そのほか"))
		s.must(err)
		slices.SortFunc(named, func(a, b search.TaughtWord) int { return int(a.ID - b.ID) })
		s.same("the words by name", named, want)
	}
	s.do(func(st search.Store) error {
		_, n, err := st.LockTaught(s.ctx, s.tenant)
		if n != len(want) {
			s.Errorf("%d words are counted, want %d", n, len(want))
		}
		return err
	})
}

func (s *suite) groups(want ...search.SynonymGroup) {
	s.Helper()
	var plain []search.Synonyms
	var forms []string
	for _, g := range want {
		plain, forms = append(plain, g.Synonyms), append(forms, g.Form)
	}
	got, err := s.st.SynonymsAfter(s.ctx, s.tenant, 0, 1000)
	s.must(err)
	s.same("the groups", got, want)
	dict, err := s.st.Synonyms(s.ctx, s.tenant)
	s.must(err)
	s.same("the dictionary's synonyms", dict, plain)
	if len(forms) > 0 {
		formed, err := s.st.SynonymsFormed(s.ctx, s.tenant, append(forms, "another"))
		s.must(err)
		slices.SortFunc(formed, func(a, b search.SynonymGroup) int { return int(a.ID - b.ID) })
		s.same("the groups by form", formed, want)
	}
	s.do(func(st search.Store) error {
		n, _, err := st.LockTaught(s.ctx, s.tenant)
		if n != len(want) {
			s.Errorf("%d groups are counted, want %d", n, len(want))
		}
		return err
	})
}

var taught = []testCase{
	{"synonyms are kept as they are", func(s *suite) {
		a := s.group("a", "年休", "年次 有給 休暇", "😀", `"\,'`)
		b := s.group("b", "PC")
		b.To, b.By = []string{"パソコン"}, ""
		s.do(func(st search.Store) error { return st.PutSynonyms(s.ctx, s.tenant, a, b) })
		s.groups(a, b)
		a.From, a.To, a.Form, a.By, a.At = []string{"x"}, []string{"y", "z"}, "c", "bob", base.Add(time.Second)
		s.do(func(st search.Store) error { return st.PutSynonyms(s.ctx, s.tenant, a) })
		s.groups(a, b)
		after, err := s.st.SynonymsAfter(s.ctx, s.tenant, a.ID, 1)
		s.must(err)
		s.same("those after the first", after, []search.SynonymGroup{b})
		first, err := s.st.SynonymsAfter(s.ctx, s.tenant, 0, 1)
		s.must(err)
		s.same("the first", first, []search.SynonymGroup{a})
		for _, want := range []bool{true, false} {
			s.do(func(st search.Store) error {
				found, err := st.DropSynonyms(s.ctx, s.tenant, a.ID)
				if found != want {
					s.Errorf("dropped: %v, want %v", found, want)
				}
				return err
			})
		}
		s.groups(b)
	}},
	{"a form stands once", func(s *suite) {
		a := s.group("a", "x", "y")
		s.do(func(st search.Store) error { return st.PutSynonyms(s.ctx, s.tenant, a) })
		s.kind(s.fails(func(st search.Store) error { return st.PutSynonyms(s.ctx, s.tenant, s.group("a", "x", "y")) }), engawa.Conflict)
		s.groups(a)
	}},
	{"words are kept as they are", func(s *suite) {
		// What a collation may take for the same.
		var all []search.TaughtWord
		for _, text := range []string{"サーバ", "サーバー", "ＡＢＣ", "ABC", "abc", "はは", "ばば", "ぱぱ", "ハハ", "縁側", "緣側", "が", "か\u3099"} {
			all = append(all, s.word(text, "ヨミ"))
		}
		all[0].By, all[0].Reading = "", ""
		s.do(func(st search.Store) error { return st.PutWords(s.ctx, s.tenant, all...) })
		s.words(all...)
		all[3].Reading = "エービーシー"
		s.do(func(st search.Store) error { return st.PutWords(s.ctx, s.tenant, all[3]) })
		s.words(all...)
		s.kind(s.fails(func(st search.Store) error { return st.PutWords(s.ctx, s.tenant, s.word("ABC", "")) }), engawa.Conflict)
		s.do(func(st search.Store) error {
			found, err := st.DropWord(s.ctx, s.tenant, all[1].ID)
			if again, _ := st.DropWord(s.ctx, s.tenant, all[1].ID); !found || again {
				s.Errorf("dropped: %v, then %v", found, again)
			}
			return err
		})
		s.words(append(all[:1:1], all[2:]...)...)
	}},
	{"many at once", func(s *suite) {
		var words []search.TaughtWord
		var groups []search.SynonymGroup
		for i := range 777 {
			words = append(words, s.word(fmt.Sprint("語", i), ""))
			groups = append(groups, s.group(fmt.Sprintf("%064d", i), fmt.Sprint("甲", i), fmt.Sprint("乙", i)))
		}
		s.do(func(st search.Store) error {
			s.must(st.PutSynonyms(s.ctx, s.tenant, groups...))
			return st.PutWords(s.ctx, s.tenant, words...)
		})
		s.words(words...)
		s.groups(groups...)
	}},
	{"versions grow", func(s *suite) {
		s.version(0)
		renew := func(at time.Time) {
			s.Helper()
			s.do(func(st search.Store) error { return st.Renew(s.ctx, s.tenant, at) })
		}
		renew(base)
		s.version(base.UnixMicro())
		renew(base.Add(-time.Hour)) // a clock that went back
		s.version(base.UnixMicro() + 1)
		renew(base)
		s.version(base.UnixMicro() + 2)
		renew(base.Add(time.Second))
		s.version(base.Add(time.Second).UnixMicro())
		if v, err := s.st.SavedVersion(s.ctx, s.tenant); err != nil || v != 0 {
			s.Errorf("the version of saved searches is %d, %v", v, err)
		}
		s.do(func(st search.Store) error { return st.RenewSaved(s.ctx, s.tenant, base) })
		if v, err := s.st.SavedVersion(s.ctx, s.tenant); err != nil || v != base.UnixMicro() {
			s.Errorf("the version of saved searches is %d, %v", v, err)
		}
		s.version(base.Add(time.Second).UnixMicro())
	}},
	{"a version is as good as what it stands for", func(s *suite) {
		// Whoever reads the version outside of a unit never sees it before what it stands for.
		w := s.word("縁側商事", "")
		s.do(func(st search.Store) error {
			s.must(st.PutWords(s.ctx, s.tenant, w))
			return st.Renew(s.ctx, s.tenant, base)
		})
		s.version(base.UnixMicro())
		s.words(w)
	}},
}
