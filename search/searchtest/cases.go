package searchtest

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

var cases = []testCase{
	{"what is put in is found, replaced and deleted", func(b *bench) error {
		return first(
			func() error {
				return b.put(tenant, doc("1", "a", "稟議の承認"), doc("2", "a", "経費の精算"), doc("3", "b", "稟議の却下"))
			},
			func() error { return b.wants(b.request("稟議", "a", "b"), "1", "3") },
			func() error { return b.put(tenant, doc("1", "a", "出張の申請")) },
			func() error { return b.wants(b.request("稟議", "a", "b"), "3") },
			func() error { return b.wants(b.request("出張", "a", "b"), "1") },
			func() error { return b.remove("3", "nothing") },
			func() error { return b.wants(b.request("稟議", "a", "b")) },
			func() error { return b.wants(b.request("", "a", "b"), "1", "2") },
		)
	}},
	{"only scopes that are allowed are read", func(b *bench) error {
		hidden := b.request("稟議", "a", "b")
		hidden.Filter.Access.Hidden = []engawa.PersonID{"p1"}
		return first(
			func() error { return b.put(tenant, doc("1", "a", "稟議"), doc("2", "b", "稟議")) },
			func() error { return b.wants(b.request("稟議")) },
			func() error { return b.wants(b.request("稟議", "unknown")) },
			func() error { return b.wants(b.request("稟議", "b"), "2") },
			func() error { return b.wants(hidden) },
			func() error { moved := doc("2", "a", "稟議"); return b.put(tenant, moved) },
			func() error { return b.wants(b.request("稟議", "b")) },
			func() error { return b.wants(b.request("稟議", "a"), "1", "2") },
		)
	}},
	{"tenants are apart", func(b *bench) error {
		return first(
			func() error { return b.put(tenant, doc("1", "a", "稟議")) },
			func() error { return b.put(other, doc("1", "a", "経費"), doc("2", "a", "稟議")) },
			func() error { return b.wants(b.request("稟議", "a"), "1") },
			func() error { return b.wants(b.request("経費", "a")) },
			func() error { return b.remove("2") },
			func() error {
				if got, _, err := b.ids(other, b.request("稟議", "a")); err != nil || !slices.Equal(got, []string{"2"}) {
					return fmt.Errorf("the other tenant finds %q, %v", got, err)
				}
				got, err := b.e.Complete(b.ctx, tenant, search.Completion{Key: "経", Access: search.Access{Scopes: []search.Scope{"a"}}, Limit: 5})
				if err != nil || len(got) > 0 {
					return fmt.Errorf("words of the other tenant are suggested: %v, %v", got, err)
				}
				return nil
			},
		)
	}},
	{"hidden documents are gone at once, until they are deleted or put in again", func(b *bench) error {
		return first(
			func() error { return b.put(tenant, doc("1", "a", "稟議"), doc("2", "a", "稟議")) },
			func() error {
				return b.e.Hide(b.ctx, tenant, []engawa.Ref{{Kind: "doc", ID: "1"}, {Kind: "doc", ID: "9"}})
			},
			func() error { return b.wants(b.request("稟議", "a"), "2") },
			func() error { return b.put(tenant, doc("3", "a", "稟議")) },
			func() error { return b.wants(b.request("稟議", "a"), "2", "3") },
			func() error { return b.remove("1") },
			func() error { return b.wants(b.request("稟議", "a"), "2", "3") },
			func() error { return b.put(tenant, doc("1", "a", "稟議")) }, // restored
			func() error { return b.wants(b.request("稟議", "a"), "1", "2", "3") },
			func() error { return b.e.Hide(b.ctx, tenant, []engawa.Ref{{Kind: "doc", ID: "2"}}) },
			func() error { return b.put(tenant, doc("2", "a", "稟議 経費")) }, // restored before it was deleted
			func() error { return b.wants(b.request("稟議", "a"), "1", "2", "3") },
		)
	}},
	{"conditions", conditions},
	{"pages do not overlap and facets count everything", pages},
	{"watermark and analyzer are kept", func(b *bench) error {
		foreign := search.Batch{Analyzer: "another", Put: []search.Entry{b.entry(doc("2", "a", "経費"))}, Watermark: 99}
		return first(
			func() error { return b.put(tenant, doc("1", "a", "稟議")) },
			func() error {
				if err := b.e.Apply(b.ctx, tenant, foreign); !errors.Is(err, engawa.Conflict) {
					return fmt.Errorf("entries of another analyzer: %v, want a conflict", err)
				}
				return nil
			},
			func() error { return b.wants(b.request("経費", "a")) },
			func() error {
				st, err := b.e.State(b.ctx, tenant)
				if err != nil || st.Docs != 1 || st.Analyzer != b.kit.Analyzer.Version() || st.Watermark > b.mark || st.Rebuild != "" {
					return fmt.Errorf("state %+v, %v", st, err)
				}
				return nil
			},
		)
	}},
	{"a rebuild replaces everything, and takes in what comes meanwhile", rebuilds},
	{"a rebuild that fails changes nothing", func(b *bench) error {
		broken := errors.New("broken")
		entries := func(yield func(search.Entry, error) bool) {
			_ = yield(b.entry(doc("9", "a", "稟議")), nil) && yield(search.Entry{}, broken)
		}
		return first(
			func() error { return b.put(tenant, doc("1", "a", "稟議")) },
			func() error {
				if err := b.e.Rebuild(b.ctx, tenant, b.kit.Analyzer.Version(), 5, entries); !errors.Is(err, broken) {
					return fmt.Errorf("rebuild: %v", err)
				}
				return nil
			},
			func() error { return b.wants(b.request("稟議", "a"), "1") },
			func() error { return b.put(tenant, doc("2", "a", "稟議")) },
			func() error { return b.wants(b.request("稟議", "a"), "1", "2") },
		)
	}},
	{"duties, exclusions and prefixes", func(b *bench) error {
		w := func(t string) search.Term { return search.Term{Field: search.Words, Text: t} }
		must, not, prefix := b.request("稟議", "a"), b.request("稟議", "a"), b.request("", "a")
		must.Must = [][]search.Term{{w("経費"), w("出張")}}
		not.Not = [][]search.Term{{w("経費")}}
		prefix.Parts = []search.Part{{Terms: []search.Term{{Field: search.Bigrams, Text: "税", Prefix: true, Weight: 1, Cover: 1}}}}
		return first(
			func() error {
				return b.put(tenant, doc("1", "a", "稟議 経費"), doc("2", "a", "稟議 出張"), doc("3", "a", "稟議"), doc("4", "a", "経費"), doc("5", "a", "消費税を払う"), doc("6", "a", "課税"))
			},
			func() error { return b.wants(must, "1", "2") },
			func() error { return b.wants(not, "2", "3") },
			func() error { return b.wants(prefix, "5", "6") },
		)
	}},
	{"knowledge and freshness order what matches alike", func(b *bench) error {
		plain, article, fresh := doc("plain", "a", "稟議の手順"), doc("article", "a", "稟議の手順"), doc("fresh", "a", "稟議の手順")
		article.Signals.Article = true
		fresh.At = base.AddDate(3, 0, 0)
		r := b.request("稟議", "a")
		r.Now = fresh.At
		return first(func() error { return b.put(tenant, plain, article, fresh) }, func() error {
			got, _, err := b.ids(tenant, r)
			if err != nil || !slices.Equal(got, []string{"article", "fresh", "plain"}) {
				return fmt.Errorf("order %q, %v", got, err)
			}
			return nil
		})
	}},
	{"completion tells only what can be read", func(b *bench) error {
		complete := func(key, reading string, scopes ...search.Scope) string {
			got, err := b.e.Complete(b.ctx, tenant, search.Completion{Key: key, Reading: reading, Access: search.Access{Scopes: scopes}, Limit: 10})
			return fmt.Sprint(got, err)
		}
		return first(func() error {
			return b.put(tenant, doc("1", "a", "稟議"), doc("2", "b", "稟議 稟議書"), doc("3", "b", "倫理"))
		}, func() error {
			for _, c := range []struct{ got, want string }{
				{complete("稟", "", "a"), "[{稟議 1}] <nil>"}, {complete("稟", "", "a", "b"), "[{稟議 2}] <nil>"},
				{complete("", "りん", "a"), "[{稟議 1}] <nil>"}, {complete("", "りん", "a", "b"), "[{稟議 2} {倫理 1}] <nil>"}, {complete("倫", "", "a"), "[] <nil>"},
			} {
				if c.got != c.want {
					return fmt.Errorf("%s, want %s", c.got, c.want)
				}
			}
			return nil
		})
	}},
	{"spelling is corrected from what can be read", func(b *bench) error {
		if !b.kit.Abilities.Corrects {
			return nil
		}
		ask := func(word string, scope search.Scope) (string, error) {
			r := b.request(word, scope)
			r.Parts[0].Runs = []search.Run{{Text: word, Term: word, Bigrams: search.BigramsOf(word)}}
			ids, found, err := b.ids(tenant, r)
			return fmt.Sprint(ids, found.Corrected), err
		}
		return first(func() error {
			return b.put(tenant, doc("1", "a", "キャビネットの鍵"), doc("2", "b", "経費"), doc("3", "a", "レッドリストを見る"))
		}, func() error {
			for _, c := range []struct {
				word  string
				scope search.Scope
				want  string
			}{
				{"キャビッネト", "a", "[] [{キャビッネト キャビネット [] false}]"},
				{"キャビッネト", "b", "[] []"}, // what cannot be read suggests nothing
				{"キャビネット", "a", "[1] []"},
				{"レドッリスト", "a", "[] [{レドッリスト レッドリスト [] false}]"}, // it stands in no document as one word
				{"レドッリスト", "b", "[] []"},
			} {
				if got, err := ask(c.word, c.scope); err != nil || got != c.want {
					return fmt.Errorf("%s in %s: %s, want %s: %v", c.word, c.scope, got, c.want, err)
				}
			}
			return nil
		})
	}},
	{"terms of several texts count as one", func(b *bench) error {
		ask := func(f search.Field, text string, also ...string) (string, float32, error) {
			r := b.request("", "a")
			r.Parts = []search.Part{{Terms: []search.Term{{Field: f, Text: text, Also: also, Weight: 1, Cover: 1}}}}
			ids, found, err := b.ids(tenant, r)
			if err != nil || len(found.Hits) == 0 {
				return fmt.Sprint(ids), 0, err
			}
			return fmt.Sprint(ids), found.Hits[0].Score, nil
		}
		return first(func() error {
			return b.put(tenant, doc("1", "a", "稟議"), doc("2", "a", "経費"), doc("3", "a", "出張"), doc("4", "b", "精算"))
		}, func() error {
			both, score, err := ask(search.Words, "無", "経費", "精算")
			if err != nil || both != "[2]" {
				return fmt.Errorf("%s, want [2]: %v", both, err)
			}
			if all, _, err := ask(search.Words, "稟議", "経費", "出張"); err != nil || len(all) != len("[1 2 3]") {
				return fmt.Errorf("%s, want three: %v", all, err)
			}
			if _, alone, err := ask(search.Words, "経費"); err != nil || alone <= score {
				return fmt.Errorf("a word that two documents have scores %g, one that one has %g: %v", score, alone, err)
			}
			return nil
		})
	}},
	{"hostile entries and requests", hostile},
}

