package jsonl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
)

// Reader reads a file as a stream: it holds one line at a time.
type Reader struct {
	lines *bufio.Scanner
	name  string
	line  int
}

// NewReader reads from r. The name, such as "export.jsonl", stands in errors.
func NewReader(r io.Reader, name string) *Reader {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), MaxLine+2) // and the line's end
	return &Reader{lines: s, name: name}
}

// All yields the records in their order, the [Version] first. It ends after the first error, which it yields with a nil
// record: of kind Invalid or TooLarge for what is wrong with a line, with the file's name and the line's number
// (export.jsonl:17: …), and Unavailable for what went wrong beneath. The records before it have been yielded; a file
// that was cut off ends so. Empty lines are passed over. A Reader is read once.
func (r *Reader) All() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for {
			record, err := r.next()
			if err == io.EOF {
				return
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reader) next() (Record, error) {
	for r.lines.Scan() {
		first := r.line == 0
		r.line++
		line := r.lines.Bytes()
		if first {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(line) > MaxLine {
			return nil, r.tooLong()
		}
		if len(bytes.TrimSpace(line)) == 0 && !first {
			continue
		}
		return r.record(line, first)
	}
	switch err := r.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		r.line++
		return nil, r.tooLong()
	case err != nil:
		return nil, &engawa.Error{Kind: engawa.Unavailable, Subject: r.name, Err: err}
	case r.line == 0:
		r.line++
		return nil, r.invalid(msgNoVersion)
	}
	return nil, io.EOF
}

func (r *Reader) record(line []byte, first bool) (Record, error) {
	if !utf8.Valid(line) {
		return nil, r.invalid(msgUTF8)
	}
	record, err := decode(line)
	switch {
	case err != nil && first && len(bytes.TrimSpace(line)) == 0:
		return nil, r.invalid(msgNoVersion)
	case err != nil:
		return nil, r.at(err)
	}
	_, isVersion := record.(Version)
	switch {
	case first && !isVersion:
		return nil, r.invalid(msgNoVersion)
	case !first && isVersion:
		return nil, r.invalid(msgVersionAgain)
	}
	if err := Check(record); err != nil {
		return nil, r.at(err)
	}
	return record, nil
}

// at adds file and line to an error of this package.
func (r *Reader) at(err error) error {
	e := *err.(*engawa.Error)
	place := fmt.Sprintf("%s:%d", r.name, r.line)
	if e.Subject != "" {
		place += ": " + e.Subject
	}
	e.Subject = place
	return &e
}

func (r *Reader) invalid(m engawa.Message) error {
	return r.at(&engawa.Error{Kind: engawa.Invalid, Message: m})
}

func (r *Reader) tooLong() error {
	return r.at(&engawa.Error{Kind: engawa.TooLarge, Message: msgLong.With(MaxLine)})
}

func decode(line []byte) (Record, error) {
	if r := quick(line); r != nil {
		return r, nil
	}
	var head typed
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, syntax(err)
	}
	switch head.T {
	case Version{}.Type():
		var r struct {
			typed
			Version
		}
		// A later version may have fields that are not known: its number says more than they would.
		if err := json.Unmarshal(line, &r); err == nil && r.Version.Version > CurrentVersion {
			return r.Version, nil
		}
		r.Version = Version{}
		return into(line, &r, func() Record { return r.Version })
	case Person{}.Type():
		var r struct {
			typed
			Person
		}
		return into(line, &r, func() Record { return r.Person })
	case Space{}.Type():
		var r struct {
			typed
			Space
		}
		return into(line, &r, func() Record { r.CreatedAt = engawa.Micro(r.CreatedAt); return r.Space })
	case Member{}.Type():
		var r struct {
			typed
			Member
		}
		return into(line, &r, func() Record { r.At = engawa.Micro(r.At); return r.Member })
	case Follow{}.Type():
		var r struct {
			typed
			Follow
		}
		return into(line, &r, func() Record { r.At = engawa.Micro(r.At); return r.Follow })
	case Post{}.Type():
		var r struct {
			typed
			Post
		}
		return into(line, &r, func() Record { return r.Post.micro() })
	case Comment{}.Type():
		var r struct {
			typed
			Comment
		}
		return into(line, &r, func() Record { return r.Comment.micro() })
	case Kind{}.Type():
		var r struct {
			typed
			Kind
		}
		return into(line, &r, func() Record { r.Retired = engawa.Micro(r.Retired); return r.Kind })
	case Thanks{}.Type():
		var r struct {
			typed
			Thanks
		}
		return into(line, &r, func() Record { r.At = engawa.Micro(r.At); return r.Thanks })
	case Reaction{}.Type():
		var r struct {
			typed
			Reaction
		}
		return into(line, &r, func() Record { r.At = engawa.Micro(r.At); return r.Reaction })
	}
	if r, ok, err := decodeKinds(head.T, line); ok {
		return r, err
	}
	if r, ok, err := decodeReading(head.T, line); ok {
		return r, err
	}
	return nil, &engawa.Error{Kind: engawa.Invalid, Message: msgType.With(cut(head.T))}
}

// quick decodes a line of those of which a file has most, where it begins with its type as [Writer] writes it: then its
// type need not be found before. It is nil for all others, and where anything is wrong with the line.
func quick(line []byte) Record {
	var t *typed
	var v any
	var record func() Record
	switch {
	case bytes.HasPrefix(line, []byte(`{"type":"post",`)):
		var r struct {
			typed
			Post
		}
		t, v, record = &r.typed, &r, func() Record { return r.Post.micro() }
	case bytes.HasPrefix(line, []byte(`{"type":"comment",`)):
		var r struct {
			typed
			Comment
		}
		t, v, record = &r.typed, &r, func() Record { return r.Comment.micro() }
	default:
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil || len(bytes.TrimSpace(line[d.InputOffset():])) > 0 {
		return nil
	}
	if r := record(); r.Type() == t.T { // the line may name another type further on
		return r
	}
	return nil
}

// typed takes the field that every line has.
type typed struct {
	T string `json:"type"`
}

func into(line []byte, v any, record func() Record) (Record, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return nil, syntax(err)
	}
	return record(), nil
}

func syntax(err error) error {
	return &engawa.Error{Kind: engawa.Invalid, Message: msgSyntax.With(cut(err.Error()))}
}

// cut keeps what stands in a file from filling an error.
func cut(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

func (r Post) micro() Post {
	r.PublishedAt, r.EditedAt, r.ExpiresAt = engawa.Micro(r.PublishedAt), engawa.Micro(r.EditedAt), engawa.Micro(r.ExpiresAt)
	r.Retracted, r.Details = r.Retracted.micro(), compact(r.Details)
	return r
}

func (c Comment) micro() Comment {
	c.PublishedAt, c.EditedAt = engawa.Micro(c.PublishedAt), engawa.Micro(c.EditedAt)
	c.Retracted = c.Retracted.micro()
	return c
}

func (r *Retracted) micro() *Retracted {
	if r == nil {
		return nil
	}
	return &Retracted{By: r.By, At: engawa.Micro(r.At), Why: r.Why}
}
