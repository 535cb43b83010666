package ja

import (
	"strconv"

	"github.com/engawa-sns/engawa/search"
)

// number collects a number that is written in kanji: 二〇二六, 二十五, 三百.
type number struct {
	open         bool
	from, to     int
	total        int64 // finished units of ten thousand
	part, figure int64
	places       int // figures in a row, for positional writing
	units        bool
}

func (n *number) reset() { *n = number{} }

// kanjiFigure is the value of a kanji figure, or -1.
func kanjiFigure(r rune) int64 {
	switch r {
	case '〇', '零':
		return 0
	case '一', '壱':
		return 1
	case '二', '弐':
		return 2
	case '三', '参':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return -1
}

func kanjiUnit(r rune) int64 {
	switch r {
	case '十':
		return 10
	case '百':
		return 100
	case '千':
		return 1000
	case '万':
		return 10000
	case '億':
		return 100000000
	}
	return 0
}

// take adds runes that the dictionary calls a number, and reports whether they are one that it understands.
func (n *number) take(runes []rune, from, to int) bool {
	if n.open && n.to != from {
		return false
	}
	next := *n
	if !next.open {
		next = number{open: true, from: from}
	}
	for _, r := range runes[from:to] {
		if f := kanjiFigure(r); f >= 0 {
			next.figure = next.figure*10 + f
			if next.places++; next.places > 12 {
				return false
			}
			continue
		}
		switch u := kanjiUnit(r); {
		case u >= 10000:
			sum := next.part + next.figure
			if sum == 0 {
				sum = 1
			}
			next.total, next.part, next.figure, next.places = next.total+sum*u, 0, 0, 0
		case u > 0:
			if next.figure == 0 {
				next.figure = 1
			}
			next.part, next.figure, next.places = next.part+next.figure*u, 0, 0
		default:
			return false
		}
		next.units = true
	}
	next.to = to
	*n = next
	return true
}

// numberBefore writes a collected number out as figures, in front of what comes now.
func (a *Analyzer) numberBefore(s *scratch, t *search.Tokens) {
	n := s.number
	if !n.open {
		return
	}
	s.number.reset()
	a.word(s, t, word{term: strconv.FormatInt(n.total+n.part+n.figure, 10), from: n.from, to: n.to, class: search.Number})
}

// flush ends whatever is open.
func (a *Analyzer) flush(s *scratch, t *search.Tokens) { a.numberBefore(s, t) }
