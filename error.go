package engawa

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Kind is the closed set of things that can go wrong. A Kind is an error itself, so that
// errors.Is(err, engawa.NotFound) asks for it.
type Kind uint8

const (
	// Internal is an error that engawa did not foresee; its cause is wrapped.
	Internal Kind = iota
	// Invalid input: [Error.Fields] says which fields and why.
	Invalid
	// NotFound is what does not exist, and what the actor may not know of.
	NotFound
	// Denied is what the actor knows of and may not do.
	Denied
	// Conflict is a stale version, a name that is taken, or an idempotency key that was used for something else.
	Conflict
	// Held is what a gate keeps back.
	Held
	// TooLarge is over a limit: of size, of number, or of rate.
	TooLarge
	// Retry is a deadlock or serialisation failure inside a host's transaction: roll it back and run it again. The
	// bound copy that returned it refuses further calls.
	Retry
	// Unavailable is a database, directory or schema that does not answer as it should.
	Unavailable
)

var kindNames = [...]string{"internal error", "invalid", "not found", "denied", "conflict", "held", "too large",
	"retry the transaction", "unavailable"}

func (k Kind) Error() string { return k.String() }

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Error is every error that a room returns: the operation, the kind, what it was about, and what to do next.
type Error struct {
	// Op is the public method, such as "feed.Publish".
	Op   string
	Kind Kind
	// Subject is what the error is about, such as `space "sales"`. It never holds a body.
	Subject string
	// Message says what is wrong and what to do, in each language.
	Message Message
	// Fields are the fields of the input that are wrong, where Kind is Invalid.
	Fields []Field
	// Err is the cause, perhaps nil.
	Err error
}

// Field is one field of an input that is wrong.
type Field struct {
	// Name is the Go path of the field, such as "Body" or "Attachments[2].Name".
	Name    string
	Message Message
}

func (e *Error) Error() string { return e.In(English) }

// In is the error's text in a language.
func (e *Error) In(lang Lang) string {
	var b strings.Builder
	part := func(s string) {
		if s == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(s)
	}
	part(e.Op)
	part(e.Subject)
	for i, f := range e.Fields {
		if i == 0 {
			part(f.Name + ": " + f.Message.In(lang))
		} else {
			b.WriteString("; " + f.Name + ": " + f.Message.In(lang))
		}
	}
	if e.Message.Code != "" {
		part(e.Message.In(lang))
	} else if len(e.Fields) == 0 {
		part(e.Kind.String())
	}
	if e.Err != nil && e.Kind != NotFound {
		part(e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is this error's kind.
func (e *Error) Is(target error) bool {
	k, ok := target.(Kind)
	return ok && k == e.Kind
}

// KindOf is the kind of err: Internal for an error of another make, Unavailable for a context that ended.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	}
	return Internal
}

// In puts an error of any make into words: those of an [Error] in the language, others as they are.
func In(lang Lang, err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.In(lang)
	}
	return err.Error()
}

// Wrap names the public operation in which err happened. An [Error] without an operation gets it; one that has an
// operation keeps its own; nil stays nil.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*Error); ok {
		if e.Op != "" {
			return err
		}
		named := *e
		named.Op = op
		return &named
	}
	return &Error{Op: op, Kind: KindOf(err), Err: err}
}

// invalid is the error of a value that this package refuses.
func invalid(field string, m Message) error {
	return &Error{Kind: Invalid, Fields: []Field{{Name: field, Message: m}}}
}
