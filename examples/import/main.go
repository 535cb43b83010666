// Command import moves the conversations of another system in. It may be run again at any time, also after it was
// interrupted: what is there already stays as it is.
//
//	go run ./examples/import -format slack -in export.zip -db sqlite:engawa.db
//	go run ./examples/import -format mattermost -in export.zip -db sqlite:engawa.db -dry-run
//	go run ./examples/import -db sqlite:engawa.db -read U00A
//
// The last line on standard output is JSON with what was taken in; everything else goes to standard error. What could
// not be read ends it with an error that names the place, and a status that is not zero; what came before stays.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	_ "time/tzdata"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/examples/internal/dsn"
	"github.com/engawa-sns/engawa/sns"
)

// options are the command line.
type options struct {
	in, format, db, read, tenant string
	dryRun                       bool
}

func main() {
	log.SetFlags(0)
	var o options
	flag.StringVar(&o.in, "in", "", "`file` to import")
	flag.StringVar(&o.format, "format", "slack", "`format` of the file: "+formats)
	flag.StringVar(&o.db, "db", "", dsn.Help)
	flag.StringVar(&o.read, "read", "", "`person` whose home page and unread counts to print")
	flag.StringVar(&o.tenant, "tenant", "main", "`tenant` to import into")
	flag.BoolVar(&o.dryRun, "dry-run", false, "write nothing: import in a transaction that is rolled back")
	flag.Parse()
	if o.db == "" || o.in == "" && o.read == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), o, os.Stdout, os.Stderr); err != nil {
		log.Fatal(oneLine(err))
	}
}

// oneLine is an error's text; drivers write some over several lines.
func oneLine(err error) string {
	return strings.Join(strings.Fields(engawa.In(engawa.English, err)), " ")
}

func run(ctx context.Context, o options, stdout, stderr io.Writer) error {
	cfg, err := dsn.Open(o.db)
	if err != nil {
		return err
	}
	defer cfg.DB.Close()
	return runOn(ctx, cfg, o, stdout, stderr)
}

// runOn runs over a database that is open.
func runOn(ctx context.Context, cfg bunstore.Config, o options, stdout, stderr io.Writer) error {
	var records *source
	if o.in != "" { // before the database is touched
		var err error
		if records, err = open(o.format, o.in); err != nil {
			return err
		}
		defer records.close()
	}
	if o.dryRun {
		instead, remove, err := emptyInstead(ctx, cfg, o.db)
		if err != nil {
			return err
		}
		defer remove()
		cfg = instead
	}
	store, err := bunstore.New(cfg)
	if err != nil {
		return err
	}
	people := anybody{}
	s, err := ready(ctx, store, people, o)
	if err != nil {
		return err
	}
	defer s.Close()
	if records != nil {
		report, importErr := take(ctx, s, cfg, o, records.learn(people), stderr)
		records.report(stderr, &report)
		line, err := json.Marshal(report)
		if importErr == nil && err == nil && o.read != "" {
			err = printHome(ctx, s, actor(o), stdout)
		}
		fmt.Fprintf(stdout, "%s\n", line)
		if importErr != nil {
			return importErr
		}
		return err
	}
	return printHome(ctx, s, actor(o), stdout)
}

func actor(o options) engawa.Actor {
	return engawa.Actor{Tenant: engawa.TenantID(o.tenant), Person: engawa.PersonID(o.read)}
}

// ready brings the tables up, unless nothing is to be written.
func ready(ctx context.Context, store *bunstore.DB, people anybody, o options) (*sns.SNS, error) {
	if !o.dryRun {
		if err := sns.Migrate(ctx, store); err != nil {
			return nil, err
		}
	}
	return sns.Open(ctx, sns.Config{Store: store, Directory: people})
}

// take reads the records into the database.
func take(ctx context.Context, s *sns.SNS, cfg bunstore.Config, o options, records *source, stderr io.Writer) (sns.ImportReport, error) {
	shown := newProgress(stderr)
	defer shown.end()
	how := sns.Import{Tenant: engawa.TenantID(o.tenant), Progress: shown.show}
	if !o.dryRun {
		return s.Import(ctx, records.records, how)
	}
	tx, err := cfg.DB.BeginTx(ctx, nil)
	if err != nil {
		return sns.ImportReport{}, err
	}
	report, err := s.With(tx).Import(ctx, records.records, how)
	return report, errors.Join(err, tx.Rollback())
}
