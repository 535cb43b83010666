// Package feedtest checks a storage of the feed against everything that [feed.Store] promises.
//
//	func TestStore(t *testing.T) {
//		feedtest.Run(t, func(t *testing.T) feed.Store { return mystore.Open(t) })
//	}
//
// Each case works for a tenant of its own, so a storage is opened once for each facet and may be slow to open. The
// facet "tenants" runs every method of the interface for a second tenant with the first one's ids: it lists the methods
// by reflection, and a method without its case fails.
package feedtest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// Run checks the storages that open returns, which must be empty and ready.
func Run(t *testing.T, open func(t *testing.T) feed.Store) {
	facets := []struct {
		name  string
		cases []testCase
	}{
		{"units", units}, {"spaces", spaces}, {"members", members}, {"posts", posts}, {"entries", entries}, {"pending", pendings},
		{"claims", claims}, {"timelines", timelines}, {"seen", seen}, {"imports", imports}, {"exports", exports}, {"ids", hostIDs},
		{"statuses", statuses}, {"acks", acks}, {"polls", polls}, {"reports", reports}, {"waits", waits}, {"templates", templates}, {"opens", opens},
		{"notices", notices}, {"sends", sends}, {"keeping", keeping},
		{"hides", hides}, {"reads", reads}, {"keeps", keeps}, {"watches", watches},
	}
	ids := engawa.NewIDSource(nil) // one for all: two might give the same id in the same millisecond
	for _, facet := range facets {
		t.Run(facet.name, func(t *testing.T) {
			store := open(t)
			for _, c := range facet.cases {
				t.Run(c.name, func(t *testing.T) { c.run(newSuite(t, store, ids, engawa.TenantID("tenant of "+c.name))) })
			}
		})
	}
	t.Run("tenants", func(t *testing.T) { runTenants(t, open(t), ids) })
}

type testCase struct {
	name string
	run  func(*suite)
}

// suite is one case: a store and a tenant that nothing else uses.
type suite struct {
	*testing.T
	ctx    context.Context
	st     feed.Store
	tenant engawa.TenantID
	ids    *engawa.IDSource
}

func newSuite(t *testing.T, store feed.Store, ids *engawa.IDSource, tenant engawa.TenantID) *suite {
	return &suite{T: t, ctx: t.Context(), st: store, tenant: tenant, ids: ids}
}

// in is the suite for another tenant and test; ids of one source do not clash.
func (s *suite) in(t *testing.T, tenant engawa.TenantID) *suite {
	other := *s
	other.T, other.ctx, other.tenant = t, t.Context(), tenant
	return &other
}

// base is when the tests take place; its microseconds must survive.
var base = time.Date(2026, 4, 1, 9, 30, 0, 123456000, time.UTC)

// errUndo ends a unit that is to leave nothing.
var errUndo = errors.New("undo")

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// kind demands an error of a kind.
func (s *suite) kind(err error, want engawa.Kind) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("the error is %v, want one of kind %v", err, want)
	}
}

