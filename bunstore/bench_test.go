package bunstore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// BenchmarkRead compares reads by primary key with prepared statements on database/sql. The two take turns in the same
// run, and their ratio is reported as "xraw".
func BenchmarkRead(b *testing.B) {
	for _, d := range []bunstore.Dialect{bunstore.SQLite, bunstore.PostgreSQL, bunstore.MySQL} {
		b.Run(string(d), func(b *testing.B) {
			db := dbtest.On(b, d)
			store := db.Migrated(notes())
			s := store.Session()
			ctx := b.Context()
			var rows []note
			for i := range 1000 {
				rows = append(rows, note{ID: int64(i), TenantID: 1, Code: fmt.Sprint(i), Body: "お疲れさまです。本日の進捗を共有します。", N: 1})
			}
			if _, err := bunstore.Insert(ctx, s, "notes", "", rows...); err != nil {
				b.Fatal(err)
			}
			marks := []string{"?", "?", "?", "?", "?", "?", "?", "?", "?", "?", "?", "?", "?", "?", "?", "?", "?", "?", "?", "?"}
			if d == bunstore.PostgreSQL {
				for i := range marks {
					marks[i] = fmt.Sprintf("$%d", i+1)
				}
			}
			const head = `SELECT id, tenant_id, code, body, n FROM engawa_notes WHERE id `
			one, err := db.SQL.Prepare(head + "= " + marks[0])
			if err != nil {
				b.Fatal(err)
			}
			in := head + "IN (" + marks[0]
			for _, m := range marks[1:] {
				in += ", " + m
			}
			many, err := db.SQL.Prepare(in + ")")
			if err != nil {
				b.Fatal(err)
			}
			twenty := func(i int) (list bunstore.List, args []any) {
				for j := range 20 {
					id := int64((i*37 + j*41) % 1000)
					list, args = append(list, id), append(args, id)
				}
				return list, args
			}
			versus(b, "1", func(i int) error {
				var n note
				_, err := s.One(ctx, &n, `SELECT id, tenant_id, code, body, n FROM {notes} WHERE id = ?`, int64(i*37%1000))
				return err
			}, func(i int) error {
				var n note
				rows, err := one.QueryContext(ctx, int64(i*37%1000))
				if err != nil {
					return err
				}
				defer rows.Close()
				rows.Next()
				return rows.Scan(&n.ID, &n.TenantID, &n.Code, &n.Body, &n.N)
			})
			versus(b, "20", func(i int) error {
				list, _ := twenty(i)
				var all []note
				return s.Rows(ctx, &all, `SELECT id, tenant_id, code, body, n FROM {notes} WHERE id IN (?*)`, list)
			}, func(i int) error {
				_, args := twenty(i)
				rows, err := many.QueryContext(ctx, args...)
				if err != nil {
					return err
				}
				defer rows.Close()
				var all []note
				for rows.Next() {
					var n note
					if err := rows.Scan(&n.ID, &n.TenantID, &n.Code, &n.Body, &n.N); err != nil {
						return err
					}
					all = append(all, n)
				}
				if len(all) == 0 {
					return errors.New("nothing was read")
				}
				return rows.Err()
			})
		})
	}
}

func versus(b *testing.B, name string, ours, raw func(int) error) {
	b.Run(name, func(b *testing.B) {
		for i := range 10 { // until everything is prepared
			if err := ours(i); err != nil {
				b.Fatal(err)
			}
		}
		var spent [2]time.Duration
		for i := 0; b.Loop(); i++ {
			for j, f := range []func(int) error{ours, raw} {
				start := time.Now()
				if err := f(i); err != nil {
					b.Fatal(err)
				}
				spent[j] += time.Since(start)
			}
		}
		b.ReportMetric(float64(spent[0])/float64(spent[1]), "xraw")
	})
}
