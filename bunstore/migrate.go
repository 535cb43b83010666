package bunstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/engawa-sns/engawa"
)

// Migrations is the group of one room: files named "0001_what.sql", in ascending order and frozen once released. A
// statement ends with a semicolon at the end of a line. Beside the macros of statements they may use those of [DB]'s
// column types, so that one file serves every dialect.
type Migrations struct {
	// Room names the group, such as "feed".
	Room  string
	Files fs.FS
	// Tables are those of the room that have a column tenant_id, which is all that hold anything of a tenant's.
	Tables []string
}

//go:embed migrations/*.sql
var coreFiles embed.FS

// core is the group that every other builds on.
func core() Migrations { return Embedded("core", coreFiles, "events", "orgs", "people") }

// Embedded is a group whose files lie in the folder "migrations" of what a package embeds.
func Embedded(room string, files embed.FS, tables ...string) Migrations {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // of names that are no paths only
	}
	return Migrations{Room: room, Files: sub, Tables: tables}
}

// Migrator brings engawa's tables to the version that the library needs. It never runs by itself.
type Migrator struct {
	db     *DB
	groups []Migrations
}

// Migrator is the migrator of the core tables and the given groups.
func (db *DB) Migrator(groups ...Migrations) *Migrator {
	return &Migrator{db: db, groups: append([]Migrations{core()}, groups...)}
}

// Version is how far one room's tables are.
type Version struct {
	Room string
	// Have is the version of the database, 0 for none; Want is the library's.
	Have, Want int
}

// migration is one file.
type migration struct {
	version    int
	name       string
	statements []string
}

var fileForm = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)

// read is a group's migrations in order, in the dialect.
func (m *Migrator) read(group Migrations) ([]migration, error) {
	entries, err := fs.ReadDir(group.Files, ".")
	if err != nil {
		return nil, fmt.Errorf("bunstore: migrations of %s: %w", group.Room, err)
	}
	var all []migration
	for _, e := range entries {
		form := fileForm.FindStringSubmatch(e.Name())
		if form == nil {
			return nil, fmt.Errorf("bunstore: migrations of %s: %q: name it like 0001_what.sql", group.Room, e.Name())
		}
		text, err := fs.ReadFile(group.Files, e.Name())
		if err != nil {
			return nil, err
		}
		version, _ := strconv.Atoi(form[1])
		one := migration{version: version, name: form[2]}
		for statement := range strings.SplitSeq(m.db.expandDDL(string(text)), ";\n") {
			statement = strings.TrimSuffix(strings.TrimSpace(statement), ";")
			if statement != "" && !strings.HasPrefix(statement, notHere) {
				one.statements = append(one.statements, statement)
			}
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b migration) int { return a.version - b.version })
	for i, one := range all {
		if one.version != i+1 {
			return nil, fmt.Errorf("bunstore: migrations of %s: version %d is missing", group.Room, i+1)
		}
	}
	return all, nil
}

// Status is the version of every room.
func (m *Migrator) Status(ctx context.Context) ([]Version, error) {
	have, err := m.have(ctx, m.db.cfg.DB)
	if err != nil && !m.db.noTable(err) {
		return nil, m.db.explain(err, false)
	}
	var all []Version
	for _, g := range m.groups {
		files, err := m.read(g)
		if err != nil {
			return nil, err
		}
		all = append(all, Version{Room: g.Room, Have: have[g.Room], Want: len(files)})
	}
	return all, nil
}

// have reads the versions from the migrations table.
func (m *Migrator) have(ctx context.Context, conn engawa.Conn) (map[string]int, error) {
	rows, err := conn.QueryContext(ctx, m.db.compile(`SELECT room, MAX(version) FROM {migrations} GROUP BY room`, nil, kinds{}))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	have := map[string]int{}
	for rows.Next() {
		var room string
		var version int
		if err := rows.Scan(&room, &version); err != nil {
			return nil, err
		}
		have[room] = version
	}
	return have, rows.Err()
}

