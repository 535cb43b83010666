package jsonl

// Notices are what a person has chosen to be told of: for kinds of notices the channels, and how often a digest comes.
type Notices struct {
	Person   string              `json:"person"`
	Channels map[string][]string `json:"channels,omitempty"`
	Digest   string              `json:"digest,omitempty"`
}

// Type implements [Record].
func (Notices) Type() string { return "notices" }

// maxNoticeKinds bounds what a person can have chosen.
const maxNoticeKinds = 100

func (r Notices) check(p *problems) {
	p.id("person", r.Person)
	p.choice("digest", r.Digest, "daily", "never")
	p.most("channels", len(r.Channels), maxNoticeKinds)
	for kind, channels := range r.Channels {
		p.id("channels", kind)
		p.most("channels", len(channels), 3)
		for _, c := range channels {
			p.choice("channels", c, "inbox", "push", "mail")
		}
	}
}
