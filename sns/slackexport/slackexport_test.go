package slackexport_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed/body"
	"github.com/engawa-sns/engawa/sns/jsonl"
	"github.com/engawa-sns/engawa/sns/slackexport"
)

var update = flag.Bool("update", false, "write testdata/company.jsonl anew")

func TestCompany(t *testing.T) {
	e, err := open(pack(t, company()...), slackexport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "company.jsonl")
	for range 2 { // a second run gives the same
		var got bytes.Buffer
		if err := jsonl.NewWriter(&got).WriteAll(e.Records()); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		skipped := map[string]int{"direct conversation": 2, "duplicate": 1, "empty message": 2, "file canvases.json": 1,
			"file integration_logs.json": 1, "file mode tombstone": 1, "file outside of channels": 2, "file without id": 1,
			"subtype channel_join": 1, "subtype channel_purpose": 1, "subtype huddle_thread": 1, "type reminder": 1}
		if diff := cmp.Diff(skipped, e.Skipped()); diff != "" {
			t.Errorf("skipped: -want +got\n%s", diff)
		}
	}
}

// references checks that everything a record refers to came before it.
func references(t *testing.T, records []jsonl.Record) (count map[string]int) {
	t.Helper()
	count = map[string]int{}
	people, spaces, posts, targets := map[string]bool{}, map[string]bool{}, map[string]string{}, map[string]bool{}
	needs := func(ok bool, what string, r jsonl.Record) {
		if !ok {
			t.Errorf("%s comes before its %s: %+v", r.Type(), what, r)
		}
	}
	said := func(text, author, space string, r jsonl.Record) {
		needs(people[author], "author", r)
		needs(spaces[space], "space", r)
		b, err := body.Parse(text)
		if err != nil {
			t.Errorf("%+v: %v", r, err)
		}
		for _, m := range b.Mentions {
			needs(people[m], "mention", r)
		}
	}
	for i, r := range records {
		count[r.Type()]++
		switch r := r.(type) {
		case jsonl.Version:
			needs(i == 0, "rest", r)
		case jsonl.Person:
			needs(!people[r.ID], "double", r)
			people[r.ID] = true
		case jsonl.Space:
			spaces[r.ID] = true
			for _, h := range r.Hosts {
				needs(people[h], "host", r)
			}
		case jsonl.Member:
			needs(people[r.Person] && spaces[r.Space], "person or space", r)
		case jsonl.Post:
			said(r.Body, r.Author, r.Space, r)
			posts[r.ID] = r.Space
			targets[jsonl.PostTarget(r.ID)] = true
		case jsonl.Comment:
			said(r.Body, r.Author, r.Space, r)
			needs(posts[r.Post] == r.Space, "post", r)
			targets[jsonl.CommentTarget(r.ID)] = true
		case jsonl.Reaction:
			needs(targets[r.Target] && (r.Person == "" || people[r.Person]), "target or person", r)
		}
	}
	return count
}

