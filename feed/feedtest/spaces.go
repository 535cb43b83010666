package feedtest

import (
	"cmp"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// allKeys is a key of every kind, in an order that no sorting gives.
var allKeys = []feed.Key{
	feed.WithRole("helpdesk"), feed.InOrg("sales"), feed.Everyone(), feed.RankFrom(5), feed.ThisPerson("bob"),
	feed.InOrgOrBelow("sales"), feed.InOrg("bob"), feed.RankFrom(-1),
}

var spaces = []testCase{
	{"a space comes back as it was", func(s *suite) {
		full := s.space(func(sp *feed.Space) {
			sp.Purpose = feed.Purpose{Why: "勝ち方を\n共有する", For: "提案 👍", NotFor: "' \" % _ \\ ?"}
			sp.Access, sp.Join, sp.Secret, sp.Posts = allKeys, feed.JoinInvite, true, feed.PostsByHosts
			sp.Archived = &feed.Mark{By: "bob", At: base.Add(time.Hour), Why: "終わり"}
		})
		full.Mine.Person = "carl"
		s.same("the space", s.spaceAgain(full.ID, "carl"), full)
		bare := s.space(func(sp *feed.Space) { sp.Access, sp.Join, sp.CreatedBy = nil, feed.JoinInvite, "" })
		bare.Mine.Person = "carl"
		s.same("a space without keys", s.spaceAgain(bare.ID, "carl"), bare)
		if sp := s.spaceAgain(stranger, "carl"); sp.ID != 0 {
			s.Errorf("no such space, and yet %+v", sp)
		}
	}},
	{"a change needs the version before", func(s *suite) {
		sp := s.space(func(sp *feed.Space) { sp.Access = allKeys })
		s.post(sp, "anna", nil)
		before := s.spaceAgain(sp.ID, "anna")
		next := before
		next.Version, next.Name, next.Purpose, next.Access = 2, "営業2", feed.Purpose{Why: "w", For: "f", NotFor: "n"}, allKeys[:2]
		next.Join, next.Secret, next.Posts = feed.JoinInvite, true, feed.PostsByMembers
		next.Archived = &feed.Mark{By: "bob", At: base, Why: "y"}
		next.PostCount, next.LastPost = 77, 88
		s.do(func(st feed.Store) error { return st.UpdateSpace(s.ctx, s.tenant, next) })
		next.PostCount, next.LastPost = before.PostCount, before.LastPost
		s.same("the changed space", s.spaceAgain(sp.ID, "anna"), next)
		for _, version := range []int64{1, 2, 4} {
			wrong := next
			wrong.Version, wrong.Name = version, "wrong"
			s.kind(s.fails(func(st feed.Store) error { return st.UpdateSpace(s.ctx, s.tenant, wrong) }), engawa.Conflict)
		}
		s.same("the space after conflicts", s.spaceAgain(sp.ID, "anna"), next)
		next.Version, next.Archived, next.Access = 3, nil, nil
		s.do(func(st feed.Store) error { return st.UpdateSpace(s.ctx, s.tenant, next) })
		s.same("the space without keys", s.spaceAgain(sp.ID, "anna"), next)
	}},
	{"many spaces at once", func(s *suite) {
		var want []feed.Space
		for range 3 {
			sp := s.space(func(sp *feed.Space) { sp.Access = allKeys })
			s.put(sp, feed.Membership{Person: "bob", State: feed.Joined, Host: true, JoinedAt: base, Version: 4})
			want = append(want, s.spaceAgain(sp.ID, "bob"))
		}
		if want[0].Mine.State != feed.Joined || !want[0].Mine.Host || want[0].Mine.Version != 4 {
			s.Errorf("the membership is %+v", want[0].Mine)
		}
		ids := []engawa.ID{want[2].ID, want[0].ID, want[1].ID, stranger}
		for i := range 2500 { // more than fit one statement
			ids = append(ids, engawa.ID(i+2))
		}
		found, err := s.st.Spaces(s.ctx, s.tenant, ids, "bob")
		s.must(err)
		slices.SortFunc(found, func(a, b feed.Space) int { return cmp.Compare(a.ID, b.ID) })
		s.same("the spaces", found, want)
		if found, err := s.st.Spaces(s.ctx, s.tenant, nil, "bob"); err != nil || len(found) != 0 {
			s.Errorf("no ids give %v, %v", found, err)
		}
	}},
	{"doors have a version that grows", func(s *suite) {
		none, v0, err := s.st.Doors(s.ctx, s.tenant)
		s.must(err)
		if len(none) != 0 {
			s.Errorf("doors of nobody: %+v", none)
		}
		a := s.space(func(sp *feed.Space) { sp.Access = allKeys })
		_, v1, err := s.st.Doors(s.ctx, s.tenant)
		s.must(err)
		b := s.space(func(sp *feed.Space) { sp.Access, sp.Join, sp.Secret = nil, feed.JoinInvite, true })
		doors, v2, err := s.st.Doors(s.ctx, s.tenant)
		s.must(err)
		slices.SortFunc(doors, func(a, b feed.Door) int { return cmp.Compare(a.ID, b.ID) })
		s.same("the doors", doors, []feed.Door{
			{ID: a.ID, Access: allKeys, Join: feed.JoinOpen}, {ID: b.ID, Join: feed.JoinInvite, Secret: true},
		})
		a.Version, a.Access = 2, allKeys[:1]
		s.do(func(st feed.Store) error { return st.UpdateSpace(s.ctx, s.tenant, a) })
		_, v3, err := s.st.Doors(s.ctx, s.tenant)
		s.must(err)
		if !(v0 < v1 && v1 < v2 && v2 < v3) {
			s.Errorf("versions %d, %d, %d, %d do not grow", v0, v1, v2, v3)
		}
		_, mine, err := s.st.Mine(s.ctx, s.tenant, "anna")
		s.must(err)
		if mine != v3 {
			s.Errorf("Mine has version %d, Doors %d", mine, v3)
		}
		s.post(a, "anna", nil)
		if _, v4, err := s.st.Doors(s.ctx, s.tenant); err != nil || v4 != v3 {
			s.Errorf("a post made version %d of %d, %v", v4, v3, err)
		}
	}},
}
