package bunstore

import (
	"context"
	"strconv"
	"strings"

	"github.com/engawa-sns/engawa"
)

// Check refuses a database of another dialect than the one that was named, and one whose settings would lose or mix up
// text. It says how to mend it.
func (db *DB) Check(ctx context.Context) error {
	ask := func(text string) (string, error) {
		var s string
		err := db.cfg.DB.QueryRowContext(ctx, text).Scan(&s)
		return s, err
	}
	if err := db.checkDialect(ctx, ask); err != nil {
		return err
	}
	wrong := func(what, is, mend string) error {
		return &engawa.Error{Kind: engawa.Unavailable, Message: msgSetup.With(what, is, mend)}
	}
	switch db.cfg.Dialect {
	case SQLite:
		if s, err := ask(`PRAGMA encoding`); err != nil || s != "UTF-8" {
			return wrong("encoding", s, "create the database anew with PRAGMA encoding = 'UTF-8'")
		}
		if s, err := ask(`PRAGMA busy_timeout`); err != nil || s == "0" {
			return wrong("busy_timeout", s, "open the database with bunstore.SQLiteDSN(path)")
		}
		if s, err := ask(`PRAGMA journal_mode`); err == nil && s != "wal" && s != "memory" {
			db.cfg.Logger.WarnContext(ctx, "bunstore: writing is many times slower without a write-ahead log: open the database with bunstore.SQLiteDSN(path)", "journal_mode", s)
		}
	case PostgreSQL:
		if s, err := ask(`SHOW server_encoding`); err != nil || s != "UTF8" {
			return wrong("server_encoding", s, "create the database WITH ENCODING 'UTF8'")
		}
	case MySQL:
		if s, err := ask(`SELECT @@character_set_client`); err != nil || s != "utf8mb4" {
			return wrong("character_set_client", s, "connect with charset=utf8mb4")
		}
		return db.checkCollation(ctx, wrong)
	}
	return nil
}

// checkDialect finds out what database it is.
func (db *DB) checkDialect(ctx context.Context, ask func(string) (string, error)) error {
	is, name := SQLite, "SQLite"
	if _, err := ask(`SELECT sqlite_version()`); err != nil {
		version, err := ask(`SELECT version()`)
		if err != nil {
			return db.explainReach(err)
		}
		is, name = MySQL, "MySQL "+version
		if strings.HasPrefix(version, "PostgreSQL") {
			is, name = PostgreSQL, version
		} else if strings.Contains(version, "MariaDB") {
			name = "MariaDB " + version
		}
	}
	if is != db.cfg.Dialect {
		name, _, _ = strings.Cut(name, " (")
		return &engawa.Error{Kind: engawa.Unavailable, Message: msgDialect.With(name, string(db.cfg.Dialect))}
	}
	return nil
}

func (db *DB) explainReach(err error) error {
	return &engawa.Error{Kind: engawa.Unavailable, Subject: "database", Err: err}
}

// checkCollation looks for columns of engawa's that were made, or converted, to compare text without regard to case.
// The migrations give every table a binary collation, whatever the database's default is.
func (db *DB) checkCollation(ctx context.Context, wrong func(what, is, mend string) error) error {
	rows, err := db.cfg.DB.QueryContext(ctx, `SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME), COALESCE(COLLATION_NAME, ''), TABLE_NAME
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE ? AND DATA_TYPE IN ('varchar', 'char')`,
		strings.ReplaceAll(db.cfg.TablePrefix, "_", `\_`)+"%")
	if err != nil {
		return db.explain(err, false)
	}
	defer rows.Close()
	for rows.Next() {
		var column, collation, table string
		if err := rows.Scan(&column, &collation, &table); err != nil {
			return err
		}
		if !strings.HasSuffix(collation, "_bin") {
			return wrong("the collation of "+column, collation, "ALTER TABLE "+strconv.Quote(table)+" back to the type that the migrations give (VARBINARY)")
		}
	}
	return rows.Err()
}