func TestRecordsComeAfterWhatTheyReferTo(t *testing.T) {
	e, err := open(pack(t, company()...), slackexport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records, err := drain(e)
	if err != nil {
		t.Fatal(err)
	}
	references(t, records)
}

func TestRealConversation(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "data", "conversation", "remote-control-project-slack.zip")
	if _, err := os.Stat(path); err != nil {
		t.Skip("the export of a real conversation is not here: ", err)
	}
	e, err := slackexport.OpenFile(path, slackexport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	records, err := drain(e)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"version": 1, "person": 4, "space": 10, "member": 40, "post": 2272, "comment": 259}
	if diff := cmp.Diff(want, references(t, records)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if n := len(e.Skipped()); n != 0 {
		t.Error(e.Skipped())
	}
}

func TestErrorsNameTheirPlace(t *testing.T) {
	const channels = `[{"id":"C1","name":"a"}]`
	const day = "[\n{\"type\":\"message\",\"user\":\"U1\",\"text\":\"一\",\"ts\":\"1711933300.000000\"},\n"
	for _, c := range []struct {
		name    string
		entries []entry
		want    string
		posts   int // yielded before
	}{
		{"no export", []entry{{"readme.txt", "x"}}, "export.zip: holds neither channels.json nor groups.json: is it an export from Slack?", 0},
		{"users", []entry{{"channels.json", channels}, {"users.json", "[\n\n{\"id\":3}]"}}, "users.json:3: cannot be read as Slack's JSON: json: cannot unmarshal number into Go struct field user.id of type string", 0},
		{"user without id", []entry{{"channels.json", channels}, {"users.json", "[\n{\"id\":\"\"}]"}}, "users.json:2: person: id: must not be empty", 0},
		{"channels", []entry{{"channels.json", "{}"}}, "channels.json:1: cannot be read as Slack's JSON: is no array", 0},
		{"channel twice", []entry{{"channels.json", channels}, {"groups.json", channels}}, "groups.json:1: is a channel whose id stood there before: export again", 0},
		{"empty file", []entry{{"channels.json", ""}}, "channels.json:1: cannot be read as Slack's JSON: EOF", 0},
		{"cut off", []entry{{"channels.json", channels}, {"a/2024-04-01.json", day + `{"type":"mess`}}, "a/2024-04-01.json:3: cannot be read as Slack's JSON: unexpected EOF", 1},
		{"no end", []entry{{"channels.json", channels}, {"a/2024-04-01.json", strings.TrimSuffix(day, ",\n")}}, "a/2024-04-01.json:2: cannot be read as Slack's JSON: EOF", 1},
		{"syntax", []entry{{"channels.json", channels}, {"a/2024-04-01.json", day + "\n{\"type\":,}\n]"}}, "a/2024-04-01.json:4: cannot be read as Slack's JSON: invalid character ',' looking for beginning of value", 1},
		{"type", []entry{{"channels.json", channels}, {"a/2024-04-01.json", day + "{\n\"ts\":{}}\n]"}}, "a/2024-04-01.json:4: cannot be read as Slack's JSON: json: cannot unmarshal object into Go struct field message.ts of type string", 1},
		{"ts", []entry{{"channels.json", channels}, {"a/2024-04-01.json", day + "{\"text\":\"x\",\"ts\":\"yesterday\"}]"}}, `a/2024-04-01.json:3: ts: must be a time such as "1356032811.000002"`, 1},
		{"time after 9999", []entry{{"channels.json", channels}, {"a/2024-04-01.json", day + "{\"text\":\"x\",\"ts\":\"999999999999.0\"}]"}}, "a/2024-04-01.json:3: post: published_at: must lie between 1970 and 2247", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := open(pack(t, c.entries...), slackexport.Options{})
			var records []jsonl.Record
			if err == nil {
				records, err = drain(e)
			}
			if err == nil || err.Error() != c.want || !errors.Is(err, engawa.Invalid) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			posts := 0
			for _, r := range records {
				if r.Type() == "post" {
					posts++
				}
			}
			if posts != c.posts {
				t.Errorf("%d posts came before, want %d", posts, c.posts)
			}
		})
	}
}

func TestBrokenArchives(t *testing.T) {
	whole := pack(t, entry{"channels.json", `[{"id":"C1","name":"a"}]`}, entry{"a/2024-04-01.json", strings.Repeat(" ", 9000) + "[]"})
	if _, err := open(whole[:len(whole)-30], slackexport.Options{}); !errors.Is(err, engawa.Invalid) || !strings.HasPrefix(err.Error(), "export.zip: cannot be read as a ZIP archive") {
		t.Error(err)
	}
	damaged := bytes.Clone(whole)
	at := bytes.Index(damaged, []byte("a/2024-04-01.json")) + len("a/2024-04-01.json")
	damaged[at+5] ^= 0xff
	e, err := open(damaged, slackexport.Options{})
	if err == nil {
		_, err = drain(e)
	}
	if !errors.Is(err, engawa.Invalid) || !strings.HasPrefix(err.Error(), "a/2024-04-01.json: cannot be unpacked") {
		t.Error(err)
	}
	if _, err := slackexport.OpenFile(filepath.Join(t.TempDir(), "none.zip"), slackexport.Options{}); !errors.Is(err, engawa.Unavailable) {
		t.Error(err)
	}
}

