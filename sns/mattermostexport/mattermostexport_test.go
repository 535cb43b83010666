package mattermostexport_test

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
	"github.com/engawa-sns/engawa/sns/mattermostexport"
)

var update = flag.Bool("update", false, "write testdata/company.jsonl anew")

// company is an export that holds every shape that Mattermost's have.
const company = `{"type":"version","version":1,"info":{"generator":"mattermost-server","version":"9.11.0","created":"2024-05-01T00:00:00Z"}}
{"type":"role","role":{"name":"system_admin"}}
{"type":"scheme","scheme":{"name":"s"}}
{"type":"emoji","emoji":{"name":"engawa","image":"data/emoji/1"}}
{"type":"team","team":{"name":"main","display_name":"本社","type":"O","description":""}}
{"type":"team","team":{"name":"labo","display_name":"研究所","type":"I"}}
{"type":"channel","channel":{"team":"main","name":"town-square","display_name":"タウンスクエア","type":"O","header":"見出し","purpose":""}}
{"type":"channel","channel":{"team":"main","name":"dev","display_name":"開発","type":"O","header":"h","purpose":"作る人の **場所** @tanaka"}}
{"type":"channel","channel":{"team":"main","name":"hr","display_name":"人事","type":"P"}}
{"type":"channel","channel":{"team":"labo","name":"town-square","display_name":"研究所の広場","type":"O"}}
{"type":"channel","channel":{"team":"labo","name":"old","display_name":"","type":"O","deleted_at":1711933200000}}
{"type":"user","user":{"username":"tanaka","email":"t@example.com","auth_service":null,"nickname":"","first_name":"恵","last_name":"田中","position":"","roles":"system_user","locale":"ja","delete_at":0,"teams":[{"name":"main","roles":"team_user","channels":[{"name":"town-square","roles":"channel_user channel_admin","notify_props":{"desktop":"default"}},{"name":"dev","roles":"channel_user"},{"name":"hr","roles":"channel_admin channel_user"},{"name":"gone","roles":"channel_user"}]}]}}
{"type":"user","user":{"username":"sato.k","nickname":"けん","first_name":"Ken","last_name":"Sato","locale":"en","teams":[{"name":"main","channels":[{"name":"hr","roles":"channel_user"}]},{"name":"labo"}]}}
{"type":"user","user":{"username":"suzuki","nickname":"鈴木","locale":"ja","delete_at":1711933200000,"teams":null}}
{"type":"bot","bot":{"username":"deploy","owner":"tanaka","display_name":"配備","delete_at":0}}
{"type":"post","post":{"team":"main","channel":"town-square","user":"tanaka","type":"","message":"# おはよう\n@sato.k さん、~dev へ :tada:","props":{},"create_at":1711933213000,"edit_at":1711933230000,"flagged_by":["sato.k"],"is_pinned":true,"reactions":[{"user":"sato.k","emoji_name":"+1_medium_light_skin_tone","create_at":1711933214000},{"user":"sato.k","emoji_name":"+1","create_at":1711933215000},{"user":"ghost","emoji_name":"engawa"},{"user":"","emoji_name":"x"}],"replies":[{"user":"suzuki","message":"後の返信","create_at":1711933260000,"edit_at":0,"reactions":[{"user":"tanaka","emoji_name":"eyes","create_at":1711933261000}],"attachments":[]},{"user":"sato.k","message":"先の返信 @nobody","create_at":1711933250000}],"attachments":[{"path":"data/20240401/teams/noteam/channels/abcdefghijklmnopqrstuvwxyz/users/abcdefghijklmnopqrstuvwxyz/fileidfileidfileidfileid26/議事録.pdf"},{"path":"a.txt"},{"path":""}]}}
{"type":"post","post":{"team":"main","channel":"town-square","user":"suzuki","type":"system_join_channel","message":"suzuki joined","create_at":1711933201000}}
{"type":"post","post":{"team":"main","channel":"town-square","user":"tanaka","message":"  ","create_at":1711933202000,"replies":null}}
{"type":"post","post":{"team":"main","channel":"dev","user":"deploy","type":"slack_attachment","message":"","props":{"from_bot":"true","attachments":[{"pretext":"前","title":"題","title_link":"https://x.example/1","text":"_本文_","fields":[{"title":"状態","value":"赤","short":true},{"title":"数","value":3}],"fallback":"x"},{"fallback":"代替"},{"title":"見出し"}]},"create_at":1711933300000}}
{"type":"post","post":{"team":"main","channel":"dev","user":"tanaka","message":"","create_at":1711933301000,"replies":[{"user":"sato.k","message":"根のない返信二","create_at":1711933303000},{"user":"tanaka","message":"根のない返信一","create_at":1711933302000}]}}
{"type":"post","post":{"team":"main","channel":"dev","user":"guest","type":"me","message":"同じ","props":"odd","create_at":1711933305000}}
{"type":"post","post":{"team":"main","channel":"dev","user":"guest","message":"違う","create_at":1711933305000}}
{"type":"post","post":{"team":"main","channel":"hr","user":"sato.k","message":"候補者について","create_at":1711933500000}}
{"type":"post","post":{"team":"labo","channel":"old","user":"suzuki","message":"昔の話 ~town-square","create_at":1611933500000}}
{"type":"post","post":{"team":"labo","channel":"gone","user":"suzuki","message":"x","create_at":1611933500000}}

{"type":"channel","channel":{"team":"main","name":"late","display_name":"遅い","type":"O"}}
{"type":"user","user":{"username":"late","teams":[{"name":"main","channels":[{"name":"late"}]}]}}
{"type":"direct_channel","direct_channel":{"members":["tanaka","sato.k"]}}
{"type":"direct_post","direct_post":{"channel_members":["tanaka","sato.k"],"user":"tanaka","message":"秘密","create_at":1711933600000}}
{"type":"topical_thread","topical_thread":{}}
`

