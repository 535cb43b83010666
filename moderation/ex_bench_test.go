package moderation

import "testing"

// BenchmarkExplain measures an explanation of a decision in which two rules match, beside the decision alone.
func BenchmarkExplain(b *testing.B) {
	p, err := Default("ja")
	if err != nil {
		b.Fatal(err)
	}
	var sc Scratch
	d := Draft{Text: "山本、お前の失注のせいで部全体が迷惑している。", Author: Person{Rank: 5}, Targets: []Person{{Name: "山本", Rank: 1}}, Audience: 40}
	f, err := p.Extractor().Extract(&sc, &d)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("decide", func(b *testing.B) {
		for range b.N {
			Decide(p, &f)
		}
	})
	b.Run("explain", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			Explain(p, &f)
		}
	})
}
