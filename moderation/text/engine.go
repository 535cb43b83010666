package text

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/internal/fold"
)

// An Engine finds the patterns of its lexicons in text. It does not change after NewEngine and is safe for concurrent use; each
// goroutine brings its own Scan.
type Engine struct {
	folder *fold.Folder
	plain  *machine // spellings as they are
	masked *machine // spellings with characters hidden; nil if no entry is of level Masked
	steps  []step
	slots  []slot
	frames []frame
	terms  int
}

// Steps that are not in the lexicon.
const (
	stepException = iota // a longer word that shields what is inside
	stepName             // somebody's name
	stepHonorific        // さん, 部長: what stands before it is a name
	stepsBuiltIn
)

// A step is one piece of a pattern: what a literal means.
type step struct {
	slots              []int32
	level              Level
	word, predicate    bool
	start, end         bool
	left, right        string
	hasLeft, hasRight  bool
	denyLeft, denyRight bool
}

// A slot is a step at its place in a frame.
type slot struct {
	frame int32
	gap   int16
	first bool
	last  bool
}

// A frame is a pattern as a whole.
type frame struct {
	category Category
	entry    Entry
}

// Options tune an Engine. The zero value works.
type Options struct {
	// Verifier looks once more at each hit of a word. Defaults to none: script boundaries and mined exceptions alone.
	Verifier Verifier
}

// A Verifier confirms that s[from:to] is a word of its own, for example by morphological analysis. It is asked only where a word was
// found and only for words of four characters or fewer, so it may be slow.
type Verifier interface {
	Word(s string, from, to int) bool
}

// NewEngine compiles lexicons. Errors name lexicon and line.
func NewEngine(lexicons ...Lexicon) (*Engine, error) {
	e := &Engine{folder: fold.New(fold.Kana | fold.Voicing | fold.Iteration | fold.Invisible)}
	e.steps = make([]step, stepsBuiltIn)
	c := compiler{engine: e, plain: newBuilder(), masked: newBuilder(), shared: map[string]int32{}}
	for _, l := range lexicons {
		for _, entry := range l.Entries {
			if err := c.add(l, entry); err != nil {
				return nil, fmt.Errorf("%s:%d:1: %w", l.Name, max(entry.Line, 1), err)
			}
		}
		for _, word := range l.Exceptions {
			if utf8.RuneCountInString(word) > 1 {
				c.literal(stepException, word, plain)
			}
		}
	}
	for _, h := range honorifics {
		c.literal(stepHonorific, h, plain)
	}
	for _, n := range surnames {
		c.literal(stepName, n, plain)
	}
	e.plain = c.plain.build()
	if len(c.masked.outs) > 0 {
		e.masked = c.masked.build()
	}
	return e, nil
}

// Terms returns how many spellings the engine looks for.
func (e *Engine) Terms() int { return e.terms }

type compiler struct {
	engine *Engine
	plain  *builder
	masked *builder
	shared map[string]int32
	text   fold.Text
}

func (c *compiler) add(l Lexicon, entry Entry) error {
	if len(entry.Pattern) > maxPattern {
		return fmt.Errorf("pattern has %d bytes and may have %d: split it", len(entry.Pattern), maxPattern)
	}
	patterns, err := parsePattern(entry.Pattern, l.Classes)
	if err != nil {
		return err
	}
	e := c.engine
	for _, p := range patterns {
		e.frames = append(e.frames, frame{category: entry.Category, entry: entry})
		for i, piece := range p.pieces {
			first, last := i == 0, i == len(p.pieces)-1
			e.slots = append(e.slots, slot{frame: int32(len(e.frames) - 1), gap: int16(piece.gap), first: first, last: last})
			at := int32(len(e.slots) - 1)
			if piece.name {
				e.steps[stepName].slots = append(e.steps[stepName].slots, at)
				continue
			}
			s := step{level: entry.Level, word: entry.Word && len(p.pieces) == 1, predicate: p.predicate, start: first && p.start, end: last && p.end}
			if first && p.left != "" {
				s.setLeft(p.left)
			}
			if last && p.right != "" {
				s.setRight(p.right)
			}
			// Pieces without conditions of their own are shared: <you> is one step however many patterns use it.
			key := ""
			if !s.word && !s.predicate && !s.start && !s.end && !s.hasLeft && !s.hasRight {
				key = fmt.Sprint(s.level, piece.spellings)
				if have, ok := c.shared[key]; ok {
					e.steps[have].slots = append(e.steps[have].slots, at)
					continue
				}
			}
			s.slots = []int32{at}
			e.steps = append(e.steps, s)
			id := int32(len(e.steps) - 1)
			if key != "" {
				c.shared[key] = id
			}
			for _, spelling := range piece.spellings {
				c.literal(id, spelling, plain)
				if entry.Level == Masked {
					c.disguises(id, spelling, p.reading)
				}
			}
		}
	}
	return nil
}

func (s *step) setLeft(set string) {
	s.hasLeft = true
	if set[0] == '^' {
		s.denyLeft, set = true, set[1:]
	}
	s.left = set
}

func (s *step) setRight(set string) {
	s.hasRight = true
	if set[0] == '^' {
		s.denyRight, set = true, set[1:]
	}
	s.right = set
}

// literal enters a spelling, folded.
func (c *compiler) literal(id int32, spelling string, v variant) {
	c.engine.folder.Fold(&c.text, spelling)
	if len(c.text.Runes) < 2 {
		return
	}
	out := literal{step: id, script: kanaOf(spelling), variant: v}
	c.plain.add(slices.Clone(c.text.Runes), out)
	c.engine.terms++
	if c.text.Seen&fold.Stretched != 0 || slices.Contains(c.text.Runes, 'ー') {
		// A term that is itself stretched (バカヤロー) must be found when it is stretched further.
		var short []rune
		for _, r := range c.text.Runes {
			if r != 'ー' {
				short = append(short, r)
			}
		}
		if len(short) > 2 && id >= stepsBuiltIn && c.engine.steps[id].level >= Spaced {
			out.variant = stretched
			c.plain.add(short, out)
		}
	}
}

// kanaOf tells in which kana a spelling is written: kata, hira, han for none, other for both.
func kanaOf(s string) script {
	var k, h bool
	for _, r := range s {
		switch scriptOf(r) {
		case kata:
			k = true
		case hira:
			h = true
		}
	}
	switch {
	case k && h:
		return other
	case k:
		return kata
	case h:
		return hira
	}
	return han
}
