package feedtest

import (
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// alike are ids that a database with a collation of its own takes for the same.
var alike = []string{
	"anna", "Anna", "ANNA", "änna", "anna ", " anna", "か", "カ", "ｶ", "が", "か\u3099", "は", "ば", "ぱ", "ss", "ß", "1", "01", "１", "😀", "😁",
	"%", "_", "a:b", strings.Repeat("x", engawa.MaxHostID), strings.Repeat("x", engawa.MaxHostID-1), strings.Repeat("漢", engawa.MaxHostID/3),
}

var hostIDs = []testCase{
	{"persons are told apart", func(s *suite) {
		sp := s.space(nil)
		want := map[engawa.PersonID]engawa.ID{}
		for _, id := range alike {
			person := engawa.PersonID(id)
			s.join(sp, person)
			body := "<@" + id + "> さん"
			p := s.post(sp, person, func(p *feed.Post) { p.Body = body })
			s.annotate(feed.Notes{Place: placesOf(p)[0], Mentions: []engawa.PersonID{person}})
			want[person] = p.ID
		}
		page, _, err := s.st.Members(s.ctx, s.tenant, sp.ID, 0, 100)
		s.must(err)
		if len(page) != len(alike) {
			s.Errorf("%d members, want %d", len(page), len(alike))
		}
		for person, id := range want {
			written, err := s.st.AuthorPlaces(s.ctx, s.tenant, person, top, 10, base)
			s.must(err)
			mentioned, err := s.st.MentionPlaces(s.ctx, s.tenant, person, top, 10, base)
			s.must(err)
			if len(written) != 1 || written[0].Post != id || len(mentioned) != 1 || mentioned[0].Post != id {
				s.Errorf("%q wrote %v and is mentioned in %v, want %v", person, written, mentioned, id)
			}
			if p := s.postAgain(id); p.Author != person || p.Body != "<@"+string(person)+"> さん" {
				s.Errorf("%q became %q in %q", person, p.Author, p.Body)
			}
		}
	}},
	{"keys are told apart", func(s *suite) {
		var keys []feed.Key
		for _, id := range alike {
			keys = append(keys, feed.InOrg(engawa.OrgID(id)), feed.WithRole(engawa.Role(id)), feed.ThisPerson(engawa.PersonID(id)))
		}
		sp := s.space(func(sp *feed.Space) { sp.Access = keys })
		s.same("the keys", s.spaceAgain(sp.ID, "anna").Access, keys)
	}},
	{"tags are told apart", func(s *suite) {
		sp := s.space(nil)
		for _, tag := range alike {
			p := s.post(sp, "anna", nil)
			s.annotate(feed.Notes{Place: placesOf(p)[0], Tags: []string{tag}})
			got, err := s.st.TagPlaces(s.ctx, s.tenant, tag, top, 10, base)
			s.must(err)
			s.same("posts with "+tag, got, placesOf(p))
		}
	}},
	{"tenants are told apart", func(s *suite) {
		for _, id := range alike {
			one := *s
			one.tenant = engawa.TenantID(id)
			sp := one.space(nil)
			doors, _, err := s.st.Doors(s.ctx, one.tenant)
			s.must(err)
			if len(doors) != 1 || doors[0].ID != sp.ID {
				s.Errorf("%q has doors %v, want %v", id, doors, sp.ID)
			}
		}
	}},
	{"ids sort as numbers", func(s *suite) {
		sp := s.space(nil)
		var want []feed.Place
		for _, id := range []engawa.ID{9, 10, 99, 100, 1 << 31, 1 << 32, 1<<53 + 1, 1<<62 + 1} {
			p := s.post(sp, "anna", func(p *feed.Post) { p.ID = id })
			want = append(want, placesOf(p)...)
		}
		slices.Reverse(want)
		s.timeline("the space", func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
			return s.st.SpacePlaces(s.ctx, s.tenant, sp.ID, before, limit, now)
		}, base, want...)
	}},
}
