package feed

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed/body"
)

// told is something for somebody to be told.
type told struct {
	kind        NoticeKind
	to, actor   engawa.PersonID
	subject     engawa.Ref
	post, space engawa.ID
	what        int64
	window      int64
	// at is when it happened; since is from when it counts as too old.
	at, since    time.Time
	urgent, gone bool
}

// NoticeVerbs are the events of which [Service.Notify] wants to hear.
func NoticeVerbs() []event.Verb {
	return []event.Verb{
		event.PostPublished, event.PostEdited, event.CommentPublished, event.CommentEdited, event.CommentRetracted, event.CommentRestored,
		event.AnnouncementAcknowledged, event.AnnouncementReminded, event.AnswerDue, event.AnswerEscalated, event.AnswerAccepted, event.DeskAssigned, event.MemberInvited,
		event.MemberJoined, event.PendingReleased, event.PendingRejected, event.PendingRefused, event.ConsentAsked,
	}
}

// Notify makes notices of an event of the feed's: the handler of a consumer of [NoticeVerbs]. It reads the state anew, so
// the same event again changes nothing. Nobody is told of what they did themselves or may not see, and of nothing that was
// imported.
func (s *Service) Notify(ctx context.Context, e event.Event) error {
	all, err := s.toldBy(ctx, e)
	if err == nil {
		err = s.notify(ctx, e.Tenant, all)
	}
	return engawa.Wrap("feed.Notify", err)
}

// Occasion is what happened in another room to something that somebody wrote.
type Occasion struct {
	Kind NoticeKind
	// To is whom it concerns, and Actor whose doing it was.
	To, Actor engawa.PersonID
	// Subject is a post, a comment, or something that another room keeps for the person, such as thanks that no post shows;
	// of anything else the feed tells nobody.
	Subject engawa.Ref
	// What tells apart what one actor does to one subject, such as reactions of two kinds.
	What int64
	At   time.Time
	// Gone says that it was undone.
	Gone bool
}

// The kinds of Refs to what other rooms have: thanks that no post shows, reports to the desk, guidelines, sessions of
// training, and offers of it.
const (
	refThanks   = "thanks"
	refReport   = "report"
	refDocument = "document"
	refSession  = "session"
	refOffer    = "offer"
)

