package hourstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/hourstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// chart is a directory whose people move while a test runs.
type chart struct {
	mu    sync.Mutex
	posts map[engawa.PersonID][]engawa.Affiliation
}

func (c *chart) Affiliations(_ context.Context, _ engawa.TenantID, person engawa.PersonID, _ time.Time) ([]engawa.Affiliation, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	posts, ok := c.posts[person]
	if !ok {
		return nil, engawa.ErrUnknownPerson
	}
	return posts, nil
}

func (c *chart) move(person engawa.PersonID, posts ...engawa.Affiliation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.posts[person] = posts
}

var steward = engawa.Actor{Tenant: "main", Person: "u-sato"}

func span(text string) calendar.Span {
	s, err := calendar.ParseSpan(text)
	if err != nil {
		panic(err)
	}
	return s
}

// friday is in an ordinary week.
var friday = calendar.Date{Year: 2026, Month: time.June, Day: 12}

func TestTheNarrowerHold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		dir := &chart{posts: map[engawa.PersonID][]engawa.Affiliation{}}
		dir.move("u-tanaka", engawa.Affiliation{Org: "sales", Kind: engawa.Concurrent}, engawa.Affiliation{Org: "plant", Main: true})
		dir.move("u-suzuki", engawa.Affiliation{Org: "sales"})
		bun := db.Migrated(hourstore.Migrations())
		ctx := t.Context()
		open := func() *hourstore.Store {
			st, err := hourstore.New(bun, hourstore.Config{Directory: dir})
			if err != nil {
				t.Fatal(err)
			}
			return st
		}
		st, other := open(), open() // as two processes
		want := func(tenant, person, hours string) {
			t.Helper()
			for range 2 { // read, and remembered
				for _, s := range []*hourstore.Store{st, other} {
					got, err := s.Schedule(ctx, tenant, person)
					if err != nil {
						t.Fatal(err)
					}
					if text := fmt.Sprint(got.Zone(), got.Day(friday).Spans); text != hours {
						t.Errorf("%s of %s has %s, want %s", person, tenant, text, hours)
					}
				}
			}
		}
		put := func(of hourstore.Of, h calendar.Hours) {
			t.Helper()
			if err := st.Put(ctx, steward, of, h); err != nil {
				t.Fatal(err)
			}
		}
		want("main", "", "Asia/Tokyo [09:00-12:00 13:00-18:00]")
		want("main", "u-tanaka", "Asia/Tokyo [09:00-12:00 13:00-18:00]")
		put(hourstore.Tenant(), calendar.Hours{Zone: "Asia/Seoul", Week: calendar.Weekdays(span("10:00-19:00"))})
		want("main", "", "Asia/Seoul [10:00-19:00]")
		want("main", "u-tanaka", "Asia/Seoul [10:00-19:00]")
		put(hourstore.Org("plant"), calendar.Hours{Week: calendar.Week{time.Friday: {span("06:00-14:00")}}})
		want("main", "u-tanaka", "Asia/Seoul [06:00-14:00]")
		want("main", "u-suzuki", "Asia/Seoul [10:00-19:00]")
		put(hourstore.Person("u-tanaka"), calendar.Hours{Week: calendar.Week{time.Friday: {}}})
		want("main", "u-tanaka", "Asia/Seoul []")
		put(hourstore.Person("u-tanaka"), calendar.Hours{})
		want("main", "u-tanaka", "Asia/Seoul [06:00-14:00]")
		dir.move("u-tanaka", engawa.Affiliation{Org: "sales", Main: true}) // 人事異動
		want("main", "u-tanaka", "Asia/Seoul [10:00-19:00]")
		want("twin", "u-tanaka", "Asia/Tokyo [09:00-12:00 13:00-18:00]")

		if _, err := st.Schedule(ctx, "main", "u-nobody"); !errors.Is(err, engawa.NotFound) {
			t.Errorf("of nobody: %v", err)
		}
		for _, bad := range []calendar.Hours{
			{Zone: "Asia/Nowhere"}, {Holidays: []string{"mars"}}, {Week: calendar.Week{time.Friday: {{From: 600, To: 500}}}},
		} {
			err := st.Put(ctx, steward, hourstore.Tenant(), bad)
			var e *engawa.Error
			if !errors.Is(err, engawa.Invalid) || !errors.As(err, &e) || len(e.Fields) == 0 {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if h, ok, err := st.Stored(ctx, "main", hourstore.Org("plant")); err != nil || !ok || len(h.Week) != 1 {
			t.Errorf("stored: %+v, %v, %v", h, ok, err)
		}
		if h, ok, err := st.Stored(ctx, "twin", hourstore.Org("plant")); err != nil || ok {
			t.Errorf("stored for another tenant: %+v, %v, %v", h, ok, err)
		}
		of, _, err := st.All(ctx, "main")
		if err != nil || fmt.Sprint(of) != "[{ } { u-tanaka} {plant }]" {
			t.Errorf("all: %v, %v", of, err)
		}
	})
}

func TestInTheHostsOwnTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		db.Migrated(hourstore.Migrations())
		dir := &chart{posts: map[engawa.PersonID][]engawa.Affiliation{"u-tanaka": nil}}
		pool := db.OneConn()
		st, err := hourstore.New(db.New(pool), hourstore.Config{Directory: dir})
		if err != nil {
			t.Fatal(err)
		}
		tx, err := pool.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		bound := st.Bind(tx).(*hourstore.Store)
		if err := bound.Put(t.Context(), steward, hourstore.Tenant(), calendar.Hours{Zone: "Asia/Seoul"}); err != nil {
			t.Fatal(err)
		}
		if s, err := bound.Schedule(t.Context(), "main", "u-tanaka"); err != nil || s.Zone().String() != "Asia/Seoul" {
			t.Errorf("inside: %v", err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if s, err := st.Schedule(t.Context(), "main", "u-tanaka"); err != nil || s.Zone().String() != "Asia/Tokyo" {
			t.Errorf("after a rollback: %v", err)
		}
	})
}
