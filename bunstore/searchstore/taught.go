package searchstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/search"
)

func (st *Store) Version(ctx context.Context, tenant engawa.TenantID) (int64, error) {
	return st.version(ctx, tenant, `SELECT dictionary FROM {search_versions} WHERE tenant_id = ?`)
}

func (st *Store) SavedVersion(ctx context.Context, tenant engawa.TenantID) (int64, error) {
	return st.version(ctx, tenant, `SELECT saved FROM {search_versions} WHERE tenant_id = ?`)
}

func (st *Store) version(ctx context.Context, tenant engawa.TenantID, text string) (n int64, err error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return 0, err
	}
	_, err = st.s.One(ctx, &n, text, t)
	return n, err
}

func (st *Store) Renew(ctx context.Context, tenant engawa.TenantID, at time.Time) error {
	return st.renew(ctx, tenant, `UPDATE {search_versions} SET dictionary = CASE WHEN dictionary >= ? THEN dictionary + 1 ELSE ? END WHERE tenant_id = ?`, at)
}

func (st *Store) RenewSaved(ctx context.Context, tenant engawa.TenantID, at time.Time) error {
	return st.renew(ctx, tenant, `UPDATE {search_versions} SET saved = CASE WHEN saved >= ? THEN saved + 1 ELSE ? END WHERE tenant_id = ?`, at)
}

type versionRow struct {
	TenantID   int64 `bun:"tenant_id"`
	Dictionary int64 `bun:"dictionary"`
	Saved      int64 `bun:"saved"`
}

// renew reads no count of changed rows, which MySQL gives in two ways: the row is made first.
func (st *Store) renew(ctx context.Context, tenant engawa.TenantID, text string, at time.Time) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	if err := st.makeVersion(ctx, t); err != nil {
		return err
	}
	_, err = st.s.Exec(ctx, text, bunstore.Micros(at), bunstore.Micros(at), t)
	return err
}

func (st *Store) makeVersion(ctx context.Context, t int64) error {
	_, err := bunstore.Insert(ctx, st.s, "search_versions", "{ignore tenant_id}", versionRow{TenantID: t})
	return err
}

// LockTaught locks the row of versions.
func (st *Store) LockTaught(ctx context.Context, tenant engawa.TenantID) (synonyms, words int, err error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return 0, 0, err
	}
	if err := st.makeVersion(ctx, t); err != nil {
		return 0, 0, err
	}
	var n int64
	if _, err := st.s.One(ctx, &n, `SELECT dictionary FROM {search_versions} WHERE tenant_id = ? {for update}`, t); err != nil {
		return 0, 0, err
	}
	if _, err := st.s.One(ctx, &synonyms, `SELECT COUNT(*) FROM {search_synonyms} WHERE tenant_id = ?`, t); err != nil {
		return 0, 0, err
	}
	_, err = st.s.One(ctx, &words, `SELECT COUNT(*) FROM {search_words} WHERE tenant_id = ?`, t)
	return synonyms, words, err
}

type synonymRow struct {
	TenantID  int64  `bun:"tenant_id"`
	ID        int64  `bun:"id"`
	Form      string `bun:"form"`
	FromWords string `bun:"from_words"`
	ToWords   string `bun:"to_words"`
	ByID      int64  `bun:"by_id"`
	At        int64  `bun:"at"`
}

const selectSynonyms = `SELECT g.tenant_id, g.id, g.form, g.from_words, g.to_words, g.by_id, g.at, COALESCE(p.host_id, '') AS by_whom
	FROM {search_synonyms} AS g LEFT JOIN {people} AS p ON p.id = g.by_id `

