package text

import "slices"

// Named returns how a text calls persons, without honorifics, each once: the names that the engine knows in the order of the
// text, then what stands where one calls somebody (堀、お前は…) and may be a name. The caller knows who exists.
func (e *Engine) Named(s string) []string {
	var sc Scan
	e.Find(&sc, s, nil, Options{})
	var out []string
	for _, span := range sc.Names {
		name := s[span.From:span.To]
		for _, h := range honorifics {
			if len(name) > len(h) && name[len(name)-len(h):] == h {
				name = name[:len(name)-len(h)]
				break
			}
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		if scriptOf(runes[i]) != han || i > 0 && !in(runes[i-1], "、。,.!?！？「\n 　") {
			continue
		}
		end := i
		for end < len(runes) && scriptOf(runes[end]) == han {
			end++
		}
		if name := string(runes[i:end]); end-i <= 4 && end < len(runes) && in(runes[end], "、,!！?？はがもの") && !slices.Contains(out, name) {
			out = append(out, name)
		}
		i = end
	}
	return out
}
