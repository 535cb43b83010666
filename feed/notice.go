package feed

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
)

// NoticeKind is what a notice (通知) tells.
type NoticeKind string

// The kinds of notices.
const (
	// NoticeMention: somebody mentions the person. The subject is the post or comment.
	NoticeMention NoticeKind = "mention"
	// NoticeReply: somebody answers a comment of the person's, which is the subject.
	NoticeReply NoticeKind = "reply"
	// NoticeComment: somebody comments on a post of the person's, which is the subject.
	NoticeComment NoticeKind = "comment"
	// NoticeReaction: somebody reacts to a post or comment of the person's, which is the subject.
	NoticeReaction NoticeKind = "reaction"
	// NoticeThanks: somebody thanks the person. The subject is the post, or the thanks where no post shows them.
	NoticeThanks NoticeKind = "thanks"
	// NoticeAccepted: a comment of the person's, the subject, was accepted as the answer.
	NoticeAccepted NoticeKind = "accepted"
	// NoticeAcknowledge: an announcement is to be acknowledged, each edition once. The subject is the post.
	NoticeAcknowledge NoticeKind = "acknowledge"
	// NoticeAnswerDue and NoticeAnswerEscalated: nobody has answered a post, the subject; see [Guarantee].
	NoticeAnswerDue       NoticeKind = "answer_due"
	NoticeAnswerEscalated NoticeKind = "answer_escalated"
	// NoticeInvited: somebody takes the person into a space, the subject.
	NoticeInvited NoticeKind = "invited"
	// NoticeAssigned: a desk question, the subject, is given to the person.
	NoticeAssigned NoticeKind = "assigned"
	// NoticeDecided: a text of the person's that waited, the subject, was decided or could not be published.
	NoticeDecided NoticeKind = "decided"
	// NoticeConsent: the person is asked for their consent to a story, the subject.
	NoticeConsent NoticeKind = "consent"
	// NoticeRuling: the desk decided about what the person wrote, the subject.
	NoticeRuling NoticeKind = "ruling"
	// NoticeReport: the desk has answered a report of the person's, the subject.
	NoticeReport NoticeKind = "report"
	// NoticeFound: a saved search of the person's has found something new, the subject.
	NoticeFound NoticeKind = "found"
	// NoticeGuideline: a guideline that the person has accepted, the subject, changed in a way that matters.
	NoticeGuideline NoticeKind = "guideline"
	// NoticeReview: a guideline that the person looks after, the subject, is to be reviewed.
	NoticeReview NoticeKind = "review"
	// NoticeTraining: there is something about a seat of the person's or an offer to them, the subject. It does not say what.
	NoticeTraining NoticeKind = "training"
)

// Channel is a way to tell somebody.
type Channel string

// The channels. Inbox is the list that [Service.Notices] reads; the others go out through the [Notifier].
const (
	Inbox Channel = "inbox"
	Push  Channel = "push"
	Mail  Channel = "mail"
)

// Channels are all channels, in the order of their bits in a storage.
func Channels() []Channel { return []Channel{Inbox, Push, Mail} }

// noticeRules is the one list of kinds, with the channels that somebody gets who has chosen nothing, and what they must
// see of the space to be told.
var noticeRules = []noticeRule{
	{NoticeMention, inboxAndPush, readable}, {NoticeReply, inboxAndPush, readable}, {NoticeComment, inboxAndPush, readable}, {NoticeReaction, inboxOnly, readable},
	{NoticeThanks, inboxAndPush, readable}, {NoticeAccepted, inboxAndPush, readable}, {NoticeAcknowledge, inboxAndPush, readable}, {NoticeAnswerDue, inboxAndPush, readable},
	{NoticeAnswerEscalated, inboxAndPush, readable}, {NoticeInvited, inboxAndPush, listed}, {NoticeAssigned, inboxAndPush, readable},
	{NoticeDecided, inboxAndPush, unseen}, {NoticeConsent, inboxAndPush, unseen},
	{NoticeRuling, inboxAndPush, unseen}, {NoticeReport, inboxAndPush, unseen}, {NoticeFound, inboxAndPush, readable},
	{NoticeGuideline, inboxOnly, unseen}, {NoticeReview, inboxAndPush, unseen},
	{NoticeTraining, inboxAndPush, unseen},
}

