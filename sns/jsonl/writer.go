package jsonl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"github.com/engawa-sns/engawa"
)

// Writer writes a file record by record. Call [Writer.Flush] at the end.
type Writer struct {
	out  *bufio.Writer
	line bytes.Buffer
	n    int
}

// NewWriter writes to w.
func NewWriter(w io.Writer) *Writer { return &Writer{out: bufio.NewWriter(w)} }

// Write writes one record, the first of which must be the [Version]. A record that a [Reader] would refuse is an error
// of kind Invalid or TooLarge, and nothing of it is written.
func (w *Writer) Write(r Record) error {
	if _, isVersion := r.(Version); isVersion != (w.n == 0) {
		m := msgNoVersion
		if isVersion {
			m = msgVersionAgain
		}
		return &engawa.Error{Kind: engawa.Invalid, Subject: fmt.Sprintf("record %d", w.n+1), Message: m}
	}
	if err := Check(r); err != nil {
		e := *err.(*engawa.Error)
		e.Subject = fmt.Sprintf("record %d: %s", w.n+1, e.Subject)
		return &e
	}
	r = normal(r)
	switch v := r.(type) {
	case Space:
		v.CreatedAt = engawa.Micro(v.CreatedAt)
		r = v
	case Member:
		v.At = engawa.Micro(v.At)
		r = v
	case Follow:
		v.At = engawa.Micro(v.At)
		r = v
	case Post:
		r = v.micro()
	case Comment:
		r = v.micro()
	case Kind:
		v.Retired = engawa.Micro(v.Retired)
		r = v
	case Thanks:
		v.At = engawa.Micro(v.At)
		r = v
	case Reaction:
		v.At = engawa.Micro(v.At)
		r = v
	}
	w.line.Reset()
	e := json.NewEncoder(&w.line)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return &engawa.Error{Kind: engawa.Internal, Subject: r.Type(), Err: err}
	}
	object := bytes.TrimPrefix(w.line.Bytes(), []byte("{")) // every type has a field that is always written
	head := fmt.Sprintf(`{"type":%q,`, r.Type())
	if len(head)+len(object)-1 > MaxLine {
		return &engawa.Error{Kind: engawa.TooLarge, Subject: fmt.Sprintf("record %d", w.n+1), Message: msgLong.With(MaxLine)}
	}
	w.n++
	_, _ = w.out.WriteString(head) // a bufio.Writer keeps its error
	if _, err := w.out.Write(object); err != nil {
		return &engawa.Error{Kind: engawa.Unavailable, Err: err}
	}
	return nil
}

// WriteAll writes all records of a stream and flushes. It stops at the first error, that of the stream or its own; what
// came before is written.
func (w *Writer) WriteAll(records iter.Seq2[Record, error]) error {
	for r, err := range records {
		if err == nil {
			err = w.Write(r)
		}
		if err != nil {
			_ = w.Flush()
			return err
		}
	}
	return w.Flush()
}

// Flush writes what is still held back.
func (w *Writer) Flush() error {
	if err := w.out.Flush(); err != nil {
		return &engawa.Error{Kind: engawa.Unavailable, Err: err}
	}
	return nil
}
