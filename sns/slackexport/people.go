package slackexport

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/engawa-sns/engawa/sns/jsonl"
)

// user is an element of users.json.
type user struct {
	ID       string  `json:"id"`
	TeamID   string  `json:"team_id"`
	Name     string  `json:"name"`
	RealName string  `json:"real_name"`
	Deleted  bool    `json:"deleted"`
	IsBot    bool    `json:"is_bot"`
	Profile  profile `json:"profile"`

	place place
}

type profile struct {
	RealName    string `json:"real_name"`
	DisplayName string `json:"display_name"`
	Name        string `json:"name"`
}

func (u user) record() jsonl.Person {
	name := cmp.Or(u.Profile.RealName, u.RealName, u.Profile.DisplayName, u.Name)
	return jsonl.Person{ID: u.ID, Display: label(name), Left: u.Deleted, Bot: u.IsBot}
}

func (s *stream) users() ([]user, error) {
	var users []user
	for _, name := range []string{"users.json", "org_users.json"} {
		err := array(s.zip, name, func(u user, at place) error {
			u.place = at
			users = append(users, u)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return users, nil
}

// person yields somebody's record unless it was yielded before.
func (s *stream) person(p jsonl.Person, at place) bool {
	if s.people[p.ID] {
		return true
	}
	if p.ID == "USLACKBOT" {
		p = jsonl.Person{ID: p.ID, Display: "Slackbot", Bot: true}
	}
	s.people[p.ID] = true
	return s.emit(p, at)
}

// stranger yields the record of somebody who is in no list of users.
func (s *stream) stranger(id, name string, at place) bool {
	return s.person(jsonl.Person{ID: id, Display: label(name), Left: true}, at)
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
