package feedstore

import (
	"strings"

	"github.com/engawa-sns/engawa/bunstore"
)

// ledgers are the tables to which the feed only adds rows; of votes with names, which may be taken back, none is
// changed.
var ledgers = []struct {
	table string
	does  []string
}{
	{"acks", []string{"UPDATE", "DELETE"}},
	{"ballots", []string{"UPDATE", "DELETE"}},
	{"nudges", []string{"UPDATE", "DELETE"}},
	{"votes", []string{"UPDATE"}},
}

// HardeningSQL is an optional script, one statement each, after which the database itself refuses to change or delete
// what the feed only adds to: acknowledgements, the markers of anonymous votes, and who was told of posts without an
// answer. Who owns the tables can still drop the triggers.
//
// Nothing of the library needs it. It stands in the way of deleting a tenant: run [UnhardeningSQL] before. On MySQL with
// a binary log the account needs the right to create triggers (log_bin_trust_function_creators).
func HardeningSQL(db *bunstore.DB) []string {
	var script []string
	if db.Dialect() == bunstore.PostgreSQL {
		script = append(script, `CREATE OR REPLACE FUNCTION {ledger_refuses}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'engawa: % is a ledger: rows are only added', TG_TABLE_NAME; END $$`)
	}
	eachTrigger(func(name, table, does string) {
		switch db.Dialect() {
		case bunstore.SQLite:
			script = append(script, `CREATE TRIGGER {index `+name+`} BEFORE `+does+` ON {`+table+`} BEGIN SELECT RAISE(ABORT, 'engawa: `+table+` is a ledger: rows are only added'); END`)
		case bunstore.PostgreSQL:
			script = append(script, `CREATE TRIGGER {index `+name+`} BEFORE `+does+` ON {`+table+`} FOR EACH ROW EXECUTE FUNCTION {ledger_refuses}()`)
		case bunstore.MySQL:
			script = append(script, `CREATE TRIGGER {index `+name+`} BEFORE `+does+` ON {`+table+`} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'engawa: `+table+` is a ledger: rows are only added'`)
		}
	})
	if db.Dialect() == bunstore.PostgreSQL {
		for _, l := range ledgers {
			if len(l.does) == 2 {
				script = append(script, `CREATE TRIGGER {index `+l.table+`_truncate} BEFORE TRUNCATE ON {`+l.table+`} FOR EACH STATEMENT EXECUTE FUNCTION {ledger_refuses}()`)
			}
		}
	}
	return expanded(db, script)
}

// UnhardeningSQL undoes [HardeningSQL].
func UnhardeningSQL(db *bunstore.DB) []string {
	var script []string
	if db.Dialect() == bunstore.PostgreSQL {
		return expanded(db, []string{`DROP FUNCTION {ledger_refuses}() CASCADE`})
	}
	eachTrigger(func(name, table, _ string) { script = append(script, `DROP TRIGGER {index `+name+`}`) })
	return expanded(db, script)
}

func eachTrigger(f func(name, table, does string)) {
	for _, l := range ledgers {
		for _, does := range l.does {
			f(l.table+"_"+strings.ToLower(does), l.table, does)
		}
	}
}

func expanded(db *bunstore.DB, script []string) []string {
	for i, s := range script {
		script[i] = db.Expand(s)
	}
	return script
}
