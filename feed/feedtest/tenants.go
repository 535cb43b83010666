package feedtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/apart"
)

// town is what both tenants have under the same names: people, units, keys, tags and sources.
type town struct {
	tenant        engawa.TenantID
	space, closed feed.Space
	post, gone    feed.Post
	comment       feed.Comment
	waiting, done feed.Pending
	lonely        feed.Post
	template      feed.Template
	notice        engawa.ID
}

var townSource = feed.Source{Kind: engawa.KindPost, ID: "C1/1"}

const townSystem = "slack:T1"

// secret marks the texts of one tenant.
func secret(tenant engawa.TenantID) string { return "only for " + string(tenant) }

func build(s *suite) town {
	s.Helper()
	t := town{tenant: s.tenant}
	mine := secret(s.tenant)
	t.space = s.space(func(sp *feed.Space) {
		sp.Name = mine
		sp.Access = []feed.Key{feed.InOrg("sales"), feed.ThisPerson("bob"), feed.WithRole("helpdesk")}
	})
	t.closed = s.space(func(sp *feed.Space) { sp.Name, sp.Access, sp.Join, sp.Secret = mine, nil, feed.JoinInvite, true })
	s.put(t.space, feed.Membership{Person: "anna", State: feed.Joined, Host: true, JoinedAt: base, Version: 2})
	s.join(t.space, "bob")
	t.post = s.post(t.space, "anna", func(p *feed.Post) { p.Body = mine + " <@bob> #dx" })
	s.annotate(feed.Notes{Place: placesOf(t.post)[0], Mentions: []engawa.PersonID{"bob"}, Tags: []string{"dx"}})
	t.gone = s.post(t.space, "anna", func(p *feed.Post) { p.Body = mine })
	s.retract(t.gone.Ref(), 1, &feed.Mark{By: "anna", At: base, Why: mine})
	t.comment = s.comment(t.post, "bob", func(c *feed.Comment) { c.Body = mine + " <@anna>" })
	s.annotate(feed.Notes{Place: feed.Place{Entry: t.comment.Ref(), Post: t.post.ID, Space: t.space.ID}, Mentions: []engawa.PersonID{"anna"}})
	s.post(t.closed, "anna", func(p *feed.Post) { p.Body, p.ExpiresAt = mine, base.Add(time.Hour) })
	s.importPosts(t.space, "carl", 2)
	t.waiting = s.hold("anna", func(p *feed.Pending) { p.Space, p.Body = t.space.ID, mine })
	t.done = s.hold("anna", func(p *feed.Pending) { p.Space, p.Body = t.space.ID, mine })
	t.done.Body, t.done.Outcome, t.done.Version, t.done.Entry = "", feed.Released, 2, t.post.Ref()
	t.done.Decided = &feed.Mark{By: "bob", At: base, Why: mine}
	s.do(func(st feed.Store) error {
		s.must(st.UpdatePending(s.ctx, s.tenant, t.done))
		_, err := st.Revise(s.ctx, s.tenant, t.post.Ref(), 1, feed.Revision{Body: mine + " 2 <@bob> #dx", By: "anna", At: base})
		s.must(err)
		_, _, err = st.Claim(s.ctx, s.tenant, "anna", feed.Claim{Key: "k", Digest: mine, At: base})
		s.must(err)
		s.must(st.Settle(s.ctx, s.tenant, "anna", "k", t.post.Ref()))
		_, err = st.PutFollow(s.ctx, s.tenant, "bob", "anna", base)
		s.must(err)
		s.must(st.MarkSeen(s.ctx, s.tenant, t.space.ID, "bob", 1, feed.NoMember))
		return st.PutSources(s.ctx, s.tenant, townSystem, map[feed.Source]engawa.ID{townSource: t.post.ID})
	})
	buildKinds(s, &t)
	buildNotices(s, &t)
	buildReading(s, &t)
	return t
}

