package slackexport

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/engawa-sns/engawa"
)

// place is where something stands in an export.
type place struct {
	entry string
	line  int // 0 for the whole entry
}

func (p place) String() string {
	if p.line == 0 {
		return p.entry
	}
	return fmt.Sprintf("%s:%d", p.entry, p.line)
}

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

// archive is a ZIP whose entries are read within limits.
type archive struct {
	limits Limits
	files  map[string]*zip.File // by path below the export's own folder
	days   map[string][]string  // the .json files of each folder, sorted
	read   int64                // bytes so far
}

func newArchive(z *zip.Reader, opts Options) (*archive, error) {
	whole := place{entry: opts.Name}
	if len(z.File) > opts.Limits.Entries {
		return nil, whole.tooLarge(msgEntries.With(len(z.File), opts.Limits.Entries))
	}
	root, found := "", false
	for _, f := range z.File {
		dir, base := path.Split(f.Name)
		if (base == "channels.json" || base == "groups.json") && (!found || len(dir) < len(root)) {
			root, found = dir, true
		}
	}
	if !found {
		return nil, whole.invalid(msgNoExport)
	}
	a := &archive{limits: opts.Limits, files: map[string]*zip.File{}, days: map[string][]string{}}
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, root)
		if !ok || strings.HasSuffix(name, "/") {
			continue
		}
		if _, twice := a.files[name]; twice {
			return nil, place{entry: name}.invalid(msgTwice)
		}
		a.files[name] = f
		if dir, base := path.Split(name); strings.Count(name, "/") == 1 && path.Ext(base) == ".json" {
			dir = strings.TrimSuffix(dir, "/")
			a.days[dir] = append(a.days[dir], name)
		}
	}
	for _, days := range a.days {
		slices.Sort(days)
	}
	return a, nil
}

// bytes is the content of an entry; an entry that does not exist has none.
func (a *archive) bytes(name string) ([]byte, error) {
	f, ok := a.files[name]
	if !ok {
		return nil, nil
	}
	at, size := place{entry: name}, f.UncompressedSize64
	if size > uint64(a.limits.EntryBytes) {
		return nil, at.tooLarge(msgEntryBytes.With(a.limits.EntryBytes))
	}
	if size > 1<<20 && size/max(f.CompressedSize64, 1) > uint64(a.limits.Ratio) {
		return nil, at.tooLarge(msgRatio.With(a.limits.Ratio))
	}
	r, err := f.Open()
	if err != nil {
		return nil, at.invalid(msgEntry.With(err))
	}
	defer r.Close()
	// The size in the directory may be a lie.
	b, err := io.ReadAll(io.LimitReader(r, a.limits.EntryBytes+1))
	a.read += int64(len(b))
	switch {
	case int64(len(b)) > a.limits.EntryBytes:
		return nil, at.tooLarge(msgEntryBytes.With(a.limits.EntryBytes))
	case a.read > a.limits.TotalBytes:
		return nil, at.tooLarge(msgTotal.With(a.limits.TotalBytes))
	case err != nil:
		return b, at.invalid(msgEntry.With(err))
	}
	return b, nil
}

// array reads the elements of a JSON array one by one and says where each begins. It stops at the first error; the
// elements before it have been handed over.
func array[T any](a *archive, name string, each func(T, place) error) error {
	b, broken := a.bytes(name)
	if b == nil {
		return broken
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	lines := lineCounter{b: b}
	fail := func(offset int64, err error) error {
		if broken != nil {
			return broken // the entry was cut off, and so it ends in the middle of an element
		}
		return place{name, lines.at(offset)}.invalid(msgJSON.With(short(err)))
	}
	d := json.NewDecoder(bytes.NewReader(b))
	t, err := d.Token()
	if err != nil {
		return fail(d.InputOffset(), err)
	}
	if t == nil {
		return nil
	}
	if t != json.Delim('[') {
		return fail(0, errors.New("is no array"))
	}
	for d.More() {
		start := d.InputOffset()
		for start < int64(len(b)) && bytes.IndexByte([]byte(" \t\r\n,"), b[start]) >= 0 {
			start++
		}
		var element T
		if err := d.Decode(&element); err != nil {
			var syntax *json.SyntaxError
			var typ *json.UnmarshalTypeError
			switch {
			case errors.As(err, &syntax):
				start = syntax.Offset
			case errors.As(err, &typ):
				start += typ.Offset
			case errors.Is(err, io.ErrUnexpectedEOF):
				start = int64(len(b))
			}
			return fail(start, err)
		}
		if err := each(element, place{name, lines.at(start)}); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fail(int64(len(b)), err)
	}
	return broken
}

func short(err error) string {
	const most = 200
	if s := err.Error(); len(s) > most {
		return s[:most] + "…"
	}
	return err.Error()
}

// lineCounter tells the line of an offset, for offsets that grow.
type lineCounter struct {
	b       []byte
	offset  int64
	newline int
}

func (l *lineCounter) at(offset int64) int {
	offset = min(max(offset, 0), int64(len(l.b)))
	if offset < l.offset {
		l.offset, l.newline = 0, 0
	}
	l.newline += bytes.Count(l.b[l.offset:offset], []byte("\n"))
	l.offset = offset
	return l.newline + 1
}