func conditions(b *bench) error {
	d1, d2, d3 := doc("1", "a", "稟議"), doc("2", "a", "稟議"), doc("3", "b", "稟議")
	d1.Author, d1.Kind, d1.Tags = "p2", "question", []string{"総務"}
	d1.Signals.Question = true
	d2.Kind, d2.At = "question", base.AddDate(0, 1, 0)
	d2.Signals.Question, d2.Signals.Answered = true, true
	d3.At = base.AddDate(0, 2, 0)
	if err := b.put(tenant, d1, d2, d3); err != nil {
		return err
	}
	for name, c := range map[string]struct {
		f    func(*search.Filter)
		want []string
	}{
		"nothing":     {func(*search.Filter) {}, []string{"1", "2", "3"}},
		"author":      {func(f *search.Filter) { f.Authors = []engawa.PersonID{"p2", "nobody"} }, []string{"1"}},
		"nobody":      {func(f *search.Filter) { f.Authors = []engawa.PersonID{"nobody"} }, nil},
		"kind":        {func(f *search.Filter) { f.Kinds = []string{"question"} }, []string{"1", "2"}},
		"tag":         {func(f *search.Filter) { f.Tags = []string{"総務"} }, []string{"1"}},
		"scope":       {func(f *search.Filter) { f.Scopes = []search.Scope{"b"} }, []string{"3"}},
		"not allowed": {func(f *search.Filter) { f.Scopes = []search.Scope{"c"} }, nil},
		"after":       {func(f *search.Filter) { f.After = d2.At }, []string{"2", "3"}},
		"before":      {func(f *search.Filter) { f.Before = d2.At }, []string{"1"}},
		"answered":    {func(f *search.Filter) { f.Answered = search.IsAnswered }, []string{"2"}},
		"unanswered":  {func(f *search.Filter) { f.Answered = search.IsUnanswered }, []string{"1"}},
		"exclude":     {func(f *search.Filter) { f.Exclude = []engawa.Ref{d3.Ref} }, []string{"1", "2"}},
		"together":    {func(f *search.Filter) { f.Kinds, f.After = []string{"question"}, d2.At }, []string{"2"}},
	} {
		for _, text := range []string{"稟議", ""} {
			r := b.request(text, "a", "b")
			c.f(&r.Filter)
			if err := b.wants(r, c.want...); err != nil {
				return fmt.Errorf("%s, query %q: %w", name, text, err)
			}
		}
	}
	return nil
}

