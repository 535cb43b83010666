package training

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// Store is what a storage must do for training. Package bunstore/trainingstore has one; package trainingtest checks one
// of your own.
//
// Every method is told the tenant and must neither show nor change rows of another, whatever it is given. A method that
// finds nothing returns zero values and no error, unless it says otherwise. Times come back in UTC with microseconds. A
// person's id stands in one row only, so a leaver can be forgotten by one update.
type Store interface {
	Units
	CourseStore
	SessionStore
	SeatStore
	EnrolmentStore
	DoneStore
	FeedbackStore
	OfferStore
}

// ErrIDTaken is returned by methods that insert a row whose id another row has; the transaction stays usable.
var ErrIDTaken error = &engawa.Error{Kind: engawa.Conflict, Message: msgIDTaken}

// Units are how the store's methods come together.
type Units interface {
	// Within runs one unit of work. What f does through the Store that it gets happens wholly or not at all; the Conn is
	// the transaction's handle. Units nest. The storage may run f again after a deadlock.
	Within(ctx context.Context, f func(Store, engawa.Conn) error) error
	// Bind is the store inside a transaction of the host's.
	Bind(conn engawa.Conn) Store
	// Append appends events, inside Within.
	Append(ctx context.Context, events ...event.Event) error
	// Forget deletes a person's enrolments, what they have done for steps, and their offers. Every other row stays and is
	// nobody's; two persons who were forgotten are still two. It is called inside Within.
	Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error
}

// CourseStore keeps courses.
type CourseStore interface {
	// PutCourse inserts a course of version 1, or returns ErrIDTaken, and replaces one of another version where that
	// before it stands there; else the error is of kind Conflict.
	PutCourse(ctx context.Context, tenant engawa.TenantID, c Course) error
	Course(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Course, error)
	// LockCourse is Course, inside Within; nobody else changes it, or locks it, until it ends.
	LockCourse(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Course, error)
	// Courses are all courses of a tenant, in any order.
	Courses(ctx context.Context, tenant engawa.TenantID) ([]Course, error)
}

// SessionStore keeps sessions and what was changed about single occurrences.
type SessionStore interface {
	// PutSession is as PutCourse.
	PutSession(ctx context.Context, tenant engawa.TenantID, one Session) error
	Session(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Session, error)
	// LockSession is Session, inside Within; nobody else changes it, or locks it, until it ends.
	LockSession(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Session, error)
	// Sessions are those of a course, by id.
	Sessions(ctx context.Context, tenant engawa.TenantID, course engawa.ID) ([]Session, error)
	// PutChange inserts or replaces the change of one day; that of a session of the tenant's, else the error is NotFound.
	PutChange(ctx context.Context, tenant engawa.TenantID, session engawa.ID, c Change) error
	// Changes are those of a session from one day to another, both included, by day.
	Changes(ctx context.Context, tenant engawa.TenantID, session engawa.ID, from, to calendar.Date) ([]Change, error)
}

// SeatStore keeps seats.
type SeatStore interface {
	// PutSeat inserts or replaces a person's seat in an occurrence.
	PutSeat(ctx context.Context, tenant engawa.TenantID, seat Seat) error
	DropSeat(ctx context.Context, tenant engawa.TenantID, seat Seat) error
	Seat(ctx context.Context, tenant engawa.TenantID, session engawa.ID, day calendar.Date, person engawa.PersonID) (Seat, error)
	// Seats are those of a session from one day to another, both included, by day and N. Those of forgotten people have no
	// Person.
	Seats(ctx context.Context, tenant engawa.TenantID, session engawa.ID, from, to calendar.Date) ([]Seat, error)
	// SeatCounts counts the same seats by day.
	SeatCounts(ctx context.Context, tenant engawa.TenantID, session engawa.ID, from, to calendar.Date) (map[calendar.Date]Count, error)
	// SeatsOf are a person's seats from a day on, by day and session: at most [MaxMySeats].
	SeatsOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, from calendar.Date) ([]Seat, error)
}

// EnrolmentStore keeps who takes which course, and the ledger of completions.
type EnrolmentStore interface {
	// PutEnrolment inserts or replaces the enrolment of a person in a course.
	PutEnrolment(ctx context.Context, tenant engawa.TenantID, e Enrolment) error
	// DropEnrolment deletes an enrolment with what was done in its round.
	DropEnrolment(ctx context.Context, tenant engawa.TenantID, e Enrolment) error
	// LockEnrolment is the enrolment of a person in a course, inside Within; where there is one, nobody else locks it until
	// it ends.
	LockEnrolment(ctx context.Context, tenant engawa.TenantID, course engawa.ID, person engawa.PersonID) (Enrolment, error)
	// Enrolments are those of a person, by course.
	Enrolments(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]Enrolment, error)
	// CountEnrolled counts who takes or has taken a course, and who has completed it at least once.
	CountEnrolled(ctx context.Context, tenant engawa.TenantID, course engawa.ID) (enrolled, completed int, err error)
}

// DoneStore keeps what was done for steps, and the ledger of completions.
type DoneStore interface {
	// AddDone inserts a row unless the same subject stands there for the step and round.
	AddDone(ctx context.Context, tenant engawa.TenantID, d Done) error
	// DoneBy are the rows of one person, course and round, by time and step.
	DoneBy(ctx context.Context, tenant engawa.TenantID, course engawa.ID, person engawa.PersonID, round int) ([]Done, error)
	// AddCompletion adds a line; one of the same course, person and round is an error of kind Conflict.
	AddCompletion(ctx context.Context, tenant engawa.TenantID, c Completion) error
	// Completions are the lines of a course after a place, in order, with the place of the last.
	Completions(ctx context.Context, tenant engawa.TenantID, course engawa.ID, after int64, limit int) ([]Completion, int64, error)
	// CompletionsOf are the lines of a person, in order.
	CompletionsOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]Completion, error)
}

// FeedbackStore keeps feedback, tied to nobody.
type FeedbackStore interface {
	AddFeedback(ctx context.Context, tenant engawa.TenantID, session engawa.ID, day calendar.Date, f Feedback) error
	// Feedback is that of one occurrence, in the order in which it came.
	Feedback(ctx context.Context, tenant engawa.TenantID, session engawa.ID, day calendar.Date) ([]Feedback, error)
}

// OfferStore keeps offers.
type OfferStore interface {
	// AddOffer inserts an offer, or returns ErrIDTaken; it reports false where one of the same person, course, reason,
	// clause and cause stands there.
	AddOffer(ctx context.Context, tenant engawa.TenantID, f Offer) (bool, error)
	// UpdateOffer writes what was told and answered.
	UpdateOffer(ctx context.Context, tenant engawa.TenantID, f Offer) error
	// LockOffer is one offer, inside Within; nobody else locks it until it ends.
	LockOffer(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Offer, error)
	// Offers are those of a person, newest first: at most [MaxMyOffers].
	Offers(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]Offer, error)
	// DueOffers are offers of all tenants that are due and not told, at most limit, the longest due first.
	DueOffers(ctx context.Context, now time.Time, limit int) ([]DueOffer, error)
	// FollowUpScores are the scores of the answered follow-ups of a course, in the order of the answers.
	FollowUpScores(ctx context.Context, tenant engawa.TenantID, course engawa.ID) ([]int, error)
}

// DueOffer names an offer that is due.
type DueOffer struct {
	Tenant engawa.TenantID
	Offer  engawa.ID
}
