package text

// contexts sets the light in which each hit of this reading stands. The cues are patterns like all others (ja.txt); what is decided
// here is only where they have to stand to count.
func (f *finder) contexts() {
	sc := f.scan
	for i := f.first; i < len(sc.Hits); i++ {
		h := &sc.Hits[i]
		if !h.Category.Harmful() {
			continue
		}
		start, end := f.runeAt(h.From), f.runeAt(h.To)
		h.Context = f.context(start, end)
		if h.Category != Insult && h.Category != Sexual {
			h.Context &^= Praise // thanks do not undo a threat
		}
		switch h.Category {
		case Threat, Exclusion, Coercion: // are of what is done to somebody: 私に恥をかかせるな, ネットにさらしてやる
			h.Context &^= Self | Object
		case Privacy, Discrimination, Slander:
			h.Context &^= Object
		}
	}
}

// context looks at the cues around runes start to end.
func (f *finder) context(start, end int) Context {
	var out Context
	open, shut := f.sentence(start, end)
	bracket := f.bracket(start, end)
	if f.speech(start, end) || bracket > 0 && f.spokenOf(bracket) {
		out |= Quoted
	}
	nearest, nearestAt := None, -1
	for _, c := range f.scan.cues {
		cs, ce := int(c.start), int(c.end)
		switch c.category {
		case quoted:
			if cs >= end && cs-end <= 1 || bracket > 0 && cs >= bracket && cs-bracket <= 1 {
				out |= Quoted
			}
		case prohibited:
			if cs >= end && cs < shut+1 && cs-end <= 40 {
				out |= Negated
			}
		case denied:
			if cs >= end && cs-end <= 1 {
				out |= Negated
			}
		case telling:
			if cs >= open && ce <= start && start-ce <= 40 {
				out |= Quoted
			}
		case denying:
			if cs >= open && ce <= start && start-ce <= 6 {
				out |= Negated
			}
		case victim:
			if cs >= end && cs-end <= 8 || cs >= open && cs < start && start-ce <= 30 {
				out |= Report
			}
		case reported:
			if cs >= open && cs <= shut+40 {
				out |= Report
			}
		case Thanks:
			if cs >= open && cs <= shut {
				out |= Praise
			}
		case self, you, name, object:
			if cs >= open && ce <= start && cs > nearestAt && (c.category != object || start == ce || in(f.text.Runes[ce], "はがものをにでっ、")) {
				nearest, nearestAt = c.category, cs
			}
			if c.category == self && cs >= end && cs-end <= 1 {
				nearest, nearestAt = self, cs
			}
			if c.category == object && cs >= end && cs-end <= 1 {
				out |= Object
			}
		}
	}
	if n := f.nameBefore(open, start); n > nearestAt {
		nearest = name
	}
	switch nearest {
	case self:
		out |= Self
	case object:
		out |= Object
	}
	return out
}

// nameBefore returns where the last name between two runes begins, or -1.
func (f *finder) nameBefore(open, start int) int {
	at := -1
	for i := range f.scan.marks {
		if m := &f.scan.marks[i]; m.lit.step == stepName && int(m.start) >= open && int(m.end) <= start {
			at = max(at, int(m.start))
		}
	}
	return at
}

// sentence returns the runes of the sentence around start and end.
func (f *finder) sentence(start, end int) (open, shut int) {
	runes := f.text.Runes
	for open = start; open > 0 && !breaks(runes[open-1]); open-- {
	}
	for shut = end; shut < len(runes) && !breaks(runes[shut]); shut++ {
	}
	return open, shut
}

// bracket returns where the quotation around start and end is closed, just after the mark, or 0.
func (f *finder) bracket(start, end int) int {
	runes := f.text.Runes
	for i := start - 1; i >= 0 && start-i < 30; i-- {
		if in(runes[i], "」』\n") {
			return 0
		}
		if in(runes[i], "「『“\"'") {
			for j := end; j < len(runes) && j-end < 30; j++ {
				if in(runes[j], "」』”\"'") {
					return j + 1
				}
			}
			return 0
		}
	}
	return 0
}

// spokenOf reports whether a sentence goes on after a quotation that is closed before the rune at, speaking of what is
// quoted and not to the reader: 「やる気がないなら帰れ」は指導か否か.
func (f *finder) spokenOf(at int) bool {
	runes := f.text.Runes
	if at >= len(runes) || !in(runes[at], "はがをともや、等かにっ「『") {
		return false
	}
	_, shut := f.sentence(at, at)
	for _, c := range f.scan.cues {
		if c.category == you && int(c.start) >= at && int(c.end) <= shut {
			return false
		}
	}
	return shut-at >= 4
}

// speech reports whether start to end stand between quotation marks of a Latin text that goes on outside them.
func (f *finder) speech(start, end int) bool {
	runes := f.text.Runes
	open, shut := -1, -1
	for i := start - 1; i >= 0 && runes[i] != '\n'; i-- {
		if in(runes[i], "\"“”") {
			open = i
			break
		}
	}
	for i := end; i < len(runes) && runes[i] != '\n'; i++ {
		if in(runes[i], "\"“”") {
			shut = i
			break
		}
	}
	return open >= 0 && shut > open && open+len(runes)-shut > 8 && shut-open < 200
}
