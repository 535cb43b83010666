package guideline

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/internal/fold"
)

// Finding is what the linter has to say about a version.
type Finding struct {
	// Code is stable, such as "too_many_clauses".
	Code Code
	// Weight is Hinted for what might be better, and Warning for what makes people turn away.
	Weight FindingWeight
	// Clause and Number are the clause that it is about; empty and 0 for the version as a whole.
	Clause ClauseID
	Number int
	// Quote is the text in question, perhaps empty.
	Quote string
	// Message says what it is and why it matters, Mend how to mend it.
	Message, Mend engawa.Message
}

// Code names what the linter looks for.
type Code string

// What the linter looks for.
const (
	TooManyClauses Code = "too_many_clauses"
	LongReading    Code = "long_reading"
	LongSentence   Code = "long_sentence"
	NoExample      Code = "no_example"
	NoWhy          Code = "no_why"
	Coercive       Code = "coercive"
	AgainstHours   Code = "against_quiet_hours"
	NoReview       Code = "no_review"
	ReviewOverdue  Code = "review_overdue"
	NeverCited     Code = "never_cited"
	NeverUpheld    Code = "never_upheld"
)

// FindingWeight says how much a finding matters.
type FindingWeight int

// The weights.
const (
	Hinted FindingWeight = iota
	Warning
)

// The bounds of the linter.
const (
	// FewClauses is what people keep in mind: seven plus or minus two (Miller 1956, doi:10.1037/h0043158).
	FewClauses = 9
	// ManyClauses is from where on it is a warning.
	ManyClauses = 20
	// SlowReader and FastReader are characters a minute of Japanese read silently. Untrained adults are mostly measured
	// between them (919mind.com/firsttime_sokudoku/03.html, a school of reading; no study of silent reading gives the
	// range better). English is read at some 238 words a minute (Brysbaert 2019, doi:10.1016/j.jml.2019.104047).
	SlowReader, FastReader = 400, 600
	WordsAMinute           = 238
	// LongMinutes is how long a slow reader should need at most, and TooLongMinutes from where on it is a warning.
	LongMinutes, TooLongMinutes = 5, 10
	// LongJapanese is from how many characters on a sentence is hard to read (公用文作成の考え方, 文化審議会 2022: 50 to 60), and
	// LongEnglish from how many words on (GOV.UK content design: 25).
	LongJapanese, LongEnglish = 60, 25
	// UnusedFor is how long a clause may go uncited.
	UnusedFor = 365 * 24 * time.Hour
	// CitedOften is from how many decided citations on a clause that was never upheld is a finding.
	CitedOften = 5
)

// LintContext is what a version is held against. Its zero value looks at the text alone.
type LintContext struct {
	// Lang is the language of the text. Defaults to Japanese.
	Lang engawa.Lang
	// Now is when it is looked at. Without it reviews and citations are not looked at.
	Now time.Time
	// ReviewOn is when the document is to be reviewed.
	ReviewOn time.Time
	// Hours are the tenant's working hours. Defaults to not looking at clock times; words such as 深夜でも are found anyway.
	Hours *calendar.Schedule
	// Since is from when the version was in effect, and Citations what was cited from UnusedFor ago on, or nil where that is
	// not known.
	Since     time.Time
	Citations []Citation
}

// Lint reads a version as a careful colleague would: is it short, shown by example, free of coercion, kept fresh? The
// findings are advice, in the order of the clauses.
func Lint(v Version, c LintContext) []Finding {
	l := linter{c: c}
	if l.c.Lang == "" {
		l.c.Lang = engawa.Japanese
	}
	if c.Now.IsZero() {
		l.c.Hours = nil
	}
	if n := len(v.Clauses); n > FewClauses {
		w := Hinted
		if n > ManyClauses {
			w = Warning
		}
		l.add(Finding{Code: TooManyClauses, Weight: w, Message: msgLintClauses.With(n, FewClauses), Mend: mendClauses})
	}
	l.reading(v)
	if !c.Now.IsZero() {
		switch {
		case c.ReviewOn.IsZero():
			l.add(Finding{Code: NoReview, Weight: Hinted, Message: msgLintNoReview, Mend: mendReview})
		case c.ReviewOn.Before(c.Now):
			l.add(Finding{Code: ReviewOverdue, Weight: Warning, Message: msgLintOverdue.With(c.ReviewOn.Format(time.DateOnly)), Mend: mendOverdue})
		}
	}
	l.text(v.Preamble)
	for i, clause := range v.Clauses {
		l.clause, l.number = clause.ID, i+1
		if len(clause.Good)+len(clause.Bad) == 0 {
			l.add(Finding{Code: NoExample, Weight: Warning, Message: msgLintNoExample, Mend: mendExample})
		}
		if strings.TrimSpace(clause.Why) == "" {
			l.add(Finding{Code: NoWhy, Weight: Warning, Message: msgLintNoWhy, Mend: mendWhy})
		}
		for _, text := range []string{clause.Title, clause.Text, clause.Why, clause.Response} {
			l.text(text)
		}
		l.cited(clause)
	}
	return l.found
}

type linter struct {
	c      LintContext
	clause ClauseID
	number int
	found  []Finding
	folded fold.Text
}

func (l *linter) add(f Finding) {
	f.Clause, f.Number = l.clause, l.number
	l.found = append(l.found, f)
}

