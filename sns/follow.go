package sns

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/search"
)

// A follower keeps the search index of this node in step with the event log. How far the index of a tenant has come
// stands in the index itself, so nothing that happens to either can part them: a tenant that is met for the first time is
// caught up from there, or built anew where the index is new, damaged, of another analysis, or older than the log. Only
// then does it follow what this node hears.
type follower struct {
	search *search.Service
	talk   *feed.Service
	rules  clauses
	pieces pieces
	now    func() time.Time
	log    event.Log
	stir   func() // wakes the relay
	logger *slog.Logger

	// opening lets one tenant at a time be caught up.
	opening sync.Mutex
	wake    chan struct{}
	turned  chan struct{} // closed and replaced when something was indexed

	mu      sync.Mutex
	running int   // how many run
	heard   int64 // the last place in the log that this node has heard
	deaf    bool  // until the tenants in which something happened lately have been met
	tenants map[engawa.TenantID]*followed
	// wrote is when somebody wrote last on this node.
	wrote map[writer]time.Time
}

type writer struct {
	tenant engawa.TenantID
	person engawa.PersonID
}

// followed is a tenant whose index is kept here.
type followed struct {
	// upTo is the place in the log up to which the index is complete, while following.
	upTo      int64
	following bool
	// rebuild asks for a new index, whatever the present one says; building says that one is under way.
	rebuild, building bool
	// gone are documents that were deleted here and are not out of the index yet.
	gone []engawa.Ref
	// versions are those of guidelines that were in effect at the last search, of those that whoever searched may see.
	versions map[engawa.ID]int
	turning  turning
}

// settle notes that the index knows what became of a document.
func (t *followed) settle(ref engawa.Ref) {
	t.gone = slices.DeleteFunc(t.gone, func(g engawa.Ref) bool { return g == ref })
}

const (
	// readAtOnce is how many events are read at once to catch up.
	readAtOnce = 256
	// ownPatience is how long a search of somebody who has just written waits for what they wrote, and ownAge how long
	// it may take from the call until its transaction is committed.
	ownPatience = 500 * time.Millisecond
	ownAge      = 3 * time.Second
	// idleLag is how far a tenant without events may stay behind before its index notes the place.
	idleLag = 10_000
	// retryEvery is the pause before an index that cannot be kept is tried again.
	retryEvery = 5 * time.Second
)

func newFollower(cfg Config, talk *feed.Service, rules clauses) *follower {
	return &follower{
		talk: talk, rules: rules, now: cfg.Now, log: cfg.Store.Outbox(), logger: cfg.Logger, wake: make(chan struct{}, 1), turned: make(chan struct{}),
		tenants: map[engawa.TenantID]*followed{}, wrote: map[writer]time.Time{},
	}
}

// lost forgets how far the tenants have come: what is heard next comes after a gap.
func (f *follower) lost(upTo int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heard, f.deaf = max(f.heard, upTo), true
	for _, t := range f.tenants {
		t.following = false
	}
	f.nudge()
}

// nudge asks for a round of catching up.
func (f *follower) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// of is a tenant, met perhaps for the first time. The caller holds the lock.
func (f *follower) of(tenant engawa.TenantID) *followed {
	t := f.tenants[tenant]
	if t == nil {
		t = &followed{versions: map[engawa.ID]int{}, turning: turning{at: map[engawa.Ref]time.Time{}}}
		f.tenants[tenant] = t
		f.nudge()
	}
	return t
}

// appended is told of what was committed on this node: what is gone must not be counted by the next search, and whoever
// wrote wants to find it at once.
func (f *follower) appended(events []event.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range events {
		switch e.Verb {
		case event.PostRetracted, event.CommentRetracted, event.PostPurged, event.CommentPurged:
			t := f.of(e.Tenant)
			t.gone = append(t.gone, e.Subject)
		case event.PostRestored, event.CommentRestored:
			f.of(e.Tenant).settle(e.Subject)
			f.wrote[writer{e.Tenant, e.Actor}] = time.Now()
		case event.PostPublished, event.CommentPublished, event.PostEdited, event.CommentEdited, event.VersionPublished:
			f.wrote[writer{e.Tenant, e.Actor}] = time.Now()
		}
	}
}

