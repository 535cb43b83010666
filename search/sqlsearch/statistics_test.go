package sqlsearch_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/sqlsearch"
)

// checkStatistics counts everything anew.
func checkStatistics(t *testing.T, db *dbtest.DB) {
	t.Helper()
	rows, err := db.SQL.Query(`WITH real AS (
			SELECT d.index_id, substr(l, length(d.index_id::text) + 1) AS term, count(*) AS docs
			FROM engawa_search_docs d, unnest(tsvector_to_array(d.terms)) l GROUP BY 1, 2
		) SELECT coalesce(r.index_id, t.index_id), coalesce(r.term, t.term), coalesce(r.docs, 0), coalesce(t.docs, 0)
		FROM (SELECT * FROM real WHERE NOT starts_with(term, 's')) r FULL JOIN engawa_search_terms t ON r.index_id = t.index_id AND r.term = t.term
		WHERE r.docs IS DISTINCT FROM t.docs LIMIT 5`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var index, want, have int
		var term string
		if err := rows.Scan(&index, &term, &want, &have); err != nil {
			t.Fatal(err)
		}
		t.Errorf("index %d: %q stands in %d documents, the statistics say %d", index, term, want, have)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if n := db.Int(`SELECT count(*) FROM engawa_search_indexes x WHERE docs <> (SELECT count(*) FROM engawa_search_docs d WHERE d.index_id = x.id)
		OR words <> (SELECT coalesce(sum(size), 0) FROM engawa_search_docs d WHERE d.index_id = x.id)`); n > 0 {
		t.Errorf("%d indexes count their documents or words wrong", n)
	}
}

// TestStatistics puts, replaces and deletes at random, rebuilds meanwhile, and counts everything anew.
func TestStatistics(t *testing.T) {
	db := dbtest.On(t, bunstore.PostgreSQL)
	cfg := sqlsearch.Config{DB: db.SQL}
	if err := sqlsearch.Migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	e := open(t, cfg)
	rng := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("稟議 経費 出張 勤怠 監査 採用 サーバー pc 2026年 お盆 🎉 お茶")
	write := func(id int) search.Document {
		var body strings.Builder
		for range 1 + rng.IntN(6) {
			body.WriteString(words[rng.IntN(len(words))])
		}
		return doc(fmt.Sprint(id), "a", body.String())
	}
	mark, live := int64(0), map[int]search.Document{}
	change := func() {
		mark++
		b := batch(mark)
		touched := map[int]bool{}
		for range 1 + rng.IntN(4) {
			id := rng.IntN(40)
			if touched[id] {
				continue
			}
			touched[id] = true
			if rng.IntN(3) == 0 {
				b.Delete = append(b.Delete, ref(fmt.Sprint(id)))
				delete(live, id)
			} else {
				d := write(id)
				live[id] = d
				b.Put = append(b.Put, entry(d))
			}
		}
		if err := e.Apply(t.Context(), "acme", b); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 6 {
		for range 15 {
			change()
		}
		put(t, e, "other", mark, write(1)) // somebody else's, with the same ref
		checkStatistics(t, db)
		var docs []search.Document
		for id, d := range live {
			docs = append(docs, d)
			if id%5 == 0 {
				docs = append(docs, d) // twice
			}
		}
		for id := range 300 { // so that there are several transactions
			docs = append(docs, doc(fmt.Sprint("more", round, id), "a", "備品"+fmt.Sprint(id)))
		}
		docs = append(docs, doc("7", "a", "古い")) // of what may be touched
		n, stale := 0, live[7]
		entries := walk(docs, func(i int) error {
			if i%20 == 19 && n < 12 {
				n++
				change()
			}
			return nil
		})
		if err := e.Rebuild(t.Context(), "acme", analyzer().Version(), mark, entries); err != nil {
			t.Fatal(err)
		}
		checkStatistics(t, db)
		if now, ok := live[7]; ok && now.Body != stale.Body {
			if found := find(t, e, "acme", ask("古い", "a")); found.Total != 0 {
				t.Error("the rebuild has put an old version over one of a later batch")
			}
		} else {
			put(t, e, "acme", mark, doc("7", "a", "経費"))
			live[7] = doc("7", "a", "経費")
		}
		if got, want := state(t, e, "acme"), int64(len(live)+300); got.Docs != want || got.Watermark != mark {
			t.Errorf("round %d: state %+v, want %d documents and watermark %d", round, got, want, mark)
		}
	}
	for _, d := range live {
		if found := find(t, e, "acme", ask(d.Body, "a")); !contains(ids(found), d.Ref.ID) {
			t.Errorf("%s is not found by %q", d.Ref, d.Body)
		}
	}
	if n := db.Int(`SELECT count(*) FROM engawa_search_indexes`); n != 2 {
		t.Errorf("%d generations are left, want one for each tenant", n)
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
