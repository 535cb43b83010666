// Package feedstore keeps the feed's rows in SQLite, PostgreSQL, MySQL or MariaDB, through package bunstore.
//
//	store := feedstore.New(db) // a feed.Store
//	err := db.Migrator(feedstore.Migrations()).Up(ctx)
//
// # The tables
//
// Posts and comments have a table each; what belongs to both (retractions, revisions, mentions) names them by kind and
// id. A space counts its posts in post_count, and a membership says in seen up to which number its person has read. So
// the number of unread posts is post_count - seen, less the person's own posts above seen (members.own) and less the
// gaps: ranges that were imported, and single posts that were retracted or have expired. Gaps are rare; spaces.gap_seq,
// the last number in any of them, lets the usual query skip them.
//
// Posts that were marked unread again are those from members.again up to seen: a sparse exception, in which the person's
// own posts are counted afresh. What a person hides is subtracted for those alone whose homes.hides says that they hide
// anything.
//
// post_counts, view_counts, homes.hides, spaces.last_post_id, spaces.gap_seq, members.own and the gaps of single posts
// are derived, and [Store.Rebuild] computes them anew.
//
// # How a home is read
//
// No single query serves every reader. Somebody with many busy spaces is served by walking the tenant's newest posts,
// and somebody with few quiet ones by merging the newest posts of each space. [Store.HomePlaces] walks a few hundred
// posts first and merges where that did not fill the page; of many spaces it merges only those whose newest post is new
// enough to be on it.
//
// # What a process remembers
//
// A post or comment is the same for as long as its version is, so a process remembers what it read: up to 16 MB of posts
// and as much of comments, none of which stays for more than twenty minutes unless it is asked for. A page then reads of each
// row what may have changed (version, state, author, counts, the reader's membership), and those whole whose version is
// another. On PostgreSQL rows of other tables are looked up one by one ({key …} of package bunstore): it would read small
// tables whole, for every page.
//
// # Measured
//
// With examples/timelinelab on a shared machine of two cores, medians as ratios to the floor in the same run: a page's
// rows by primary key in three prepared statements, one membership scan, one bare INSERT. SQLite with 100,000 posts,
// PostgreSQL 15 and MariaDB 10.11 with 30,000.
//
//	                                    SQLite        PostgreSQL   MariaDB       wanted
//	home by SQL alone                   1.3 – 1.5     0.8 – 1.0    1.5 – 1.6     1.6 / 1.9 / 2.3
//	the same, of one quiet space        1.3           2.0          1.8 – 1.9
//	home with the ring                  1.0 – 1.1     0.7          1.0 – 1.1     1.15 / 1.15 / 1.2
//	the same, of one quiet space        1.2 – 1.4     1.0          1.0
//	page 50 against page 1              0.6 – 0.9     0.8 – 0.9    0.8 – 0.9     1.25 / 1.25 / 1.5
//	a space's page                      1.2           0.6          1.3
//	a post with 50 comments             1.2 – 1.5     1.0          1.1           0.8
//	unanswered, 100 posts               1.2           1.0          1.3           1.2
//	notices                             1.0           1.3          1.0           1.2
//	unread of 43 spaces                 1.4           1.7          1.6           1.7 / 1.9 / 2.2
//	unread of 200 spaces                1.6           2.1          2.1
//	one row / 16 rows                   1.14 / 1.06   1.03 / 1.01  1.03 / 1.02   1.1 / 1.2
//	publish                             3.1 – 3.7     1.5 – 1.8    1.8 – 2.0     2.2 / 2.2 / 1.6
//	the same in a transaction, by hand  2.0 – 2.4     2.5          1.9 – 2.5
//
// With a million posts on SQLite a home takes 1.3 to 1.8 and the ring 1.0 to 1.3 times its floor, and as long as with
// 100,000 within what the machine varies. A ring of 32,768 posts takes 1.3 MB and is read in 45 to 90 ms, once in 176 on the
// busy machine. Threads come with the reactions of each comment, in the floor too; of a page of comments that has not
// changed one row is read, and the rest of the gap is what comes before it: the reader's versions, and the post.
//
// The last line is BenchmarkPublish's: the number, the post and its event in one transaction, by hand. A plain post by
// somebody who posted in the space before reads nothing and is one statement ([Store.PublishPlain]), which checks the
// versions of the space and of the membership that were looked at before. On SQLite, where the machine was busy all the time,
// the processor's time is 2.9 to 3.8 times that of the floor, and was 4.8 to 6.3: a publish writes 9.8 pages of the log where
// the floor writes 4.8 (it was 12.9). Three of them are the space's, the author's and the event's, and two keep what waits
// for an answer; the floor keeps nothing of these. Where another process posts in the same space in turn, SQLite finds
// another number than it expects and goes the usual way, which takes twice as long. A post with mentions, tags, details or a
// key, and every post where a gate has to look into the database, goes that way too. On MySQL, and for those on MariaDB,
// connections that start with READ COMMITTED (transaction_isolation, or tx_isolation, in the DSN) save a round trip for each
// transaction.
//
// An import of JSONL takes in 18,000 to 19,500 posts a second on SQLite where fifty spaces take turns, and 19,000 to 21,500
// of one space (wanted: 20,000), which is 53 to 62 µs of one processor for each; in the same way before it took 88 to 106 µs.
// A transaction takes a thousand posts; six thousand at once take a quarter less, and would keep others from posting for
// seconds on PostgreSQL.
package feedstore

