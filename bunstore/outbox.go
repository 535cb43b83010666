package bunstore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// newEvent is an event as it is appended.
type newEvent struct {
	TenantID int64  `bun:"tenant_id"`
	Verb     string `bun:"verb"`
	Subject  string `bun:"subject"`
	Version  int64  `bun:"version"`
	ActorID  int64  `bun:"actor_id"`
	PersonID int64  `bun:"person_id"`
	SpaceID  int64  `bun:"space_id"`
	At       int64  `bun:"at"`
	Payload  string `bun:"payload"`
}

// Append appends events in the session's transaction.
func (s *Session) Append(ctx context.Context, events ...event.Event) error {
	if s.OnPool() {
		return fmt.Errorf("bunstore: events are appended inside Within only")
	}
	rows := make([]newEvent, len(events))
	for i, e := range events {
		var err error
		if rows[i], err = s.newEvent(ctx, e); err != nil {
			return err
		}
	}
	suffix := ""
	if s.db.cfg.Notify != "" { // in the same round trip; it is sent when the transaction commits
		suffix = notifying(s.db.cfg.Notify)
	}
	if s.db.cfg.Dialect == SQLite {
		if err := s.appendNext(ctx, rows); err != nil {
			return err
		}
	} else if _, err := Insert(ctx, s, "events", suffix, rows...); err != nil {
		return err
	}
	if s.tx != nil {
		s.tx.appended = append(s.tx.appended, events...)
	}
	return nil
}

