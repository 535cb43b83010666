package ja

import (
	"strings"

	"github.com/engawa-sns/engawa/search"
)

// maxAlnum is how long a run of letters and figures may be before it is cut.
const maxAlnum = 64

// alnum takes a run of Latin letters and figures with the signs that join them (AB-123, v2.6.1, 1,234, foo_bar) and
// returns where to go on.
func (a *Analyzer) alnum(s *scratch, t *search.Tokens, from int) int {
	runes := s.text.Runes
	to, letters, digits, joints := from, 0, 0, 0
	for to < len(runes) && to-from < maxAlnum {
		switch c := s.class[to]; {
		case c == latin:
			letters++
		case c == digit:
			digits++
		case joint(runes[to]) && to > from && to+1 < len(runes) && (s.class[to+1] == latin || s.class[to+1] == digit):
			joints++
		default:
			goto end
		}
		to++
	}
end:
	a.numberBefore(s, t)
	switch {
	case letters == 0 && joints == 0:
		a.figures(s, t, from, to)
	case letters == 0 && decimal(runes[from:to]):
		a.word(s, t, word{term: strings.ReplaceAll(s.sub(from, to), ",", ""), from: from, to: to, class: search.Number})
	case joints == 0 && digits == 0:
		a.word(s, t, word{term: stem(s.sub(from, to)), from: from, to: to, class: search.Foreign, plain: to-from > 2})
	default:
		if letters > 0 {
			var joined strings.Builder
			for i := from; i < to; i++ {
				if s.class[i] == latin || s.class[i] == digit {
					joined.WriteString(s.sub(i, i+1))
				}
			}
			a.word(s, t, word{term: joined.String(), from: from, to: to, class: search.Name, nopair: true})
		}
		for i := from; i < to; {
			end := i + 1
			for end < to && s.class[end] == s.class[i] {
				end++
			}
			switch {
			case s.class[i] == digit:
				a.figures(s, t, i, end)
			case s.class[i] == latin && (end-i > 1 || letters == 1):
				a.word(s, t, word{term: stem(s.sub(i, end)), from: i, to: end, class: search.Foreign})
			}
			i = end
		}
	}
	s.reads, s.whole = s.reads[:0], false
	return to
}

// joint reports the signs that may stand inside a code or a number.
func joint(r rune) bool {
	switch r {
	case '-', '_', '.', ',', '+', '#', '&', '‐', '–', '−':
		return true
	}
	return false
}

// decimal reports a number such as 1,234.5, and not a date or a version.
func decimal(runes []rune) bool {
	dots, since := 0, 0
	for i, r := range runes {
		switch {
		case r == '.':
			dots++
			since = 0
		case r == ',':
			if i+4 > len(runes) || i+4 < len(runes) && runes[i+4] != ',' && runes[i+4] != '.' || dots > 0 {
				return false
			}
			since = 0
		case r < '0' || r > '9':
			return false
		default:
			since++
		}
	}
	return dots <= 1 && since > 0
}

// figures is a whole number, without the zeros in front: 04 and 4 are the same month.
func (a *Analyzer) figures(s *scratch, t *search.Tokens, from, to int) {
	term := strings.TrimLeft(s.sub(from, to), "0")
	if term == "" {
		term = "0"
	}
	a.word(s, t, word{term: term, from: from, to: to, class: search.Number})
}

// stem takes the light endings of an English word: plural, -ing and -ed where a stem of three letters with a vowel is left.
func stem(w string) string {
	if len(w) < 4 || strings.ContainsFunc(w, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return w
	}
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		w = w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"):
		w = w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		w = w[:len(w)-1]
	}
	for _, ending := range []string{"ing", "ed"} {
		base, ok := strings.CutSuffix(w, ending)
		if !ok || len(base) < 3 || !strings.ContainsAny(base, "aeiouy") {
			continue
		}
		if n := len(base); base[n-1] == base[n-2] && !strings.ContainsRune("lsz", rune(base[n-1])) {
			base = base[:n-1] // running, stopped
		}
		return base
	}
	return strings.TrimSuffix(w, "e")
}
