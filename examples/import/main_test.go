package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/sns"
)

// TestMain lets the test binary be the command: in another process, it can be killed.
func TestMain(m *testing.M) {
	if os.Getenv(childDSN) != "" {
		child()
		return
	}
	if args := os.Getenv("ENGAWA_TEST_COMMAND"); args != "" {
		os.Args = append(os.Args[:1], strings.Split(args, "\n")...)
		main()
		return
	}
	os.Exit(m.Run())
}

// command runs the command as another process does.
func command(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ENGAWA_TEST_COMMAND="+strings.Join(args, "\n"))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// realExport is the export of a real conversation.
func realExport(t *testing.T) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", "conversation", "remote-control-project-slack.zip")
	if _, err := os.Stat(path); err != nil {
		t.Skip("the export of a real conversation is not here: ", err)
	}
	return path
}

const (
	allOfIt = `{"spaces":10,"people":4,"posts":2272,"comments":259,"reactions":0,"skipped":0,"already":0}` + "\n"
	nothing = `{"spaces":0,"people":0,"posts":0,"comments":0,"reactions":0,"skipped":0,"already":2545}` + "\n"
)

func TestRealConversation(t *testing.T) {
	in := realExport(t)
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		cfg := db.Config(nil)
		o := options{in: in, format: "slack", tenant: "main"}
		try := func(want string, o options) {
			t.Helper()
			var out, errs bytes.Buffer
			if err := runOn(t.Context(), cfg, o, &out, &errs); err != nil {
				t.Fatal(err)
			}
			if out.String() != want {
				t.Errorf("got %s, want %s", out.String(), want)
			}
		}
		dry := o
		dry.dryRun = true
		empty := dump(t, db)
		try(allOfIt, dry)
		if diff := cmp.Diff(empty, dump(t, db)); diff != "" {
			t.Errorf("a dry run over an empty database wrote\n%s", diff)
		}
		if err := sns.Migrate(t.Context(), db.New(nil)); err != nil {
			t.Fatal(err)
		}
		migrated := dump(t, db)
		try(allOfIt, dry)
		if diff := cmp.Diff(migrated, dump(t, db)); diff != "" {
			t.Errorf("a dry run wrote\n%s", diff)
		}
		try(allOfIt, o)
		full := dump(t, db)
		try(nothing, o)
		try(nothing, dry)
		if diff := cmp.Diff(full, dump(t, db)); diff != "" {
			t.Errorf("a second run wrote\n%s", diff)
		}
		var out bytes.Buffer
		if err := runOn(t.Context(), cfg, options{read: "U00A", tenant: "main"}, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(out.String(), "home of U00A\n") || !strings.Contains(out.String(), "\nunread\n") {
			t.Errorf("%q", out.String())
		}
	})
}

const mattermost = `{"type":"version","version":1}
{"type":"team","team":{"name":"main","type":"O"}}
{"type":"channel","channel":{"team":"main","name":"sales","display_name":"営業","type":"O"}}
{"type":"channel","channel":{"team":"main","name":"hr","display_name":"人事","type":"P"}}
{"type":"user","user":{"username":"tanaka","first_name":"恵","last_name":"田中","locale":"ja","teams":[{"name":"main","channels":[{"name":"hr"},{"name":"sales"}]}]}}
{"type":"user","user":{"username":"sato","teams":[{"name":"main","channels":[{"name":"sales"}]}]}}
{"type":"post","post":{"team":"main","channel":"sales","user":"tanaka","message":"**見積書** @sato","create_at":1711933213000,"replies":[{"user":"sato","message":"了解","create_at":1711933214000}],"reactions":[{"user":"sato","emoji_name":"+1"}]}}
{"type":"post","post":{"team":"main","channel":"hr","user":"tanaka","message":"秘密","create_at":1711933215000}}
{"type":"direct_post","direct_post":{"user":"tanaka"}}
`

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMattermost(t *testing.T) {
	in := write(t, "export.jsonl", mattermost)
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		o := options{in: in, format: "mattermost", tenant: "main"}
		for _, want := range []string{
			`{"spaces":2,"people":2,"posts":2,"comments":1,"reactions":1,"skipped":1,"already":0}`,
			`{"spaces":0,"people":0,"posts":0,"comments":0,"reactions":0,"skipped":1,"already":8}`,
		} {
			var out, errs bytes.Buffer
			if err := runOn(t.Context(), db.Config(nil), o, &out, &errs); err != nil || out.String() != want+"\n" {
				t.Errorf("%v: got %s, want %s", err, out.String(), want)
			}
			if errs.String() != "skipped 1: direct post\n" {
				t.Errorf("%q", errs.String())
			}
		}
		for who, want := range map[string]int{"tanaka": 2, "sato": 1} { // the room of the personnel department is secret
			var out bytes.Buffer
			if err := runOn(t.Context(), db.Config(nil), options{read: who, tenant: "main"}, &out, io.Discard); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(out.String(), "comments)"); n != want {
				t.Errorf("%s sees %d posts:\n%s", who, n, out.String())
			}
		}
	})
}

