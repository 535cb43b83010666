// Package dsn opens the databases that the examples take on their command line.
package dsn

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/engawa-sns/engawa/bunstore"
)

// Help is the text for a flag.
const Help = "`database`: sqlite:FILE, postgres://user@host/name or mysql://user@host/name"

// Open opens a database by a data source name as [Help] has it.
func Open(name string) (bunstore.Config, error) {
	scheme, rest, ok := strings.Cut(name, ":")
	if !ok || rest == "" {
		return bunstore.Config{}, fmt.Errorf("%q names no database: use sqlite:FILE, postgres://… or mysql://…", name)
	}
	switch scheme {
	case "sqlite":
		return open("sqlite", bunstore.SQLiteDSN(rest), bunstore.SQLite)
	case "postgres", "postgresql":
		return open("pgx", name, bunstore.PostgreSQL)
	case "mysql", "mariadb":
		u, err := url.Parse(name)
		if err != nil || u.Host == "" { // the name may hold a password, and so may the error
			return bunstore.Config{}, errors.New("the name of the database cannot be read: write mysql://user:password@host/name, with %40 for an @ in the password")
		}
		cfg := mysql.NewConfig()
		cfg.User, cfg.Net, cfg.Addr, cfg.DBName = u.User.Username(), "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
		cfg.Passwd, _ = u.User.Password()
		if u.Port() == "" {
			cfg.Addr += ":3306"
		}
		return open("mysql", cfg.FormatDSN(), bunstore.MySQL)
	}
	return bunstore.Config{}, fmt.Errorf("%q: the kind of database is not known: use sqlite:FILE, postgres://… or mysql://…", scheme)
}

func open(driver, dsn string, dialect bunstore.Dialect) (bunstore.Config, error) {
	db, err := sql.Open(driver, dsn)
	return bunstore.Config{DB: db, Dialect: dialect}, err
}
