package sqlsearch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// DB is a pool on PostgreSQL: a *sql.DB of any driver.
type DB interface {
	engawa.Conn
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

var _ DB = (*sql.DB)(nil)

// Config is where an engine keeps its indexes.
type Config struct {
	// DB is the database. Required.
	DB DB
	// Schema is where the tables are. Defaults to the connection's search path.
	Schema string
	// Prefix is what the names of tables and indexes begin with: letters, digits and _, at most 40 bytes. Defaults to
	// "engawa_search_".
	Prefix string
	// Lease is how long a rebuild whose process has died keeps others from starting one. Defaults to one minute.
	Lease time.Duration
	// Logger gets ids and error texts. Defaults to none.
	Logger *slog.Logger
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,39}$`)

// check fills in the defaults.
func (c Config) check() (Config, error) {
	if c.Prefix == "" {
		c.Prefix = "engawa_search_"
	}
	if c.Lease <= 0 {
		c.Lease = time.Minute
	}
	if c.Logger == nil {
		c.Logger = engawa.DiscardLogger()
	}
	switch {
	case c.DB == nil:
		return c, errors.New("config without DB: give it a *sql.DB on PostgreSQL")
	case !plainName.MatchString(c.Prefix):
		return c, fmt.Errorf("prefix %q: use at most 40 letters, digits and _, a digit not first", c.Prefix)
	case c.Schema != "" && !plainName.MatchString(c.Schema):
		return c, fmt.Errorf("schema %q: use at most 40 letters, digits and _, a digit not first", c.Schema)
	}
	return c, nil
}

// Engine is a search engine in PostgreSQL. It keeps nothing in memory, so any number of processes may have one on the same
// tables. It is safe for concurrent use, and needs no closing: the pool is the caller's.
type Engine struct {
	cfg Config
	sql statements
}

var _ search.Engine = (*Engine)(nil)

// Open finds the tables that [Migrate] has made.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	cfg, err := cfg.check()
	if err != nil {
		return nil, fmt.Errorf("sqlsearch.Open: %w", err)
	}
	e := &Engine{cfg: cfg, sql: newStatements(cfg)}
	rows, err := cfg.DB.QueryContext(ctx, e.sql.probe)
	if err != nil {
		if state(err) == "42P01" || state(err) == "42703" || state(err) == "3F000" {
			return nil, &engawa.Error{Op: "sqlsearch.Open", Kind: engawa.Unavailable, Subject: "search index",
				Err: fmt.Errorf("the tables %s… are missing or of another version (SQLSTATE %s): call sqlsearch.Migrate, or run what sqlsearch.Schema gives", cfg.Prefix, state(err))}
		}
		return nil, engawa.Wrap("sqlsearch.Open", fault(err))
	}
	return e, engawa.Wrap("sqlsearch.Open", errors.Join(rows.Err(), rows.Close()))
}

// state is the SQLSTATE of a driver's error; empty if it has none.
func state(err error) string {
	var s interface{ SQLState() string }
	if errors.As(err, &s) {
		return s.SQLState()
	}
	return ""
}

// fault makes an error of the database one of engawa's. What the server says about values stays out: it may quote words
// of a document.
func fault(err error) error {
	var own *engawa.Error
	if err == nil || errors.As(err, &own) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	kind := engawa.Unavailable
	switch s := state(err); {
	case s == "40001" || s == "40P01":
		kind = engawa.Retry
	case strings.HasPrefix(s, "22") || strings.HasPrefix(s, "54") || s == "42601":
		err = errors.New("the database refused a value, SQLSTATE " + s)
	}
	return &engawa.Error{Kind: kind, Subject: "search index", Err: err}
}

// tries is how often a transaction is run that others keep from ending.
const tries = 4

// write runs f in a transaction, and once more where the database asks for that.
func (e *Engine) write(ctx context.Context, f func(engawa.Conn) error) error {
	for try := 1; ; try++ {
		err := e.within(ctx, nil, f)
		if try == tries || !errors.Is(err, engawa.Retry) {
			return err
		}
	}
}

// read runs f on one snapshot, planned for its very values: a plan for any values would not use the term index well.
func (e *Engine) read(ctx context.Context, f func(engawa.Conn) error) error {
	return e.within(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, f)
}

func (e *Engine) within(ctx context.Context, opts *sql.TxOptions, f func(engawa.Conn) error) error {
	tx, err := e.cfg.DB.BeginTx(ctx, opts)
	if err != nil {
		return fault(err)
	}
	if err := f(tx); err != nil {
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			e.cfg.Logger.WarnContext(ctx, "search: transaction not rolled back", "error", back)
		}
		return fault(err)
	}
	return fault(tx.Commit())
}

// query calls f for every row.
func query(ctx context.Context, c engawa.Conn, text string, args []any, f func(*sql.Rows) error) error {
	rows, err := c.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := f(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// into gathers names.
func into(names map[string]bool) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names[decode(name)] = true
		return err
	}
}
