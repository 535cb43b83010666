package mattermostexport

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
)

// place is where something stands in an export.
type place struct {
	name string
	line int
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.name, p.line) }

// error adds the place to an error.
func (p place) error(err error) error {
	var e *engawa.Error
	if !errors.As(err, &e) {
		return &engawa.Error{Kind: engawa.Unavailable, Subject: p.String(), Err: err}
	}
	placed := *e
	placed.Subject = p.String()
	if e.Subject != "" {
		placed.Subject += ": " + e.Subject
	}
	return &placed
}

func (p place) invalid(m engawa.Message) error {
	return p.error(&engawa.Error{Kind: engawa.Invalid, Message: m})
}

func (p place) tooLarge(m engawa.Message) error {
	return p.error(&engawa.Error{Kind: engawa.TooLarge, Message: m})
}

// file is the JSONL file, by itself or in a ZIP.
type file struct {
	name   string
	limits Limits
	plain  *io.SectionReader
	packed *zip.File
}

func newFile(r io.ReaderAt, size int64, opts Options) (*file, error) {
	f := &file{name: opts.Name, limits: opts.Limits, plain: io.NewSectionReader(r, 0, size)}
	magic := make([]byte, 4)
	if n, _ := r.ReadAt(magic, 0); n < len(magic) || string(magic[:2]) != "PK" {
		return f, nil
	}
	whole := func(kind engawa.Kind, m engawa.Message) error {
		return &engawa.Error{Kind: kind, Subject: opts.Name, Message: m}
	}
	z, err := zip.NewReader(r, size)
	if err != nil && z == nil {
		return nil, whole(engawa.Invalid, msgZip.With(err))
	}
	if len(z.File) > opts.Limits.Entries {
		return nil, whole(engawa.TooLarge, msgEntries.With(len(z.File), opts.Limits.Entries))
	}
	var found []*zip.File
	for _, entry := range z.File {
		if path.Ext(entry.Name) == ".jsonl" {
			found = append(found, entry)
		}
	}
	if len(found) == 0 {
		return nil, whole(engawa.Invalid, msgNoExport)
	}
	// Files that people have attached may be JSONL, too; they lie deeper.
	f.packed = slices.MinFunc(found, func(a, b *zip.File) int {
		return cmp.Or(cmp.Compare(strings.Count(a.Name, "/"), strings.Count(b.Name, "/")), cmp.Compare(a.Name, b.Name))
	})
	f.name = f.packed.Name
	return f, nil
}

// line is a line of the file.
type line struct {
	Type    string       `json:"type"`
	Version int          `json:"version"`
	Team    *team        `json:"team"`
	Channel *channelLine `json:"channel"`
	User    *user        `json:"user"`
	Bot     *bot         `json:"bot"`
	Post    *post        `json:"post"`
}

// lines reads a file line by line.
type lines struct {
	*file
	in     *bufio.Reader
	closer io.Closer
	at     place
	read   int64
	buf    []byte
}

func (f *file) lines() (*lines, error) {
	l := &lines{file: f, at: place{name: f.name}}
	if f.packed == nil {
		_, err := f.plain.Seek(0, io.SeekStart)
		l.in = bufio.NewReaderSize(f.plain, 64<<10)
		return l, err
	}
	r, err := f.packed.Open()
	if err != nil {
		return nil, &engawa.Error{Kind: engawa.Invalid, Subject: f.name, Message: msgEntry.With(err)}
	}
	l.in, l.closer = bufio.NewReaderSize(r, 64<<10), r
	return l, nil
}

func (l *lines) close() {
	if l.closer != nil {
		_ = l.closer.Close() // it was only read
	}
}

// next reads the next line that is not empty, or gives io.EOF.
func (l *lines) next(into *line) (place, error) {
	for {
		text, err := l.text()
		if err != nil {
			return l.at, err
		}
		if l.at.line == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		if !utf8.Valid(text) {
			return l.at, l.at.invalid(msgUTF8)
		}
		if err := json.Unmarshal(text, into); err != nil {
			return l.at, l.at.invalid(msgJSON.With(short(err)))
		}
		return l.at, nil
	}
}

// text is the next line, which is valid until the call after.
func (l *lines) text() ([]byte, error) {
	l.at.line++
	l.buf = l.buf[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		l.read += int64(len(part))
		switch {
		case len(l.buf) > l.limits.LineBytes+1:
			return nil, l.at.tooLarge(msgLineBytes.With(l.limits.LineBytes))
		case l.read > l.limits.TotalBytes:
			return nil, l.at.tooLarge(msgTotal.With(l.limits.TotalBytes))
		case l.packed != nil && l.read > 1<<20 && l.read/max(int64(l.packed.CompressedSize64), 1) > l.limits.Ratio:
			return nil, l.at.tooLarge(msgRatio.With(l.limits.Ratio))
		case err == nil, err == io.EOF && len(l.buf) > 0:
			return l.buf, nil
		case err == io.EOF:
			return nil, io.EOF
		case errors.Is(err, bufio.ErrBufferFull):
		case l.packed != nil:
			return nil, l.at.invalid(msgEntry.With(err))
		default:
			return nil, l.at.error(err)
		}
	}
}

func short(err error) string {
	const most = 200
	if s := err.Error(); len(s) > most {
		return s[:most] + "…"
	}
	return err.Error()
}
