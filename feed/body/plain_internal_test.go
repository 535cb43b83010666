package body

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// TestPlainTextHoldsNothing compares the short way for plain text with parsing it.
func TestPlainTextHoldsNothing(t *testing.T) {
	pieces := []string{"<", "@", "p>", "<@p>", "#", "＃", "タグ", "http", ":", "/", "//", "://x.example", "[a](", ")", "> ", "- ", "1. ", "**", "*", "~~", "`", "\\", "\n", "  ", "文", "word", "-"}
	rng := rand.New(rand.NewPCG(1, 1))
	short := 0
	for range 20000 {
		var b strings.Builder
		for range 1 + rng.IntN(30) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		text := b.String()
		if !plain(text) {
			continue
		}
		short++
		if got, err := read(text); err != nil || !reflect.DeepEqual(got, Body{}) {
			t.Fatalf("%q counts as plain and holds %+v, %v", text, got, err)
		}
	}
	if short < 500 {
		t.Errorf("only %d texts were plain", short)
	}
}
