package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
)

// NewNotice is one thing that happened for one person: a notice of its own, or one more in a notice that stands there.
type NewNotice struct {
	// Notice is the notice if it is new. People, Actors, First, Last and Read come from what happened.
	Notice
	// Actor is whose doing it was, or "" for nobody's. What tells things of one actor apart, such as two comments.
	Actor engawa.PersonID
	What  int64
	At    time.Time
	// Gone says that it has been undone.
	Gone bool
	// Inbox is whether the person sees the notice in their list.
	Inbox bool
	// Sends are what is to be delivered if the notice is new; only Channel and Due count.
	Sends []Send
	// Most is how many notices the person may have.
	Most int
}

// NoticeMark selects notices of a person: those with the ids, those at or below a place, or those of a kind about a
// subject, every edition of it.
type NoticeMark struct {
	IDs     []engawa.ID
	UpTo    engawa.ID
	Kind    NoticeKind
	Subject engawa.Ref
}

// NoticeCount is how many unread notices of a kind are about a space.
type NoticeCount struct {
	Space   engawa.ID
	Kind    NoticeKind
	Notices int
}

// NoticeStore keeps notices: one row for each person, kind, subject and window.
type NoticeStore interface {
	// PutNotice adds what happened to the notice with the same person, kind, subject and window, which is made where there
	// is none, and reports whether it was made. What has happened already (the same actor and What, at that time or later)
	// changes nothing. What is new makes the notice unread and the person's newest; what is gone is no longer counted, and
	// a notice of which nothing is left is not shown. Where the person has more than Most, the oldest go, those that were
	// read first. A Space that the tenant does not have is an error of kind NotFound.
	PutNotice(ctx context.Context, tenant engawa.TenantID, n NewNotice) (bool, error)
	// Notices are a person's notices with places below before, newest first, without those about what is retracted.
	Notices(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]Notice, error)
	// ReadNotices marks notices as read and reports how many were not.
	ReadNotices(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, mark NoticeMark, at time.Time) (int, error)
	// UnreadNotices counts what Notices would show and is unread, among the newest ones up to a limit.
	UnreadNotices(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, limit int) ([]NoticeCount, error)
	// NoticePrefs are the choices that people have made; those who made none are missing.
	NoticePrefs(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]NoticePreferences, error)
	// PutNoticePrefs replaces the choices of a person. Where their digest changes, it is due.
	PutNoticePrefs(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, prefs NoticePreferences) error
	// PurgeNotices deletes notices of all tenants about which nothing has happened since a time, and reports how many.
	PurgeNotices(ctx context.Context, before time.Time, limit int) (int, error)
}

// Send is a notice on its way to a person through one channel.
type Send struct {
	Tenant  engawa.TenantID
	Notice  Notice
	Channel Channel
	// Due is when it may go out; once it is settled, the zero time.
	Due   time.Time
	Tries int
	// Void is set where nothing is left to tell: what it is about was undone or retracted.
	Void bool
}

// DigestState is how far somebody's digests have come.
type DigestState struct {
	Tenant engawa.TenantID
	Person engawa.PersonID
	Digest Digests
	// Visited is when the person was last seen to read something.
	Visited time.Time
	// Until is what the last digest reached up to; zero: there has been none.
	Until time.Time
	// Next is when the next one is due.
	Next  time.Time
	Tries int
}

// SendStore keeps what is to be delivered, and when.
type SendStore interface {
	// DueSends are those of all tenants whose time has come, the longest due first, and when the next one after now is due.
	DueSends(ctx context.Context, now time.Time, limit int) ([]Send, time.Time, error)
	// SettleSends sets Due and Tries of what stands there still, and forgets those without a Due.
	SettleSends(ctx context.Context, tenant engawa.TenantID, sends []Send) error
	// DueDigests are those of all tenants that are due, the longest due first.
	DueDigests(ctx context.Context, now time.Time, limit int) ([]DigestState, error)
	// PutDigest sets Until, Next and Tries of a person who has been visited.
	PutDigest(ctx context.Context, tenant engawa.TenantID, d DigestState) error
	// Visited notes that a person was there, to about ten minutes; with the zero time only that there is such a person.
	// Somebody new has a digest due.
	Visited(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, at time.Time) error
}