func pages(b *bench) error {
	var docs []search.Document
	for i := range 57 {
		d := doc(fmt.Sprint(i), "a", "稟議"+strings.Repeat("の経費", i%5))
		d.At = base.Add(time.Duration(i%7) * time.Hour)
		d.Author = engawa.PersonID(fmt.Sprint("p", i%3))
		docs = append(docs, d)
	}
	if err := b.put(tenant, docs[:30]...); err != nil {
		return err
	}
	if err := b.put(tenant, docs[30:]...); err != nil {
		return err
	}
	for _, order := range []search.Order{search.ByScore, search.ByTime} {
		r := b.request("稟議", "a")
		r.Limit, r.Order, r.Facets, r.FacetLimit = 10, order, []search.Facet{search.FacetAuthor, search.FacetKind, search.FacetScope}, 2
		seen := map[engawa.Ref]bool{}
		for range 10 {
			found, err := b.e.Find(b.ctx, tenant, r)
			if err != nil {
				return err
			}
			if got := fmt.Sprint(found.Total, found.Facets); got != "57 [[{p0 19} {p1 19}] [{update 57}] [{a 57}]]" {
				return fmt.Errorf("total and facets: %s", got)
			}
			for i, h := range found.Hits {
				if seen[h.Ref] {
					return fmt.Errorf("%s stands on two pages", h.Ref)
				}
				seen[h.Ref] = true
				if i > 0 && (order == search.ByScore && h.Score > found.Hits[i-1].Score || order == search.ByTime && h.At.After(found.Hits[i-1].At)) {
					return fmt.Errorf("hit %d stands behind a lesser one", i)
				}
			}
			if len(found.Hits) == 0 {
				break
			}
			r.After = &found.Hits[len(found.Hits)-1].Place
		}
		if len(seen) != 57 {
			return fmt.Errorf("%d documents on all pages, want 57", len(seen))
		}
	}
	return nil
}

