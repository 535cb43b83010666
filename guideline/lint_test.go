package guideline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/guideline"
)

func office(t *testing.T) *calendar.Schedule {
	t.Helper()
	s, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func codes(found []guideline.Finding) []guideline.Code {
	var all []guideline.Code
	for _, f := range found {
		all = append(all, f.Code)
	}
	return all
}

// The packs pass their own linter, and are as short as they say.
func TestPacksPassTheirLinter(t *testing.T) {
	for _, lang := range []engawa.Lang{engawa.Japanese, engawa.English} {
		p := guideline.DefaultPack(lang)
		if n := len(p.Text.Clauses); n == 0 || n > guideline.FewClauses {
			t.Errorf("%s has %d clauses", lang, n)
		}
		found := guideline.Lint(guideline.Version{Text: p.Text}, guideline.LintContext{
			Lang: lang, Now: start, ReviewOn: start.AddDate(1, 0, 0), Hours: office(t), Since: start, Citations: []guideline.Citation{},
		})
		for _, f := range found {
			t.Errorf("%s: %s %s: %s %q", lang, f.Code, f.Clause, f.Message.In(lang), f.Quote)
		}
		for _, c := range p.Text.Clauses {
			if c.Why == "" || c.Response == "" || len(c.Good) == 0 || len(c.Bad) == 0 || c.Good[0].Reason == "" || c.Bad[0].Reason == "" || len(c.Keywords)+len(c.Kinds) == 0 {
				t.Errorf("%s: %s lacks something: %+v", lang, c.ID, c)
			}
		}
		if len(p.Channels.Purposes()) < 8 {
			t.Errorf("%s: the channel guide knows %v", lang, p.Channels.Purposes())
		}
	}
	ja, en := guideline.DefaultPack(engawa.Japanese), guideline.DefaultPack(engawa.English)
	for i, c := range ja.Text.Clauses {
		if e := en.Text.Clauses[i]; c.ID != e.ID || !slices.Equal(c.Rules, e.Rules) {
			t.Errorf("the packs differ at %s and %s", c.ID, e.ID)
		}
	}
}

func TestLint(t *testing.T) {
	fine := func() guideline.Clause {
		return guideline.Clause{ID: "a", Title: "あいさつ", Text: "ひとことで十分です。", Why: "軽いから。", Good: []guideline.Example{{Text: "よろしく"}}}
	}
	version := func(change func(*guideline.Clause)) guideline.Version {
		c := fine()
		change(&c)
		return guideline.Version{Text: guideline.Text{Clauses: []guideline.Clause{c}}}
	}
	times := func(n int, c guideline.Clause) guideline.Version {
		return guideline.Version{Text: guideline.Text{Clauses: slices.Repeat([]guideline.Clause{c}, n)}}
	}
	long := fine()
	long.Good[0].Text = strings.Repeat("あいうえお。", 250) // 1,500 characters
	now := guideline.LintContext{Now: start, ReviewOn: start.AddDate(1, 0, 0)}
	with := func(change func(*guideline.LintContext)) guideline.LintContext {
		c := now
		change(&c)
		return c
	}
	cited := func(since time.Duration, all ...guideline.Citation) guideline.LintContext {
		return with(func(c *guideline.LintContext) {
			c.Since, c.Citations = start.Add(-since), append([]guideline.Citation{}, all...)
		})
	}
	year := guideline.UnusedFor
	for _, row := range []struct {
		name string
		v    guideline.Version
		c    guideline.LintContext
		want []guideline.Code
	}{
		{"fine", version(func(*guideline.Clause) {}), now, nil},
		{"nine clauses", times(9, fine()), now, nil},
		{"ten clauses", times(10, fine()), now, []guideline.Code{guideline.TooManyClauses}},
		{"two hundred clauses", times(200, fine()), now, []guideline.Code{guideline.TooManyClauses, guideline.LongReading}},
		{"reading of four minutes", times(1, long), now, nil},
		{"reading of eight minutes", times(2, long), now, []guideline.Code{guideline.LongReading}},
		{"no example", version(func(c *guideline.Clause) { c.Good = nil }), now, []guideline.Code{guideline.NoExample}},
		{"a bad example is one", version(func(c *guideline.Clause) { c.Good, c.Bad = nil, c.Good }), now, nil},
		{"no why", version(func(c *guideline.Clause) { c.Why = " " }), now, []guideline.Code{guideline.NoWhy}},
		{"a sentence of 61", version(func(c *guideline.Clause) { c.Text = strings.Repeat("あ", 60) + "。" }), now, []guideline.Code{guideline.LongSentence}},
		{"a sentence of 60", version(func(c *guideline.Clause) { c.Text = strings.Repeat("あ", 59) + "。" + "次の文です。" }), now, nil},
		{"no review", version(func(*guideline.Clause) {}), guideline.LintContext{Now: start}, []guideline.Code{guideline.NoReview}},
		{"overdue", version(func(*guideline.Clause) {}), guideline.LintContext{Now: start, ReviewOn: start.Add(-time.Hour)}, []guideline.Code{guideline.ReviewOverdue}},
		{"never cited in a year", version(func(*guideline.Clause) {}), cited(year), []guideline.Code{guideline.NeverCited}},
		{"not yet a year old", version(func(*guideline.Clause) {}), cited(year - time.Hour), nil},
		{"cited by its title", version(func(*guideline.Clause) {}), cited(year, guideline.Citation{Clause: " あいさつ", Cited: 1}), nil},
		{"cited by number and title", version(func(*guideline.Clause) {}), cited(year, guideline.Citation{Clause: "第１条 あいさつ", Cited: 6, Decided: 6}), []guideline.Code{guideline.NeverUpheld}},
		{"cited by its number", version(func(*guideline.Clause) {}), cited(year, guideline.Citation{Clause: "第1条", Cited: 6, Decided: 6}), nil},
		{"another number", version(func(*guideline.Clause) {}), cited(year, guideline.Citation{Clause: "第2条", Cited: 6}), []guideline.Code{guideline.NeverCited}},
		{"never upheld", version(func(*guideline.Clause) {}), cited(year, guideline.Citation{Clause: "a", Cited: 7, Decided: 5}), []guideline.Code{guideline.NeverUpheld}},
		{"four decisions say nothing", version(func(*guideline.Clause) {}), cited(year, guideline.Citation{Clause: "a", Cited: 7, Decided: 4}), nil},
		{"upheld once", version(func(*guideline.Clause) {}), cited(year, guideline.Citation{Clause: "a", Cited: 7, Decided: 6, Upheld: 1}), nil},
	} {
		if got := codes(guideline.Lint(row.v, row.c)); !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
	many := guideline.Lint(times(21, fine()), now)
	if many[0].Weight != guideline.Warning {
		t.Error("21 clauses are no warning")
	}
	for _, f := range guideline.Lint(times(200, guideline.Clause{ID: "a", Title: "ノルマ"}), guideline.LintContext{Now: start}) {
		for _, m := range []engawa.Message{f.Message, f.Mend} {
			if strings.Contains(m.In(engawa.Japanese)+m.In(engawa.English), "%!") || m.In(engawa.Japanese) == "" || m.In(engawa.English) == "" {
				t.Errorf("%s says %q / %q", f.Code, m.In(engawa.Japanese), m.In(engawa.English))
			}
		}
	}
}

// What forces people is found, however it is written, and what says that nobody is forced is not.
func TestCoercion(t *testing.T) {
	for say, want := range map[string]bool{
		"必ず毎日投稿すること。":                                              true,
		"必ず毎日投稿しなければなりません。":                                        true,
		"毎日投稿しないといけません。":                                           true,
		"1日に1回以上、書き込みます。":                                          true,
		"1日1件以上投稿する。":                                              true,
		"週に3回以上投稿してください。":                                          true,
		"参加は全員強制です。":                                               true,
		"全社員必須の取り組みです。":                                            true,
		"投稿は義務です。":                                                 true,
		"投稿ノルマを達成できない人は指導します。":                                     true,
		"ノルマを設けます。":                                                true,
		"違反者は処分します。":                                               true,
		"違反した場合は懲戒の対象とします。":                                        true,
		"投稿数は人事評価に反映します。":                                          true,
		"未投稿者は名前を公表します。":                                           true,
		"コメントしなくてはいけません。":                                          true,
		"罰則があります。":                                                 true,
		"You must post every day.":                                 true,
		"Participation is mandatory.":                              true,
		"Comment at least 3 times a week.":                         true,
		"Everyone has to post once a day.":                         true,
		"Whoever does not post will be disciplined.":               true,
		"Each team has a quota.":                                   true,
		"It counts towards your evaluation.":                       true,
		"ノルマはありません。":                                               false,
		"ノルマを課しません。":                                               false,
		"投稿に義務はなく、ノルマもありません。":                                      false,
		"投稿は義務ではありません。":                                            false,
		"参加を強制しません。":                                               false,
		"違反者を処分する場所ではありません。":                                       false,
		"評価に反映されることはありません。":                                        false,
		"毎日投稿しなくても大丈夫です。":                                          false,
		"罰則はない。":                                                   false,
		"投稿も反応も自由です。":                                              false,
		"毎日の出来事を気軽に書いてください。":                                       false,
		"You do not have to post.":                                 false,
		"There is no quota.":                                       false,
		"Posting is not mandatory.":                                false,
		"Nobody will be punished.":                                 false,
		"Participation is voluntary and never part of your bonus.": false,
	} {
		lang := engawa.Japanese
		if say[0] < 0x80 && say[0] >= 'A' {
			lang = engawa.English
		}
		v := guideline.Version{Text: guideline.Text{Clauses: []guideline.Clause{{ID: "a", Title: "題", Text: say, Why: "w", Good: []guideline.Example{{Text: "x"}}}}}}
		got := codes(guideline.Lint(v, guideline.LintContext{Lang: lang}))
		if slices.Contains(got, guideline.Coercive) != want || len(got) > 1 {
			t.Errorf("%s: %v, want %v", say, got, want)
		}
	}
}

// What asks for answers in time of rest is found, by the tenant's hours.
func TestQuietHours(t *testing.T) {
	shifts, err := calendar.Compile(calendar.Hours{Zone: "Asia/Tokyo", Week: calendar.EveryDay(calendar.Span{From: 0, To: 24 * 60})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	day := office(t)
	for _, row := range []struct {
		say   string
		hours *calendar.Schedule
		want  bool
	}{
		{"夜でも24時間以内に返信します。", day, true},
		{"質問には24時間以内に回答します。", day, true},
		{"質問には24時間以内に回答します。", nil, true},
		{"質問には24時間以内に回答します。", shifts, false},
		{"質問には業務時間で24時間以内に回答します。", day, false},
		{"質問には3営業日以内に回答します。", day, false},
		{"質問には100時間以内に回答します。", day, false},
		{"22時以降も返信してください。", day, true},
		{"22時以降も返信してください。", shifts, false},
		{"22時以降も返信してください。", nil, false},
		{"２２時でも対応します。", day, true},
		{"10時でも対応します。", day, false},
		{"休日でも確認してください。", day, true},
		{"休日でも返信は求めません。", day, false},
		{"深夜でも構わず、気軽に相談できる時間帯ではありません。", day, false},
		{"即時返信を心がけてください。", day, true},
		{"夜でも星がきれいです。", day, false},
		{"Answer within 12 hours.", day, true},
		{"Answer within 16 working hours.", day, false},
		{"Reply even on weekends.", day, true},
		{"Nobody has to reply even on weekends.", day, false},
		{"Respond after 10 pm if asked.", day, true},
	} {
		lang := engawa.Japanese
		if row.say[0] < 0x80 && row.say[0] >= 'A' {
			lang = engawa.English
		}
		v := guideline.Version{Text: guideline.Text{Clauses: []guideline.Clause{{ID: "a", Title: "題", Text: row.say, Why: "w", Good: []guideline.Example{{Text: "x"}}}}}}
		got := codes(guideline.Lint(v, guideline.LintContext{Lang: lang, Hours: row.hours, Now: start, ReviewOn: start.Add(time.Hour)}))
		if slices.Contains(got, guideline.AgainstHours) != row.want || len(got) > 1 {
			t.Errorf("%s (%v): %v, want %v", row.say, row.hours != nil, got, row.want)
		}
	}
}

// Files that are no pack are refused with their place.
func TestLoad(t *testing.T) {
	head := "name: x\nlang: ja\ntitle: 題\nclauses:\n"
	clause := "  - {id: a, title: 題, text: 本文}\n"
	for src, say := range map[string]string{
		"":        "not one YAML document",
		"name: [": "p.yaml:1:",
		head + "  - {id: a, titel: 題, text: 本文}\n":                                       "p.yaml:5:",
		head + clause + "titel: x\n":                                                     "p.yaml:6:",
		head + clause + "title: y\n":                                                     "p.yaml:6:",
		head + "  - {id: A, title: 題, text: 本文}\n":                                       "lower-case",
		head + clause + clause:                                                           "stands twice",
		head + "  - {id: a, title: [題], text: 本文}\n":                                     "p.yaml:5:",
		head + "  - &x {id: a, title: 題, text: 本文}\n":                                    "anchor",
		head + "  - {id: a, title: 題}\n":                                                 "Clauses[0].Text",
		"name: x\nlang: fr\ntitle: t\nclauses:\n" + clause:                               "write ja or en",
		"name: x\nlang: ja\ntitle: t\n":                                                  "no clause",
		head + clause + "channels:\n  - {purpose: a, label: b, use: [pigeon], why: c}\n": "Lines[0].Use[0]",
		head + clause + "channels:\n  - {purpose: a, label: b, use: [mail], why: c}\n  - {purpose: a, label: b, use: [mail], why: c}\n": "stands twice",
		strings.Repeat("[", 100):         "too deeply",
		"name: \xff":                     "UTF-8",
		strings.Repeat("# x\n", 300_000): "bytes and may have",
		"--- {name: x}\n--- {name: y}\n": "one YAML document",
	} {
		if _, err := guideline.Load("p.yaml", []byte(src)); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%.60q: %v, want %q", src, err, say)
		}
	}
	if _, err := guideline.Load("p.yaml", []byte(head+clause)); err != nil {
		t.Error(err)
	}
}

func FuzzLoad(f *testing.F) {
	_, src := guideline.DefaultSource(engawa.Japanese)
	f.Add(src)
	f.Add([]byte("name: x\nclauses: [{id: a}]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if p, err := guideline.Load("f.yaml", src); err == nil {
			guideline.Lint(guideline.Version{Text: p.Text}, guideline.LintContext{})
		}
	})
}

func Example_lint() {
	v := guideline.Version{Text: guideline.Text{Clauses: []guideline.Clause{{ID: "daily", Title: "毎日の投稿", Text: "全員が必ず毎日投稿すること。"}}}}
	for _, f := range guideline.Lint(v, guideline.LintContext{}) {
		fmt.Printf("%s %s: %s %s\n", f.Clause, f.Code, f.Message.In(engawa.Japanese), f.Mend.In(engawa.Japanese))
	}
	// Output:
	// daily no_example: 例がありません。例のない条項は人によって受け取り方が変わります 良い投稿例と悪い投稿例を1つずつ加えてください
	// daily no_why: 理由がありません。理由の分かる条項は守られます 何のための条項かを一文で書いてください
	// daily coercive: 「必ず毎日」は強制になっています。義務の投稿は中身を失い、人が離れます お願いや提案に変え、しなくてもよいことを書いてください
}
