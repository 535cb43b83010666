package text

// Named returns how a text calls persons, without honorifics, in the order of the text, each once.
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
		seen := false
		for _, have := range out {
			seen = seen || have == name
		}
		if !seen {
			out = append(out, name)
		}
	}
	return out
}
