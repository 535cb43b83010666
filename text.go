package engawa

import (
	"time"
	"unicode/utf8"
)

// CheckHostID refuses an id of the host's that cannot be stored: empty, longer than [MaxHostID] bytes, not UTF-8, or
// with a control character.
func CheckHostID(field, id string) error {
	if id == "" {
		return invalid(field, msgEmpty)
	}
	return CheckText(field, id, Line(MaxHostID))
}

// TextRule is what a text may be.
type TextRule struct {
	// MaxBytes is the greatest length.
	MaxBytes int
	// Lines allows line feeds, carriage returns and tabs.
	Lines bool
}

// Line is the rule for one line of text.
func Line(maxBytes int) TextRule { return TextRule{MaxBytes: maxBytes} }

// Lines is the rule for text of many lines.
func Lines(maxBytes int) TextRule { return TextRule{MaxBytes: maxBytes, Lines: true} }

// CheckText refuses text that is too long, is not UTF-8 or holds a control character: NUL above all, which databases
// treat each in its own way.
func CheckText(field, s string, rule TextRule) error {
	if len(s) > rule.MaxBytes {
		return &Error{Kind: TooLarge, Fields: []Field{{Name: field, Message: msgTooLong.With(len(s), rule.MaxBytes)}}}
	}
	if !utf8.ValidString(s) {
		return invalid(field, msgNotUTF8)
	}
	for _, r := range s {
		if r >= 0x20 && r != 0x7f {
			continue
		}
		if rule.Lines && (r == '\n' || r == '\r' || r == '\t') {
			continue
		}
		return invalid(field, msgControl.With(r))
	}
	return nil
}

// CheckTime refuses a time before 1970 or after 2247, the years in which engawa's rows can be made.
func CheckTime(field string, t time.Time) error {
	if t.Before(MinTime) || !t.Before(MaxTime) {
		return invalid(field, msgTimeRange.With(MinTime.Year(), MaxTime.Year()-1))
	}
	return nil
}
