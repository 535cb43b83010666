package text

// complete runs the shape of which a mark is the beginning, where some pattern waits for it.
func (f *finder) complete(k *mark) bool {
	s := &f.engine.steps[k.lit.step]
	if s.shape == nil {
		return true
	}
	if !s.opens && !f.awaited(s, k.start) {
		return false
	}
	end := f.match(s.shape, int(k.start))
	k.end = int32(end)
	return end >= 0
}

// awaited reports whether some pattern has come to the slot before one of this step, near enough.
func (f *finder) awaited(s *step, start int32) bool {
	for _, at := range s.slots {
		st := &f.scan.states[at-1]
		if st.epoch != f.scan.epoch {
			continue
		}
		for i := range st.n {
			if gap := start - st.end[i]; gap >= 0 && gap <= int32(f.engine.slots[at].gap) {
				return true
			}
		}
	}
	return false
}

// advance moves the frames on in which a mark has a place.
func (f *finder) advance(k *mark) {
	e := f.engine
	for _, at := range e.steps[k.lit.step].slots {
		sl := &e.slots[at]
		start, end, disguised := k.start, k.end, k.disguised
		if sl.tail != nil {
			to := f.match(sl.tail, int(end))
			if to < 0 {
				continue
			}
			end = int32(to)
		}
		if disguised && sl.level < Spaced {
			continue
		}
		if !sl.first {
			before := &f.scan.states[at-1]
			if before.epoch != f.scan.epoch {
				continue
			}
			found := false
			for i := range before.n {
				if gap := k.start - before.end[i]; gap >= 0 && gap <= int32(sl.gap) && !f.broken(before.end[i], k.start) {
					start, disguised, found = before.start[i], disguised || before.disguised[i], true
					break
				}
			}
			if !found {
				continue
			}
		}
		f.reach(at, start, end, disguised)
	}
}

// reach notes that a frame has come as far as a slot, and tries what may follow at once.
func (f *finder) reach(at, start, end int32, disguised bool) {
	e, sc := f.engine, f.scan
	sl := &e.slots[at]
	if sl.last {
		f.found(&e.frames[sl.frame], start, end, disguised)
		return
	}
	next := &e.slots[at+1]
	if next.tail != nil && !next.first && !next.named {
		for from := end; from <= end+int32(next.gap) && int(from) <= len(f.text.Runes) && !f.broken(end, from); from++ {
			if to := f.match(next.tail, int(from)); to >= 0 {
				f.reach(at+1, start, int32(to), disguised)
				return
			}
		}
		return
	}
	st := &sc.states[at]
	if st.epoch != sc.epoch {
		*st = state{epoch: sc.epoch}
	}
	st.start[1], st.end[1], st.disguised[1] = st.start[0], st.end[0], st.disguised[0]
	st.start[0], st.end[0], st.disguised[0] = start, end, disguised
	st.n = min(st.n+1, 2)
}

// broken reports whether a sentence ends between two runes.
func (f *finder) broken(from, to int32) bool {
	for _, r := range f.text.Runes[from:to] {
		if breaks(r) || r == '」' || r == '』' {
			return true
		}
	}
	return false
}

// found records a pattern that is complete.
func (f *finder) found(fr *frame, start, end int32, disguised bool) {
	sc := f.scan
	if fr.category > Courtesy {
		if f.reading != readMasked {
			sc.cues = append(sc.cues, cue{fr.category, start, end})
			sc.You = sc.You || fr.category == you
		}
		return
	}
	if fr.category == Thanks {
		sc.cues = append(sc.cues, cue{fr.category, start, end})
	}
	from, to := f.text.Source(int(start), int(end))
	for i := range sc.Hits {
		if h := &sc.Hits[i]; h.Category == fr.category && from <= h.To && to >= h.From && !(h.From == from && h.To < to && i >= f.first) {
			if i >= f.first && from <= h.From && to >= h.To {
				h.From, h.To, h.Pattern = from, to, fr.entry.Pattern
			}
			return
		} else if h.Category == fr.category && h.From == from && i >= f.first {
			h.To, h.Pattern = to, fr.entry.Pattern
			return
		}
	}
	sc.Hits = append(sc.Hits, Hit{Category: fr.category, From: from, To: to, Disguised: disguised, Pattern: fr.entry.Pattern})
}

// fresh drops hits of a second reading that are no disguise: the first reading would have found them.
func (f *finder) fresh() {
	sc := f.scan
	kept := sc.Hits[:f.first]
	for _, h := range sc.Hits[f.first:] {
		if h.Disguised {
			kept = append(kept, h)
		}
	}
	sc.Hits = kept
}
