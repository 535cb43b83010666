package text

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of the pattern language. They keep a lexicon that is too rich from taking the program down with it.
const (
	maxSpellings = 4000 // spellings that one piece of a pattern may have
	maxPieces    = 6    // pieces that a pattern may have
	maxPattern   = 4000 // bytes of a pattern, classes written out
	maxLiteral   = 40   // runes of a spelling
	defaultGap   = 12
)

// A piece is a part of a pattern that is matched in one go: its spellings, or somebody's name.
type piece struct {
	spellings []string
	name      bool
	gap       int // how many runes may stand between the piece before and this one
}

// A pattern is what one line of a lexicon says.
type pattern struct {
	pieces     []piece
	start, end bool   // must begin, must end a sentence
	left       string // what must, or with ^ in front must not, stand before
	right      string // and after
	reading    string
	predicate  bool
}

// parsePattern reads one line:
//
//	バカ             a word
//	馬鹿 = ばか      a word with its reading, for romaji
//	~糖質            a word with an innocent meaning: only where something is said of a person
//	(a|b|)c?         alternatives; optional
//	<you>            a class
//	<name>           somebody's name, as the text or the caller gives it
//	a…b              b after a in one sentence, with up to 12 runes between; …30 for up to 30
//	^a  a$           at the beginning, at the end of a sentence
//	[^らり]a[だと]   guards: one rune that must, or must not, stand beside
func parsePattern(line string, classes map[string]string) ([]pattern, error) {
	var p pattern
	if word, reading, ok := strings.Cut(line, "="); ok {
		line, p.reading = strings.TrimSpace(word), strings.TrimSpace(reading)
	}
	if rest, ok := strings.CutPrefix(line, "~"); ok {
		line, p.predicate = rest, true
	}
	lines, err := expandClasses(line, classes)
	if err != nil {
		return nil, err
	}
	var all []pattern
	for _, line := range lines {
		q := p
		if err := q.parse(line); err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, nil
}

// expandClasses writes out classes. A class that has <name> among its members becomes two patterns.
func expandClasses(line string, classes map[string]string) ([]string, error) {
	for from := 0; ; {
		open := strings.IndexByte(line[from:], '<')
		if open < 0 {
			return []string{line}, nil
		}
		open += from
		end := strings.IndexByte(line[open:], '>')
		if end < 0 {
			return nil, fmt.Errorf("%q opens a class and does not close it: write <name>", line)
		}
		class := line[open+1 : open+end]
		if class == "name" {
			from = open + end
			continue
		}
		members, ok := classes[class]
		if !ok {
			return nil, fmt.Errorf("class <%s> is not defined: define it above with @%s = a|b|c", class, class)
		}
		head, tail := line[:open], line[open+end+1:]
		if len(head)+len(members)+len(tail) > maxPattern {
			return nil, fmt.Errorf("pattern is longer than %d bytes with its classes written out: split it", maxPattern)
		}
		if rest, ok := strings.CutSuffix(members, "|<name>"); ok {
			a, err := expandClasses(head+"("+rest+")"+tail, classes)
			if err != nil {
				return nil, err
			}
			b, err := expandClasses(head+"<name>"+tail, classes)
			return append(a, b...), err
		}
		line = head + "(" + members + ")" + tail
	}
}

func (p *pattern) parse(line string) error {
	if rest, ok := strings.CutPrefix(line, "^"); ok {
		line, p.start = rest, true
	}
	if rest, ok := strings.CutSuffix(line, "$"); ok {
		line, p.end = rest, true
	}
	if strings.HasPrefix(line, "[") {
		set, rest, ok := strings.Cut(line[1:], "]")
		if !ok {
			return fmt.Errorf("%q opens a guard and does not close it: write [^abc]", line)
		}
		p.left, line = set, rest
	}
	if strings.HasSuffix(line, "]") {
		at := strings.LastIndexByte(line, '[')
		if at < 0 {
			return fmt.Errorf("%q closes a guard that is not open: write [^abc]", line)
		}
		p.right, line = line[at+1:len(line)-1], line[:at]
	}
	gap := 0
	for line != "" {
		if len(p.pieces) == maxPieces {
			return fmt.Errorf("pattern has more than %d pieces: split it", maxPieces)
		}
		if rest, ok := strings.CutPrefix(line, "…"); ok {
			digits := 0
			for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
				digits++
			}
			gap = defaultGap
			if digits > 0 {
				n, err := strconv.Atoi(rest[:digits])
				if err != nil || n > 60 {
					return fmt.Errorf("gap …%s is too wide: at most 60", rest[:digits])
				}
				gap = n
			}
			line = rest[digits:]
			continue
		}
		if rest, ok := strings.CutPrefix(line, "<name>"); ok {
			p.pieces = append(p.pieces, piece{name: true, gap: gap})
			line, gap = rest, 0
			continue
		}
		end := len(line)
		for _, stop := range []string{"…", "<name>"} {
			if at := strings.Index(line, stop); at >= 0 {
				end = min(end, at)
			}
		}
		spellings, rest, err := alternatives(line[:end], 0)
		if err != nil {
			return err
		}
		if rest != "" {
			return fmt.Errorf("%q closes a group that is not open", line[:end])
		}
		for _, s := range spellings {
			if n := utf8.RuneCountInString(s); n < 2 {
				return fmt.Errorf("%q can be as short as %q: a term needs two characters at least, a single one is in every second sentence", line[:end], s)
			} else if n > maxLiteral {
				return fmt.Errorf("%q is longer than %d characters: keep what is telling", s, maxLiteral)
			}
		}
		p.pieces = append(p.pieces, piece{spellings: spellings, gap: gap})
		line, gap = line[end:], 0
	}
	if len(p.pieces) == 0 {
		return fmt.Errorf("pattern is empty")
	}
	return nil
}

// alternatives expands groups and options. It stops at a bar or a closing parenthesis when inside a group.
func alternatives(s string, depth int) (out []string, rest string, err error) {
	if depth > 8 {
		return nil, "", fmt.Errorf("groups are nested more than 8 deep")
	}
	current := []string{""}
	for s != "" {
		var unit []string
		r, n := utf8.DecodeRuneInString(s)
		switch r {
		case '(':
			if unit, s, err = alternatives(s[n:], depth+1); err != nil {
				return nil, "", err
			}
			if !strings.HasPrefix(s, ")") {
				return nil, "", fmt.Errorf("a group is not closed")
			}
			s = s[1:]
		case ')', '|':
			if depth == 0 {
				return nil, "", fmt.Errorf("%q stands outside a group: write (a|b)", r)
			}
			out = append(out, current...)
			if r == ')' {
				return out, s, nil
			}
			current, s = []string{""}, s[n:]
			continue
		case '[', ']', '<', '>', '$', '^':
			return nil, "", fmt.Errorf("%q may stand at the edge of a pattern only", r)
		default:
			unit, s = []string{string(r)}, s[n:]
		}
		if rest, ok := strings.CutPrefix(s, "?"); ok {
			unit, s = append(unit, ""), rest
		}
		if len(current)*len(unit)+len(out) > maxSpellings {
			return nil, "", fmt.Errorf("a piece has more than %d spellings: split it", maxSpellings)
		}
		product := make([]string, 0, len(current)*len(unit))
		for _, head := range current {
			for _, tail := range unit {
				product = append(product, head+tail)
			}
		}
		current = product
	}
	if depth > 0 {
		return nil, "", fmt.Errorf("a group is not closed")
	}
	return append(out, current...), "", nil
}
