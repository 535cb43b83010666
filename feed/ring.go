package feed

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// A ring is the newest posts of a tenant in memory, 16 bytes each: where they stand and whose they are, which never
// changes. With a reader's spaces and people as sets of bits it finds the places of a home in microseconds, for every
// kind of reader. It decides nothing about access: its places go through the door like those that the store finds, and
// whether a post is retracted or has expired is said by the row that is read.
//
// A ring holds the freshest posts without a hole. It is read from the store once, then follows the event log through
// [Service.Hear]; a host that hears nothing for a while, because nothing runs the relay here, reads from the store.

const (
	// ringSize is how many posts a ring keeps by default. It lets a thirty-second part more come before it drops the oldest.
	ringSize = 32 << 10
	// maxDeaf is how long after it last heard that there is no more to hear a ring is used. A home is an earlier page of
	// at most this age, and of the time that committed events wait for their place in the log.
	maxDeaf = 5 * time.Second
	// maxRings bounds the memory to about 2 MB for each.
	maxRings = 64
)

// ringEntry is one post. The numbers are those of the ring.
type ringEntry struct {
	id            engawa.ID
	space, author uint32
}

// gone is the bit of ringEntry.space that marks a retracted post.
const gone = 1 << 31

type ring struct {
	size int

	mu sync.RWMutex
	// entries ascend.
	entries []ringEntry
	// whole is set while nothing older exists in the store.
	whole   bool
	spaces  map[engawa.ID]uint32
	authors map[engawa.PersonID]uint32
	// spaceIDs are the spaces by their numbers; bySpace and byAuthor are how many entries each has.
	spaceIDs          []engawa.ID
	bySpace, byAuthor []int32
	// epoch counts the changes that are not a post that is newer than all others.
	epoch int
	// waiting are events that came while the ring was being read.
	waiting []event.Event
	loaded  bool
}

// rings are those of the tenants whose homes are read here.
type rings struct {
	size int // below 0: there are none

	mu    sync.Mutex
	of    map[engawa.TenantID]*ring
	heard time.Time // when there was last nothing more to hear, by this process's clock
}

func newRings(size int) *rings {
	if size == 0 {
		size = ringSize
	}
	return &rings{size: size, of: map[engawa.TenantID]*ring{}}
}

// Hear tells the feed what has happened, in the order of the event log: everything since it last heard, on every node.
// Caught up says that there is no more for now. Whoever cannot tell everything calls [Service.Deafen] first.
func (s *Service) Hear(events []event.Event, caughtUp bool) {
	r := s.rings
	for _, e := range events {
		r.mu.Lock()
		one := r.of[e.Tenant]
		if one != nil && e.Verb == event.ImportFinished {
			delete(r.of, e.Tenant) // a range of old posts has come in: read it all again
		}
		r.mu.Unlock()
		if one != nil {
			one.hear(e)
		}
	}
	if caughtUp {
		r.mu.Lock()
		r.heard = time.Now()
		r.mu.Unlock()
	}
}

// Deafen forgets everything that was heard: homes are read from the store until the feed hears again.
func (s *Service) Deafen() {
	s.rings.mu.Lock()
	defer s.rings.mu.Unlock()
	clear(s.rings.of)
	s.rings.heard = time.Time{}
}

// ring is a tenant's ring, which the first who asks reads from the store; nil while another does, or while nothing is
// heard.
func (s *Service) ring(ctx context.Context, st Store, tenant engawa.TenantID) (*ring, error) {
	r := s.rings
	if r.size < 0 || st.Bound() {
		return nil, nil
	}
	r.mu.Lock()
	if r.heard.IsZero() || time.Since(r.heard) > maxDeaf {
		r.mu.Unlock()
		return nil, nil
	}
	one, first := r.of[tenant], false
	if one == nil {
		if len(r.of) >= maxRings {
			clear(r.of)
		}
		one, first = &ring{size: r.size}, true
		r.of[tenant] = one
	}
	r.mu.Unlock()
	if !first {
		one.mu.RLock()
		defer one.mu.RUnlock()
		if !one.loaded {
			return nil, nil
		}
		return one, nil
	}
	spots, err := st.Newest(ctx, tenant, r.size)
	if err != nil {
		r.mu.Lock()
		delete(r.of, tenant)
		r.mu.Unlock()
		return nil, err
	}
	one.load(spots)
	return one, nil
}

