package blevesearch

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// randomEntries are entries of every shape: no term, very long ones, terms that all have, many occurrences.
func randomEntries(rng *rand.Rand, n int) []search.Entry {
	term := func() string {
		switch rng.IntN(12) {
		case 0:
			return strings.Repeat("長", 1+rng.IntN(120))
		case 1:
			return fmt.Sprint("rare", rng.Uint32())
		}
		return fmt.Sprint("語", rng.IntN(40))
	}
	var out []search.Entry
	for i := range n {
		e := search.Entry{Ref: engawa.Ref{Kind: "doc", ID: fmt.Sprint(rng.IntN(1e6), "-", i)}, Scope: search.Scope(fmt.Sprint("s", rng.IntN(4))),
			Author: engawa.PersonID(fmt.Sprint("p", rng.IntN(5))), Kind: "k", Weight: []float32{0, 1, 1.25}[rng.IntN(3)], Question: rng.IntN(2) == 0}
		if rng.IntN(5) > 0 {
			e.At = time.Unix(rng.Int64N(2e9), 0)
		}
		for range rng.IntN(3) {
			e.Tags = append(e.Tags, fmt.Sprint("t", rng.IntN(6)))
		}
		for f := range e.Terms {
			for range rng.IntN(30) {
				e.Terms[f] = append(e.Terms[f], term())
			}
		}
		if rng.IntN(10) == 0 {
			e.Terms[search.Words] = append(e.Terms[search.Words], slices.Repeat([]string{"よく"}, rng.IntN(400))...)
		}
		out = append(out, e)
	}
	return out
}

func newSegment(t testing.TB, entries []search.Entry) *memorySegment {
	t.Helper()
	var docs []index.Document
	for i := range entries {
		docs = append(docs, newDocument(&entries[i], newRecord(&entries[i])))
	}
	s, size, err := segmentPlugin{}.New(docs)
	if err != nil {
		t.Fatal(err)
	}
	if m := s.(*memorySegment); int(size) == len(m.mem) {
		return m
	}
	t.Fatal("the size is not that of the bytes")
	return nil
}

// TestSegment reads back what was written: ids, records, and the documents and frequencies of every term.
func TestSegment(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 15, 16, 17, 300} {
		entries := randomEntries(rng, n)
		s := newSegment(t, entries)
		slices.SortFunc(entries, func(a, b search.Entry) int { return strings.Compare(a.Ref.String(), b.Ref.String()) })
		var want [search.NumFields]map[string]map[uint32]uint8
		rows := s.records()
		for doc := range entries {
			e := &entries[doc]
			var got record
			rows.next(&got)
			got.mix(s.id(uint32(doc)))
			if wrote := newRecord(e); got.sum != wrote.sum || got.tie != wrote.tie {
				t.Fatalf("document %d: record %+v, want %+v", doc, got, wrote)
			}
			for f, list := range e.Terms {
				if want[f] == nil {
					want[f] = map[string]map[uint32]uint8{}
				}
				for _, term := range list {
					if search.Field(f) == search.Pairs {
						term = string(appendPair(nil, term))
					}
					term = term[:min(len(term), maxTerm)]
					if want[f][term] == nil {
						want[f][term] = map[uint32]uint8{}
					}
					want[f][term][uint32(doc)] = min(want[f][term][uint32(doc)], 254) + 1
				}
			}
		}
		for f := range want {
			terms := &s.fields[f]
			got := map[string]map[uint32]uint8{}
			last := ""
			for c := terms.all(); c.next(); {
				term := string(c.term)
				if term <= last && last != "" {
					t.Fatalf("%q comes after %q", term, last)
				}
				last = term
				got[term] = postingsOf(terms.at(&c))
				if found := postingsOf(terms.list(term)); !cmp.Equal(found, got[term]) {
					t.Fatalf("%q is found with %v, and has %v", term, found, got[term])
				}
			}
			if diff := cmp.Diff(want[f], got); diff != "" {
				t.Fatalf("%d documents, field %v: -want +got\n%s", n, search.Field(f), diff)
			}
			for _, absent := range []string{"", "a", "語語", "\xff\xff", last + "x"} {
				if l := terms.list(absent); len(l.docs) > 0 && want[f][absent] == nil {
					t.Errorf("%q is found and is not there", absent)
				}
			}
		}
	}
}

