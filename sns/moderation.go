package sns

import (
	"context"
	"errors"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/feed/body"
	"github.com/engawa-sns/engawa/moderation"
)

// Moderation is how reports and policies work. The zero value lets people report what they read and decides nothing by
// itself: a vendor adds the room without any post being treated otherwise than before.
type Moderation struct {
	// Gate says whether policies decide. Defaults to [GateOff].
	Gate GateMode
	// Direct opens the host's own conversation of two, for what is better said in private. Defaults to a closed space.
	Direct Direct
	// Subjects are the host's own objects that can be reported, by [engawa.Ref].Kind. Posts and comments are there.
	Subjects map[string]moderation.Subjects
	// Desk, Brake, Scorer and Witness are as in [moderation.Config].
	Desk    moderation.DeskRules
	Brake   moderation.Brake
	Scorer  moderation.Scorer
	Witness func(ctx context.Context, tenant engawa.TenantID, head moderation.Head) error
}

// GateMode says whether policies decide about what is published.
type GateMode string

// The modes.
const (
	// GateOff asks no policy, and a strike that has posts looked at first has no effect.
	GateOff GateMode = ""
	// GateOwn asks the live policy of tenants that have one; the others publish as before.
	GateOwn GateMode = "own"
	// GateJapanese and GateEnglish ask the default policy of that language for tenants that have none of their own. Mostly
	// it gives advice to the author alone; threats from above, and a fourth harsh post about one person within 30 days, are
	// held for the desk. Run a back-test over the tenant's history first (examples/policylab).
	GateJapanese GateMode = "ja"
	GateEnglish  GateMode = "en"
)

// Direct is the address of a conversation of two in the host's product, and whether there can be one.
type Direct func(ctx context.Context, by engawa.Actor, to engawa.PersonID) (url string, ok bool)

// entrySubjects are posts and comments as what can be reported.
type entrySubjects struct{ feed *feed.Service }

var _ moderation.SubjectBinder = entrySubjects{}

func (e entrySubjects) Bind(conn engawa.Conn) moderation.Subjects {
	return entrySubjects{e.feed.With(conn)}
}

func (e entrySubjects) Look(ctx context.Context, viewer engawa.Actor, ref engawa.Ref) (moderation.Subject, bool, error) {
	id, ok := ref.OwnID()
	if !ok {
		return moderation.Subject{}, false, nil
	}
	var s moderation.Subject
	var err error
	switch ref.Kind {
	case engawa.KindPost:
		var p feed.Post
		p, err = e.feed.Post(ctx, viewer, id)
		s = moderation.Subject{Author: p.Author, Text: p.Body, Space: p.Space}
	case engawa.KindComment:
		var c feed.Comment
		c, err = e.feed.CommentByID(ctx, viewer, id)
		s = moderation.Subject{Author: c.Author, Text: c.Body, Space: c.Space}
		if err == nil {
			on := engawa.RefTo(engawa.KindPost, c.Post)
			if c.Parent != 0 {
				on = engawa.RefTo(engawa.KindComment, c.Parent)
			}
			var seen map[engawa.Ref]feed.Glimpse
			seen, err = e.feed.Glimpses(ctx, viewer, []engawa.Ref{on})
			if answered := seen[on].Author; answered != "" && answered != c.Author {
				s.About = append(s.About, answered)
			}
		}
	}
	if errors.Is(err, engawa.NotFound) {
		return moderation.Subject{}, false, nil
	}
	if parsed, bad := body.Parse(s.Text); bad == nil {
		for _, m := range parsed.Mentions {
			if m := engawa.PersonID(m); m != s.Author {
				s.About = append(s.About, m)
			}
		}
	}
	return s, err == nil, err
}

