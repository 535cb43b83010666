package feed_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// story is a random history of a company, with what a naive reader would know of it.
type story struct {
	*world
	r      *rand.Rand
	seed   uint64
	spaces []*told
	people []engawa.PersonID
	posts  []*toldPost
	says   []engawa.Ref // comments
	items  int          // imported
	// blocks are pairs of who blocks whom, mutes what each person muted.
	blocks map[[2]engawa.PersonID]bool
	mutes  map[engawa.PersonID]map[feed.Mute]bool
}

// told is a space as the story knows it.
type told struct {
	id     engawa.ID
	source string
	join   feed.JoinPolicy
	posts  int64
	marks  map[engawa.PersonID]int64
	// again are the posts that were marked unread again, by number.
	again map[engawa.PersonID]map[int64]bool
}

type toldPost struct {
	id        engawa.ID
	space     *told
	seq       int64
	author    engawa.PersonID
	imported  bool
	expires   time.Time
	retracted bool
	kind      feed.Kind
}

func newStory(w *world) *story {
	w.Helper()
	seed := uint64(1)
	if os.Getenv("ENGAWA_LONG") != "" {
		seed = uint64(time.Now().UnixNano()) // with -count, another story each time
	}
	w.Logf("seed %d", seed)
	st := &story{world: w, r: rand.New(rand.NewPCG(seed, 1)), seed: seed, people: []engawa.PersonID{"anna", "bob", "carl", "hana"},
		blocks: map[[2]engawa.PersonID]bool{}, mutes: map[engawa.PersonID]map[feed.Mute]bool{}}
	for i, join := range []feed.JoinPolicy{feed.JoinAuto, feed.JoinOpen, feed.JoinInvite, feed.JoinAuto, feed.JoinOpen} {
		source := fmt.Sprint("S", i)
		var keys []feed.Key
		if i == 3 {
			keys = []feed.Key{feed.InOrg("sales")}
		}
		_, err := w.s.Import(w.ctx, system, "old", []feed.ImportItem{{Space: &feed.ImportSpace{
			ID: source, CreatedAt: start.Add(time.Duration(i) * time.Hour),
			NewSpace: feed.NewSpace{Name: source, Join: join, Access: keys, Hosts: []engawa.PersonID{"anna"}},
		}}})
		w.must(err)
		found, err := w.store.Sources(w.ctx, tenant, "old", []feed.Source{{Kind: engawa.KindSpace, ID: source}})
		w.must(err)
		st.spaces = append(st.spaces, &told{
			id: found[feed.Source{Kind: engawa.KindSpace, ID: source}], source: source, join: join, marks: map[engawa.PersonID]int64{},
			again: map[engawa.PersonID]map[int64]bool{},
		})
	}
	return st
}

func (st *story) anySpace() *told          { return st.spaces[st.r.IntN(len(st.spaces))] }
func (st *story) anybody() engawa.PersonID { return st.people[st.r.IntN(len(st.people))] }
func (st *story) anyPost() *toldPost {
	if len(st.posts) == 0 {
		st.publish()
	}
	if len(st.posts) == 0 {
		return nil
	}
	return st.posts[st.r.IntN(len(st.posts))]
}

// ok reports whether a step was taken. A step that is not allowed is no failure; another error is.
func (st *story) ok(err error) bool {
	st.Helper()
	for _, kind := range []engawa.Kind{engawa.NotFound, engawa.Denied, engawa.Conflict, engawa.Invalid} {
		if errors.Is(err, kind) {
			return false
		}
	}
	st.must(err)
	return true
}

// step takes one random step.
func (st *story) step() {
	st.Helper()
	steps := []func(){
		st.publish, st.publish, st.publish, st.publish, st.comment, st.comment, st.retract, st.retract, st.restore, st.mark, st.mark,
		st.unmark, st.unmark, st.block, st.block, st.mute, st.mute,
		st.join, st.join, st.leave, st.imports, st.follow, st.edit, st.retractComment, st.decide,
		func() { st.clock.pass(time.Duration(st.r.IntN(10)) * time.Minute) },
		func() { st.dir.put([]engawa.OrgID{"sales", "hr"}[st.r.IntN(2)], 1, st.anybody()) },
	}
	steps[st.r.IntN(len(steps))]()
}

func (st *story) expiry() time.Time {
	if st.r.IntN(3) > 0 {
		return time.Time{}
	}
	return st.clock.Now().Add(time.Duration(1+st.r.IntN(30)) * time.Minute)
}

