package slackexport_test

import (
	"archive/zip"
	"bytes"
	"testing"

	"github.com/engawa-sns/engawa/sns/jsonl"
	"github.com/engawa-sns/engawa/sns/slackexport"
)

// entry is a file of a synthetic export.
type entry struct{ name, text string }

func pack(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(b []byte, opts slackexport.Options) (*slackexport.Export, error) {
	return slackexport.Open(bytes.NewReader(b), int64(len(b)), opts)
}

// drain reads everything up to the first error.
func drain(e *slackexport.Export) (records []jsonl.Record, err error) {
	for r, err := range e.Records() {
		if err != nil {
			return records, err
		}
		records = append(records, r)
	}
	return records, nil
}

// company is an export that holds every shape that Slack's have.
func company() []entry {
	return []entry{
		{"users.json", `[
 {"id":"U1","team_id":"T1","name":"tanaka","deleted":false,"is_bot":false,"profile":{"real_name":"田中 恵","email":"u1@example.com"}},
 {"id":"U2","name":"sato","real_name":"佐藤 健","profile":{"real_name":""}},
 {"id":"U3","name":"suzuki","deleted":true,"profile":{"display_name":"鈴木"}},
 {"id":"U4","name":"deploybot","is_bot":true,"profile":{"bot_id":"B4"}}
]`},
		{"org_users.json", `[{"id":"U1","name":"tanaka"},{"id":"W5","name":"grid","profile":{"real_name":"高橋 蓮"}}]`},
		{"channels.json", `[
 {"id":"C1","name":"general","created":1711933200,"creator":"U1","is_general":true,"is_archived":false,"members":["U1","U2","U1"],"topic":{"value":"話題"},"purpose":{"value":"全社 <https://x.example|規程> &amp; <@U3>"}},
 {"id":"C2","name":"old","created":1,"creator":"","is_archived":true,"members":[],"topic":{"value":"昔の話"},"purpose":{"value":""}},
 {"id":"C3","name":"threads","created":1711933200,"creator":"U9","members":["U8"],"purpose":{},"topic":null}
]`},
		{"groups.json", `[{"id":"G1","name":"人事","created":1711933200,"creator":"U1","members":["U2","U1"],"purpose":{"value":"採用"}},
 {"id":"G2","name":"alone","creator":"U2"}]`},
		{"dms.json", `[{"id":"D1","created":1,"members":["U1","U2"]}]`},
		{"mpims.json", `[{"id":"M1","name":"mpdm-a--b-1","created":1,"members":["U1","U2","U3"]}]`},
		{"integration_logs.json", `[]`},
		{"canvases.json", `[]`},
		{"D1/2024-04-01.json", `not even JSON`},
		{"../../etc/passwd.json", `not even JSON`},
		// A later day first in the archive, and a day out of order inside.
		{"general/2024-04-02.json", `[
 {"type":"message","user":"U2","text":"<@U1> 遅い返信です","ts":"1712019600.000100","thread_ts":"1711933213.000200"},
 {"type":"message","subtype":"thread_broadcast","user":"U1","text":"皆さんにも","ts":"1712019600.000200","thread_ts":"1711933213.000200","root":{"text":"x"}},
 {"type":"message","user":"U2","text":"","ts":"1712019700.000000","blocks":[
   {"type":"header","text":{"type":"plain_text","text":"お知らせ <b>"}},{"type":"divider"},
   {"type":"section","text":{"type":"mrkdwn","text":"*重要*"},"fields":[{"type":"plain_text","text":"一"},{"type":"mrkdwn","text":"_二_"}]},
   {"type":"context","elements":[{"type":"image","alt_text":"絵"},{"type":"mrkdwn","text":"注"}]},
   {"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U1"},{"type":"text","text":" さん","style":{"bold":true}},{"type":"emoji","name":"tada"},{"type":"link","url":"https://x.example","text":"l"}]},
     {"type":"rich_text_list","style":"ordered","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"甲"}]},{"type":"rich_text_section","elements":[{"type":"channel","channel_id":"C2"}]}]},
     {"type":"rich_text_quote","elements":[{"type":"text","text":"引用"}]},{"type":"rich_text_preformatted","elements":[{"type":"text","text":"a < b"}]}]}]}
]`},
		{"general/2024-04-01.json", "\ufeff" + `[
 {"type":"message","user":"U1","text":"後","ts":"1711933300.000000"},
 {"type":"message","user":"U1","text":"*おはよう* :tada: <!here>","ts":"1711933213.000200","thread_ts":"1711933213.000200","reply_count":2,
  "edited":{"user":"U1","ts":"1711933230.000000"},
  "reactions":[{"name":"+1::skin-tone-2","count":2,"users":["U2","U7"]},{"name":"+1","count":4,"users":["U2","U3"]},{"name":"tada","count":1,"users":["U1"]}]},
 {"type":"message","user":"U2","text":"はい","ts":"1711933214.000000","thread_ts":"1711933213.000200","reactions":[{"name":"eyes","count":3,"users":[]}]},
 {"type":"message","user":"U1","text":"後","ts":"1711933300.000000"},
 {"type":"message","subtype":"channel_join","user":"U1","text":"<@U1> has joined","ts":"1711933201.000000"},
 {"type":"message","subtype":"channel_purpose","user":"U1","text":"x","ts":"1711933202.000000"},
 {"type":"message","subtype":"huddle_thread","user":"U1","text":"","ts":"1711933203.000000"},
 {"type":"reminder","user":"U1","text":"x","ts":"1711933204.000000"},
 {"type":"message","subtype":"me_message","user":"U3","text":"は考え中","ts":"1711933400.000000"},
 {"type":"message","subtype":"bot_message","bot_id":"B1","username":"監視","text":"障害 &lt;1&gt;","ts":"1711933401.000000"},
 {"type":"message","subtype":"bot_message","username":"webhook","text":"","ts":"1711933402.000000","attachments":[{"pretext":"前","title":"題","title_link":"https://x.example/1","text":"本文","fields":[{"title":"状態","value":"*赤*","short":true}],"fallback":"x"},{"fallback":"代替"}]},
 {"type":"message","user":"U4","bot_id":"B4","text":"配備しました","ts":"1711933403.000000","bot_profile":{"name":"deploy"}},
 {"type":"message","subtype":"file_share","user":"U1","text":"","ts":"1711933404.000000","files":[{"id":"F1","name":"議事録.pdf","mimetype":"application/pdf","size":1234,"url_private_download":"https://files.example/F1?t=token"},{"id":"F2","mode":"tombstone"},{"name":"x"}]},
 {"type":"message","user":"U1","text":"  ","ts":"1711933405.000000"},
 {"type":"message","user":"U6","text":"<@U66|yamada>と<@USLACKBOT>","ts":"1711933406.000000","user_profile":{"real_name":"ゲスト"}},
 {"type":"message","text":"誰か","ts":"1711933407.000000"}
]`},
		{"threads/2024-04-01.json", `[
 {"type":"message","user":"U1","text":"根のない返信一","ts":"1711940000.000000","thread_ts":"1700000000.000000"},
 {"type":"message","user":"U2","text":"根のない返信二","ts":"1711940001.000000","thread_ts":"1700000000.000000"},
 {"type":"message","user":"U1","text":"","ts":"1711940002.000000","thread_ts":"1711940002.000000"},
 {"type":"message","user":"U2","text":"空の根への返信","ts":"1711940003.000000","thread_ts":"1711940002.000000"},
 {"type":"message","user":"U2","text":"根より古い返信","ts":"1711940004.000000","thread_ts":"1711940005.000000"},
 {"type":"message","user":"U1","text":"根","ts":"1711940005.000000","thread_ts":"1711940005.000000"}
]`},
		{"人事/2024-04-01.json", `[{"type":"message","user":"U2","text":"候補者について","ts":"1711933500.000000"}]`},
		{"lost/2024-04-01.json", `[]`},
	}
}