// reading is how long the whole takes, examples included.
func (l *linter) reading(v Version) {
	texts := []string{v.Preamble}
	for _, c := range v.Clauses {
		texts = append(texts, c.Title, c.Text, c.Why, c.Response)
		for _, list := range [][]Example{c.Good, c.Bad} {
			for _, e := range list {
				texts = append(texts, e.Text, e.Reason)
			}
		}
	}
	slow, fast := 0.0, 0.0
	for _, t := range texts {
		if l.c.Lang == engawa.English {
			n := float64(len(strings.Fields(t))) / WordsAMinute
			slow, fast = slow+n, fast+n
		} else {
			n := float64(characters(t))
			slow, fast = slow+n/SlowReader, fast+n/FastReader
		}
	}
	if slow <= LongMinutes {
		return
	}
	w := Hinted
	if slow > TooLongMinutes {
		w = Warning
	}
	took := fmt.Sprintf("%.0f", slow)
	if fast != slow {
		took = fmt.Sprintf("%.0f–%.0f", fast, slow)
	}
	l.add(Finding{Code: LongReading, Weight: w, Message: msgLintReading.With(took, LongMinutes), Mend: mendReading})
}

// text looks at sentences: how long they are, whether they force, and whether they ask for work in time of rest.
func (l *linter) text(text string) {
	for _, s := range sentences(text) {
		long := false
		if l.c.Lang == engawa.English {
			long = len(strings.Fields(s)) > LongEnglish
		} else {
			long = characters(s) > LongJapanese
		}
		if long {
			l.add(Finding{Code: LongSentence, Weight: Hinted, Quote: s, Message: msgLintSentence, Mend: mendSentence})
		}
		folder.Fold(&l.folded, s)
		folded := l.folded.String()
		if word := coercion(folded); word != "" {
			l.add(Finding{Code: Coercive, Weight: Warning, Quote: s, Message: msgLintCoercive.With(word), Mend: mendCoercive})
		}
		if what := restless(folded, l.c.Hours, l.c.Now); what != "" {
			l.add(Finding{Code: AgainstHours, Weight: Warning, Quote: s, Message: msgLintHours.With(what), Mend: mendHours})
		}
	}
}

var folder = fold.New(fold.Invisible)

// numbered is a number in front of a clause, as people write it: 3, 第3条, 3.
var numbered = regexp.MustCompile(`^(?:第|no\.?|clause)? ?[0-9]+ ?(?:条|[.:)、-])? *`)

// cited holds a clause against how it was used.
func (l *linter) cited(c Clause) {
	if l.c.Citations == nil || l.c.Now.IsZero() {
		return
	}
	var n, decided, upheld int
	for _, cited := range l.c.Citations {
		name := fold.Key(strings.TrimSpace(cited.Clause))
		bare := strings.TrimSpace(numbered.ReplaceAllString(name, ""))
		switch {
		case name == string(c.ID) || name == fold.Key(c.Title) || bare != "" && (bare == string(c.ID) || bare == fold.Key(c.Title)):
			n, decided, upheld = n+cited.Cited, decided+cited.Decided, upheld+cited.Upheld
		case bare == "" && strings.Contains(name, strconv.Itoa(l.number)):
			n += cited.Cited // perhaps: other documents have such a number too
		}
	}
	switch {
	case n == 0 && !l.c.Since.IsZero() && l.c.Now.Sub(l.c.Since) >= UnusedFor:
		l.add(Finding{Code: NeverCited, Weight: Hinted, Message: msgLintUnused, Mend: mendUnused})
	case decided >= CitedOften && upheld == 0:
		l.add(Finding{Code: NeverUpheld, Weight: Warning, Message: msgLintNotUpheld.With(n, decided), Mend: mendNotUpheld})
	}
}

// sentences cuts a text at full stops and line ends.
func sentences(text string) []string {
	var all []string
	from := 0
	cut := func(to int) {
		if s := strings.TrimSpace(text[from:to]); s != "" {
			all = append(all, s)
		}
		from = to
	}
	for i, r := range text {
		next := i + len(string(r))
		switch r {
		case '。', '！', '？', '!', '?', '\n':
			cut(next)
		case '.':
			if next == len(text) || text[next] == ' ' || text[next] == '\n' {
				cut(next)
			}
		}
	}
	cut(len(text))
	return all
}

// Lint reads a version of a document, 0 for the one in effect, with what the tenant's hours and the desk know of it. Those
// who edit the document may.
func (s *Service) Lint(ctx context.Context, by engawa.Actor, id engawa.ID, n int) (found []Finding, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Lint", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	d, seen, err := s.documentFor(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if !seen.edits(d.Scope) {
		return nil, denied(KindDocument+" "+id.String(), msgStewardsOnly)
	}
	v, err := s.version(ctx, d, seen, n)
	if err != nil {
		return nil, err
	}
	c := LintContext{Lang: d.Lang, Now: s.now(), ReviewOn: d.ReviewOn, Since: v.EffectiveAt}
	if s.hours != nil {
		c.Hours, err = engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (*calendar.Schedule, error) {
			return s.hours.Schedule(ctx, string(by.Tenant), "")
		})
		if err != nil {
			return nil, err
		}
	}
	if s.cfg.Citations != nil && v.Published() {
		c.Citations, err = engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) ([]Citation, error) {
			return s.cfg.Citations.Cited(ctx, by.Tenant, c.Now.Add(-UnusedFor))
		})
		if err != nil {
			return nil, err
		}
		if c.Citations == nil {
			c.Citations = []Citation{}
		}
	}
	return Lint(v, c), nil
}
