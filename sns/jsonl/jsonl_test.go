package jsonl_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

func read(text string) (records []jsonl.Record, err error) {
	for r, err := range jsonl.NewReader(strings.NewReader(text), "export.jsonl").All() {
		if err != nil {
			return records, err
		}
		records = append(records, r)
	}
	return records, nil
}

func everything() []jsonl.Record {
	at := time.Date(2024, 4, 1, 0, 0, 13, 123456000, time.UTC)
	files := []jsonl.Attachment{{Ref: "F1", Name: "議事録.pdf", MediaType: "application/pdf", Size: 12}}
	return []jsonl.Record{
		jsonl.Version{Version: 1, Source: "slack:T1", Generator: "test"},
		jsonl.Hours{Person: "U1", Hours: []byte(`{"zone":"Asia/Tokyo"}`)},
		jsonl.Template{ID: "t1", Space: "C1", Name: "商談", Kind: "update", Body: "{{客}}", Example: "例", Place: 2, By: "U1", At: at},
		jsonl.Duty{Space: "C1", Person: "U1", AskedBy: "U2", At: at},
		jsonl.Notices{Person: "U1", Channels: map[string][]string{"mention": {"inbox", "mail"}, "reply": {}}, Digest: "daily"},
		jsonl.Status{Post: "1", What: "accepted", By: "U1", At: at, Entry: "2", Person: "U2"},
		jsonl.Ack{Post: "1", Edition: 2, Person: "U1", At: at},
		jsonl.Vote{Post: "1", Choices: []int{0, 2}, Person: "U1", At: at},
		jsonl.Vote{Post: "1", Choices: []int{1}, Count: 7},
		jsonl.Block{Person: "U1", Blocked: "U2", At: at},
		jsonl.Mute{Person: "U1", Muted: "U2", At: at},
		jsonl.Mute{Person: "U1", Post: "1"},
		jsonl.Mute{Person: "U1", Space: "C1", At: at},
		jsonl.Bookmark{Person: "U1", Post: "1", At: at},
		jsonl.Watch{Person: "U1", Post: "1", At: at},
		jsonl.Watch{Person: "U1", Tag: "提案", At: at},
		jsonl.Retention{Days: 365, By: "U1", At: at},
		jsonl.Retention{Space: "C1", At: at},
		jsonl.Hold{Space: "C1", Person: "U1", Why: "係争", By: "U2", At: at, Lifted: &jsonl.Retracted{By: "U2", At: at}},
		jsonl.Hold{Why: "調査", At: at},
		jsonl.Reminder{Person: "U1", Post: "1", At: at},
		jsonl.Receipts{Person: "U1", Rule: "hidden"},
		jsonl.Receipts{Rule: "shown"},
		jsonl.Post{ID: "8", Space: "C1", Body: "<@former> x", PublishedAt: at},
		jsonl.Comment{ID: "7", Space: "C1", Post: "8", Body: "はい", PublishedAt: at},
		jsonl.Policy{File: "p.yaml", Source: "name: x\n# 標準\n"},
		jsonl.Report{Person: "U1", Target: "post:1", Clause: "3", Why: "つらい", At: at},
		jsonl.Strike{Person: "U1", Grade: 2, At: at, Until: at, Lifted: at},
		jsonl.Guideline{Title: "約束", Kind: "mandatory", Lang: "ja", Asks: "before_posting", Org: "sales", Text: []byte(`{"clauses":[{"id":"a"}]}`)},
		jsonl.Guideline{Title: "約束", Kind: "guide", Lang: "en", Space: "C1", Text: []byte(`{"clauses":[]}`)},
		jsonl.Acceptance{Person: "U1", Receipt: "R1", Title: "約束", Version: 2, Hash: "00ff", Text: []byte(`{"clauses":[{"id":"a"}]}`), At: at},
		jsonl.Synonyms{From: []string{"年休", "有給"}, By: "U1", At: at},
		jsonl.Synonyms{From: []string{"PC"}, To: []string{"端末"}},
		jsonl.Word{Text: "縁側商事", Reading: "えんがわしょうじ", By: "U1", At: at},
		jsonl.SavedSearch{Person: "U1", Name: "稟議", Query: "稟議 from:U2 in:C1", NotifySince: at, At: at},
		jsonl.Gap{Person: "U1", Text: "社食", Month: "2024-04"},
		jsonl.Gap{Person: "U1", Text: "社食", Answer: "post:1", At: at},
		jsonl.Learning{Person: "U1", Course: "はじめての投稿", Round: 2, At: at, Steps: []string{"post"}, Completed: []time.Time{at}},
		jsonl.Seat{Person: "U1", Session: "s1", Day: "2024-04-01", Waiting: true, At: at, Attended: at},
		jsonl.Offer{Person: "U1", Kind: "refresher", Clause: "3", Reason: "changed", At: at, Answered: at, Take: "taken", Score: 3, Note: "メモ\n二行"},
		jsonl.Post{ID: "9", Space: "C1", Author: "U1", Kind: "poll", Body: "x", Details: []byte(`{"options":["a","<b>"]}`), PublishedAt: at},
		jsonl.Person{ID: "U1", Display: "田中 恵", Reading: "たなか めぐみ"},
		jsonl.Person{ID: "bot:B1", Left: true, Bot: true},
		jsonl.Space{ID: "C1", Name: "全社", Why: "皆で", For: "連絡", NotFor: "<雑談>", Join: jsonl.JoinInvite, Secret: true, Archived: true,
			Access: []jsonl.Access{{Kind: jsonl.AccessEveryone}, {Kind: jsonl.AccessOrgBelow, Value: "sales"}, {Kind: jsonl.AccessRank, Value: "5"}, {Kind: jsonl.AccessPerson}},
			Hosts:  []string{"U1"}, CreatedAt: at, CreatedBy: "U1"},
		jsonl.Member{Space: "C1", Person: "U1", Host: true, At: at},
		jsonl.Post{ID: "1", Space: "C1", Author: "U1", Kind: "update", Body: "<@U1>\n**&**", PublishedAt: at, EditedAt: at, ExpiresAt: at, Attachments: files},
		jsonl.Comment{ID: "2", Space: "C1", Post: "1", Parent: "x", Author: "U1", Body: "はい", PublishedAt: at, EditedAt: at, Attachments: files},
		jsonl.Reaction{Target: jsonl.PostTarget("1"), Reaction: "+1", Person: "U1", At: at},
		jsonl.Reaction{Target: jsonl.CommentTarget("2"), Reaction: "tada", Count: 3},
		jsonl.Kind{Name: "ahiru", JA: "あひる", EN: "Duck", Image: &jsonl.Image{Ref: "S1", MediaType: "image/png", Bytes: 9, Width: 2, Height: 1}, Score: "positive", Retired: at, Imported: true},
		jsonl.Reaction{Target: "ringi:1", Reaction: "ahiru", Person: "U1"},
		jsonl.Thanks{ID: "3", From: "U1", To: []jsonl.Share{{Person: "U2", Points: 3, Damped: 1}, {}}, Target: jsonl.PostTarget("1"), Message: "資料", Value: "wa", At: at},
	}
}

