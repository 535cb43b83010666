package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/reactionstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/reaction"
)

// react gives the newest posts of the busiest space some reactions.
func (l *lab) react(ctx context.Context, rng *rand.Rand) error {
	page, err := l.sns.SpacePosts(ctx, engawa.Actor{Tenant: tenant, Person: "typical"}, l.ids[0], feed.Window{})
	if err != nil {
		return err
	}
	kinds := []string{"like", "ryokai", "otsukaresama"}
	var items []reaction.Item
	for _, card := range page.Items {
		for range 8 {
			items = append(items, reaction.Item{Reaction: &reaction.Moved{
				Row: reaction.Row{Target: card.Ref(), Person: person(rng.IntN(l.people)), At: time.Now()}, Name: kinds[rng.IntN(len(kinds))],
			}})
		}
	}
	if _, err := l.sns.Reaction.Import(ctx, engawa.System(tenant), "lab", items); err != nil {
		return err
	}
	return l.sns.Reaction.RollUp(ctx)
}

const bareTable = `CREATE TABLE IF NOT EXISTS lab_bare (tenant_id BIGINT NOT NULL, target_kind BIGINT NOT NULL, target_id BIGINT NOT NULL, kind_n BIGINT NOT NULL,
	person_id BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (tenant_id, target_kind, target_id, kind_n, person_id))`

// bare toggles a row that nothing is counted of: DELETE, else INSERT, in one transaction.
type bare struct {
	db          *sql.DB
	off, on     *sql.Stmt
	tenantN, id int64
}

func (l *lab) newBare(ctx context.Context, tenantNumber int64) (*bare, error) {
	text := bareTable
	if l.dialect == bunstore.SQLite {
		text += ` WITHOUT ROWID`
	}
	if _, err := l.db.ExecContext(ctx, text); err != nil {
		return nil, err
	}
	b := &bare{db: l.db, tenantN: tenantNumber, id: math.MaxInt64 >> 1}
	var err error
	if b.off, err = l.prepare(ctx, `DELETE FROM lab_bare WHERE tenant_id = ? AND target_kind = ? AND target_id = ? AND kind_n = ? AND person_id = ?`); err != nil {
		return nil, err
	}
	b.on, err = l.prepare(ctx, `INSERT INTO lab_bare (tenant_id, target_kind, target_id, kind_n, person_id, at) VALUES (`+marks(6)+`)`)
	return b, err
}

func (b *bare) toggle(ctx context.Context, person int64) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	done, err := tx.StmtContext(ctx, b.off).ExecContext(ctx, b.tenantN, 1, b.id, 1, person)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		if _, err := tx.StmtContext(ctx, b.on).ExecContext(ctx, b.tenantN, 1, b.id, 1, person, time.Now().UnixMicro()); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// reactions measures toggles against the bare row and summaries against their rows.
func (l *lab) reactions(ctx context.Context) error {
	numbers, tenantNumber, err := l.numbers(ctx)
	if err != nil {
		return err
	}
	if err := l.react(ctx, rand.New(rand.NewPCG(7, 7))); err != nil {
		return err
	}
	b, err := l.newBare(ctx, tenantNumber)
	if err != nil {
		return err
	}
	store := reactionstore.New(l.store)
	page, err := l.sns.SpacePosts(ctx, engawa.Actor{Tenant: tenant, Person: "typical"}, l.ids[0], feed.Window{})
	if err != nil {
		return err
	}
	toggle := func(ctx context.Context, on engawa.Ref, who engawa.PersonID) error {
		return store.Within(ctx, func(st reaction.Store, _ engawa.Conn) error {
			_, err := st.Set(ctx, tenant, reaction.Row{Target: on, Kind: 1, Person: who, At: time.Now()}, reaction.Flip)
			return err
		})
	}
	// uncounted is the bare row in a unit of work of the same make: what the sum costs, and nothing else.
	uncounted := func(ctx context.Context, who int64) error {
		return l.store.Session().Within(ctx, func(s *bunstore.Session) error {
			n, err := s.Exec(ctx, `DELETE FROM lab_bare WHERE tenant_id = ? AND target_kind = ? AND target_id = ? AND kind_n = ? AND person_id = ?`, tenantNumber, 1, b.id, 1, who)
			if err == nil && n == 0 {
				_, err = s.Exec(ctx, `INSERT INTO lab_bare (tenant_id, target_kind, target_id, kind_n, person_id, at) VALUES (?, ?, ?, ?, ?, ?)`, tenantNumber, 1, b.id, 1, who, time.Now().UnixMicro())
			}
			return err
		})
	}
	hot := page.Items[0].Ref()
	i, j := 0, 0
	err = l.compare("react/toggle", func() error { i++; return toggle(ctx, hot, person(i%50)) },
		func() error { j++; return uncounted(ctx, numbers[person(j%50)]) })
	if err != nil {
		return err
	}
	err = l.compare("react/toggle_against_database_sql", func() error { i++; return toggle(ctx, hot, person(i%50)) },
		func() error { j++; return b.toggle(ctx, numbers[person(j%50)]) })
	if err != nil {
		return err
	}
	err = l.compare("react/toggle_through_the_service", func() error {
		i++
		_, err := l.sns.Reaction.Toggle(ctx, engawa.Actor{Tenant: tenant, Person: person(i % 50)}, hot, "like")
		return err
	}, func() error { j++; return b.toggle(ctx, numbers[person(j%50)]) })
	if err != nil {
		return err
	}
	if err := l.summaries(ctx, page.Items[0].Space, numbers["typical"], tenantNumber); err != nil {
		return err
	}
	return l.hotPost(ctx, func(ctx context.Context, n int) error { return toggle(ctx, hot, person(n)) },
		func(ctx context.Context, n int) error { return uncounted(ctx, numbers[person(n)]) })
}

