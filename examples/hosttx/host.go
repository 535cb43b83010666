package main

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/directory/sqldirectory"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/sns"
)

const tenant engawa.TenantID = "main"

// host is a groupware with tables of its own.
type host struct {
	db      *sql.DB
	dialect bunstore.Dialect
	sns     *sns.SNS
	space   feed.Space
}

func (h *host) setUp(ctx context.Context) error {
	for _, text := range []string{
		`DROP TABLE IF EXISTS host_people`, `DROP TABLE IF EXISTS host_units`, `DROP TABLE IF EXISTS host_items`,
		`CREATE TABLE host_people (id VARCHAR(64) NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, unit VARCHAR(64) NOT NULL)`,
		`CREATE TABLE host_units (code VARCHAR(64) NOT NULL PRIMARY KEY, parent VARCHAR(64))`,
		`CREATE TABLE host_items (id VARCHAR(64) NOT NULL PRIMARY KEY, title VARCHAR(100) NOT NULL, applicant VARCHAR(64) NOT NULL, approved_by VARCHAR(64))`,
		`INSERT INTO host_units VALUES ('sales', NULL), ('sales-1', 'sales'), ('affairs', NULL)`,
		`INSERT INTO host_people VALUES ('sato', '佐藤 健', 'sales'), ('tanaka', '田中 恵', 'sales-1'), ('watanabe', '渡辺 涼', 'affairs')`,
		`INSERT INTO host_items VALUES ('item-1', '展示会の出展', 'tanaka', NULL), ('item-2', '新人研修', 'tanaka', NULL), ('item-3', '名刺の追加', 'tanaka', NULL)`,
	} {
		if _, err := h.db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// directory reads people and units from the host's tables. The host has one tenant.
func (h *host) directory() (engawa.Directory, error) {
	cfg := sqldirectory.Config{
		DB:           h.db,
		Affiliations: `SELECT id AS person, unit AS org FROM host_people WHERE id = :person AND :tenant = 'main'`,
		Parents:      `SELECT code AS org, parent AS above FROM host_units WHERE code IN (:orgs) AND :tenant = 'main'`,
		Names:        `SELECT id AS person, name AS display FROM host_people WHERE id IN (:people) AND :tenant = 'main'`,
	}
	if h.dialect == bunstore.PostgreSQL {
		cfg.Placeholders = sqldirectory.Dollar
	}
	return sqldirectory.New(cfg)
}

// item is a workflow item (稟議).
type item struct {
	id, title string
	approved  bool
}

func (h *host) items(ctx context.Context) ([]item, error) {
	rows, err := h.db.QueryContext(ctx, `SELECT id, title, approved_by IS NOT NULL FROM host_items ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []item
	for rows.Next() {
		var it item
		if err := rows.Scan(&it.id, &it.title, &it.approved); err != nil {
			return nil, err
		}
		all = append(all, it)
	}
	return all, rows.Err()
}

// hostTx is a transaction of the host's, and engawa inside it.
type hostTx struct {
	*host
	ctx context.Context
	tx  *sql.Tx
	sns *sns.SNS
}

// inTx commits what f did, or takes it back if f fails.
func (h *host) inTx(ctx context.Context, f func(*hostTx) error) error {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	if err := f(&hostTx{host: h, ctx: ctx, tx: tx, sns: h.sns.With(tx)}); err != nil {
		return err
	}
	return tx.Commit()
}

// exec runs a statement of the host's; it is written with ? for every database.
func (tx *hostTx) exec(text string, args ...any) error {
	if tx.dialect == bunstore.PostgreSQL {
		for n := 1; strings.Contains(text, "?"); n++ {
			text = strings.Replace(text, "?", "$"+strconv.Itoa(n), 1)
		}
	}
	done, err := tx.tx.ExecContext(tx.ctx, text, args...)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("%d rows changed: %v", n, err)
	}
	return nil
}

// hire adds somebody to the host's people.
func (tx *hostTx) hire(id engawa.PersonID, name string, unit engawa.OrgID) error {
	return tx.exec(`INSERT INTO host_people VALUES (?, ?, ?)`, string(id), name, string(unit))
}

// approve approves an item and tells everybody. The post comes last: its space stays locked until the end.
func (tx *hostTx) approve(id string, by engawa.PersonID) error {
	if err := tx.exec(`UPDATE host_items SET approved_by = ? WHERE id = ? AND approved_by IS NULL`, string(by), id); err != nil {
		return err
	}
	return tx.post(by, "稟議 **"+id+"** を承認しました #稟議")
}

func (tx *hostTx) post(by engawa.PersonID, text string) error {
	_, err := tx.sns.Feed.Publish(tx.ctx, actor(by), feed.NewPost{Space: tx.space.ID, Body: text})
	return err
}

// posts is how many posts somebody sees inside the transaction.
func (tx *hostTx) posts(who engawa.PersonID) (int, error) {
	page, err := tx.sns.Feed.SpacePosts(tx.ctx, actor(who), tx.space.ID, feed.Window{})
	return len(page.Items), err
}
