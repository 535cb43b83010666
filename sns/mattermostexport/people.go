package mattermostexport

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/engawa-sns/engawa/sns/jsonl"
)

// user is a line of type user.
type user struct {
	Username  string     `json:"username"`
	Nickname  string     `json:"nickname"`
	FirstName string     `json:"first_name"`
	LastName  string     `json:"last_name"`
	Locale    string     `json:"locale"`
	DeleteAt  int64      `json:"delete_at"`
	Teams     []userTeam `json:"teams"`
}

// userTeam is a membership of a team, with those of its channels.
type userTeam struct {
	Name     string `json:"name"`
	Channels []struct {
		Name  string `json:"name"`
		Roles string `json:"roles"`
	} `json:"channels"`
}

// bot is a line of type bot.
type bot struct {
	Username    string `json:"username"`
	DisplayName string `json:"display_name"`
	DeleteAt    int64  `json:"delete_at"`
}

// familyFirst are the languages in which the family name comes first.
var familyFirst = []string{"ja", "zh", "ko", "hu", "vi"}

func (u user) display() string {
	first, last := strings.TrimSpace(u.FirstName), strings.TrimSpace(u.LastName)
	if language, _, _ := strings.Cut(u.Locale, "-"); slices.Contains(familyFirst, language) {
		first, last = last, first
	}
	return label(cmp.Or(strings.TrimSpace(first+" "+last), u.Nickname, u.Username))
}

func (s *stream) user(u user, at place) bool {
	if s.people[u.Username] {
		return s.fail(at.invalid(msgUser))
	}
	if !s.person(jsonl.Person{ID: u.Username, Display: u.display(), Left: u.DeleteAt > 0}, at) {
		return false
	}
	s.users[u.Username] = true
	for _, t := range u.Teams {
		for _, m := range t.Channels {
			c := s.channels[channelKey{t.Name, m.Name}]
			if c == nil {
				s.skip("membership of an unknown channel")
				continue
			}
			host := slices.Contains(strings.Fields(m.Roles), "channel_admin")
			if !s.member(c, jsonl.Member{Space: c.id, Person: u.Username, Host: host}, at) {
				return false
			}
		}
	}
	return true
}

func (s *stream) bot(b bot, at place) bool {
	s.users[b.Username] = true
	return s.person(jsonl.Person{ID: b.Username, Display: label(cmp.Or(b.DisplayName, b.Username)), Left: b.DeleteAt > 0, Bot: true}, at)
}

// person yields somebody's record unless it was yielded before.
func (s *stream) person(p jsonl.Person, at place) bool {
	if s.people[p.ID] {
		return true
	}
	s.people[p.ID] = true
	return s.emit(p, at)
}

// stranger yields the record of somebody who is no user of the export.
func (s *stream) stranger(username string, at place) bool {
	return s.person(jsonl.Person{ID: username, Left: true}, at)
}

// label makes a name of at most [jsonl.MaxName] bytes in one line.
func label(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) && r != '　' || unicode.IsControl(r) }), " ")
	return cut(s, jsonl.MaxName)
}

// cut leaves at most so many bytes and no part of a rune.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