func (st *Store) groups(ctx context.Context, s *bunstore.Session, text string, args ...any) ([]search.SynonymGroup, error) {
	var rows []struct {
		synonymRow
		By string `bun:"by_whom"`
	}
	if err := s.Rows(ctx, &rows, selectSynonyms+text, args...); err != nil || len(rows) == 0 {
		return nil, err
	}
	out := make([]search.SynonymGroup, len(rows))
	for i, r := range rows {
		out[i] = search.SynonymGroup{ID: engawa.ID(r.ID), Form: r.Form, By: engawa.PersonID(r.By), At: bunstore.Moment(r.At)}
		if err := json.Unmarshal([]byte(r.FromWords), &out[i].From); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(r.ToWords), &out[i].To); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Synonyms are read where they are written: what is remembered for a version must not be older than it.
func (st *Store) Synonyms(ctx context.Context, tenant engawa.TenantID) ([]search.Synonyms, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	groups, err := st.groups(ctx, st.s.Primary(), `WHERE g.tenant_id = ? ORDER BY g.id`, t)
	var out []search.Synonyms
	for _, g := range groups {
		out = append(out, g.Synonyms)
	}
	return out, err
}

func (st *Store) SynonymsFormed(ctx context.Context, tenant engawa.TenantID, forms []string) (out []search.SynonymGroup, err error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	err = parts(forms, func(part []string) error {
		groups, err := st.groups(ctx, st.s, `WHERE g.tenant_id = ? AND g.form IN (?*)`, t, bunstore.Strings(part))
		out = append(out, groups...)
		return err
	})
	return out, err
}

func (st *Store) SynonymsAfter(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]search.SynonymGroup, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	return st.groups(ctx, st.s, `WHERE g.tenant_id = ? AND g.id > ? ORDER BY g.id LIMIT ?`, t, int64(after), limit)
}

func (st *Store) PutSynonyms(ctx context.Context, tenant engawa.TenantID, groups ...search.SynonymGroup) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	rows := make([]synonymRow, len(groups))
	ids := make([]engawa.ID, len(groups))
	by := map[engawa.PersonID]int64{}
	for i, g := range groups {
		ids[i] = g.ID
		rows[i] = synonymRow{TenantID: t, ID: int64(g.ID), Form: g.Form, At: bunstore.Micros(g.At)}
		if rows[i].ByID, err = st.person(ctx, t, by, g.By); err != nil {
			return err
		}
		if rows[i].FromWords, err = jsonText(g.From); err != nil {
			return err
		}
		if rows[i].ToWords, err = jsonText(g.To); err != nil {
			return err
		}
	}
	return st.replace(ctx, t, "search_synonyms", ids, func(s *bunstore.Session) error {
		return insertAll(ctx, s, "search_synonyms", "tenant_id, form", rows, func(r synonymRow) string { return "synonyms " + engawa.ID(r.ID).String() })
	})
}

func (st *Store) DropSynonyms(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (bool, error) {
	return st.dropTaught(ctx, tenant, `DELETE FROM {search_synonyms} WHERE tenant_id = ? AND id = ?`, id)
}

func (st *Store) dropTaught(ctx context.Context, tenant engawa.TenantID, text string, id engawa.ID) (bool, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return false, err
	}
	n, err := st.s.Exec(ctx, text, t, int64(id))
	return n > 0, err
}

// person is the number of a person, looked up once.
func (st *Store) person(ctx context.Context, t int64, known map[engawa.PersonID]int64, id engawa.PersonID) (int64, error) {
	n, ok := known[id]
	if ok {
		return n, nil
	}
	n, err := st.s.KnowPerson(ctx, t, id)
	known[id] = n
	return n, err
}

// replace deletes rows of some ids and inserts others, as one.
func (st *Store) replace(ctx context.Context, t int64, table string, ids []engawa.ID, insert func(*bunstore.Session) error) error {
	return st.s.Within(ctx, func(s *bunstore.Session) error {
		err := parts(ids, func(part []engawa.ID) error {
			_, err := s.Exec(ctx, `DELETE FROM {`+table+`} WHERE tenant_id = ? AND id IN (?*)`, t, numbers(part))
			return err
		})
		if err != nil {
			return err
		}
		return insert(s)
	})
}

