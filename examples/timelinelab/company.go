package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/sns"
)

const tenant engawa.TenantID = "lab"

// lab is the company with what measures it.
type lab struct {
	options
	db      *sql.DB
	dialect bunstore.Dialect
	store   *bunstore.DB
	sns     *sns.SNS // reads homes by SQL alone
	ringed  *sns.SNS
	out     *json.Encoder
	// ids of the spaces, busiest first; the first wide ones are everybody's.
	ids []engawa.ID
}

// wide is the number of company-wide spaces.
const wide = 3

// everybody is a Directory without an org chart.
type everybody struct{}

func (everybody) Affiliations(context.Context, engawa.TenantID, engawa.PersonID, time.Time) ([]engawa.Affiliation, error) {
	return nil, nil
}

func (l *lab) open(ctx context.Context) (err error) {
	cfg := sns.Config{Store: l.store, Directory: everybody{}, Rate: feed.Rate{Writes: -1}, Ring: -1}
	if l.sns, err = sns.Open(ctx, cfg); err != nil {
		return err
	}
	cfg.Ring = 0
	l.ringed, err = sns.Open(ctx, cfg)
	return err
}

func person(i int) engawa.PersonID { return engawa.PersonID(fmt.Sprintf("p%05d", i)) }

// The readers that are measured.
var readers = []struct {
	name    string
	person  engawa.PersonID
	spaces  int // joined, beside the company-wide ones
	follows int
	quiet   bool // of the quietest spaces
	left    bool // the company-wide ones
}{
	{name: "dense", person: "dense", spaces: 200, follows: 300},
	{name: "typical", person: "typical", spaces: 43, follows: 30},
	{name: "sparse", person: "sparse", spaces: 3, quiet: true},
	{name: "newcomer", person: "newcomer"},
	{name: "one_quiet", person: "one_quiet", spaces: 1, quiet: true, left: true},
}

