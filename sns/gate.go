package sns

import (
	"context"
	"unicode"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/moderation"
)

// gate asks the tenant's policy before anything is published. What needs the host's code is asked ahead of the
// transaction; inside it the policy decides on what was found, and what it decided is kept with what was published.
type gate struct {
	mod    *moderation.Service
	feed   *feed.Service
	direct Direct
	host   feed.Gate
	// conn is a transaction of the host's, where it is bound to one.
	conn engawa.Conn
}

var (
	_ feed.Foreseer   = gate{}
	_ feed.GateBinder = gate{}
)

// foreseen is what the gate has asked ahead.
type foreseen struct {
	sight moderation.Foresight
	about []engawa.PersonID
	reach feed.Reach
	route moderation.Route
	url   string
	host  any
}

// maxReach is from how many readers on more make no difference.
const maxReach = 200

// Bind only remembers the transaction: the feed binds its gate, and the gate its feed.
func (g gate) Bind(conn engawa.Conn) feed.Gate {
	g.conn = conn
	if b, ok := g.host.(feed.GateBinder); ok {
		g.host = b.Bind(conn)
	}
	return g
}

func (g gate) Foresee(ctx context.Context, d feed.Draft) (any, error) {
	if g.conn != nil {
		g.mod, g.feed = g.mod.With(g.conn), g.feed.With(g.conn)
	}
	var (
		f   foreseen
		err error
	)
	if h, ok := g.host.(feed.Foreseer); ok {
		if f.host, err = h.Foresee(ctx, d); err != nil {
			return nil, err
		}
	}
	on := d.Answers
	if d.Edits.Kind != "" {
		on = d.Edits
	}
	space := d.Space.ID
	f.about = d.Mentions
	if on.Kind != "" {
		seen, err := g.feed.Glimpses(ctx, d.Author, []engawa.Ref{on})
		if err != nil {
			return nil, err
		}
		if entry, ok := seen[on]; ok { // what is not there the feed refuses in a moment
			space = entry.Space
			f.about = append(f.about[:len(f.about):len(f.about)], entry.Author)
		}
	}
	if f.reach, err = g.feed.Reach(ctx, engawa.System(d.Author.Tenant), space, maxReach); err != nil {
		return nil, err
	}
	w := f.writing(d)
	if f.sight, err = g.mod.Foresee(ctx, w); err != nil {
		return nil, err
	}
	// What depends on the decision is asked by deciding ahead; where it comes out otherwise in the transaction, a case goes
	// to the outside desk until the next chore, and private talk to a space of two.
	j, err := g.mod.Judge(ctx, w, f.sight)
	if err != nil {
		return nil, err
	}
	switch {
	case j.Outcome >= moderation.Hold:
		f.route, err = g.mod.ForeseeCase(ctx, d.Author, f.about)
	case j.Outcome == moderation.Direct && j.To != "" && g.direct != nil:
		f.url, err = engawa.Ask(ctx, 0, func(ctx context.Context) (string, error) {
			url, _ := g.direct(ctx, d.Author, j.To)
			return url, nil
		})
	}
	return f, err
}

// writing is a draft of the feed's as moderation sees it.
func (f foreseen) writing(d feed.Draft) moderation.Writing {
	w := moderation.Writing{
		By: d.Author, Text: d.Body, About: f.about, Audience: f.reach.N, Place: d.Space.ID, Reply: d.Answers.Kind != "", At: d.At, Confirmed: d.Confirmed,
	}
	switch {
	case f.reach.Everybody:
		w.Space, w.Audience = moderation.Open, 0
	case f.reach.N <= 2 && f.reach.Secret:
		w.Space = moderation.Private
	case f.reach.Secret:
		w.Space = moderation.Secret
	default:
		w.Space = moderation.Closed
	}
	return w
}

func (g gate) Judge(ctx context.Context, conn engawa.Conn, d feed.Draft) (feed.Verdict, error) {
	f, _ := d.Foreseen.(foreseen)
	var v feed.Verdict
	if g.host != nil {
		asked := d
		asked.Foreseen = f.host
		var err error
		if v, err = g.host.Judge(ctx, conn, asked); err != nil || v.Action != feed.Allow {
			return v, err
		}
	}
	mod := g.mod.With(conn)
	w := f.writing(d)
	j, err := mod.Judge(ctx, w, f.sight)
	if err != nil {
		return v, err
	}
	kept := moderation.Kept{}
	switch j.Outcome {
	case moderation.Allow:
	case moderation.Nudge:
		v.Advice = append(v.Advice, advice(d.Body, j, f.url)...)
	case moderation.Confirm, moderation.Direct:
		v.Action, v.Token = feed.Ask, j.Token
	case moderation.Delay:
		if v.Until = j.Until; !j.Until.IsZero() {
			v.Action = feed.Delay
		}
	case moderation.Hold, moderation.Hide:
		v.Action = feed.Hold
		kept.Held, kept.Hide = true, j.Outcome == moderation.Hide
		v.Retract = kept.Hide
		kept.Subject = moderation.Subject{Author: d.Author.Person, About: f.about, Text: d.Body, Space: d.Space.ID}
	}
	if j.Outcome > moderation.Nudge {
		v.Advice = append(v.Advice, advice(d.Body, j, f.url)...)
	}
	before := v.Also
	v.Also = func(ctx context.Context, conn engawa.Conn, became engawa.Ref) error {
		if before != nil {
			if err := before(ctx, conn, became); err != nil {
				return err
			}
		}
		kept.On = became
		return g.mod.With(conn).Record(ctx, d.Author, j, kept, f.route)
	}
	if len(j.Records) == 0 && !kept.Held {
		v.Also = before
	}
	return v, nil
}

// advice says to the author what every rule that matched has to say; the first carries how to say it otherwise.
func advice(text string, j moderation.Judgement, url string) []feed.Advice {
	var all []feed.Advice
	for _, r := range j.Explanation.Rules {
		code := "moderation." + r.ID
		all = append(all, feed.Advice{Code: code, Text: engawa.Message{Code: code, EN: r.Message.EN, JA: r.Message.JA}})
	}
	if len(all) == 0 {
		why := j.Explanation.Why
		all = append(all, feed.Advice{Code: "moderation", Text: engawa.Message{Code: "moderation", EN: why.EN, JA: why.JA}})
	}
	if all[0].Rewrite = j.Suggestion.EN; japanese(text) {
		all[0].Rewrite = j.Suggestion.JA
	}
	if j.Outcome == moderation.Direct && j.To != "" {
		m := msgDirectSpace
		if url != "" {
			m = msgDirectURL.With(url)
		}
		all = append(all, feed.Advice{Code: m.Code, Text: m})
	}
	if j.Outcome == moderation.Delay {
		all = append(all, feed.Advice{Code: msgDelayed.Code, Text: msgDelayed})
	}
	return all
}

// late is the gate, once the rooms that it asks are there: the feed needs it before.
type late struct{ gate }

// japanese reports whether a text is in Japanese, as one kana tells.
func japanese(text string) bool {
	for _, r := range text {
		if unicode.In(r, unicode.Hiragana, unicode.Katakana) {
			return true
		}
	}
	return false
}