// published shows a post of this process at once, ahead of the event log.
func (s *Service) published(tenant engawa.TenantID, p Post) {
	s.rings.mu.Lock()
	one := s.rings.of[tenant]
	s.rings.mu.Unlock()
	if one == nil || s.store.Bound() {
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.loaded {
		one.add(Spot{Post: p.ID, Space: p.Space, Author: p.Author})
	}
}

func (r *ring) load(spots []Spot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = make([]ringEntry, 0, r.size+r.slack())
	r.whole = len(spots) < r.size
	r.spaces, r.authors = map[engawa.ID]uint32{}, map[engawa.PersonID]uint32{}
	for _, sp := range slices.Backward(spots) {
		r.add(sp)
	}
	r.loaded = true
	for _, e := range r.waiting {
		r.apply(e)
	}
	r.waiting = nil
}

func (r *ring) hear(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.loaded {
		r.waiting = append(r.waiting, e)
		return
	}
	r.apply(e)
}

// apply follows one event. What the ring knows already changes nothing.
func (r *ring) apply(e event.Event) {
	id, ok := e.Subject.OwnID()
	if !ok || e.Subject.Kind != engawa.KindPost {
		return
	}
	switch e.Verb {
	case event.PostPublished:
		r.add(Spot{Post: id, Space: e.Space, Author: e.Actor})
	case event.PostRetracted, event.PostRestored, event.PostPurged:
		if i, found := r.find(id); found {
			r.epoch++
			r.entries[i].space &^= gone
			if e.Verb != event.PostRestored {
				r.entries[i].space |= gone
			}
		}
	}
}

// find is where an id is, or would be.
func (r *ring) find(id engawa.ID) (int, bool) {
	return slices.BinarySearchFunc(r.entries, id, func(e ringEntry, id engawa.ID) int { return cmp.Compare(e.id, id) })
}

// add takes a post in, unless it is there or older than all that the ring keeps.
func (r *ring) add(sp Spot) {
	i, found := len(r.entries), false
	if i > 0 && r.entries[i-1].id >= sp.Post {
		i, found = r.find(sp.Post)
	}
	if found || i == 0 && !r.whole && len(r.entries) > 0 {
		return
	}
	e := ringEntry{sp.Post, number(r.spaces, &r.bySpace, sp.Space), number(r.authors, &r.byAuthor, sp.Author)}
	if int(e.space) == len(r.spaceIDs) {
		r.spaceIDs = append(r.spaceIDs, sp.Space)
	}
	r.count(e, 1)
	if sp.Gone {
		e.space |= gone
	}
	if i < len(r.entries) {
		r.epoch++
	}
	r.entries = slices.Insert(r.entries, i, e)
	slack := r.slack()
	if len(r.entries) < r.size+slack {
		return
	}
	for _, old := range r.entries[:slack] {
		r.count(old, -1)
	}
	r.entries = append(r.entries[:0], r.entries[slack:]...)
	r.whole = false
	r.epoch++
}

func (r *ring) slack() int { return r.size/32 + 1 }

func (r *ring) count(e ringEntry, n int32) {
	r.bySpace[e.space&^gone] += n
	r.byAuthor[e.author] += n
}

// number is the ring's number of a key, which gets one if it has none.
func number[K comparable](numbers map[K]uint32, counts *[]int32, key K) uint32 {
	n, ok := numbers[key]
	if !ok {
		n = uint32(len(numbers))
		numbers[key] = n
		*counts = append(*counts, 0)
	}
	return n
}

// ringBits are a reader's spaces and the people whom they follow, as a ring numbers them.
type ringBits struct {
	ring            *ring
	spaces, authors numbers
	// muted are the people whom the reader muted.
	muted numbers
	// known is how many numbers the ring had.
	knownSpaces, knownAuthors int
	first                     firstPlaces
}

// numbers are a set of numbers: their bits, and a list of them.
type numbers struct {
	bits []uint64
	list []uint32
}

func (n *numbers) has(i uint32) bool { return int(i/64) < len(n.bits) && n.bits[i/64]&(1<<(i%64)) != 0 }

func (n *numbers) add(i uint32) {
	if n.has(i) {
		return
	}
	for int(i/64) >= len(n.bits) {
		n.bits = append(n.bits, 0)
	}
	n.bits[i/64] |= 1 << (i % 64)
	n.list = append(n.list, i)
}

// update brings the bits up to date with the ring's numbers, which only grow.
func (b *ringBits) update(r *ring, h *homeSet) {
	if b.ring != r {
		*b = ringBits{ring: r}
	}
	if b.knownSpaces < len(r.spaces) {
		for _, id := range h.spaces {
			if n, ok := r.spaces[id]; ok {
				b.spaces.add(n)
			}
		}
		b.knownSpaces = len(r.spaces)
	}
	if b.knownAuthors < len(r.authors) {
		for _, p := range h.follows {
			if n, ok := r.authors[p]; ok {
				b.authors.add(n)
			}
		}
		for _, p := range h.hides.people {
			if n, ok := r.authors[p]; ok {
				b.muted.add(n)
			}
		}
		b.knownAuthors = len(r.authors)
	}
}

// places are the places of a home below an id, at most limit, and false where older posts than the ring's may belong to
// them.
func (r *ring) places(h *homeSet, before engawa.ID, limit int) ([]Place, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	b := &h.bits
	b.update(r, h)
	if !r.whole && !r.mayFill(b, limit) {
		return nil, false
	}
	if before != maxID {
		below, _ := r.find(before)
		places := r.among(h, 0, below, limit)
		return places, len(places) == limit || r.whole
	}
	// A reader with few posts has the whole ring walked once, then what has come since.
	f := &b.first
	if f.epoch != r.epoch || f.limit != limit || f.upTo == 0 {
		*f = firstPlaces{epoch: r.epoch, limit: limit}
	}
	newer := r.among(h, f.upTo, len(r.entries), limit)
	f.places = append(newer, f.places[:min(len(f.places), limit-len(newer))]...)
	f.upTo = len(r.entries)
	return slices.Clone(f.places), len(f.places) == limit || r.whole
}

// firstPlaces are the newest places that were found among the first upTo entries.
type firstPlaces struct {
	epoch, limit, upTo int
	places             []Place
}

// among are the reader's newest places between two indexes, at most limit.
func (r *ring) among(h *homeSet, from, to, limit int) []Place {
	var places []Place
	b, muting := &h.bits, h.hides.muting()
	for i := to - 1; i >= from && len(places) < limit; i-- {
		e := r.entries[i]
		if e.space&gone != 0 || !b.spaces.has(e.space) && !b.authors.has(e.author) {
			continue
		}
		if !muting || !b.muted.has(e.author) && h.hides.homeShows(e.id, r.spaceIDs[e.space]) {
			places = append(places, Place{engawa.RefTo(engawa.KindPost, e.id), e.id, r.spaceIDs[e.space]})
		}
	}
	return places
}

// mayFill reports whether the ring has as many posts for the reader as a page takes: else there is no use in looking.
func (r *ring) mayFill(b *ringBits, limit int) bool {
	n := 0
	for _, i := range b.spaces.list {
		n += int(r.bySpace[i])
	}
	for _, i := range b.authors.list {
		n += int(r.byAuthor[i])
	}
	return n >= limit
}
