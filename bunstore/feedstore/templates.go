package feedstore

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type templateRow struct {
	ID       int64  `bun:"id"`
	TenantID int64  `bun:"tenant_id"`
	SpaceID  int64  `bun:"space_id"`
	Name     string `bun:"name"`
	Kind     string `bun:"kind"`
	Body     string `bun:"body"`
	Example  string `bun:"example"`
	Place    int64  `bun:"place"`
	Version  int64  `bun:"version"`
	ByID     int64  `bun:"by_id"`
	At       int64  `bun:"at"`
}

func (st *Store) PutTemplate(ctx context.Context, tenant engawa.TenantID, tpl feed.Template) error {
	t, by, err := st.s.KnowNumbers(ctx, tenant, tpl.By)
	if err != nil {
		return err
	}
	text, err := st.store(ctx, t, tpl.Body)
	if err != nil {
		return err
	}
	example, err := st.store(ctx, t, tpl.Example)
	if err != nil {
		return err
	}
	if tpl.Version > 1 {
		n, err := st.s.Exec(ctx, `UPDATE {templates} SET name = ?, kind = ?, body = ?, example = ?, place = ?, version = version + 1, by_id = ?, at = ?
			WHERE id = ? AND tenant_id = ? AND space_id = ? AND version = ?`,
			tpl.Name, string(tpl.Kind), text, example, tpl.Place, by, bunstore.Micros(tpl.At), int64(tpl.ID), t, int64(tpl.Space), tpl.Version-1)
		if err == nil && n == 0 {
			err = &engawa.Error{Kind: engawa.Conflict, Subject: "template " + tpl.ID.String()}
		}
		return err
	}
	var space int64
	found, err := st.s.One(ctx, &space, `SELECT id FROM {spaces} WHERE id = ? AND tenant_id = ?`, int64(tpl.Space), t)
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: "space " + tpl.Space.String()}
	}
	if err != nil {
		return err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "templates", "id", templateRow{
		int64(tpl.ID), t, int64(tpl.Space), tpl.Name, string(tpl.Kind), text, example, tpl.Place, tpl.Version, by, bunstore.Micros(tpl.At),
	})
	if err == nil && !fresh {
		err = feed.ErrIDTaken
	}
	return err
}

func (st *Store) DropTemplate(ctx context.Context, tenant engawa.TenantID, space, id engawa.ID) (bool, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return false, err
	}
	n, err := st.s.Exec(ctx, `DELETE FROM {templates} WHERE id = ? AND space_id = ? AND tenant_id = ?`, int64(id), int64(space), t)
	return n > 0, err
}

func (st *Store) Templates(ctx context.Context, tenant engawa.TenantID, space engawa.ID) ([]feed.Template, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		templateRow
		By string `bun:"by_whom"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT m.id, m.tenant_id, m.space_id, m.name, m.kind, m.body, m.example, m.place, m.version, m.by_id, m.at,
		COALESCE(p.host_id, '') AS by_whom FROM {templates} AS m LEFT JOIN {people} AS p ON p.id = m.by_id
		WHERE m.space_id = ? AND m.tenant_id = ? ORDER BY m.place, m.id`, int64(space), t)
	if err != nil {
		return nil, err
	}
	all := make([]feed.Template, len(rows))
	var texts []*string
	for i, r := range rows {
		all[i] = feed.Template{
			ID: engawa.ID(r.ID), Space: engawa.ID(r.SpaceID), Name: r.Name, Kind: feed.Kind(r.Kind), Body: r.Body, Example: r.Example,
			Place: r.Place, Version: r.Version, By: engawa.PersonID(r.By), At: bunstore.Moment(r.At),
		}
		texts = append(texts, &all[i].Body, &all[i].Example)
	}
	return all, st.render(ctx, t, texts...)
}
