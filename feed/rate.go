package feed

import (
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
)

// Rate is how much one person may write: posts, comments and edits together, counted by each process for itself.
type Rate struct {
	// Writes in any stretch of Per. Defaults to 60; -1 is no limit.
	Writes int
	// Per defaults to one minute.
	Per time.Duration
}

func (r Rate) orDefault() Rate {
	if r.Writes == 0 {
		r.Writes = 60
	}
	if r.Per <= 0 {
		r.Per = time.Minute
	}
	return r
}

// limiter remembers when each person wrote lately.
type limiter struct {
	rate Rate

	mu    sync.Mutex
	wrote map[personKey][]time.Time
}

type personKey struct {
	tenant engawa.TenantID
	person engawa.PersonID
}

// maxWriters bounds the memory: when it is full, those who have not written lately are forgotten.
const maxWriters = 10000

func newLimiter(rate Rate) *limiter {
	return &limiter{rate: rate, wrote: map[personKey][]time.Time{}}
}

// take counts one write, or refuses it.
func (l *limiter) take(by engawa.Actor, now time.Time) error {
	if l.rate.Writes < 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	since := now.Add(-l.rate.Per)
	if len(l.wrote) >= maxWriters {
		for k, times := range l.wrote {
			if !times[len(times)-1].After(since) {
				delete(l.wrote, k)
			}
		}
	}
	key := personKey{by.Tenant, by.Person}
	times := l.wrote[key]
	for len(times) > 0 && (!times[0].After(since) || times[0].After(now)) { // after now: the clock jumped back
		times = times[1:]
	}
	if len(times) >= l.rate.Writes {
		wait := times[0].Add(l.rate.Per).Sub(now).Round(time.Second)
		return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooFast.With(l.rate.Writes, l.rate.Per, max(wait, time.Second))}
	}
	l.wrote[key] = append(times, now)
	return nil
}
