package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/engawa-sns/engawa"
)

// entry is what a person is found by, folded.
type entry struct {
	id    engawa.PersonID
	order string   // the reading, or the name
	codes []string // the id and the code
	names []string // the name and the reading, each whole and from every word on
}

func newEntry(p *Person) entry {
	e := entry{id: p.ID, order: cmp.Or(fold(p.Reading), fold(p.Display)), codes: []string{fold(string(p.ID))}}
	if p.Code != "" {
		e.codes = append(e.codes, fold(p.Code))
	}
	for _, name := range []string{p.Display, p.Reading} {
		for words := strings.Fields(name); len(words) > 0; words = words[1:] {
			e.names = append(e.names, fold(strings.Join(words, "")))
		}
	}
	return e
}

// Search implements [engawa.Searcher]. It finds those whose id, code, name or reading begins with the prefix, or whose
// name or reading has a word that does: those found by id or code first, then by reading. Spaces, case, full-width
// letters and the difference of hiragana and katakana do not count. An empty prefix finds everybody. It looks at every
// person of the tenant: about a millisecond for 10,000.
func (s *Static) Search(ctx context.Context, tenant engawa.TenantID, prefix string, limit int) ([]engawa.PersonID, error) {
	c, err := s.chart(ctx, tenant)
	if err != nil {
		return nil, err
	}
	prefix = fold(prefix)
	begins := func(s string) bool { return strings.HasPrefix(s, prefix) }
	var byCode, byName []engawa.PersonID
	for _, e := range c.entries {
		switch {
		case slices.ContainsFunc(e.codes, begins):
			byCode = append(byCode, e.id)
		case slices.ContainsFunc(e.names, begins):
			byName = append(byName, e.id)
		}
	}
	found := append(byCode, byName...)
	return found[:min(len(found), max(limit, 0))], nil
}

// fold is a form in which names are compared: without spaces, in lower case, ASCII for full-width letters and hiragana
// for katakana.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r >= 'ァ' && r <= 'ヶ':
			r -= 'ァ' - 'ぁ'
		}
		return unicode.ToLower(r)
	}, s)
}