// load brings the company in through the importer, unless it is there, and reports how fast.
func (l *lab) load(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(1, 2))
	system := engawa.System(tenant)
	var items []feed.ImportItem
	imported := time.Duration(0)
	already := 0
	flush := func() error {
		start := time.Now()
		done, err := l.sns.Feed.Import(ctx, system, "lab", items)
		imported += time.Since(start)
		already += done.Already
		for _, s := range done.Skipped {
			return fmt.Errorf("%s %s: %w", s.Kind, s.ID, s.Err)
		}
		items = items[:0]
		return err
	}
	add := func(item feed.ImportItem) error {
		items = append(items, item)
		if len(items) == feed.MaxImport {
			return flush()
		}
		return nil
	}
	start := time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)
	for i := range l.spaces {
		sp := feed.NewSpace{Name: fmt.Sprintf("スペース%04d", i)}
		switch {
		case i < wide:
			sp.Join = feed.JoinAuto
		case i%5 == 0:
			sp.Join = feed.JoinInvite
		}
		if err := add(feed.ImportItem{Space: &feed.ImportSpace{ID: fmt.Sprint(i), NewSpace: sp, CreatedAt: start}}); err != nil {
			return err
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if err := l.findSpaces(ctx); err != nil {
		return err
	}
	if already > 0 {
		return nil
	}
	if err := l.join(ctx, rng); err != nil {
		return err
	}
	imported = 0
	pick := newSkew(l.spaces, 1.0)
	step := 700 * 24 * time.Hour / time.Duration(l.posts)
	for i := range l.posts {
		at := start.Add(time.Duration(i) * step)
		space := pick.next(rng)
		if rng.Float64() < 0.005 {
			space = rng.IntN(wide)
		}
		post := &feed.ImportPost{ID: fmt.Sprint(i), Space: fmt.Sprint(space), Author: person(rng.IntN(l.people)), Body: text(rng), PublishedAt: at}
		if err := add(feed.ImportItem{Post: post}); err != nil {
			return err
		}
		for c := range rng.IntN(6) {
			comment := &feed.ImportComment{
				ID: fmt.Sprintf("%d/%d", i, c), Post: fmt.Sprint(i), Author: person(rng.IntN(l.people)), Body: text(rng), PublishedAt: at.Add(time.Minute),
			}
			if err := add(feed.ImportItem{Comment: comment}); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if err := l.live(ctx, rng); err != nil {
		return err
	}
	if err := l.thread(ctx, rng); err != nil {
		return err
	}
	if err := l.analyze(ctx, "posts", "comments", "members", "spaces", "post_counts", "people", "follows"); err != nil {
		return err
	}
	return l.out.Encode(map[string]any{"case": "import", "posts": l.posts, "posts_per_s": math.Round(float64(l.posts) / imported.Seconds())})
}

// analyze lets the database look at what was loaded.
func (l *lab) analyze(ctx context.Context, tables ...string) error {
	for _, table := range tables {
		text := map[bunstore.Dialect]string{bunstore.SQLite: "ANALYZE lab_", bunstore.PostgreSQL: "VACUUM ANALYZE lab_", bunstore.MySQL: "ANALYZE TABLE lab_"}[l.dialect] + table
		rows, err := l.db.QueryContext(ctx, text)
		if err != nil {
			return err
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	return nil
}

// findSpaces reads the ids of the spaces in the order in which they were imported.
func (l *lab) findSpaces(ctx context.Context) error {
	rows, err := l.db.QueryContext(ctx, `SELECT source_id, entry_id FROM lab_sources WHERE kind = 'space'`)
	if err != nil {
		return err
	}
	defer rows.Close()
	l.ids = make([]engawa.ID, l.spaces)
	for rows.Next() {
		var i int
		var id engawa.ID
		if err := rows.Scan(&i, &id); err != nil {
			return err
		}
		if i < len(l.ids) {
			l.ids[i] = id
		}
	}
	return rows.Err()
}

// join makes everybody a member of 20 to 60 spaces and the measured readers of theirs, straight in the tables: the
// company has hundreds of thousands of memberships.
func (l *lab) join(ctx context.Context, rng *rand.Rand) error {
	all := make([]engawa.PersonID, 0, l.people+len(readers))
	for i := range l.people {
		all = append(all, person(i))
	}
	for _, r := range readers {
		all = append(all, r.person)
	}
	for len(all) > 0 {
		part := all[:min(1000, len(all))]
		all = all[len(part):]
		if err := l.sns.Know(ctx, tenant, part...); err != nil {
			return err
		}
	}
	numbers, tenantNumber, err := l.numbers(ctx)
	if err != nil {
		return err
	}
	members := &bulk{db: l.db, head: `INSERT INTO lab_members (person_id, space_id, tenant_id, state, host, joined_at, version, seen, own) VALUES `}
	pick := newSkew(l.spaces-wide, 0.7)
	add := func(p engawa.PersonID, space int, state int) {
		members.add(fmt.Sprintf("(%d, %d, %d, %d, 0, 0, 1, 0, 0)", numbers[p], int64(l.ids[space]), tenantNumber, state))
	}
	for i := range l.people {
		joined := map[int]bool{}
		for range 20 + rng.IntN(41) {
			joined[wide+pick.next(rng)] = true
		}
		for space := range joined {
			add(person(i), space, int(feed.Joined))
		}
	}
	follows := &bulk{db: l.db, head: `INSERT INTO lab_follows (person_id, followed_id, tenant_id, at) VALUES `}
	for _, r := range readers {
		joined := map[int]bool{}
		for len(joined) < r.spaces {
			if r.quiet {
				joined[l.spaces-1-len(joined)] = true
			} else {
				joined[wide+pick.next(rng)] = true
			}
		}
		for space := range joined {
			add(r.person, space, int(feed.Joined))
		}
		for space := range wide {
			if r.left {
				add(r.person, space, int(feed.Left))
			}
		}
		for i := range r.follows {
			follows.add(fmt.Sprintf("(%d, %d, %d, 0)", numbers[r.person], numbers[person(i*l.people/r.follows)], tenantNumber))
		}
	}
	return firstError(members.flush(ctx), follows.flush(ctx))
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *lab) numbers(ctx context.Context) (map[engawa.PersonID]int64, int64, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT host_id, id, tenant_id FROM lab_people`)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	numbers := map[engawa.PersonID]int64{}
	var tenantNumber int64
	for rows.Next() {
		var p string
		var n int64
		if err := rows.Scan(&p, &n, &tenantNumber); err != nil {
			return nil, 0, err
		}
		numbers[engawa.PersonID(p)] = n
	}
	return numbers, tenantNumber, rows.Err()
}

// thread gives the newest post of the busiest space fifty comments.
func (l *lab) thread(ctx context.Context, rng *rand.Rand) error {
	post, err := l.sns.Feed.Publish(ctx, engawa.Actor{Tenant: tenant, Person: person(1)}, feed.NewPost{Space: l.ids[0], Body: text(rng)})
	if err != nil {
		return err
	}
	for range 50 {
		if _, err := l.sns.Feed.Comment(ctx, engawa.Actor{Tenant: tenant, Person: person(rng.IntN(l.people))}, feed.NewComment{Post: post.ID, Body: text(rng)}); err != nil {
			return err
		}
	}
	return nil
}

// live lets the readers read what was imported, and others post since.
func (l *lab) live(ctx context.Context, rng *rand.Rand) error {
	for _, r := range readers {
		who := engawa.Actor{Tenant: tenant, Person: r.person}
		spaces, err := l.sns.Feed.MySpaces(ctx, who)
		if err != nil {
			return err
		}
		for _, sp := range spaces {
			if err := l.sns.Feed.MarkRead(ctx, who, sp.ID, 0); err != nil {
				return err
			}
		}
	}
	pick := newSkew(l.spaces, 1.0)
	for range min(2000, l.posts/10) {
		space := pick.next(rng)
		if space >= wide && space%5 == 0 {
			continue // those to which members are invited
		}
		if _, err := l.sns.Feed.Publish(ctx, engawa.Actor{Tenant: tenant, Person: person(rng.IntN(l.people))}, feed.NewPost{Space: l.ids[space], Body: text(rng)}); err != nil {
			return err
		}
	}
	return nil
}

// bulk gathers rows for INSERTs of many.
type bulk struct {
	db   *sql.DB
	head string
	rows []string
}

func (b *bulk) add(row string) { b.rows = append(b.rows, row) }

func (b *bulk) flush(ctx context.Context) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	for len(b.rows) > 0 {
		part := b.rows[:min(1000, len(b.rows))]
		b.rows = b.rows[len(part):]
		if _, err := tx.ExecContext(ctx, b.head+strings.Join(part, ", ")); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// skew picks numbers below n so that the i-th is picked in proportion to 1/(i+1)^s (Zipf).
type skew struct{ sums []float64 }

func newSkew(n int, s float64) skew {
	sums := make([]float64, n)
	total := 0.0
	for i := range sums {
		total += 1 / math.Pow(float64(i+1), s)
		sums[i] = total
	}
	return skew{sums}
}

func (s skew) next(rng *rand.Rand) int {
	at := rng.Float64() * s.sums[len(s.sums)-1]
	lo, hi := 0, len(s.sums)-1
	for lo < hi {
		if mid := (lo + hi) / 2; s.sums[mid] < at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// text is about 200 bytes of Japanese.
func text(rng *rand.Rand) string {
	words := []string{"見積", "提案", "お客様", "来週", "の", "を", "確認", "しました", "。", "展示会", "資料", "共有", "します", "が", "よかった", "です", "会議", "次回"}
	var b strings.Builder
	for b.Len() < 120+rng.IntN(160) {
		b.WriteString(words[rng.IntN(len(words))])
	}
	return b.String()
}
