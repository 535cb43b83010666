package moderation

import "testing"

func TestDefaults(t *testing.T) {
	for _, l := range []string{"ja", "en"} {
		p, err := Default(l)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		for _, f := range Lint(p) {
			t.Log(l, f)
		}
	}
}
