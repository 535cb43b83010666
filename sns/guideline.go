package sns

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/guidelinestore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/moderation"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// Guideline is how guidelines work. Its zero value works, and asks nobody anything before posting until a tenant has a
// document do so.
type Guideline struct {
	// Audience lists whom a document is for, where the law demands it. Defaults to the members of a space, and those of a
	// unit itself where the Directory is an [engawa.MemberLister]; of a tenant as a whole nobody is listed then.
	Audience guideline.Audience
	// Channels is as in [guideline.Config].
	Channels guideline.ChannelGuide
}

// newGuideline makes the room with what it needs of the others.
func newGuideline(cfg Config, talk *feed.Service, desk *moderation.Service) (*guideline.Service, error) {
	who := cfg.Guideline.Audience
	if who == nil {
		who = audience{talk, cfg.Directory, cfg.Now}
	}
	return guideline.New(guideline.Config{
		Store: guidelinestore.New(cfg.Store), Directory: cfg.Directory, Places: places{talk}, Audience: who, Hours: cfg.Hours, Citations: citations{desk},
		Starters: starters{talk}, Channels: cfg.Guideline.Channels, Now: cfg.Now, Logger: cfg.Logger, Observer: cfg.Observer,
	})
}

// places are the feed's spaces.
type places struct{ feed *feed.Service }

var _ guideline.PlacesBinder = places{}

func (p places) Bind(conn engawa.Conn) guideline.Places { return places{p.feed.With(conn)} }

func (p places) Look(ctx context.Context, viewer engawa.Actor, spaces []engawa.ID) (map[engawa.ID]guideline.Place, error) {
	found := make(map[engawa.ID]guideline.Place, len(spaces))
	for part := range slices.Chunk(spaces, feed.MaxLimit) {
		known, err := p.feed.SpacesByID(ctx, viewer, part)
		if err != nil {
			return nil, err
		}
		for _, sp := range known {
			found[sp.ID] = guideline.Place{Host: sp.Mine.State == feed.Joined && sp.Mine.Host}
		}
	}
	return found, nil
}

// audience lists people as far as the rooms know them.
type audience struct {
	feed *feed.Service
	dir  engawa.Directory
	now  func() time.Time
}

func (a audience) People(ctx context.Context, tenant engawa.TenantID, scope guideline.Scope) iter.Seq2[engawa.PersonID, error] {
	lister, canList := a.dir.(engawa.MemberLister)
	switch {
	case scope.Org != "" && canList:
		return lister.Members(ctx, tenant, scope.Org, a.now())
	case scope.Space != 0:
		return func(yield func(engawa.PersonID, error) bool) {
			members := engawa.All(ctx, func(ctx context.Context, at engawa.Cursor) (engawa.Page[feed.Membership], error) {
				return a.feed.Members(ctx, engawa.System(tenant), scope.Space, feed.Window{After: at, Limit: feed.MaxLimit})
			})
			for m, err := range members {
				if err == nil && m.State != feed.Joined && m.State != feed.ByKey {
					continue
				}
				if !yield(m.Person, err) || err != nil {
					return
				}
			}
		}
	}
	return func(yield func(engawa.PersonID, error) bool) {
		yield("", &engawa.Error{Kind: engawa.Unavailable, Message: msgNoAudience})
	}
}

// citations are what the desk knows of clauses.
type citations struct{ desk *moderation.Service }

func (c citations) Cited(ctx context.Context, tenant engawa.TenantID, since time.Time) ([]guideline.Citation, error) {
	found, err := c.desk.Citations(ctx, engawa.System(tenant), since)
	all := make([]guideline.Citation, len(found))
	for i, f := range found {
		all[i] = guideline.Citation{Clause: f.Clause, Cited: f.Reports, Decided: f.Decided, Upheld: f.Upheld}
	}
	return all, err
}

// starters are the posting templates of a space and its latest stories, to which everybody in them has agreed.
type starters struct{ feed *feed.Service }

var _ guideline.StartersBinder = starters{}

func (s starters) Bind(conn engawa.Conn) guideline.Starters { return starters{s.feed.With(conn)} }

// maxStories is how many stories are shown to start from, of the latest posts of a space.
const maxStories = 3