// published notes a post that has just appeared.
func (st *story) published(p feed.Post) {
	st.Helper()
	sp := st.spaceOf(p.Space)
	sp.posts++
	if p.Seq != sp.posts {
		st.Errorf("post %d of the space has number %d", sp.posts, p.Seq)
	}
	st.posts = append(st.posts, &toldPost{id: p.ID, space: sp, seq: p.Seq, author: p.Author, expires: p.ExpiresAt, kind: p.Kind})
}

func (st *story) spaceOf(id engawa.ID) *told {
	return st.spaces[slices.IndexFunc(st.spaces, func(t *told) bool { return t.id == id })]
}

func (st *story) publish() {
	st.Helper()
	kind := []feed.Kind{feed.Update, feed.Update, feed.Announcement}[st.r.IntN(3)]
	p, err := st.s.Publish(st.ctx, as(st.anybody()), feed.NewPost{Space: st.anySpace().id, Kind: kind, Body: "<@anna> #日報", ExpiresAt: st.expiry()})
	if st.ok(err) {
		st.published(p)
	}
}

func (st *story) decide() {
	st.Helper()
	st.gate.set(always(feed.Hold))
	p, err := st.s.Publish(st.ctx, as(st.anybody()), feed.NewPost{Space: st.anySpace().id, Body: "<@bob>"})
	st.gate.set(nil)
	if !st.ok(err) {
		return
	}
	switch st.r.IntN(3) {
	case 0:
		st.must(st.s.Reject(st.ctx, system, p.ID, ""))
	case 1:
		st.must(st.s.Withdraw(st.ctx, as(p.Author), p.ID))
	default:
		_, err := st.s.Release(st.ctx, system, p.ID)
		st.must(err)
		p, err := st.s.Post(st.ctx, system, p.ID)
		st.must(err)
		st.published(p)
	}
}

func (st *story) comment() {
	st.Helper()
	if p := st.anyPost(); p != nil {
		c, err := st.s.Comment(st.ctx, as(st.anybody()), feed.NewComment{Post: p.id, Body: "<@hana>"})
		if st.ok(err) {
			st.says = append(st.says, c.Ref())
		}
	}
}

func (st *story) retractComment() {
	st.Helper()
	if len(st.says) == 0 {
		return
	}
	ref := st.says[st.r.IntN(len(st.says))]
	if st.r.IntN(2) == 0 {
		st.ok(st.s.Retract(st.ctx, system, ref, "x"))
	} else {
		st.ok(st.s.Restore(st.ctx, system, ref))
	}
}

func (st *story) edit() {
	st.Helper()
	if p := st.anyPost(); p != nil {
		now, err := st.s.Post(st.ctx, system, p.id)
		st.must(err)
		_, _, err = st.s.Edit(st.ctx, as(p.author), now.Ref(), feed.Edit{Version: now.Version, Body: "直した"})
		st.ok(err)
	}
}

func (st *story) retract() {
	st.Helper()
	if p := st.anyPost(); p != nil {
		by := as(p.author)
		if st.r.IntN(2) == 0 {
			by = system
		}
		if st.ok(st.s.Retract(st.ctx, by, engawa.RefTo(engawa.KindPost, p.id), "x")) {
			p.retracted = true
		}
	}
}

func (st *story) restore() {
	st.Helper()
	for _, p := range st.posts {
		if p.retracted && st.r.IntN(2) == 0 {
			st.must(st.s.Restore(st.ctx, system, engawa.RefTo(engawa.KindPost, p.id)))
			p.retracted = false
			return
		}
	}
}

func (st *story) mark() {
	st.Helper()
	sp, who, p := st.anySpace(), st.anybody(), st.anyPost()
	upTo, seq := engawa.ID(0), sp.posts // after anyPost, which may publish the first
	if p != nil && st.r.IntN(4) > 0 {
		sp, upTo, seq = p.space, p.id, p.seq
	}
	if st.ok(st.s.MarkRead(st.ctx, as(who), sp.id, upTo)) {
		sp.marks[who] = max(sp.marks[who], seq)
		maps.DeleteFunc(sp.again[who], func(n int64, _ bool) bool { return n <= seq })
	}
}

