package moderation

import (
	"encoding/json"
	"fmt"

	"github.com/engawa-sns/engawa/moderation/text"
)

// keptFacts are facts by their names, so that they outlive a change of the set.
type keptFacts struct {
	Values  map[string]int32 `json:"values"`
	Space   string           `json:"space,omitempty"`
	Hit     []string         `json:"hit,omitempty"`
	Touched []string         `json:"touched,omitempty"`
	Spans   []Span           `json:"spans,omitempty"`
}

// MarshalJSON writes the facts that are not 0, by name.
func (f Facts) MarshalJSON() ([]byte, error) {
	k := keptFacts{Values: map[string]int32{}, Space: f.Space.String(), Spans: f.Spans}
	for i, v := range f.Values {
		if v != 0 {
			k.Values[Fact(i).String()] = v
		}
	}
	for _, c := range text.Categories() {
		if f.Hit.Has(c) {
			k.Hit = append(k.Hit, c.String())
		}
		if f.Touched.Has(c) {
			k.Touched = append(k.Touched, c.String())
		}
	}
	return json.Marshal(k)
}

// UnmarshalJSON reads what MarshalJSON wrote. A fact or category that is known no more is an error: what a policy said to
// it can not be explained.
func (f *Facts) UnmarshalJSON(b []byte) error {
	var k keptFacts
	if err := json.Unmarshal(b, &k); err != nil {
		return err
	}
	*f = Facts{Spans: k.Spans}
	for name, v := range k.Values {
		fact, ok := ParseFact(name)
		if !ok {
			return fmt.Errorf("fact %q is not known", name)
		}
		f.Values[fact] = v
	}
	var ok bool
	if f.Space, ok = ParseSpace(k.Space); !ok {
		return fmt.Errorf("space %q is not known", k.Space)
	}
	for _, part := range []struct {
		names []string
		set   *Set
	}{{k.Hit, &f.Hit}, {k.Touched, &f.Touched}} {
		for _, name := range part.names {
			c, ok := text.ParseCategory(name)
			if !ok {
				return fmt.Errorf("category %q is not known", name)
			}
			*part.set |= 1 << c
		}
	}
	return nil
}