var inboxAndPush, inboxOnly = []Channel{Inbox, Push}, []Channel{Inbox}

type noticeRule struct {
	kind     NoticeKind
	channels []Channel
	need     sight
}

// hides reports whether blocks and mutes keep such notices away: all but of what is to be acknowledged, and of what became
// of one's own texts and reports.
func (r noticeRule) hides() bool {
	switch r.kind {
	case NoticeAcknowledge, NoticeDecided, NoticeRuling, NoticeReport, NoticeGuideline, NoticeReview, NoticeTraining:
		return false
	}
	return true
}

// without is a notice without those between whom and the reader a block stands, and false where nobody else is left.
func (n Notice) without(h *hidden) (Notice, bool) {
	rule, _ := noticeRuleOf(n.Kind)
	if !rule.hides() || len(h.blocked) == 0 {
		return n, true
	}
	before := len(n.Actors)
	n.Actors = slices.DeleteFunc(slices.Clone(n.Actors), func(p engawa.PersonID) bool { return h.blocked[p] })
	n.People -= before - len(n.Actors)
	return n, n.People > 0 || before == 0
}

func noticeRuleOf(kind NoticeKind) (noticeRule, bool) {
	i := slices.IndexFunc(noticeRules, func(r noticeRule) bool { return r.kind == kind })
	if i < 0 {
		return noticeRule{}, false
	}
	return noticeRules[i], true
}

// NoticeKinds are all kinds of notices.
func NoticeKinds() []NoticeKind {
	var kinds []NoticeKind
	for _, r := range noticeRules {
		kinds = append(kinds, r.kind)
	}
	return kinds
}

// Notice (通知) tells one person of one subject, however many did the same within a window.
type Notice struct {
	ID engawa.ID
	// Place is where it stands among the person's notices: it grows when something more happens.
	Place   engawa.ID
	Person  engawa.PersonID
	Kind    NoticeKind
	Subject engawa.Ref
	// Post is the post of a subject that is one or belongs to one; Space is where it is, or 0.
	Post, Space engawa.ID
	// Window numbers the stretches of time, or the editions, that are told apart; 0 where nothing is.
	Window int64
	// People is how many did it, and Actors are the latest three of them.
	People int
	Actors []engawa.PersonID
	// First and Last are when it happened first and last.
	First, Last time.Time
	// Read is when the person read it; zero: not yet.
	Read time.Time
	// Urgent is not kept back outside working hours: a mention in an announcement that must be acknowledged, or in a desk
	// question.
	Urgent bool
}

// NoticeRules are how notices are kept and gathered.
type NoticeRules struct {
	// Window is the stretch of time, counted from 1970 in UTC, within which comments, replies and reactions to one subject
	// make one notice. Defaults to 24 hours.
	Window time.Duration
	// Gather is how long such a notice waits for more before it goes out. Defaults to 2 minutes.
	Gather time.Duration
	// Keep is how long a notice is kept after the last thing that happened; what is older makes none. Defaults to 90 days.
	Keep time.Duration
	// Most is how many notices a person has at most. Defaults to 10,000.
	Most int
}

func (r NoticeRules) orDefault() NoticeRules {
	if r.Window <= 0 {
		r.Window = 24 * time.Hour
	}
	if r.Gather <= 0 {
		r.Gather = 2 * time.Minute
	}
	if r.Keep <= 0 {
		r.Keep = 90 * 24 * time.Hour
	}
	if r.Most <= 0 {
		r.Most = 10_000
	}
	return r
}

