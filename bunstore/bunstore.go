package bunstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Config names the database.
type Config struct {
	// DB is the host's own pool. engawa never closes it. Of a server's database let it keep as many idle connections as it
	// may open, say a dozen (SetMaxIdleConns): database/sql keeps two, and opens and closes all others for each use, which
	// was measured at four times the time of publishing while a relay runs.
	DB *sql.DB
	// Read is the pool for reads outside a transaction. Defaults to DB.
	Read *sql.DB
	// Dialect is the kind of database behind DB.
	Dialect Dialect
	// TablePrefix begins the name of every table and index. Defaults to "engawa_".
	TablePrefix string
	// Schema is the PostgreSQL schema of the tables. Defaults to the connection's search path.
	Schema string
	// Notify is a PostgreSQL channel that is notified when events were committed, so that the relays of other processes
	// can listen instead of waiting for their next look. Defaults to none.
	Notify string
	// Now defaults to [engawa.Clock].
	Now func() time.Time
	// Logger gets ids and error texts, never a body. Defaults to none.
	Logger *slog.Logger
}

// DB is a database with engawa's tables.
type DB struct {
	cfg   Config
	bun   *bun.DB // maps rows; it runs no statement
	write *pool
	read  *pool

	names names

	mu       sync.Mutex
	onAppend []func([]event.Event)

	// tag and binds make the names of savepoints unlike all others in a host's transaction.
	tag   string
	binds atomic.Int64

	installation atomic.Pointer[string]
	// isolation is what the connections of a MySQL pool start with; see txOptions.
	isolation atomic.Pointer[string]
}

var (
	prefixForm = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

	// The longest name that engawa appends to a prefix is 30 bytes; PostgreSQL cuts names at 63 and MySQL refuses
	// more than 64.
	maxPrefix = 32
)

// New checks the configuration. It opens nothing and creates nothing: see [Migrator] for the tables.
func New(cfg Config) (*DB, error) {
	if cfg.DB == nil {
		return nil, fmt.Errorf("bunstore.New: DB is missing: pass the *sql.DB of your application")
	}
	if _, ok := dialects[cfg.Dialect]; !ok {
		return nil, fmt.Errorf("bunstore.New: dialect %q is not known: use bunstore.SQLite, PostgreSQL or MySQL (which serves MariaDB too)", cfg.Dialect)
	}
	if cfg.TablePrefix == "" {
		cfg.TablePrefix = "engawa_"
	}
	if !prefixForm.MatchString(cfg.TablePrefix) {
		return nil, fmt.Errorf("bunstore.New: prefix %q: use lower-case letters, digits and _, beginning with a letter", cfg.TablePrefix)
	}
	if len(cfg.TablePrefix) > maxPrefix {
		return nil, fmt.Errorf("bunstore.New: prefix %q is %d bytes long: at most %d leave room for the names of tables and indexes", cfg.TablePrefix, len(cfg.TablePrefix), maxPrefix)
	}
	if cfg.Schema != "" {
		if cfg.Dialect != PostgreSQL {
			return nil, fmt.Errorf("bunstore.New: schema %q: only PostgreSQL has schemas: leave it empty and use TablePrefix", cfg.Schema)
		}
		if !prefixForm.MatchString(cfg.Schema) || len(cfg.Schema) > 63 {
			return nil, fmt.Errorf("bunstore.New: schema %q: use at most 63 lower-case letters, digits and _, beginning with a letter", cfg.Schema)
		}
	}
	if cfg.Notify != "" && (cfg.Dialect != PostgreSQL || !prefixForm.MatchString(cfg.Notify) || len(cfg.Notify) > 63) {
		return nil, fmt.Errorf("bunstore.New: channel %q: only PostgreSQL has channels; use at most 63 lower-case letters, digits and _", cfg.Notify)
	}
	if cfg.Read == nil {
		cfg.Read = cfg.DB
	}
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	db := &DB{
		cfg: cfg,
		bun: bun.NewDB(cfg.DB, dialects[cfg.Dialect].bun()),
		tag: strings.ToLower(rand.Text()[:8]),
	}
	db.write = newPool(db, cfg.DB)
	db.read = db.write
	if cfg.Read != cfg.DB {
		db.read = newPool(db, cfg.Read)
	}
	return db, nil
}

// Dialect is the kind of database.
func (db *DB) Dialect() Dialect { return db.cfg.Dialect }

// Now is the configured clock.
func (db *DB) Now() time.Time { return engawa.Micro(db.cfg.Now()) }

// Session reads and writes on the pool: each read by itself, each unit of work in a transaction of its own.
func (db *DB) Session() *Session { return &Session{db: db} }

// primary is a session whose reads see what was committed last, also where the pool for reads is behind.
func (db *DB) primary() *Session { return &Session{db: db, primary: true} }

// OnAppend registers a function that gets the events which a transaction of engawa's own has appended, once it has
// committed, without their places in the log. It is called before the call that wrote them returns, so it must be quick.
// What a transaction of the host's appends is found in the log alone.
func (db *DB) OnAppend(f func(events []event.Event)) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.onAppend = append(db.onAppend, f)
}

func (db *DB) appended(events []event.Event) {
	db.mu.Lock()
	all := slices.Clone(db.onAppend)
	db.mu.Unlock()
	for _, f := range all {
		f(events)
	}
}

// Ready checks that the database is of the dialect that was named, is set up so that nothing gets lost, and has the
// tables of the given migrations.
func (db *DB) Ready(ctx context.Context, groups ...Migrations) error {
	if err := db.Check(ctx); err != nil {
		return err
	}
	if err := db.Migrator(groups...).Validate(ctx); err != nil {
		return err
	}
	return db.learnInstallation(ctx)
}

// learnInstallation reads the id that tells this set of tables from every other, so that a transaction of another
// database can be refused.
func (db *DB) learnInstallation(ctx context.Context) error {
	var id string
	found, err := db.primary().One(ctx, &id, `SELECT value FROM {meta} WHERE name = 'installation'`)
	if err != nil {
		return err
	}
	if !found {
		return &engawa.Error{Kind: engawa.Unavailable, Message: msgNotMigrated}
	}
	db.installation.Store(&id)
	return nil
}