func TestLimits(t *testing.T) {
	channels := entry{"channels.json", `[{"id":"C1","name":"a"}]`}
	spaces := func(n int) string { return strings.Repeat(" ", n-2) + "[]" }
	for _, c := range []struct {
		name    string
		entries []entry
		limits  slackexport.Limits
		want    string
	}{
		{"entries", []entry{channels, {"a/1.json", "[]"}}, slackexport.Limits{Entries: 1}, "export.zip: holds 2 files: at most 1 are read"},
		{"entry", []entry{channels, {"a/1.json", spaces(1000)}}, slackexport.Limits{EntryBytes: 999}, "a/1.json: is larger than 999 bytes"},
		{"channel", []entry{channels, {"a/1.json", spaces(600)}, {"a/2.json", spaces(600)}}, slackexport.Limits{ChannelBytes: 1000}, "a/2.json: takes its channel over 1000 bytes"},
		{"total", []entry{channels, {"a/1.json", spaces(600)}, {"a/2.json", spaces(600)}}, slackexport.Limits{TotalBytes: 1000}, "a/2.json: takes the export over 1000 bytes"},
		{"text", []entry{channels, {"a/1.json", `[{"ts":"1711933300.0","text":"` + strings.Repeat("a", jsonl.MaxBody+1) + `"}]`}}, slackexport.Limits{Ratio: 10000}, "a/1.json:1: has a text of 524289 bytes"},
		{"bomb", []entry{channels, {"a/1.json", spaces(8 << 20)}}, slackexport.Limits{}, "a/1.json: is compressed more than 200 times"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := open(pack(t, c.entries...), slackexport.Options{Limits: c.limits})
			if err == nil {
				_, err = drain(e)
			}
			if !errors.Is(err, engawa.TooLarge) || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestLyingSizes has an archive whose directory states a smaller size than the entry unpacks to.
func TestLyingSizes(t *testing.T) {
	b := pack(t, entry{"channels.json", `[{"id":"C1","name":"a"}]`}, entry{"a/1.json", strings.Repeat(" ", 4<<20) + "[]"})
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	size := r.File[1].UncompressedSize64
	honest := []byte{byte(size), byte(size >> 8), byte(size >> 16), byte(size >> 24)}
	b = bytes.ReplaceAll(b, honest, []byte{100, 0, 0, 0})
	e, err := open(b, slackexport.Options{Limits: slackexport.Limits{EntryBytes: 1 << 20}})
	if err == nil {
		_, err = drain(e)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "a/1.json: ") {
		t.Error(err)
	}
}

func TestStopsWhenTold(t *testing.T) {
	e, err := open(pack(t, company()...), slackexport.Options{Source: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 40 {
		got := 0
		for range e.Records() {
			if got == n {
				break
			}
			got++
		}
	}
}

func TestFolderInsideTheArchive(t *testing.T) {
	entries := []entry{{"export/", ""}, {"other/x.json", "["}}
	for _, e := range company() {
		entries = append(entries, entry{"export/" + e.name, e.text})
	}
	e, err := open(pack(t, entries...), slackexport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if records, err := drain(e); err != nil || len(records) < 30 {
		t.Error(len(records), err)
	}
}

func FuzzExport(f *testing.F) {
	f.Add(`[{"type":"message","user":"U1","text":"*a*","ts":"1711933300.000000"}]`, `[{"id":"C1","name":"a","members":["U1"]}]`)
	f.Add(company()[11].text, company()[2].text)
	f.Fuzz(func(t *testing.T, day, channels string) {
		e, err := open(pack(t, entry{"channels.json", channels}, entry{"a/1.json", day}), slackexport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := jsonl.NewWriter(&b).WriteAll(e.Records()); err != nil && !errors.Is(err, engawa.Invalid) && !errors.Is(err, engawa.TooLarge) {
			t.Errorf("%q, %q: %v", day, channels, err)
		}
	})
}

func ExampleOpen() {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"users.json":              `[{"id":"U1","team_id":"T1","name":"tanaka","profile":{"real_name":"田中 恵"}}]`,
		"channels.json":           `[{"id":"C1","name":"general","members":["U1"],"purpose":{"value":"全社"}}]`,
		"general/2024-04-01.json": `[{"type":"message","user":"U1","text":"*おはよう*ございます","ts":"1711933213.000200"}]`,
	} {
		w, _ := z.Create(name)
		_, _ = w.Write([]byte(text))
	}
	_ = z.Close()

	export, err := slackexport.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), slackexport.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for record, err := range export.Records() {
		if err != nil {
			fmt.Println(err)
			return
		}
		if post, ok := record.(jsonl.Post); ok {
			fmt.Println(post.ID, post.PublishedAt.Format("2006-01-02"), post.Body)
		}
	}
	fmt.Println(len(export.Skipped()), "skipped")
	// Output:
	// C1/1711933213.000200 2024-04-01 **おはよう**ございます
	// 0 skipped
}
