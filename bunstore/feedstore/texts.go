package feedstore

import (
	"sync"
	"sync/atomic"
	"time"
)

// known is what this process remembers of posts and comments as they were written: what stays the same for as long as
// their version does. The rows that are read beside it decide everything: whether something is there, at which version,
// whose it is and who may read it. So nothing in here can be wrong, only useless. A page of posts reads half the columns,
// and no bodies; of a page of comments that has not changed the database counts up what shows that.
type known struct {
	posts    texts[postRow]
	comments texts[commentRow]
	// threads are the pages of comments that were read last of posts.
	threads texts[threadRead]

	counts counts
	// noBlocks is set once the server has refused to read a block of statements.
	noBlocks atomic.Bool
}

// threadRead is a page of a post's comments as it was read, with its mark.
type threadRead struct {
	post, after int64
	limit       int
	mark        threadMark
	rows        []commentView
}

// threadMark tells whether a page of comments is still what it was. Comments are not deleted as long as their post is
// there, versions only grow, and a number loses its person for good: where the sums are the same, so is every part. That
// holds for what is committed; two transactions may see sums alike of different parts.
type threadMark struct {
	N        int64 `bun:"n"`
	Last     int64 `bun:"last"`
	Versions int64 `bun:"versions"`
	People   int64 `bun:"people"`
}

func markOf(rows []commentView) threadMark {
	m := threadMark{N: int64(len(rows))}
	for _, r := range rows {
		m.Last = max(m.Last, r.ID)
		m.Versions += r.Version
		if r.Author != "" {
			m.People += r.AuthorID
		}
	}
	return m
}

func (r postRow) key() int64    { return r.ID }
func (r commentRow) key() int64 { return r.ID }
func (r threadRead) key() int64 { return r.post }

// bytes is about what a row takes in memory.
func (r postRow) bytes() int    { return 300 + len(r.Body) + len(r.Attachments) }
func (r commentRow) bytes() int { return 300 + len(r.Body) + len(r.Attachments) }
func (r threadRead) bytes() int { return 100 + 300*len(r.rows) } // the texts are those of comments

// texts are rows by their ids. Two generations take turns: what is asked for again moves to the younger one, and the
// older one is dropped when the younger is full, or old itself. What nobody asks for is gone after two turns.
type texts[R interface {
	key() int64
	bytes() int
}] struct {
	mu         sync.Mutex
	young, old map[int64]*R
	bytes      int
	since      time.Time
}

// What texts hold at most: two generations of so many bytes.
const (
	maxTexts    = 8 << 20
	maxTextsAge = 10 * time.Minute
)

// find gives the rows of ids; where there is none, nil.
func (t *texts[R]) find(ids ...int64) []*R {
	found := make([]*R, len(ids))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn()
	for i, id := range ids {
		row := t.young[id]
		if row == nil {
			if row = t.old[id]; row != nil {
				t.add(row)
			}
		}
		found[i] = row
	}
	return found
}

// keep remembers rows that were read as committed.
func (t *texts[R]) keep(rows ...R) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, row := range rows {
		t.turn()
		t.add(&row)
	}
}

func (t *texts[R]) add(row *R) {
	id := (*row).key()
	if old := t.young[id]; old != nil {
		t.bytes -= (*old).bytes()
	}
	t.young[id] = row
	t.bytes += (*row).bytes()
}

// turn begins a generation where it is time.
func (t *texts[R]) turn() {
	if t.young == nil || t.bytes > maxTexts || time.Since(t.since) > maxTextsAge {
		t.young, t.old = make(map[int64]*R), t.young
		t.bytes, t.since = 0, time.Now()
	}
}