// slack is a Slack export of files by name and text.
func slack(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = io.WriteString(w, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "export.zip", b.String())
}

// bomb is a Slack export of which one day is nothing but spaces.
func bomb(t *testing.T) string {
	t.Helper()
	return slack(t, "users.json", `[{"id":"U1"}]`,
		"channels.json", `[{"id":"C1","name":"a","created":1711933200},{"id":"C2","name":"b","created":1711933200}]`,
		"a/2024-04-01.json", `[{"type":"message","user":"U1","text":"一","ts":"1711933300.000000"}]`,
		"b/2024-04-01.json", strings.Repeat(" ", 8<<20))
}

// TestFailures runs the command itself: a line that says what is wrong, a status that is not zero, and what came before.
func TestFailures(t *testing.T) {
	cut := write(t, "cut.jsonl", mattermost[:strings.Index(mattermost, "秘密")])
	truncated := write(t, "truncated.zip", "PK\x03\x04 and no more")
	dir := t.TempDir()
	for _, c := range []struct {
		name   string
		args   []string
		stdout string
		stderr string
		status int
	}{
		{"truncated zip", []string{"-in", truncated}, "", "truncated.zip: cannot be read as a ZIP archive (zip: not a valid zip file): download the export again", 1},
		{"zip bomb", []string{"-in", bomb(t)}, `{"spaces":2,"people":1,"posts":1,"comments":0,"reactions":0,"skipped":0,"already":0}` + "\n",
			"sns.Import: b/2024-04-01.json: is compressed more than 200 times, as zip bombs are: raise Limits.Ratio if it is genuine", 1},
		{"truncated mattermost", []string{"-format", "mattermost", "-in", cut}, `{"spaces":2,"people":2,"posts":1,"comments":1,"reactions":1,"skipped":0,"already":0}` + "\n",
			"sns.Import: cut.jsonl:8: cannot be read as Mattermost's JSON: unexpected end of JSON input", 1},
		{"no file", []string{"-in", filepath.Join(dir, "none.zip")}, "", "unavailable: open " + filepath.Join(dir, "none.zip") + ": no such file or directory", 1},
		{"a folder", []string{"-in", dir}, "", "is a directory", 1},
		{"not this format", []string{"-format", "engawa", "-in", cut}, `{"spaces":0,"people":0,"posts":0,"comments":0,"reactions":0,"skipped":0,"already":0}` + "\n",
			"sns.Import: cut.jsonl:1: version: source: must not be empty", 1},
		{"unknown format", []string{"-format", "teams", "-in", cut}, "", `the format "teams" is not known: use slack, mattermost or engawa (JSONL)`, 1},
		{"unknown database", []string{"-in", bomb(t), "-db", "oracle://x"}, "", `"oracle": the kind of database is not known: use sqlite:FILE, postgres://… or mysql://…`, 1},
		{"no postgres", []string{"-in", bomb(t), "-db", "postgres://u:secret@127.0.0.1:1/x"}, "", "the database does not answer: see whether it runs, and try again", 1},
		{"no mysql", []string{"-in", bomb(t), "-db", "mysql://u:secret@127.0.0.1:1/x"}, "", "the database does not answer: see whether it runs, and try again", 1},
		{"bad name", []string{"-in", bomb(t), "-db", "mysql://u:sec%ret@127.0.0.1:1/x"}, "", "the name of the database cannot be read: write mysql://", 1},
		{"dry run without postgres", []string{"-dry-run", "-in", bomb(t), "-db", "postgres://u:secret@127.0.0.1:1/x"}, "", "the database does not answer", 1},
		{"no arguments", nil, "", "-format", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "x.db")
			args := append([]string{"-db", "sqlite:" + db}, c.args...) // the last -db counts
			stdout, stderr, status := command(t, args...)
			if stdout != c.stdout || !strings.Contains(stderr, c.stderr) || status != c.status {
				t.Errorf("status %d\nstdout %q\nstderr %q\nwant   %q", status, stdout, stderr, c.stderr)
			}
			if c.status == 1 && strings.Count(stderr, "\n") != 1 {
				t.Errorf("more than a line: %q", stderr)
			}
			if strings.Contains(stderr, "secret") || strings.Contains(stderr, "sec%ret") {
				t.Errorf("tells the password: %q", stderr)
			}
			if c.stdout == "" || c.name == "not this format" {
				return
			}
			again, _, _ := command(t, args...)
			var report sns.ImportReport
			if _, err := fmt.Sscanf(c.stdout, `{"spaces":%d,"people":%d,"posts":%d,"comments":%d,"reactions":%d,`, &report.Spaces, &report.People, &report.Posts, &report.Comments, &report.Reactions); err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf(`"already":%d}`, count(report)); !strings.Contains(again, `{"spaces":0,"people":0,"posts":0,"comments":0,`) || !strings.Contains(again, want) {
				t.Errorf("what came before does not stay: %s, want %s", again, want)
			}
		})
	}
}

