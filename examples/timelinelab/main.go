// Command timelinelab loads a synthetic company and measures the timelines against their floors: the same rows by
// primary key, in prepared statements on database/sql, in the same run.
//
//	go run ./examples/timelinelab -driver sqlite -posts 100000
//	go run ./examples/timelinelab -driver postgres -dsn postgres://postgres@127.0.0.1/lab -posts 100000
//
// It prints a line of JSON for each case: {"case":…,"p50_us":…,"p99_us":…,"floor_p50_us":…,"ratio":…}. Each round runs
// the case and its floor one after the other, so that what else the machine does meets both; ratios are those of the
// medians. Without -dsn a SQLite database in a temporary folder is used; a given database keeps the company, in tables
// with the prefix lab_, and is not loaded again.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "time/tzdata"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/examples/internal/dsn"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/sns"
)

// options are the command line.
type options struct {
	driver, dsn           string
	posts, people, spaces int
	rounds                int
	only                  string
	verbose               bool
}

func main() {
	log.SetFlags(0)
	var o options
	flag.StringVar(&o.driver, "driver", "sqlite", "`driver`: sqlite, postgres or mysql")
	flag.StringVar(&o.dsn, "dsn", "", dsn.Help+"; defaults to a temporary SQLite file")
	flag.IntVar(&o.posts, "posts", 100_000, "`number` of posts")
	flag.IntVar(&o.people, "people", 10_000, "`number` of people")
	flag.IntVar(&o.spaces, "spaces", 2_000, "`number` of spaces")
	flag.IntVar(&o.rounds, "rounds", 300, "`number` of rounds of each case")
	flag.StringVar(&o.only, "only", "", "`cases` to measure, such as reactions; defaults to all")
	flag.BoolVar(&o.verbose, "v", false, "print the floors' statements and compare their rows")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, o options) (err error) {
	if least := 250; o.spaces < least {
		return fmt.Errorf("-spaces %d: at least %d are needed, so that one reader can be in 200", o.spaces, least)
	}
	if o.dsn == "" {
		if o.driver != "sqlite" {
			return fmt.Errorf("-driver %s needs a -dsn such as %s://user@127.0.0.1/lab", o.driver, o.driver)
		}
		dir, err := os.MkdirTemp("", "engawa-timelinelab-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		o.dsn = "sqlite:" + filepath.Join(dir, "lab.db")
	}
	cfg, err := dsn.Open(o.dsn)
	if err != nil {
		return err
	}
	defer cfg.DB.Close()
	cfg.TablePrefix = "lab_"
	store, err := bunstore.New(cfg)
	if err != nil {
		return err
	}
	if err := sns.Migrate(ctx, store); err != nil {
		return err
	}
	lab := &lab{options: o, db: cfg.DB, dialect: cfg.Dialect, store: store, out: json.NewEncoder(os.Stdout)}
	if err := lab.open(ctx); err != nil {
		return err
	}
	defer lab.sns.Close()
	steps := []struct {
		name string
		run  func(context.Context) error
	}{
		{"reactions", lab.reactions}, {"homes", lab.homes}, {"spaces", lab.spacesAndThreads}, {"unanswered", lab.unanswered},
		{"notices", lab.notices}, {"unread", lab.unread}, {"rows", lab.rows}, {"publish", lab.publish},
	}
	var names []string
	for _, step := range steps {
		names = append(names, step.name)
	}
	if o.only != "" && !slices.Contains(names, o.only) {
		return fmt.Errorf("-only %s: choose one of %s", o.only, strings.Join(names, ", "))
	}
	if err := lab.load(ctx); err != nil {
		return err
	}
	for _, r := range readers { // the page from which people come to all others
		if _, err := lab.sns.Home(ctx, engawa.Actor{Tenant: tenant, Person: r.person}, feed.Window{}); err != nil {
			return err
		}
	}
	for _, step := range steps {
		if o.only == "" || o.only == step.name {
			if err := step.run(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// result is one line of output.
type result struct {
	Case    string  `json:"case"`
	P50     float64 `json:"p50_us"`
	P99     float64 `json:"p99_us"`
	Floor50 float64 `json:"floor_p50_us"`
	Ratio   float64 `json:"ratio"`
}

// compare runs a case and its floor in turn and prints the medians.
func (l *lab) compare(name string, run, floor func() error) error {
	var ours, theirs []time.Duration
	for i := range l.rounds + l.rounds/10 {
		for _, side := range []struct {
			f   func() error
			all *[]time.Duration
		}{{run, &ours}, {floor, &theirs}} {
			start := time.Now()
			if err := side.f(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if i >= l.rounds/10 { // the first rounds prepare statements and fill caches
				*side.all = append(*side.all, time.Since(start))
			}
		}
	}
	r := result{Case: name, P50: quantile(ours, 0.5), P99: quantile(ours, 0.99), Floor50: quantile(theirs, 0.5)}
	r.Ratio = math.Round(100*r.P50/r.Floor50) / 100
	return l.out.Encode(r)
}

// quantile is a quantile in microseconds.
func quantile(all []time.Duration, q float64) float64 {
	slices.Sort(all)
	d := all[min(len(all)-1, int(q*float64(len(all))))]
	return math.Round(float64(d.Nanoseconds())/100) / 10
}
