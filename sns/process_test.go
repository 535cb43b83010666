package sns_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/sns"
)

// The environment that makes this test binary a node of a host instead of running tests.
const (
	nodeDriver  = "ENGAWA_NODE_DRIVER"
	nodeDSN     = "ENGAWA_NODE_DSN"
	nodeDialect = "ENGAWA_NODE_DIALECT"
)

// nodeLease is short, so that a take-over is soon.
const nodeLease = 3 * time.Second

func TestMain(m *testing.M) {
	if os.Getenv(nodeDSN) == "" {
		os.Exit(m.Run())
	}
	if err := runNode(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runNode is a node of a host, until it is killed. Its gate writes down which process asks: outside any transaction, so
// that it shows who worked, also on what was not committed.
func runNode(ctx context.Context) error {
	db, err := sql.Open(os.Getenv(nodeDriver), os.Getenv(nodeDSN))
	if err != nil {
		return err
	}
	db.SetMaxIdleConns(12) // of the two that database/sql keeps by default, all others are opened anew each time
	store, err := bunstore.New(bunstore.Config{DB: db, Dialect: bunstore.Dialect(os.Getenv(nodeDialect))})
	if err != nil {
		return err
	}
	s, err := sns.Open(ctx, sns.Config{
		Store: store, Directory: anybody{}, Gate: writesDown{db}, Relay: event.Config{LeaseTTL: nodeLease, Poll: 100 * time.Millisecond},
	})
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

type writesDown struct{ db *sql.DB }

func (g writesDown) Judge(ctx context.Context, _ engawa.Conn, _ feed.Draft) (feed.Verdict, error) {
	_, err := g.db.ExecContext(ctx, fmt.Sprintf(`INSERT INTO asked (pid) VALUES (%d)`, os.Getpid()))
	return feed.Verdict{}, err
}

// TestScheduledPostsAppearOnce lets two processes publish what is due in one minute, and kills the one that works in the
// middle: each post appears exactly once, and the other process goes on. In the long form the minute is that to come, and
// none may appear later than one lease after its time; otherwise it is the one that has passed, as after a standstill.
func TestScheduledPostsAppearOnce(t *testing.T) {
	posts := 1000
	if testing.Short() {
		posts = 200
	}
	long := os.Getenv("ENGAWA_LONG") != ""
	for _, dialect := range []bunstore.Dialect{bunstore.PostgreSQL, bunstore.MySQL} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			db := dbtest.On(t, dialect)
			db.Exec(`CREATE TABLE asked (pid bigint)`)
			s, _ := open(t, db)
			anna := engawa.Actor{Tenant: "main", Person: "anna"}
			space, err := s.Feed.CreateSpace(t.Context(), anna, feed.NewSpace{Name: "全社"})
			if err != nil {
				t.Fatal(err)
			}
			store := db.New(nil)
			for i := range posts {
				at := time.Now().Add(time.Hour)
				by := engawa.Actor{Tenant: "main", Person: engawa.PersonID(fmt.Sprint("p", i%40))}
				if _, err := s.Feed.Publish(t.Context(), by, feed.NewPost{Space: space.ID, Body: fmt.Sprint("予約", i), PublishAt: at}); err != nil {
					t.Fatal(err)
				}
			}
			minute := time.Now().Add(-time.Minute)
			if long {
				minute = time.Now().Add(2 * nodeLease)
			}
			if _, err := store.Session().Exec(t.Context(), `UPDATE {waiting} SET due_at = ? + pending_id % 60000000 WHERE waits = 'time'`, minute.UnixMicro()); err != nil {
				t.Fatal(err)
			}
			db.Exec(`CREATE TABLE due AS SELECT p.body, w.due_at FROM engawa_waiting AS w JOIN engawa_pending AS p ON p.id = w.pending_id`)
			nodes := map[int]*exec.Cmd{}
			for range 2 {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), nodeDriver+"="+db.Driver, nodeDSN+"="+db.DSN, nodeDialect+"="+string(db.Dialect))
				cmd.Stderr = os.Stderr
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					_ = cmd.Process.Kill()
					_ = cmd.Wait()
				})
				nodes[cmd.Process.Pid] = cmd
			}
			published := func() int { return db.Int(`SELECT COUNT(*) FROM engawa_posts`) }
			until := func(what string, n int) {
				t.Helper()
				done, since := published(), time.Now()
				for ; done < n; time.Sleep(5 * time.Millisecond) {
					if now := published(); now > done {
						done, since = now, time.Now()
					}
					if time.Since(since) > time.Minute {
						t.Fatalf("%s: nothing more is published after %d of %d posts", what, done, n)
					}
				}
			}
			until("before the kill", posts/10)
			pid := db.Int(`SELECT MAX(pid) FROM asked`)
			if db.Int(`SELECT COUNT(DISTINCT pid) FROM asked`) != 1 {
				t.Error("two nodes worked at once")
			}
			if err := nodes[pid].Process.Kill(); err != nil { // SIGKILL
				t.Fatal(err)
			}
			if published() >= posts {
				t.Error("the node was done before it was killed: nothing is tested")
			}
			until("after the kill", posts)
			time.Sleep(2 * nodeLease) // whoever published twice would by now
			for what, query := range map[string]string{
				"posts":             `SELECT COUNT(*) FROM engawa_posts`,
				"different posts":   `SELECT COUNT(DISTINCT body) FROM engawa_posts`,
				"rows released":     `SELECT COUNT(*) FROM engawa_pending WHERE outcome = 'released'`,
				"different aliases": `SELECT COUNT(DISTINCT entry) FROM engawa_pending WHERE outcome = 'released'`,
				"events":            `SELECT COUNT(*) FROM engawa_events WHERE verb = 'post.published'`,
				"numbers":           `SELECT post_count FROM engawa_spaces`,
			} {
				if n := db.Int(query); n != posts {
					t.Errorf("%d %s, want %d", n, what, posts)
				}
			}
			late := time.Duration(db.Int(`SELECT MAX(p.published_at - d.due_at) FROM due AS d JOIN engawa_posts AS p ON p.body = d.body`)) * time.Microsecond
			t.Logf("the latest appeared %s after its time; a lease is %s", late, nodeLease)
			if long && late > nodeLease {
				t.Errorf("a post appeared %s after its time, more than a lease of %s", late, nodeLease)
			}
			if n := db.Int(`SELECT COUNT(*) FROM engawa_waiting`); n != 0 {
				t.Errorf("%d rows still wait", n)
			}
			if n := db.Int(`SELECT COUNT(DISTINCT pid) FROM asked`); n != 2 {
				t.Errorf("%d processes worked, want the one that was killed and the other", n)
			}
		})
	}
}
