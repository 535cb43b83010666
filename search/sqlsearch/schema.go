package sqlsearch

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/engawa-sns/engawa"
)

// format is the version of what stands in the rows: the lexemes, and how a document's counts are written.
const format = 1

// schema makes the tables. {x} is the name of a table, {"x} a quoted name of an index.
//
// The lexemes of a document begin with the number of its index, so that one GIN index keeps tenants and generations apart:
// a search reads the postings of its own index and no others, and counts nothing else. A row keeps its counts, which
// scoring reads of hundreds of documents, and puts its lexemes elsewhere, which nothing reads but deleting.
const schema = `
CREATE TABLE IF NOT EXISTS {indexes} (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	tenant text COLLATE "C" NOT NULL,
	generation bigint NOT NULL,
	stage smallint NOT NULL, -- 0 being built, 1 in use, 2 given up
	format integer NOT NULL,
	analyzer text NOT NULL,
	watermark bigint NOT NULL,
	ceiling bigint, -- the watermark may not pass it: batches of another analyzer came meanwhile
	docs bigint NOT NULL DEFAULT 0,
	words bigint NOT NULL DEFAULT 0,
	bigrams bigint NOT NULL DEFAULT 0,
	pairs bigint NOT NULL DEFAULT 0,
	readings bigint NOT NULL DEFAULT 0,
	titles bigint NOT NULL DEFAULT 0,
	heaviest real NOT NULL DEFAULT 1,
	lease timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS {"indexes_used} ON {indexes} (tenant) WHERE stage = 1;
CREATE UNIQUE INDEX IF NOT EXISTS {"indexes_built} ON {indexes} (tenant) WHERE stage = 0;
CREATE TABLE IF NOT EXISTS {docs} (
	index_id bigint NOT NULL,
	ref text COLLATE "C" NOT NULL,
	scope text COLLATE "C" NOT NULL,
	author text COLLATE "C" NOT NULL,
	kind text COLLATE "C" NOT NULL,
	tags text[] COLLATE "C" NOT NULL,
	at bigint NOT NULL, -- microseconds since 1970
	flags smallint NOT NULL,
	weight real NOT NULL,
	size integer NOT NULL, -- words
	tie bigint NOT NULL,
	mark bigint NOT NULL, -- watermark of the batch that put it in, 0 from a rebuild
	terms tsvector NOT NULL,
	counts bytea NOT NULL,
	PRIMARY KEY (index_id, ref)
) WITH (toast_tuple_target = 256);
ALTER TABLE {docs} ALTER COLUMN counts SET STORAGE MAIN;
CREATE INDEX IF NOT EXISTS {"docs_terms} ON {docs} USING gin (terms) WITH (fastupdate = on, gin_pending_list_limit = 4096);
CREATE INDEX IF NOT EXISTS {"docs_at} ON {docs} (index_id, at DESC, tie DESC);
CREATE TABLE IF NOT EXISTS {terms} (
	index_id bigint NOT NULL,
	term text COLLATE "C" NOT NULL, -- with the field's letter
	docs integer NOT NULL,
	script smallint NOT NULL, -- 1 katakana, 2 Latin letters: what may be misspelt
	length smallint NOT NULL, -- characters
	PRIMARY KEY (index_id, term)
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS {"terms_script} ON {terms} (index_id, script, length) WHERE script > 0;
CREATE INDEX IF NOT EXISTS {"terms_unused} ON {terms} (index_id) WHERE docs <= 0;
CREATE TABLE IF NOT EXISTS {touched} (
	index_id bigint NOT NULL,
	ref text COLLATE "C" NOT NULL,
	mark bigint NOT NULL,
	since timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (index_id, ref)
);
CREATE TABLE IF NOT EXISTS {hidden} (
	tenant text COLLATE "C" NOT NULL,
	ref text COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant, ref)
);
`

// named puts the names into a text.
func named(cfg Config, text string) string {
	var place string
	if cfg.Schema != "" {
		place = `"` + cfg.Schema + `".`
	}
	var pairs []string
	for _, table := range []string{"indexes", "docs", "terms", "touched", "hidden"} {
		pairs = append(pairs, "{"+table+"}", place+`"`+cfg.Prefix+table+`"`)
	}
	for _, index := range []string{"indexes_used", "indexes_built", "docs_terms", "docs_at", "terms_script", "terms_unused"} {
		pairs = append(pairs, `{"`+index+`}`, `"`+cfg.Prefix+index+`"`, "{"+index+"}", place+`"`+cfg.Prefix+index+`"`)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Schema is the SQL that makes the tables, to hand to whoever looks after the database. It may be run again. Of cfg it needs
// only the names.
func Schema(cfg Config) (string, error) {
	if cfg.DB == nil {
		cfg.DB = (*sql.DB)(nil)
	}
	cfg, err := cfg.check()
	if err != nil {
		return "", fmt.Errorf("sqlsearch.Schema: %w", err)
	}
	return named(cfg, schema), nil
}

// Migrate makes the tables, or finds them made. It never runs by itself.
func Migrate(ctx context.Context, cfg Config) error {
	cfg, err := cfg.check()
	if err != nil {
		return fmt.Errorf("sqlsearch.Migrate: %w", err)
	}
	e := &Engine{cfg: cfg}
	return engawa.Wrap("sqlsearch.Migrate", e.write(ctx, func(c engawa.Conn) error {
		if _, err := c.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, lockKey(cfg, "")); err != nil {
			return err
		}
		for text := range strings.SplitSeq(named(cfg, schema), ";\n") {
			if text = strings.TrimSpace(text); text == "" {
				continue
			}
			if _, err := c.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		return nil
	}))
}

// lockKey is the advisory lock that those who change a tenant's index hold until they commit.
func lockKey(cfg Config, tenant engawa.TenantID) int64 {
	return int64(hash(cfg.Schema + "\x00" + cfg.Prefix + "\x00" + string(tenant)))
}
