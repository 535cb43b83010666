package sns_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/sns"
)

// movers is a Directory whose people change units.
type movers struct {
	mu  sync.Mutex
	org map[engawa.PersonID]engawa.OrgID
}

func (m *movers) Affiliations(_ context.Context, _ engawa.TenantID, person engawa.PersonID, _ time.Time) ([]engawa.Affiliation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	org, ok := m.org[person]
	if !ok {
		return nil, engawa.ErrUnknownPerson
	}
	return []engawa.Affiliation{{Org: org, Main: true}}, nil
}

func (m *movers) move(person engawa.PersonID, org engawa.OrgID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.org[person] = org
}

// written is a post or comment of the property test.
type written struct {
	ref, post engawa.Ref
	author    engawa.PersonID
	words     []string
	gone      bool
}

// Whoever searches learns of what they may read at that moment and of nothing else: not by a hit, a count, a suggestion, a
// similar question or an expert. The feed, asked for each single post, is the oracle; persons change units, spaces their
// members, people block one another, and posts are taken back, before every search.
func TestSearchShowsWhatMayBeRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		dir := &movers{org: map[engawa.PersonID]engawa.OrgID{}}
		l := openLibrary(t, db, "", func(cfg *sns.Config) { cfg.Directory, cfg.Rate = dir, feed.Rate{Writes: -1} })
		rounds := 40
		if db.Dialect == bunstore.SQLite {
			rounds = 400
		}
		m := newMaze(l, dir, rand.New(rand.NewPCG(7, uint64(rounds))))
		for range rounds {
			m.change()
			for range 3 {
				m.check(engawa.Actor{Tenant: "t", Person: m.people[m.r.IntN(len(m.people))]}, mazeWords[m.r.IntN(len(mazeWords))])
			}
		}
		if pairs := rounds * 3; m.hits*2 < pairs || m.kept*3 < pairs {
			t.Errorf("of %d searches %d found something and %d had something to keep back: the test proves too little", pairs, m.hits, m.kept)
		}
	})
}

var mazeWords = []string{"稟議", "出張", "勤怠", "備品", "研修", "決裁"}

// maze is a company in which nothing stays as it is.
type maze struct {
	*library
	r      *rand.Rand
	dir    *movers
	people []engawa.PersonID
	orgs   []engawa.OrgID
	spaces []feed.Space
	all    []*written
	hits   int // searches that found something
	kept   int // searches in which something matched that the reader may not see
}

func newMaze(l *library, dir *movers, r *rand.Rand) *maze {
	l.Helper()
	m := &maze{library: l, dir: dir, r: r, orgs: []engawa.OrgID{"sales", "works", "affairs"}}
	for i := range 8 {
		p := engawa.PersonID(fmt.Sprintf("u-%d", i))
		m.people = append(m.people, p)
		dir.move(p, m.orgs[i%len(m.orgs)])
	}
	dir.move("u-host", "affairs")
	for i := range 9 {
		in := feed.NewSpace{Name: fmt.Sprintf("スペース%d", i), Join: feed.JoinAuto, Access: []feed.Key{feed.InOrg(m.orgs[i%len(m.orgs)])}}
		if i%3 == 2 {
			in.Join, in.Secret, in.Access = feed.JoinInvite, true, nil
		}
		sp, err := l.Feed.CreateSpace(l.ctx, m.host(), in)
		l.must(err)
		m.spaces = append(m.spaces, sp)
	}
	for range 40 {
		m.write()
	}
	l.drain()
	return m
}

// host may do everything in every space.
func (m *maze) host() engawa.Actor {
	return engawa.Actor{Tenant: "t", Person: "u-host", Roles: []engawa.Role{engawa.RoleSteward}}
}

func (m *maze) person() engawa.Actor {
	return engawa.Actor{Tenant: "t", Person: m.people[m.r.IntN(len(m.people))]}
}

// write publishes a post or a comment of somebody who may.
func (m *maze) write() {
	m.Helper()
	by := m.person()
	words := []string{mazeWords[m.r.IntN(len(mazeWords))], mazeWords[m.r.IntN(len(mazeWords))]}
	text := strings.Join(words, "と") + "について"
	if m.r.IntN(3) > 0 || len(m.all) == 0 {
		in := feed.NewPost{Space: m.spaces[m.r.IntN(len(m.spaces))].ID, Body: text, Kind: []feed.Kind{feed.Update, feed.Question, feed.Article}[m.r.IntN(3)]}
		p, err := m.Feed.Publish(m.ctx, by, in)
		if m.refused(err) {
			return
		}
		m.all = append(m.all, &written{ref: p.Ref(), author: by.Person, words: words})
		return
	}
	on := m.all[m.r.IntN(len(m.all))]
	if on.post != (engawa.Ref{}) {
		return
	}
	id, _ := on.ref.OwnID()
	c, err := m.Feed.Comment(m.ctx, by, feed.NewComment{Post: id, Body: text})
	if m.refused(err) {
		return
	}
	m.all = append(m.all, &written{ref: c.Ref(), post: on.ref, author: by.Person, words: words})
}

