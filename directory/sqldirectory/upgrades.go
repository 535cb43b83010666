package sqldirectory

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
)

// Names implements [engawa.Namer].
func (t namer) Names(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	names := make(map[engawa.PersonID]engawa.Name, len(people))
	asked := map[string]bool{}
	list := make([]string, 0, len(people))
	for _, p := range people {
		if !asked[string(p)] {
			asked[string(p)] = true
			list = append(list, string(p))
		}
	}
	slices.Sort(list)
	for part := range slices.Chunk(list, maxList) {
		values := args{"tenant": string(tenant), "people": padded(part)}
		err := t.rows(ctx, t.names, values, columns{[]string{"person", "display", "reading"}, 2}, func(r row) error {
			id, err := r.id(t.names, "person")
			if err == nil && asked[id] && r["display"].String != "" {
				names[engawa.PersonID(id)] = engawa.Name{Display: r["display"].String, Reading: r["reading"].String}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// Members implements [engawa.MemberLister]. The rows are read before the first person is handed over: a loop may ask
// something else over the same connection.
func (t memberLister) Members(ctx context.Context, tenant engawa.TenantID, org engawa.OrgID, at time.Time) iter.Seq2[engawa.PersonID, error] {
	return func(yield func(engawa.PersonID, error) bool) {
		values := t.when(tenant, at)
		values["org"] = string(org)
		people, err := t.people(ctx, t.members, values, columns{[]string{"person", "org"}, 1}, func(r row) bool { return !r.other("org", string(org)) })
		if err != nil {
			yield("", err)
			return
		}
		for _, p := range people {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// Search implements [engawa.Searcher].
func (t searcher) Search(ctx context.Context, tenant engawa.TenantID, prefix string, limit int) ([]engawa.PersonID, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	values := args{"tenant": string(tenant), "prefix": prefix, "pattern": escapeLike.Replace(prefix) + "%", "limit": limit}
	people, err := t.people(ctx, t.search, values, columns{[]string{"person"}, 1}, func(row) bool { return true })
	return people[:min(len(people), limit)], err
}

var escapeLike = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// people are those in the column person, each once, in the order of the rows.
func (t *tables) people(ctx context.Context, q *query, values args, columns columns, keep func(row) bool) ([]engawa.PersonID, error) {
	var out []engawa.PersonID
	seen := map[string]bool{}
	err := t.rows(ctx, q, values, columns, func(r row) error {
		id, err := r.id(q, "person")
		if err == nil && keep(r) && !seen[id] {
			seen[id] = true
			out = append(out, engawa.PersonID(id))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