// ready brings the index to where a search of the viewer needs it.
func (f *follower) ready(ctx context.Context, viewer engawa.Actor) error {
	f.mu.Lock()
	_, met := f.tenants[viewer.Tenant]
	t := f.of(viewer.Tenant)
	gone, now := t.gone, time.Now()
	t.gone = nil
	wrote, own := f.wrote[writer{viewer.Tenant, viewer.Person}]
	for w, at := range f.wrote { // there are few
		if now.Sub(at) > ownAge {
			delete(f.wrote, w)
		}
	}
	f.mu.Unlock()
	if len(gone) > 0 {
		if err := f.hide(ctx, viewer.Tenant, gone); err != nil {
			f.mu.Lock()
			t.gone = append(gone, t.gone...)
			f.mu.Unlock()
			return err
		}
	}
	if !met || own && now.Sub(wrote) <= ownAge {
		f.await(ctx, viewer.Tenant)
	}
	f.pass(ctx, viewer.Tenant)
	return nil
}

// hide takes documents out of the answers, with the comments of posts.
func (f *follower) hide(ctx context.Context, tenant engawa.TenantID, gone []engawa.Ref) error {
	all, err := f.withComments(ctx, tenant, gone)
	for part := range slices.Chunk(all, search.MaxRefs) {
		err = errors.Join(err, f.search.Hide(ctx, engawa.System(tenant), part))
	}
	return err
}

// withComments are refs with those of the comments of the posts among them.
func (f *follower) withComments(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref) ([]engawa.Ref, error) {
	all := slices.Clone(refs)
	for _, ref := range refs {
		if id, ok := ref.OwnID(); ok && ref.Kind == engawa.KindPost {
			comments, err := f.talk.CommentRefs(ctx, engawa.System(tenant), id)
			if err != nil {
				return nil, err
			}
			all = append(all, comments...)
		}
	}
	return all, nil
}

// await waits, not for long, until what is committed now is in the index. Where nothing runs here, it does not.
func (f *follower) await(ctx context.Context, tenant engawa.TenantID) {
	ctx, cancel := context.WithTimeout(ctx, ownPatience)
	defer cancel()
	for want := int64(-1); ; {
		f.mu.Lock()
		t, turned := f.of(tenant), f.turned
		running, following, upTo := f.running > 0, t.following, f.heard
		f.mu.Unlock()
		switch {
		case !running:
			return
		case want < 0:
			var err error
			if want, err = f.head(ctx); err != nil {
				return
			}
			continue
		case following && upTo >= want:
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-turned:
		}
	}
}

// head is the place of the last event that is committed now: those without one get theirs, whoever gives it.
func (f *follower) head(ctx context.Context) (int64, error) {
	for {
		stamped, more, err := f.log.Sequence(ctx, readAtOnce)
		if err != nil {
			return 0, err
		}
		if stamped > 0 {
			f.stir()
		}
		if !more {
			return f.log.Head(ctx)
		}
		if stamped == 0 { // another process is at it
			time.Sleep(time.Millisecond)
		}
	}
}

// turn tells whoever waits that something was indexed. The caller holds the lock.
func (f *follower) turn() {
	close(f.turned)
	f.turned = make(chan struct{})
}

// hear indexes what has happened for the tenants that follow.
func (f *follower) hear(ctx context.Context, events []event.Event, caughtUp bool) {
	byTenant := map[engawa.TenantID][]event.Event{}
	for _, e := range events {
		byTenant[e.Tenant] = append(byTenant[e.Tenant], e)
	}
	for tenant, some := range byTenant {
		f.mu.Lock()
		t := f.of(tenant)
		follows, building, from := t.following, t.building, t.upTo
		f.mu.Unlock()
		if !follows && !building {
			continue // the log has it for whoever catches up
		}
		if !follows {
			from = 0
		}
		if err := f.index(ctx, tenant, some, from); err != nil && follows {
			f.stumble(ctx, tenant, err)
			continue
		}
		f.mu.Lock()
		t.upTo = max(t.upTo, some[len(some)-1].Seq)
		f.mu.Unlock()
	}
	f.mu.Lock()
	if len(events) > 0 {
		f.heard = max(f.heard, events[len(events)-1].Seq)
		f.turn()
	}
	f.mu.Unlock()
	if caughtUp {
		f.note(ctx)
	}
}

