package text

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of the pattern language. They keep a lexicon that is too rich from taking the program down with it.
const (
	maxSpellings = 100  // spellings of a masked term
	maxPieces    = 6    // pieces that a pattern may have
	maxPattern   = 8000 // bytes of a pattern, classes written out
	maxLiteral   = 40   // runes of a spelling
	maxGap       = 60
	defaultGap   = 12
)

// A piece is a part of a pattern that is matched in one go: somebody's name, if it begins with one, and what src says.
type piece struct {
	name bool
	src  string
	gap  int // how many runes may stand between the piece before and this one
}

// A pattern is what one line of a lexicon says.
type pattern struct {
	pieces    []piece
	start     bool   // must begin a sentence
	left      string // what must, or with ^ in front must not, stand before
	reading   string
	predicate bool
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

// expandClasses writes out classes. A group that has <name> among its members becomes two patterns.
func expandClasses(line string, classes map[string]string) ([]string, error) {
	for from := 0; ; {
		open := strings.IndexByte(line[from:], '<')
		if open < 0 {
			return splitNames(line), nil
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
		line = line[:open] + "(" + members + ")" + line[open+end+1:]
		if len(line) > maxPattern {
			return nil, fmt.Errorf("pattern is longer than %d bytes with its classes written out: split it", maxPattern)
		}
	}
}

// splitNames makes two patterns of one in which <name> is an alternative: names are found in a way of their own.
func splitNames(line string) []string {
	const name = "<name>"
	for at := 0; ; at += len(name) {
		next := strings.Index(line[at:], name)
		if next < 0 {
			return []string{line}
		}
		at += next
		open, shut := enclosing(line, at)
		if open < 0 || shut < 0 || strings.HasPrefix(line[open:], "("+name+")") {
			continue
		}
		rest := strings.Trim(strings.Replace(strings.Replace(line[open+1:at]+line[at+len(name):shut], "||", "|", 1), "()", "", 1), "|")
		all := splitNames(line[:open] + name + line[shut+1:])
		if rest != "" {
			all = append(all, splitNames(line[:open]+"("+rest+")"+line[shut+1:])...)
		}
		return all
	}
}

// enclosing returns the parentheses around a byte, or -1.
func enclosing(line string, at int) (open, shut int) {
	depth := 0
	for open = at - 1; open >= 0; open-- {
		if line[open] == ')' {
			depth++
		} else if line[open] == '(' {
			if depth == 0 {
				break
			}
			depth--
		}
	}
	depth = 0
	for shut = at; shut < len(line); shut++ {
		if line[shut] == '(' {
			depth++
		} else if line[shut] == ')' {
			if depth == 0 {
				return open, shut
			}
			depth--
		}
	}
	return open, -1
}

func (p *pattern) parse(line string) error {
	if rest, ok := strings.CutPrefix(line, "^"); ok {
		line, p.start = rest, true
	}
	if strings.HasPrefix(line, "[") {
		set, rest, ok := strings.Cut(line[1:], "]")
		if !ok {
			return fmt.Errorf("%q opens a guard and does not close it: write [^abc]", line)
		}
		p.left, line = set, rest
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
				if err != nil || n > maxGap {
					return fmt.Errorf("gap …%s is too wide: at most %d", rest[:digits], maxGap)
				}
				gap = n
			}
			line = rest[digits:]
			continue
		}
		next := piece{gap: gap}
		for _, name := range []string{"(<name>)", "<name>"} {
			if rest, ok := strings.CutPrefix(line, name); ok {
				next.name, line = true, rest
				break
			}
		}
		end := len(line)
		for _, stop := range []string{"…", "(<name>)", "<name>"} {
			if at := strings.Index(line, stop); at >= 0 {
				end = min(end, at)
			}
		}
		next.src = line[:end]
		p.pieces = append(p.pieces, next)
		line, gap = line[end:], 0
	}
	if len(p.pieces) == 0 {
		return fmt.Errorf("pattern is empty")
	}
	return nil
}

// spellings writes out a masked term: every text that it stands for.
func spellings(src string) ([]string, error) {
	all, rest, err := alternatives(src, 0)
	if err != nil {
		return nil, err
	}
	if rest != "" {
		return nil, fmt.Errorf("%q closes a group that is not open", src)
	}
	for _, s := range all {
		if n := utf8.RuneCountInString(s); n < 2 {
			return nil, fmt.Errorf("%q can be as short as %q: %s", src, s, tooShort)
		} else if n > maxLiteral {
			return nil, fmt.Errorf("%q is longer than %d characters: keep what is telling", s, maxLiteral)
		}
	}
	return all, nil
}

const tooShort = "a term needs two characters at least, a single one is in every second sentence"

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
			return nil, "", fmt.Errorf("%q may not stand in a masked term: lower the level to spaced", r)
		default:
			unit, s = []string{string(r)}, s[n:]
		}
		if rest, ok := strings.CutPrefix(s, "?"); ok {
			unit, s = append(unit, ""), rest
		}
		if len(current)*len(unit)+len(out) > maxSpellings {
			return nil, "", fmt.Errorf("a masked term has more than %d spellings: write them on lines of their own, or lower the level to spaced", maxSpellings)
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
