package search

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/valid"
)

// teaching is the part of a service that keeps what people teach and save.
type teaching struct {
	// fromStore is set where the store is the dictionary.
	fromStore bool
	ids       *engawa.IDSource
	valid     *valid.Validator
	vain      *vainLog
	watched   *memory[*watchList]
}

// newTeaching completes the configuration.
func newTeaching(cfg *Config) (teaching, error) {
	t := teaching{ids: engawa.NewIDSource(cfg.Now), valid: valid.New(), watched: newMemory[*watchList](nil)}
	if cfg.Store != nil && cfg.Dictionary == nil {
		cfg.Dictionary, t.fromStore = cfg.Store, true
	}
	if err := cfg.Gaps.complete(); err != nil {
		return teaching{}, err
	}
	if cfg.Store != nil {
		t.vain = newVainLog()
	}
	return t, nil
}

// memory is what a service remembers of its tenants; each user says whether it is still right.
type memory[T any] struct {
	mu    sync.Mutex
	known map[engawa.TenantID]T
	// below is the memory of the service that a bound one was made of: it is read and never written, because what a
	// transaction of the host's sees may never come to be.
	below *memory[T]
}

func newMemory[T any](below *memory[T]) *memory[T] {
	return &memory[T]{known: map[engawa.TenantID]T{}, below: below}
}

// find is what is known of a tenant, if it is right.
func (m *memory[T]) find(tenant engawa.TenantID, right func(T) bool) (T, bool) {
	for ; m != nil; m = m.below {
		m.mu.Lock()
		v, ok := m.known[tenant]
		m.mu.Unlock()
		if ok && right(v) {
			return v, true
		}
	}
	var none T
	return none, false
}

func (m *memory[T]) keep(tenant engawa.TenantID, v T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[tenant] = v
}

// ReaderBinder is a [Reader] that can look inside a transaction of the host's. Without it it is asked outside.
type ReaderBinder interface {
	Bind(conn engawa.Conn) Reader
}

// SourceBinder is a [Source] that can look inside a transaction of the host's.
type SourceBinder interface {
	Bind(conn engawa.Conn) Source
}

// NamesBinder is [Names] that can look inside a transaction of the host's.
type NamesBinder interface {
	Bind(conn engawa.Conn) Names
}

// With is a copy whose store works inside a transaction of the host's: what it writes is there if the host commits. It
// neither begins nor ends anything. A call that fails leaves nothing and the transaction stays usable, unless the error is
// of kind [engawa.Retry]: then roll back. The index is not part of any transaction. Whoever changes synonyms, words or
// saved searches makes others of the same tenant who do wait until the host ends the transaction.
func (s *Service) With(conn engawa.Conn) *Service {
	bound := *s
	bound.lessons, bound.watched = newMemory(s.lessons), newMemory(s.watched)
	if s.cfg.Store != nil {
		bound.cfg.Store = s.cfg.Store.Bind(conn)
		if s.fromStore {
			bound.cfg.Dictionary = bound.cfg.Store
		}
	}
	if b, ok := s.cfg.Reader.(ReaderBinder); ok {
		bound.cfg.Reader = b.Bind(conn)
	}
	if b, ok := s.cfg.Names.(NamesBinder); ok {
		bound.cfg.Names = b.Bind(conn)
	}
	bound.cfg.Sources = maps.Clone(s.cfg.Sources)
	for kind, source := range bound.cfg.Sources {
		if b, ok := source.(SourceBinder); ok {
			bound.cfg.Sources[kind] = b.Bind(conn)
		}
	}
	return &bound
}

func (s *Service) now() time.Time { return engawa.Micro(s.cfg.Now()) }

// who is who may call an operation that keeps something.
type who int

const (
	people   who = iota // not the system, which is nobody
	stewards            // and the system
	system
)

// beginKept is begin for operations that need the store.
func (s *Service) beginKept(ctx context.Context, name string, by engawa.Actor, who who) (context.Context, op, error) {
	ctx, o, err := s.begin(ctx, name, by)
	switch {
	case err != nil:
	case who == people && by.IsSystem():
		err = denied(msgNobody)
	case who == stewards && !by.IsSystem() && !by.Has(engawa.RoleSteward):
		err = denied(msgStewardsOnly)
	case who == system && !by.IsSystem():
		err = denied(msgSystemOnly)
	case s.cfg.Store == nil:
		err = &engawa.Error{Kind: engawa.Unavailable, Message: msgNoStore}
	}
	return ctx, o, err
}

// tenantRef is the tenant as a subject: its own id stands in the event already.
var tenantRef = engawa.Ref{Kind: engawa.KindTenant}

// tell is an event of this room.
func tell(by engawa.Actor, verb event.Verb, subject engawa.Ref, at time.Time) event.Event {
	return event.Event{Tenant: by.Tenant, Verb: verb, Subject: subject, Version: at.UnixMicro(), Actor: by.Person, At: at}
}

// ListWindow is a part of a list.
type ListWindow struct {
	// Cursor is Next of the page before. Defaults to the first page.
	Cursor engawa.Cursor
	// Limit defaults to [DefaultLimit]; at most [MaxLimit].
	Limit int
}

func (w ListWindow) limit() int {
	if w.Limit <= 0 {
		return DefaultLimit
	}
	return min(w.Limit, MaxLimit)
}

// pageByID is a page of a list that is sorted by id.
func pageByID[T any](by engawa.Actor, name string, w ListWindow, id func(T) engawa.ID, read func(after engawa.ID, limit int) ([]T, error)) (engawa.Page[T], error) {
	var after int64
	if _, err := w.Cursor.Keys(by.Tenant, name, &after); err != nil {
		return engawa.Page[T]{}, err
	}
	items, err := read(engawa.ID(after), w.limit()+1)
	if err != nil {
		return engawa.Page[T]{}, err
	}
	page := engawa.Page[T]{Items: items}
	if len(items) > w.limit() {
		page.Items = items[:w.limit()]
		page.Next = engawa.NewCursor(by.Tenant, name, int64(id(page.Items[len(page.Items)-1])))
	}
	return page, nil
}

// Imported tells what came of an import.
type Imported struct {
	// Added are new, Changed have another reading than before, Kept were there already.
	Added, Changed, Kept int
	// Skipped said nothing that a search does not do by itself: a line with one word, or with two spellings of one.
	Skipped int
}

// wrongLines gathers what is wrong with the lines of an import.
type wrongLines struct{ fields []engawa.Field }

// maxWrongLines is how many lines are named at once.
const maxWrongLines = 20

func (w *wrongLines) add(line int, err error) {
	if err == nil || len(w.fields) >= maxWrongLines {
		return
	}
	message := msgLine.With(err)
	var e *engawa.Error
	if errors.As(err, &e) {
		message = e.Message
		if len(e.Fields) > 0 {
			message = e.Fields[0].Message
		}
	}
	w.fields = append(w.fields, engawa.Field{Name: fmt.Sprintf("line %d", line), Message: message})
}

func (w *wrongLines) err() error {
	if len(w.fields) == 0 {
		return nil
	}
	return &engawa.Error{Kind: engawa.Invalid, Fields: w.fields}
}
