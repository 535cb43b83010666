package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
)

// Config is what a [Service] needs.
type Config struct {
	// Engine keeps the index. Required.
	Engine Engine
	// Analyzer cuts text into terms. Required; package search/ja has one.
	Analyzer Analyzer
	// Reader says what a viewer may read. Required.
	Reader Reader
	// Sources have the documents, by [engawa.Ref].Kind.
	Sources map[string]Source
	// Names resolves names of persons and spaces in queries. Defaults to none: then from: and in: take ids.
	Names Names
	// Store keeps what people teach and save: synonyms, words, saved searches, gaps. Package bunstore/searchstore has one.
	// Defaults to none: then those verbs are refused.
	Store Store
	// Dictionary has the tenant's synonyms and words. Defaults to Store.
	Dictionary Dictionary
	// Gaps say how the log of what was asked in vain is kept.
	Gaps GapRules
	// Roles are those that somebody holds who is not there to ask: the owner of a saved search when there is something new.
	// Defaults to none.
	Roles func(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]engawa.Role, error)
	// Ranking is the policy. Defaults to [DefaultRanking].
	Ranking Ranking
	// Zone is the time zone in which a tenant's days begin. Defaults to Japan's for all.
	Zone func(engawa.TenantID) *time.Location
	// Timeout is how long Reader, Names and Sources may take. Defaults to [engawa.DirectoryTimeout].
	Timeout time.Duration
	// Now defaults to [engawa.Clock].
	Now func() time.Time
	// Logger gets ids and error texts. Defaults to none.
	Logger *slog.Logger
	// Observer sees every operation. Defaults to none.
	Observer engawa.Observer
}

// Service searches. It is safe for concurrent use; a copy bound by [Service.With] is not.
type Service struct {
	cfg     Config
	lessons *memory[*lesson]
	teaching
}

// lesson is what a tenant has taught, ready for use.
type lesson struct {
	version  int64
	analyzer Analyzer
	synonyms map[string][]string
}

// New makes a service. It touches no index.
func New(cfg Config) (*Service, error) {
	switch {
	case cfg.Engine == nil:
		return nil, errors.New("search.New: Engine is missing: use search/blevesearch, search/sqlsearch, or one of your own that passes searchtest")
	case cfg.Analyzer == nil:
		return nil, errors.New("search.New: Analyzer is missing: use search/ja")
	case cfg.Reader == nil:
		return nil, errors.New("search.New: Reader is missing: without somebody who says what a viewer may read nothing can be found")
	}
	for kind, source := range cfg.Sources {
		if err := (engawa.Ref{Kind: kind, ID: "x"}).Check(); err != nil || source == nil {
			return nil, fmt.Errorf("search.New: Sources[%q]: a kind has 1 to %d bytes without a colon, and somebody who has its documents", kind, engawa.MaxHostID)
		}
	}
	cfg.Ranking = cfg.Ranking.orDefault()
	if cfg.Zone == nil {
		japan := time.FixedZone("JST", 9*60*60)
		cfg.Zone = func(engawa.TenantID) *time.Location { return japan }
	}
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	t, err := newTeaching(&cfg)
	if err != nil {
		return nil, err
	}
	return &Service{cfg: cfg, lessons: newMemory[*lesson](nil), teaching: t}, nil
}

// op is one public operation.
type op struct {
	name string
	end  func(error)
}

func (s *Service) begin(ctx context.Context, name string, by engawa.Actor) (context.Context, op, error) {
	ctx, end := engawa.Observe(ctx, s.cfg.Observer, engawa.Operation{Name: name, Tenant: by.Tenant, Person: by.Person})
	return ctx, op{name: name, end: end}, by.Check()
}

func (s *Service) beginSystem(ctx context.Context, name string, by engawa.Actor) (context.Context, op, error) {
	ctx, o, err := s.begin(ctx, name, by)
	if err == nil && !by.IsSystem() {
		err = &engawa.Error{Kind: engawa.Denied, Message: msgSystemOnly}
	}
	return ctx, o, err
}

// done names the operation in an error and tells the observer. It is deferred: `defer o.done(&err)`.
func (o op) done(err *error) {
	*err = engawa.Wrap(o.name, *err)
	o.end(*err)
}

// access asks what the viewer may read now.
func (s *Service) access(ctx context.Context, by engawa.Actor) (Access, error) {
	return engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (Access, error) { return s.cfg.Reader.Access(ctx, by) })
}

// show passes refs through the one door.
func (s *Service) show(ctx context.Context, by engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]Text, error) {
	byKind := map[string][]engawa.Ref{}
	for _, r := range refs {
		byKind[r.Kind] = append(byKind[r.Kind], r)
	}
	out := make(map[engawa.Ref]Text, len(refs))
	for kind, part := range byKind {
		source := s.cfg.Sources[kind]
		if source == nil {
			continue // nobody answers for it any more, so nobody may see it
		}
		texts, err := engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (map[engawa.Ref]Text, error) {
			return source.Show(ctx, by, part)
		})
		if err != nil {
			return nil, err
		}
		for _, r := range part {
			if t, ok := texts[r]; ok {
				out[r] = t
			}
		}
	}
	return out, nil
}

// learn is what the tenant has taught, as of now.
func (s *Service) learn(ctx context.Context, tenant engawa.TenantID) (*lesson, error) {
	d := s.cfg.Dictionary
	if d == nil {
		return &lesson{analyzer: s.cfg.Analyzer}, nil
	}
	version, err := d.Version(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if old, ok := s.lessons.find(tenant, func(l *lesson) bool { return l.version == version }); ok {
		return old, nil
	}
	words, err := d.Words(ctx, tenant)
	if err != nil {
		return nil, err
	}
	synonyms, err := d.Synonyms(ctx, tenant)
	if err != nil {
		return nil, err
	}
	l := &lesson{version: version, analyzer: s.cfg.Analyzer, synonyms: map[string][]string{}}
	if len(words) > 0 {
		if l.analyzer, err = s.cfg.Analyzer.With(words[:min(len(words), MaxWords)]); err != nil {
			return nil, err
		}
	}
	for _, group := range synonyms[:min(len(synonyms), MaxSynonyms)] {
		for _, from := range group.From {
			key := l.analyzer.Key(from)
			for _, to := range group.To {
				if l.analyzer.Key(to) != key && strings.TrimSpace(to) != "" && !slices.Contains(l.synonyms[key], to) {
					l.synonyms[key] = append(l.synonyms[key], to)
				}
			}
		}
	}
	s.lessons.keep(tenant, l)
	return l, nil
}