// look is everything that the store shows of a tenant.
func look(s *suite, t town) []any {
	s.Helper()
	var all []any
	add := func(v any, err error) {
		s.Helper()
		s.must(err)
		all = append(all, v)
	}
	spaces := []engawa.ID{t.space.ID, t.closed.ID}
	doors, version, err := s.st.Doors(s.ctx, t.tenant)
	add(doors, err)
	add(version, nil)
	var ids []engawa.ID
	for _, sp := range spaces {
		add(s.st.Space(s.ctx, t.tenant, sp, "anna"))
		places, err := s.st.SpacePlaces(s.ctx, t.tenant, sp, top, 1000, base)
		add(places, err)
		for _, p := range places {
			ids = append(ids, p.Post)
		}
		page, _, err := s.st.Members(s.ctx, t.tenant, sp, 0, 1000)
		add(page, err)
	}
	posts, _, err := s.st.Posts(s.ctx, t.tenant, append(ids, t.gone.ID), "")
	slices.SortFunc(posts, func(a, b feed.Post) int { return int(b.ID - a.ID) })
	add(posts, err)
	for _, id := range append(ids, t.gone.ID) {
		add(s.st.Comments(s.ctx, t.tenant, id, 0, 1000))
		add(s.st.Revisions(s.ctx, t.tenant, engawa.RefTo(engawa.KindPost, id)))
	}
	lookKinds(s, t, add)
	lookNotices(s, t, add)
	lookReading(s, t, add)
	add(s.st.TagPlaces(s.ctx, t.tenant, "dx", top, 1000, base))
	add(s.st.PendingByID(s.ctx, t.tenant, t.waiting.ID))
	add(s.st.PendingByID(s.ctx, t.tenant, t.done.ID))
	for _, person := range []engawa.PersonID{"anna", "bob", "carl"} {
		mine, _, err := s.st.Mine(s.ctx, t.tenant, person)
		add(mine, err)
		add(s.st.Following(s.ctx, t.tenant, person))
		add(s.st.PendingOf(s.ctx, t.tenant, person, top, 1000))
		add(s.st.AuthorPlaces(s.ctx, t.tenant, person, top, 1000, base))
		add(s.st.MentionPlaces(s.ctx, t.tenant, person, top, 1000, base))
		add(s.st.HomePlaces(s.ctx, t.tenant, feed.HomeQuery{Person: person, Spaces: spaces[1:], Before: top, Limit: 1000, Now: base}))
		add(s.st.Unread(s.ctx, t.tenant, person, spaces, base))
	}
	sources, err := s.st.Sources(s.ctx, t.tenant, townSystem, []feed.Source{townSource, {Kind: engawa.KindSpace, ID: "new"}})
	add(fmt.Sprint(sources), err)
	err = s.st.Within(s.ctx, func(st feed.Store, _ engawa.Conn) error {
		claim, fresh, err := st.Claim(s.ctx, t.tenant, "anna", feed.Claim{Key: "k", Digest: "look", At: base})
		add(claim, err)
		add(fresh, nil)
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		s.Fatal(err)
	}
	return all
}

// tenantCase calls one method for a tenant that is not the one's, with the one's ids, and is what it answered.
type tenantCase = func(s *suite, st feed.Store, one town) (any, error)

// shown turns an answer of two values into one.
func shown[T any](v T, err error) (any, error) { return v, err }

func both[A, B any](a A, b B, err error) (any, error) { return []any{a, b}, err }

// tenantCases, exportCases, kindCases, keepingCases, noticeCases and readingCases have a case for every method of feed.Store.
var tenantCases = map[string]tenantCase{
	// These are told no tenant: Taken asks for ids, which no two rows of one database may share, and answers for all.
	"Within": func(s *suite, st feed.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(feed.Store, engawa.Conn) error { return nil })
	},
	"Bind": func(s *suite, st feed.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(st feed.Store, conn engawa.Conn) error { st.Bind(conn); return nil })
	},
	"Bound": func(_ *suite, st feed.Store, _ town) (any, error) { return st.Bound(), nil },
	"Append": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.Append(s.ctx, s.told(one.space))
	},
	"Taken": func(s *suite, st feed.Store, one town) (any, error) {
		taken, err := st.Taken(s.ctx, []engawa.ID{one.post.ID, one.comment.ID})
		if len(taken) != 2 {
			s.Errorf("ids of another tenant count as free: %v", taken)
		}
		return nil, err
	},

	"InsertSpace": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.InsertSpace(s.ctx, s.tenant, one.space)
	},
	"UpdateSpace": func(s *suite, st feed.Store, one town) (any, error) {
		sp := one.space
		sp.Name, sp.Version = "taken over", sp.Version+1
		return nil, st.UpdateSpace(s.ctx, s.tenant, sp)
	},
	"Space": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.Space(s.ctx, s.tenant, one.space.ID, "anna"))
	},
	"Spaces": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.Spaces(s.ctx, s.tenant, []engawa.ID{one.space.ID, one.closed.ID}, "anna"))
	},
	"Hostless": func(s *suite, st feed.Store, _ town) (any, error) { return shown(st.Hostless(s.ctx, s.tenant)) },
	"Doors": func(s *suite, st feed.Store, _ town) (any, error) {
		return both(st.Doors(s.ctx, s.tenant))
	},

	"LockMember": func(s *suite, st feed.Store, one town) (any, error) {
		m, err := st.LockMember(s.ctx, s.tenant, one.space.ID, "anna")
		s.same("the membership in another tenant's space", m, feed.Membership{})
		return nil, err
	},
	"PutMember": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.PutMember(s.ctx, s.tenant, one.space.ID, feed.Membership{Person: "bob", State: feed.Removed, JoinedAt: base, Version: 9})
	},
	"Members": func(s *suite, st feed.Store, one town) (any, error) {
		page, _, err := st.Members(s.ctx, s.tenant, one.space.ID, 0, 100)
		if len(page) > 0 {
			s.Errorf("members of another tenant's space: %+v", page)
		}
		return page, err
	},
	"Mine": func(s *suite, st feed.Store, _ town) (any, error) { return both(st.Mine(s.ctx, s.tenant, "anna")) },
	"Versions": func(s *suite, st feed.Store, _ town) (any, error) {
		return both(st.Versions(s.ctx, s.tenant, "bob"))
	},
	"MineIn": func(s *suite, st feed.Store, one town) (any, error) {
		return both(st.MineIn(s.ctx, s.tenant, "anna", []engawa.ID{one.space.ID, one.closed.ID}))
	},
	"PutFollow": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.PutFollow(s.ctx, s.tenant, "anna", "carl", base))
	},
	"ForgetPerson": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.ForgetPerson(s.ctx, s.tenant, "carl"))
	},
	"DeleteFollow": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.DeleteFollow(s.ctx, s.tenant, "bob", "anna"))
	},
	"Following": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.Following(s.ctx, s.tenant, "carl"))
	},

	"Annotate": func(s *suite, st feed.Store, one town) (any, error) {
		err := st.Annotate(s.ctx, s.tenant, feed.Notes{Place: placesOf(one.post)[0], Mentions: []engawa.PersonID{"carl"}, Tags: []string{"taken"}})
		if err != nil {
			return nil, err
		}
		tagged, err := st.TagPlaces(s.ctx, s.tenant, "taken", top, 10, base)
		s.must(err)
		mentioned, err := st.MentionPlaces(s.ctx, s.tenant, "carl", top, 10, base)
		return []any{tagged, mentioned}, err
	},
	"Revise": func(s *suite, st feed.Store, one town) (any, error) {
		_, err := st.Revise(s.ctx, s.tenant, one.post.Ref(), 2, feed.Revision{Body: "taken over", By: "anna", At: base})
		s.kind(err, engawa.Conflict)
		return shown(st.Revise(s.ctx, s.tenant, one.comment.Ref(), 1, feed.Revision{Body: "taken over", By: "anna", At: base}))
	},
	"Revisions": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.Revisions(s.ctx, s.tenant, one.post.Ref()))
	},
	"SetRetracted": func(s *suite, st feed.Store, one town) (any, error) {
		_, err := st.SetRetracted(s.ctx, s.tenant, one.gone.Ref(), 2, nil)
		s.kind(err, engawa.Conflict)
		return shown(st.SetRetracted(s.ctx, s.tenant, one.comment.Ref(), 1, &feed.Mark{By: "anna", At: base}))
	},
	"InsertComment": func(s *suite, st feed.Store, one town) (any, error) {
		c := one.comment
		c.ID = s.ids.Next()
		return nil, st.InsertComment(s.ctx, s.tenant, c)
	},
	"CommentsByID": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.CommentsByID(s.ctx, s.tenant, []engawa.ID{one.comment.ID}))
	},
	"Comments": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.Comments(s.ctx, s.tenant, one.post.ID, 0, 100))
	},

	"InsertPost": func(s *suite, st feed.Store, one town) (any, error) {
		return both(st.InsertPost(s.ctx, s.tenant, s.draft(one.space, "anna"), feed.Admission{}))
	},
	"Posts": func(s *suite, st feed.Store, one town) (any, error) {
		posts, mine, err := st.Posts(s.ctx, s.tenant, []engawa.ID{one.post.ID, one.gone.ID}, "anna")
		return []any{posts, mine}, err
	},
	"Rebuild": func(s *suite, st feed.Store, _ town) (any, error) { return nil, st.Rebuild(s.ctx, s.tenant) },

	"InsertPending": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.InsertPending(s.ctx, s.tenant, one.waiting)
	},
	"PendingByID": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.PendingByID(s.ctx, s.tenant, one.waiting.ID))
	},
	"LockPending": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.LockPending(s.ctx, s.tenant, one.waiting.ID))
	},
	"PendingOf": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.PendingOf(s.ctx, s.tenant, "anna", top, 100))
	},
	"UpdatePending": func(s *suite, st feed.Store, one town) (any, error) {
		p := one.waiting
		p.Body, p.Outcome, p.Version = "", feed.Rejected, 2
		return nil, st.UpdatePending(s.ctx, s.tenant, p)
	},
	"Alias": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.Alias(s.ctx, s.tenant, one.done.ID))
	},

	"Claim": func(s *suite, st feed.Store, _ town) (any, error) {
		return both(st.Claim(s.ctx, s.tenant, "anna", feed.Claim{Key: "k", Digest: "mine", At: base}))
	},
	"Settle": func(s *suite, st feed.Store, _ town) (any, error) {
		return nil, st.Settle(s.ctx, s.tenant, "anna", "k", engawa.RefTo(engawa.KindPost, stranger))
	},

	"HomePlaces": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.HomePlaces(s.ctx, s.tenant, feed.HomeQuery{
			Person: "bob", Spaces: []engawa.ID{one.space.ID, one.closed.ID}, Before: top, Limit: 100, Now: base,
		}))
	},
	"SpacePlaces": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.SpacePlaces(s.ctx, s.tenant, one.space.ID, top, 100, base))
	},
	"AuthorPlaces": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.AuthorPlaces(s.ctx, s.tenant, "anna", top, 100, base))
	},
	"TagPlaces": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.TagPlaces(s.ctx, s.tenant, "dx", top, 100, base))
	},
	"MentionPlaces": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.MentionPlaces(s.ctx, s.tenant, "bob", top, 100, base))
	},

	"Newest": func(s *suite, st feed.Store, _ town) (any, error) { return shown(st.Newest(s.ctx, s.tenant, 100)) },

	"MarkSeen": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.MarkSeen(s.ctx, s.tenant, one.space.ID, "bob", 2, feed.NoMember)
	},
	"Unread": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.Unread(s.ctx, s.tenant, "bob", []engawa.ID{one.space.ID, one.closed.ID}, base))
	},

	"Sources": func(s *suite, st feed.Store, _ town) (any, error) {
		found, err := st.Sources(s.ctx, s.tenant, townSystem, []feed.Source{townSource})
		return found[townSource], err
	},
	"PutSources": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.PutSources(s.ctx, s.tenant, townSystem, map[feed.Source]engawa.ID{{Kind: engawa.KindSpace, ID: "new"}: one.space.ID})
	},
	"ImportPosts": func(s *suite, st feed.Store, one town) (any, error) {
		p := s.draft(one.space, "anna")
		return shown(st.ImportPosts(s.ctx, s.tenant, []feed.Post{p}, []feed.Notes{{Place: placesOf(p)[0]}}))
	},
	"ImportComments": func(s *suite, st feed.Store, one town) (any, error) {
		c := one.comment
		c.ID = s.ids.Next()
		place := feed.Place{Entry: c.Ref(), Post: one.post.ID, Space: one.space.ID}
		return nil, st.ImportComments(s.ctx, s.tenant, []feed.Comment{c}, []feed.Notes{{Place: place}})
	},

	"People": func(s *suite, st feed.Store, _ town) (any, error) { return shown(st.People(s.ctx, s.tenant, "", 100)) },
	"Follows": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.Follows(s.ctx, s.tenant, "carl"))
	},
	"PostsAfter": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.PostsAfter(s.ctx, s.tenant, 0, 100))
	},
	"PostsTimed": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.PostsTimed(s.ctx, s.tenant, 0, 100))
	},
	"CommentsOf": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.CommentsOf(s.ctx, s.tenant, []engawa.ID{one.post.ID}))
	},
}

