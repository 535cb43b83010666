package bunstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// The environment that makes this test binary a node of a host instead of running tests.
const (
	nodeDriver  = "ENGAWA_NODE_DRIVER"
	nodeDSN     = "ENGAWA_NODE_DSN"
	nodeDialect = "ENGAWA_NODE_DIALECT"
)

// nodeLease is short, so that a take-over is soon.
const nodeLease = 900 * time.Millisecond

func TestMain(m *testing.M) {
	if os.Getenv(nodeDSN) == "" {
		os.Exit(m.Run())
	}
	if err := runNode(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// nodeConsumers are what each node runs: one that writes down what it gets, and one that fails at random too.
var nodeConsumers = []string{"steady", "failing"}

// runNode relays until it is killed, and writes each event that a consumer handled into the table handled.
func runNode(ctx context.Context) error {
	db, err := sql.Open(os.Getenv(nodeDriver), os.Getenv(nodeDSN))
	if err != nil {
		return err
	}
	store, err := bunstore.New(bunstore.Config{DB: db, Dialect: bunstore.Dialect(os.Getenv(nodeDialect))})
	if err != nil {
		return err
	}
	var consumers []event.Consumer
	for _, name := range nodeConsumers {
		consumers = append(consumers, event.Consumer{Name: name, Handle: func(ctx context.Context, e event.Event) error {
			if name == "failing" && rand.IntN(200) == 0 {
				return errors.New("at random")
			}
			id, _ := e.Subject.OwnID()
			_, err := db.ExecContext(ctx, fmt.Sprintf(`INSERT INTO handled (consumer, subject, version, pid) VALUES ('%s', %d, %d, %d)`, name, id, e.Version, os.Getpid()))
			return err
		}})
	}
	relay, err := event.NewRelay(event.Config{
		Store: store.Outbox(), Consumers: consumers, Poll: 20 * time.Millisecond, LeaseTTL: nodeLease, Backoff: 10 * time.Millisecond, MaxAttempts: 100,
	})
	if err != nil {
		return err
	}
	return relay.Run(ctx)
}

// startNode starts a process of this test binary as a node.
func startNode(t *testing.T, db *dbtest.DB) *exec.Cmd {
	t.Helper()
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
	return cmd
}

// TestTwoProcessesShareTheRelay lets two processes relay what eight writers append, and kills the one that works in the
// middle: every consumer sees each event at least once, in order for each subject, and the other process takes over.
func TestTwoProcessesShareTheRelay(t *testing.T) {
	events, subjects := 10_000, 100
	if testing.Short() {
		events = 2_000
	}
	for _, dialect := range []bunstore.Dialect{bunstore.PostgreSQL, bunstore.MySQL} {
		t.Run(string(dialect), func(t *testing.T) {
			db := dbtest.On(t, dialect)
			store := db.Migrated()
			db.Exec(`CREATE TABLE handled (n ` + map[bunstore.Dialect]string{
				bunstore.PostgreSQL: `bigint GENERATED ALWAYS AS IDENTITY`, bunstore.MySQL: `bigint NOT NULL AUTO_INCREMENT`,
			}[dialect] + ` PRIMARY KEY, consumer varchar(20), subject bigint, version bigint, pid bigint)`)
			nodes := map[int]*exec.Cmd{}
			for range 2 {
				cmd := startNode(t, db)
				nodes[cmd.Process.Pid] = cmd
			}
			write(t, store, events, subjects, func() {
				pid := db.Int(`SELECT COALESCE(MAX(pid), 0) FROM handled WHERE consumer = 'steady'`)
				for pid == 0 {
					time.Sleep(10 * time.Millisecond)
					pid = db.Int(`SELECT COALESCE(MAX(pid), 0) FROM handled WHERE consumer = 'steady'`)
				}
				if err := nodes[pid].Process.Kill(); err != nil { // SIGKILL
					t.Error(err)
				}
			})
			for _, consumer := range nodeConsumers {
				count := `SELECT COUNT(*) FROM (SELECT DISTINCT subject, version FROM handled WHERE consumer = '` + consumer + `') AS d`
				for deadline := time.Now().Add(3 * time.Minute); db.Int(count) < events; time.Sleep(50 * time.Millisecond) {
					if time.Now().After(deadline) {
						t.Fatalf("%s handled %d of %d events", consumer, db.Int(count), events)
					}
				}
				inOrder(t, db, consumer)
			}
			if n := db.Int(`SELECT COUNT(DISTINCT pid) FROM handled WHERE consumer = 'steady'`); n != 2 {
				t.Errorf("%d processes worked for the consumer, want the one that was killed and the other", n)
			}
		})
	}
}

// write lets eight writers append events over subjects, some transactions open longer than others, and calls half when
// half of them are done.
func write(t *testing.T, store *bunstore.DB, events, subjects int, half func()) {
	t.Helper()
	const writers = 8
	versions := make([]int64, subjects)
	locks := make([]sync.Mutex, subjects)
	var mu sync.Mutex
	done := 0
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 1))
			for range events / writers {
				i := rng.IntN(subjects)
				locks[i].Lock() // the row lock under which a room takes its version
				err := store.Session().Within(t.Context(), func(s *bunstore.Session) error {
					err := s.Append(t.Context(), event.Event{
						Tenant: "t", Verb: event.PostEdited, Subject: engawa.RefTo(engawa.KindPost, engawa.ID(i+1)), Version: versions[i] + 1, At: time.Now(),
					})
					if rng.IntN(50) == 0 {
						time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
					}
					return err
				})
				if err == nil {
					versions[i]++
				}
				locks[i].Unlock()
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				done++
				now := done
				mu.Unlock()
				if now == events/2 {
					half()
				}
			}
		})
	}
	wg.Wait()
}

// inOrder checks that a consumer saw the versions of each subject in order: a version may come again after a
// take-over, with those that follow it, and none may be skipped.
func inOrder(t *testing.T, db *dbtest.DB, consumer string) {
	t.Helper()
	rows, err := db.SQL.Query(`SELECT subject, version FROM handled WHERE consumer = '` + consumer + `' ORDER BY n`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	last := map[int64]int64{}
	for rows.Next() {
		var subject, version int64
		if err := rows.Scan(&subject, &version); err != nil {
			t.Fatal(err)
		}
		if version > last[subject]+1 {
			t.Errorf("%s: version %d of subject %d came after %d", consumer, version, subject, last[subject])
		}
		last[subject] = max(last[subject], version)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
