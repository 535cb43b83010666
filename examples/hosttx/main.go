// Command hosttx shows engawa inside a host's own transaction: a small groupware with tables for people, units and
// workflow items approves an item and publishes a post, both or neither. The directory reads the same tables, so somebody
// who was hired in that very transaction may write already.
//
//	go run ./examples/hosttx
//	go run ./examples/hosttx -db postgres://user@host/name
//
// It makes tables whose names begin with host_ and engawa_.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	_ "time/tzdata"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/examples/internal/dsn"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/sns"
)

func main() {
	log.SetFlags(0)
	db := flag.String("db", "", dsn.Help+" (default a new SQLite file in a temporary folder)")
	flag.Parse()
	dir, err := os.MkdirTemp("", "engawa-hosttx-")
	if err != nil {
		log.Fatal(err)
	}
	err = open(context.Background(), cmp.Or(*db, "sqlite:"+filepath.Join(dir, "host.db")), os.Stdout)
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
}

func open(ctx context.Context, name string, out io.Writer) error {
	cfg, err := dsn.Open(name)
	if err != nil {
		return err
	}
	defer cfg.DB.Close()
	return run(ctx, cfg, out)
}

// run tells the story over a database.
func run(ctx context.Context, cfg bunstore.Config, out io.Writer) error {
	h := &host{db: cfg.DB, dialect: cfg.Dialect}
	if err := h.setUp(ctx); err != nil {
		return err
	}
	dir, err := h.directory()
	if err != nil {
		return err
	}
	store, err := bunstore.New(cfg)
	if err != nil {
		return err
	}
	if err := sns.Migrate(ctx, store); err != nil {
		return err
	}
	if h.sns, err = sns.Open(ctx, sns.Config{Store: store, Directory: dir}); err != nil {
		return err
	}
	defer h.sns.Close()
	st := &story{ctx: ctx, host: h, out: out}
	for _, scene := range []func() error{st.space, st.approve, st.changeOfMind, st.newcomer, st.refused} {
		if err := scene(); err != nil {
			return err
		}
	}
	return nil
}

// story is what happens at the company.
type story struct {
	ctx  context.Context
	host *host
	out  io.Writer
}

func (st *story) title(ja, en string) { fmt.Fprintf(st.out, "\n■ %s\n  (%s)\n", ja, en) }

func (st *story) say(format string, args ...any) { fmt.Fprintf(st.out, "  "+format+"\n", args...) }

func actor(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: tenant, Person: p} }

func (st *story) space() error {
	st.title("稟議のスペースは営業部と、その下の課が読める", "a space for the sales department and its sections")
	var err error
	st.host.space, err = st.host.sns.Feed.CreateSpace(st.ctx, actor("sato"), feed.NewSpace{
		Name:    "稟議のお知らせ",
		Purpose: feed.Purpose{Why: "決まったことを、決まったときに知る"},
		Access:  []feed.Key{feed.InOrgOrBelow("sales")},
		Join:    feed.JoinAuto,
	})
	if err != nil {
		return err
	}
	return st.show()
}

func (st *story) approve() error {
	st.title("承認と投稿は一つのトランザクション", "approving and posting are one transaction")
	err := st.host.inTx(st.ctx, func(tx *hostTx) error { return tx.approve("item-1", "sato") })
	return errors.Join(err, st.show())
}

// errChanged ends a transaction that the host does not want after all.
var errChanged = errors.New("the host has changed its mind")

func (st *story) changeOfMind() error {
	st.title("ロールバックすれば、承認も投稿も残らない", "after a rollback neither is left")
	err := st.host.inTx(st.ctx, func(tx *hostTx) error {
		if err := tx.approve("item-2", "sato"); err != nil {
			return err
		}
		if err := tx.hire("ito", "伊藤 蓮", "sales-1"); err != nil {
			return err
		}
		if err := tx.post("ito", "よろしくお願いします"); err != nil {
			return err
		}
		n, err := tx.posts("ito")
		if err != nil {
			return err
		}
		st.say("トランザクションの中では、伊藤さんに投稿が%d件見える", n)
		return errChanged
	})
	if !errors.Is(err, errChanged) {
		return fmt.Errorf("the transaction should have been rolled back: %v", err)
	}
	if _, err := st.host.sns.Feed.Home(st.ctx, actor("ito"), feed.Window{}); !errors.Is(err, engawa.NotFound) {
		return fmt.Errorf("nobody should know ito: %v", err)
	}
	st.say("ロールバックの後、伊藤さんを知る人はいない")
	return st.show()
}

func (st *story) newcomer() error {
	st.title("同じトランザクションで入社した人が、もう投稿できる", "somebody who was hired in the same transaction may write already")
	err := st.host.inTx(st.ctx, func(tx *hostTx) error {
		if err := tx.hire("ito", "伊藤 蓮", "sales-1"); err != nil {
			return err
		}
		if err := tx.approve("item-2", "sato"); err != nil {
			return err
		}
		return tx.post("ito", "営業一課に入りました。よろしくお願いします")
	})
	return errors.Join(err, st.show())
}

func (st *story) refused() error {
	st.title("投稿できなければ、理由が返る。ホストは続けるか戻すかを選べる", "a post that is refused says why, and the host decides what becomes of its own work")
	err := st.host.inTx(st.ctx, func(tx *hostTx) error {
		var refused *engawa.Error
		if err := tx.post("watanabe", "見えますか"); !errors.As(err, &refused) || refused.Kind != engawa.NotFound {
			return fmt.Errorf("somebody outside of the department should not find the space: %v", err)
		}
		st.say("%s", refused.Message.In(engawa.Japanese))
		st.say("%s", refused.Message.In(engawa.English))
		return tx.approve("item-3", "sato") // the transaction is as usable as before
	})
	return errors.Join(err, st.show())
}

// show prints the host's table and engawa's, as everybody else sees them.
func (st *story) show() error {
	items, err := st.host.items(st.ctx)
	if err != nil {
		return err
	}
	for _, it := range items {
		st.say("%s %s: %s", it.id, it.title, map[bool]string{false: "申請中", true: "承認済"}[it.approved])
	}
	page, err := st.host.sns.SpacePosts(st.ctx, actor("sato"), st.host.space.ID, feed.Window{})
	if err != nil {
		return err
	}
	for _, card := range page.Items {
		text := feed.Excerpt(card.Body, func(p engawa.PersonID) string { return string(p) }, 60)
		st.say("[%s] %s: %s", card.SpaceName, card.AuthorName.Display, text)
	}
	if len(page.Items) == 0 {
		st.say("投稿はまだない")
	}
	return nil
}