func TestRoundTrip(t *testing.T) {
	var b strings.Builder
	w := jsonl.NewWriter(&b)
	for _, r := range everything() {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as written": b.String(), "byte order mark": "\ufeff" + b.String(), "CRLF": strings.ReplaceAll(b.String(), "\n", "\r\n"),
		"no last line end": strings.TrimSuffix(b.String(), "\n"), "empty lines": strings.ReplaceAll(b.String(), "\n", "\n\n \n"),
	} {
		got, err := read(text)
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(everything(), got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
	if !strings.Contains(b.String(), `"body":"<@U1>\n**&**","published_at":"2024-04-01T00:00:13.123456Z"`) {
		t.Error(b.String())
	}
}

const head = `{"type":"version","version":1,"source":"s"}` + "\n"

func TestReaderErrors(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		kind             engawa.Kind
		before           int
	}{
		{"empty", "", `export.jsonl:1: the first line must be the version, such as {"type":"version","version":1,"source":"main"}`, engawa.Invalid, 0},
		{"no version", `{"type":"person","id":"a"}`, `export.jsonl:1: the first line must be the version, such as {"type":"version","version":1,"source":"main"}`, engawa.Invalid, 0},
		{"later version", `{"type":"version","version":5,"source":"s","new":1}`, "export.jsonl:1: version: version: is 5: this program reads version 4: update engawa, or export again in that version", engawa.Invalid, 0},
		{"second version", head + head, "export.jsonl:2: the version stands on the first line only", engawa.Invalid, 1},
		{"cut off", head + "{\"type\":\"person\",\"id\":\"a\"}\n{\"type\":\"post\",\"id\":\"1", "export.jsonl:3: cannot be read as a JSON object: unexpected end of JSON input", engawa.Invalid, 2},
		{"array", head + "[]", "export.jsonl:2: cannot be read as a JSON object: json: cannot unmarshal array into Go value of type jsonl.typed", engawa.Invalid, 1},
		{"two objects", head + `{"type":"person","id":"a"}{}`, "export.jsonl:2: cannot be read as a JSON object: invalid character '{' after top-level value", engawa.Invalid, 1},
		{"unknown type", head + `{"type":"poll"}`, `export.jsonl:2: there is no type "poll"`, engawa.Invalid, 1},
		{"unknown field", head + "\n" + `{"type":"person","id":"a","email":"x"}`, `export.jsonl:3: cannot be read as a JSON object: json: unknown field "email"`, engawa.Invalid, 1},
		{"wrong type", head + `{"type":"person","id":3}`, "export.jsonl:2: cannot be read as a JSON object: json: cannot unmarshal number into Go struct field .Person.id of type string", engawa.Invalid, 1},
		{"time", head + `{"type":"member","space":"a","person":"b","at":"1969-01-01T00:00:00Z"}`, "export.jsonl:2: member: at: must lie between 1970 and 2247", engawa.Invalid, 1},
		{"no time", head + `{"type":"post","id":"a","space":"b","author":"c"}`, "export.jsonl:2: post: published_at: must lie between 1970 and 2247", engawa.Invalid, 1},
		{"several fields", head + `{"type":"space","join":"x","access":[{"kind":"rank","value":"高"},{"kind":"everyone","value":"x"},{"kind":"?","value":"x"}]}`,
			`export.jsonl:2: space: id: must not be empty; name: must not be empty; join: must be one of: auto, open, invite; access[0].value: must be a whole number that is not negative, in quotes; ` +
				`access[1].value: must be left out where kind is "everyone"; access[2].kind: must be one of: everyone, org, org_below, rank, role, person`, engawa.Invalid, 1},
		{"reaction", head + `{"type":"reaction","target":"space:1","reaction":"a","person":"b","count":2}`, `export.jsonl:2: reaction: target: must be "post:ID", "comment:ID" or the host's "KIND:ID"; person: needs either a person or a count, and not both`, engawa.Invalid, 1},
		{"saved search", head + `{"type":"saved_search","person":"a","name":"x"}`, "export.jsonl:2: saved_search: query: must not be empty", engawa.Invalid, 1},
		{"synonyms", head + `{"type":"synonyms","from":[]}`, "export.jsonl:2: synonyms: from: must not be empty", engawa.Invalid, 1},
		{"month", head + `{"type":"gap","person":"a","month":"2024-13"}`, "export.jsonl:2: gap: month: must be a month such as 2026-04", engawa.Invalid, 1},
		{"NUL", head + `{"type":"person","id":"a\u0000"}`, "export.jsonl:2: person: id: holds a control character (U+0000): remove it", engawa.Invalid, 1},
		{"not UTF-8", head + "{\"type\":\"person\",\"id\":\"\xff\"}", "export.jsonl:2: is not valid UTF-8: convert the file first", engawa.Invalid, 1},
		{"long id", head + `{"type":"person","id":"` + strings.Repeat("a", 129) + `"}`, "export.jsonl:2: person: id: is 129 bytes long: at most 128 are allowed", engawa.TooLarge, 1},
		{"long line", head + `{"type":"person","id":"a` + strings.Repeat(" ", jsonl.MaxLine) + `"}`, "export.jsonl:2: is longer than 1048576 bytes", engawa.TooLarge, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(c.text)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if !errors.Is(err, c.kind) || len(got) != c.before {
				t.Errorf("%v after %d records, want %v after %d", engawa.KindOf(err), len(got), c.kind, c.before)
			}
		})
	}
}

