// Command otel shows engawa's operations as OpenTelemetry spans: observer.go is the adapter of [engawa.Observer] that a
// host can copy, the rest is a small company whose spans are printed as a tree.
//
//	go run ./examples/otel
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	_ "time/tzdata"

	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	_ "modernc.org/sqlite"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/sns"
)

func main() {
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "engawa-otel-")
	if err != nil {
		log.Fatal(err)
	}
	err = run(context.Background(), filepath.Join(dir, "engawa.db"), os.Stdout)
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
}

const tenant engawa.TenantID = "main"

func actor(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: tenant, Person: p} }

func run(ctx context.Context, file string, out io.Writer) error {
	spans := &tree{}
	provider := sdk.NewTracerProvider(sdk.WithSyncer(spans))
	db, err := sql.Open("sqlite", bunstore.SQLiteDSN(file))
	if err != nil {
		return err
	}
	defer db.Close()
	store, err := bunstore.New(bunstore.Config{DB: db, Dialect: bunstore.SQLite})
	if err != nil {
		return err
	}
	if err := sns.Migrate(ctx, store); err != nil {
		return err
	}
	people, err := directory.New(directory.Chart{Tenant: tenant, People: []directory.Person{{ID: "sato"}, {ID: "tanaka"}}})
	if err != nil {
		return err
	}
	s, err := sns.Open(ctx, sns.Config{Store: store, Directory: people, Observer: newObserver(provider)})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := requests(ctx, s, provider.Tracer("host")); err != nil {
		return err
	}
	if err := provider.Shutdown(ctx); err != nil {
		return err
	}
	return spans.print(out)
}

// requests are what a host does, each with a span of its own.
func requests(ctx context.Context, s *sns.SNS, host trace.Tracer) error {
	var space feed.Space
	for _, r := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"POST /spaces", func(ctx context.Context) (err error) {
			space, err = s.Feed.CreateSpace(ctx, actor("sato"), feed.NewSpace{Name: "雑談", Join: feed.JoinAuto})
			return err
		}},
		{"POST /posts", func(ctx context.Context) error {
			post, err := s.Feed.Publish(ctx, actor("sato"), feed.NewPost{Space: space.ID, Body: "これは属性に残らない本文です"})
			if err != nil {
				return err
			}
			_, err = s.Feed.Comment(ctx, actor("tanaka"), feed.NewComment{Post: post.ID, Body: "返信"})
			return err
		}},
		{"GET /home", func(ctx context.Context) error {
			_, err := s.Home(ctx, actor("tanaka"), feed.Window{})
			return err
		}},
		{"POST /posts", func(ctx context.Context) error {
			_, err := s.Feed.Publish(ctx, actor("nobody"), feed.NewPost{Space: space.ID, Body: "知らない人"})
			if !errors.Is(err, engawa.NotFound) {
				return fmt.Errorf("nobody should be unknown: %v", err)
			}
			return nil
		}},
		{"GET /home", func(ctx context.Context) error {
			gone, cancel := context.WithCancel(ctx) // the reader closes the window
			cancel()
			if _, err := s.Home(gone, actor("tanaka"), feed.Window{}); !errors.Is(err, context.Canceled) && !errors.Is(err, engawa.Unavailable) {
				return fmt.Errorf("the reading should have ended: %v", err)
			}
			return nil
		}},
	} {
		ctx, span := host.Start(ctx, r.name)
		err := r.do(ctx)
		if err != nil {
			span.SetStatus(codes.Error, "")
		}
		span.End()
		if err != nil {
			return err
		}
	}
	return nil
}