func rebuilds(b *bench) error {
	if err := b.put(tenant, doc("1", "a", "稟議"), doc("2", "a", "経費")); err != nil {
		return err
	}
	docs := []search.Document{doc("1", "a", "稟議"), doc("3", "a", "稟議"), doc("4", "a", "稟議")}
	var meanwhile error
	entries := iter.Seq2[search.Entry, error](func(yield func(search.Entry, error) bool) {
		for e := range b.entries(docs) {
			if e.Ref.ID == "4" { // half way: one is edited, one deleted, one hidden, one is new
				meanwhile = first(
					func() error { return b.put(tenant, doc("1", "a", "出張"), doc("5", "a", "稟議")) },
					func() error { return b.remove("3") },
					func() error { return b.wants(b.request("経費", "a"), "2") }, // the old one answers
				)
			}
			if !yield(e, nil) {
				return
			}
		}
	})
	before, err := b.e.State(b.ctx, tenant)
	if err != nil {
		return err
	}
	if err := b.e.Rebuild(b.ctx, tenant, b.kit.Analyzer.Version(), 7, entries); err != nil {
		return err
	}
	return first(
		func() error { return meanwhile },
		func() error { return b.wants(b.request("稟議", "a"), "4", "5") },
		func() error { return b.wants(b.request("出張", "a"), "1") },
		func() error { return b.wants(b.request("経費", "a")) },
		func() error {
			st, err := b.e.State(b.ctx, tenant)
			if err != nil || st.Docs != 3 || st.Generation <= before.Generation || st.Rebuild != "" {
				return fmt.Errorf("state %+v, %v", st, err)
			}
			return nil
		},
	)
}

func hostile(b *bench) error {
	long := strings.Repeat("長", 5000)
	d := doc("1", "a", "稟議\x00\xff "+strings.Repeat("ー", 3000)+long)
	d.Title, d.Tags = "\x00🎉", []string{"", "\x00", long}
	if err := b.put(tenant, d); err != nil {
		return err
	}
	r := b.request("稟議", "a")
	for i := range 400 {
		r.Parts[0].Terms = append(r.Parts[0].Terms, search.Term{Field: search.Field(i % int(search.NumFields)), Text: long[:i*3], Weight: 1, Prefix: i%2 == 0})
	}
	r.Limit, r.FacetLimit = 1<<30, -1
	r.Facets = []search.Facet{search.FacetTag, search.FacetTag}
	if _, _, err := b.ids(tenant, r); err != nil {
		return err
	}
	if _, err := b.e.Complete(b.ctx, tenant, search.Completion{Key: "\xff\xff", Reading: long, Limit: -1}); err != nil {
		return err
	}
	return b.wants(b.request("稟議", "a"), "1")
}
