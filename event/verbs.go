package event

import (
	"slices"

	"github.com/engawa-sns/engawa"
)

// Verb is what happened: "<noun>.<past participle>". This file is the only list of them.
type Verb string

// Spaces. The subject is the space.
const (
	SpaceCreated    Verb = "space.created"
	SpaceChanged    Verb = "space.changed" // name, purpose, access keys or policies
	SpaceArchived   Verb = "space.archived"
	SpaceUnarchived Verb = "space.unarchived"
)

// Membership. The subject is the space, Person is the member.
const (
	MemberInvited Verb = "member.invited"
	MemberJoined  Verb = "member.joined"
	MemberLeft    Verb = "member.left"
	MemberRemoved Verb = "member.removed"
	HostAdded     Verb = "host.added"
	HostRemoved   Verb = "host.removed"
)

// Following. The subject is the follower, as a person's ref without an id; Person is the one who is followed.
const (
	PersonFollowed   Verb = "person.followed"
	PersonUnfollowed Verb = "person.unfollowed"
)

// PersonForgotten (退職者の匿名化) tells that somebody who left has no name any more. It names nobody: the subject is a
// person's ref without an id.
const PersonForgotten Verb = "person.forgotten"

// Hiding. The subject is as that of following, Person is the one who is blocked or muted; the payload of a muted thread is
// a [Thread], and Space is a muted space. Nobody but the actor should learn of these.
const (
	PersonBlocked   Verb = "person.blocked"
	PersonUnblocked Verb = "person.unblocked"
	MuteAdded       Verb = "mute.added"
	MuteRemoved     Verb = "mute.removed"
)

// Keeping and following of posts, each person's own. The subject is the post, Person is who keeps or follows it. A
// reminder's time has come once [ReminderDue] is told; whether the person may still read the post is for who notifies
// them to ask. Tags are followed as persons are: the subject is the follower; which tag it was is to be read again.
const (
	BookmarkAdded    Verb = "bookmark.added"
	BookmarkRemoved  Verb = "bookmark.removed"
	ReminderSet      Verb = "reminder.set"
	ReminderDropped  Verb = "reminder.dropped"
	ReminderDue      Verb = "reminder.due"
	ThreadFollowed   Verb = "thread.followed"
	ThreadUnfollowed Verb = "thread.unfollowed"
	TagFollowed      Verb = "tag.followed"
	TagUnfollowed    Verb = "tag.unfollowed"
)

// Receipts of who has read. The subject is the tenant, as a ref without an id; Person is whose receipts were hidden or
// shown, and empty where everybody's were.
const ReceiptsChanged Verb = "receipts.changed"

// Posts. The subject is the post.
const (
	PostPublished Verb = "post.published"
	PostEdited    Verb = "post.edited"
	PostRetracted Verb = "post.retracted"
	PostRestored  Verb = "post.restored"
	PostPurged    Verb = "post.purged" // deleted for ever; its comments are told of before
)

// The states of posts. The subject is the post, at the version that it had.
const (
	PostPinned       Verb = "post.pinned"
	PostUnpinned     Verb = "post.unpinned"
	PostLocked       Verb = "post.locked"
	PostUnlocked     Verb = "post.unlocked"
	PostSettled      Verb = "post.settled" // it needs no answer
	PostUnsettled    Verb = "post.unsettled"
	PostClosed       Verb = "post.closed" // a poll or a desk question
	PostReopened     Verb = "post.reopened"
	PostSuperseded   Verb = "post.superseded"
	PostUnsuperseded Verb = "post.unsuperseded"
	AnswerAccepted   Verb = "answer.accepted"
	AnswerUnaccepted Verb = "answer.unaccepted"
	DeskAssigned     Verb = "desk.assigned" // Person is whom it was given to
	DeskUnassigned   Verb = "desk.unassigned"
)

// What people do with posts of some kinds. The subject is the post.
const (
	// AnnouncementAcknowledged has the edition as its version; Person is who acknowledged.
	AnnouncementAcknowledged Verb = "announcement.acknowledged"
	// AnnouncementReminded tells that those who have not acknowledged are to be reminded; who they are is to be read again.
	AnnouncementReminded Verb = "announcement.reminded"
	// PollVoted tells that somebody voted or took a vote back. In an anonymous poll it has no actor.
	PollVoted Verb = "poll.voted"
)

// Posts that nobody has answered. The subject is the post, Person is who is to be told.
const (
	AnswerDue       Verb = "answer.due"
	AnswerEscalated Verb = "answer.escalated"
)

