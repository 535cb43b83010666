package engawa_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
)

func TestCursor(t *testing.T) {
	c := engawa.NewCursor("会社", "feed.Home 田中", 7, -3)
	var a, b int64
	if ok, err := c.Keys("会社", "feed.Home 田中", &a, &b); !ok || err != nil || a != 7 || b != -3 {
		t.Fatalf("%v %v %d %d", ok, err, a, b)
	}
	if strings.ContainsAny(string(c), "+/=") {
		t.Errorf("%q cannot stand in a URL as it is", c)
	}
	if ok, err := engawa.Cursor("").Keys("t", "q", &a); ok || err != nil || a != 7 {
		t.Errorf("the empty cursor: %v %v %d", ok, err, a)
	}
	for name, err := range map[string]error{
		"another tenant": second(c.Keys("会社2", "feed.Home 田中", &a, &b)),
		"another list":   second(c.Keys("会社", "feed.Home 佐藤", &a, &b)),
		"fewer keys":     second(c.Keys("会社", "feed.Home 田中", &a)),
		"more keys":      second(c.Keys("会社", "feed.Home 田中", &a, &b, &a)),
		"changed":        second((c[:3] + "A" + c[4:]).Keys("会社", "feed.Home 田中", &a, &b)),
		"cut":            second(c[:len(c)-2].Keys("会社", "feed.Home 田中", &a, &b)),
		"long":           second(engawa.Cursor(strings.Repeat("A", 10000)).Keys("会社", "feed.Home 田中", &a, &b)),
		"nonsense":       second(engawa.Cursor("次のページ").Keys("会社", "feed.Home 田中", &a, &b)),
	} {
		if engawa.KindOf(err) != engawa.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ bool, err error) error { return err }

func FuzzCursor(f *testing.F) {
	f.Add("会社", "feed.Space 営業", int64(1), int64(-1), "AQ")
	f.Add("", "", int64(1<<62), int64(0), "")
	f.Fuzz(func(t *testing.T, tenant, query string, x, y int64, forged string) {
		c := engawa.NewCursor(engawa.TenantID(tenant), query, x, y)
		var a, b int64
		if ok, err := c.Keys(engawa.TenantID(tenant), query, &a, &b); !ok || err != nil || a != x || b != y {
			t.Fatalf("%q: %v %v %d %d", c, ok, err, a, b)
		}
		if ok, err := engawa.Cursor(forged).Keys(engawa.TenantID(tenant), query, &a, &b); ok && engawa.Cursor(forged) != engawa.NewCursor(engawa.TenantID(tenant), query, a, b) || ok && err != nil {
			t.Fatalf("%q was believed", forged)
		}
	})
}

func TestAll(t *testing.T) {
	boom := errors.New("boom")
	pages := func(fail int) func(context.Context, engawa.Cursor) (engawa.Page[int], error) {
		return func(_ context.Context, c engawa.Cursor) (engawa.Page[int], error) {
			n := len(c)
			if n == fail {
				return engawa.Page[int]{}, boom
			}
			p := engawa.Page[int]{Items: []int{2 * n, 2*n + 1}}
			if n < 2 {
				p.Next = c + "x"
			}
			return p, nil
		}
	}
	var got []int
	for n, err := range engawa.All(t.Context(), pages(-1)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
	}
	if len(got) != 6 || got[5] != 5 {
		t.Errorf("%v", got)
	}
	var last error
	n := 0
	for _, err := range engawa.All(t.Context(), pages(1)) {
		n++
		last = err
	}
	if n != 3 || !errors.Is(last, boom) {
		t.Errorf("%d items, %v", n, last)
	}
	for range engawa.All(t.Context(), pages(-1)) {
		break // stopping early asks for no more
	}
}