// newModeration makes the room with what it needs of the others.
func newModeration(cfg Config, store moderation.Store, talk *feed.Service) (*moderation.Service, error) {
	subjects := map[string]moderation.Subjects{engawa.KindPost: entrySubjects{talk}, engawa.KindComment: entrySubjects{talk}}
	for kind, s := range cfg.Moderation.Subjects {
		if _, own := (engawa.Ref{Kind: kind, ID: engawa.ID(0).String()}).OwnID(); own {
			return nil, errors.New("sns.Open: Moderation.Subjects: " + kind + " is a kind of engawa's own: choose another name")
		}
		subjects[kind] = s
	}
	m := cfg.Moderation
	c := moderation.Config{
		Store: store, Directory: cfg.Directory, Subjects: subjects, Hours: cfg.Hours, Scorer: m.Scorer, Desk: m.Desk, Brake: m.Brake, Witness: m.Witness,
		Now: cfg.Now, Logger: cfg.Logger, Observer: cfg.Observer,
	}
	switch m.Gate {
	case GateOff, GateOwn:
	case GateJapanese, GateEnglish:
		pack, err := moderation.Default(string(m.Gate))
		if err != nil {
			return nil, err
		}
		c.Fallback = pack
	default:
		return nil, errors.New("sns.Open: Moderation.Gate: " + string(m.Gate) + " is no mode: use sns.GateOff, GateOwn, GateJapanese or GateEnglish")
	}
	return moderation.New(c)
}

// judgedVerbs are what the gate was asked about.
var judgedVerbs = []event.Verb{event.PostPublished, event.PostEdited, event.CommentPublished, event.CommentEdited, event.PendingHeld}

// moderationConsumers carry out what the desk decides, write its audit trail, and count for the brake.
func (s *SNS) moderationConsumers() []event.Consumer {
	all := []event.Consumer{
		s.Moderation.AuditConsumer(),
		{Name: "moderation.rulings", Verbs: []event.Verb{event.CaseOpened, event.CaseDecided}, Handle: s.carryOut},
	}
	if s.cfg.Moderation.Gate != GateOff {
		all = append(all, s.Moderation.CountConsumer(judgedVerbs...))
	}
	return all
}

// carryOut does to what was written what the desk has decided, by the case as it is now: doing it twice changes nothing.
func (s *SNS) carryOut(ctx context.Context, e event.Event) error {
	system := engawa.System(e.Tenant)
	id, err := engawa.ParseID(e.Subject.ID)
	if err != nil {
		return err
	}
	docket, err := s.Moderation.Case(ctx, system, id)
	if err != nil {
		if errors.Is(err, engawa.NotFound) {
			return nil
		}
		return err
	}
	if docket.State == moderation.Ruled {
		err = s.enforce(ctx, system, docket.Case)
	} else if docket.Hidden {
		err = s.retract(ctx, system, docket.Target)
	}
	if err != nil || e.Verb != event.CaseDecided {
		return err
	}
	return s.tellOf(ctx, system, e, docket.Case)
}

func (s *SNS) enforce(ctx context.Context, system engawa.Actor, c moderation.Case) error {
	id, own := c.Target.OwnID()
	if !own {
		return nil // the host's own objects are for the host, which gets the event
	}
	var err error
	switch {
	case c.Target.Kind == engawa.KindPending && c.Last == moderation.Release:
		_, err = s.Feed.Release(ctx, system, id)
	case c.Target.Kind == engawa.KindPending:
		err = s.Feed.Reject(ctx, system, id, msgByDesk.In(engawa.Japanese))
	case c.Last == moderation.Remove:
		return s.retract(ctx, system, c.Target)
	case c.Round > 1 || c.Policy != "":
		err = s.Feed.Restore(ctx, system, c.Target)
	}
	if errors.Is(err, engawa.NotFound) || errors.Is(err, engawa.Conflict) || errors.Is(err, engawa.Denied) {
		return nil // withdrawn, purged, or decided before: what the author wrote is no more there to act on
	}
	return err
}