// same demands that two values are deeply equal.
func (s *suite) same(what string, got, want any) {
	s.Helper()
	if !reflect.DeepEqual(got, want) {
		s.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// do runs a unit of work that must succeed.
func (s *suite) do(f func(feed.Store) error) {
	s.Helper()
	s.must(s.st.Within(s.ctx, func(st feed.Store, _ engawa.Conn) error { return f(st) }))
}

// fails runs a unit of work and is its error.
func (s *suite) fails(f func(feed.Store) error) error {
	return s.st.Within(s.ctx, func(st feed.Store, _ engawa.Conn) error { return f(st) })
}

// space inserts a space that is open to everyone, after change.
func (s *suite) space(change func(*feed.Space)) feed.Space {
	s.Helper()
	sp := feed.Space{
		ID: s.ids.Next(), Name: "営業", Access: []feed.Key{feed.Everyone()}, Join: feed.JoinOpen, Posts: feed.PostsByReaders,
		Version: 1, CreatedAt: base, CreatedBy: "anna",
	}
	if change != nil {
		change(&sp)
	}
	s.do(func(st feed.Store) error { return st.InsertSpace(s.ctx, s.tenant, sp) })
	return sp
}

// spaceAgain reads a space as somebody sees it.
func (s *suite) spaceAgain(id engawa.ID, person engawa.PersonID) feed.Space {
	s.Helper()
	sp, err := s.st.Space(s.ctx, s.tenant, id, person)
	s.must(err)
	return sp
}

// join makes somebody a member.
func (s *suite) join(space feed.Space, person engawa.PersonID) {
	s.Helper()
	s.put(space, feed.Membership{Person: person, State: feed.Joined, JoinedAt: base, Version: 1})
}

func (s *suite) put(space feed.Space, m feed.Membership) {
	s.Helper()
	s.do(func(st feed.Store) error { return st.PutMember(s.ctx, s.tenant, space.ID, m) })
}

// draft is a post that is not inserted yet.
func (s *suite) draft(space feed.Space, author engawa.PersonID) feed.Post {
	return feed.Post{
		ID: s.ids.Next(), Space: space.ID, SpaceName: space.Name, Author: author, Kind: feed.Update, State: feed.Published, Body: "おはようございます",
		Version: 1, CreatedAt: base, PublishedAt: base,
	}
}

// post inserts a post, after change.
func (s *suite) post(space feed.Space, author engawa.PersonID, change func(*feed.Post)) feed.Post {
	s.Helper()
	p := s.draft(space, author)
	if change != nil {
		change(&p)
	}
	s.do(func(st feed.Store) error {
		var err error
		p.ID, p.Seq, err = st.InsertPost(s.ctx, s.tenant, p, feed.Admission{})
		return err
	})
	return p
}

// postAgain reads a post.
func (s *suite) postAgain(id engawa.ID) feed.Post {
	s.Helper()
	found, _, err := s.st.Posts(s.ctx, s.tenant, []engawa.ID{id}, "")
	s.must(err)
	if len(found) != 1 {
		s.Fatalf("%d posts by one id", len(found))
	}
	return found[0]
}

// comment inserts a comment, after change.
func (s *suite) comment(post feed.Post, author engawa.PersonID, change func(*feed.Comment)) feed.Comment {
	s.Helper()
	c := feed.Comment{
		ID: s.ids.Next(), Space: post.Space, Post: post.ID, Author: author, State: feed.Published, Body: "なるほど",
		Version: 1, CreatedAt: base, PublishedAt: base,
	}
	if change != nil {
		change(&c)
	}
	s.do(func(st feed.Store) error { return st.InsertComment(s.ctx, s.tenant, c) })
	return c
}

// retract sets a retraction, or lifts it with nil.
func (s *suite) retract(ref engawa.Ref, version int64, mark *feed.Mark) feed.Place {
	s.Helper()
	var place feed.Place
	s.do(func(st feed.Store) error {
		var err error
		place, err = st.SetRetracted(s.ctx, s.tenant, ref, version, mark)
		return err
	})
	return place
}

// annotate notes what an entry holds.
func (s *suite) annotate(notes feed.Notes) {
	s.Helper()
	s.do(func(st feed.Store) error { return st.Annotate(s.ctx, s.tenant, notes) })
}

// unread is the number of unread posts of one space.
func (s *suite) unread(space feed.Space, person engawa.PersonID, now time.Time) int64 {
	s.Helper()
	counts, err := s.st.Unread(s.ctx, s.tenant, person, []engawa.ID{space.ID}, now)
	s.must(err)
	return counts.Posts[space.ID]
}

// placesOf are the places of posts as a timeline gives them.
func placesOf(posts ...feed.Post) []feed.Place {
	var all []feed.Place
	for _, p := range posts {
		all = append(all, feed.Place{Entry: p.Ref(), Post: p.ID, Space: p.Space})
	}
	return all
}

// stranger is an id that no row has.
const stranger = engawa.ID(1)

// top is above all ids.
const top = engawa.ID(1<<63 - 1)
