package text

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/internal/fold"
)

// A Hit is a place where a pattern was found.
type Hit struct {
	Category Category
	// From and To are bytes of the text as its author wrote it.
	From, To int
	// Context is the light in which the words stand.
	Context Context
	// Disguised says that the words were spaced, stretched, masked or spelt out: nobody does that by accident.
	Disguised bool
	// Pattern is the line of the lexicon that was found.
	Pattern string
}

// A Scan holds the working memory of Engine.Find. The zero Scan is ready; use it again to save allocation, by one goroutine at a time.
type Scan struct {
	// Hits are what Find found, in the order of the text: harm and the categories of context that a policy can refer to.
	Hits []Hit
	// Names are the places where somebody is named.
	Names []fold.Span
	// You says that somebody is addressed as "you" (お前, 君, you).
	You bool

	text, other, name fold.Text
	marks             []mark
	shields           []mark
	cues              []cue
	states            []state
	epoch             uint32
}

// A mark is a place where a literal was found: runes start to end of the reading.
type mark struct {
	start, end int32
	lit        literal
	disguised  bool
}

// A cue is a mark that says something about context.
type cue struct {
	category   Category
	start, end int32
}

// A state is how far a frame has come at a slot: the two latest places.
type state struct {
	epoch     uint32
	n         uint8
	disguised [2]bool
	start     [2]int32
	end       [2]int32
}

// A reading is one way to read a text.
type reading uint8

const (
	readPlain reading = iota
	readSqueezed
	readSpelt
	readMasked
)

// Find finds what the engine knows in s and leaves it in sc. Names are persons the caller knows, as the text may call them, beside
// those that the engine recognises by surname or honorific.
func (e *Engine) Find(sc *Scan, s string, names []string, o Options) {
	sc.Hits, sc.Names, sc.cues, sc.You = sc.Hits[:0], sc.Names[:0], sc.cues[:0], false
	if len(sc.states) != len(e.slots) {
		sc.states, sc.epoch = make([]state, len(e.slots)), 0
	}
	e.folder.Fold(&sc.text, s)
	f := finder{engine: e, scan: sc, source: s, verifier: o.Verifier}
	f.read(&sc.text, readPlain, e.plain, names)
	seen := sc.text.Seen
	if seen&(fold.Separated|fold.Stretched) != 0 {
		sc.other.Squeeze(&sc.text)
		f.read(&sc.other, readSqueezed, e.plain, names)
	}
	if seen&fold.Mixed != 0 {
		sc.other.Spell(&sc.text)
		f.read(&sc.other, readSpelt, e.plain, names)
	}
	if seen&fold.Masked != 0 && e.masked != nil {
		unmask(&sc.other, &sc.text)
		f.read(&sc.other, readMasked, e.masked, nil)
	}
	if len(sc.Hits) > 1 {
		slices.SortStableFunc(sc.Hits, func(a, b Hit) int { return cmp.Compare(a.From, b.From) })
	}
}

type finder struct {
	engine   *Engine
	scan     *Scan
	source   string
	verifier Verifier
	text     *fold.Text
	reading  reading
	first    int // where the hits of this reading begin
}

// read goes over one reading of the text.
func (f *finder) read(text *fold.Text, r reading, m *machine, names []string) {
	sc := f.scan
	f.text, f.reading, f.first = text, r, len(sc.Hits)
	sc.marks, sc.shields = sc.marks[:0], sc.shields[:0]
	f.collect(m)
	if r != readMasked {
		sc.cues = sc.cues[:0]
	}
	for _, name := range names {
		f.mention(name)
	}
	if len(sc.marks) == 0 {
		return
	}
	if names != nil || f.engine.hasNames(sc.marks) {
		slices.SortStableFunc(sc.marks, func(a, b mark) int { return cmp.Compare(a.start, b.start) })
	}
	sc.epoch++
	for i := range sc.marks {
		k := &sc.marks[i]
		if k.lit.step == stepName || f.complete(k) && f.accept(k) {
			f.advance(k)
		}
	}
	f.contexts()
	if r != readPlain {
		f.fresh()
	}
}