// unmark makes posts unread again from one on.
func (st *story) unmark() {
	st.Helper()
	p, who := st.anyPost(), st.anybody()
	if p == nil || !st.ok(st.s.MarkUnread(st.ctx, as(who), p.id)) {
		return
	}
	if p.space.again[who] == nil {
		p.space.again[who] = map[int64]bool{}
	}
	for n := p.seq; n <= p.space.marks[who]; n++ {
		p.space.again[who][n] = true
	}
}

// counts reports whether a naive reader would count a post.
func (st *story) counts(p *toldPost, who engawa.PersonID) bool {
	return (p.seq > p.space.marks[who] || p.space.again[who][p.seq]) && p.author != who && !p.imported
}

func (st *story) block() {
	st.Helper()
	pair := [2]engawa.PersonID{st.anybody(), st.anybody()}
	if st.r.IntN(2) == 0 {
		if st.ok(st.s.Block(st.ctx, as(pair[0]), pair[1])) {
			st.blocks[pair] = true
		}
		return
	}
	st.must(st.s.Unblock(st.ctx, as(pair[0]), pair[1]))
	delete(st.blocks, pair)
}

// reconcile ends all blocks.
func (st *story) reconcile() {
	st.Helper()
	for pair := range st.blocks {
		st.must(st.s.Unblock(st.ctx, as(pair[0]), pair[1]))
	}
	clear(st.blocks)
}

// blocked reports whether a block stands between somebody and a post.
func (st *story) blocked(p *toldPost, who engawa.PersonID) bool {
	return p.kind != feed.Announcement && (st.blocks[[2]engawa.PersonID{who, p.author}] || st.blocks[[2]engawa.PersonID{p.author, who}])
}

func (st *story) mute() {
	st.Helper()
	who, m := st.anybody(), feed.Mute{What: feed.MutePerson, Person: st.anybody()}
	switch st.r.IntN(3) {
	case 0:
		m = feed.Mute{What: feed.MuteSpace, ID: st.anySpace().id}
	case 1:
		p := st.anyPost()
		if p == nil {
			return
		}
		m = feed.Mute{What: feed.MuteThread, ID: p.id}
	}
	if st.mutes[who] == nil {
		st.mutes[who] = map[feed.Mute]bool{}
	}
	if st.r.IntN(2) == 0 {
		if st.ok(st.s.Mute(st.ctx, as(who), m)) {
			st.mutes[who][m] = true
		}
		return
	}
	st.must(st.s.Unmute(st.ctx, as(who), m))
	delete(st.mutes[who], m)
}

// muted reports whether somebody muted a post in one of the ways.
func (st *story) muted(p *toldPost, who engawa.PersonID) bool {
	all := st.mutes[who]
	return all[feed.Mute{What: feed.MutePerson, Person: p.author}] || all[feed.Mute{What: feed.MuteThread, ID: p.id}] || all[feed.Mute{What: feed.MuteSpace, ID: p.space.id}]
}

// join makes somebody a member in one of the ways.
func (st *story) join() {
	st.Helper()
	sp, who := st.anySpace(), st.anybody()
	mine, _, err := st.store.Mine(st.ctx, tenant, who)
	st.must(err)
	before := mine[sp.id].State
	switch st.r.IntN(3) {
	case 0:
		err = st.s.Join(st.ctx, as(who), sp.id)
	case 1:
		err = st.s.AddMember(st.ctx, system, sp.id, who)
	default:
		err = st.s.AddHost(st.ctx, system, sp.id, who)
	}
	if !st.ok(err) {
		return
	}
	member := before == feed.Joined || before == feed.ByKey || before == feed.NoMember && sp.join == feed.JoinAuto
	if !member {
		sp.marks[who] = sp.posts // what was said before is not unread
		clear(sp.again[who])
	}
}

func (st *story) leave() {
	st.Helper()
	sp, who := st.anySpace(), st.anybody()
	switch st.r.IntN(3) {
	case 0:
		st.ok(st.s.Leave(st.ctx, as(who), sp.id))
	case 1:
		st.ok(st.s.RemoveMember(st.ctx, system, sp.id, who))
	default:
		st.ok(st.s.RemoveHost(st.ctx, system, sp.id, who))
	}
}

func (st *story) follow() {
	st.Helper()
	if st.r.IntN(3) == 0 {
		st.ok(st.s.Unfollow(st.ctx, as(st.anybody()), st.anybody()))
	} else {
		st.ok(st.s.Follow(st.ctx, as(st.anybody()), st.anybody()))
	}
}