// Validate refuses a database whose tables are older than the library needs, naming the command that mends it. Tables
// one version ahead are accepted, so that nodes can be deployed one after the other.
func (m *Migrator) Validate(ctx context.Context) error {
	status, err := m.Status(ctx)
	if err != nil {
		return err
	}
	for _, v := range status {
		switch {
		case v.Have == 0 && v.Want > 0:
			return &engawa.Error{Kind: engawa.Unavailable, Subject: "tables of " + v.Room, Message: msgNotMigrated}
		case v.Have < v.Want:
			return &engawa.Error{Kind: engawa.Unavailable, Message: msgBehind.With(v.Room, v.Have, v.Want)}
		case v.Have > v.Want+1:
			return &engawa.Error{Kind: engawa.Unavailable, Message: msgAhead.With(v.Room, v.Have, v.Want)}
		}
	}
	return nil
}

// Up creates and changes tables until they are at the library's version. Several processes may call it at once: one
// works and the others wait. It needs one connection.
func (m *Migrator) Up(ctx context.Context) error {
	if err := m.db.Check(ctx); err != nil {
		return err
	}
	conn, err := m.db.cfg.DB.Conn(ctx)
	if err != nil {
		return m.db.explain(err, false)
	}
	defer conn.Close()
	unlock, err := m.lock(ctx, conn)
	if err != nil {
		return m.db.explain(err, false)
	}
	defer unlock()
	if err := m.ensureSchema(ctx, conn); err != nil {
		return fmt.Errorf("bunstore: migrate: %w", m.db.explain(err, false))
	}
	if _, err := conn.ExecContext(ctx, m.ledger()); err != nil {
		return fmt.Errorf("bunstore: migrate: %w", m.db.explain(err, false))
	}
	have, err := m.have(ctx, conn)
	if err != nil {
		return m.db.explain(err, false)
	}
	for _, g := range m.groups {
		files, err := m.read(g)
		if err != nil {
			return err
		}
		for _, file := range files[min(have[g.Room], len(files)):] {
			if err := m.apply(ctx, conn, g, file); err != nil {
				return fmt.Errorf("bunstore: migrate %s to version %d (%s): %w", g.Room, file.version, file.name, m.db.explain(err, false))
			}
		}
	}
	return nil
}