// NotifyOf makes a notice of what happened in another room; once more changes nothing. Only [engawa.System] may.
func (s *Service) NotifyOf(ctx context.Context, by engawa.Actor, in Occasion) (err error) {
	ctx, o, err := s.begin(ctx, "feed.NotifyOf", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if !by.IsSystem() {
		return denied("", msgSystemOnly)
	}
	if _, ok := noticeRuleOf(in.Kind); !ok {
		return invalid("Kind", msgNoNoticeKind.With(in.Kind))
	}
	t := told{kind: in.Kind, to: in.To, actor: in.Actor, subject: in.Subject, what: in.What, at: in.At, since: in.At, gone: in.Gone}
	switch in.Kind {
	case NoticeReaction, NoticeGuideline:
		t.window = s.windowOf(in.At)
	case NoticeRuling, NoticeReport, NoticeReview, NoticeTraining:
		t.window = in.At.UnixMicro() // each is told by itself
	}
	id, ok := in.Subject.OwnID()
	switch {
	case slices.Contains([]string{refThanks, refReport, refDocument, refSession, refOffer}, in.Subject.Kind):
		if _, err := engawa.ParseID(in.Subject.ID); err != nil {
			return err
		}
	case ok && in.Kind == NoticeRuling: // also of what was taken down
	case ok && in.Subject.Kind == engawa.KindPost:
		p, found, err := s.rawPost(ctx, by.Tenant, id)
		if err != nil || !found {
			return err
		}
		t.post, t.space = p.ID, p.Space
	case ok && in.Subject.Kind == engawa.KindComment:
		c, found, err := s.rawComment(ctx, by.Tenant, id)
		if err != nil || !found {
			return err
		}
		t.post, t.space = c.Post, c.Space
	default:
		return nil
	}
	return s.notify(ctx, by.Tenant, []told{t})
}

// windowOf is the number of the window that a time is in.
func (s *Service) windowOf(at time.Time) int64 {
	return at.UnixMicro() / s.cfg.Notices.Window.Microseconds()
}

// rawPost is a post as it stands, for nobody to see.
func (s *Service) rawPost(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Post, bool, error) {
	posts, _, err := s.store.Posts(ctx, tenant, []engawa.ID{id}, "")
	if err != nil || len(posts) == 0 {
		return Post{}, false, err
	}
	return posts[0], true, nil
}

func (s *Service) rawComment(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Comment, bool, error) {
	comments, err := s.store.CommentsByID(ctx, tenant, []engawa.ID{id})
	if err != nil || len(comments) == 0 {
		return Comment{}, false, err
	}
	return comments[0], true, nil
}

// toldBy is who is to be told what of an event.
func (s *Service) toldBy(ctx context.Context, e event.Event) ([]told, error) {
	id, ok := e.Subject.OwnID()
	if !ok {
		return nil, nil
	}
	one := told{to: e.Person, actor: e.Actor, subject: e.Subject, space: e.Space, at: e.At, since: e.At}
	switch e.Verb {
	case event.PostPublished, event.PostEdited:
		return s.toldByPost(ctx, e, id)
	case event.AnnouncementReminded:
		p, found, err := s.rawPost(ctx, e.Tenant, id)
		if err != nil || !found || p.Retracted != nil || !p.is(MustAck) {
			return nil, err
		}
		one.post, one.window = p.ID, -e.At.UnixMicro() // beside the notices of editions
		return s.toldToAcknowledge(ctx, e.Tenant, p, one)
	case event.CommentPublished, event.CommentEdited, event.CommentRetracted, event.CommentRestored:
		return s.toldByComment(ctx, e, id)
	case event.AnnouncementAcknowledged:
		_, err := s.store.ReadNotices(ctx, e.Tenant, e.Person, NoticeMark{Kind: NoticeAcknowledge, Subject: e.Subject}, s.now())
		return nil, err
	case event.MemberInvited, event.MemberJoined:
		if e.Person == "" {
			return nil, nil
		}
		if err := s.enrol(ctx, e.Tenant, e.Person); err != nil || e.Actor == "" || e.Verb == event.MemberJoined {
			return nil, err // the system and imports invite silently
		}
		one.kind, one.window = NoticeInvited, e.At.UnixMicro()
		return []told{one}, nil
	case event.PendingReleased, event.PendingRejected, event.PendingRefused, event.ConsentAsked:
		p, err := s.store.PendingByID(ctx, e.Tenant, id)
		if err != nil || p.ID == 0 {
			return nil, err
		}
		if one.kind = NoticeConsent; e.Verb != event.ConsentAsked {
			one.kind, one.to, one.window = NoticeDecided, p.Author, e.At.UnixMicro()
		}
		return []told{one}, nil
	}
	p, found, err := s.rawPost(ctx, e.Tenant, id)
	if err != nil || !found || p.Retracted != nil {
		return nil, err
	}
	one.post = p.ID
	switch e.Verb {
	case event.AnswerDue:
		one.kind = NoticeAnswerDue
	case event.AnswerEscalated:
		one.kind = NoticeAnswerEscalated
	case event.DeskAssigned:
		if now, ok := p.Status(Assigned); !ok || now.Person != e.Person {
			return nil, nil
		}
		one.kind, one.window = NoticeAssigned, e.At.UnixMicro()
	case event.AnswerAccepted:
		status, _ := p.Status(Accepted)
		c, found, err := s.rawComment(ctx, e.Tenant, status.Entry)
		if err != nil || !found {
			return nil, err
		}
		one.kind, one.to, one.subject, one.window = NoticeAccepted, c.Author, c.Ref(), e.At.UnixMicro()
	default:
		return nil, nil
	}
	return []told{one}, nil
}

// pressing reports whether what mentions somebody there does not wait for working hours.
func (p Post) pressing() bool { return p.Kind == Desk || p.is(MustAck) }

func (s *Service) toldByPost(ctx context.Context, e event.Event, id engawa.ID) ([]told, error) {
	p, found, err := s.rawPost(ctx, e.Tenant, id)
	if err != nil || !found || p.Imported || p.Retracted != nil {
		return nil, err
	}
	base := told{actor: p.Author, subject: p.Ref(), post: p.ID, space: p.Space, at: e.At, since: e.At, urgent: p.pressing()}
	var all []told
	var thanked []engawa.PersonID
	if d, ok := p.Details.(*ThanksDetails); ok {
		thanked = d.To
	}
	for _, person := range thanked {
		t := base
		t.kind, t.to, t.urgent = NoticeThanks, person, false
		all = append(all, t)
	}
	for _, person := range mentioned(p.Body) {
		if !slices.Contains(thanked, person) {
			t := base
			t.kind, t.to = NoticeMention, person
			all = append(all, t)
		}
	}
	if !p.is(MustAck) {
		return all, nil
	}
	status, _ := p.Status(MustAck)
	base.window = int64(status.Entry)
	asked, err := s.toldToAcknowledge(ctx, e.Tenant, p, base)
	return append(all, asked...), err
}

// toldToAcknowledge is who has not acknowledged an announcement as it stands now.
func (s *Service) toldToAcknowledge(ctx context.Context, tenant engawa.TenantID, p Post, base told) (all []told, err error) {
	status, _ := p.Status(MustAck)
	sp, err := s.store.Space(ctx, tenant, p.Space, "")
	if err != nil {
		return nil, err
	}
	people, err := s.audience(ctx, tenant, sp)
	if err != nil {
		return nil, err
	}
	done, err := s.store.AckedBy(ctx, tenant, p.ID, int64(status.Entry), people)
	for _, person := range people {
		if !done[person] && person != p.Author {
			t := base
			t.kind, t.to, t.urgent = NoticeAcknowledge, person, false
			all = append(all, t)
		}
	}
	return all, err
}

func (s *Service) toldByComment(ctx context.Context, e event.Event, id engawa.ID) ([]told, error) {
	c, found, err := s.rawComment(ctx, e.Tenant, id)
	if err != nil || !found || c.Imported {
		return nil, err
	}
	p, found, err := s.rawPost(ctx, e.Tenant, c.Post)
	if err != nil || !found {
		return nil, err
	}
	base := told{
		actor: c.Author, subject: c.Ref(), post: c.Post, space: c.Space, at: e.At, since: c.PublishedAt, gone: c.Retracted != nil,
		what: int64(c.ID), window: s.windowOf(c.PublishedAt),
	}
	var all []told
	var people []engawa.PersonID
	if !base.gone {
		for _, person := range mentioned(c.Body) {
			t := base
			t.kind, t.to, t.what, t.window, t.urgent = NoticeMention, person, 0, 0, p.pressing()
			all, people = append(all, t), append(people, person)
		}
	}
	if c.Parent != 0 {
		parent, found, err := s.rawComment(ctx, e.Tenant, c.Parent)
		if err != nil {
			return nil, err
		}
		if found && !slices.Contains(people, parent.Author) {
			t := base
			t.kind, t.to, t.subject = NoticeReply, parent.Author, parent.Ref()
			all, people = append(all, t), append(people, parent.Author)
		}
	}
	if !slices.Contains(people, p.Author) {
		t := base
		t.kind, t.to, t.subject = NoticeComment, p.Author, p.Ref()
		all = append(all, t)
	}
	return all, nil
}

// mentioned are those whom a text mentions.
func mentioned(text string) []engawa.PersonID {
	parsed, err := body.Parse(text)
	if err != nil {
		return nil // it was let in by an earlier version
	}
	var people []engawa.PersonID
	for _, m := range parsed.Mentions {
		people = append(people, engawa.PersonID(m))
	}
	return people
}

// enrol lets somebody have digests.
func (s *Service) enrol(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error {
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return st.Visited(ctx, tenant, person, time.Time{}) })
}

