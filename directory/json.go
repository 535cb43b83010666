package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
)

// ReadJSON reads charts from JSON: an array with one object for each tenant, whose fields are those of [Chart] in lower
// case. Times are in RFC 3339. A field that a chart does not have is an error: of kind Invalid, as everything that is
// wrong with the file's form, with file, line and column (in bytes). [New] checks the rest.
//
//	[{"tenant": "main",
//	  "units":  [{"id": "sales"}, {"id": "sales-1", "parents": ["sales"]}],
//	  "people": [{"id": "tanaka", "display": "田中 恵", "reading": "たなか めぐみ",
//	              "posts": [{"org": "sales-1", "title": "課長", "rank": 5, "from": "2024-04-01T00:00:00+09:00"}]}]}]
func ReadJSON(r io.Reader, from Source) ([]Chart, error) {
	if from.Name == "" {
		from.Name = "input"
	}
	b, err := io.ReadAll(io.LimitReader(withoutBOM(r), maxInput+1))
	if err != nil {
		return nil, &engawa.Error{Kind: engawa.Unavailable, Subject: from.Name, Err: err}
	}
	if len(b) > maxInput {
		return nil, &engawa.Error{Kind: engawa.TooLarge, Subject: from.Name, Message: msgInput.With(maxInput >> 20)}
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var out []Chart
	if err := d.Decode(&out); err != nil {
		return nil, jsonError(from.Name, b, offset(b, err), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, jsonError(from.Name, b, d.InputOffset(), errors.New("something follows the array"))
	}
	return out, nil
}

// offset is where in b the error is. The decoder tells that of a wrong type and of broken syntax; a field that is not
// known, and a time that is none, are looked for.
func offset(b []byte, err error) int64 {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	var when *time.ParseError
	switch {
	case errors.As(err, &syntax):
		return syntax.Offset
	case errors.As(err, &typ):
		return typ.Offset
	case errors.As(err, &when):
		return int64(bytes.Index(b, []byte(strings.Trim(when.Value, `"`)))) + 1
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return int64(bytes.Index(b, []byte(name))) + 1
	}
	return int64(len(b))
}

func jsonError(name string, b []byte, offset int64, err error) error {
	before := b[:min(max(offset-1, 0), int64(len(b)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	col := len(before) - bytes.LastIndexByte(before, '\n')
	return &engawa.Error{Kind: engawa.Invalid, Subject: fmt.Sprintf("%s:%d:%d", name, line, col), Message: msgSyntax.With(err)}
}