func (s starters) Start(ctx context.Context, viewer engawa.Actor, space engawa.ID, kind string) ([]guideline.Starter, error) {
	templates, err := s.feed.Templates(ctx, viewer, space)
	if errors.Is(err, engawa.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []guideline.Starter
	for _, t := range templates {
		if kind == "" || string(t.Kind) == kind {
			all = append(all, guideline.Starter{Template: t.ID, Name: t.Name, Text: t.Body, Example: t.Example})
		}
	}
	page, err := s.feed.SpacePosts(ctx, viewer, space, feed.Window{Limit: feed.MaxLimit})
	if err != nil {
		return nil, err
	}
	stories := 0
	for _, p := range page.Items {
		if p.Kind == feed.Story && stories < maxStories {
			stories++
			all = append(all, guideline.Starter{Post: p.ID, Text: p.Body})
		}
	}
	return all, nil
}

// acceptGate asks authors of posts for the guidelines that are to be accepted before posting, and then the next gate. It
// does not ask those who comment or react: an answer shall be light. What has to be accepted is looked up ahead of the
// transaction.
type acceptGate struct {
	guide *guideline.Service
	next  feed.Gate // perhaps nil
	conn  engawa.Conn
}

var (
	_ feed.Foreseer   = acceptGate{}
	_ feed.GateBinder = acceptGate{}
	_ feed.Passer     = acceptGate{}
)

// lateAccept is the gate, once the room that it asks is there: the feed needs it before.
type lateAccept struct{ acceptGate }

// toAccept is what the gate has looked up, and what the next one has.
type toAccept struct {
	due  []guideline.Due
	next any
}

func (g acceptGate) Bind(conn engawa.Conn) feed.Gate {
	g.conn = conn
	if b, ok := g.next.(feed.GateBinder); ok {
		g.next = b.Bind(conn)
	}
	return g
}

func (g acceptGate) Foresee(ctx context.Context, d feed.Draft) (any, error) {
	var f toAccept
	var err error
	if d.Answers.Kind == "" && d.Edits.Kind == "" {
		guide := g.guide
		if g.conn != nil {
			guide = guide.With(g.conn)
		}
		f.due, err = guide.MustAccept(ctx, d.Author, guideline.Posting{Space: d.Space.ID, Standing: &d.Standing})
		if err != nil {
			return nil, err
		}
	}
	if next, ok := g.next.(feed.Foreseer); ok && len(f.due) == 0 {
		f.next, err = next.Foresee(ctx, d)
	}
	return f, err
}

func (g acceptGate) Judge(ctx context.Context, conn engawa.Conn, d feed.Draft) (feed.Verdict, error) {
	f, _ := d.Foreseen.(toAccept)
	if len(f.due) > 0 {
		v := feed.Verdict{Action: feed.Ask}
		for _, due := range f.due {
			m := msgAcceptFirst.With(due.Document.Title, due.Document.Effective)
			v.Advice = append(v.Advice, feed.Advice{Code: m.Code + ":" + due.Document.ID.String(), Text: m})
		}
		return v, nil
	}
	if g.next == nil {
		return feed.Verdict{}, nil
	}
	d.Foreseen = f.next
	return g.next.Judge(ctx, conn, d)
}

// Passes reports true where nothing has to be accepted and the next gate, if there is one, lets the draft through.
func (g acceptGate) Passes(d feed.Draft) bool {
	f, _ := d.Foreseen.(toAccept)
	if len(f.due) > 0 {
		return false
	}
	if g.next == nil {
		return true
	}
	d.Foreseen = f.next
	next, ok := g.next.(feed.Passer)
	return ok && next.Passes(d)
}

// guidelineConsumer tells those who accepted a guideline that it changed, and its owner that it is to be reviewed.
func (s *SNS) guidelineConsumer() event.Consumer {
	return event.Consumer{Name: "guideline.notices", Verbs: []event.Verb{event.VersionEffective, event.ReviewDue}, Handle: func(ctx context.Context, e event.Event) error {
		system := engawa.System(e.Tenant)
		in := feed.Occasion{Kind: feed.NoticeReview, To: e.Person, Subject: e.Subject, At: e.At}
		if e.Verb == event.ReviewDue {
			return s.Feed.NotifyOf(ctx, system, in)
		}
		edition, err := event.Read[event.Edition](e)
		if err != nil || !edition.Material {
			return err
		}
		id, err := engawa.ParseID(e.Subject.ID)
		if err != nil {
			return err
		}
		in.Kind, in.What = feed.NoticeGuideline, int64(edition.N)
		for after := engawa.ID(0); ; {
			behind, last, err := s.Guideline.Behind(ctx, system, id, after)
			if err != nil {
				if errors.Is(err, engawa.NotFound) {
					return nil
				}
				return err
			}
			for _, in.To = range behind {
				if err := s.Feed.NotifyOf(ctx, system, in); err != nil {
					return err
				}
			}
			if last == 0 {
				return nil
			}
			after = last
		}
	}}
}

func (s *SNS) guidelineChores() []Chore {
	return []Chore{{Name: "guideline.due", Every: time.Minute, Do: func(ctx context.Context) (time.Time, error) {
		return time.Time{}, s.Guideline.TellDue(ctx)
	}}}
}

// acceptedRecords are what somebody has accepted, word for word.
func (s *SNS) acceptedRecords(ctx context.Context, by engawa.Actor) iter.Seq2[jsonl.Record, error] {
	return func(yield func(jsonl.Record, error) bool) {
		all := engawa.All(ctx, func(ctx context.Context, at engawa.Cursor) (engawa.Page[guideline.Accepted], error) {
			return s.Guideline.Accepted(ctx, by, by.Person, "", guideline.Window{After: at, Limit: guideline.MaxLimit})
		})
		for a, err := range all {
			var text []byte
			if err == nil {
				text, err = json.Marshal(a.Version.Text)
			}
			r := jsonl.Acceptance{Person: string(by.Person), Receipt: a.ID.String(), Title: a.Title, Version: a.N, Hash: a.Hash, Text: text, At: a.At}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}
