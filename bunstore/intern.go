package bunstore

import (
	"context"
	"slices"
	"sync"

	"github.com/engawa-sns/engawa"
)

// What the host names by ids of its own, and the table in which each id stands once.
const (
	internTenants = "tenants"
	internPeople  = "people"
	internOrgs    = "orgs"
)

// interned is one host id with its number.
type interned struct {
	internKey
	number int64
}

type internKey struct {
	table  string
	tenant int64
	id     string
}

// names remembers numbers that were read or written outside the host's transactions.
type names struct {
	mu      sync.RWMutex
	numbers map[internKey]int64
}

// maxNames bounds the memory: when it is full, everything is forgotten and read again as needed.
const maxNames = 200_000

func (n *names) find(key internKey) (int64, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	number, ok := n.numbers[key]
	return number, ok
}

func (n *names) remember(learned []interned) {
	if len(learned) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.numbers == nil || len(n.numbers) > maxNames {
		n.numbers = map[internKey]int64{}
	}
	for _, l := range learned {
		n.numbers[l.internKey] = l.number
	}
}

// nameRow is a row of any of the interning tables.
type nameRow struct {
	ID       int64  `bun:"id"`
	TenantID int64  `bun:"tenant_id"`
	HostID   string `bun:"host_id"`
}

// Tenant is the number of a tenant, or 0 for one that has no rows yet.
func (s *Session) Tenant(ctx context.Context, id engawa.TenantID) (int64, error) {
	found, err := s.numbers(ctx, internTenants, 0, []string{string(id)})
	return found[string(id)], err
}

// KnowTenant is the number of a tenant, which gets one if it has none.
func (s *Session) KnowTenant(ctx context.Context, id engawa.TenantID) (int64, error) {
	found, err := s.know(ctx, internTenants, 0, []string{string(id)})
	return found[string(id)], err
}

// Person is the number of a person, or 0 for somebody who has none yet.
func (s *Session) Person(ctx context.Context, tenant int64, id engawa.PersonID) (int64, error) {
	if id == "" {
		return 0, nil
	}
	found, err := s.numbers(ctx, internPeople, tenant, []string{string(id)})
	return found[string(id)], err
}

// People are the numbers of persons; those who have none are missing.
func (s *Session) People(ctx context.Context, tenant int64, ids []engawa.PersonID) (map[engawa.PersonID]int64, error) {
	return typed[engawa.PersonID](s.numbers(ctx, internPeople, tenant, texts(ids)))
}

// KnowPeople are the numbers of persons, who get one if they have none. Two transactions that know the same newcomers
// wait for each other.
func (s *Session) KnowPeople(ctx context.Context, tenant int64, ids []engawa.PersonID) (map[engawa.PersonID]int64, error) {
	return typed[engawa.PersonID](s.know(ctx, internPeople, tenant, texts(ids)))
}

// KnowPerson is the number of a person, who gets one if there is none; 0 for the empty id.
func (s *Session) KnowPerson(ctx context.Context, tenant int64, id engawa.PersonID) (int64, error) {
	if id == "" {
		return 0, nil
	}
	found, err := s.know(ctx, internPeople, tenant, []string{string(id)})
	return found[string(id)], err
}

// Orgs are the numbers of units; those that have none are missing.
func (s *Session) Orgs(ctx context.Context, tenant int64, ids []engawa.OrgID) (map[engawa.OrgID]int64, error) {
	return typed[engawa.OrgID](s.numbers(ctx, internOrgs, tenant, texts(ids)))
}

// KnowOrgs are the numbers of units, which get one if they have none.
func (s *Session) KnowOrgs(ctx context.Context, tenant int64, ids []engawa.OrgID) (map[engawa.OrgID]int64, error) {
	return typed[engawa.OrgID](s.know(ctx, internOrgs, tenant, texts(ids)))
}

func texts[T ~string](ids []T) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

func typed[T ~string](found map[string]int64, err error) (map[T]int64, error) {
	out := make(map[T]int64, len(found))
	for id, n := range found {
		out[T(id)] = n
	}
	return out, err
}

// numbers finds what has a number, in memory first.
func (s *Session) numbers(ctx context.Context, table string, tenant int64, ids []string) (map[string]int64, error) {
	found := make(map[string]int64, len(ids))
	var missing []string
	for _, id := range ids {
		if n, ok := s.db.names.find(internKey{table, tenant, id}); ok {
			found[id] = n
		} else {
			missing = append(missing, id)
		}
	}
	return found, s.lookUp(ctx, table, tenant, missing, found, "")
}

// lookUp reads numbers into found and remembers them as far as it may.
func (s *Session) lookUp(ctx context.Context, table string, tenant int64, ids []string, found map[string]int64, lock string) error {
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), MaxList) {
		var rows []nameRow
		err := s.Rows(ctx, &rows, `SELECT id, tenant_id, host_id FROM {`+table+`} WHERE tenant_id = ? AND host_id IN (?*) `+lock, tenant, Strings(part))
		if err != nil {
			return err
		}
		learned := make([]interned, 0, len(rows))
		for _, r := range rows {
			found[r.HostID] = r.ID
			learned = append(learned, interned{internKey{table, tenant, r.HostID}, r.ID})
		}
		switch {
		case s.tx != nil:
			s.tx.learned = append(s.tx.learned, learned...)
		case s.host == nil:
			s.db.names.remember(learned)
		}
	}
	return nil
}

// know finds numbers and gives them to what has none: sorted, so that two transactions wait and do not deadlock, and
// read with a lock, because a host's transaction may look at an older state than the row that it has met.
func (s *Session) know(ctx context.Context, table string, tenant int64, ids []string) (map[string]int64, error) {
	found, err := s.numbers(ctx, table, tenant, ids)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, id := range ids {
		if _, ok := found[id]; !ok {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	type newRow struct {
		TenantID int64  `bun:"tenant_id"`
		HostID   string `bun:"host_id"`
	}
	rows := make([]newRow, len(missing))
	for i, id := range missing {
		rows[i] = newRow{tenant, id}
	}
	if _, err := Insert(ctx, s, table, "{ignore tenant_id, host_id}", rows...); err != nil {
		return nil, err
	}
	lock := ""
	if !s.OnPool() {
		lock = "{for share}"
	}
	return found, s.lookUp(ctx, table, tenant, missing, found, lock)
}