func postingsOf(l *list) map[uint32]uint8 {
	out := map[uint32]uint8{}
	for i, d := range l.docs {
		out[d] = 1
		if l.freqs != nil {
			out[d] = l.freqs[i]
		}
	}
	return out
}

// TestMerge merges segments without some documents: the bytes must be those of a segment of the rest.
func TestMerge(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		entries := randomEntries(rng, 1+rng.IntN(200))
		var parts []segment.Segment
		var drops []*roaring.Bitmap
		var rest []search.Entry
		for from := 0; from < len(entries); {
			to := min(len(entries), from+1+rng.IntN(60))
			part := entries[from:to]
			from = to
			s := newSegment(t, part)
			drop := roaring.New()
			for i := range part {
				if id := part[i].Ref.String(); rng.IntN(3) == 0 {
					docs, err := s.DocNumbers([]string{id, "doc:none"})
					if err != nil || docs.GetCardinality() != 1 {
						t.Fatalf("%s: %v, %v", id, docs, err)
					}
					drop.Or(docs)
				} else {
					rest = append(rest, part[i])
				}
			}
			parts, drops = append(parts, s), append(drops, drop)
		}
		path := filepath.Join(t.TempDir(), "merged.zap")
		numbers, size, err := segmentPlugin{}.Merge(parts, drops, path, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || int(size) != len(got) {
			t.Fatal(size, len(got), err)
		}
		if err := checkFooter(path); err != nil {
			t.Fatal(err)
		}
		want := newSegment(t, rest)
		if !bytes.Equal(got, want.mem) {
			t.Fatal("the merged segment is not that of the documents that stay")
		}
		for i, p := range parts {
			for doc, n := range numbers[i] {
				gone := drops[i].Contains(uint32(doc))
				if gone != (n == dropped) || !gone && want.id(uint32(n)) != dataOf(p).id(uint32(doc)) {
					t.Fatalf("document %d of part %d is given number %d", doc, i, n)
				}
			}
		}
	}
	stop := make(chan struct{})
	close(stop)
	path := filepath.Join(t.TempDir(), "stopped.zap")
	part := newSegment(t, randomEntries(rng, 3))
	if _, _, err := (segmentPlugin{}).Merge([]segment.Segment{part}, []*roaring.Bitmap{nil}, path, stop, nil); err == nil {
		t.Error("a merge that was stopped reports no error")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a merge that was stopped leaves a file")
	}
}

// FuzzSegment reads segments that are damaged in a way that no checksum has noticed: an error, and neither a crash that
// cannot be recovered from nor an endless loop.
func FuzzSegment(f *testing.F) {
	whole := newSegment(f, randomEntries(rand.New(rand.NewPCG(5, 6)), 40)).mem
	f.Add(uint32(0), byte(1), uint32(len(whole)))
	f.Add(uint32(len(whole)-20), byte(0xFF), uint32(len(whole)))
	f.Add(uint32(len(whole)/2), byte(0x80), uint32(len(whole)/2))
	f.Fuzz(func(t *testing.T, at uint32, flip byte, size uint32) {
		mem := slices.Clone(whole)
		mem[int(at)%len(mem)] ^= flip
		s := &memorySegment{}
		if err := s.open(mem[:min(int(size), len(mem))]); err != nil {
			return
		}
		ix := &tenantIndex{scopes: newNames(), authors: newNames(), kinds: newNames(), tags: newNames()}
		ls := &lists{seg: s, budget: &budget{}, docs: s.n}
		_ = ls.reading(func(c *contents) { ix.readColumns(c) })
		_, _ = ls.docNumbers([]string{"doc:1"})
		for field := range search.NumFields {
			_ = ls.reading(func(c *contents) {
				for cur := c.fields[field].all(); cur.next(); {
					c.fields[field].at(&cur)
				}
			})
			_, _ = ls.get(field, "語1", false)
			_, _ = ls.get(field, "語", true)
		}
		_, _, _ = segmentPlugin{}.Merge([]segment.Segment{s}, []*roaring.Bitmap{nil}, filepath.Join(t.TempDir(), "m.zap"), nil, nil)
	})
}