// imports takes in a few posts, with comments, into one or two spaces.
func (st *story) imports() {
	st.Helper()
	var items []feed.ImportItem
	var notes []*toldPost
	for range 1 + st.r.IntN(2) {
		sp := st.anySpace()
		for range 1 + st.r.IntN(3) {
			st.items++
			id := fmt.Sprint("P", st.items)
			author := st.anybody()
			items = append(items, feed.ImportItem{Post: &feed.ImportPost{
				ID: id, Space: sp.source, Author: author, Body: "昔 <@bob>", PublishedAt: start.Add(-time.Duration(st.r.IntN(1000)) * time.Hour),
			}})
			notes = append(notes, &toldPost{space: sp, author: author, imported: true})
			if st.r.IntN(2) == 0 {
				items = append(items, feed.ImportItem{Comment: &feed.ImportComment{
					ID: "C" + id, Post: id, Author: "bob", Body: "昔", PublishedAt: start,
				}})
			}
		}
	}
	done, err := st.s.Import(st.ctx, system, "old", items)
	st.must(err)
	if done.Posts != len(notes) || len(done.Skipped) > 0 {
		st.Fatalf("imported %+v", done)
	}
	n := st.items - len(notes)
	for _, p := range notes {
		n++
		src := feed.Source{Kind: engawa.KindPost, ID: fmt.Sprint("P", n)}
		found, err := st.store.Sources(st.ctx, tenant, "old", []feed.Source{src})
		st.must(err)
		p.space.posts++
		p.id, p.seq = found[src], p.space.posts
		if read, err := st.s.Post(st.ctx, system, p.id); err != nil || read.Seq != p.seq {
			st.Errorf("the imported post has number %d, want %d, %v", read.Seq, p.seq, err)
		}
		st.posts = append(st.posts, p)
	}
}

// check compares what everybody reads with counting and sorting everything.
func (st *story) check() {
	st.Helper()
	now := st.clock.Now()
	for _, who := range st.people {
		by := as(who)
		counts := st.unread(by)
		home := map[engawa.ID]bool{}
		mine, err := st.s.MySpaces(st.ctx, by)
		st.must(err)
		for _, sp := range mine {
			home[sp.ID] = true
			t := st.spaceOf(sp.ID)
			want := int64(0)
			for _, p := range st.posts {
				if p.space == t && st.counts(p, who) && !p.retracted && !p.expired(now) && !st.blocked(p, who) && !st.muted(p, who) {
					want++
				}
			}
			if got, ok := counts[sp.ID]; !ok || got != want {
				st.Errorf("seed %d: %s has %d unread in %s (%s, marked %d of %d), want %d", st.seed, who, got, t.source, t.join, t.marks[who], t.posts, want)
			}
		}
		if len(counts) != len(mine) {
			st.Errorf("seed %d: %s has %d spaces and %d counts", st.seed, who, len(mine), len(counts))
		}
		following, err := st.s.Following(st.ctx, by)
		st.must(err)
		var want []*toldPost
		for _, p := range st.posts {
			if p.retracted || p.expired(now) || !home[p.space.id] && !slices.Contains(following, p.author) || st.muted(p, who) || st.blocked(p, who) {
				if _, err := st.s.Post(st.ctx, by, p.id); st.blocked(p, who) && !errors.Is(err, engawa.NotFound) {
					st.Errorf("seed %d: %s reads a post beyond a block, %v", st.seed, who, err)
				}
				continue
			}
			if _, err := st.s.Post(st.ctx, by, p.id); err == nil {
				want = append(want, p)
			} else if !errors.Is(err, engawa.NotFound) && !errors.Is(err, engawa.Denied) {
				st.Fatal(err)
			}
		}
		slices.SortFunc(want, func(a, b *toldPost) int { return cmp.Compare(b.id, a.id) })
		var ids []engawa.ID
		for _, p := range want {
			ids = append(ids, p.id)
		}
		got := st.home(by)
		if !slices.Equal(idsOf(got), ids) {
			st.Errorf("seed %d: the home of %s:\n got %v\nwant %v", st.seed, who, idsOf(got), ids)
		}
		for i, p := range got {
			t := want[min(i, len(want)-1)]
			flag := st.counts(t, who)
			if p.ID == t.id && p.Unread != flag {
				st.Errorf("seed %d: post %d is unread for %s: %v, want %v", st.seed, p.Seq, who, p.Unread, flag)
			}
		}
	}
}

func (p *toldPost) expired(now time.Time) bool { return !p.expires.IsZero() && !now.Before(p.expires) }
