package feed

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
)

// ThanksDetails say whom a post thanks (感謝). Points and what they are worth are another room's business.
type ThanksDetails struct {
	bare
	// To are those who are thanked, the author not among them.
	To []engawa.PersonID `json:"to" validate:"required,min=1,max=50,unique,dive,hostid"`
	// Value is the value of the company (行動指針) that they lived up to, in the host's words. Defaults to none.
	Value string `json:"value,omitempty" validate:"line=200"`
}

// Kind implements [Details].
func (*ThanksDetails) Kind() Kind { return Thanks }

func (d *ThanksDetails) people() []*engawa.PersonID { return pointers(d.To) }

func (d *ThanksDetails) texts() []string { return []string{d.Value} }

func (d *ThanksDetails) settle(_ context.Context, _ *Service, w writing) error {
	if slices.Contains(d.To, w.reader.Person) {
		return invalid("Details.To", msgThanksSelf)
	}
	return nil
}

func pointers[T any](all []T) []*T {
	out := make([]*T, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	return out
}
