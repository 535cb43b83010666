package mattermostexport

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// post is a line of type post.
type post struct {
	Team    string `json:"team"`
	Channel string `json:"channel"`
	message
	Replies []message `json:"replies"`
}

// message is what posts and replies have in common.
type message struct {
	User        string       `json:"user"`
	Type        string       `json:"type"`
	Message     string       `json:"message"`
	Props       props        `json:"props"`
	CreateAt    int64        `json:"create_at"` // milliseconds since 1970
	EditAt      int64        `json:"edit_at"`
	Reactions   []reaction   `json:"reactions"`
	Attachments []attachment `json:"attachments"`
}

// props hold whatever programs put there; attachments of another form than expected have no text.
type props struct {
	Attachments json.RawMessage `json:"attachments"`
}

// UnmarshalJSON lets props of any form pass.
func (p *props) UnmarshalJSON(b []byte) error {
	var known struct{ Attachments json.RawMessage }
	if json.Unmarshal(b, &known) == nil {
		p.Attachments = known.Attachments
	}
	return nil
}

type reaction struct {
	User      string `json:"user"`
	EmojiName string `json:"emoji_name"`
	CreateAt  int64  `json:"create_at"`
}

type attachment struct {
	Path string `json:"path"`
}

// post yields a post with its replies.
func (s *stream) post(p post, at place) bool {
	c := s.channels[channelKey{p.Team, p.Channel}]
	if c == nil {
		s.skip("post in an unknown channel")
		return true
	}
	root, ok := s.message(c, "", p.message, at)
	if !ok {
		return false
	}
	thread := c.id + "\x00" + messageID(c.id, p.message)
	slices.SortStableFunc(p.Replies, func(a, b message) int { return cmp.Compare(a.CreateAt, b.CreateAt) })
	for _, r := range p.Replies {
		id, ok := s.reply(c, thread, root, r, at)
		if !ok {
			return false
		}
		root = cmp.Or(root, id)
	}
	return true
}

// message yields a post, and its id where it was one.
func (s *stream) message(c *channel, thread string, m message, at place) (id string, ok bool) {
	return s.reply(c, cmp.Or(thread, c.id), "", m, at)
}

// reply yields a message as a comment on a post, or as a post where there is none. Its id is empty if it was left out.
func (s *stream) reply(c *channel, thread, post string, m message, at place) (id string, ok bool) {
	raw := m.text()
	switch {
	case strings.HasPrefix(m.Type, "system_"):
		s.skip("system message")
		return "", true
	case strings.TrimSpace(raw) == "" && len(m.Attachments) == 0:
		s.skip("empty message")
		return "", true
	}
	published, err := timeOf("create_at", m.CreateAt)
	if err != nil {
		return "", s.fail(at.error(err))
	}
	var edited time.Time
	if m.EditAt > 0 {
		if edited, err = timeOf("edit_at", m.EditAt); err != nil {
			return "", s.fail(at.error(err))
		}
	}
	text := s.convert(raw)
	if len(text.body) > jsonl.MaxBody {
		return "", s.fail(at.tooLarge(msgLineBytes.With(jsonl.MaxBody)))
	}
	author := cmp.Or(m.User, "unknown")
	if !s.stranger(author, at) {
		return "", false
	}
	id = messageID(thread, m)
	target := jsonl.PostTarget(id)
	var record jsonl.Record = jsonl.Post{ID: id, Space: c.id, Author: author, Body: text.body, PublishedAt: published, EditedAt: edited,
		Attachments: s.attachments(m.Attachments)}
	if post != "" {
		target = jsonl.CommentTarget(id)
		record = jsonl.Comment{ID: id, Space: c.id, Post: post, Author: author, Body: text.body, PublishedAt: published, EditedAt: edited,
			Attachments: s.attachments(m.Attachments)}
	}
	return id, s.emit(record, at) && s.reactions(m.Reactions, target, at)
}

// messageID is made of where a message stands, who wrote it, when and what.
func messageID(thread string, m message) string {
	at := strconv.FormatInt(m.CreateAt, 10)
	return at + "-" + digest(thread, m.User, at, m.Message)
}

// digest is short for texts of any length.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

// ident is a text as an id: itself where it is short enough.
func ident(s string) string {
	if len(s) <= engawa.MaxHostID {
		return s
	}
	return digest(s)
}

func timeOf(field string, ms int64) (time.Time, error) {
	if ms <= 0 {
		return time.Time{}, &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: msgCreateAt}}}
	}
	return engawa.Micro(time.UnixMilli(ms)), nil
}

// text is the message, or what its attachments of programs say.
func (m message) text() string {
	if strings.TrimSpace(m.Message) != "" {
		return m.Message
	}
	var attachments []struct {
		Pretext   string `json:"pretext"`
		Title     string `json:"title"`
		TitleLink string `json:"title_link"`
		Text      string `json:"text"`
		Fallback  string `json:"fallback"`
		Fields    []struct {
			Title string `json:"title"`
			Value any    `json:"value"`
		} `json:"fields"`
	}
	if json.Unmarshal(m.Props.Attachments, &attachments) != nil {
		return ""
	}
	var lines []string
	add := func(s string) {
		if strings.TrimSpace(s) != "" {
			lines = append(lines, s)
		}
	}
	for _, a := range attachments {
		before := len(lines)
		add(a.Pretext)
		switch {
		case a.Title != "" && a.TitleLink != "":
			add("[" + a.Title + "](" + a.TitleLink + ")")
		case a.Title != "":
			add("**" + a.Title + "**")
		}
		add(a.Text)
		for _, f := range a.Fields {
			if v, ok := f.Value.(string); ok && v != "" {
				add(strings.TrimPrefix(f.Title+": "+v, ": "))
			}
		}
		if len(lines) == before {
			add(a.Fallback)
		}
	}
	return strings.Join(lines, "\n")
}

func (s *stream) attachments(files []attachment) []jsonl.Attachment {
	var out []jsonl.Attachment
	for _, f := range files {
		switch {
		case f.Path == "":
			s.skip("file without path")
		case len(out) == jsonl.MaxAttachments:
			s.skip("file beyond the limit of a message")
		default:
			out = append(out, jsonl.Attachment{Ref: ref(f.Path), Name: label(path.Base(f.Path))})
		}
	}
	return out
}

// ref is the path of a file, or as much of its end as an id can hold.
func ref(p string) string {
	if len(p) > engawa.MaxHostID {
		p = path.Join(path.Base(path.Dir(p)), path.Base(p))
	}
	return ident(p)
}

// skinTones are what Mattermost appends to the name of an emoji.
var skinTones = []string{"_medium_light_skin_tone", "_medium_dark_skin_tone", "_light_skin_tone", "_medium_skin_tone", "_dark_skin_tone"}

func (s *stream) reactions(all []reaction, target string, at place) bool {
	type by struct{ name, user string }
	seen := map[by]bool{}
	for _, r := range all {
		name := strings.Trim(r.EmojiName, ":")
		for _, tone := range skinTones {
			name = strings.TrimSuffix(name, tone)
		}
		if name == "" || r.User == "" {
			s.skip("reaction without name or user")
			continue
		}
		if seen[by{name, r.User}] {
			continue
		}
		seen[by{name, r.User}] = true
		record := jsonl.Reaction{Target: target, Reaction: name, Person: r.User}
		if r.CreateAt > 0 {
			record.At = engawa.Micro(time.UnixMilli(r.CreateAt))
		}
		if !s.stranger(r.User, at) || !s.emit(record, at) {
			return false
		}
	}
	return true
}
