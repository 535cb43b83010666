package slackexport

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// message is an element of a day's file.
type message struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	User        string          `json:"user"`
	Username    string          `json:"username"`
	BotID       string          `json:"bot_id"`
	BotProfile  profile         `json:"bot_profile"`
	UserProfile profile         `json:"user_profile"`
	Text        string          `json:"text"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts"`
	Edited      stamp           `json:"edited"`
	Files       []file          `json:"files"`
	Reactions   []reaction      `json:"reactions"`
	Attachments json.RawMessage `json:"attachments"`
	Blocks      json.RawMessage `json:"blocks"`

	at    time.Time
	place place
}

type stamp struct {
	TS string `json:"ts"`
}

type file struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	Mimetype string `json:"mimetype"`
	Mode     string `json:"mode"`
	Size     int64  `json:"size"`
}

type reaction struct {
	Name  string   `json:"name"`
	Count int      `json:"count"`
	Users []string `json:"users"`
}

// taken are the subtypes of what people and programs say.
var taken = map[string]bool{"": true, "file_share": true, "thread_broadcast": true, "me_message": true, "bot_message": true}

func (m message) isRoot() bool { return m.ThreadTS == "" || m.ThreadTS == m.TS }

func (m message) rawText() string {
	if m.Text != "" {
		return m.Text
	}
	return cmp.Or(attachmentText(m.Attachments), blockText(m.Blocks))
}

func (s *stream) isEmpty(m message) bool {
	files := slices.ContainsFunc(m.Files, func(f file) bool { return f.gone() == "" })
	return !files && strings.TrimSpace(m.rawText()) == ""
}

// gone is why a file cannot be attached.
func (f file) gone() string {
	switch {
	case f.Mode == "tombstone" || f.Mode == "hidden_by_limit":
		return "file mode " + f.Mode
	case f.ID == "":
		return "file without id"
	}
	return ""
}

// message yields a message and its reactions, as a comment where root is the ts of its thread's post. It reports whether
// it was yielded, and whether to go on.
func (s *stream) message(c channel, m message, root string) (yielded, ok bool) {
	if s.isEmpty(m) {
		s.skip("empty message")
		return false, true
	}
	author := m.author()
	raw := m.rawText()
	if len(raw) > jsonl.MaxBody {
		return false, s.fail(m.place.tooLarge(msgText.With(len(raw), jsonl.MaxBody)))
	}
	text := s.convert(raw)
	if !s.person(author, m.place) || !s.strangers(text, m.place) {
		return false, false
	}
	var edited time.Time
	if m.Edited.TS != "" {
		var err error
		if edited, err = timeOf(m.Edited.TS); err != nil {
			return false, s.fail(m.place.error(err))
		}
	}
	id := c.ID + "/" + m.TS
	target := jsonl.PostTarget(id)
	var record jsonl.Record = jsonl.Post{ID: id, Space: c.ID, Author: author.ID, Body: text.body, PublishedAt: m.at, EditedAt: edited,
		Attachments: s.attachments(m.Files)}
	if !m.isRoot() && root != "" {
		target = jsonl.CommentTarget(id)
		record = jsonl.Comment{ID: id, Space: c.ID, Post: c.ID + "/" + root, Author: author.ID, Body: text.body, PublishedAt: m.at,
			EditedAt: edited, Attachments: s.attachments(m.Files)}
	}
	if !s.emit(record, m.place) {
		return false, false
	}
	return true, s.reactions(m, target)
}

func (m message) author() jsonl.Person {
	switch {
	case m.User != "":
		p := user{ID: m.User, Deleted: true, IsBot: m.BotID != "", Profile: m.UserProfile, Name: m.Username}.record()
		return p
	case m.BotID != "" || m.Username != "":
		id := cut("bot:"+cmp.Or(m.BotID, label(m.Username)), engawa.MaxHostID)
		return jsonl.Person{ID: id, Display: label(cmp.Or(m.Username, m.BotProfile.Name)), Bot: true}
	}
	return jsonl.Person{ID: "unknown", Left: true}
}

func (s *stream) attachments(files []file) []jsonl.Attachment {
	var out []jsonl.Attachment
	for _, f := range files {
		if reason := f.gone(); reason != "" {
			s.skip(reason)
			continue
		}
		if len(out) == jsonl.MaxAttachments {
			s.skip("file beyond the limit of a message")
			continue
		}
		out = append(out, jsonl.Attachment{Ref: f.ID, Name: label(cmp.Or(f.Name, f.Title)), MediaType: label(f.Mimetype), Size: max(f.Size, 0)})
	}
	return out
}

// reactions adds up those that differ in skin tone only.
func (s *stream) reactions(m message, target string) bool {
	type sum struct {
		name   string
		people []string
		rest   int
	}
	var sums []*sum
	index := map[string]int{}
	seen := map[[2]string]bool{} // name and person
	for _, r := range m.Reactions {
		name, _, _ := strings.Cut(r.Name, "::")
		name = strings.Trim(name, ":")
		if name == "" {
			s.skip("reaction without name")
			continue
		}
		i, ok := index[name]
		if !ok {
			i = len(sums)
			index[name] = i
			sums = append(sums, &sum{name: name})
		}
		for _, id := range r.Users {
			if key := [2]string{name, id}; id != "" && !seen[key] {
				seen[key] = true
				sums[i].people = append(sums[i].people, id)
			}
		}
		sums[i].rest += max(r.Count-len(r.Users), 0)
	}
	for _, sum := range sums {
		for _, id := range sum.people {
			if !s.stranger(id, "", m.place) || !s.emit(jsonl.Reaction{Target: target, Reaction: sum.name, Person: id}, m.place) {
				return false
			}
		}
		if sum.rest > 0 && !s.emit(jsonl.Reaction{Target: target, Reaction: sum.name, Count: sum.rest}, m.place) {
			return false
		}
	}
	return true
}

// strangers yields the records of those whom a text mentions.
func (s *stream) strangers(t text, at place) bool {
	for _, m := range t.mentions {
		if !s.stranger(m.id, m.name, at) {
			return false
		}
	}
	return true
}
