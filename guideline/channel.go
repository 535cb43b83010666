package guideline

import (
	"context"
	"slices"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// ChannelGuide (どの道具を何に) says which tool is for what: one line for each purpose and urgency that the company tells
// apart.
type ChannelGuide struct {
	Lines []ChannelLine `json:"lines" validate:"max=100,dive"`
	// Version counts the changes; hand it back to change the guide. 0 is the one that comes with the service.
	Version int64 `json:"-"`
}

// ChannelLine is one line of the guide.
type ChannelLine struct {
	// Purpose is what somebody wants, by a word of the company's, such as "report" or "reprimand". It is shown as Label.
	Purpose string `json:"purpose" validate:"required,line=64"`
	Label   string `json:"label" validate:"required,line=200"`
	// Urgency is how soon it must arrive. The zero urgency is for all that no other line of the purpose is for.
	Urgency Urgency `json:"urgency,omitempty" validate:"omitempty,oneof=now today later"`
	// Use are the tools to use, the best first; Avoid those that are wrong for it.
	Use   []Tool `json:"use" validate:"required,min=1,max=6,dive,oneof=chat mail phone post direct meeting"`
	Avoid []Tool `json:"avoid,omitempty" validate:"max=6,dive,oneof=chat mail phone post direct meeting"`
	// Why is the reason, for people to read.
	Why string `json:"why" validate:"required,line=400"`
}

// Urgency is how soon something must arrive.
type Urgency string

// The urgencies.
const (
	AnyTime Urgency = ""
	Now     Urgency = "now"   // within the hour
	Today   Urgency = "today" // within the working day
	Later   Urgency = "later"
)

// Tool is a way to talk.
type Tool string

// The tools.
const (
	Chat    Tool = "chat"
	Mail    Tool = "mail"
	Phone   Tool = "phone"
	Post    Tool = "post"   // the network
	Direct  Tool = "direct" // 1対1
	Meeting Tool = "meeting"
)

// Purposes are those that the guide knows, in its order.
func (g ChannelGuide) Purposes() []string {
	var all []string
	for _, l := range g.Lines {
		if !slices.Contains(all, l.Purpose) {
			all = append(all, l.Purpose)
		}
	}
	return all
}

// Line is the line for a purpose and an urgency: that of the very urgency, else that of any.
func (g ChannelGuide) Line(purpose string, urgency Urgency) (ChannelLine, bool) {
	best := -1
	for i, l := range g.Lines {
		if l.Purpose == purpose && (l.Urgency == urgency || l.Urgency == AnyTime && best < 0) {
			if best = i; l.Urgency == urgency {
				break
			}
		}
	}
	if best < 0 {
		return ChannelLine{}, false
	}
	return g.Lines[best], true
}

// check refuses a guide in which two lines are for the same.
func (g ChannelGuide) check() error {
	type key struct {
		purpose string
		urgency Urgency
	}
	seen := map[key]bool{}
	for i, l := range g.Lines {
		k := key{l.Purpose, l.Urgency}
		if seen[k] {
			return invalid("Lines["+itoa(i)+"].Purpose", msgLineTwice.With(l.Purpose, l.Urgency))
		}
		seen[k] = true
		for _, t := range l.Use {
			if slices.Contains(l.Avoid, t) {
				return invalid("Lines["+itoa(i)+"].Avoid", msgBothWays.With(t))
			}
		}
	}
	return nil
}

// Channels is the tenant's channel guide, or where it has none the one that comes with the service.
func (s *Service) Channels(ctx context.Context, by engawa.Actor) (g ChannelGuide, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Channels", by, anybody)
	defer o.done(&err)
	if err != nil {
		return g, err
	}
	return s.channels(ctx, by.Tenant)
}

func (s *Service) channels(ctx context.Context, tenant engawa.TenantID) (ChannelGuide, error) {
	g, err := s.store.Channels(ctx, tenant)
	if err == nil && g.Version == 0 {
		g = s.cfg.Channels
		g.Version = 0
	}
	return g, err
}

// Channel says which tool to use for a purpose and an urgency. A purpose that the guide does not have is an error that
// names those that it has.
func (s *Service) Channel(ctx context.Context, by engawa.Actor, purpose string, urgency Urgency) (l ChannelLine, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Channel", by, anybody)
	defer o.done(&err)
	if err != nil {
		return l, err
	}
	switch urgency {
	case AnyTime, Now, Today, Later:
	default:
		return l, invalid("urgency", msgPurpose.With("now, today, later"))
	}
	g, err := s.channels(ctx, by.Tenant)
	if err != nil {
		return l, err
	}
	l, ok := g.Line(purpose, urgency)
	if !ok {
		return l, invalid("purpose", msgPurpose.With(strings.Join(g.Purposes(), ", ")))
	}
	return l, nil
}

// SetChannels replaces the tenant's channel guide. Only stewards may.
func (s *Service) SetChannels(ctx context.Context, by engawa.Actor, g ChannelGuide) (err error) {
	ctx, o, err := s.begin(ctx, "guideline.SetChannels", by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := s.valid.Check(o.name, g); err != nil {
		return err
	}
	if err := g.check(); err != nil {
		return err
	}
	for i, l := range g.Lines {
		for _, text := range []string{l.Purpose, l.Label, l.Why} {
			if err := s.plain("Lines["+itoa(i)+"]", text); err != nil {
				return err
			}
		}
	}
	g.Version++
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if err := st.PutChannels(ctx, by.Tenant, g); err != nil {
			return err
		}
		return st.Append(ctx, event.Event{
			Tenant: by.Tenant, Verb: event.ChannelsChanged, Subject: engawa.Ref{Kind: engawa.KindTenant}, Version: g.Version, Actor: by.Person, At: s.now(),
		})
	})
}

var (
	msgLineTwice = engawa.Message{Code: "channels.twice",
		EN: "%s (%s) stands twice: keep one line", JA: "%s(%s)が重複しています。1行にまとめてください"}
	msgBothWays = engawa.Message{Code: "channels.both_ways",
		EN: "%s is both to be used and to be avoided: decide", JA: "%sが「使う」と「避ける」の両方にあります。どちらかにしてください"}
)
