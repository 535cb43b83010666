package text

import "testing"

func TestBuild(t *testing.T) {
	e, err := NewEngine(Japanese())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(e.Terms(), len(e.frames), len(e.slots), len(e.steps))
}