func open(text string, opts mattermostexport.Options) (*mattermostexport.Export, error) {
	return mattermostexport.Open(strings.NewReader(text), int64(len(text)), opts)
}

// pack is a ZIP of files by name and text.
func pack(t testing.TB, entries ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.Create(entries[i])
		if err == nil {
			_, err = w.Write([]byte(entries[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// drain reads everything up to the first error.
func drain(e *mattermostexport.Export) (records []jsonl.Record, err error) {
	for r, err := range e.Records() {
		if err != nil {
			return records, err
		}
		records = append(records, r)
	}
	return records, nil
}

func TestCompany(t *testing.T) {
	golden := filepath.Join("testdata", "company.jsonl")
	for name, text := range map[string]string{
		"plain": "\ufeff" + company,
		"zip":   pack(t, "data/1/evil.jsonl", "not even JSON", "import.jsonl", company, "data/2/x.pdf", "x"),
		"crlf":  strings.ReplaceAll(company, "\n", "\r\n"),
	} {
		e, err := open(text, mattermostexport.Options{})
		if err != nil {
			t.Fatal(err)
		}
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
				t.Errorf("%s: -want +got\n%s", name, diff)
			}
			skipped := map[string]int{"direct channel": 1, "direct post": 1, "emoji": 1, "empty message": 2, "file without path": 1,
				"membership of an unknown channel": 1, "post in an unknown channel": 1, "reaction without name or user": 1, "role": 1,
				"scheme": 1, "system message": 1, "type topical_thread": 1}
			if diff := cmp.Diff(skipped, e.Skipped()); diff != "" {
				t.Errorf("%s: skipped: -want +got\n%s", name, diff)
			}
		}
	}
}

func TestRecordsComeAfterWhatTheyReferTo(t *testing.T) {
	e, err := open(company, mattermostexport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records, err := drain(e)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	needs := func(r jsonl.Record, kind, id string) {
		if !seen[kind+" "+id] {
			t.Errorf("%s %s comes before its %s", r.Type(), id, kind)
		}
	}
	notes := func(kind, id string) {
		if seen[kind+" "+id] {
			t.Errorf("%s %s comes twice", kind, id)
		}
		seen[kind+" "+id] = true
	}
	mentions := func(r jsonl.Record, text string) {
		b, err := body.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		for _, m := range b.Mentions {
			needs(r, "person", m)
		}
	}
	for _, record := range records {
		switch r := record.(type) {
		case jsonl.Person:
			notes("person", r.ID)
		case jsonl.Space:
			notes("space", r.ID)
			mentions(r, r.Why)
			for _, h := range r.Hosts {
				needs(r, "person", h)
			}
		case jsonl.Member:
			needs(r, "space", r.Space)
			needs(r, "person", r.Person)
		case jsonl.Post:
			notes("message", r.ID)
			seen["post:"+r.ID+" "] = true
			needs(r, "space", r.Space)
			needs(r, "person", r.Author)
			mentions(r, r.Body)
		case jsonl.Comment:
			notes("message", r.ID)
			seen["comment:"+r.ID+" "] = true
			needs(r, "message", r.Post)
			needs(r, "person", r.Author)
			mentions(r, r.Body)
		case jsonl.Reaction:
			needs(r, r.Target, "")
			needs(r, "person", r.Person)
		}
	}
}

// TestIDsStay finds the same ids in an export that was made later, in another order.
func TestIDsStay(t *testing.T) {
	ids := func(text string) map[string]string {
		e, err := open(text, mattermostexport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		records, err := drain(e)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, r := range records {
			switch r := r.(type) {
			case jsonl.Post:
				out[r.Space+r.Body+r.PublishedAt.String()] = r.ID
			case jsonl.Comment:
				out[r.Space+r.Body+r.PublishedAt.String()] = r.ID
			}
		}
		return out
	}
	lines := strings.SplitAfter(company, "\n")
	for i, j := 15, 23; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	first, second := ids(company), ids(strings.Join(lines, ""))
	if diff := cmp.Diff(first, second); diff != "" || len(first) != 10 {
		t.Errorf("%d messages, -first +second\n%s", len(first), diff)
	}
	unique := map[string]bool{}
	for _, id := range first {
		unique[id] = true
	}
	if len(unique) != len(first) {
		t.Error("two messages have one id")
	}
}

const version = `{"type":"version","version":1}` + "\n"

func TestErrorsNameTheirPlace(t *testing.T) {
	const talk = version + `{"type":"channel","channel":{"team":"t","name":"c","type":"O"}}` + "\n" +
		`{"type":"post","post":{"team":"t","channel":"c","user":"u","message":"一","create_at":1711933213000}}` + "\n"
	for _, c := range []struct {
		name, text, want string
		kind             engawa.Kind
		posts            int
	}{
		{"empty", "", "x.jsonl:1: the first line must be the version", engawa.Invalid, 0},
		{"no version", `{"type":"team","team":{"name":"t"}}`, "x.jsonl:1: the first line must be the version", engawa.Invalid, 0},
		{"another export", `[{"id":"U1"}]`, "x.jsonl:1: cannot be read as Mattermost's JSON: json: cannot unmarshal array", engawa.Invalid, 0},
		{"later version", `{"type":"version","version":2}`, "x.jsonl:1: is a version 2 of the format: this program reads version 1", engawa.Invalid, 0},
		{"version twice", version + version, "x.jsonl:2: the version stands on the first line only", engawa.Invalid, 0},
		{"no type", version + "{}", "x.jsonl:2: has no type", engawa.Invalid, 0},
		{"nothing", version + `{"type":"user"}`, `x.jsonl:2: has the type "user" and no "user"`, engawa.Invalid, 0},
		{"user twice", version + strings.Repeat(`{"type":"user","user":{"username":"u"}}`+"\n", 2), "x.jsonl:3: is a user who stood there before: export again", engawa.Invalid, 0},
		{"user without name", version + `{"type":"user","user":{}}`, "x.jsonl:2: person: id: must not be empty", engawa.Invalid, 0},
		{"channel twice", version + strings.Repeat(`{"type":"channel","channel":{"team":"t","name":"c"}}`+"\n", 2), "x.jsonl:3: is a channel that stood there before: export again", engawa.Invalid, 0},
		{"cut off", talk + `{"type":"post","post":{"team":"t","ch`, "x.jsonl:4: cannot be read as Mattermost's JSON: unexpected end of JSON input", engawa.Invalid, 1},
		{"type of field", talk + "\n" + `{"type":"post","post":{"team":3}}`, "x.jsonl:5: cannot be read as Mattermost's JSON: json: cannot unmarshal number", engawa.Invalid, 1},
		{"not UTF-8", talk + "{\"type\":\"po\xffst\"}", "x.jsonl:4: is not valid UTF-8: export again", engawa.Invalid, 1},
		{"no time", talk + `{"type":"post","post":{"team":"t","channel":"c","user":"u","message":"二"}}`, "x.jsonl:4: create_at: must be a time in milliseconds since 1970", engawa.Invalid, 1},
		{"time after 9999", talk + `{"type":"post","post":{"team":"t","channel":"c","user":"u","message":"二","create_at":999999999999999}}`, "x.jsonl:4: post: published_at: must lie between 1970 and 2247", engawa.Invalid, 1},
		{"reply without time", talk + `{"type":"post","post":{"team":"t","channel":"c","user":"u","message":"二","create_at":1711933213000,"replies":[{"message":"三"}]}}`, "x.jsonl:4: create_at: must be", engawa.Invalid, 2},
		{"long text", talk + `{"type":"post","post":{"team":"t","channel":"c","user":"u","message":"` + strings.Repeat("x", jsonl.MaxBody+1) + `","create_at":1711933213000}}`, "x.jsonl:4: ", engawa.TooLarge, 1},
		{"long line", talk + `{"type":"x","x":"` + strings.Repeat("x", 2<<20) + `"}`, "x.jsonl:4: is longer than 1048576 bytes: raise Limits.LineBytes", engawa.TooLarge, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := open(c.text, mattermostexport.Options{Name: "x.jsonl", Limits: mattermostexport.Limits{LineBytes: 1 << 20}})
			if err != nil {
				t.Fatal(err)
			}
			records, err := drain(e)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || !errors.Is(err, c.kind) || strings.Contains(err.Error(), "\n") {
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
	whole := pack(t, "import.jsonl", company)
	for name, c := range map[string]struct {
		text, want string
		limits     mattermostexport.Limits
		kind       engawa.Kind
	}{
		"truncated":    {text: whole[:len(whole)-40], want: "export.jsonl: cannot be read as a ZIP archive", kind: engawa.Invalid},
		"damaged":      {text: whole[:60] + "\xff\xff\xff" + whole[63:], want: "import.jsonl:", kind: engawa.Invalid},
		"no export":    {text: pack(t, "channels.json", "[]"), want: "export.jsonl: holds no .jsonl file: is it a bulk export from Mattermost?", kind: engawa.Invalid},
		"many entries": {text: pack(t, "a", "", "b", "", "import.jsonl", ""), limits: mattermostexport.Limits{Entries: 2}, want: "export.jsonl: holds 3 files: at most 2 are read", kind: engawa.TooLarge},
		"bomb":         {text: pack(t, "import.jsonl", version+strings.Repeat(`{"type":"x"}`+"\n", 1<<20)), want: "import.jsonl:", kind: engawa.TooLarge},
		"line bomb":    {text: pack(t, "import.jsonl", version+strings.Repeat(" ", 8<<20)), want: "import.jsonl:2: is compressed more than 200 times", kind: engawa.TooLarge},
		"total":        {text: company, limits: mattermostexport.Limits{TotalBytes: 1000}, want: "export.jsonl:11: takes the file over 1000 bytes", kind: engawa.TooLarge},
	} {
		e, err := open(c.text, mattermostexport.Options{Limits: c.limits})
		if err == nil {
			_, err = drain(e)
		}
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || !errors.Is(err, c.kind) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := mattermostexport.OpenFile(filepath.Join(t.TempDir(), "none.zip"), mattermostexport.Options{}); !errors.Is(err, engawa.Unavailable) {
		t.Error(err)
	}
}

// TestStops ends the loop at every record.
func TestStops(t *testing.T) {
	e, err := open(company, mattermostexport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := drain(e)
	if err != nil {
		t.Fatal(err)
	}
	for stop := range all {
		n := 0
		for range e.Records() { // one that goes on after break panics
			if n++; n > stop {
				break
			}
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte(company))
	f.Add([]byte(version + `{"type":"post"}`))
	f.Add([]byte(pack(f, "import.jsonl", company)))
	for line := range strings.Lines(company) {
		f.Add([]byte(version + line))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := mattermostexport.Open(bytes.NewReader(b), int64(len(b)), mattermostexport.Options{Limits: mattermostexport.Limits{TotalBytes: 1 << 20}})
		if err != nil {
			return
		}
		ended := false
		for r, err := range e.Records() {
			if ended {
				t.Fatal("goes on after an error")
			}
			if ended = err != nil; ended {
				continue
			}
			if err := jsonl.Check(r); err != nil {
				t.Error(err)
			}
		}
	})
}

func Example() {
	const file = `{"type":"version","version":1}
{"type":"team","team":{"name":"main","display_name":"本社","type":"O"}}
{"type":"channel","channel":{"team":"main","name":"sales","display_name":"営業","type":"O"}}
{"type":"user","user":{"username":"tanaka","first_name":"恵","last_name":"田中","locale":"ja","teams":[{"name":"main","channels":[{"name":"sales"}]}]}}
{"type":"post","post":{"team":"main","channel":"sales","user":"tanaka","message":"_見積書_ を出しました","create_at":1711933213000}}
{"type":"direct_post","direct_post":{"user":"tanaka","message":"内緒","create_at":1711933214000}}
`
	export, err := mattermostexport.Open(strings.NewReader(file), int64(len(file)), mattermostexport.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := jsonl.NewWriter(os.Stdout).WriteAll(export.Records()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(export.Skipped())
	// Output:
	// {"type":"version","version":4,"source":"mattermost","generator":"mattermostexport"}
	// {"type":"person","id":"tanaka","display":"田中 恵"}
	// {"type":"space","id":"main/sales","name":"営業","join":"open","access":[{"kind":"everyone"}]}
	// {"type":"member","space":"main/sales","person":"tanaka"}
	// {"type":"post","id":"1711933213000-sosfmutmhwerkn6zsgfafctbhi","space":"main/sales","author":"tanaka","body":"*見積書* を出しました","published_at":"2024-04-01T01:00:13Z"}
	// map[direct post:1]
}