// refused reports whether the feed would not let somebody; anything else that goes wrong ends the test.
func (m *maze) refused(err error) bool {
	m.Helper()
	switch engawa.KindOf(err) {
	case engawa.Denied, engawa.NotFound, engawa.Conflict, engawa.Invalid:
		return err != nil
	}
	m.must(err)
	return false
}

// change changes something. What was written is in the index when it returns; what was taken away need not be out of it.
func (m *maze) change() {
	m.Helper()
	by, other, space := m.person(), m.person(), m.spaces[m.r.IntN(len(m.spaces))]
	switch m.r.IntN(9) {
	case 0, 1:
		m.write()
		m.drain()
	case 2:
		m.dir.move(by.Person, m.orgs[m.r.IntN(len(m.orgs))])
	case 3:
		m.refused(m.Feed.AddMember(m.ctx, m.host(), space.ID, by.Person))
	case 4:
		m.refused(m.Feed.RemoveMember(m.ctx, m.host(), space.ID, by.Person))
	case 5:
		if by.Person != other.Person {
			m.must(m.Feed.Block(m.ctx, by, other.Person))
		}
	case 6:
		m.must(m.Feed.Unblock(m.ctx, by, other.Person))
	case 7:
		w := m.all[m.r.IntN(len(m.all))]
		if !w.gone && !m.refused(m.Feed.Retract(m.ctx, m.host(), w.ref, "")) {
			w.gone = true
		}
	case 8:
		w := m.all[m.r.IntN(len(m.all))]
		if w.gone && !m.refused(m.Feed.Restore(m.ctx, m.host(), w.ref)) {
			w.gone = false
			m.drain()
		}
	}
}

// visible asks the feed, one by one, what a reader may see of what has a word.
func (m *maze) visible(by engawa.Actor, word string) (visible []string, authors map[engawa.PersonID]int, hidden int) {
	m.Helper()
	authors = map[engawa.PersonID]int{}
	for _, w := range m.all {
		if !slices.Contains(w.words, word) {
			continue
		}
		id, _ := w.ref.OwnID()
		var err error
		if w.ref.Kind == engawa.KindPost {
			_, err = m.Feed.Post(m.ctx, by, id)
		} else {
			_, err = m.Feed.CommentByID(m.ctx, by, id)
		}
		gone := w.gone || slices.ContainsFunc(m.all, func(p *written) bool { return p.ref == w.post && p.gone })
		if m.refused(err) || gone {
			hidden++
			continue
		}
		visible = append(visible, w.ref.String())
		authors[w.author]++
	}
	slices.Sort(visible)
	return visible, authors, hidden
}

// check compares a search with what the feed shows.
func (m *maze) check(by engawa.Actor, word string) {
	m.Helper()
	want, authors, hidden := m.visible(by, word)
	if len(want) > 0 {
		m.hits++
	}
	if hidden > 0 {
		m.kept++
	}
	answer, err := m.Search.Search(m.ctx, by, search.Ask{Query: word, Limit: search.MaxLimit, Facets: []search.Facet{search.FacetAuthor, search.FacetScope}})
	m.must(err)
	var got []string
	for _, hit := range answer.Items {
		got = append(got, hit.Ref.String())
	}
	slices.Sort(got)
	if !slices.Equal(got, want) || answer.Total != len(want) {
		m.Fatalf("%s for %s: %d hits %v, the feed shows %d: %v", word, by.Person, answer.Total, got, len(want), want)
	}
	inSpaces := 0
	for _, c := range answer.Facets[1] {
		inSpaces += c.N
	}
	if inSpaces != len(want) {
		m.Fatalf("%s for %s: %d by space, the feed shows %d", word, by.Person, inSpaces, len(want))
	}
	for _, c := range answer.Facets[0] {
		if authors[engawa.PersonID(c.Value)] != c.N {
			m.Fatalf("%s for %s: %d of %s, the feed shows %d", word, by.Person, c.N, c.Value, authors[engawa.PersonID(c.Value)])
		}
	}
	suggested, err := m.Search.Suggest(m.ctx, by, word)
	m.must(err)
	for _, s := range suggested {
		if s.Kind == search.SuggestTerm && s.Text == word && s.Docs != len(want) {
			m.Fatalf("%s is suggested to %s with %d documents, the feed shows %d", word, by.Person, s.Docs, len(want))
		}
		if s.Kind == search.SuggestTitle && !slices.Contains(want, s.Ref.String()) {
			m.Fatalf("the title of %s is suggested to %s", s.Ref, by.Person)
		}
	}
	experts, err := m.Search.Experts(m.ctx, by, word, 10)
	m.must(err)
	for _, e := range experts {
		for _, ref := range e.Shows {
			if !slices.Contains(want, ref.String()) {
				m.Fatalf("%s is an expert of %s for %s by %s", e.Person, word, by.Person, ref)
			}
		}
	}
	similar, err := m.Search.Similar(m.ctx, by, search.Draft{Body: word + "とは"})
	m.must(err)
	for _, s := range similar {
		if !slices.Contains(want, s.Ref.String()) && strings.Contains(s.Text.Body+s.Text.Title, word) {
			m.Fatalf("%s is similar for %s", s.Ref, by.Person)
		}
	}
}
