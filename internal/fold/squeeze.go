package fold

// dull are the kana that neither separate nor lengthen anything.
var dull = func() (all [0xC0]bool) {
	for i := range all {
		r := 0x3040 + rune(i)
		all[i] = Japanese(r) && lone(r) == 0 && r != 'ー'
	}
	return all
}()

// look keeps of Seen only what a second reading could read differently.
func (t *Text) look() {
	seen := t.Seen & (Masked | Mixed)
	for i := 1; i < len(t.Runes) && seen != t.Seen; i++ {
		r := t.Runes[i]
		if r >= 0x3400 && r <= 0x9FFF || r >= 0x3040 && r <= 0x30FF && dull[r-0x3040] {
			continue // the greater part of a text, at the price of two comparisons
		}
		switch {
		case t.Seen&Separated != 0 && Separator(r):
			if t.gap(i) > 0 {
				seen |= Separated
			}
		case t.Seen&Stretched != 0 && t.stretch(i) > 0:
			seen |= Stretched
		}
	}
	t.Seen = seen
}

// gap returns how many separators from i on stand inside what may be one word: between two Japanese letters, or between two
// letters or digits that stand alone (f u c k).
func (t *Text) gap(i int) int {
	if i == 0 {
		return 0
	}
	before := t.Runes[i-1]
	if !Japanese(before) && !alnum(before) {
		return 0 // inside a run of separators: looking for its end from each of them would take the square of its length
	}
	end := i
	for end < len(t.Runes) && Separator(t.Runes[end]) {
		end++
	}
	if end == len(t.Runes) {
		return 0
	}
	after := t.Runes[end]
	if Japanese(before) && Japanese(after) {
		return end - i
	}
	if alnum(before) && alnum(after) && (i < 2 || !alnum(t.Runes[i-2])) && (end+1 == len(t.Runes) || !alnum(t.Runes[end+1])) {
		return end - i
	}
	return 0
}

// stretch returns how many runes from i on only lengthen the one before: two prolonged sound marks or more, a wave, a small vowel,
// or two and more plain vowels after a kana of that vowel; or a letter that is there three times and more.
func (t *Text) stretch(i int) int {
	before, r := t.Runes[i-1], t.Runes[i]
	end := i
	switch {
	case prolongs(r):
		if !Japanese(before) {
			return 0 // as above
		}
		for end < len(t.Runes) && prolongs(t.Runes[end]) {
			end++
		}
		if !isKana(before) && r != 'ー' && end-i == 1 {
			return 0 // 東京〜大阪 is a range, 馬〜〜鹿 is not
		}
		if end-i == 1 && r == 'ー' {
			return 0
		}
		return end - i
	case lone(r) != 0:
		if !isKana(before) || vowel(before) != lone(r) {
			if before < 0x3400 || !smallVowel(r) {
				return 0
			}
		}
		for end < len(t.Runes) && (lone(t.Runes[end]) == lone(r) || prolongs(t.Runes[end])) {
			end++
		}
		if before == 'は' && !smallVowel(r) && end < len(t.Runes) && Japanese(t.Runes[end]) {
			return 0 // a particle before a word that is itself stretched: 君はアーーホだ
		}
		if end-i == 1 && !smallVowel(r) {
			return 0
		}
		return end - i
	case r == before && alnum(r) && r > '9':
		for end < len(t.Runes) && t.Runes[end] == r {
			end++
		}
		if end-i < 2 {
			return 0
		}
		return end - i
	}
	return 0
}

func alnum(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

// Squeeze replaces the contents of t by the text of src read without separators inside words and without stretching: バ・カ and
// ばーーか become ばか, しねええ becomes しね. What stands between words of Latin letters stays.
func (t *Text) Squeeze(src *Text) {
	t.Reset()
	for i := 0; i < len(src.Runes); {
		skip := 0
		if r := src.Runes[i]; Separator(r) {
			skip = src.gap(i)
		} else if i > 0 {
			skip = src.stretch(i)
		}
		if skip > 0 {
			i += skip
			continue
		}
		t.Runes = append(t.Runes, src.Runes[i])
		t.Spans = append(t.Spans, src.Spans[i])
		i++
	}
}

// Spell replaces the contents of t by the text of src with the digits and signs inside words of Latin letters read as letters:
// s1ne becomes sine. Numbers stay.
func (t *Text) Spell(src *Text) {
	t.Reset()
	t.Runes = append(t.Runes, src.Runes...)
	t.Spans = append(t.Spans, src.Spans...)
	for i := 0; i < len(t.Runes); {
		end, letters, figures := i, 0, 0
		for ; end < len(t.Runes); end++ {
			if r := t.Runes[end]; r >= 'a' && r <= 'z' {
				letters++
			} else if Figure(r) != 0 {
				figures++
			} else {
				break
			}
		}
		if letters > 0 && figures > 0 {
			for j := i; j < end; j++ {
				if r := Figure(t.Runes[j]); r != 0 {
					t.Runes[j] = r
				}
			}
		}
		i = end + 1
	}
}
