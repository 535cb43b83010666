package bunstore

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/engawa-sns/engawa"
)

// Config names the database.
type Config struct {
	// DB is the host's own pool. engawa never closes it.
	DB *sql.DB
	// Read is the pool for reads outside a transaction. Defaults to DB.
	Read *sql.DB
	// Dialect is the kind of database behind DB.
	Dialect Dialect
	// TablePrefix begins the name of every table and index. Defaults to "engawa_".
	TablePrefix string
	// Schema is the PostgreSQL schema of the tables. Defaults to the connection's search path.
	Schema string
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
	onAppend []func()

	installation atomic.Pointer[string]
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

// OnAppend registers a function to call after a commit that appended events: a relay's Wake.
func (db *DB) OnAppend(f func()) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.onAppend = append(db.onAppend, f)
}

func (db *DB) appended() {
	db.mu.Lock()
	defer db.mu.Unlock()
	for _, f := range db.onAppend {
		f()
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
	if _, err := db.Session().One(ctx, &id, `SELECT value FROM {meta} WHERE name = 'installation'`); err != nil {
		return err
	}
	db.installation.Store(&id)
	return nil
}
