package main

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/moderationstore"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/moderation"
)

func TestRun(t *testing.T) {
	var entries []moderation.Entry
	prev := strings.Repeat("0", 64)
	for i := range 5 {
		e := moderation.Entry{N: int64(i + 1), At: time.Date(2026, 4, 1, 0, i, 0, 0, time.UTC), Verb: "case.opened", Subject: "case:x", Digest: prev, Prev: prev}
		e.Hash = e.Sum()
		prev = e.Hash
		entries = append(entries, e)
	}
	var b bytes.Buffer
	_, err := moderation.WriteAudit(&b, func(yield func(moderation.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	head := "5:" + prev
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	for _, c := range []struct {
		name    string
		content []byte
		args    []string
		ok      bool
	}{
		{"as written", b.Bytes(), []string{"-head", head}, true},
		{"with an earlier head", b.Bytes(), []string{"-head", "2:" + entries[1].Hash, "-head", head}, true},
		{"without a head", b.Bytes(), nil, true},
		{"a changed byte", bytes.Replace(b.Bytes(), []byte("case:x"), []byte("case:y"), 1), []string{"-head", head}, false},
		{"a cut tail", b.Bytes()[:bytes.LastIndexByte(b.Bytes()[:b.Len()-1], '\n')+1], []string{"-head", head}, false},
		{"a head that is none", b.Bytes(), []string{"-head", "5"}, false},
	} {
		if err := os.WriteFile(file, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := run(append([]string{"-in", file}, c.args...), nil, &out)
		if (err == nil) != c.ok || c.ok && !strings.Contains(out.String(), head) {
			t.Errorf("%s: %v, %q", c.name, err, out.String())
		}
	}
}

// desk is a Subjects that knows one message.
type desk struct{}

func (desk) Look(context.Context, engawa.Actor, engawa.Ref) (moderation.Subject, bool, error) {
	return moderation.Subject{Author: "anna", About: []engawa.PersonID{"bob"}, Text: "お前のせいだ"}, true, nil
}

func TestStored(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "engawa.db")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(path))
	must(err)
	defer pool.Close()
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	must(err)
	must(db.Migrator(moderationstore.Migrations()).Up(ctx))
	people, err := directory.New(directory.Chart{Tenant: "t"})
	must(err)
	s, err := moderation.New(moderation.Config{Store: moderationstore.New(db), Directory: people, Subjects: map[string]moderation.Subjects{"chat": desk{}}})
	must(err)
	must(s.SetDesk(ctx, engawa.System("t"), moderation.Desk{Outside: []engawa.PersonID{"law"}}))
	_, err = s.Report(ctx, engawa.Actor{Tenant: "t", Person: "bob"}, moderation.NewReport{Target: engawa.Ref{Kind: "chat", ID: "1"}, Clause: "3"})
	must(err)
	relay, err := event.NewRelay(event.Config{Store: db.Outbox(), Consumers: []event.Consumer{s.AuditConsumer()}})
	must(err)
	must(relay.Drain(ctx))
	args := []string{"-sqlite", path, "-tenant", "t"}
	var out bytes.Buffer
	must(run(args, nil, &out))
	if !strings.Contains(out.String(), "3:") {
		t.Errorf("it prints %q", out.String())
	}
	_, err = pool.ExecContext(ctx, db.Expand(`UPDATE {mod_reports} SET clause = '4'`))
	must(err)
	if err := run(args, nil, &out); err == nil {
		t.Error("a changed report is not found")
	}
	if err := run([]string{"-sqlite", path + "x", "-tenant", "t"}, nil, &out); err == nil {
		t.Error("a database that is not there")
	}
}
