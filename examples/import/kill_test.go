package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// childDSN and its companions tell the test binary to be an import, over a database that the driver opens by name.
const (
	childDSN     = "ENGAWA_TEST_IMPORT_DSN"
	childDriver  = "ENGAWA_TEST_IMPORT_DRIVER"
	childDialect = "ENGAWA_TEST_IMPORT_DIALECT"
	childFile    = "ENGAWA_TEST_IMPORT_FILE"
)

func child() {
	log.SetFlags(0)
	db, err := sql.Open(os.Getenv(childDriver), os.Getenv(childDSN))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	cfg := bunstore.Config{DB: db, Dialect: bunstore.Dialect(os.Getenv(childDialect))}
	o := options{in: os.Getenv(childFile), format: "engawa", tenant: "main"}
	if err := runOn(context.Background(), cfg, o, os.Stdout, os.Stderr); err != nil {
		log.Fatal(oneLine(err))
	}
}

// importer is another process that imports a file into a database.
func importer(db *dbtest.DB, file string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDSN+"="+db.DSN, childDriver+"="+db.Driver, childDialect+"="+string(db.Dialect), childFile+"="+file)
	return cmd
}

// TestKilled kills imports at random moments and runs them again. In the end the database has what one clean run gives,
// row by row.
func TestKilled(t *testing.T) {
	kills, posts := 4, 600
	if os.Getenv("ENGAWA_LONG") != "" { // a minute or more on each engine
		kills, posts = 20, 1200
	}
	file := filepath.Join(t.TempDir(), "company.jsonl")
	want := company(t, file, posts)
	dbtest.Each(t, func(t *testing.T, clean *dbtest.DB) {
		began := time.Now()
		if out, err := importer(clean, file).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		whole := time.Since(began)
		rows := dump(t, clean)
		for table, n := range map[string]int{"posts": want["post"], "comments": want["comment"], "spaces": want["space"], "follows": want["follow"]} {
			if len(rows[table]) != n {
				t.Fatalf("%d rows in %s, want %d", len(rows[table]), table, n)
			}
		}
		for table, all := range rows {
			for _, row := range all {
				if strings.Contains(row, unnamed) {
					t.Errorf("%s: %s", table, row)
				}
			}
		}
		defer func() {
			if t.Skipped() {
				t.Error("the server has stopped letting the test in")
			}
		}()
		killed, finished := 0, 0
		for killed < kills || finished == 0 {
			db := dbtest.On(t, clean.Dialect)
			for done := false; !done; {
				cmd := importer(db, file)
				var said bytes.Buffer
				cmd.Stderr = &said
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				ended := make(chan error, 1)
				go func() { ended <- cmd.Wait() }()
				moment := time.After(time.Hour)
				if killed < kills {
					moment = time.After(time.Duration(rand.Int64N(int64(whole))))
				}
				select {
				case err := <-ended:
					if err != nil {
						t.Fatalf("%v: %s", err, said.String())
					}
					done = true
				case <-moment:
					if err := cmd.Process.Kill(); err != nil {
						t.Fatal(err)
					}
					if err := <-ended; err == nil {
						done = true // it had come to its end
					} else {
						killed++
					}
				}
			}
			finished++
			if diff := cmp.Diff(rows, dump(t, db)); diff != "" {
				t.Fatalf("after %d kills: -clean +killed\n%s", killed, diff)
			}
		}
		t.Logf("killed %d times, on the way to %d whole imports", killed, finished)
	})
}

// company writes records of every kind, each time the same, and counts them by type.
func company(t *testing.T, file string, posts int) map[string]int {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	buffered := bufio.NewWriter(f)
	w := jsonl.NewWriter(buffered)
	counts := map[string]int{}
	put := func(r jsonl.Record) {
		t.Helper()
		counts[r.Type()]++
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2020, 4, 1, 0, 0, 0, 0, time.UTC)
	const people, spaces = 60, 12
	person := func(i int) string { return fmt.Sprintf("p%03d", i%people) }
	space := func(i int) string { return fmt.Sprintf("s%02d", i%spaces) }
	put(jsonl.Version{Version: jsonl.CurrentVersion, Source: "killed"})
	for i := range people {
		put(jsonl.Person{ID: person(i), Display: fmt.Sprint("社員", i), Left: i%9 == 0})
	}
	for i := range spaces {
		s := jsonl.Space{ID: space(i), Name: fmt.Sprint("部屋", i), Why: "試す", CreatedAt: start, CreatedBy: person(i), Hosts: []string{person(i)},
			Access: []jsonl.Access{{Kind: jsonl.AccessEveryone}}}
		switch i % 4 {
		case 1:
			s.Join, s.Secret, s.Access = jsonl.JoinInvite, true, []jsonl.Access{{Kind: jsonl.AccessPerson, Value: person(i + 1)}}
		case 2:
			s.Join, s.Access = jsonl.JoinAuto, []jsonl.Access{{Kind: jsonl.AccessOrgBelow, Value: fmt.Sprint("unit", i)}, {Kind: jsonl.AccessRank, Value: "5"}}
		}
		put(s)
		for j := range people / 2 {
			put(jsonl.Member{Space: space(i), Person: person(i + j), Host: j == 0, At: start.Add(time.Hour)})
		}
	}
	for i := range people {
		put(jsonl.Follow{Person: person(i), Followed: person(i + 7), At: start})
	}
	for i := range posts {
		at := start.Add(time.Duration(i) * time.Minute)
		p := jsonl.Post{ID: fmt.Sprint("m", i), Space: space(r.IntN(spaces)), Author: person(r.IntN(people)), PublishedAt: at,
			Body: fmt.Sprintf("投稿%d <@%s> #日報 #t%d", i, person(r.IntN(people)), i%17)}
		switch i % 10 {
		case 3:
			p.EditedAt = at.Add(time.Second)
		case 5:
			p.Attachments = []jsonl.Attachment{{Ref: fmt.Sprint("f", i), Name: "資料.pdf", MediaType: "application/pdf", Size: int64(i)}}
		case 7:
			p.Retracted = &jsonl.Retracted{By: p.Author, At: at.Add(time.Hour), Why: "誤り"}
		}
		put(p)
		last := ""
		for j := range r.IntN(3) {
			c := jsonl.Comment{ID: fmt.Sprint("m", i, "-", j), Space: p.Space, Post: p.ID, Parent: last, Author: person(r.IntN(people)),
				PublishedAt: at.Add(time.Duration(j+1) * time.Second), Body: fmt.Sprintf("返信 <@%s>", p.Author)}
			put(c)
			last = c.ID
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := buffered.Flush(); err != nil {
		t.Fatal(err)
	}
	return counts
}