import (
	"context"
	"embed"
	"strconv"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/feed/body"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of the feed.
func Migrations() bunstore.Migrations {
	return bunstore.Embedded("feed", files,
		"legal_holds", "retentions",
		"notice_sends", "notice_actors", "notices", "notice_prefs", "notice_people",
		"statuses", "acks", "poll_counts", "votes", "ballots", "reports", "duties", "waiting", "consents", "templates", "open_posts", "nudges",
		"blocks", "mutes", "views", "view_counts", "receipt_rules", "bookmarks", "reminders", "watched_threads", "watched_tags",
		"claims", "pending", "sources", "mentions", "tags", "revisions", "retractions", "post_counts", "gaps", "comments", "posts",
		"follows", "homes", "members", "space_keys", "spaces",
	)
}

// Store is the feed's storage.
type Store struct {
	s     *bunstore.Session
	known *known
}

var _ feed.Store = (*Store)(nil)

// New is the store on the pool of db.
func New(db *bunstore.DB) *Store { return &Store{db.Session(), &known{}} }

func (st *Store) Within(ctx context.Context, f func(feed.Store, engawa.Conn) error) error {
	return st.s.Within(ctx, func(s *bunstore.Session) error { return f(&Store{s, st.known}, s.Conn()) })
}

func (st *Store) Bind(conn engawa.Conn) feed.Store { return &Store{st.s.DB().Bind(conn), st.known} }

func (st *Store) Bound() bool { return st.s.Bound() }

func (st *Store) Append(ctx context.Context, events ...event.Event) error {
	return st.s.Append(ctx, events...)
}

// The numbers of kinds in tables that hold both.
const (
	kindPost    = 1
	kindComment = 2
)

func kindNumber(ref engawa.Ref) int {
	if ref.Kind == engawa.KindComment {
		return kindComment
	}
	return kindPost
}

func kindName(n int) string {
	if n == kindComment {
		return engawa.KindComment
	}
	return engawa.KindPost
}

// The states of posts and comments in their tables.
const (
	stateLive      = 0
	stateRetracted = 1
)

func list(ids []engawa.ID) bunstore.List {
	l := make(bunstore.List, len(ids))
	for i, id := range ids {
		l[i] = int64(id)
	}
	return l
}

func refText(ref engawa.Ref) string {
	if ref.Kind == "" {
		return ""
	}
	return ref.String()
}

func parseRef(s string) engawa.Ref {
	kind, id, _ := strings.Cut(s, ":")
	return engawa.Ref{Kind: kind, ID: id}
}

// knowNamed is the number of a person whom a text or its details name, who may have left.
func (st *Store) knowNamed(ctx context.Context, tenant int64, person engawa.PersonID) (int64, error) {
	if person == feed.Former {
		return st.s.KnowFormer(ctx, tenant)
	}
	return st.s.KnowPerson(ctx, tenant, person)
}

// knowEach is knowTenantAnd where those who have left count one by one.
func (st *Store) knowEach(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (t, p int64, err error) {
	if person != feed.Former {
		return st.s.KnowNumbers(ctx, tenant, person)
	}
	if t, err = st.s.KnowTenant(ctx, tenant); err != nil {
		return 0, 0, err
	}
	p, err = st.s.NewFormer(ctx, t)
	return t, p, err
}

// store is a body as it is kept: the persons mentioned as numbers.
func (st *Store) store(ctx context.Context, tenant int64, text string) (string, error) {
	return body.Rewrite(text, func(person string) (string, error) {
		n, err := st.knowNamed(ctx, tenant, engawa.PersonID(person))
		return strconv.FormatInt(n, 10), err
	})
}

// render turns kept bodies into what was written, in place, with one look at the persons mentioned.
func (st *Store) render(ctx context.Context, tenant int64, texts ...*string) error {
	numbers := map[int64]string{}
	var ask bunstore.List
	for _, text := range texts {
		if !strings.Contains(*text, "<@") {
			continue
		}
		_, err := body.Rewrite(*text, func(n string) (string, error) {
			if id, err := strconv.ParseInt(n, 10, 64); err == nil {
				if _, ok := numbers[id]; !ok {
					numbers[id] = formerPerson
					ask = append(ask, id)
				}
			}
			return n, nil
		})
		if err != nil {
			return err
		}
	}
	for len(ask) > 0 {
		part := ask[:min(len(ask), bunstore.MaxList)]
		ask = ask[len(part):]
		var rows []struct {
			ID     int64  `bun:"id"`
			HostID string `bun:"host_id"`
		}
		err := st.s.Rows(ctx, &rows, `SELECT id, host_id FROM {people} WHERE tenant_id = ? AND host_id IS NOT NULL AND id IN (?*)`, tenant, part)
		if err != nil {
			return err
		}
		for _, r := range rows {
			numbers[r.ID] = r.HostID
		}
	}
	for _, text := range texts {
		if !strings.Contains(*text, "<@") {
			continue
		}
		var err error
		*text, err = body.Rewrite(*text, func(n string) (string, error) {
			id, err := strconv.ParseInt(n, 10, 64)
			if err != nil {
				return n, nil
			}
			return numbers[id], nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// formerPerson stands in a body for somebody whose id is kept no more.
const formerPerson = string(feed.Former)
