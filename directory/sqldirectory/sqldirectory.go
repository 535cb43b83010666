// Package sqldirectory answers for people and units (組織) from the host's own tables, by queries that the host writes.
//
//	dir, err := sqldirectory.New(sqldirectory.Config{
//		DB:           db,
//		Placeholders: sqldirectory.Dollar, // PostgreSQL
//		Affiliations: `SELECT m.unit_code AS org, m.title, m.grade AS "rank", m.is_head AS head, m.is_main AS main
//			FROM employees e LEFT JOIN memberships m
//				ON m.employee_id = e.id AND m.valid_from <= :date AND (m.valid_until IS NULL OR m.valid_until > :date)
//			WHERE e.company_id = :tenant AND e.id = :person AND e.left_on IS NULL`,
//		Parents: `SELECT code AS org, parent_code AS above FROM units WHERE company_id = :tenant AND code IN (:orgs)`,
//		Names:   `SELECT id AS person, name AS display, kana AS reading FROM employees WHERE company_id = :tenant AND id IN (:people)`,
//	})
//
// Only Affiliations is needed. The Directory is an [engawa.Namer], [engawa.Ancestry], [engawa.MemberLister] or
// [engawa.Searcher] exactly if its query is given, so a type assertion tells what it can answer. It is always an
// [engawa.Binder]: what was made by Bind asks inside the host's transaction and takes no connection from the pool.
//
// # Parameters
//
// A query names what it needs, as often and in whatever order it likes; a host with one tenant leaves :tenant out.
//
//	:tenant    the tenant                                          all queries
//	:person    the person who is asked for                         Affiliations
//	:orgs      the units that are asked for: IN (:orgs)            Ancestors, Parents
//	:org       the unit that is asked for                          Members
//	:people    the persons who are asked for: IN (:people)         Names
//	:at        the time that is asked for, as a time in UTC        Affiliations, Ancestors, Parents, Members
//	:date      its day in Config.Location, such as 2024-04-01      the same
//	:unix      the same in seconds since 1970                      the same
//	:prefix    what was typed                                      Search
//	:pattern   what was typed as a pattern: LIKE :pattern ESCAPE '!'   Search
//	:limit     how many to find at most                            Search
//
// SQLite has no type for a time, and drivers write one each in their own way: there :date and :unix are the safe ones.
// Strings in single quotes, quoted names and comments are left alone, and so is ::type.
//
// # Columns
//
// Columns are found by name, in lower or upper case. Those marked * are required; NULL is the same as no value.
//
//	Affiliations   org, title, rank, head, main, kind ("", "concurrent" or "seconded"), person
//	Ancestors      org*, above*: one row for each unit above, at any distance
//	Parents        org*, above*: one row for each unit right above
//	Names          person*, display*, reading
//	Members        person*, org: those affiliated with the unit itself
//	Search         person*: best first
//
// # Who is known
//
// Affiliations must give a row for everybody who may use the network, with NULL as org for one whom no unit has: begin
// with the table of persons and LEFT JOIN their posts, with conditions on a post in ON and not in WHERE. Where there is no
// row, the person is not known ([engawa.ErrUnknownPerson]).
//
// # Caveats
//
//   - engawa compares ids byte by byte, and many databases (MySQL by default) do not: to them TANAKA may be tanaka. Give
//     the columns person and org where they are not required, too: rows whose id differs from the one that was asked for
//     are passed over.
//   - On PostgreSQL a query that fails inside a transaction ends what the transaction can do, also for the host.
//   - Ids are text. Where the host's keys are numbers, compare their text, or "no such person" becomes a query that fails.
//   - Lists longer than 500 ids are asked in parts.
package sqldirectory

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"time"

	"github.com/engawa-sns/engawa"
)

