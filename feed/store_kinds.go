package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
)

// What follows are the facets of [Store] for what becomes of posts after they were published, and before.

// StatusStore keeps the states of posts. [PostStore] gives them with the posts.
type StatusStore interface {
	// LockPost locks a post until the unit ends; a post that does not exist is no error.
	LockPost(ctx context.Context, tenant engawa.TenantID, post engawa.ID) error
	// LockTenant lets one unit of a tenant at a time go on.
	LockTenant(ctx context.Context, tenant engawa.TenantID) error
	// PutStatus puts a post in a state, or replaces who did it, when and with what. A post that does not exist is an error
	// of kind NotFound.
	PutStatus(ctx context.Context, tenant engawa.TenantID, post engawa.ID, status Status) error
	// DropStatus takes a post out of a state.
	DropStatus(ctx context.Context, tenant engawa.TenantID, post engawa.ID, what StatusKind) error
	// StatusPlaces are the posts of a space that are in a state, as those of [TimelineStore].
	StatusPlaces(ctx context.Context, tenant engawa.TenantID, what StatusKind, space engawa.ID, before engawa.ID, limit int, now time.Time) ([]Place, error)
}

// AckStore keeps the ledger of acknowledgements, to which lines are only added.
type AckStore interface {
	// PutAck adds a line unless the person has acknowledged that edition, and reports whether it did.
	PutAck(ctx context.Context, tenant engawa.TenantID, ack Acknowledgement) (bool, error)
	// Acks are those of an edition after a place in a stable order, and the place of the last; of edition 0 those of all,
	// in the order of editions, all at once.
	Acks(ctx context.Context, tenant engawa.TenantID, post engawa.ID, edition int64, after int64, limit int) ([]Acknowledgement, int64, error)
	// AckedBy are those of the people who have acknowledged an edition.
	AckedBy(ctx context.Context, tenant engawa.TenantID, post engawa.ID, edition int64, people []engawa.PersonID) (map[engawa.PersonID]bool, error)
	// AckCounts counts the lines of editions by their posts, and finds the person's own.
	AckCounts(ctx context.Context, tenant engawa.TenantID, editions map[engawa.ID]int64, person engawa.PersonID) (map[engawa.ID]Acks, error)
	// UnackedPlaces are the posts in the state [MustAck] that the person has not acknowledged in the edition of its Entry,
	// their own not among them.
	UnackedPlaces(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]Place, error)
	// Readers are those who have a membership row in a space, whatever its state, as [MemberStore] has Members.
	Readers(ctx context.Context, tenant engawa.TenantID, space engawa.ID, after int64, limit int) ([]Membership, int64, error)
	// DueAcks are the posts of all tenants in the state [AckDue] whose time has come, soonest first, and when the next
	// one's comes, the zero time if none waits.
	DueAcks(ctx context.Context, now time.Time, limit int) ([]DueAck, time.Time, error)
}

// PollStore keeps votes. Of an anonymous one nothing may tell which marker and which choice came together.
type PollStore interface {
	// PutVote replaces a person's vote; without choices it takes it back. It reports whether that changed anything.
	PutVote(ctx context.Context, tenant engawa.TenantID, post engawa.ID, vote Vote) (bool, error)
	// PutBallot counts an anonymous vote and keeps its marker, unless the marker is there: then it reports false.
	PutBallot(ctx context.Context, tenant engawa.TenantID, post engawa.ID, mark string, choices []int) (bool, error)
	// Tallies count the votes of polls, up to the last option that has one, and find the person's own: by the person, and
	// by the marker where one is given.
	Tallies(ctx context.Context, tenant engawa.TenantID, marks map[engawa.ID]string, person engawa.PersonID) (map[engawa.ID]Tally, error)
	// Votes are those with names, after a place in a stable order, and the place of the last.
	Votes(ctx context.Context, tenant engawa.TenantID, post engawa.ID, after int64, limit int) ([]Vote, int64, error)
	// AddVotes adds to the count of an option what was counted elsewhere.
	AddVotes(ctx context.Context, tenant engawa.TenantID, post engawa.ID, choice int, votes int64) error
}

