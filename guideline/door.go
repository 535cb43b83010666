package guideline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
)

// viewer is an actor with what was asked about them, before a transaction begins.
type viewer struct {
	engawa.Actor
	orgs   []engawa.OrgID // where they stand, and above
	places map[engawa.ID]Place
}

// view asks Directory and Places what scopes need; scopes of the tenant need nothing. Who is not in the directory is in no
// unit.
func (s *Service) view(ctx context.Context, by engawa.Actor, standing *engawa.Standing, scopes ...Scope) (viewer, error) {
	v := viewer{Actor: by}
	var spaces []engawa.ID
	org := false
	for _, scope := range scopes {
		org = org || scope.Org != ""
		if scope.Space != 0 && !slices.Contains(spaces, scope.Space) {
			spaces = append(spaces, scope.Space)
		}
	}
	if org && !by.IsSystem() {
		if standing == nil {
			st, err := engawa.Stand(ctx, s.dir, by.Tenant, by.Person, s.now(), s.cfg.Timeout)
			if err != nil && !errors.Is(err, engawa.NotFound) {
				return v, err
			}
			standing = &st
		}
		v.orgs = slices.Concat(standing.Orgs, standing.Above)
	}
	if len(spaces) > 0 && s.cfg.Places != nil {
		var err error
		v.places, err = engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (map[engawa.ID]Place, error) {
			return s.cfg.Places.Look(ctx, by, spaces)
		})
		if err != nil {
			return v, err
		}
	}
	return v, nil
}

// in reports whether a scope reaches the viewer.
func (v viewer) in(scope Scope) bool {
	switch {
	case scope.Org != "":
		return slices.Contains(v.orgs, scope.Org)
	case scope.Space != 0:
		_, ok := v.places[scope.Space]
		return ok
	}
	return true
}

// edits reports whether the viewer looks after documents of a scope: stewards, the system, and the hosts of a space.
func (v viewer) edits(scope Scope) bool {
	return v.IsSystem() || v.Has(engawa.RoleSteward) || scope.Space != 0 && v.places[scope.Space].Host
}

// sees is the door: the only place where it is decided whether somebody may know of a document.
func (v viewer) sees(d Document) bool {
	return v.edits(d.Scope) || v.in(d.Scope) && slices.ContainsFunc(d.Heads, Head.Published)
}

// reads reports whether the viewer, who sees the document, may read a version.
func (v viewer) reads(d Document, h Head) bool { return h.Published() || v.edits(d.Scope) }

// documentFor is the only way to a document, settled at the present.
func (s *Service) documentFor(ctx context.Context, by engawa.Actor, id engawa.ID) (Document, viewer, error) {
	d, err := s.store.DocumentByID(ctx, by.Tenant, id)
	if err != nil {
		return d, viewer{}, err
	}
	if d.ID == 0 {
		return d, viewer{}, notFound(id)
	}
	v, err := s.view(ctx, by, nil, d.Scope)
	if err == nil && !v.sees(d) {
		err = notFound(id)
	}
	if err != nil {
		return Document{}, v, err
	}
	d.settle(s.now())
	return d.shown(v), v, nil
}

// shown is the document as the viewer may know it: without drafts for who does not edit it.
func (d Document) shown(v viewer) Document {
	d.Heads = slices.Clone(d.Heads) // it may be that of a board
	if !v.edits(d.Scope) {
		d.Heads = slices.DeleteFunc(d.Heads, func(h Head) bool { return !h.Published() })
	}
	return d
}

// editing runs f on a document that the actor looks after, while nobody else changes documents of the tenant. What f
// leaves in the document is written, with the change that f returns.
func (s *Service) editing(ctx context.Context, by engawa.Actor, id engawa.ID, f func(Store, *Document, time.Time) (done, error)) error {
	d, v, err := s.documentFor(ctx, by, id)
	if err != nil {
		return err
	}
	if !v.edits(d.Scope) {
		return denied(KindDocument+" "+id.String(), msgStewardsOnly)
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if err := st.Turn(ctx, by.Tenant); err != nil {
			return err
		}
		d, err := st.DocumentByID(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		now := s.now()
		d.settle(now)
		out, err := f(st, &d, now)
		if err != nil {
			return err
		}
		d.Version++
		if err := st.UpdateDocument(ctx, by.Tenant, d); err != nil {
			return err
		}
		return s.note(ctx, st, by, d, out, now)
	})
	if err == nil {
		s.changed(by.Tenant)
	}
	return err
}
