package sns_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/sns"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// TestSearchMovesOutAndIn exports what a tenant has taught its search and what people keep, and takes it in elsewhere,
// twice; ids in saved searches are those of the new place.
func TestSearchMovesOutAndIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		l := openLibrary(t, db, "")
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "全社", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
		l.must(err)
		l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "年次有給休暇は前日までに申請してください"})
		_, err = l.Search.PutSynonyms(l.ctx, libSei, search.NewSynonyms{From: []string{"年休", "年次有給休暇"}})
		l.must(err)
		_, err = l.Search.PutSynonyms(l.ctx, libSei, search.NewSynonyms{From: []string{"PC"}, To: []string{"情報端末"}})
		l.must(err)
		_, err = l.Search.PutWord(l.ctx, libSei, search.NewWord{Text: "ふわとろ勤怠", Reading: "ふわとろきんたい"})
		l.must(err)
		query := fmt.Sprintf("休暇 in:%s from:u-tanaka", space.ID)
		for _, in := range []search.NewSavedSearch{{Query: query, Notify: true}, {Query: "is:unanswered", Name: "質問"}} {
			_, err = l.Search.SaveSearch(l.ctx, libBob, in)
			l.must(err)
		}

		out := byText(t, l.Export(l.ctx, "t", "engawa:t"))
		counted := map[string]int{}
		for _, line := range out {
			kind, _, _ := strings.Cut(line, " ")
			counted[kind]++
		}
		if counted["synonyms"] != 2 || counted["word"] != 1 || counted["saved_search"] != 2 {
			t.Errorf("exported: %v", counted)
		}
		for range 2 {
			report, err := l.Import(l.ctx, l.Export(l.ctx, "t", "engawa:t"), sns.Import{Tenant: "b"})
			l.must(err)
			for _, p := range report.Problems {
				t.Errorf("skipped %s %s: %v", p.Kind, p.ID, p.Err)
			}
			if diff := gocmp.Diff(out, byText(t, l.Export(l.ctx, "b", "engawa:b"))); diff != "" {
				t.Errorf("the second tenant differs (-t +b):\n%s", diff)
			}
		}

		// With other persons, what was saved finds the same.
		_, err = l.Import(l.ctx, l.Export(l.ctx, "t", "engawa:t"), sns.Import{Tenant: "c", Person: func(id string) engawa.PersonID { return engawa.PersonID("c-" + id) }})
		l.must(err)
		l.drain()
		bob := engawa.Actor{Tenant: "c", Person: "c-u-bob"}
		saved, err := l.Search.SavedSearches(l.ctx, bob)
		l.must(err)
		if len(saved) != 2 || saved[0].Name != saved[0].Query || !strings.HasSuffix(saved[0].Query, "from:c-u-tanaka") || strings.Contains(saved[0].Query, space.ID.String()) || saved[0].NotifySince.IsZero() {
			t.Fatalf("bob's saved searches: %+v", saved)
		}
		if refs, _ := l.found(bob, saved[0].Query); len(refs) != 1 {
			t.Errorf("%q finds %v", saved[0].Query, refs)
		}
		if refs, _ := l.found(bob, "年休"); len(refs) != 1 {
			t.Errorf("the synonym finds %v", refs)
		}

		// Without a search nothing of it comes in, and the report says so.
		bare, err := sns.Open(l.ctx, sns.Config{Store: l.store, Directory: named{}})
		l.must(err)
		report, err := bare.Import(l.ctx, l.Export(l.ctx, "t", "engawa:t"), sns.Import{Tenant: "d"})
		l.must(err)
		if report.Skipped != 5 || len(report.Problems) != 5 {
			t.Errorf("without a search: %+v", report)
		}
	})
}

// TestPersonsExportHasTheirSearches: what somebody saved, taught, asked in vain and answered, and nothing of others'.
func TestPersonsExportHasTheirSearches(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		l := openLibrary(t, db, "")
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "全社", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
		l.must(err)
		menu := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "献立はこちら"})
		l.drain()
		for _, by := range []engawa.Actor{libAnna, libBob} {
			_, err := l.Search.SaveSearch(l.ctx, by, search.NewSavedSearch{Query: "稟議 " + string(by.Person)})
			l.must(err)
		}
		_, err = l.Search.PutSynonyms(l.ctx, libSei, search.NewSynonyms{From: []string{"年休", "年次有給休暇"}})
		l.must(err)
		_, err = l.Search.PutWord(l.ctx, libSei, search.NewWord{Text: "ふわとろ勤怠"})
		l.must(err)
		for _, by := range []engawa.Actor{libAnna, libBob, libSei} {
			l.wants(by, "スキューバダイビング")
		}
		l.must(l.Search.FlushGaps(l.ctx))
		gaps, err := l.Search.Gaps(l.ctx, libSei, search.GapWindow{})
		l.must(err)
		l.must(l.Search.ResolveGap(l.ctx, libSei, gaps.Items[0].ID, menu.Ref()))

		for person, want := range map[engawa.PersonID][]string{
			libBob.Person: {"gap スキューバダイビング", "saved_search 稟議 u-bob"},
			libSei.Person: {"gap スキューバダイビング", "gap スキューバダイビング → " + menu.Ref().String(), "synonyms 年休", "word ふわとろ勤怠"},
			"u-dora":      nil,
		} {
			var got []string
			for r, err := range l.ExportPerson(l.ctx, "t", person, "engawa:t") {
				l.must(err)
				l.must(jsonl.Check(r))
				switch r := r.(type) {
				case jsonl.SavedSearch:
					got = append(got, r.Type()+" "+r.Query)
				case jsonl.Synonyms:
					got = append(got, r.Type()+" "+r.From[0])
				case jsonl.Word:
					got = append(got, r.Type()+" "+r.Text)
				case jsonl.Gap:
					line := r.Type() + " " + r.Text
					if r.Answer != "" {
						line += " → " + r.Answer
					}
					got = append(got, line)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("of %s: %q, want %q", person, got, want)
			}
		}
	})
}
