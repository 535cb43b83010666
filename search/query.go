package search

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
)

// Limits of a query. What goes beyond is left out, and the answer says so.
const (
	// MaxQuery is how many bytes of a query are read: about 680 characters of Japanese. Cutting more into words would take
	// longer than the search.
	MaxQuery = 2 << 10
	// MaxQueryWords is how many words between blanks are used.
	MaxQueryWords = 48
	// maxValues is how many values one operator may have.
	maxValues = 16
)

// Query is a query that was read. Reading never fails: what cannot be understood is searched for as it stands, or left
// out and listed in Ignored.
//
//	稟議 承認               both words are good to have, and documents with both come first
//	"年次有給休暇"          the words as they stand, one after the other
//	-議事録                 without the word; -"…" without the phrase
//	from:田中 in:営業 tag:総務 kind:question; #総務 is the same as tag:総務
//	after:2026-04-01 before:2026-05 is:answered is:unanswered
//
// Operators and quotation marks may be of full width (from：田中, ”…”), and a value may be quoted.
type Query struct {
	Words []QueryWord
	// From, In, Tags and Kinds are the values of the operators, as they were typed.
	From, In, Tags, Kinds []string
	// After is inclusive, Before exclusive.
	After, Before time.Time
	Answered      Answered
	Ignored       []Ignored
}

// QueryWord is a word or a phrase.
type QueryWord struct {
	Text        string
	Phrase, Not bool
}

// Ignored is a part of a query that was not used, and why.
type Ignored struct {
	Text    string
	Message engawa.Message
}

// ParseQuery reads a query. Dates are days of now's location, and "today" is now's day.
func ParseQuery(s string, now time.Time) Query {
	p := queryParser{now: now}
	if len(s) > MaxQuery {
		s = clip(s, MaxQuery)
		p.ignore("", noteLong.With(MaxQuery))
	}
	p.rest = s
	for p.next() {
	}
	return p.q
}

type queryParser struct {
	q     Query
	rest  string
	now   time.Time
	words int
}

func (p *queryParser) ignore(text string, m engawa.Message) {
	if len(p.q.Ignored) < 32 {
		p.q.Ignored = append(p.q.Ignored, Ignored{Text: clip(strings.ToValidUTF8(text, "�"), 100), Message: m})
	}
}

func blank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError || r == 0xFEFF
}

// quote reports the marks that begin and end a phrase. Japanese corner brackets are punctuation of ordinary text.
func quote(r rune) bool {
	switch r {
	case '"', '“', '”', '„', '＂', '〝', '〟':
		return true
	}
	return false
}

func minus(r rune) bool { return r == '-' || r == '－' || r == '−' }

// next reads one word, phrase or operator.
func (p *queryParser) next() bool {
	p.rest = strings.TrimLeftFunc(p.rest, blank)
	if p.rest == "" {
		return false
	}
	not := false
	r, size := utf8.DecodeRuneInString(p.rest)
	if minus(r) {
		after, _ := utf8.DecodeRuneInString(p.rest[size:])
		p.rest = p.rest[size:]
		if p.rest == "" || blank(after) {
			return true // a dash of its own
		}
		not = true
		r, size = after, utf8.RuneLen(after)
		if minus(r) {
			not = false // -- is no operator
		}
	}
	if quote(r) {
		p.add(QueryWord{Text: p.quoted(size), Phrase: true, Not: not})
		return true
	}
	if name, width := operator(p.rest); name != "" {
		whole := p.rest
		p.rest = p.rest[width:]
		value := ""
		if r, size := utf8.DecodeRuneInString(p.rest); quote(r) {
			value = p.quoted(size)
		} else {
			value = p.word()
		}
		p.operate(name, strings.TrimFunc(value, blank), whole[:width])
		return true
	}
	text := p.word()
	if name, ok := hashtag(text); ok && !not {
		p.operate("tag", name, text)
		return true
	}
	p.add(QueryWord{Text: text, Not: not})
	return true
}

// hashtag is the name of a tag as it stands in posts: a sign before letters, not before figures alone.
func hashtag(s string) (string, bool) {
	name, ok := strings.CutPrefix(s, "#")
	if !ok {
		name, ok = strings.CutPrefix(s, "＃")
	}
	letters := func(r rune) bool { return unicode.IsLetter(r) }
	other := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && r != '_' && r != '・' && r != 'ー'
	}
	return name, ok && strings.ContainsFunc(name, letters) && !strings.ContainsFunc(name, other)
}

// word takes everything up to the next blank or quotation mark.
func (p *queryParser) word() string {
	end := strings.IndexFunc(p.rest, func(r rune) bool { return blank(r) || quote(r) })
	if end < 0 {
		end = len(p.rest)
	}
	w := p.rest[:end]
	p.rest = p.rest[end:]
	return w
}

