package mattermostexport

import (
	"cmp"

	"github.com/engawa-sns/engawa/sns/jsonl"
)

// team is a line of type team.
type team struct {
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	Type        string `json:"type"`
}

// channelLine is a line of type channel.
type channelLine struct {
	Team        string `json:"team"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	Type        string `json:"type"`
	Header      string `json:"header"`
	Purpose     string `json:"purpose"`
	DeletedAt   int64  `json:"deleted_at"`
}

type channelKey struct{ team, name string }

// channel is a channel with its members.
type channel struct {
	channelLine
	id      string
	place   place
	members []jsonl.Member
	yielded bool
}

// channel keeps a channel until all users are known.
func (s *stream) channel(line channelLine, at place) bool {
	key := channelKey{line.Team, line.Name}
	if s.channels[key] != nil {
		return s.fail(at.invalid(msgChannel))
	}
	c := &channel{channelLine: line, id: ident(line.Team + "/" + line.Name), place: at}
	s.channels[key] = c
	s.order = append(s.order, c)
	if _, twice := s.named[line.Name]; twice {
		s.named[line.Name] = line.Name // two teams have one
	} else {
		s.named[line.Name] = cmp.Or(label(line.DisplayName), line.Name)
	}
	return !s.talking || s.space(c)
}

func (s *stream) member(c *channel, m jsonl.Member, at place) bool {
	if c.yielded {
		return s.emit(m, at)
	}
	c.members = append(c.members, m)
	return true
}

// talk yields the spaces before the first post.
func (s *stream) talk() bool {
	if s.talking {
		return true
	}
	s.talking = true
	for _, c := range s.order {
		if !s.space(c) {
			return false
		}
	}
	return true
}

// townSquare is the channel that everybody is in.
const townSquare = "town-square"

// maxHosts is how many hosts a new space of package feed may have.
const maxHosts = 100

func (s *stream) space(c *channel) bool {
	c.yielded = true
	why := s.convert(cut(cmp.Or(c.Purpose, c.Header), jsonl.MaxText))
	name := cmp.Or(c.DisplayName, c.Name)
	if t := s.teams[c.Team]; len(s.teams) > 1 {
		name = cmp.Or(t.DisplayName, c.Team) + " / " + name
	}
	space := jsonl.Space{ID: c.id, Name: label(name), Why: cut(why.body, jsonl.MaxText), Archived: c.DeletedAt > 0}
	switch {
	case c.Type != "O" || len(s.teams) > 1 && s.teams[c.Team].Type != "O":
		space.Join, space.Secret = jsonl.JoinInvite, true
	case c.Name == townSquare:
		space.Join, space.Access = jsonl.JoinAuto, []jsonl.Access{{Kind: jsonl.AccessEveryone}}
	default:
		space.Join, space.Access = jsonl.JoinOpen, []jsonl.Access{{Kind: jsonl.AccessEveryone}}
	}
	for _, m := range c.members {
		if m.Host && len(space.Hosts) < maxHosts { // the others become hosts as members
			space.Hosts = append(space.Hosts, m.Person)
		}
	}
	if !s.emit(space, c.place) {
		return false
	}
	for _, m := range c.members {
		if !s.emit(m, c.place) {
			return false
		}
	}
	c.members = nil
	return true
}
