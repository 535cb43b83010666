package search

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/engawa-sns/engawa"
)

// MaxRefs is how many refs one call of [Service.Index] or [Service.Hide] may name.
const MaxRefs = 1000

// Index brings the index up to date for documents that changed: each is read from its source and put in, or taken out if
// it is not there any more. Naming one that did not change is harmless. The watermark is the position of the event log
// that the caller has followed up to. When it returns, a search finds what is new.
func (s *Service) Index(ctx context.Context, by engawa.Actor, refs []engawa.Ref, watermark int64) (err error) {
	ctx, o, err := s.beginSystem(ctx, "search.Index", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if len(refs) > MaxRefs {
		return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyRefs.With(len(refs), MaxRefs)}
	}
	l, err := s.learn(ctx, by.Tenant)
	if err != nil {
		return err
	}
	batch := Batch{Analyzer: l.analyzer.Version(), Watermark: watermark}
	byKind := map[string][]engawa.Ref{}
	for _, r := range refs {
		if err := r.Check(); err != nil {
			return err
		}
		if !slices.Contains(byKind[r.Kind], r) {
			byKind[r.Kind] = append(byKind[r.Kind], r)
		}
	}
	var docs []Document
	for kind, part := range byKind {
		source := s.cfg.Sources[kind]
		if source == nil {
			return &engawa.Error{Kind: engawa.Invalid, Subject: kind, Message: msgNoSource.With(kind)}
		}
		found, err := source.Documents(ctx, by.Tenant, part)
		if err != nil {
			return err
		}
		for _, r := range part {
			d, ok := found[r]
			if ok && d.Ref == r {
				err := d.check()
				if err == nil {
					docs = append(docs, d)
					continue
				}
				s.cfg.Logger.WarnContext(ctx, "search: document left out", "ref", r.String(), "error", err)
			}
			batch.Delete = append(batch.Delete, r)
		}
	}
	batch.Put = s.analyseAll(l.analyzer, docs)
	return s.cfg.Engine.Apply(ctx, by.Tenant, batch)
}

// Hide takes documents out of every answer at once: call it when a document was retracted, deleted or moved, after that
// was committed. [Service.Index] follows by way of the event log and makes it last.
func (s *Service) Hide(ctx context.Context, by engawa.Actor, refs []engawa.Ref) (err error) {
	ctx, o, err := s.beginSystem(ctx, "search.Hide", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if len(refs) > MaxRefs {
		return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyRefs.With(len(refs), MaxRefs)}
	}
	return s.cfg.Engine.Hide(ctx, by.Tenant, refs)
}

// State tells what the tenant's index holds. Its Rebuild says why it should be rebuilt: it is damaged, or another version
// of the analysis made it.
func (s *Service) State(ctx context.Context, by engawa.Actor) (state State, err error) {
	ctx, o, err := s.beginSystem(ctx, "search.State", by)
	defer o.done(&err)
	if err != nil {
		return State{}, err
	}
	return s.state(ctx, by.Tenant)
}

func (s *Service) state(ctx context.Context, tenant engawa.TenantID) (State, error) {
	l, err := s.learn(ctx, tenant)
	if err != nil {
		return State{}, err
	}
	state, err := s.cfg.Engine.State(ctx, tenant)
	if err == nil && state.Rebuild == "" && state.Analyzer != "" && state.Analyzer != l.analyzer.Version() {
		state.Rebuild = fmt.Sprintf("it was made by analyzer %s and this is %s", state.Analyzer, l.analyzer.Version())
	}
	return state, err
}

// Repair rebuilds the tenant's index if that is needed, says so in the log, and returns the state after it. The watermark
// is the end of the event log before the call.
func (s *Service) Repair(ctx context.Context, by engawa.Actor, watermark int64) (state State, err error) {
	ctx, o, err := s.beginSystem(ctx, "search.Repair", by)
	defer o.done(&err)
	if err != nil {
		return State{}, err
	}
	if state, err = s.state(ctx, by.Tenant); err != nil || state.Rebuild == "" {
		return state, err
	}
	s.cfg.Logger.InfoContext(ctx, "search: the index is rebuilt", "tenant", by.Tenant, "why", state.Rebuild)
	if err := s.rebuild(ctx, by.Tenant, watermark); err != nil {
		return State{}, err
	}
	return s.state(ctx, by.Tenant)
}

// Rebuild builds the tenant's index anew from the sources, beside the old one. The watermark is the end of the event log
// before the call: what happens meanwhile is indexed again by whoever follows the log.
func (s *Service) Rebuild(ctx context.Context, by engawa.Actor, watermark int64) (err error) {
	ctx, o, err := s.beginSystem(ctx, "search.Rebuild", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.rebuild(ctx, by.Tenant, watermark)
}

func (s *Service) rebuild(ctx context.Context, tenant engawa.TenantID, watermark int64) error {
	l, err := s.learn(ctx, tenant)
	if err != nil {
		return err
	}
	entries := s.analysed(ctx, l.analyzer, s.all(ctx, tenant))
	return s.cfg.Engine.Rebuild(ctx, tenant, l.analyzer.Version(), watermark, entries)
}

// all walks every document of every source.
func (s *Service) all(ctx context.Context, tenant engawa.TenantID) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		kinds := make([]string, 0, len(s.cfg.Sources))
		for kind := range s.cfg.Sources {
			kinds = append(kinds, kind)
		}
		slices.Sort(kinds)
		for _, kind := range kinds {
			for d, err := range s.cfg.Sources[kind].All(ctx, tenant, kind) {
				if err == nil && d.Ref.Kind != kind {
					err = errors.New("search: the source of " + kind + " gave a document of kind " + d.Ref.Kind)
				}
				if !yield(d, err) || err != nil {
					return
				}
			}
		}
	}
}