func (s *SNS) retract(ctx context.Context, system engawa.Actor, target engawa.Ref) error {
	if target.Kind != engawa.KindPost && target.Kind != engawa.KindComment {
		return nil
	}
	err := s.Feed.Retract(ctx, system, target, msgByDesk.In(engawa.Japanese))
	if errors.Is(err, engawa.NotFound) {
		return nil
	}
	return err
}

// tellOf makes the notices of a decision: of the author, as far as the event names them, and of those who reported. Of
// what waited the feed tells the author by itself.
func (s *SNS) tellOf(ctx context.Context, system engawa.Actor, e event.Event, c moderation.Case) error {
	if e.Person != "" {
		in := feed.Occasion{Kind: feed.NoticeRuling, To: e.Person, Subject: c.Target, At: e.At}
		if err := s.Feed.NotifyOf(ctx, system, in); err != nil {
			return err
		}
	}
	reports, err := s.Moderation.Reporters(ctx, system, c.ID)
	if err != nil {
		return err
	}
	told := map[engawa.PersonID]bool{"": true}
	for _, r := range reports {
		if told[r.By] || r.At.Before(c.OpenedAt) {
			continue
		}
		told[r.By] = true
		in := feed.Occasion{Kind: feed.NoticeReport, To: r.By, Subject: engawa.RefTo(moderation.KindReport, r.ID), At: e.At}
		if err := s.Feed.NotifyOf(ctx, system, in); err != nil {
			return err
		}
	}
	return nil
}

// Private is what was said to one person alone.
type Private struct {
	// URL is the host's own conversation, where nothing was said yet: there the author goes on. Else Post is in Space.
	URL   string
	Space engawa.ID
	Post  feed.Post
}

// SayPrivately (1対1で伝える) moves what somebody wanted to post to a place of two: the host's own where Moderation.Direct
// knows one, else a closed space of the two, which is made once.
func (s *SNS) SayPrivately(ctx context.Context, by engawa.Actor, to engawa.PersonID, in feed.NewPost) (p Private, err error) {
	const op = "sns.SayPrivately"
	if s.cfg.Moderation.Direct != nil {
		p.URL, err = engawa.Ask(ctx, 0, func(ctx context.Context) (string, error) {
			url, _ := s.cfg.Moderation.Direct(ctx, by, to)
			return url, nil
		})
		if err != nil || p.URL != "" {
			return p, engawa.Wrap(op, err)
		}
	}
	names, err := s.Names(ctx, by.Tenant, by.Person, to)
	if err != nil {
		return p, engawa.Wrap(op, err)
	}
	p.Space, err = s.Moderation.DirectSpace(ctx, by, to, func(ctx context.Context) (engawa.ID, error) {
		sp, err := s.Feed.CreateSpace(ctx, engawa.System(by.Tenant), feed.NewSpace{
			Name: shownAs(names, by.Person) + "・" + shownAs(names, to), Join: feed.JoinInvite, Secret: true, Hosts: []engawa.PersonID{by.Person, to},
		})
		return sp.ID, err
	})
	if err != nil {
		return p, engawa.Wrap(op, err)
	}
	in.Space = p.Space
	p.Post, err = s.Feed.Publish(ctx, by, in)
	return p, err
}

func shownAs(names map[engawa.PersonID]engawa.Name, person engawa.PersonID) string {
	if n := names[person].Display; n != "" {
		return n
	}
	return "1対1" // no id: a space's name is text
}

// brakeEvery is how often brakes are looked at, and cases given to whoever may see them now.
const brakeEvery = 10 * time.Minute

func (s *SNS) moderationChores() []Chore {
	return []Chore{
		{Name: "moderation.brakes", Every: brakeEvery, Do: func(ctx context.Context) (time.Time, error) {
			return time.Time{}, s.Moderation.CheckBrakes(ctx)
		}},
		{Name: "moderation.reroute", Every: brakeEvery, Do: func(ctx context.Context) (time.Time, error) {
			return time.Time{}, s.Moderation.Reroute(ctx)
		}},
	}
}