// What is arranged in a space. The subject is the space; of reports Person is who was asked for them.
const (
	TemplatePut     Verb = "template.put"
	TemplateDropped Verb = "template.dropped"
	ReportsAsked    Verb = "reports.asked"
	ReportsUnasked  Verb = "reports.unasked"
)

// Keeping. The subject is the space or the tenant for a rule of retention, else the hold.
const (
	RetentionChanged Verb = "retention.changed"
	HoldBegun        Verb = "hold.begun"
	HoldLifted       Verb = "hold.lifted"
)

// Comments. The subject is the comment; the payload is a [Thread].
const (
	CommentPublished Verb = "comment.published"
	CommentEdited    Verb = "comment.edited"
	CommentRetracted Verb = "comment.retracted"
	CommentRestored  Verb = "comment.restored"
	CommentPurged    Verb = "comment.purged" // deleted for ever, with its post
)

// What a gate held. The subject is the pending row; the payload of a release is a [Release].
const (
	PendingHeld      Verb = "pending.held"
	PendingReleased  Verb = "pending.released"
	PendingRejected  Verb = "pending.rejected"
	PendingWithdrawn Verb = "pending.withdrawn"
	PendingScheduled Verb = "pending.scheduled"
	PendingRefused   Verb = "pending.refused" // its author has to look at it
)

// The consent of those whom a story names. The subject is the pending row, Person is who was asked.
const (
	ConsentAsked    Verb = "consent.asked"
	ConsentGiven    Verb = "consent.given"
	ConsentDeclined Verb = "consent.declined"
)

// ImportFinished tells that a range of a space's posts, with their comments, came in from elsewhere: one event for the
// range, none for each post, so nobody is notified of years-old talk. The subject is the space, the payload a [Range].
const ImportFinished Verb = "import.finished"

// Reactions. The subject is what was reacted to, Person is who wrote or owns it, if that is known; the payload is a
// [Reaction]. A notice needs no more: it is for Person, unless they are the Actor.
const (
	ReactionAdded   Verb = "reaction.added"
	ReactionRemoved Verb = "reaction.removed"
)

// The palette of reactions. The subject is the tenant, as a ref without an id; the payload of a change is a [Stamp], of
// an import the [Count] of reactions that came in.
const (
	PaletteChanged    Verb = "palette.changed"
	ReactionsImported Verb = "reaction.imported"
)

// Thanks (感謝). The subject is the post that shows them, or the thanks themselves where there is none; Person is one of
// those thanked, each of whom gets an event of their own; the payload is a [Thanks]. Rules are the tenant's, as in
// [PaletteChanged], without a payload.
const (
	ThanksGiven        Verb = "thanks.given"
	ThanksRulesChanged Verb = "thanks.rules_changed"
)

// Reports and cases (通報). The subject is the case. Who reported or appealed is sealed: these events have no actor, and
// their payload is a [Filed]. Of a decision Person is the author of the target, where it concerns them, and the payload
// a [Decided]; of a sanction Person is who has it.
const (
	ReportFiled    Verb = "report.filed"
	CaseOpened     Verb = "case.opened"
	CaseClaimed    Verb = "case.claimed"
	CaseReturned   Verb = "case.returned"
	CaseReferred   Verb = "case.referred" // to the outside desk, or back from it
	CaseDecided    Verb = "case.decided"
	CaseAppealed   Verb = "case.appealed"
	SanctionGiven  Verb = "sanction.given"
	SanctionLifted Verb = "sanction.lifted"
)

// DeskChanged tells that other persons look at cases. The subject is the tenant, as in [PaletteChanged].
const DeskChanged Verb = "desk.changed"

// Policies of moderation. The subject is the policy, by its hash; the payload of a test is a [Filed].
const (
	PolicyDrafted  Verb = "policy.drafted"
	PolicyTested   Verb = "policy.tested"
	PolicyShadowed Verb = "policy.shadowed"
	PolicyEnabled  Verb = "policy.enabled"
	PolicyRetired  Verb = "policy.retired"
	PolicyBraked   Verb = "policy.braked" // it went back to shadow by itself
)

// DraftJudged tells that a policy had something to say about a text. The subject is what became of it; it names nobody,
// and the payload is a [Judged].
const DraftJudged Verb = "draft.judged"