// notifyAtOnce is how many notices are written in one transaction.
const notifyAtOnce = 50

// notify makes notices for those who may know.
func (s *Service) notify(ctx context.Context, tenant engawa.TenantID, all []told) error {
	oldest := s.now().Add(-s.cfg.Notices.Keep)
	all = slices.DeleteFunc(all, func(t told) bool { return t.to == "" || t.to == t.actor || t.since.Before(oldest) })
	slices.SortStableFunc(all, func(a, b told) int { return cmp.Compare(a.to, b.to) })
	for part := range slices.Chunk(all, notifyAtOnce) {
		var people []engawa.PersonID
		for _, t := range part {
			people = append(people, t.to)
		}
		prefs, err := s.store.NoticePrefs(ctx, tenant, people)
		if err != nil {
			return err
		}
		var fresh []NewNotice
		for _, t := range part {
			n, ok, err := s.newNotice(ctx, tenant, t, prefs[t.to])
			if err != nil {
				return err
			}
			if ok {
				fresh = append(fresh, n)
			}
		}
		if len(fresh) == 0 {
			continue
		}
		err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
			for _, n := range fresh {
				n.ID = s.ids.Next()
				n.Place = n.ID
				if _, err := st.PutNotice(ctx, tenant, n); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// newNotice is what one person is told, if they may know and want to.
func (s *Service) newNotice(ctx context.Context, tenant engawa.TenantID, t told, prefs NoticePreferences) (NewNotice, bool, error) {
	rule, _ := noticeRuleOf(t.kind)
	n := NewNotice{
		Notice: Notice{Person: t.to, Kind: t.kind, Subject: t.subject, Post: t.post, Space: t.space, Window: t.window, Urgent: t.urgent},
		Actor:  t.actor, What: t.what, At: engawa.Micro(t.at), Gone: t.gone, Most: s.cfg.Notices.Most,
	}
	if t.gone {
		return n, true, nil
	}
	channels := prefs.of(rule)
	if len(channels) == 0 {
		return n, false, nil
	}
	r, err := s.author(ctx, tenant, t.to)
	if engawa.KindOf(err) == engawa.NotFound {
		return n, false, nil // they have left
	}
	if err != nil {
		return n, false, err
	}
	v, err := s.view(ctx, s.store, r, noticeSpaces([]Notice{n.Notice})...)
	if err != nil || !v.seesNotice(n.Notice) {
		return n, false, err
	}
	if rule.hides() && t.actor != "" {
		away, err := s.store.WhoHides(ctx, tenant, []engawa.PersonID{t.to}, About{Author: t.actor, Post: t.post, Space: t.space})
		if err != nil || away[t.to] {
			return n, false, err
		}
	}
	var due time.Time
	for _, c := range channels {
		if c == Inbox {
			n.Inbox = true
			continue
		}
		if s.cfg.Notifier == nil {
			continue
		}
		if due.IsZero() {
			if due, err = s.dueFor(ctx, tenant, n.Notice); err != nil {
				return n, false, err
			}
		}
		n.Sends = append(n.Sends, Send{Channel: c, Due: due})
	}
	return n, n.Inbox || len(n.Sends) > 0, nil
}
