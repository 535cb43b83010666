package blevesearch

import (
	"math"
	"time"

	"github.com/engawa-sns/engawa/search"
)

// filter is what documents must be, in numbers of one index.
type filter struct {
	allowed bits // scopes
	hidden  bits // authors
	// Conditions; nil sets do not matter.
	scopes, authors, kinds, tags bits
	after, before                int64
	flags, want                  uint8
	exclude                      map[uint64]bool // by tie
	plain                        bool            // no condition but access
}

func (ix *tenantIndex) newFilter(f *search.Filter) filter {
	out := filter{after: math.MinInt64, before: math.MaxInt64}
	out.allowed = newBits(ix.scopes.len())
	for _, s := range f.Access.Scopes {
		if i, ok := ix.scopes.find(string(s)); ok && int(i>>6) < len(out.allowed) {
			out.allowed.set(i)
		}
	}
	if len(f.Access.Hidden) > 0 {
		out.hidden = set(ix.authors, f.Access.Hidden)
	}
	out.scopes, out.authors = set(ix.scopes, f.Scopes), set(ix.authors, f.Authors)
	out.kinds, out.tags = set(ix.kinds, f.Kinds), set(ix.tags, f.Tags)
	if !f.After.IsZero() {
		out.after = micros(f.After)
	}
	if !f.Before.IsZero() {
		out.before = micros(f.Before)
	}
	switch f.Answered {
	case search.IsAnswered:
		out.flags, out.want = flagQuestion|flagAnswered, flagQuestion|flagAnswered
	case search.IsUnanswered:
		out.flags, out.want = flagQuestion|flagAnswered, flagQuestion
	}
	if len(f.Exclude) > 0 {
		out.exclude = map[uint64]bool{}
		for _, r := range f.Exclude {
			out.exclude[hash(r.String())] = true
		}
	}
	out.plain = out.scopes == nil && out.authors == nil && out.kinds == nil && out.tags == nil && out.exclude == nil &&
		out.flags == 0 && f.After.IsZero() && f.Before.IsZero()
	return out
}

func micros(t time.Time) int64 { return t.UnixMicro() }

// set is the numbers of strings that the index knows; nil for no strings, empty if it knows none of them.
func set[S ~string](n *names, list []S) bits {
	if len(list) == 0 {
		return nil
	}
	b := newBits(max(1, n.len()))
	for _, s := range list {
		if i, ok := n.find(string(s)); ok && int(i>>6) < len(b) {
			b.set(i)
		}
	}
	return b
}

// readable reports whether the viewer may read a document. It is the first thing that is asked of each.
func (f *filter) readable(sv *segmentView, d uint32) bool {
	return f.allowed.has(sv.cols.scope[d]) && (sv.dead == nil || !sv.dead.has(d)) && (f.hidden == nil || !f.hidden.has(sv.cols.author[d]))
}

// pass reports whether a document is wanted.
func (f *filter) pass(sv *segmentView, d uint32) bool {
	return f.readable(sv, d) && (f.plain || f.conditions(sv.cols, d))
}

func (f *filter) conditions(c *columns, d uint32) bool {
	switch {
	case f.scopes != nil && !f.scopes.has(c.scope[d]),
		f.authors != nil && !f.authors.has(c.author[d]),
		f.kinds != nil && !f.kinds.has(c.kind[d]),
		c.flags[d]&f.flags != f.want,
		c.at[d] < f.after || c.at[d] >= f.before,
		f.exclude != nil && f.exclude[c.tie[d]]:
		return false
	}
	if (f.after != math.MinInt64 || f.before != math.MaxInt64) && c.flags[d]&flagUndated != 0 {
		return false
	}
	if f.tags != nil {
		for _, t := range c.tags[d] {
			if f.tags.has(t) {
				return true
			}
		}
		return false
	}
	return true
}

// duty is what documents of one segment must have and must not have.
type duty struct {
	must, not bits
	none      bool // nothing can pass
}

func (d *duty) done(doc uint32) bool {
	return (d.must == nil || d.must.has(doc)) && (d.not == nil || !d.not.has(doc))
}

func (q *query) duties(sv *segmentView) (duty, error) {
	var out duty
	for _, any := range q.r.Must {
		b := newBits(sv.cols.n)
		for _, t := range any {
			l, err := sv.lists.get(t.Field, t.Text, t.Prefix)
			if err != nil {
				return out, err
			}
			for _, d := range l.docs {
				b.set(d)
			}
		}
		if out.must == nil {
			out.must = b
			continue
		}
		some := uint64(0)
		for i := range b {
			out.must[i] &= b[i]
			some |= out.must[i]
		}
		if some == 0 {
			out.none = true
			return out, nil
		}
	}
	for _, all := range q.r.Not {
		var b bits
		for _, t := range all {
			l, err := sv.lists.get(t.Field, t.Text, t.Prefix)
			if err != nil {
				return out, err
			}
			one := newBits(sv.cols.n)
			for _, d := range l.docs {
				one.set(d)
			}
			if b == nil {
				b = one
				continue
			}
			for i := range b {
				b[i] &= one[i]
			}
		}
		if out.not == nil {
			out.not = newBits(sv.cols.n)
		}
		for i := range b {
			out.not[i] |= b[i]
		}
	}
	return out, nil
}