// insertAll inserts rows, of which none may meet another by the key. One by itself leaves the transaction usable; many are
// known not to.
func insertAll[T any](ctx context.Context, s *bunstore.Session, table, key string, rows []T, subject func(T) string) error {
	if len(rows) != 1 {
		_, err := bunstore.Insert(ctx, s, table, "", rows...)
		return err
	}
	fresh, err := bunstore.InsertNew(ctx, s, table, key, rows[0])
	if err == nil && !fresh {
		err = &engawa.Error{Kind: engawa.Conflict, Subject: subject(rows[0])}
	}
	return err
}

func jsonText(words []string) (string, error) {
	b, err := json.Marshal(words)
	return string(b), err
}

type wordRow struct {
	TenantID int64  `bun:"tenant_id"`
	ID       int64  `bun:"id"`
	Name     string `bun:"name"`
	Reading  string `bun:"reading"`
	ByID     int64  `bun:"by_id"`
	At       int64  `bun:"at"`
}

const selectWords = `SELECT w.tenant_id, w.id, w.name, w.reading, w.by_id, w.at, COALESCE(p.host_id, '') AS by_whom
	FROM {search_words} AS w LEFT JOIN {people} AS p ON p.id = w.by_id `

func (st *Store) words(ctx context.Context, s *bunstore.Session, text string, args ...any) ([]search.TaughtWord, error) {
	var rows []struct {
		wordRow
		By string `bun:"by_whom"`
	}
	if err := s.Rows(ctx, &rows, selectWords+text, args...); err != nil || len(rows) == 0 {
		return nil, err
	}
	out := make([]search.TaughtWord, len(rows))
	for i, r := range rows {
		out[i] = search.TaughtWord{ID: engawa.ID(r.ID), Word: search.Word{Text: r.Name, Reading: r.Reading}, By: engawa.PersonID(r.By), At: bunstore.Moment(r.At)}
	}
	return out, nil
}

// Words are read where they are written, as synonyms are.
func (st *Store) Words(ctx context.Context, tenant engawa.TenantID) ([]search.Word, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	words, err := st.words(ctx, st.s.Primary(), `WHERE w.tenant_id = ? ORDER BY w.id`, t)
	var out []search.Word
	for _, w := range words {
		out = append(out, w.Word)
	}
	return out, err
}

func (st *Store) WordsNamed(ctx context.Context, tenant engawa.TenantID, texts []string) (out []search.TaughtWord, err error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	err = parts(texts, func(part []string) error {
		words, err := st.words(ctx, st.s, `WHERE w.tenant_id = ? AND w.name IN (?*)`, t, bunstore.Strings(part))
		out = append(out, words...)
		return err
	})
	return out, err
}

func (st *Store) WordsAfter(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]search.TaughtWord, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	return st.words(ctx, st.s, `WHERE w.tenant_id = ? AND w.id > ? ORDER BY w.id LIMIT ?`, t, int64(after), limit)
}

func (st *Store) PutWords(ctx context.Context, tenant engawa.TenantID, words ...search.TaughtWord) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	rows := make([]wordRow, len(words))
	ids := make([]engawa.ID, len(words))
	by := map[engawa.PersonID]int64{}
	for i, w := range words {
		ids[i] = w.ID
		rows[i] = wordRow{TenantID: t, ID: int64(w.ID), Name: w.Text, Reading: w.Reading, At: bunstore.Micros(w.At)}
		if rows[i].ByID, err = st.person(ctx, t, by, w.By); err != nil {
			return err
		}
	}
	return st.replace(ctx, t, "search_words", ids, func(s *bunstore.Session) error {
		return insertAll(ctx, s, "search_words", "tenant_id, name", rows, func(r wordRow) string { return "word " + engawa.ID(r.ID).String() })
	})
}

func (st *Store) DropWord(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (bool, error) {
	return st.dropTaught(ctx, tenant, `DELETE FROM {search_words} WHERE tenant_id = ? AND id = ?`, id)
}