// stumble lets a tenant catch up later.
func (f *follower) stumble(ctx context.Context, tenant engawa.TenantID, err error) {
	if ctx.Err() == nil {
		f.logger.WarnContext(ctx, "search: the index is behind", "tenant", tenant, "error", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of(tenant).following = false
	f.nudge()
}

// note tells the indexes of tenants in which nothing happens how far they are, so that they can still catch up when the
// log has been purged.
func (f *follower) note(ctx context.Context) {
	f.mu.Lock()
	var late []engawa.TenantID
	for tenant, t := range f.tenants {
		if t.following && f.heard-t.upTo > idleLag {
			t.upTo = f.heard
			late = append(late, tenant)
		}
	}
	at := f.heard
	f.mu.Unlock()
	for _, tenant := range late {
		if err := f.search.Index(ctx, engawa.System(tenant), nil, at); err != nil {
			f.stumble(ctx, tenant, err)
		}
	}
}

// index brings into the index what events after a place say.
func (f *follower) index(ctx context.Context, tenant engawa.TenantID, events []event.Event, after int64) error {
	var refs, whole, settled, documents []engawa.Ref
	last := after
	for _, e := range events {
		if e.Seq <= after {
			continue
		}
		last = e.Seq
		switch e.Verb {
		case event.PostRetracted, event.PostRestored, event.PostPurged, event.CommentRetracted, event.CommentRestored, event.CommentPurged:
			settled = append(settled, e.Subject)
		}
		switch e.Verb {
		case event.PostRetracted, event.PostRestored:
			whole = append(whole, e.Subject)
		case event.PostPublished, event.PostEdited, event.PostPurged, event.PostSuperseded, event.PostUnsuperseded, event.AnnouncementAcknowledged,
			event.CommentPublished, event.CommentEdited, event.CommentRetracted, event.CommentRestored, event.CommentPurged:
			refs = append(refs, e.Subject)
		case event.AnswerAccepted, event.AnswerUnaccepted:
			whole = append(whole, e.Subject) // another answer may have been accepted before
		case event.ImportFinished, event.PersonForgotten, event.WordsPut, event.WordsDropped, event.WordsImported:
			f.mu.Lock()
			t := f.of(tenant)
			t.rebuild = true
			f.nudge()
			f.mu.Unlock()
		}
		if f.rules.hears(e) && !slices.Contains(documents, e.Subject) {
			documents = append(documents, e.Subject)
		}
	}
	if last == after {
		return nil
	}
	for _, d := range documents {
		of, err := f.rules.refs(ctx, tenant, d)
		if err != nil {
			return err
		}
		refs = append(refs, of...)
	}
	more, err := f.withComments(ctx, tenant, whole)
	if err != nil {
		return err
	}
	refs = append(refs, more...)
	slices.SortFunc(refs, func(a, b engawa.Ref) int { return compareRefs(a, b) })
	refs = slices.Compact(refs)
	for len(refs) > search.MaxRefs {
		if err := f.search.Index(ctx, engawa.System(tenant), refs[:search.MaxRefs], after); err != nil {
			return err
		}
		refs = refs[search.MaxRefs:]
	}
	if err := f.search.Index(ctx, engawa.System(tenant), refs, last); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ref := range settled {
		f.of(tenant).settle(ref)
	}
	return nil
}

func compareRefs(a, b engawa.Ref) int {
	switch as, bs := a.String(), b.String(); {
	case as < bs:
		return -1
	case as > bs:
		return 1
	}
	return 0
}

// run catches tenants up until ctx ends.
func (f *follower) run(ctx context.Context) error {
	count := func(n int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.running += n
	}
	count(1)
	defer count(-1)
	for {
		pause := time.NewTimer(time.Hour)
		if err := f.catchUp(ctx); err != nil && ctx.Err() == nil {
			f.logger.WarnContext(ctx, "search: an index cannot be kept", "error", err)
			pause.Reset(retryEvery)
		}
		select {
		case <-ctx.Done():
		case <-f.wake:
		case <-pause.C:
		}
		pause.Stop()
		if ctx.Err() != nil {
			return nil
		}
	}
}

// catchUp brings the indexes of all tenants that have been met to where they follow.
func (f *follower) catchUp(ctx context.Context) error {
	f.opening.Lock()
	defer f.opening.Unlock()
	if err := f.meet(ctx); err != nil {
		return err
	}
	var all error
	for {
		f.mu.Lock()
		var due []engawa.TenantID
		for tenant, t := range f.tenants {
			if !t.following || t.rebuild {
				due = append(due, tenant)
			}
		}
		f.mu.Unlock()
		if len(due) == 0 || all != nil {
			return all
		}
		for _, tenant := range due {
			if err := f.open(ctx, tenant); err != nil {
				all = errors.Join(all, fmt.Errorf("tenant %s: %w", tenant, err))
			}
		}
	}
}

// lately is how many events tell in which tenants something happened lately.
const lately = 1000

// meet meets the tenants in which something happened before this node began to hear.
func (f *follower) meet(ctx context.Context) error {
	f.mu.Lock()
	deaf, heard := f.deaf, f.heard
	f.mu.Unlock()
	if !deaf {
		return nil
	}
	events, err := f.log.Read(ctx, max(0, heard-lately), lately)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range events {
		f.of(e.Tenant)
	}
	f.deaf = false
	return nil
}

// open catches one tenant up, from where its index is or by building it anew.
func (f *follower) open(ctx context.Context, tenant engawa.TenantID) error {
	by := engawa.System(tenant)
	state, err := f.search.State(ctx, by)
	if err != nil {
		return err
	}
	head, err := f.log.Head(ctx)
	if err != nil {
		return err
	}
	f.mu.Lock()
	t := f.of(tenant)
	// An index without documents may be a new one. One that is ahead of the log belongs to another database.
	rebuild := t.rebuild || state.Rebuild != "" || state.Docs == 0 || state.Watermark > head
	remembers := t.turning.whole
	f.mu.Unlock()
	from := state.Watermark
	if !rebuild && !remembers {
		if err := f.remember(ctx, tenant, from); err != nil {
			return err
		}
	}
	for {
		if rebuild {
			if from, err = f.rebuild(ctx, tenant, t, state); err != nil {
				return err
			}
		}
		whole, err := f.read(ctx, tenant, t, from)
		if err != nil || whole {
			return err
		}
		rebuild = true // events are missing from the log
	}
}

// rebuild builds a tenant's index anew and reports the place in the log from which it has to catch up.
func (f *follower) rebuild(ctx context.Context, tenant engawa.TenantID, t *followed, state search.State) (int64, error) {
	why := state.Rebuild
	if why == "" {
		why = "it is new, or misses what the log has no more"
	}
	f.logger.InfoContext(ctx, "search: the index is built anew", "tenant", tenant, "why", why)
	head, err := f.head(ctx)
	if err != nil {
		return 0, err
	}
	f.mu.Lock()
	t.rebuild, t.building = false, true
	f.mu.Unlock()
	err = f.search.Rebuild(ctx, engawa.System(tenant), head)
	f.mu.Lock()
	t.building = false
	t.following = false
	t.rebuild = t.rebuild || err != nil
	t.turning.whole = t.turning.whole || err == nil
	f.mu.Unlock()
	return head, err
}

// read indexes what the log has after a place and lets the tenant follow. It reports false where the log has not all.
func (f *follower) read(ctx context.Context, tenant engawa.TenantID, t *followed, from int64) (bool, error) {
	for {
		events, err := f.log.Read(ctx, from, readAtOnce)
		if err != nil {
			return false, err
		}
		at := from
		var own []event.Event
		for _, e := range events {
			if at++; e.Seq != at {
				return false, nil
			}
			if e.Tenant == tenant {
				own = append(own, e)
			}
		}
		if err := f.index(ctx, tenant, own, from); err != nil {
			return false, err
		}
		from = at
		if len(events) == readAtOnce {
			continue
		}
		f.mu.Lock()
		follows := f.heard <= from
		if follows {
			t.following, t.upTo = true, from
			f.turn()
		}
		f.mu.Unlock()
		if follows {
			return true, nil
		}
		if len(events) == 0 {
			return false, nil // this node has heard what the log has no more
		}
	}
}