// collect finds every literal of a machine.
func (f *finder) collect(m *machine) {
	runes := f.text.Runes
	for i := 0; i+1 < len(runes); i++ {
		if !m.may(runes[i], runes[i+1]) {
			continue
		}
		node := m.find(pair(runes[i], runes[i+1]))
		for j := i + 2; node != 0; j++ {
			if at := m.ends[node]; at != 0 {
				for {
					lit := m.outs[at]
					f.mark(i, j, lit)
					if !lit.more {
						break
					}
					at++
				}
			}
			if j >= len(runes) {
				break
			}
			node = m.find(edge(node, runes[j]))
		}
	}
}

func (f *finder) mark(start, end int, lit literal) {
	sc := f.scan
	switch lit.step {
	case stepException:
		if lit.script == other || !f.mixedKana(start, end) {
			sc.shields = append(sc.shields, mark{start: int32(start), end: int32(end)})
		}
	case stepHonorific:
		f.honoured(start, end)
	case stepName:
		if f.surname(start, end) {
			f.named(start, end)
		}
	default:
		sc.marks = append(sc.marks, mark{start: int32(start), end: int32(end), lit: lit})
	}
}

// mixedKana reports whether the source of these runes has both kana: はカス is not one word.
func (f *finder) mixedKana(start, end int) bool {
	from, to := f.text.Source(start, end)
	return kanaOf(f.source[from:to]) == other
}

func (e *Engine) hasNames(marks []mark) bool {
	for i := range marks {
		if marks[i].lit.step == stepName {
			return true
		}
	}
	return false
}

// accept decides whether a literal that stands in the text is the term that it belongs to.
func (f *finder) accept(k *mark) bool {
	s := &f.engine.steps[k.lit.step]
	start, end := int(k.start), int(k.end)
	for _, shield := range f.scan.shields {
		if shield.start <= k.start && k.end <= shield.end && shield.end-shield.start > k.end-k.start {
			return false
		}
	}
	from, to := f.text.Source(start, end)
	switch f.reading {
	case readPlain:
		if k.lit.variant == stretched || k.lit.variant == spelt {
			return false
		}
	case readSqueezed:
		for i := start + 1; i < end && !k.disguised; i++ {
			k.disguised = f.text.Spans[i].From != f.text.Spans[i-1].To
		}
		if !k.disguised && f.drawn(end) {
			k.disguised = true
		}
		if k.disguised && s.level < Spaced || k.lit.variant == spelt || k.lit.variant == stretched && !k.disguised {
			return false
		}
		if k.disguised && k.lit.script == latin {
			return false
		}
	case readSpelt:
		for _, r := range f.source[from:to] {
			k.disguised = k.disguised || fold.Figure(r) != 0
		}
		if k.disguised && s.level < Masked || k.lit.variant == stretched || k.lit.variant == spelt && !k.disguised {
			return false
		}
	case readMasked:
		k.disguised = true
		if !f.unhidden(k, s) {
			return false
		}
	}
	edge := to
	if f.reading == readSqueezed && f.drawn(end) {
		if edge = len(f.source); end < len(f.text.Spans) {
			edge = int(f.text.Spans[end].From)
		}
	}
	if !bounded(f.source, from, edge) {
		return false
	}
	if !f.guarded(k, s, start, end) {
		return false
	}
	if k.lit.variant == romaji {
		return true
	}
	flipped, kana := false, false
	if s.word || s.level == Strict || k.lit.variant == lookalike {
		for _, r := range f.source[from:to] {
			if r == 'ー' || r == '〜' {
				continue
			}
			switch c := scriptOf(r); c {
			case kata, hira:
				kana = kana || c == hira
				flipped = flipped || c != k.lit.script && k.lit.script != other
			}
		}
		if flipped && (s.level == Strict || k.lit.variant == lookalike) {
			return false
		}
	}
	if k.lit.variant == lookalike && s.word && (scriptOf(before(f.source, from)) == han || scriptOf(after(f.source, to)) == han) {
		return false
	}
	if s.word && k.lit.variant != hidden {
		short := k.end-k.start <= 3
		if short && kana && (flipped || k.lit.script == hira) && !loose(f.text.Runes, start, end) {
			return false
		}
		if f.reading == readSqueezed && k.disguised && short && k.lit.script != kata && !loose(f.text.Runes, start, end) {
			return false
		}
		if f.verifier != nil && k.end-k.start <= 4 && !k.disguised && !f.verifier.Word(f.source, from, to) {
			return false
		}
	}
	return true
}

