package bunstore

import (
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/uptrace/bun/dialect/mysqldialect"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
)

// Dialect is a kind of database.
type Dialect string

// The dialects. MySQL serves MariaDB too.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
	MySQL      Dialect = "mysql"
)

// dialect is what differs in the text of a statement.
type dialect struct {
	bun   func() schema.Dialect
	quote string
	// macros replace {name} in a statement.
	macros map[string]string
}

var dialects = map[Dialect]dialect{
	SQLite: {
		bun: func() schema.Dialect { return sqlitedialect.New() }, quote: `"`,
		macros: map[string]string{"for update": "", "for share": "", "skip locked": ""},
	},
	PostgreSQL: {
		bun: func() schema.Dialect { return pgdialect.New() }, quote: `"`,
		macros: map[string]string{"for update": "FOR UPDATE", "for share": "FOR SHARE", "skip locked": "FOR UPDATE SKIP LOCKED"},
	},
	MySQL: {
		bun: func() schema.Dialect { return silent{mysqldialect.New()} }, quote: "`",
		macros: map[string]string{"for update": "FOR UPDATE", "for share": "LOCK IN SHARE MODE", "skip locked": "FOR UPDATE SKIP LOCKED"},
	},
}

// silent is bun's dialect without its query for the server's version, which [New] must not make: nothing here depends
// on it, and a pool whose only connection is in use would wait for ever.
type silent struct{ *mysqldialect.Dialect }

func (silent) Init(*sql.DB) {}

var macroForm = regexp.MustCompile(`\{([^{}]+)\}`)

// expand writes the macros of a statement out:
//
//	{posts}            the table, with prefix and schema
//	{index posts_walk} the name of an index, with prefix
//	{for update}       the lock on rows that will be changed; {for share}, {skip locked} likewise
//	{upsert a, b}      begins the SET of an insert that met a row with the same a and b
//	{ignore a, b}      makes an insert that meets such a row do nothing
//	{new.x}            in an upsert the value to be inserted
//	{old.posts.x}      in an upsert the value that stands in the table
//	{force posts_walk} makes MySQL use an index, which it would not by itself
//	{key spaces s (name) s.id = p.space_id}
//	                   joins at most one row of another table, found by its key. PostgreSQL would read a small table whole
//	                   for every statement; it is made to look up each row
func (db *DB) expand(text string) string {
	d := dialects[db.cfg.Dialect]
	return macroForm.ReplaceAllStringFunc(text, func(m string) string {
		name := m[1 : len(m)-1]
		if s, ok := d.macros[name]; ok {
			return s
		}
		word, rest, _ := strings.Cut(name, " ")
		mysql := db.cfg.Dialect == MySQL
		switch {
		case word == "index":
			return d.quote + db.cfg.TablePrefix + rest + d.quote
		case word == "force" && mysql:
			return "FORCE INDEX (" + d.quote + db.cfg.TablePrefix + rest + d.quote + ")"
		case word == "force":
			return ""
		case word == "key":
			return db.byKey(rest)
		case word == "upsert" && mysql:
			return "ON DUPLICATE KEY UPDATE"
		case word == "upsert":
			return "ON CONFLICT (" + rest + ") DO UPDATE SET"
		case word == "ignore" && mysql:
			first, _, _ := strings.Cut(rest, ",")
			return "ON DUPLICATE KEY UPDATE " + first + " = " + first
		case word == "ignore":
			return "ON CONFLICT (" + rest + ") DO NOTHING"
		case strings.HasPrefix(name, "new.") && mysql:
			return "VALUES(" + name[4:] + ")"
		case strings.HasPrefix(name, "new."):
			return "excluded." + name[4:]
		case strings.HasPrefix(name, "old."):
			table, column, _ := strings.Cut(name[4:], ".")
			if mysql {
				return column
			}
			return d.quote + db.cfg.TablePrefix + table + d.quote + "." + column
		}
		return db.table(name)
	})
}

var keyForm = regexp.MustCompile(`^(\w+) (\w+) \(([^()]+)\) (.+)$`)

// byKey writes out the macro {key …}.
func (db *DB) byKey(rest string) string {
	m := keyForm.FindStringSubmatch(rest)
	if m == nil {
		panic(fmt.Sprintf("bunstore: {key %s} is not {key table alias (columns) condition}", rest))
	}
	table := db.table(m[1]) + " AS " + m[2]
	if db.cfg.Dialect == PostgreSQL {
		return "LEFT JOIN LATERAL (SELECT " + m[3] + " FROM " + table + " WHERE " + m[4] + " OFFSET 0) AS " + m[2] + " ON TRUE"
	}
	return "LEFT JOIN " + table + " ON " + m[4]
}

// table is the quoted name of one of engawa's tables.
func (db *DB) table(name string) string {
	q := dialects[db.cfg.Dialect].quote
	t := q + db.cfg.TablePrefix + name + q
	if db.cfg.Schema != "" {
		t = q + db.cfg.Schema + q + "." + t
	}
	return t
}

// kinds tells of the first 64 arguments, a list being one, which are numbers and which are texts, as two sets of bits.
type kinds struct{ numbers, texts uint64 }

// kinds are those of the arguments on SQLite; other databases do not need them.
func (db *DB) kinds(args []any) kinds {
	var k kinds
	if db.cfg.Dialect != SQLite {
		return k
	}
	for i, a := range args[:min(len(args), 64)] {
		switch a.(type) {
		case int64, int, List:
			k.numbers |= 1 << i
		case string, Strings:
			k.texts |= 1 << i
		}
	}
	return k
}

// compile turns a statement into the dialect's: macros written out, ?* as many marks as its list is long, and on
// PostgreSQL numbered marks.
//
// On SQLite a mark that is compared is wrapped in an expression that changes nothing: a database with statistics
// (ANALYZE, STAT4) looks at the values behind bare marks, and then plans a prepared statement anew whenever they are
// bound, which was measured at a third of the time of a page.
func (db *DB) compile(text string, lists []int, of kinds) string {
	text = db.expand(text)
	if strings.HasPrefix(text, "INSERT") {
		of = kinds{}
	}
	var b strings.Builder
	n, arg, list := 0, 0, 0
	mark := func() {
		n++
		switch {
		case db.cfg.Dialect == PostgreSQL:
			b.WriteString("$" + strconv.Itoa(n))
		case of.numbers>>arg&1 == 1:
			b.WriteString("(?+0)")
		case of.texts>>arg&1 == 1:
			b.WriteString("(?||'')")
		default:
			b.WriteByte('?')
		}
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '?' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '*' {
			if list >= len(lists) {
				panic(fmt.Sprintf("bunstore: a list is missing for ?* in %q", text))
			}
			for j := range lists[list] {
				if j > 0 {
					b.WriteString(", ")
				}
				mark()
			}
			list++
			arg++
			i++
			continue
		}
		mark()
		arg++
	}
	return b.String()
}

// SQLiteDSN is the data source name with which a SQLite database of modernc.org/sqlite serves engawa well: a write-ahead
// log, patience with other writers, and enforced foreign keys.
func SQLiteDSN(path string) string {
	return "file:" + sqliteEscape.Replace(path) + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(ON)"
}

var sqliteEscape = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23")
