package guidelinestore

import "github.com/engawa-sns/engawa/bunstore"

// ledgers are the tables to which only rows are added, each with when that holds of a row: always, or once it is published.
var ledgers = []struct{ table, when string }{
	{"guide_acceptances", ""}, {"guide_changes", ""}, {"guide_looks", ""}, {"guide_versions", "OLD.published_at <> 0"},
}

// HardeningSQL is an optional script, one statement each, after which the database itself refuses to change or delete
// acceptances, published versions, the change log and the looks. Who owns the tables can still drop the triggers.
//
// Nothing of the library needs it, and nothing of it stops working: somebody who left is forgotten in the people's table.
// It stands in the way of deleting a tenant: run [UnhardeningSQL] before. On MySQL with a binary log the account needs the
// right to create triggers (log_bin_trust_function_creators).
func HardeningSQL(db *bunstore.DB) []string {
	var script []string
	if db.Dialect() == bunstore.PostgreSQL {
		script = append(script, `CREATE OR REPLACE FUNCTION {guide_ledger_refuses}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'engawa: % is a ledger: rows are only added', TG_TABLE_NAME; END $$`)
	}
	for _, l := range ledgers {
		refuse := `'engawa: ` + l.table + ` is a ledger: rows are only added'`
		for _, does := range []string{"UPDATE", "DELETE"} {
			head := `CREATE TRIGGER {index ` + l.table + `_` + does + `} BEFORE ` + does + ` ON {` + l.table + `} `
			switch db.Dialect() {
			case bunstore.SQLite:
				if l.when != "" {
					head += `WHEN ` + l.when + ` `
				}
				head += `BEGIN SELECT RAISE(ABORT, ` + refuse + `); END`
			case bunstore.PostgreSQL:
				head += `FOR EACH ROW `
				if l.when != "" {
					head += `WHEN (` + l.when + `) `
				}
				head += `EXECUTE FUNCTION {guide_ledger_refuses}()`
			case bunstore.MySQL:
				signal := `SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = ` + refuse
				if l.when != "" {
					signal = `IF ` + l.when + ` THEN ` + signal + `; END IF`
				}
				head += `FOR EACH ROW ` + signal
			}
			script = append(script, head)
		}
		if db.Dialect() == bunstore.PostgreSQL {
			script = append(script, `CREATE TRIGGER {index `+l.table+`_truncate} BEFORE TRUNCATE ON {`+l.table+`} FOR EACH STATEMENT EXECUTE FUNCTION {guide_ledger_refuses}()`)
		}
	}
	return expanded(db, script)
}

// UnhardeningSQL undoes [HardeningSQL].
func UnhardeningSQL(db *bunstore.DB) []string {
	if db.Dialect() == bunstore.PostgreSQL {
		return expanded(db, []string{`DROP FUNCTION {guide_ledger_refuses}() CASCADE`})
	}
	var script []string
	for _, l := range ledgers {
		for _, does := range []string{"UPDATE", "DELETE"} {
			script = append(script, `DROP TRIGGER {index `+l.table+`_`+does+`}`)
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
