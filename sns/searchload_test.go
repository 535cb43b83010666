package sns_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
	"github.com/engawa-sns/engawa/sns"
)

// clocked is an engine that notes how long it takes to find.
type clocked struct {
	search.Engine
	mu   sync.Mutex
	took []time.Duration
}

// Find is that of the engine.
func (c *clocked) Find(ctx context.Context, t engawa.TenantID, r search.Request) (search.Found, error) {
	from := time.Now()
	found, err := c.Engine.Find(ctx, t, r)
	c.mu.Lock()
	c.took = append(c.took, time.Since(from))
	c.mu.Unlock()
	return found, err
}

// take is the slowest of a hundred since the last call.
func (c *clocked) take() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.Sort(c.took)
	var slow time.Duration
	if n := len(c.took); n > 0 {
		slow = c.took[n*99/100]
	}
	c.took = nil
	return slow
}

// BenchmarkSearchWhilePosting searches a network of 3,000 posts, first while nobody writes and then while fifty posts a
// second come, and reports the slowest of a hundred searches of both, their ratio, what of it is the engine's, and how long
// it took until somebody else found a post.
func BenchmarkSearchWhilePosting(b *testing.B) {
	for _, dialect := range []bunstore.Dialect{bunstore.SQLite, bunstore.PostgreSQL} {
		b.Run(string(dialect), func(b *testing.B) {
			db := dbtest.On(b, dialect)
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			must := func(err error) {
				b.Helper()
				if err != nil {
					b.Fatal(err)
				}
			}
			store, err := bunstore.New(db.Config(db.SQL))
			must(err)
			must(sns.Migrate(ctx, store))
			engine, err := blevesearch.Open(blevesearch.Config{Dir: b.TempDir()})
			must(err)
			defer engine.Close()
			clock := &clocked{Engine: engine}
			s, err := sns.Open(ctx, sns.Config{
				Store: store, Directory: named{}, Rate: feed.Rate{Writes: -1}, Search: sns.Search{Engine: clock, Analyzer: analyzer()},
			})
			must(err)
			space, err := s.Feed.CreateSpace(ctx, libAnna, feed.NewSpace{Name: "全社", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
			must(err)
			publish := func(text string) engawa.Ref {
				p, err := s.Feed.Publish(ctx, libAnna, feed.NewPost{Space: space.ID, Body: text})
				must(err)
				return p.Ref()
			}
			for i := range 3000 {
				publish(fmt.Sprintf("%s と %s の件、%d回目の連絡です", mazeWords[i%6], mazeWords[(i/6)%6], i))
			}
			must(s.Drain(ctx))
			var running sync.WaitGroup
			running.Go(func() { _ = s.Run(ctx) })
			defer running.Wait()
			defer cancel()
			ask := func(query string) (search.Answer, time.Duration) {
				from := time.Now()
				answer, err := s.Search.Search(ctx, libBob, search.Ask{Query: query})
				must(err)
				return answer, time.Since(from)
			}
			slowest := func(n int) time.Duration {
				all := make([]time.Duration, n)
				for i := range all {
					_, all[i] = ask(mazeWords[i%6] + " " + mazeWords[(i+1)%6])
				}
				slices.Sort(all)
				return all[n*99/100]
			}
			slowest(50)
			n := max(200, b.N)
			clock.take()
			quiet := slowest(n)
			engineQuiet := clock.take()
			stop := make(chan struct{})
			var found []time.Duration
			var writing sync.WaitGroup
			writing.Go(func() {
				tick := time.NewTicker(20 * time.Millisecond)
				defer tick.Stop()
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					case <-tick.C:
					}
					ref := publish(fmt.Sprintf("速報%dです。%s", i, mazeWords[i%6]))
					if i%25 != 0 {
						continue
					}
					for from := time.Now(); ; time.Sleep(5 * time.Millisecond) {
						if answer, _ := ask(fmt.Sprintf("速報%d", i)); slices.ContainsFunc(answer.Items, func(r search.Result) bool { return r.Ref == ref }) {
							found = append(found, time.Since(from))
							break
						}
					}
				}
			})
			b.ResetTimer()
			busy := slowest(n)
			b.StopTimer()
			engineBusy := clock.take()
			time.Sleep(2 * time.Second)
			close(stop)
			writing.Wait()
			slices.Sort(found)
			b.ReportMetric(float64(quiet.Microseconds())/1000, "quiet-p99-ms")
			b.ReportMetric(float64(busy.Microseconds())/1000, "busy-p99-ms")
			b.ReportMetric(float64(busy)/float64(quiet), "busy/quiet")
			b.ReportMetric(float64(engineQuiet.Microseconds())/1000, "engine-quiet-p99-ms")
			b.ReportMetric(float64(engineBusy.Microseconds())/1000, "engine-busy-p99-ms")
			b.ReportMetric(float64(found[len(found)-1].Milliseconds()), "found-ms-max")
		})
	}
}