// drawn reports whether the squeezed reading left out a stretch just before a rune: ばかぁぁぁ.
func (f *finder) drawn(end int) bool {
	to := int(f.text.Spans[end-1].To)
	r, _ := utf8.DecodeRuneInString(f.source[to:])
	return (end == len(f.text.Spans) || int(f.text.Spans[end].From) != to) && in(r, "ぁぃぅぇぉァィゥェォあいうえおー〜~")
}

// guarded checks the conditions that a pattern states itself.
func (f *finder) guarded(k *mark, s *step, start, end int) bool {
	runes := f.text.Runes
	if s.hasLeft {
		ok := start > 0 && in(runes[start-1], s.left) || start == 0 && !s.denyLeft && in('^', s.left)
		if ok == s.denyLeft {
			return false
		}
	}
	if s.start && !f.opens(start) || s.end && !f.closes(end) {
		return false
	}
	return !s.predicate || k.disguised && f.reading == readSqueezed || predicate(runes, start, end)
}

// opens reports whether a sentence, or what somebody is told after an address, begins at a rune.
func (f *finder) opens(at int) bool {
	for at > 0 {
		switch r := f.text.Runes[at-1]; {
		case r == ' ' || r == '「' || r == '『' || r == '(' || r == '"':
			at--
		default:
			return breaks(r) || r == '、' || r == '…' || r == '」' || r == ','
		}
	}
	return true
}

// closes reports whether a sentence ends at a rune, particles of speech and laughter aside.
func (f *finder) closes(at int) bool {
	for at < len(f.text.Runes) {
		switch r := f.text.Runes[at]; {
		case breaks(r) || r == '」' || r == '』' || r == '、':
			return true
		case in(r, "よねなぞわさぜーっ〜~笑w草ぁぇ…・)(!?‼⁉") || r == ' ' || r == '.':
			at++
		case fold.Separator(r) || !letter(r):
			at++
		default:
			return false
		}
	}
	return true
}

// breaks reports whether a rune ends a sentence.
func breaks(r rune) bool {
	return r == '。' || r == '!' || r == '?' || r == '\n' || r == '．' || r == '｡'
}

// unhidden checks a literal of which a character is hidden.
func (f *finder) unhidden(k *mark, s *step) bool {
	runes := f.text.Runes
	start, end := int(k.start), int(k.end)
	visible, kana := 0, false
	for _, r := range runes[start:end] {
		if r != maskRune {
			visible++
			kana = kana || scriptOf(r) == hira && k.lit.script != kata
		}
	}
	if start > 0 && runes[start-1] == maskRune || end < len(runes) && runes[end] == maskRune {
		return false
	}
	if scriptOf(runes[start]) == latin || scriptOf(runes[end-1]) == latin {
		return visible > 1 && (start == 0 || scriptOf(runes[start-1]) != latin) && (end == len(runes) || scriptOf(runes[end]) != latin)
	}
	alone := f.opens(start) && f.closes(end)
	if visible == 1 && kana {
		return alone && !letterAt(runes, end)
	}
	if alone {
		return true
	}
	if k.lit.script == kata && visible <= 2 {
		from, to := f.text.Source(start, end)
		for _, r := range f.source[from:to] {
			if scriptOf(r) == hira && visible == 1 {
				return false
			}
		}
	}
	if end-start <= 3 {
		return loose(runes, start, end)
	}
	return true
}

func letterAt(runes []rune, i int) bool { return i < len(runes) && letter(runes[i]) }

// runeAt returns the index of the rune of the reading that begins at or after a byte of the source.
func (f *finder) runeAt(at int) int {
	return search(f.text.Spans, int32(at))
}

func search(spans []fold.Span, at int32) int {
	lo, hi := 0, len(spans)
	for lo < hi {
		if mid := (lo + hi) / 2; spans[mid].From < at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
