package sqldirectory

import "github.com/engawa-sns/engawa"

// core is what every Directory of this package has.
type core struct{ *tables }

// Bind implements [engawa.Binder].
func (c core) Bind(conn engawa.Conn) engawa.Directory { return c.bind(conn).directory() }

// Each upgrade is a type of its own, so that a Directory has only those whose queries were given.
type (
	namer        struct{ *tables }
	ancestry     struct{ *tables }
	memberLister struct{ *tables }
	searcher     struct{ *tables }
)

// directory puts together what the queries can answer.
func (t *tables) directory() engawa.Directory {
	var base plain = core{t}
	n, a, m, s := namer{t}, ancestry{t}, memberLister{t}, searcher{t}
	const names, ancestors, members, search = 1, 2, 4, 8
	has := 0
	for bit, q := range map[int]bool{names: t.names != nil, ancestors: t.ancestors != nil || t.parents != nil, members: t.members != nil, search: t.search != nil} {
		if q {
			has |= bit
		}
	}
	switch has {
	case names:
		return struct {
			plain
			engawa.Namer
		}{base, n}
	case ancestors:
		return struct {
			plain
			engawa.Ancestry
		}{base, a}
	case names | ancestors:
		return struct {
			plain
			engawa.Namer
			engawa.Ancestry
		}{base, n, a}
	case members:
		return struct {
			plain
			engawa.MemberLister
		}{base, m}
	case names | members:
		return struct {
			plain
			engawa.Namer
			engawa.MemberLister
		}{base, n, m}
	case ancestors | members:
		return struct {
			plain
			engawa.Ancestry
			engawa.MemberLister
		}{base, a, m}
	case names | ancestors | members:
		return struct {
			plain
			engawa.Namer
			engawa.Ancestry
			engawa.MemberLister
		}{base, n, a, m}
	case search:
		return struct {
			plain
			engawa.Searcher
		}{base, s}
	case names | search:
		return struct {
			plain
			engawa.Namer
			engawa.Searcher
		}{base, n, s}
	case ancestors | search:
		return struct {
			plain
			engawa.Ancestry
			engawa.Searcher
		}{base, a, s}
	case names | ancestors | search:
		return struct {
			plain
			engawa.Namer
			engawa.Ancestry
			engawa.Searcher
		}{base, n, a, s}
	case members | search:
		return struct {
			plain
			engawa.MemberLister
			engawa.Searcher
		}{base, m, s}
	case names | members | search:
		return struct {
			plain
			engawa.Namer
			engawa.MemberLister
			engawa.Searcher
		}{base, n, m, s}
	case ancestors | members | search:
		return struct {
			plain
			engawa.Ancestry
			engawa.MemberLister
			engawa.Searcher
		}{base, a, m, s}
	case names | ancestors | members | search:
		return struct {
			plain
			engawa.Namer
			engawa.Ancestry
			engawa.MemberLister
			engawa.Searcher
		}{base, n, a, m, s}
	}
	return base
}

// plain is a Directory without upgrades.
type plain interface {
	engawa.Directory
	engawa.Binder
}
