package engawa_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/quick"
	"time"

	"github.com/engawa-sns/engawa"
)

func TestIDText(t *testing.T) {
	roundTrip := func(n int64) bool {
		id := engawa.ID(n & (1<<63 - 1))
		back, err := engawa.ParseID(id.String())
		return err == nil && back == id && len(id.String()) == 13
	}
	if err := quick.Check(roundTrip, nil); err != nil {
		t.Error(err)
	}
	sorted := func(a, b int64) bool {
		x, y := engawa.ID(a&(1<<63-1)), engawa.ID(b&(1<<63-1))
		return (x < y) == (x.String() < y.String())
	}
	if err := quick.Check(sorted, nil); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "0", "0000000000000 ", "zzzzzzzzzzzzz", "000000000000i", "000000000000U", "00000000000あ", "-000000000000"} {
		if _, err := engawa.ParseID(bad); engawa.KindOf(err) != engawa.Invalid {
			t.Errorf("ParseID(%q): %v", bad, err)
		}
	}
}

func TestIDJSON(t *testing.T) {
	type row struct{ ID engawa.ID }
	b, err := json.Marshal(row{engawa.IDAt(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))})
	if err != nil {
		t.Fatal(err)
	}
	var back row
	if err := json.Unmarshal(b, &back); err != nil || back.ID.Time().Year() != 2026 {
		t.Errorf("%s: %v %v", b, back.ID.Time(), err)
	}
	if err := json.Unmarshal([]byte(`{"ID":"nonsense"}`), &back); err == nil {
		t.Error("nonsense was read as an id")
	}
}

func TestIDAtIsWithinBounds(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(-1, 0), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)} {
		if id := engawa.IDAt(at); id < 0 {
			t.Errorf("IDAt(%v) = %d", at, id)
		}
	}
	at := time.Date(2026, 11, 21, 1, 2, 3, 456e6, time.UTC)
	if got := engawa.IDAt(at).Time(); !got.Equal(at) {
		t.Errorf("%v came back as %v", at, got)
	}
}

func TestIDSourceGrows(t *testing.T) {
	now := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	s := engawa.NewIDSource(func() time.Time { return now })
	last := s.Next()
	for i := range 5000 {
		switch {
		case i == 1000:
			now = now.Add(-time.Hour) // the clock jumps back
		case i == 3000:
			now = now.Add(2 * time.Hour)
		}
		id := s.Next()
		if id <= last {
			t.Fatalf("id %d after %d", id, last)
		}
		last = id
	}
	if floor := last + 1<<40; s.After(floor) <= floor {
		t.Error("After gave an id that is not after")
	}
}

func TestIDSourceIsConcurrent(t *testing.T) {
	s := engawa.NewIDSource(nil)
	var mu sync.Mutex
	var all []engawa.ID
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			ids := make([]engawa.ID, 1000)
			for i := range ids {
				ids[i] = s.Next()
			}
			mu.Lock()
			all = append(all, ids...)
			mu.Unlock()
		})
	}
	wg.Wait()
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 8000 {
		t.Errorf("%d different ids of 8000", n)
	}
}

func TestImportIDKeepsOrderAndSpreads(t *testing.T) {
	at := time.Date(2013, 1, 1, 0, 0, 0, 5000, time.UTC)
	if first, again := engawa.ImportID(at, "a", 0), engawa.ImportID(at, "a", 0); first != again {
		t.Error("the same row gave two ids")
	}
	if engawa.ImportID(at, "z", 0) >= engawa.ImportID(at.Add(time.Microsecond), "a", 0) {
		t.Error("a microsecond later sorts before")
	}
	// A thousand rows of one microsecond find ids within few tries each.
	taken := map[engawa.ID]bool{}
	for i := range 3000 {
		try := 0
		for ; taken[engawa.ImportID(at, fmt.Sprint(i), try)]; try++ {
			if try > 900 {
				t.Fatalf("row %d: no free id in %d tries", i, try)
			}
		}
		taken[engawa.ImportID(at, fmt.Sprint(i), try)] = true
	}
}

func ExampleID() {
	id := engawa.IDAt(time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC))
	fmt.Println(id, id.Time().Format(time.DateTime))
	// Output: 1kn44arm00000 2026-04-01 09:00:00
}
