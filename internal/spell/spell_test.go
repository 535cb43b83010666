package spell

import (
	"slices"
	"testing"
)

func TestDistance(t *testing.T) {
	var m Distance
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"サーバ", "サーバ", 0}, {"キャビッネト", "キャビネット", 1}, {"サーバ", "サバ", 1}, {"サバ", "サーバ", 1}, {"サーバ", "サーハ", 1},
		{"abcd", "badc", 2}, {"", "ab", 2}, {"ca", "abc", 3},
	} {
		if got := m.Of([]rune(c.a), c.b, 5); got != c.want {
			t.Errorf("%s to %s: %d, want %d", c.a, c.b, got, c.want)
		}
		if c.want > 0 {
			if got := m.Of([]rune(c.a), c.b, c.want-1); got < c.want {
				t.Errorf("%s to %s within %d: %d", c.a, c.b, c.want-1, got)
			}
		}
	}
	long := make([]rune, Longest+1)
	if got := m.Of(long, "a", 2); got <= 2 {
		t.Errorf("a word that is too long is %d away", got)
	}
	if got := m.Of([]rune("a"), string(long), 2); got <= 2 {
		t.Errorf("a word that is too long is %d away", got)
	}
}

func TestKindOf(t *testing.T) {
	for s, want := range map[string]Kind{"サーバー": Katakana, "server": Latin, "サーバa": None, "会社": None, "": None, "ab1": None} {
		if got := KindOf(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

// TestSlips holds that every slip is one step away, and that none is missing of those that are told.
func TestSlips(t *testing.T) {
	var m Distance
	word := "レドッリスト"
	slips := Slips([]rune(word))
	for _, s := range slips {
		if d := m.Of([]rune(word), s, 3); d != 1 {
			t.Errorf("%s is %d away", s, d)
		}
	}
	for _, want := range []string{"レッドリスト", "レドリスト", "レドッリースト", "レトッリスト", "レドツリスト"} {
		if !slices.Contains(slips, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if got := slices.Index(slips, "レッドリスト"); got > len(word) {
		t.Errorf("what was swapped comes as number %d", got)
	}
}
