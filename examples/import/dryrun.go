package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/examples/internal/dsn"
	"github.com/engawa-sns/engawa/sns"
)

// emptyInstead is where a dry run writes: the database itself, whose transaction is rolled back, or, where that has no
// tables yet and must not get them, an empty one in a temporary folder. The function removes it.
func emptyInstead(ctx context.Context, cfg bunstore.Config, name string) (bunstore.Config, func(), error) {
	nothing := func() {}
	if file, ok := strings.CutPrefix(name, "sqlite:"); !ok || exists(file) { // opening a file would make it
		store, err := bunstore.New(cfg)
		if err != nil {
			return cfg, nothing, err
		}
		versions, err := sns.MigrationStatus(ctx, store)
		if err != nil {
			return cfg, nothing, err
		}
		for _, v := range versions {
			if v.Have > 0 {
				return cfg, nothing, nil
			}
		}
	}
	dir, err := os.MkdirTemp("", "engawa-dry-run-")
	if err != nil {
		return cfg, nothing, err
	}
	remove := func() { _ = os.RemoveAll(dir) }
	empty, err := dsn.Open("sqlite:" + filepath.Join(dir, "empty.db"))
	if err != nil {
		return cfg, remove, err
	}
	store, err := bunstore.New(empty)
	if err == nil {
		err = sns.Migrate(ctx, store)
	}
	return empty, func() { _ = empty.DB.Close(); remove() }, err
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return !errors.Is(err, os.ErrNotExist)
}
