package text

import (
	"errors"
	"fmt"
	"slices"
	"strings"
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
	slots           []int32
	level           Level
	shape           shape // what must follow where the machine found a beginning; nil for a literal
	opens           bool  // some pattern begins with it
	word, predicate bool
	start, end      bool // must begin, must end a sentence
	left            string
	hasLeft         bool
	denyLeft        bool
}

// A slot is a step at its place in a frame.
type slot struct {
	frame int32
	gap   int16
	level Level
	first bool
	last  bool
	named bool  // begins with somebody's name
	tail  shape // what must stand behind the name, or, if the slot has no step, behind the slot before
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

// maxFaults is how many errors NewEngine reports at once.
const maxFaults = 20

// NewEngine compiles lexicons. Errors name lexicon and line.
func NewEngine(lexicons ...Lexicon) (*Engine, error) {
	e := &Engine{folder: folder}
	e.steps = make([]step, stepsBuiltIn)
	c := compiler{engine: e, plain: newBuilder(), masked: newBuilder(), shared: map[string]int32{}}
	var faults []error
	for _, l := range lexicons {
		for _, entry := range l.Entries {
			if err := c.add(l, entry); err != nil && len(faults) < maxFaults {
				faults = append(faults, fmt.Errorf("%s:%d:1: %w", l.Name, max(entry.Line, 1), err))
			}
		}
		for _, word := range l.Exceptions {
			if utf8.RuneCountInString(word) > 1 {
				c.literal(stepException, word, plain)
			}
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
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

// form is how the engine folds.
const form = fold.Kana | fold.Voicing | fold.Iteration | fold.Invisible

// folder is read only.
var folder = fold.New(form)

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
	for _, p := range patterns {
		if err := c.pattern(entry, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *compiler) pattern(entry Entry, p pattern) error {
	e := c.engine
	e.frames = append(e.frames, frame{category: entry.Category, entry: entry})
	for i, piece := range p.pieces {
		first, last := i == 0, i == len(p.pieces)-1
		sl := slot{frame: int32(len(e.frames) - 1), gap: int16(piece.gap), first: first, last: last, level: entry.Level}
		at := int32(len(e.slots))
		if piece.name {
			sl.named = true
			if piece.src != "" {
				tail, err := newShape(e.folder, piece.src)
				if err != nil {
					return err
				}
				sl.tail = tail.branched()
			}
			e.slots = append(e.slots, sl)
			e.steps[stepName].slots = append(e.steps[stepName].slots, at)
			continue
		}
		s := step{level: entry.Level, word: entry.Word, predicate: p.predicate, start: first && p.start, opens: first}
		if first && p.left != "" {
			s.setLeft(p.left)
		}
		literal := len(p.pieces) == 1 && (entry.Level == Masked || !strings.ContainsAny(piece.src, "(|?[$"))
		// Pieces without conditions of their own are shared: <you> is one step however many patterns use it.
		key := ""
		if !literal && !s.predicate && !s.start && !s.hasLeft {
			key = fmt.Sprint(s.level, s.word, piece.src)
			if have, ok := c.shared[key]; ok {
				e.slots = append(e.slots, sl)
				e.steps[have].slots = append(e.steps[have].slots, at)
				e.steps[have].opens = e.steps[have].opens || first
				continue
			}
		}
		s.slots = []int32{at}
		id := int32(len(e.steps))
		if literal {
			src, end := strings.CutSuffix(piece.src, "$")
			s.end = end
			all, err := spellings(src)
			if err != nil {
				return err
			}
			e.slots, e.steps = append(e.slots, sl), append(e.steps, s)
			for _, spelling := range all {
				c.literal(id, spelling, plain)
				if entry.Level == Masked {
					c.disguises(id, spelling, p.reading)
				}
			}
			continue
		}
		prog, err := newShape(e.folder, piece.src)
		if err != nil {
			return err
		}
		heads, ok := prog.beginnings()
		if !ok && first {
			return fmt.Errorf("%q can be shorter than two characters: %s", piece.src, tooShort)
		}
		if !ok {
			sl.tail = prog.branched() // too short to look for everywhere: tried behind the piece before
			e.slots = append(e.slots, sl)
			continue
		}
		s.shape = prog.branched()
		e.slots, e.steps = append(e.slots, sl), append(e.steps, s)
		for _, head := range heads {
			c.plain.add(head, anchor(id))
		}
		e.terms++
		if key != "" {
			c.shared[key] = id
		}
	}
	return nil
}

// anchor is the literal that stands for the beginning of a shape.
func anchor(id int32) literal { return literal{step: id} }

func (s *step) setLeft(set string) {
	s.hasLeft = true
	if set[0] == '^' {
		s.denyLeft, set = true, set[1:]
	}
	s.left = set
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