// appendNext inserts events on SQLite, each after the newest one there is or was.
func (s *Session) appendNext(ctx context.Context, rows []newEvent) error {
	const text = `INSERT INTO {events} (seq, ` + EventColumns + `) VALUES (` + nextPlace + `, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	for _, r := range rows {
		if _, err := s.Exec(ctx, text, r.values()...); err != nil {
			return err
		}
	}
	return nil
}

// values are those of [EventColumns].
func (e newEvent) values() []any {
	return []any{e.TenantID, e.Verb, e.Subject, e.Version, e.ActorID, e.PersonID, e.SpaceID, e.At, e.Payload}
}

// notifying makes an insert on PostgreSQL notify a channel.
func notifying(channel string) string { return `RETURNING pg_notify('` + channel + `', '')` }

// newEvent is an event with the numbers of what it names.
func (s *Session) newEvent(ctx context.Context, e event.Event) (newEvent, error) {
	tenant, err := s.KnowTenant(ctx, e.Tenant)
	if err != nil {
		return newEvent{}, err
	}
	actor, err := s.KnowPerson(ctx, tenant, e.Actor)
	if err != nil {
		return newEvent{}, err
	}
	person, err := s.KnowPerson(ctx, tenant, e.Person)
	if err != nil {
		return newEvent{}, err
	}
	if len(e.Payload) > event.MaxPayload {
		return newEvent{}, fmt.Errorf("bunstore: the payload of %s has %d bytes: at most %d are allowed", e.Verb, len(e.Payload), event.MaxPayload)
	}
	return newEvent{
		TenantID: tenant, Verb: string(e.Verb), Subject: e.Subject.String(), Version: e.Version,
		ActorID: actor, PersonID: person, SpaceID: int64(e.Space), At: e.At.UnixMicro(), Payload: string(e.Payload),
	}, nil
}

// Outbox is the transactional outbox as the store of a relay.
type Outbox struct{ db *DB }

var _ event.Store = (*Outbox)(nil)

// Outbox is the events of this database.
func (db *DB) Outbox() *Outbox { return &Outbox{db} }

// Sequence stamps committed events. On SQLite, where one transaction writes at a time, the order of insertion is the
// place already and there is nothing to stamp.
func (o *Outbox) Sequence(ctx context.Context, limit int) (stamped int, more bool, err error) {
	if o.db.cfg.Dialect == SQLite {
		return 0, false, nil
	}
	err = o.db.Session().Within(ctx, func(s *Session) error {
		stamped, more = 0, true
		var head int64
		free, err := s.One(ctx, &head, `SELECT head FROM {log} WHERE id = 1 {skip locked}`)
		if err != nil || !free {
			return err // another process stamps just now
		}
		var rows []unstamped
		err = s.Rows(ctx, &rows, `SELECT id, tenant_id, subject, person_id, version FROM {events} WHERE seq IS NULL ORDER BY id LIMIT ?`, limit)
		more = len(rows) == limit
		if err != nil || len(rows) == 0 {
			return err
		}
		inOrder(rows)
		for rest := rows; len(rest) > 0; {
			n := 1
			for n*2 <= min(len(rest), 256) {
				n *= 2 // powers of two, so that few texts serve every number
			}
			if err := s.stamp(ctx, rest[:n], head); err != nil {
				return err
			}
			head, rest = head+int64(n), rest[n:]
		}
		if _, err := s.Exec(ctx, `UPDATE {log} SET head = ? WHERE id = 1`, head); err != nil {
			return err
		}
		stamped = len(rows)
		return nil
	})
	return stamped, more, err
}

type unstamped struct {
	ID       int64  `bun:"id"`
	TenantID int64  `bun:"tenant_id"`
	Subject  string `bun:"subject"`
	PersonID int64  `bun:"person_id"`
	Version  int64  `bun:"version"`
}

// inOrder puts the events of each subject into the order of its versions, in the places that they have together.
func inOrder(rows []unstamped) {
	type key struct {
		tenant, person int64
		subject        string
	}
	places := map[key][]int{}
	for i, r := range rows {
		k := key{r.TenantID, r.PersonID, r.Subject}
		places[k] = append(places[k], i)
	}
	for _, at := range places {
		if len(at) == 1 {
			continue
		}
		own := make([]unstamped, len(at))
		for i, p := range at {
			own[i] = rows[p]
		}
		slices.SortStableFunc(own, func(a, b unstamped) int { return cmp.Compare(a.Version, b.Version) })
		for i, p := range at {
			rows[p] = own[i]
		}
	}
}

// stamp gives the rows the places after head.
func (s *Session) stamp(ctx context.Context, rows []unstamped, head int64) error {
	args := make([]any, 0, 2*len(rows))
	for i, r := range rows {
		args = append(args, r.ID, head+int64(i)+1)
	}
	var text string
	if s.db.cfg.Dialect == PostgreSQL {
		text = `UPDATE {events} AS e SET seq = v.seq FROM (VALUES (CAST(? AS bigint), CAST(? AS bigint))` +
			strings.Repeat(`, (?, ?)`, len(rows)-1) + `) AS v (id, seq) WHERE e.id = v.id`
	} else {
		// By the primary key in any case: a scan would wait for rows of transactions that are still open.
		text = `UPDATE (SELECT CAST(? AS SIGNED) AS id, CAST(? AS SIGNED) AS seq` + strings.Repeat(` UNION ALL SELECT ?, ?`, len(rows)-1) +
			`) AS v STRAIGHT_JOIN {events} AS e FORCE INDEX (PRIMARY) ON e.id = v.id SET e.seq = v.seq`
	}
	_, err := s.Exec(ctx, text, args...)
	return err
}

// stampedEvent is an event as it is read.
type stampedEvent struct {
	Seq     int64  `bun:"seq"`
	Tenant  string `bun:"tenant"`
	Verb    string `bun:"verb"`
	Subject string `bun:"subject"`
	Version int64  `bun:"version"`
	Actor   string `bun:"actor"`
	Person  string `bun:"person"`
	SpaceID int64  `bun:"space_id"`
	At      int64  `bun:"at"`
	Payload string `bun:"payload"`
}

const selectEvents = `SELECT e.seq, t.host_id AS tenant, e.verb, e.subject, e.version, a.host_id AS actor, p.host_id AS person,
	e.space_id, e.at, e.payload FROM {events} AS e JOIN {tenants} AS t ON t.id = e.tenant_id
	LEFT JOIN {people} AS a ON a.id = e.actor_id LEFT JOIN {people} AS p ON p.id = e.person_id `

func (r stampedEvent) event() event.Event {
	kind, id, _ := strings.Cut(r.Subject, ":")
	e := event.Event{
		Seq: r.Seq, Tenant: engawa.TenantID(r.Tenant), Verb: event.Verb(r.Verb), Subject: engawa.Ref{Kind: kind, ID: id},
		Version: r.Version, Actor: engawa.PersonID(r.Actor), Person: engawa.PersonID(r.Person), Space: engawa.ID(r.SpaceID),
		At: time.UnixMicro(r.At).UTC(),
	}
	if r.Payload != "" {
		e.Payload = json.RawMessage(r.Payload)
	}
	return e
}

func (o *Outbox) Read(ctx context.Context, after int64, limit int) ([]event.Event, error) {
	var rows []stampedEvent
	err := o.db.primary().Rows(ctx, &rows, selectEvents+`WHERE e.seq > ? ORDER BY e.seq LIMIT ?`, after, limit)
	events := make([]event.Event, len(rows))
	for i, r := range rows {
		events[i] = r.event()
	}
	return events, err
}

func (o *Outbox) Head(ctx context.Context) (int64, error) {
	var head int64
	var err error
	if o.db.cfg.Dialect == SQLite {
		_, err = o.db.primary().One(ctx, &head, `SELECT MAX(COALESCE((SELECT MAX(seq) FROM {events}), 0), head) FROM {log} WHERE id = 1`)
	} else {
		_, err = o.db.primary().One(ctx, &head, `SELECT head FROM {log} WHERE id = 1`)
	}
	return head, err
}

// keepHead keeps the place of the newest event on SQLite, when events are about to be deleted: there the place is the row's
// number, which is given anew when the newest rows are gone. See [nextPlace].
func (s *Session) keepHead(ctx context.Context) error {
	if s.db.cfg.Dialect != SQLite {
		return nil
	}
	_, err := s.Exec(ctx, `UPDATE {log} SET head = (SELECT MAX(seq) FROM {events}) WHERE id = 1 AND head < (SELECT MAX(seq) FROM {events})`)
	return err
}

// nextPlace is the place of an event to be inserted on SQLite: NULL, which makes it the one after the newest row, unless
// that is not there any more. AUTOINCREMENT would do the same and write a page more for each event.
const nextPlace = `(SELECT CASE WHEN (SELECT MAX(seq) FROM {events}) >= head THEN NULL ELSE head + 1 END FROM {log} WHERE id = 1)`

// Purge goes along the log and stops at the first events that are young, so that it costs nothing where nothing is old.
func (o *Outbox) Purge(ctx context.Context, upTo int64, before time.Time) (int64, error) {
	var deleted int64
	err := o.db.Session().Within(ctx, func(s *Session) error {
		deleted = 0
		var rows []struct {
			Seq int64 `bun:"seq"`
			At  int64 `bun:"at"`
		}
		err := s.Rows(ctx, &rows, `SELECT e.seq, e.at FROM {events} AS e WHERE e.seq <= ? AND NOT EXISTS
			(SELECT 1 FROM {parked} AS p WHERE p.seq = e.seq) ORDER BY e.seq LIMIT ?`, upTo, MaxList)
		if err != nil {
			return err
		}
		var old List
		for _, r := range rows {
			if r.At < before.UnixMicro() {
				old = append(old, r.Seq)
			}
		}
		if len(old) == 0 {
			return nil
		}
		if err := s.keepHead(ctx); err != nil {
			return err
		}
		deleted, err = s.Exec(ctx, `DELETE FROM {events} WHERE seq IN (?*)`, old)
		return err
	})
	return deleted, err
}

func (o *Outbox) Cursors(ctx context.Context) (map[string]int64, error) {
	var rows []struct {
		Name   string `bun:"name"`
		Cursor int64  `bun:"place"`
	}
	err := o.db.primary().Rows(ctx, &rows, `SELECT name, place FROM {consumers}`)
	cursors := make(map[string]int64, len(rows))
	for _, r := range rows {
		cursors[r.Name] = r.Cursor
	}
	return cursors, err
}

type leaseRow struct {
	Name   string `bun:"name"`
	Holder string `bun:"holder"`
	Beat   int64  `bun:"beat"`
}

type parkedRow struct {
	Consumer string `bun:"consumer"`
	Seq      int64  `bun:"seq"`
	Attempts int    `bun:"attempts"`
	Cause    string `bun:"cause"`
	At       int64  `bun:"at"`
}

func (o *Outbox) Advance(ctx context.Context, lease event.Lease, to int64, parked []event.Parked) (bool, error) {
	held := false
	err := o.db.Session().Within(ctx, func(s *Session) error {
		var now leaseRow
		_, err := s.One(ctx, &now, `SELECT name, holder, beat FROM {leases} WHERE name = ? {for update}`, lease.Name)
		if err != nil {
			return err
		}
		held = now.Holder == lease.Holder && now.Beat == lease.Beat
		if !held {
			return nil
		}
		_, err = s.Exec(ctx, `INSERT INTO {consumers} (name, place) VALUES (?, ?) {upsert name} place = {new.place}`, lease.Name, to)
		if err != nil {
			return err
		}
		rows := make([]parkedRow, len(parked))
		for i, p := range parked {
			rows[i] = parkedRow{p.Consumer, p.Event.Seq, p.Attempts, p.Cause, p.At.UnixMicro()}
		}
		_, err = Insert(ctx, s, "parked", "{ignore consumer, seq}", rows...)
		return err
	})
	return held, err
}

func (o *Outbox) Forget(ctx context.Context, consumer string) error {
	return o.db.Session().Within(ctx, func(s *Session) error {
		for _, text := range []string{`DELETE FROM {parked} WHERE consumer = ?`, `DELETE FROM {consumers} WHERE name = ?`, `DELETE FROM {leases} WHERE name = ?`} {
			if _, err := s.Exec(ctx, text, consumer); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *Outbox) Parked(ctx context.Context, consumer string, limit int) ([]event.Parked, error) {
	var rows []struct {
		stampedEvent
		Attempts int    `bun:"attempts"`
		Cause    string `bun:"cause"`
		ParkedAt int64  `bun:"parked_at"`
	}
	err := o.db.primary().Rows(ctx, &rows, strings.Replace(selectEvents, " FROM ", ", k.attempts, k.cause, k.at AS parked_at FROM ", 1)+
		`JOIN {parked} AS k ON k.seq = e.seq WHERE k.consumer = ? ORDER BY k.seq LIMIT ?`, consumer, limit)
	parked := make([]event.Parked, len(rows))
	for i, r := range rows {
		parked[i] = event.Parked{
			Consumer: consumer, Event: r.event(), Attempts: r.Attempts, Cause: r.Cause, At: time.UnixMicro(r.ParkedAt).UTC(),
		}
	}
	return parked, err
}

func (o *Outbox) Unpark(ctx context.Context, consumer string, seq int64) error {
	_, err := o.db.Session().Exec(ctx, `DELETE FROM {parked} WHERE consumer = ? AND seq = ?`, consumer, seq)
	return err
}

func (o *Outbox) Attempted(ctx context.Context, consumer string, seq int64, attempts int, cause string, at time.Time) error {
	_, err := o.db.Session().Exec(ctx, `UPDATE {parked} SET attempts = ?, cause = ?, at = ? WHERE consumer = ? AND seq = ?`,
		attempts, cause, at.UnixMicro(), consumer, seq)
	return err
}

func (o *Outbox) Holder(ctx context.Context, name string) (event.Lease, error) {
	row := leaseRow{Name: name}
	_, err := o.db.primary().One(ctx, &row, `SELECT name, holder, beat FROM {leases} WHERE name = ?`, name)
	return event.Lease(row), err
}

func (o *Outbox) Take(ctx context.Context, seen event.Lease, holder string) (event.Lease, bool, error) {
	taken := event.Lease{Name: seen.Name, Holder: holder, Beat: seen.Beat + 1}
	s := o.db.Session()
	if seen.Beat == 0 {
		ok, err := InsertNew(ctx, s, "leases", "name", leaseRow(taken))
		return taken, ok, err
	}
	n, err := s.Exec(ctx, `UPDATE {leases} SET holder = ?, beat = beat + 1 WHERE name = ? AND holder = ? AND beat = ?`,
		holder, seen.Name, seen.Holder, seen.Beat)
	return taken, n > 0, err
}