// Searching. What the tenant teaches its search has the tenant as subject, as a ref without an id; the payload is a
// [Taught], of an import the [Count] of what is new. A saved search is its owner's: the subject is a person's ref without an
// id, Person is the owner, the payload a [Taught]. A gap has the tenant as subject and a [Taught]; what answers it is to be
// read again.
const (
	SynonymsPut      Verb = "synonyms.put"
	SynonymsDropped  Verb = "synonyms.dropped"
	SynonymsImported Verb = "synonyms.imported"
	WordsPut         Verb = "words.put"
	WordsDropped     Verb = "words.dropped"
	WordsImported    Verb = "words.imported"
	SearchSaved      Verb = "search.saved"
	SearchChanged    Verb = "search.changed"
	SearchDropped    Verb = "search.dropped"
	GapResolved      Verb = "gap.resolved"
	GapDropped       Verb = "gap.dropped"
)

// Guidelines (ガイドライン). The subject is the document; of versions and acceptances the payload is an [Edition]. Of an
// acceptance Person is who accepted. AcceptancesViewed tells that a steward looked at who has accepted a document that the
// law demands; Person is the one who was looked at, if it was one. Of a review Person is the document's owner, who is to be
// told. The channel guide has the tenant as subject, as in [PaletteChanged].
const (
	DocumentCreated    Verb = "document.created"
	DocumentChanged    Verb = "document.changed"
	DocumentRetired    Verb = "document.retired"
	DocumentSuperseded Verb = "document.superseded"
	VersionDrafted     Verb = "version.drafted"
	VersionPublished   Verb = "version.published"
	VersionEffective   Verb = "version.effective" // its day has come
	GuidelineAccepted  Verb = "guideline.accepted"
	AcceptancesViewed  Verb = "acceptances.viewed"
	ReviewDue          Verb = "review.due"
	ChannelsChanged    Verb = "channels.changed"
)

// Training (研修). The subject is the course, the session or the offer; Person is whom it is about. Nobody but the person
// and, of seats and attendance, the trainer should learn of what names one. The payload of what concerns one occurrence is
// an [Occurrence]. Feedback has no actor; what was offered, and why, is to be read again by the person alone.
const (
	CourseChanged       Verb = "course.changed"
	CourseOpened        Verb = "course.opened"
	CourseClosed        Verb = "course.closed"
	SessionPlanned      Verb = "session.planned"
	SessionChanged      Verb = "session.changed"
	SessionCancelled    Verb = "session.cancelled"
	OccurrenceMoved     Verb = "occurrence.moved"
	OccurrenceCancelled Verb = "occurrence.cancelled"
	SeatTaken           Verb = "seat.taken"
	SeatWaited          Verb = "seat.waited" // there was none free
	SeatReleased        Verb = "seat.released"
	SeatPromoted        Verb = "seat.promoted" // who waited got one
	AttendanceRecorded  Verb = "attendance.recorded"
	FeedbackGiven       Verb = "feedback.given"
	EnrolmentBegun      Verb = "enrolment.begun"
	EnrolmentEnded      Verb = "enrolment.ended"
	StepDone            Verb = "step.done"
	CourseCompleted     Verb = "course.completed"
	CompletionsExported Verb = "completions.exported"
	TrainingOffered     Verb = "training.offered"
	TrainingAnswered    Verb = "training.answered"
)

// Stewards (窓口). The subject of a rota and of a hand-over is the space, or the tenant as a ref without an id; that of the
// work list is what is to be done. Of a hand-over Person is who read it.
const (
	RotaChanged     Verb = "rota.changed"
	RotaDropped     Verb = "rota.dropped"
	HandOverWritten Verb = "handover.written"
	HandOverRead    Verb = "handover.read"
	WorkClaimed     Verb = "work.claimed"
	WorkReleased    Verb = "work.released"
	WorkSnoozed     Verb = "work.snoozed"
)

