package moderation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/moderation"
)

// TestEveryRowOfTheTrail changes a byte in each kind of row that the trail speaks of, and takes each out.
func TestEveryRowOfTheTrail(t *testing.T) {
	each(t, func(w *world) {
		w.trail()
		w.report("rev2", w.chat.say("1", "お前のせいだ、<@bob>", "anna", "bob"))
		w.rule("law", w.only("law"), moderation.NewRuling{Action: moderation.Keep, Why: "<@bob> に確認しました"})
		writing := moderation.Writing{By: as("chief"), Text: "お前のせいで失注した。", About: []engawa.PersonID{"anna"}}
		f, err := w.s.Foresee(w.ctx, writing)
		w.must(err)
		j, err := w.s.Judge(w.ctx, writing, f)
		w.must(err)
		w.must(w.s.Record(w.ctx, as("chief"), j, moderation.Kept{On: engawa.Ref{Kind: "chat", ID: "9"}}, moderation.Route{}))
		w.drain()
		w.must(w.s.VerifyRecords(w.ctx, steward()))
		w.kind(w.s.VerifyRecords(w.ctx, as("anna")), engawa.Denied)
		bun := w.db.New(nil)
		for _, c := range []struct{ table, column, to string }{
			{"mod_reports", "clause", "'4'"}, {"mod_reports", "why", "'x'"}, {"mod_reports", "at", "at + 1"},
			{"mod_evidence", "body", "'x'"},
			{"mod_rulings", "action", "'keep'"}, {"mod_rulings", "why", "'x'"}, {"mod_rulings", "clause", "'x'"}, {"mod_rulings", "round", "round + 1"},
			{"mod_appeals", "why", "'x'"}, {"mod_appeals", "side", "'reporter'"},
			{"mod_sanctions", "grade", "grade + 1"}, {"mod_sanctions", "until_at", "until_at - 1"}, {"mod_sanctions", "review", "1 - review"},
			{"mod_cases", "state", "'claimed'"}, {"mod_cases", "last_action", "'remove'"}, {"mod_cases", "ruled_at", "ruled_at + 1"},
			{"mod_records", "outcome", "1"}, {"mod_records", "policy", "'x'"}, {"mod_records", "facts", "'{}'"},
			{"mod_policies", "source", "'x'"}, {"mod_policies", "test", "'{}'"},
		} {
			table := bun.Expand("{" + c.table + "}")
			var id, was any
			w.must(w.db.SQL.QueryRowContext(w.ctx, "SELECT MIN(id) FROM "+table).Scan(&id))
			set := func(to string) {
				w.Helper()
				_, err := w.db.SQL.ExecContext(w.ctx, "UPDATE "+table+" SET "+c.column+" = "+to+" WHERE id = "+number(id))
				w.must(err)
			}
			w.must(w.db.SQL.QueryRowContext(w.ctx, "SELECT "+c.column+" FROM "+table+" WHERE id = "+number(id)).Scan(&was))
			set(c.to)
			if err := w.s.VerifyRecords(w.ctx, steward()); engawa.KindOf(err) != engawa.Conflict {
				w.Errorf("%s.%s = %s is not found: %v", c.table, c.column, c.to, err)
			}
			set(literal(was))
			if err := w.s.VerifyRecords(w.ctx, steward()); err != nil {
				w.Fatalf("%s.%s as it was: %v", c.table, c.column, err)
			}
		}
		// Whoever is forgotten changes nothing; a row that is gone is found.
		w.must(w.s.Forget(w.ctx, system, "bob"))
		w.must(w.s.Forget(w.ctx, system, "rev1"))
		w.must(w.s.VerifyRecords(w.ctx, steward()))
		_, err = w.db.SQL.ExecContext(w.ctx, bun.Expand("DELETE FROM {mod_reports}"))
		w.must(err)
		w.kind(w.s.VerifyRecords(w.ctx, steward()), engawa.Conflict)
	})
}

// only is the one case that waits for somebody.
func (w *world) only(p engawa.PersonID) engawa.ID {
	w.Helper()
	ids := w.queue(p)
	if len(ids) != 1 {
		w.Fatalf("%s has %d cases", p, len(ids))
	}
	return ids[0]
}

func number(v any) string { return strings.Trim(literal(v), "'") }

// literal is a value of a column as SQL.
func literal(v any) string {
	switch v := v.(type) {
	case []byte:
		return literal(string(v))
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	}
	return fmt.Sprint(v)
}