// Config is where to ask, and how. DB and Affiliations are needed.
type Config struct {
	// DB is the host's pool. It is never closed.
	DB *sql.DB
	// Placeholders is how the driver writes parameters. Defaults to [Question].
	Placeholders Placeholders
	// Affiliations tells where a person stands, and whether they are known.
	Affiliations string
	// Ancestors gives all units above others, where the database can find them: a closure table, or a recursive query.
	Ancestors string
	// Parents gives the units right above others, and the walk further up is made here: one query for each level. Only one
	// of Ancestors and Parents is given.
	Parents string
	// Names gives the names of persons, also of those who have left.
	Names string
	// Members lists a unit. The list is held in memory before it is handed over.
	Members string
	// Search completes names.
	Search string
	// MaxLevels is the greatest height of the chart for Parents: a higher one is an error. Units that stand above
	// themselves do no harm. Defaults to 64.
	MaxLevels int
	// Location is where :date is read off the calendar. Defaults to UTC.
	Location *time.Location
}

// Placeholders is how a driver writes parameters.
type Placeholders string

// The ways to write parameters.
const (
	Question Placeholders = ""  // ?, for SQLite, MySQL and MariaDB
	Dollar   Placeholders = "$" // $1, for PostgreSQL
)

// New reads the queries. It does not ask the database; package directorytest does.
func New(cfg Config) (engawa.Directory, error) {
	if cfg.DB == nil {
		return nil, invalid("DB", msgNoDB)
	}
	if cfg.Affiliations == "" {
		return nil, invalid("Affiliations", msgNoAffiliations)
	}
	if cfg.Ancestors != "" && cfg.Parents != "" {
		return nil, invalid("Parents", msgEither)
	}
	if cfg.Placeholders != Question && cfg.Placeholders != Dollar {
		return nil, invalid("Placeholders", msgPlaceholders)
	}
	if cfg.MaxLevels <= 0 {
		cfg.MaxLevels = 64
	}
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	t := &tables{conn: cfg.DB, levels: cfg.MaxLevels, location: cfg.Location}
	when := []string{"tenant", "at", "date", "unix"}
	for _, q := range []struct {
		name, text string
		into       **query
		params     []string
	}{
		{"Affiliations", cfg.Affiliations, &t.affiliations, append(when[:4:4], "person")},
		{"Ancestors", cfg.Ancestors, &t.ancestors, append(when[:4:4], "orgs")},
		{"Parents", cfg.Parents, &t.parents, append(when[:4:4], "orgs")},
		{"Names", cfg.Names, &t.names, []string{"tenant", "people"}},
		{"Members", cfg.Members, &t.members, append(when[:4:4], "org")},
		{"Search", cfg.Search, &t.search, []string{"tenant", "prefix", "pattern", "limit"}},
	} {
		if q.text == "" {
			continue
		}
		compiled, err := compile(q.name, q.text, cfg.Placeholders, q.params)
		if err != nil {
			return nil, err
		}
		*q.into = compiled
	}
	return t.directory(), nil
}

// tables are the host's tables as one connection sees them.
type tables struct {
	conn     querier
	levels   int
	location *time.Location

	affiliations, ancestors, parents, names, members, search *query
}

// querier is the part of [engawa.Conn] that is needed here; a pool has it, too.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// bind are the same tables inside a transaction of the host's.
func (t *tables) bind(conn engawa.Conn) *tables {
	bound := *t
	bound.conn = standard(conn)
	return &bound
}

// standard takes the standard library's transaction out of another library's that embeds it, such as bun's: their own
// methods rewrite queries.
func standard(conn engawa.Conn) querier {
	v := reflect.Indirect(reflect.ValueOf(conn))
	if v.Kind() != reflect.Struct || v.Type().PkgPath() == "database/sql" {
		return conn
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.Anonymous || !f.IsExported() {
			continue
		}
		switch inner := v.Field(i).Interface().(type) {
		case *sql.Tx:
			if inner != nil {
				return inner
			}
		case *sql.Conn:
			if inner != nil {
				return inner
			}
		}
	}
	return conn
}

func invalid(field string, m engawa.Message) error {
	return &engawa.Error{Op: "sqldirectory.New", Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: m}}}
}

// unavailable is the error of a query that cannot be used.
func (q *query) unavailable(m engawa.Message, err error) error {
	return &engawa.Error{Kind: engawa.Unavailable, Subject: fmt.Sprintf("sqldirectory: the query %s", q.name), Message: m, Err: err}
}