func TestDryRunMakesNoFile(t *testing.T) {
	db := filepath.Join(t.TempDir(), "x.db")
	stdout, stderr, status := command(t, "-dry-run", "-format", "mattermost", "-in", write(t, "x.jsonl", mattermost), "-db", "sqlite:"+db)
	if status != 0 || stdout != `{"spaces":2,"people":2,"posts":2,"comments":1,"reactions":1,"skipped":1,"already":0}`+"\n" {
		t.Error(status, stdout, stderr)
	}
	if _, err := os.Stat(db); !errors.Is(err, os.ErrNotExist) {
		t.Error("the dry run made the file:", err)
	}
}

func TestProgress(t *testing.T) {
	now := time.Unix(0, 0)
	var out bytes.Buffer
	p := &plain{w: &out, now: func() time.Time { now = now.Add(400 * time.Millisecond); return now }, last: now}
	for i := range 10 {
		p.show(sns.ImportReport{People: 3, Spaces: 2, Posts: 500 * i, Already: 1})
	}
	p.end()
	if want := "3 people, 2 spaces, 1000 posts, 0 comments, 1 already there\n3 people, 2 spaces, 2500 posts, 0 comments, 1 already there\n" +
		"3 people, 2 spaces, 4000 posts, 0 comments, 1 already there\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
	if _, ok := newProgress(&out).(*plain); !ok {
		t.Error("nobody watches a buffer")
	}
	var terminal bytes.Buffer
	s := newSpinner(&terminal)
	s.show(sns.ImportReport{People: 3, Posts: 500})
	s.end()
	if !strings.Contains(terminal.String(), "500 posts") {
		t.Errorf("%q", terminal.String())
	}
}

func TestOneLine(t *testing.T) {
	if got := oneLine(&engawa.Error{Op: "x", Err: errors.New("a:\n\tb\n\tc")}); got != "x: internal error: a: b c" {
		t.Error(got)
	}
}

// TestLargePrivateChannel takes in a private channel with more members than a space has keys.
func TestLargePrivateChannel(t *testing.T) {
	var members, users []string
	for i := range 150 {
		members = append(members, fmt.Sprintf("%q", fmt.Sprint("U", i)))
		users = append(users, fmt.Sprintf(`{"id":"U%d"}`, i))
	}
	in := slack(t, "users.json", "["+strings.Join(users, ",")+"]", "channels.json", "[]",
		"groups.json", `[{"id":"G1","name":"big","created":1711933200,"creator":"U1","members":[`+strings.Join(members, ",")+`]}]`,
		"big/2024-04-01.json", `[{"type":"message","user":"U1","text":"一","ts":"1711933300.000000"}]`)
	db := dbtest.On(t, bunstore.SQLite)
	var out, errs bytes.Buffer
	err := runOn(t.Context(), db.Config(nil), options{in: in, format: "slack", tenant: "main"}, &out, &errs)
	if want := `{"spaces":1,"people":150,"posts":1,"comments":0,"reactions":0,"skipped":0,"already":0}` + "\n"; err != nil || out.String() != want {
		t.Fatalf("%v: %s%s", err, out.String(), errs.String())
	}
	for who, sees := range map[string]bool{"U1": true, "U149": true, "stranger": false} {
		out.Reset()
		if err := runOn(t.Context(), db.Config(nil), options{read: who, tenant: "main"}, &out, &errs); err != nil || strings.Contains(out.String(), "[big]") != sees {
			t.Errorf("%s: %v: %s", who, err, out.String())
		}
	}
}
