package slackexport

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// channel is an element of channels.json or groups.json.
type channel struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Creator    string   `json:"creator"`
	Created    int64    `json:"created"` // seconds since 1970
	Members    []string `json:"members"`
	Purpose    value    `json:"purpose"`
	Topic      value    `json:"topic"`
	IsArchived bool     `json:"is_archived"`
	IsGeneral  bool     `json:"is_general"`

	private bool
	place   place
}

type value struct {
	Value string `json:"value"`
}

func (s *stream) channels() ([]channel, error) {
	var channels []channel
	seen := map[string]bool{}
	for _, list := range []struct {
		name    string
		private bool
	}{{"channels.json", false}, {"groups.json", true}} {
		err := array(s.zip, list.name, func(c channel, at place) error {
			if seen[c.ID] {
				return at.invalid(msgChannelTwice)
			}
			seen[c.ID] = true
			c.private, c.place = list.private, at
			channels = append(channels, c)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return channels, nil
}

// firstDay is when Slack began, roughly: a channel that is older has a placeholder for its creation.
var firstDay = time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC)

// channel yields a space, its members and everything in it.
func (s *stream) channel(c channel) bool {
	members := slices.Compact(slices.Sorted(slices.Values(c.Members)))
	for _, id := range append([]string{c.Creator}, members...) {
		if id != "" && !s.stranger(id, "", c.place) {
			return false
		}
	}
	why := s.convert(cut(cmp.Or(c.Purpose.Value, c.Topic.Value), jsonl.MaxText))
	why.body = cut(why.body, jsonl.MaxText)
	if !s.strangers(why, c.place) {
		return false
	}
	space := jsonl.Space{ID: c.ID, Name: label(c.Name), Why: why.body, Join: jsonl.JoinOpen, Archived: c.IsArchived, CreatedBy: c.Creator,
		Access: []jsonl.Access{{Kind: jsonl.AccessEveryone}}}
	if c.IsGeneral {
		space.Join = jsonl.JoinAuto
	}
	if c.private {
		space.Join, space.Secret, space.Access = jsonl.JoinInvite, true, nil // its members need no key
	}
	if c.Creator != "" {
		space.Hosts = []string{c.Creator}
	}
	if at := time.Unix(c.Created, 0).UTC(); !at.Before(firstDay) {
		space.CreatedAt = at
	}
	if !s.emit(space, c.place) {
		return false
	}
	for _, id := range members {
		if !s.emit(jsonl.Member{Space: c.ID, Person: id, Host: id == c.Creator}, c.place) {
			return false
		}
	}
	messages, broken := s.messages(c)
	if !s.talk(c, messages) {
		return false
	}
	return broken == nil || s.fail(broken)
}

// messages reads all files of a channel. After an error there are those that came before.
func (s *stream) messages(c channel) (out []message, err error) {
	before := s.zip.read
	for _, name := range s.zip.days[c.Name] {
		err := array(s.zip, name, func(m message, at place) error {
			m.place = at
			if m.Type != "" && m.Type != "message" {
				s.skip("type " + label(m.Type))
				return nil
			}
			if !taken[m.Subtype] {
				s.skip("subtype " + label(m.Subtype))
				return nil
			}
			var err error
			if m.at, err = timeOf(m.TS); err != nil {
				return at.error(err)
			}
			out = append(out, m)
			return nil
		})
		if err != nil {
			return out, err
		}
		if s.zip.read-before > s.opts.Limits.ChannelBytes {
			return out, place{entry: name}.tooLarge(msgChannelBytes.With(s.opts.Limits.ChannelBytes))
		}
	}
	return out, nil
}

// talk yields the messages of a channel in the order of their time.
func (s *stream) talk(c channel, messages []message) bool {
	slices.SortStableFunc(messages, func(a, b message) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.TS, b.TS)) })
	post := map[string]string{} // the post of each thread
	for _, m := range messages {
		if m.isRoot() {
			post[m.TS] = m.TS
		}
	}
	late := map[string][]message{} // replies that say to be older than their root
	done := map[string]bool{}
	one := func(m message) bool {
		if done[m.TS] {
			s.skip("duplicate")
			return true
		}
		yielded, ok := s.message(c, m, post[m.ThreadTS])
		done[m.TS] = yielded || done[m.TS]
		if yielded && !m.isRoot() && post[m.ThreadTS] == "" {
			post[m.ThreadTS] = m.TS
		}
		return ok
	}
	for _, m := range messages {
		if root := post[m.ThreadTS]; !m.isRoot() && root != "" && !done[root] {
			late[root] = append(late[root], m)
			continue
		}
		if m.isRoot() && s.isEmpty(m) && !done[m.TS] {
			delete(post, m.TS) // its replies have no root
		}
		if !one(m) {
			return false
		}
		for _, r := range late[m.TS] {
			if !one(r) {
				return false
			}
		}
		delete(late, m.TS)
	}
	return true
}

// countOthers counts what of the export was not looked at.
func (s *stream) countOthers(channels []channel) {
	private := map[string]bool{}
	for _, name := range []string{"dms.json", "mpims.json"} {
		err := array(s.zip, name, func(c channel, _ place) error {
			private[c.ID], private[c.Name] = true, true
			s.skip("direct conversation")
			return nil
		})
		if err != nil {
			s.fail(err)
			return
		}
	}
	read := map[string]bool{}
	for _, c := range channels {
		read[c.Name] = true
	}
	for name := range s.zip.files {
		folder, _, inside := strings.Cut(name, "/")
		switch {
		case inside && (read[folder] || private[folder]) && path.Ext(name) == ".json":
		case inside:
			s.skip("file outside of channels")
		case !slices.Contains([]string{"users.json", "org_users.json", "channels.json", "groups.json", "dms.json", "mpims.json"}, name):
			s.skip("file " + label(name))
		}
	}
}

func timeOf(ts string) (time.Time, error) {
	whole, fraction, _ := strings.Cut(ts, ".")
	bad := &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: "ts", Message: msgTS}}}
	if whole == "" || len(whole) > 12 || len(fraction) > 9 {
		return time.Time{}, bad
	}
	number := func(digits string) (n int64, ok bool) {
		for _, c := range []byte(digits) {
			if c < '0' || c > '9' {
				return 0, false
			}
			n = n*10 + int64(c-'0')
		}
		return n, true
	}
	sec, ok1 := number(whole)
	nano, ok2 := number((fraction + "000000000")[:9])
	if !ok1 || !ok2 {
		return time.Time{}, bad
	}
	return engawa.Micro(time.Unix(sec, nano)), nil
}
