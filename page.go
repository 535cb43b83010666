package engawa

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"iter"
)

// Page is one page of a list. Lists are read by keyset: a page stays right while rows are added in front of it.
type Page[T any] struct {
	Items []T
	// Next is the cursor of the page that follows; it is empty on the last one.
	Next Cursor
}

// Cursor is the opaque position in one list of one tenant. A cursor of another list or tenant, or one that was changed,
// is an error of kind [Invalid]. Its form is not part of the API and may change between versions.
type Cursor string

const (
	cursorVersion = 1
	cursorSum     = 8
	maxCursor     = 256
)

// NewCursor makes a cursor from the sort keys of the last row shown. The query names the list with everything that
// selects its rows, such as "feed.Space 06cz…".
func NewCursor(tenant TenantID, query string, keys ...int64) Cursor {
	b := []byte{cursorVersion}
	for _, k := range keys {
		b = binary.AppendVarint(b, k)
	}
	b = append(b, cursorHash(tenant, query, b)...)
	return Cursor(base64.RawURLEncoding.EncodeToString(b))
}

// Keys is the reverse of [NewCursor]: it fills keys, or refuses the cursor. The empty cursor leaves keys as they are
// and reports false.
func (c Cursor) Keys(tenant TenantID, query string, keys ...*int64) (bool, error) {
	if c == "" {
		return false, nil
	}
	foreign := invalid("cursor", msgCursor)
	if len(c) > maxCursor {
		return false, foreign
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(string(c))
	if err != nil || len(b) < 1+cursorSum || b[0] != cursorVersion {
		return false, foreign
	}
	body, sum := b[:len(b)-cursorSum], b[len(b)-cursorSum:]
	if string(sum) != string(cursorHash(tenant, query, body)) {
		return false, foreign
	}
	rest := body[1:]
	for _, k := range keys {
		v, n := binary.Varint(rest)
		if n <= 0 {
			return false, foreign
		}
		*k, rest = v, rest[n:]
	}
	if len(rest) > 0 {
		return false, foreign
	}
	return true, nil
}

func cursorHash(tenant TenantID, query string, body []byte) []byte {
	h := sha256.New()
	for _, s := range [][]byte{[]byte(tenant), []byte(query), body} {
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		h.Write(s)
	}
	return h.Sum(nil)[:cursorSum]
}

// All walks every item of a list, page by page, from the first. It stops after the first error, which it yields with
// the zero item.
func All[T any](ctx context.Context, page func(context.Context, Cursor) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var at Cursor
		for {
			p, err := page(ctx, at)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range p.Items {
				if !yield(item, nil) {
					return
				}
			}
			if p.Next == "" {
				return
			}
			at = p.Next
		}
	}
}