func TestReaderBreaks(t *testing.T) {
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken))
	n := 0
	for _, err := range jsonl.NewReader(r, "x").All() {
		if n++; n == 2 && (!errors.Is(err, broken) || !errors.Is(err, engawa.Unavailable)) {
			t.Error(err)
		}
	}
	if n != 2 {
		t.Errorf("%d steps", n)
	}
	for range jsonl.NewReader(strings.NewReader(head+head), "x").All() {
		break
	}
}

func TestWriterRefuses(t *testing.T) {
	var b strings.Builder
	w := jsonl.NewWriter(&b)
	v := jsonl.Version{Version: 1, Source: "s"}
	for _, step := range []struct {
		record jsonl.Record
		want   string
	}{
		{jsonl.Person{ID: "a"}, "record 1: the first line must be"},
		{jsonl.Version{Version: 5, Source: "s"}, "record 1: version: version: is 5"},
		{v, ""},
		{v, "record 2: the version stands on the first line only"},
		{jsonl.Person{}, "record 2: person: id: must not be empty"},
		{jsonl.Post{ID: "1", Space: "s", Author: "a", PublishedAt: time.Unix(0, 0), Body: strings.Repeat("\t", jsonl.MaxBody)}, "record 2: is longer than"},
		{jsonl.Person{ID: "a"}, ""},
	} {
		err := w.Write(step.record)
		if step.want == "" != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), step.want) {
			t.Errorf("%T: %v, want %s", step.record, err, step.want)
		}
	}
	if err := w.Flush(); err != nil || strings.Count(b.String(), "\n") != 2 {
		t.Errorf("%v, %q", err, b.String())
	}
}

