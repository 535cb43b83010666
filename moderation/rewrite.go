package moderation

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/moderation/text"
)

// The categories that changes take out, and the sets of changes, smaller ones first.
var (
	harmful = func() Set {
		var s Set
		for _, c := range text.Categories() {
			if c.Harmful() {
				s |= 1 << c
			}
		}
		return s
	}()
	bySize = func() []uint8 {
		var out []uint8
		for size := 1; size <= int(Soften); size++ {
			for set := uint8(2); set < 1<<(Soften+1) && set != 0; set++ {
				n := 0
				for s := set; s != 0; s &= s - 1 {
					n++
				}
				if set&1 == 0 && n == size {
					out = append(out, set)
				}
			}
		}
		return out
	}()
)

const (
	criticism = text.Criticism
	courtesy  = text.Courtesy
)

// A Suggestion is a draft that says the same without the harm. It is a proposal: nobody applies it but the author.
type Suggestion struct {
	// Text is what to write instead, in both languages; what the author asked for stays in the author's own words.
	Text Text
	// Private: send it to the person in private (1対1). Wait: send it at At.
	Private, Wait bool
	At            time.Time
}

// Suggest proposes a draft that the policy allows, or none. The templates are few and fixed: fact, effect, request (事実→影響→依頼);
// in private instead of in public (叱責→1対1); a question instead of a verdict (断定→質問); scheduled instead of at night
// (深夜→予約投稿). Each proposal has itself been through Decide.
func Suggest(p *Policy, x *Extractor, sc *Scratch, d *Draft, f *Facts) (Suggestion, bool) {
	if Decide(p, f).Outcome == Allow {
		return Suggestion{}, false
	}
	kept := keep(d.Text, causes(f))
	for _, s := range proposals(d, f, kept) {
		if allowed(p, x, sc, d, &s) {
			return s, true
		}
	}
	return Suggestion{}, false
}

// causes are the spans to do without: what was found by name, and only without that what the score is of.
func causes(f *Facts) []Span {
	if f.Values[Harm] == 0 {
		return f.Spans
	}
	return slices.DeleteFunc(slices.Clone(f.Spans), func(s Span) bool { return s.Category == scored })
}

func proposals(d *Draft, f *Facts, k kept) []Suggestion {
	var out []Suggestion
	text, bare := compose(k), compose(kept{object: k.object})
	for _, t := range []Text{text, bare} {
		for _, private := range []bool{f.Values[Addressed] == 1 && (f.Hit.Has(blameCategory) || f.Get(Gap) > 0), true} {
			s := Suggestion{Text: t, Private: private}
			if f.Values[OffHours] == 1 {
				s.Wait, s.At = true, nextMorning(d.At)
			}
			out = append(out, s)
		}
	}
	if f.Values[OffHours] == 1 && f.Values[Harm] == 0 {
		out = append([]Suggestion{{Text: Text{d.Text, d.Text}, Wait: true, At: nextMorning(d.At)}}, out...)
	}
	return out
}

const blameCategory = text.Blame

// nextMorning returns ten o'clock of the next weekday after t.
func nextMorning(t time.Time) time.Time {
	day := time.Date(t.Year(), t.Month(), t.Day(), 10, 0, 0, 0, t.Location())
	for !day.After(t) || day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

func allowed(p *Policy, x *Extractor, sc *Scratch, d *Draft, s *Suggestion) bool {
	for _, t := range []string{s.Text.JA, s.Text.EN} {
		next := *d
		next.Text = t
		if s.Private {
			next.Space, next.Audience = Private, 2
		}
		if s.Wait {
			next.At = s.At
		}
		var f Facts
		if x.Into(sc, &next, &f) != nil || Decide(p, &f).Outcome != Allow {
			return false
		}
	}
	return true
}

// kept is what is worth keeping of a draft.
type kept struct {
	clauses []string // clauses without harm, orders made requests
	object  string   // what it is about: 報告書
}

// keep splits a text into clauses and drops the harmful ones.
func keep(s string, spans []Span) kept {
	var k kept
	k.object = object(s)
	start := 0
	for i := 0; i <= len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if i < len(s) && !strings.ContainsRune("、。！？!?\n,.;", r) {
			i += n
			continue
		}
		clause := strings.TrimSpace(s[start:i])
		harmless := true
		for _, sp := range spans {
			if !sp.Excused && sp.Start < i && sp.End > start {
				harmless = false
			}
		}
		if clause != "" && harmless && (utf8.RuneCountInString(clause) > 4) {
			k.clauses = append(k.clauses, polite(clause))
		}
		if i == len(s) {
			break
		}
		i += n
		start = i
	}
	return k
}

// polite turns an order into a request.
func polite(clause string) string {
	for _, o := range orders {
		if stem, ok := strings.CutSuffix(clause, o[0]); ok {
			return stem + o[1]
		}
	}
	return clause
}

// orders are the commonest imperatives and their polite forms.
var orders = [][2]string{
	{"しろ", "してください"}, {"しろよ", "してください"}, {"せよ", "してください"}, {"しなさい", "してください"}, {"すること", "してください"},
	{"直せ", "直してください"}, {"出せ", "出してください"}, {"書け", "書いてください"}, {"やれ", "やってください"}, {"作れ", "作ってください"},
	{"送れ", "送ってください"}, {"見ろ", "見てください"}, {"来い", "来てください"}, {"答えろ", "答えてください"}, {"調べろ", "調べてください"},
	{"返せ", "返してください"}, {"考えろ", "考えてください"}, {"急げ", "急いでください"}, {"待て", "待ってください"}, {"言え", "教えてください"}, {"してくれ", "してください"},
}

// objects are things that work is about, longest first.
var objects = []string{
	"クレーム対応", "プレゼンテーション", "スケジュール", "アンケート", "マニュアル", "プロジェクト", "見積もり", "締め切り", "打ち合わせ", "申請書", "報告書", "企画書", "提案書", "設計書", "議事録", "見積書",
	"仕様書", "契約書", "請求書", "計画書", "稟議書", "スライド", "プレゼン", "レポート", "クレーム", "リリース", "コード", "テスト", "データ", "メール", "デザイン", "バグ", "資料", "失注", "報告", "企画",
	"提案", "設計", "契約", "請求", "計画", "数字", "売上", "進捗", "納期", "納品", "会議", "日報", "返信", "連絡", "対応", "計算", "集計", "発注", "在庫", "品質", "作業", "手順", "確認", "説明", "文章", "残業", "有給", "仕事",
	"report", "presentation", "slides", "proposal", "estimate", "contract", "invoice", "deadline", "schedule", "meeting", "minutes", "release", "code", "test", "numbers", "order", "email", "design", "plan", "work",
}

func object(s string) string {
	lower := strings.ToLower(s)
	for _, o := range objects {
		if strings.Contains(lower, o) {
			return o
		}
	}
	return ""
}

// compose fills the template fact → effect → request.
func compose(k kept) Text {
	ja, en := "この件", "this"
	if k.object != "" {
		ja, en = k.object+"の件", "the matter of "+k.object
	}
	rest := strings.Join(k.clauses, "。")
	t := Text{
		JA: ja + "について、事実と影響を一緒に確認させてください。",
		EN: "Could we look together at the facts and the effect of " + en + "?",
	}
	if rest == "" {
		t.JA += "次にどうするか、ご相談できますか。"
		t.EN += " What would help with the next step?"
		return t
	}
	t.JA += rest + "。よろしくお願いします。"
	t.EN += " " + rest + ". Thank you."
	return t
}
