package calendar

// Override is one or more days on which the company does as it says itself: a closing (夏季休業), an opening on a day that
// is otherwise free (祝日稼働日), or hours of its own.
type Override struct {
	Name string `json:"name"`

	// From and To are the first and the last day. To defaults to From.
	From Date `json:"from"`
	To   Date `json:"to,omitzero"`

	// Yearly repeats the same days in every year after From, such as 12-29 to 01-03. 02-29 comes in leap years only.
	Yearly bool `json:"yearly,omitzero"`

	Rule OverrideRule `json:"rule"`

	// Spans are the hours if the rule is Opens. They default to the usual ones of the weekday, and on a weekday that has
	// none, to those of the first weekday from Monday on that has some.
	Spans []Span `json:"spans,omitzero"`
}

// OverrideRule says what an override does.
type OverrideRule string

// The override rules.
const (
	Closes OverrideRule = "closes" // nobody works
	Opens  OverrideRule = "opens"  // people work, also on holidays and weekends
)

// matches reports whether o says something about d.
func (o Override) matches(d Date) bool {
	last := o.last()
	if !o.Yearly {
		return Period{o.From, last}.Contains(d)
	}
	if d.Before(o.From) {
		return false
	}
	from, to, on := dayOfYear(o.From), dayOfYear(last), dayOfYear(d)
	if from <= to {
		return from <= on && on <= to
	}
	return from <= on || on <= to // over the turn of the year
}

func (o Override) last() Date {
	if o.To.IsZero() {
		return o.From
	}
	return o.To
}

// dayOfYear orders days within a year; 02-29 has its own place in every year.
func dayOfYear(d Date) int { return int(d.Month)*32 + d.Day }
