package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
	"github.com/engawa-sns/engawa/search/sqlsearch"
)

// library has the documents, and says who may read what.
type library struct {
	docs   map[string]search.Document
	order  []string
	spaces int
	may    map[search.Scope]bool
	access search.Access
}

// scope is where a document lives: spread over the spaces by its id.
func (l *library) scope(id string) search.Scope {
	h := fnv.New32a()
	h.Write([]byte(id))
	return scopeName(int(h.Sum32() % uint32(l.spaces)))
}

func scopeName(n int) search.Scope { return search.Scope(fmt.Sprintf("space:%d", n)) }

func loadLibrary(o options) (*library, error) {
	l := &library{docs: map[string]search.Document{}, spaces: o.spaces, may: map[search.Scope]bool{}}
	if o.readable == 0 {
		o.readable = o.spaces
	}
	for n := range o.readable {
		l.may[scopeName(n)] = true
		l.access.Scopes = append(l.access.Scopes, scopeName(n))
	}
	err := lines(o.corpus, func(line []byte) error {
		var d struct{ ID, Title, Text string }
		if err := json.Unmarshal(line, &d); err != nil {
			return err
		}
		doc := search.Document{Ref: engawa.Ref{Kind: kind, ID: d.ID}, Scope: l.scope(d.ID), Body: d.Text}
		if o.titles {
			doc.Title = d.Title
		}
		if _, twice := l.docs[d.ID]; twice {
			return fmt.Errorf("document %q stands there twice", d.ID)
		}
		l.docs[d.ID] = doc
		l.order = append(l.order, d.ID)
		return nil
	})
	return l, err
}

// Access is what the reader may read.
func (l *library) Access(context.Context, engawa.Actor) (search.Access, error) { return l.access, nil }

// Show is the door.
func (l *library) Show(_ context.Context, _ engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]search.Text, error) {
	out := make(map[engawa.Ref]search.Text, len(refs))
	for _, r := range refs {
		if d, ok := l.docs[r.ID]; ok && l.may[d.Scope] {
			out[r] = search.Text{Title: d.Title, Body: d.Body}
		}
	}
	return out, nil
}

// Documents are those of refs.
func (l *library) Documents(_ context.Context, _ engawa.TenantID, refs []engawa.Ref) (map[engawa.Ref]search.Document, error) {
	out := map[engawa.Ref]search.Document{}
	for _, r := range refs {
		if d, ok := l.docs[r.ID]; ok {
			out[r] = d
		}
	}
	return out, nil
}

// All walks them in the order of the file.
func (l *library) All(context.Context, engawa.TenantID, string) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		for _, id := range l.order {
			if !yield(l.docs[id], nil) {
				return
			}
		}
	}
}

// openEngine opens the engine and returns how to close it.
func openEngine(ctx context.Context, o options) (search.Engine, func() error, error) {
	switch o.engine {
	case "bleve":
	case "sql":
		return openSQL(ctx, o.dsn)
	default:
		return nil, nil, fmt.Errorf("-engine %q: there are bleve and sql", o.engine)
	}
	dir, remove := o.index, func() error { return nil }
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "searchlab"); err != nil {
			return nil, nil, err
		}
		remove = func() error { return os.RemoveAll(dir) }
	}
	e, err := blevesearch.Open(blevesearch.Config{Dir: dir})
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return e, func() error { return errors.Join(e.Close(), remove()) }, nil
}

// openSQL opens the engine in PostgreSQL, in tables of the lab's own, which it makes and leaves.
func openSQL(ctx context.Context, name string) (search.Engine, func() error, error) {
	if name == "" {
		return nil, nil, errors.New("-engine sql needs -dsn: postgres://user:password@host/database")
	}
	db, err := sql.Open("pgx", name)
	if err != nil {
		return nil, nil, err
	}
	cfg := sqlsearch.Config{DB: db, Prefix: "searchlab_"}
	if err := sqlsearch.Migrate(ctx, cfg); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	e, err := sqlsearch.Open(ctx, cfg)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return e, db.Close, nil
}