// quoted takes everything from the quotation mark of so many bytes up to the next one.
func (p *queryParser) quoted(size int) string {
	inside := p.rest[size:]
	end := strings.IndexFunc(inside, quote)
	if end < 0 {
		p.ignore(p.rest, noteQuote)
		p.rest = ""
		return inside
	}
	_, closing := utf8.DecodeRuneInString(inside[end:])
	p.rest = inside[end+closing:]
	return inside[:end]
}

func (p *queryParser) add(w QueryWord) {
	w.Text = strings.TrimFunc(strings.ToValidUTF8(w.Text, " "), blank)
	if w.Text == "" {
		return
	}
	if p.words++; p.words > MaxQueryWords {
		if p.words == MaxQueryWords+1 {
			p.ignore(w.Text, noteWords.With(MaxQueryWords))
		}
		return
	}
	p.q.Words = append(p.q.Words, w)
}

var operators = [...]string{"from", "in", "tag", "kind", "before", "after", "is"}

// operator finds the operator that s begins with, and its width with the colon.
func operator(s string) (string, int) {
	for _, name := range operators {
		rest, ok := cutFold(s, name)
		if !ok {
			continue
		}
		if strings.HasPrefix(rest, ":") {
			return name, len(s) - len(rest) + 1
		}
		if strings.HasPrefix(rest, "：") {
			return name, len(s) - len(rest) + len("：")
		}
	}
	return "", 0
}

// cutFold cuts a prefix of ASCII letters that may be written in capitals or in full width.
func cutFold(s, prefix string) (string, bool) {
	for _, want := range prefix {
		r, size := utf8.DecodeRuneInString(s)
		if r >= 'Ａ' && r <= 'ｚ' {
			r -= 'Ａ' - 'A'
		}
		if unicode.ToLower(r) != want {
			return s, false
		}
		s = s[size:]
	}
	return s, true
}

func (p *queryParser) operate(name, value, typed string) {
	value = strings.ToValidUTF8(value, "")
	if value == "" || len(value) > engawa.MaxHostID {
		p.ignore(typed, noteOperator.With(typed))
		return
	}
	list := func(values *[]string, v string) {
		if len(*values) < maxValues && v != "" {
			*values = append(*values, v)
		}
	}
	switch name {
	case "from":
		list(&p.q.From, strings.TrimPrefix(value, "@"))
	case "in":
		list(&p.q.In, value)
	case "tag":
		list(&p.q.Tags, strings.TrimPrefix(strings.TrimPrefix(value, "#"), "＃"))
	case "kind":
		list(&p.q.Kinds, value)
	case "is":
		p.is(value)
	case "after", "before":
		from, _, ok := p.day(value)
		if !ok {
			p.ignore(typed+value, noteDate.With(value))
			return
		}
		if name == "after" {
			p.q.After = from
		} else {
			p.q.Before = from
		}
	}
}

func (p *queryParser) is(value string) {
	switch strings.ToLower(value) {
	case "answered", "解決済み", "解決済":
		p.q.Answered = IsAnswered
	case "unanswered", "未解決", "未回答":
		p.q.Answered = IsUnanswered
	default:
		p.ignore("is:"+value, noteState.With(value))
	}
}

// day reads a date: a day, a month or a year, in figures of any width, or a word. It is the time that it begins and ends.
func (p *queryParser) day(s string) (from, to time.Time, ok bool) {
	today := time.Date(p.now.Year(), p.now.Month(), p.now.Day(), 0, 0, 0, 0, p.now.Location())
	switch strings.ToLower(s) {
	case "today", "今日", "本日":
		return today, today.AddDate(0, 0, 1), true
	case "yesterday", "昨日":
		return today.AddDate(0, 0, -1), today, true
	}
	var nums []int
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-/.年月日－／．", r) }) {
		figures := strings.Map(func(r rune) rune {
			if r >= '０' && r <= '９' {
				return r - '０' + '0'
			}
			return r
		}, f)
		n, err := strconv.Atoi(figures)
		if err != nil || n < 1 || len(figures) > 4 || figures[0] == '+' {
			return from, to, false
		}
		nums = append(nums, n)
	}
	if len(nums) == 0 || len(nums) > 3 || nums[0] < 1970 || nums[0] > 2247 {
		return from, to, false
	}
	switch len(nums) {
	case 1:
		from = time.Date(nums[0], 1, 1, 0, 0, 0, 0, p.now.Location())
		return from, from.AddDate(1, 0, 0), true
	case 2:
		if nums[1] > 12 {
			return from, to, false
		}
		from = time.Date(nums[0], time.Month(nums[1]), 1, 0, 0, 0, 0, p.now.Location())
		return from, from.AddDate(0, 1, 0), true
	}
	from = time.Date(nums[0], time.Month(nums[1]), nums[2], 0, 0, 0, 0, p.now.Location())
	if from.Day() != nums[2] || int(from.Month()) != nums[1] {
		return from, to, false
	}
	return from, from.AddDate(0, 0, 1), true
}