// Notices reads the actor's notices, newest first, as far as they may know of their subjects. What people did becomes a
// sentence by [Notice.Text].
func (s *Service) Notices(ctx context.Context, by engawa.Actor, window Window) (page engawa.Page[Notice], err error) {
	ctx, o, err := s.begin(ctx, "feed.Notices", by)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	list := o.name + " " + string(by.Person)
	before := int64(maxID)
	if _, err := window.After.Keys(by.Tenant, list, &before); err != nil {
		return page, err
	}
	if by.IsSystem() {
		return page, denied("", msgNoAuthor)
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return page, err
	}
	v, home, err := s.homeView(ctx, s.store, r)
	if err != nil {
		return page, err
	}
	limit := window.limit()
	for {
		all, err := s.store.Notices(ctx, by.Tenant, by.Person, engawa.ID(before), limit+1)
		if err != nil {
			return engawa.Page[Notice]{}, err
		}
		for _, n := range all {
			if n, ok := n.without(home.hides); ok && v.seesNotice(n) {
				if len(page.Items) == limit {
					page.Next = engawa.NewCursor(by.Tenant, list, int64(page.Items[limit-1].Place))
					return page, nil
				}
				page.Items = append(page.Items, n)
			}
			before = int64(n.Place)
		}
		if len(all) <= limit {
			return page, nil
		}
	}
}

func noticeSpaces(all []Notice) []engawa.ID {
	var spaces []engawa.ID
	for _, n := range all {
		if n.Space != 0 && !slices.Contains(spaces, n.Space) {
			spaces = append(spaces, n.Space)
		}
	}
	return spaces
}

// MaxUnreadNotices is up to how many unread notices are counted.
const MaxUnreadNotices = 1000

// UnreadNotices counts the notices that [Service.Notices] would show and the actor has not read, among the newest
// [MaxUnreadNotices] unread ones.
func (s *Service) UnreadNotices(ctx context.Context, by engawa.Actor) (n int, err error) {
	ctx, o, err := s.begin(ctx, "feed.UnreadNotices", by)
	defer o.done(&err)
	if err != nil {
		return 0, err
	}
	r, err := s.reader(ctx, by)
	if err != nil || by.IsSystem() {
		return 0, err
	}
	v, home, err := s.homeView(ctx, s.store, r)
	if err != nil {
		return 0, err
	}
	if len(home.hides.blocked) > 0 { // whose they are has to be looked at
		return s.unreadOneByOne(ctx, v, home.hides)
	}
	counts, err := s.store.UnreadNotices(ctx, by.Tenant, by.Person, MaxUnreadNotices)
	if err != nil {
		return 0, err
	}
	for _, c := range counts {
		if v.seesNotice(Notice{Space: c.Space, Kind: c.Kind}) {
			n += c.Notices
		}
	}
	return n, nil
}

// unreadOneByOne is UnreadNotices for somebody who does not see everybody.
func (s *Service) unreadOneByOne(ctx context.Context, v *view, h *hidden) (n int, err error) {
	for before, seen := maxID, 0; seen < 10*MaxUnreadNotices; {
		all, err := s.store.Notices(ctx, v.Tenant, v.Person, before, MaxUnreadNotices)
		if err != nil {
			return 0, err
		}
		for _, one := range all {
			if one.Read.IsZero() {
				if one, ok := one.without(h); ok && v.seesNotice(one) {
					n++
				}
			}
			before = one.Place
		}
		seen += len(all)
		if len(all) < MaxUnreadNotices || n >= MaxUnreadNotices {
			break
		}
	}
	return min(n, MaxUnreadNotices), nil
}

// MarkNoticesRead notes that the actor has read notices: those with the given ids, or without any all of them. Those of
// others change nothing.
func (s *Service) MarkNoticesRead(ctx context.Context, by engawa.Actor, ids ...engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.MarkNoticesRead", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if by.IsSystem() {
		return denied("", msgNoAuthor)
	}
	if len(ids) > MaxLimit {
		return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(ids), MaxLimit)}
	}
	if _, err := s.reader(ctx, by); err != nil {
		return err
	}
	mark := NoticeMark{IDs: ids}
	if len(ids) == 0 {
		mark.UpTo = maxID
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if _, err := st.ReadNotices(ctx, by.Tenant, by.Person, mark, s.now()); err != nil {
			return err
		}
		return st.Visited(ctx, by.Tenant, by.Person, s.now())
	})
}
