package moderation

import "fmt"

// An Outcome is what happens to a draft. The order is one of severity: a policy may only go up in it as the author's rank goes up.
type Outcome uint8

const (
	// Allow publishes.
	Allow Outcome = iota
	// Nudge publishes, with a hint for its author alone (助言); a composer that asks for a preview shows it before.
	Nudge
	// Confirm asks the author to confirm in so many words (確認).
	Confirm
	// Direct asks whether to say it to the one person it is about instead (1対1へ).
	Direct
	// Delay publishes at the next working time (業務時間まで待つ).
	Delay
	// Hold keeps the draft for a reviewer (保留).
	Hold
	// Hide takes it out of sight until a reviewer has seen it (非表示): of an edit also what is published already.
	Hide
	outcomes
)

var outcomeNames = [outcomes]string{"allow", "nudge", "confirm", "direct", "delay", "hold", "hide"}

// String returns the name that policies and reports use.
func (o Outcome) String() string {
	if o < outcomes {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome %d", uint8(o))
}

// ParseOutcome is the reverse of String.
func ParseOutcome(s string) (Outcome, bool) {
	for o, name := range outcomeNames {
		if name == s {
			return Outcome(o), true
		}
	}
	return 0, false
}

// MarshalText makes outcomes readable in JSON.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (o *Outcome) UnmarshalText(b []byte) error {
	parsed, ok := ParseOutcome(string(b))
	if !ok {
		return fmt.Errorf("outcome %q is not known: use one of %v", b, outcomeNames)
	}
	*o = parsed
	return nil
}