func FuzzReader(f *testing.F) {
	var b strings.Builder
	w := jsonl.NewWriter(&b)
	for _, r := range everything() {
		_ = w.Write(r)
	}
	_ = w.Flush()
	f.Add(b.String())
	f.Add(head + `{"type":"person","id":"a"}`)
	f.Fuzz(func(t *testing.T, text string) {
		records, err := read(text)
		if err != nil && !errors.Is(err, engawa.Invalid) && !errors.Is(err, engawa.TooLarge) {
			t.Errorf("%q: %v", text, err)
		}
		var b strings.Builder
		w := jsonl.NewWriter(&b)
		for _, r := range records {
			if err := w.Write(r); err != nil {
				t.Fatalf("%q: was read and cannot be written: %v", text, err)
			}
		}
		_ = w.Flush()
		if len(records) == 0 {
			return
		}
		again, err := read(b.String())
		if diff := cmp.Diff(records, again); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", text, err, diff)
		}
	})
}

func Example() {
	w := jsonl.NewWriter(os.Stdout)
	at := time.Date(2024, 4, 1, 9, 0, 0, 0, time.UTC)
	for _, r := range []jsonl.Record{
		jsonl.Version{Version: jsonl.CurrentVersion, Source: "main"},
		jsonl.Person{ID: "tanaka", Display: "田中 恵"},
		jsonl.Space{ID: "all", Name: "全社", Access: []jsonl.Access{{Kind: jsonl.AccessEveryone}}},
		jsonl.Post{ID: "1", Space: "all", Author: "tanaka", Body: "はじめまして", PublishedAt: at},
	} {
		if err := w.Write(r); err != nil {
			fmt.Println(err)
		}
	}
	if err := w.Flush(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"type":"version","version":4,"source":"main"}
	// {"type":"person","id":"tanaka","display":"田中 恵"}
	// {"type":"space","id":"all","name":"全社","access":[{"kind":"everyone"}]}
	// {"type":"post","id":"1","space":"all","author":"tanaka","body":"はじめまして","published_at":"2024-04-01T09:00:00Z"}
}

func ExampleReader() {
	file := strings.NewReader(`{"type":"version","version":1,"source":"main"}
{"type":"person","id":"tanaka","display":"田中 恵"}
{"type":"post","id":"1","space":"all"`)
	for record, err := range jsonl.NewReader(file, "export.jsonl").All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		switch r := record.(type) {
		case jsonl.Person:
			fmt.Println(r.ID, r.Display)
		}
	}
	// Output:
	// tanaka 田中 恵
	// export.jsonl:3: cannot be read as a JSON object: unexpected end of JSON input
}

// A line that begins with its type is read as one that has it elsewhere, and refused for the same reasons.
func TestReaderFindsTheType(t *testing.T) {
	const head = `{"type":"version","version":1,"source":"x"}` + "\n"
	const post = `"id":"1","space":"C1","author":"U1","body":"x","published_at":"2024-04-01T00:00:00Z"`
	const comment = `"id":"2","post":"1","space":"C1","author":"U1","body":"x","published_at":"2024-04-01T00:00:00Z"`
	for _, c := range []struct {
		name, first, last string
	}{
		{"a post", `{"type":"post",` + post + `}`, `{` + post + `,"type":"post"}`},
		{"a comment", `{"type":"comment",` + comment + `}`, `{` + comment + `,"type":"comment"}`},
		{"a field that is not known", `{"type":"post",` + post + `,"x":1}`, `{` + post + `,"x":1,"type":"post"}`},
		{"a field of the wrong type", `{"type":"post","id":1}`, `{"id":1,"type":"post"}`},
		{"something behind", `{"type":"post",` + post + `} {}`, `{` + post + `,"type":"post"} {}`},
		{"half a line", `{"type":"post",` + post, `{` + post + `,"type":"post"`},
		{"a record that is not valid", `{"type":"post","id":"1"}`, `{"id":"1","type":"post"}`},
		{"another type in the end", `{"type":"post",` + comment + `,"type":"comment"}`, `{` + comment + `,"type":"comment"}`},
	} {
		first, firstErr := read(head + c.first + "\n")
		last, lastErr := read(head + c.last + "\n")
		if diff := cmp.Diff(last, first); diff != "" || (firstErr == nil) != (lastErr == nil) || engawa.KindOf(firstErr) != engawa.KindOf(lastErr) {
			t.Errorf("%s: %v, %v and %v, %v", c.name, first, firstErr, last, lastErr)
		}
	}
	if records, err := read(head + `{"type":"post",` + comment + `,"type":"comment"}`); err != nil || len(records) != 2 || records[1].Type() != "comment" {
		t.Errorf("the last type counts: %v, %v", records, err)
	}
}
