package moderationstore

import "github.com/engawa-sns/engawa/bunstore"

// ledgers are the tables to which moderation only adds rows.
var ledgers = []string{"mod_audit", "mod_evidence", "mod_rulings", "mod_reports"}

// HardeningSQL is an optional script, one statement each, after which the database itself refuses to change or delete the
// audit trail, evidence, decisions and reports. Who owns the tables can still drop the triggers: the heads of the trail
// that the host keeps tell of that.
//
// Nothing of the library needs it. It stands in the way of deleting a tenant: run [UnhardeningSQL] before. On MySQL with
// a binary log the account needs the right to create triggers (log_bin_trust_function_creators).
func HardeningSQL(db *bunstore.DB) []string {
	var script []string
	if db.Dialect() == bunstore.PostgreSQL {
		script = append(script, `CREATE OR REPLACE FUNCTION {mod_ledger_refuses}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'engawa: % is a ledger: rows are only added', TG_TABLE_NAME; END $$`)
	}
	for _, table := range ledgers {
		for _, does := range []string{"UPDATE", "DELETE"} {
			head := `CREATE TRIGGER {index ` + table + `_` + does + `} BEFORE ` + does + ` ON {` + table + `} `
			switch db.Dialect() {
			case bunstore.SQLite:
				head += `BEGIN SELECT RAISE(ABORT, 'engawa: ` + table + ` is a ledger: rows are only added'); END`
			case bunstore.PostgreSQL:
				head += `FOR EACH ROW EXECUTE FUNCTION {mod_ledger_refuses}()`
			case bunstore.MySQL:
				head += `FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'engawa: ` + table + ` is a ledger: rows are only added'`
			}
			script = append(script, head)
		}
		if db.Dialect() == bunstore.PostgreSQL {
			script = append(script, `CREATE TRIGGER {index `+table+`_truncate} BEFORE TRUNCATE ON {`+table+`} FOR EACH STATEMENT EXECUTE FUNCTION {mod_ledger_refuses}()`)
		}
	}
	return expanded(db, script)
}

// UnhardeningSQL undoes [HardeningSQL].
func UnhardeningSQL(db *bunstore.DB) []string {
	if db.Dialect() == bunstore.PostgreSQL {
		return expanded(db, []string{`DROP FUNCTION {mod_ledger_refuses}() CASCADE`})
	}
	var script []string
	for _, table := range ledgers {
		for _, does := range []string{"UPDATE", "DELETE"} {
			script = append(script, `DROP TRIGGER {index `+table+`_`+does+`}`)
		}
	}
	return expanded(db, script)
}

func expanded(db *bunstore.DB, script []string) []string {
	for i, s := range script {
		script[i] = db.Expand(s)
	}
	return script
}