// Verbs are all verbs, sorted.
func Verbs() []Verb {
	v := []Verb{
		SpaceCreated, SpaceChanged, SpaceArchived, SpaceUnarchived,
		MemberInvited, MemberJoined, MemberLeft, MemberRemoved, HostAdded, HostRemoved,
		PersonFollowed, PersonUnfollowed, PersonForgotten, PersonBlocked, PersonUnblocked, MuteAdded, MuteRemoved,
		BookmarkAdded, BookmarkRemoved, ReminderSet, ReminderDropped, ReminderDue, ThreadFollowed, ThreadUnfollowed, TagFollowed, TagUnfollowed,
		ReceiptsChanged,
		PostPublished, PostEdited, PostRetracted, PostRestored, PostPurged, RetentionChanged, HoldBegun, HoldLifted,
		CommentPublished, CommentEdited, CommentRetracted, CommentRestored, CommentPurged,
		PostPinned, PostUnpinned, PostLocked, PostUnlocked, PostSettled, PostUnsettled, PostClosed, PostReopened, PostSuperseded, PostUnsuperseded,
		AnswerAccepted, AnswerUnaccepted, DeskAssigned, DeskUnassigned, AnnouncementAcknowledged, AnnouncementReminded, PollVoted, AnswerDue, AnswerEscalated,
		TemplatePut, TemplateDropped, ReportsAsked, ReportsUnasked,
		PendingHeld, PendingReleased, PendingRejected, PendingWithdrawn, PendingScheduled, PendingRefused,
		ConsentAsked, ConsentGiven, ConsentDeclined,
		ImportFinished,
		ReactionAdded, ReactionRemoved, PaletteChanged, ReactionsImported, ThanksGiven, ThanksRulesChanged,
		ReportFiled, CaseOpened, CaseClaimed, CaseReturned, CaseReferred, CaseDecided, CaseAppealed, SanctionGiven, SanctionLifted, DeskChanged,
		PolicyDrafted, PolicyTested, PolicyShadowed, PolicyEnabled, PolicyRetired, PolicyBraked, DraftJudged,
		SynonymsPut, SynonymsDropped, SynonymsImported, WordsPut, WordsDropped, WordsImported, SearchSaved, SearchChanged, SearchDropped, GapResolved, GapDropped,
		DocumentCreated, DocumentChanged, DocumentRetired, DocumentSuperseded, VersionDrafted, VersionPublished, VersionEffective,
		GuidelineAccepted, AcceptancesViewed, ReviewDue, ChannelsChanged,
		CourseChanged, CourseOpened, CourseClosed, SessionPlanned, SessionChanged, SessionCancelled, OccurrenceMoved, OccurrenceCancelled,
		SeatTaken, SeatWaited, SeatReleased, SeatPromoted, AttendanceRecorded, FeedbackGiven, EnrolmentBegun, EnrolmentEnded, StepDone, CourseCompleted,
		CompletionsExported, TrainingOffered, TrainingAnswered,
		RotaChanged, RotaDropped, HandOverWritten, HandOverRead, WorkClaimed, WorkReleased, WorkSnoozed,
	}
	slices.Sort(v)
	return v
}

// Thread says which post a comment belongs to.
type Thread struct {
	Post engawa.ID `json:"post"`
}

// Release says what a pending row became.
type Release struct {
	// Entry is the post or comment that was published.
	Entry engawa.Ref `json:"entry"`
}

// Range is a range of a space's sequence, both ends included, and the number of comments that came with it. First
// above Last is a range of comments only.
type Range struct {
	First    int64 `json:"first"`
	Last     int64 `json:"last"`
	Comments int   `json:"comments,omitempty"`
}

func (Thread) payload()  {}
func (Release) payload() {}
func (Range) payload()   {}

// Reaction says which kind of reaction it was, by its number in the tenant's palette.
type Reaction struct {
	Kind int64 `json:"kind"`
}

// Stamp says which kind of reaction was put into the palette, changed or retired; 0 where the order of all was.
type Stamp struct {
	Kind int64 `json:"kind"`
}

// Thanks says what was given.
type Thanks struct {
	Thanks engawa.ID `json:"thanks"`
	Points int64     `json:"points,omitempty"`
}

// Count is how many came in.
type Count struct {
	N int `json:"n"`
}

func (Reaction) payload() {}
func (Stamp) payload()    {}
func (Thanks) payload()   {}
func (Count) payload()    {}

// Filed says which row was written, by its id, and the SHA-256 of what is in it.
type Filed struct {
	Row    engawa.ID `json:"row,omitempty"`
	Digest string    `json:"digest"`
}

// Decided says what was decided about a case, in which round, and the SHA-256 of what was said.
type Decided struct {
	Ruling engawa.ID `json:"ruling"`
	Action string    `json:"action"`
	Round  int       `json:"round"`
	Digest string    `json:"digest"`
}

// Judged says which outcome a policy had, by its number, and the SHA-256 of the facts.
type Judged struct {
	Record  engawa.ID `json:"record"`
	Outcome int       `json:"outcome"`
	Digest  string    `json:"digest"`
}

func (Filed) payload()   {}
func (Decided) payload() {}
func (Judged) payload()  {}

// Taught says which group of synonyms, word, saved search or gap it was.
type Taught struct {
	ID engawa.ID `json:"id"`
}

func (Taught) payload() {}

// Edition says which version of a document it was, and whether it is to be accepted anew.
type Edition struct {
	N        int  `json:"n"`
	Material bool `json:"material,omitempty"`
}

func (Edition) payload() {}

// Occurrence says which occurrence of a session it was, by its day as a number such as 20260401.
type Occurrence struct {
	Day int64 `json:"day"`
}

func (Occurrence) payload() {}
