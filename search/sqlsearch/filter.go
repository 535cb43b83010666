package sqlsearch

import (
	"slices"
	"strconv"
	"strings"

	"github.com/engawa-sns/engawa/search"
)

// text is a statement that is being written, with its arguments.
type text struct {
	strings.Builder
	args []any
}

func placeholder(b *strings.Builder, n int) {
	b.WriteByte('$')
	b.WriteString(strconv.Itoa(n))
}

// put writes a piece of which each ? is an argument.
func (t *text) put(piece string, args ...any) {
	for _, a := range args {
		before, after, _ := strings.Cut(piece, "?")
		t.WriteString(before)
		t.args = append(t.args, a)
		placeholder(&t.Builder, len(t.args))
		piece = after
	}
	t.WriteString(piece)
}

// filter is what documents must be.
type filter struct {
	*search.Filter
	tenant string
	scopes []search.Scope // those that are allowed and wanted
	hiding bool           // something of the tenant's is hidden
	hidden string         // table
}

func newFilter(f *search.Filter) filter {
	out := filter{Filter: f, scopes: f.Access.Scopes}
	if len(f.Scopes) > 0 {
		out.scopes = nil
		allowed := map[search.Scope]bool{}
		for _, s := range f.Access.Scopes {
			allowed[s] = true
		}
		for _, s := range f.Scopes {
			if allowed[s] && !slices.Contains(out.scopes, s) {
				out.scopes = append(out.scopes, s)
			}
		}
	}
	return out
}

// readable writes the condition that the viewer may read d. It is part of every statement that reads documents.
func (f *filter) readable(t *text) {
	f.allowed(t, f.Access.Scopes)
}

func (f *filter) allowed(t *text, scopes []search.Scope) {
	t.put(` AND d.scope = ANY (?::text[])`, array(scopes))
	if len(f.Access.Hidden) > 0 {
		t.put(` AND d.author <> ALL (?::text[])`, array(f.Access.Hidden))
	}
	if f.hiding {
		t.put(` AND NOT EXISTS (SELECT FROM `+f.hidden+` h WHERE h.tenant = ? AND h.ref = d.ref)`, f.tenant)
	}
}

// pass writes the condition that a document is readable and wanted.
func (f *filter) pass(t *text) {
	f.allowed(t, f.scopes)
	if len(f.Authors) > 0 {
		t.put(` AND d.author = ANY (?::text[])`, array(f.Authors))
	}
	if len(f.Kinds) > 0 {
		t.put(` AND d.kind = ANY (?::text[])`, array(f.Kinds))
	}
	if len(f.Tags) > 0 {
		t.put(` AND d.tags && ?::text[]`, array(f.Tags))
	}
	if !f.After.IsZero() {
		t.put(` AND d.at >= ? AND d.flags & ? = 0`, f.After.UnixMicro(), flagUndated)
	}
	if !f.Before.IsZero() {
		t.put(` AND d.at < ? AND d.flags & ? = 0`, f.Before.UnixMicro(), flagUndated)
	}
	switch f.Answered {
	case search.IsAnswered:
		t.put(` AND d.flags & ? = ?`, flagQuestion|flagAnswered, flagQuestion|flagAnswered)
	case search.IsUnanswered:
		t.put(` AND d.flags & ? = ?`, flagQuestion|flagAnswered, flagQuestion)
	}
	if len(f.Exclude) > 0 {
		t.put(` AND d.ref <> ALL (?::text[])`, array(refs(f.Exclude)))
	}
}

// either is a tsquery for documents that have one of the terms; empty for no terms.
func either(index int64, terms []search.Term) string {
	return string(joined(nil, index, terms, '|'))
}

func joined(b []byte, index int64, terms []search.Term, op byte) []byte {
	for i, t := range terms {
		if i > 0 {
			b = append(b, op)
		}
		if len(t.Also) == 0 {
			b = lexemes(b, index, t, t.Text)
			continue
		}
		b = lexemes(append(b, '('), index, t, t.Text)
		for _, also := range t.Also {
			b = lexemes(append(b, '|'), index, t, also)
		}
		b = append(b, ')')
	}
	return b
}

// lexemes is one text of a term in a tsquery.
func lexemes(b []byte, index int64, t search.Term, text string) []byte {
	b = quoted(b, index, lexeme(t.Field, text))
	if t.Prefix && t.Field != search.Pairs {
		b = append(b, ':', '*')
	}
	return b
}

// duties is a tsquery for what documents must have, and one for what they must not have; empty for none.
func duties(index int64, r *search.Request) (must, not string) {
	join := func(lists [][]search.Term, inner, outer byte) string {
		var b []byte
		for _, list := range lists {
			if len(list) == 0 {
				continue
			}
			if len(b) > 0 {
				b = append(b, outer)
			}
			b = append(b, '(')
			b = append(joined(b, index, list, inner), ')')
		}
		return string(b)
	}
	return join(r.Must, '|', '&'), join(r.Not, '&', '|')
}

// match writes the condition that a document has one of the terms, does its duties, is readable and wanted.
func (q *hunt) match(t *text, terms []search.Term) {
	var all string
	if len(terms) > 0 {
		all = either(q.index, terms)
	}
	switch {
	case all != "" && q.must != "":
		all = "(" + q.must + ")&(" + all + ")"
	case all == "":
		all = q.must
	}
	if all != "" {
		t.put(` WHERE d.terms @@ ?::tsquery AND d.index_id + 0 = ?`, all, q.index)
	} else {
		t.put(` WHERE d.index_id = ?`, q.index)
	}
	if q.not != "" {
		t.put(` AND d.tie NOT IN (SELECT n.tie FROM `+q.docs+` n WHERE n.terms @@ ?::tsquery AND n.index_id + 0 = ?)`, q.not, q.index)
	}
	q.filter.pass(t)
}
