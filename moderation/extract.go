package moderation

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/moderation/text"
)

// A Scorer is a classifier. Its score becomes the fact Score; without one that fact is 0. Package classifier trains one.
type Scorer interface {
	// Score returns 0 (harmless) to 1 (harmful). It must give the same answer for the same text.
	Score(text string) float64
}

// A Placer is a [Scorer] that can say which part of a text is the worst. From a score of a half on, that part is one of
// the spans, of the category "score".
type Placer interface {
	// Worst is the score with the place of the worst part, in bytes.
	Worst(text string) (score float64, from, to int)
}

// scored is the category of a span that a score is of.
const scored = "score"

// Hours tells working time; calendar.Schedule is one.
type Hours interface {
	IsOpen(t time.Time) bool
}

// An Extractor turns drafts into facts. It does not change after it was made; each goroutine brings its own Scratch.
type Extractor struct {
	Engine *text.Engine
	// Hours defaults to Monday to Friday, 7:00 to 20:00 in the zone of the draft's At.
	Hours Hours
	// Scorer defaults to none.
	Scorer Scorer
	// Verifier looks once more at each hit of a short word. Defaults to none.
	Verifier text.Verifier
}

// Scratch is the working memory of Extract; the zero value is ready.
type Scratch struct {
	scan  text.Scan
	names []string
}

// Extract returns the facts of a draft. The spans belong to the caller.
func (x *Extractor) Extract(sc *Scratch, d *Draft) (Facts, error) {
	var f Facts
	err := x.Into(sc, d, &f)
	return f, err
}

// Into is Extract into facts that were used before, which saves allocation.
func (x *Extractor) Into(sc *Scratch, d *Draft, f *Facts) error {
	if len(d.Text) > MaxText {
		return fmt.Errorf("text has %d bytes and may have %d: shorten it", len(d.Text), MaxText)
	}
	if len(d.Targets) > MaxTargets {
		return fmt.Errorf("draft is about %d persons and may be about %d: address a group instead", len(d.Targets), MaxTargets)
	}
	sc.names = sc.names[:0]
	for i := range d.Targets {
		for _, name := range [...]string{d.Targets[i].Name, d.Targets[i].Reading} {
			if name != "" {
				sc.names = append(sc.names, name)
				if i := strings.IndexFunc(name, unicode.IsSpace); i > 0 { // 姓 名, with any space
					sc.names = append(sc.names, name[:i])
				}
			}
		}
	}
	x.Engine.Find(&sc.scan, d.Text, sc.names, text.Options{Verifier: x.Verifier})
	*f = Facts{Space: d.Space, Spans: f.Spans[:0]}
	x.people(d, f)
	x.words(&sc.scan, f)
	named := len(sc.scan.Names) > 0 || mentions(d.Text)
	f.Values[Named] = truth(named)
	f.Values[Addressed] = truth(named || sc.scan.You || len(d.Targets) > 0)
	f.Values[Length] = int32(utf8.RuneCountInString(d.Text))
	f.Values[Audience] = int32(max(d.Audience, 0))
	f.Values[Repeats] = int32(max(d.Repeats, 0))
	f.Values[Reply] = truth(d.Reply)
	f.Values[Hour] = -1
	if !d.At.IsZero() {
		f.Values[Hour] = int32(d.At.Hour())
		f.Values[OffHours] = truth(!x.open(d.At))
	}
	if p, ok := x.Scorer.(Placer); ok {
		score, from, to := p.Worst(d.Text)
		if f.Values[Score] = percent(score); score >= 0.5 {
			f.Spans = append(f.Spans, Span{Start: from, End: to, Category: scored})
		}
	} else if x.Scorer != nil {
		f.Values[Score] = percent(x.Scorer.Score(d.Text))
	}
	return nil
}

func percent(score float64) int32 { return int32(min(max(score, 0), 1) * 100) }

// people sets what ranks say. Nothing here can go down when the author's rank goes up.
func (x *Extractor) people(d *Draft, f *Facts) {
	f.Values[AuthorRank] = int32(d.Author.Rank)
	f.Values[Targets] = int32(len(d.Targets))
	for i := range d.Targets {
		t := &d.Targets[i]
		if i == 0 || int32(t.Rank) < f.Values[TargetRank] {
			f.Values[TargetRank] = int32(t.Rank)
		}
		f.Values[Gap] = max(f.Values[Gap], int32(d.Author.Rank-t.Rank))
		if t.SameLine {
			f.Values[SameLine] = 1
		}
	}
}

// words sets what the text says.
func (x *Extractor) words(sc *text.Scan, f *Facts) {
	for i := range sc.Hits {
		h := &sc.Hits[i]
		f.Touched |= 1 << h.Category
		switch h.Category {
		case text.Criticism:
			f.Values[Criticism]++
		case text.Request:
			f.Values[Requests]++
		case text.Thanks:
			f.Values[Thanks]++
		case text.Courtesy:
			f.Values[Courtesy]++
		}
		if h.Context == 0 {
			f.Hit |= 1 << h.Category
		}
		if !h.Category.Harmful() {
			continue
		}
		if h.Context == 0 {
			f.Values[Harm]++
			if h.Disguised {
				f.Values[Disguised] = 1
			}
		}
		for _, c := range lights {
			if h.Context&c.bit != 0 {
				f.Values[c.fact] = 1
			}
		}
		f.Spans = append(f.Spans, Span{Start: h.From, End: h.To, Category: h.Category.String(), Excused: h.Context != 0})
	}
}

var lights = [...]struct {
	bit  text.Context
	fact Fact
}{
	{text.Quoted, Quoted}, {text.Negated, Negated}, {text.Self, Self}, {text.Report, Reported}, {text.Object, Object},
}

func (x *Extractor) open(t time.Time) bool {
	if x.Hours != nil {
		return x.Hours.IsOpen(t)
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && t.Hour() >= 7 && t.Hour() < 20
}

// mentions reports whether the text mentions somebody with an @ at the beginning of a word.
func mentions(s string) bool {
	for i := range len(s) {
		if s[i] == '@' && (i == 0 || s[i-1] == ' ' || s[i-1] == '\n' || s[i-1] == '<' || s[i-1] >= 0x80) && i+1 < len(s) && s[i+1] != ' ' {
			return true
		}
	}
	return false
}

func truth(b bool) int32 {
	if b {
		return 1
	}
	return 0
}
