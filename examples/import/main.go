// Command import moves the conversations of another system in. It may be run again at any time: what is there already
// stays as it is.
//
//	go run ./examples/import -format slack -in export.zip -db sqlite:engawa.db
//	go run ./examples/import -db sqlite:engawa.db -read U00A
//
// The last line on standard output is JSON with what was taken in; everything else goes to standard error.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"log"
	"os"
	"slices"
	"time"

	_ "time/tzdata"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/examples/internal/dsn"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/sns"
	"github.com/engawa-sns/engawa/sns/jsonl"
	"github.com/engawa-sns/engawa/sns/mattermostexport"
	"github.com/engawa-sns/engawa/sns/slackexport"
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
	flag.StringVar(&o.format, "format", "slack", "`format` of the file: slack, mattermost or engawa (JSONL)")
	flag.StringVar(&o.db, "db", "", dsn.Help)
	flag.StringVar(&o.read, "read", "", "`person` whose home page and unread counts to print")
	flag.StringVar(&o.tenant, "tenant", "main", "`tenant` to import into")
	flag.BoolVar(&o.dryRun, "dry-run", false, "import in a transaction that is rolled back")
	flag.Parse()
	if o.db == "" || o.in == "" && o.read == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), o, os.Stdout, os.Stderr); err != nil {
		log.Fatal(engawa.In(engawa.English, err))
	}
}

func run(ctx context.Context, o options, stdout, stderr io.Writer) error {
	cfg, err := dsn.Open(o.db)
	if err != nil {
		return err
	}
	defer cfg.DB.Close()
	store, err := bunstore.New(cfg)
	if err != nil {
		return err
	}
	if err := sns.Migrate(ctx, store); err != nil {
		return err
	}
	people := anybody{}
	s, err := sns.Open(ctx, sns.Config{Store: store, Directory: people})
	if err != nil {
		return err
	}
	defer s.Close()
	var report *sns.ImportReport
	if o.in != "" {
		done, importErr := importFile(ctx, s, cfg, o, people, stderr)
		report, err = &done, importErr
	}
	if err == nil && o.read != "" {
		err = printHome(ctx, s, engawa.Actor{Tenant: engawa.TenantID(o.tenant), Person: engawa.PersonID(o.read)}, stdout)
	}
	if report != nil {
		line, jsonErr := json.Marshal(report)
		fmt.Fprintf(stdout, "%s\n", line)
		err = errors.Join(err, jsonErr)
	}
	return err
}

// importFile reads the file into the database.
func importFile(ctx context.Context, s *sns.SNS, cfg bunstore.Config, o options, people anybody, stderr io.Writer) (sns.ImportReport, error) {
	records, skipped, closer, err := open(o)
	if err != nil {
		return sns.ImportReport{}, err
	}
	defer closer.Close()
	last := time.Now()
	how := sns.Import{Tenant: engawa.TenantID(o.tenant), Progress: func(r sns.ImportReport) {
		if time.Since(last) > time.Second {
			last = time.Now()
			fmt.Fprintf(stderr, "%d spaces, %d posts, %d comments, %d already there\n", r.Spaces, r.Posts, r.Comments, r.Already)
		}
	}}
	if o.dryRun {
		tx, err := cfg.DB.BeginTx(ctx, nil)
		if err != nil {
			return sns.ImportReport{}, err
		}
		defer tx.Rollback()
		s = s.With(tx)
	}
	report, err := s.Import(ctx, people.learn(records), how)
	for _, p := range report.Problems {
		fmt.Fprintf(stderr, "skipped %s %s: %v\n", p.Kind, p.ID, p.Err)
	}
	reasons := skipped()
	for _, reason := range slices.Sorted(keys(reasons)) {
		fmt.Fprintf(stderr, "skipped %d: %s\n", reasons[reason], reason)
		report.Skipped += reasons[reason]
	}
	return report, err
}

func keys(m map[string]int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// open opens the file as a stream of records; skipped tells afterwards what the format's reader left out.
func open(o options) (records iter.Seq2[jsonl.Record, error], skipped func() map[string]int, closer io.Closer, err error) {
	switch o.format {
	case "slack":
		export, err := slackexport.OpenFile(o.in, slackexport.Options{})
		if err != nil {
			return nil, nil, nil, err
		}
		return export.Records(), export.Skipped, export, nil
	case "mattermost":
		export, err := mattermostexport.OpenFile(o.in, mattermostexport.Options{})
		if err != nil {
			return nil, nil, nil, err
		}
		return export.Records(), export.Skipped, export, nil
	case "engawa":
		f, err := os.Open(o.in)
		if err != nil {
			return nil, nil, nil, err
		}
		return jsonl.NewReader(f, o.in).All(), func() map[string]int { return nil }, f, nil
	}
	return nil, nil, nil, fmt.Errorf("format %q is not known: use slack, mattermost or engawa", o.format)
}

// printHome prints what a person sees first.
func printHome(ctx context.Context, s *sns.SNS, who engawa.Actor, out io.Writer) error {
	page, err := s.Home(ctx, who, feed.Window{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "home of %s\n", who.Person)
	for _, card := range page.Items {
		text := feed.Excerpt(card.Body, func(p engawa.PersonID) string { return string(p) }, 60)
		fmt.Fprintf(out, "  %s  [%s] %s: %s (%d comments)\n", card.PublishedAt.Format(time.DateTime), card.SpaceName, card.AuthorName.Display, text, card.Comments)
	}
	spaces, err := s.Feed.MySpaces(ctx, who)
	if err != nil {
		return err
	}
	names := map[engawa.ID]string{}
	for _, sp := range spaces {
		names[sp.ID] = sp.Name
	}
	unread, err := s.Feed.Unread(ctx, who)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "unread")
	for _, u := range unread {
		fmt.Fprintf(out, "  [%s] %d\n", names[u.Space], u.Posts)
	}
	return nil
}

// anybody is a directory for a database that has been moved in and has no org chart yet: it knows everybody, and the
// names of those who came with the file.
type anybody map[engawa.PersonID]engawa.Name

func (anybody) Affiliations(context.Context, engawa.TenantID, engawa.PersonID, time.Time) ([]engawa.Affiliation, error) {
	return nil, nil
}

// Names answers with the names in the file, and for others with their ids.
func (a anybody) Names(_ context.Context, _ engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	names := map[engawa.PersonID]engawa.Name{}
	for _, p := range people {
		names[p] = engawa.Name{Display: string(p)}
		if name, ok := a[p]; ok {
			names[p] = name
		}
	}
	return names, nil
}

// learn passes records on and remembers the names among them.
func (a anybody) learn(records iter.Seq2[jsonl.Record, error]) iter.Seq2[jsonl.Record, error] {
	return func(yield func(jsonl.Record, error) bool) {
		for record, err := range records {
			if p, ok := record.(jsonl.Person); ok && p.Display != "" {
				a[engawa.PersonID(p.ID)] = engawa.Name{Display: p.Display, Reading: p.Reading}
			}
			if !yield(record, err) {
				return
			}
		}
	}
}