// ensureSchema makes the configured schema if it is not there. "CREATE SCHEMA IF NOT EXISTS" by itself would ask for the
// right to create one even where somebody else has.
func (m *Migrator) ensureSchema(ctx context.Context, conn *sql.Conn) error {
	if m.db.cfg.Schema == "" {
		return nil
	}
	var n int
	err := conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM pg_namespace WHERE nspname = $1`, m.db.cfg.Schema).Scan(&n)
	if err != nil || n > 0 {
		return err
	}
	_, err = conn.ExecContext(ctx, m.createSchema())
	return err
}

func (m *Migrator) createSchema() string {
	return `CREATE SCHEMA IF NOT EXISTS "` + m.db.cfg.Schema + `"`
}

// ledger makes the table of migrations itself.
func (m *Migrator) ledger() string {
	return m.db.expandDDL(`CREATE TABLE IF NOT EXISTS {migrations} (
  room {bytes 64} NOT NULL,
  version {int} NOT NULL,
  name {bytes 128} NOT NULL,
  PRIMARY KEY (room, version)
){clustered}`)
}

// record are the statements that note a migration as applied: the note itself comes last, because on MySQL a run can be
// interrupted between any two of them.
func (m *Migrator) record(g Migrations, file migration) []string {
	var texts []string
	if g.Room == "core" && file.version == 1 {
		// The database draws the id, so that one script run on two databases gives them two.
		texts = append(texts, m.db.expandDDL(`INSERT INTO {meta} (name, value) VALUES ('installation', `+drawn[m.db.cfg.Dialect]+`) {ignore name}`))
	}
	note := fmt.Sprintf(`INSERT INTO {migrations} (room, version, name) VALUES ('%s', %d, '%s')`, g.Room, file.version, file.name)
	return append(texts, m.db.expandDDL(note))
}

var drawn = map[Dialect]string{
	SQLite:     `lower(hex(randomblob(16)))`,
	PostgreSQL: `md5(random()::text || clock_timestamp()::text)`,
	MySQL:      `UUID()`,
}

// apply runs one migration: in a transaction where the database has such for tables, else statement by statement, each
// of which may have been run before.
func (m *Migrator) apply(ctx context.Context, conn *sql.Conn, g Migrations, file migration) error {
	statements := slices.Concat(file.statements, m.record(g, file))
	if m.db.cfg.Dialect == MySQL {
		for _, text := range statements {
			if _, err := conn.ExecContext(ctx, text); err != nil && !mysqlDoneBefore(text, err) {
				return err
			}
		}
		return nil
	}
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	if m.db.cfg.Dialect == SQLite {
		// The write lock is the lock between processes: look again, once it is ours, how far another one has come.
		if _, err := tx.ExecContext(ctx, m.db.expandDDL(`UPDATE {migrations} SET version = version WHERE room = ''`)); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		have, err := m.have(ctx, tx)
		if err != nil || have[g.Room] >= file.version {
			return errors.Join(err, tx.Rollback())
		}
	}
	for _, text := range statements {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// mysqlDoneBefore reports that a table, column, index or row of a migration exists, or is gone already: its run was
// interrupted after that statement.
func mysqlDoneBefore(text string, err error) bool {
	switch mysqlNumber(err) {
	case 1050, 1060, 1061, 1826, // the table, column, index, foreign key exists
		1051, 1091: // the table, column or index is gone
		return true
	case 1062: // but a unique index that cannot be made says the same
		return strings.HasPrefix(strings.ToUpper(text), "INSERT")
	}
	return false
}

// lock keeps other processes from migrating at the same time.
func (m *Migrator) lock(ctx context.Context, conn *sql.Conn) (unlock func(), err error) {
	free := context.WithoutCancel(ctx)
	name := "engawa migrate " + m.db.cfg.Schema + "." + m.db.cfg.TablePrefix
	switch m.db.cfg.Dialect {
	case PostgreSQL:
		_, err = conn.ExecContext(ctx, `SELECT pg_advisory_lock(hashtext($1))`, name)
		return func() { _, _ = conn.ExecContext(free, `SELECT pg_advisory_unlock(hashtext($1))`, name) }, err
	case MySQL:
		var got sql.NullInt64
		err = conn.QueryRowContext(ctx, `SELECT GET_LOCK(CONCAT(LEFT(DATABASE(), 10), ' ', ?), 600)`, name).Scan(&got)
		if err == nil && got.Int64 != 1 {
			err = errors.New("another process has been migrating for ten minutes: look at it, then try again")
		}
		return func() {
			_, _ = conn.ExecContext(free, `DO RELEASE_LOCK(CONCAT(LEFT(DATABASE(), 10), ' ', ?))`, name)
		}, err
	}
	return func() {}, nil // SQLite: each migration takes the write lock, and a second runner finds it applied
}

// SQL is the whole text that brings an empty database to the library's version, for a DBA to read and apply instead of
// [Migrator.Up]. From is the version of each room that the database has already; nil is none.
func (m *Migrator) SQL(from map[string]int) (string, error) {
	var b strings.Builder
	write := func(text string) { b.WriteString(text + ";\n\n") }
	if m.db.cfg.Schema != "" {
		write(m.createSchema())
	}
	write(m.ledger())
	for _, g := range m.groups {
		files, err := m.read(g)
		if err != nil {
			return "", err
		}
		for _, file := range files[min(from[g.Room], len(files)):] {
			fmt.Fprintf(&b, "-- %s %d: %s\n", g.Room, file.version, file.name)
			for _, text := range slices.Concat(file.statements, m.record(g, file)) {
				write(text)
			}
		}
	}
	return b.String(), nil
}