// ReportStore keeps daily reports and who agreed to write them.
type ReportStore interface {
	// PutReport notes that a post is somebody's report of a day.
	PutReport(ctx context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID, day calendar.Date, post engawa.ID) error
	// Reports fills in the posts of reports that were written and are not retracted.
	Reports(ctx context.Context, tenant engawa.TenantID, due []DueReport) error
	// PutDuty and DropDuty report whether they changed anything.
	PutDuty(ctx context.Context, tenant engawa.TenantID, duty Duty) (bool, error)
	DropDuty(ctx context.Context, tenant engawa.TenantID, duty Duty) (bool, error)
	// Duties are those of a person and those that the person asked others for.
	Duties(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]Duty, error)
}

// WaitStore keeps what of the pending rows has a time, and the consents of those who are named.
type WaitStore interface {
	// DuePending are rows of all tenants that wait for a time which has come, the longest due first, and when the next one
	// after now is due.
	DuePending(ctx context.Context, now time.Time, limit int) ([]Due, time.Time, error)
	// WaitingOf are a person's rows that wait for something, with ids below before, newest first.
	WaitingOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, waits Wait, before engawa.ID, limit int) ([]Pending, error)
	// PutConsent asks for a consent, or notes the answer.
	PutConsent(ctx context.Context, tenant engawa.TenantID, pending engawa.ID, consent Consent) error
	// Consents are those of a pending row, by person.
	Consents(ctx context.Context, tenant engawa.TenantID, pending engawa.ID) ([]Consent, error)
	// AskedConsents are the rows for which a person has been asked and has not answered, as those of WaitingOf.
	AskedConsents(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]Pending, error)
}

// TemplateStore keeps the templates of spaces.
type TemplateStore interface {
	// PutTemplate inserts a template of version 1, or returns ErrIDTaken, and replaces one of another version where that
	// in the database is Version-1; else the error is of kind Conflict.
	PutTemplate(ctx context.Context, tenant engawa.TenantID, t Template) error
	// DropTemplate reports whether there was one.
	DropTemplate(ctx context.Context, tenant engawa.TenantID, space, id engawa.ID) (bool, error)
	// Templates are those of a space, by Place and id.
	Templates(ctx context.Context, tenant engawa.TenantID, space engawa.ID) ([]Template, error)
}

// OpenStore knows which posts wait for an answer. The rows follow posts, comments and states in the same transaction:
// a post is open while its kind waits for answers, it is not imported, not retracted and not in the state
// [NoAnswerNeeded], and no comment of somebody else stands below it.
type OpenStore interface {
	// OpenPlaces are the open posts of a space, or with 0 of all, as those of [TimelineStore].
	OpenPlaces(ctx context.Context, tenant engawa.TenantID, space engawa.ID, before engawa.ID, limit int, now time.Time) ([]Place, error)
	// OpenTenants are the tenants that have posts at a stage below [AskRest], sorted.
	OpenTenants(ctx context.Context) ([]engawa.TenantID, error)
	// OpenAt are open posts at a stage that were published at or before a time and have not expired, the oldest first.
	OpenAt(ctx context.Context, tenant engawa.TenantID, stage AskStage, before time.Time, limit int, now time.Time) ([]Place, error)
	// PutNudges notes who is to be told of an open post, which reaches that stage, and reports false where it was there
	// already, or is open no more: then nothing is noted.
	PutNudges(ctx context.Context, tenant engawa.TenantID, post engawa.ID, stage AskStage, people []engawa.PersonID, at time.Time) (bool, error)
	// Nudges are all that were noted of a post, by stage and person.
	Nudges(ctx context.Context, tenant engawa.TenantID, post engawa.ID) ([]Nudge, error)
}
