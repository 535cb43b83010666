package moderation

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"
)

// maxLine is how many bytes a line of a history may have.
const maxLine = 1 << 20

// A Post is a line of a history: what somebody wrote, and what people thought of it if they did.
type Post struct {
	ID    string
	Draft Draft
	// Label is what a person decided.
	Label Label
}

// A Label is a human decision about a post.
type Label uint8

const (
	// Unlabelled posts were not judged by a person.
	Unlabelled Label = iota
	// OK: nothing wrong with it.
	OK
	// Harmed: it should not have been published like that.
	Harmed
)

type historyLine struct {
	ID       json.RawMessage `json:"id"`
	Text     string          `json:"text"`
	At       time.Time       `json:"at"`
	Author   historyPerson   `json:"author"`
	Targets  []historyPerson `json:"targets"`
	Audience int             `json:"audience"`
	Space    string          `json:"space"`
	Reply    bool            `json:"reply"`
	Repeats  int             `json:"repeats"`
	Label    string          `json:"label"`
}

type historyPerson struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Reading  string `json:"reading"`
	Rank     int    `json:"rank"`
	SameLine bool   `json:"same_line"`
}

func (h historyPerson) person() Person {
	return Person(h)
}

// ReadHistory reads posts from JSON lines, one at a time: a history may be larger than memory. It ends with the first error, which
// names the line.
func ReadHistory(r io.Reader) iter.Seq2[Post, error] {
	return func(yield func(Post, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 0, 64<<10), maxLine)
		n := 0
		for lines.Scan() {
			n++
			if len(lines.Bytes()) == 0 {
				continue
			}
			post, err := parsePost(lines.Bytes())
			if err != nil {
				yield(Post{}, fmt.Errorf("line %d: %w", n, err))
				return
			}
			if !yield(post, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Post{}, fmt.Errorf("line %d: %w: a line may have %d bytes", n+1, err, maxLine))
		}
	}
}

func parsePost(line []byte) (Post, error) {
	var h historyLine
	if err := json.Unmarshal(line, &h); err != nil {
		return Post{}, fmt.Errorf("%w: write one JSON object with id and text", err)
	}
	p := Post{ID: id(h.ID), Draft: Draft{Text: h.Text, At: h.At, Author: h.Author.person(), Audience: h.Audience, Reply: h.Reply, Repeats: h.Repeats}}
	var ok bool
	if p.Draft.Space, ok = ParseSpace(h.Space); !ok {
		return p, fmt.Errorf("space %q is not known: use open, closed, secret or direct", h.Space)
	}
	for _, t := range h.Targets {
		p.Draft.Targets = append(p.Draft.Targets, t.person())
	}
	switch h.Label {
	case "":
	case "ok":
		p.Label = OK
	case "harm":
		p.Label = Harmed
	default:
		return p, fmt.Errorf("label %q is not known: use harm or ok", h.Label)
	}
	return p, nil
}

// id takes texts as they are and numbers as they are written.
func id(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