// summaries measures those of a page against the same rows by key, with the names and one's own.
func (l *lab) summaries(ctx context.Context, space engawa.ID, me, tenantNumber int64) error {
	who := engawa.Actor{Tenant: tenant, Person: "typical"}
	page, err := l.sns.SpacePosts(ctx, who, space, feed.Window{})
	if err != nil {
		return err
	}
	refs, ids := make([]engawa.Ref, len(page.Items)), make([]any, len(page.Items))
	for i, c := range page.Items {
		refs[i], ids[i] = c.Ref(), int64(c.ID)
	}
	sums, err := l.newSums(ctx, len(ids))
	if err != nil {
		return err
	}
	if err := l.sns.Reaction.RollUp(ctx); err != nil {
		return err
	}
	return l.compare(fmt.Sprintf("react/summaries_of_%d", len(ids)), func() error {
		_, err := l.sns.Reaction.SummariesOfSeen(ctx, who, reaction.Seen{Refs: refs})
		return err
	}, func() error { return readSums(ctx, sums, me, tenantNumber, ids) })
}

// newSums is the statement that reads the reactions to posts by key, with the first names and one's own.
func (l *lab) newSums(ctx context.Context, n int) (*sql.Stmt, error) {
	return l.prepare(ctx, `SELECT s.target_id, s.n, k.name, k.place, COALESCE(a.host_id, ''), COALESCE(b.host_id, ''), COALESCE(c.host_id, ''), COALESCE(r.person_id, 0)
		FROM lab_reaction_sums AS s JOIN lab_reaction_kinds AS k ON k.tenant_id = s.tenant_id AND k.n = s.kind_n
		LEFT JOIN lab_people AS a ON a.id = s.first1 LEFT JOIN lab_people AS b ON b.id = s.first2 LEFT JOIN lab_people AS c ON c.id = s.first3
		LEFT JOIN lab_reactions AS r ON r.tenant_id = s.tenant_id AND r.target_kind = s.target_kind AND r.target_id = s.target_id AND r.kind_n = s.kind_n AND r.person_id = ?
		WHERE s.tenant_id = ? AND s.target_kind = 1 AND s.target_id IN (`+marks(n)+`)`)
}

func readSums(ctx context.Context, sums *sql.Stmt, me, tenantNumber int64, ids []any) error {
	found, err := sums.QueryContext(ctx, append([]any{me, tenantNumber}, ids...)...)
	if err != nil {
		return err
	}
	type row struct {
		id, n, mine, place int64
		name, a, b, c      string
	}
	all := map[int64][]row{}
	for found.Next() {
		var r row
		if err := found.Scan(&r.id, &r.n, &r.name, &r.place, &r.a, &r.b, &r.c, &r.mine); err != nil {
			return err
		}
		all[r.id] = append(all[r.id], r)
	}
	return firstError(found.Err(), found.Close())
}

// hotPost has eight writers toggle on one post, with the sum and without one, in turn.
func (l *lab) hotPost(ctx context.Context, counted, uncounted func(context.Context, int) error) error {
	const writers, stretch, turns = 8, 500 * time.Millisecond, 6
	perSecond := func(toggle func(context.Context, int) error) (float64, error) {
		var done atomic.Int64
		var wg sync.WaitGroup
		errs := make([]error, writers)
		begin := time.Now()
		for w := range writers {
			wg.Go(func() {
				for n := 0; time.Since(begin) < stretch && errs[w] == nil; n++ {
					if err := toggle(ctx, w*50+n%50); err == nil {
						done.Add(1)
					} else if l.dialect == bunstore.PostgreSQL {
						errs[w] = err
					} // elsewhere the bare row may deadlock or find the file locked
				}
			})
		}
		wg.Wait()
		return float64(done.Load()) / time.Since(begin).Seconds(), errors.Join(errs...)
	}
	var with, without float64
	for turn := range turns {
		a, err := perSecond(counted)
		if err != nil {
			return err
		}
		b, err := perSecond(uncounted)
		if err != nil {
			return err
		}
		if turn > 0 { // the first warms up
			with, without = with+a, without+b
		}
	}
	return l.out.Encode(map[string]any{
		"case": "react/hot_post_8_writers", "per_second": math.Round(with / (turns - 1)), "uncounted_per_second": math.Round(without / (turns - 1)),
		"throughput": math.Round(100*with/without) / 100,
	})
}