// exportCases are those of ExportStore.
var exportCases = map[string]tenantCase{
	"People": func(s *suite, st feed.Store, _ town) (any, error) {
		people, err := st.People(s.ctx, s.tenant, "", 100)
		if slices.Contains(people, "only one") {
			s.Error("a person of another tenant is listed")
		}
		return people, err
	},
	"Follows": func(s *suite, st feed.Store, _ town) (any, error) {
		follows, err := st.Follows(s.ctx, s.tenant, "only one")
		if len(follows) > 0 {
			s.Errorf("another tenant's follows: %+v", follows)
		}
		return follows, err
	},
	"PostsAfter": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.PostsAfter(s.ctx, s.tenant, 0, 100))
	},
	"PostsTimed": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.PostsTimed(s.ctx, s.tenant, 0, 100))
	},
	"CommentsOf": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.CommentsOf(s.ctx, s.tenant, []engawa.ID{one.post.ID}))
	},
}

func allTenantCases() map[string]tenantCase {
	all := maps.Clone(tenantCases)
	maps.Copy(all, exportCases)
	maps.Copy(all, kindCases)
	maps.Copy(all, keepingCases)
	maps.Copy(all, noticeCases)
	maps.Copy(all, readingCases)
	return all
}

// runTenants checks that one tenant reaches nothing of another.
func runTenants(t *testing.T, store feed.Store, ids *engawa.IDSource) {
	first := newSuite(t, store, ids, apart.One)
	first.do(func(st feed.Store) error {
		_, err := st.PutFollow(first.ctx, first.tenant, "only one", "anna", base)
		return err
	})
	apart.Check[*suite, feed.Store, town]{
		Store: store, Build: build, Cases: allTenantCases(), Look: look,
		In: func(t *testing.T, tenant engawa.TenantID, st feed.Store) *suite {
			s := first.in(t, tenant)
			s.st = st
			return s
		},
		Secret: secret,
		IDs: func(one town) []string {
			return []string{
				one.space.ID.String(), one.closed.ID.String(), one.post.ID.String(), one.gone.ID.String(),
				one.comment.ID.String(), one.lonely.ID.String(), one.template.ID.String(), one.notice.String(), one.waiting.ID.String(), one.done.ID.String(),
			}
		},
	}.Run(t)
}
