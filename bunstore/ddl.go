package bunstore

import "strings"

// ddl are the macros of migrations beside those of statements: {serial} a row number that the database gives, {id} an
// engawa.ID as primary key, {int} a whole number of 64 bits, {bytes n} a text of at most n bytes that is compared byte
// by byte, {text} a text for people, {table} and {clustered} what follows the columns (clustered: the primary key has
// several columns and rows are read along it). A statement that begins with {sqlite} is for SQLite alone.
var ddl = map[Dialect]map[string]string{
	SQLite: {
		"sqlite": "", "next place": nextPlace,
		"serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "id": "INTEGER PRIMARY KEY", "int": "INTEGER", "text": "TEXT",
		"table": "", "clustered": " WITHOUT ROWID",
		// Without AUTOINCREMENT: see [nextPlace].
		"events table": `CREATE TABLE {events} (
  seq {id},` + eventColumns + `
){table};`,
	},
	PostgreSQL: {
		"sqlite": notHere,
		"serial": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "id": "bigint PRIMARY KEY", "int": "bigint", "text": "text",
		"table": "", "clustered": "",
		"events table": `CREATE TABLE {events} (
  id {serial},
  seq {int},` + eventColumns + `
){table};

CREATE UNIQUE INDEX {index events_seq} ON {events} (seq);

CREATE INDEX {index events_new} ON {events} (id) WHERE seq IS NULL;`,
	},
	MySQL: {
		"sqlite": notHere,
		"serial": "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", "id": "BIGINT NOT NULL PRIMARY KEY", "int": "BIGINT", "text": "MEDIUMTEXT",
		"table":     " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
		"clustered": " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
		"events table": `CREATE TABLE {events} (
  id {serial},
  seq {int},` + eventColumns + `
){table};

CREATE UNIQUE INDEX {index events_seq} ON {events} (seq);`,
	},
}

// notHere begins a statement of a migration that is for other databases.
const notHere = "-- not here "

const eventColumns = `
  tenant_id {int} NOT NULL,
  verb {bytes 64} NOT NULL,
  subject {bytes 260} NOT NULL,
  version {int} NOT NULL,
  actor_id {int} NOT NULL,
  person_id {int} NOT NULL,
  space_id {int} NOT NULL,
  at {int} NOT NULL,
  payload {text} NOT NULL`

// expandDDL writes the macros of a migration out.
func (db *DB) expandDDL(text string) string {
	macros := ddl[db.cfg.Dialect]
	for { // {events table} holds macros itself
		next := macroForm.ReplaceAllStringFunc(text, func(m string) string {
			name := m[1 : len(m)-1]
			if s, ok := macros[name]; ok {
				return s
			}
			if size, ok := strings.CutPrefix(name, "bytes "); ok {
				switch db.cfg.Dialect {
				case PostgreSQL:
					return `text COLLATE "C"`
				case MySQL:
					return "VARBINARY(" + size + ")"
				}
				return "TEXT"
			}
			return db.expand(m)
		})
		if next == text {
			return text
		}
		text = next
	}
}
