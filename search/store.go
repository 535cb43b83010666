package search

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Store is what a storage must do for what a tenant teaches its search and what people keep of it: synonyms, words, saved
// searches, and what was asked in vain. Package bunstore/searchstore has one; package search/storetest checks one of your
// own.
//
// Every method is told the tenant and must neither show nor change rows of another, whatever it is given. A method that
// finds nothing returns zero values and no error, unless it says otherwise. Times come back in UTC with microseconds. A
// person's id stands in one row only, so a leaver can be forgotten by one update.
type Store interface {
	Units
	TaughtStore
	SynonymStore
	WordStore
	SavedStore
	ToldStore
	GapStore
	AskerStore
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
}

// TaughtStore is the dictionary as a whole. Version is asked at every search: it is one row by its key.
type TaughtStore interface {
	Dictionary
	// LockTaught tells how many groups of synonyms and how many words there are, inside Within; nobody else changes them
	// until it ends.
	LockTaught(ctx context.Context, tenant engawa.TenantID) (synonyms, words int, err error)
	// Renew gives the dictionary another Version, greater than any that it had and, unless the clock was wrong, than any
	// of a tenant that was deleted: at in microseconds or one more than the last.
	Renew(ctx context.Context, tenant engawa.TenantID, at time.Time) error
}

// SynonymStore keeps synonyms.
type SynonymStore interface {
	// SynonymsFormed are the groups of some forms, in any order.
	SynonymsFormed(ctx context.Context, tenant engawa.TenantID, forms []string) ([]SynonymGroup, error)
	// SynonymsAfter are groups with greater ids, by id.
	SynonymsAfter(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]SynonymGroup, error)
	// PutSynonyms inserts groups or replaces those of the same ID. A Form that another ID has is an error of kind
	// Conflict.
	PutSynonyms(ctx context.Context, tenant engawa.TenantID, groups ...SynonymGroup) error
	// DropSynonyms deletes a group and reports whether there was one.
	DropSynonyms(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (bool, error)
}

// WordStore keeps words.
type WordStore interface {
	// WordsNamed are the words of some texts, byte by byte, in any order.
	WordsNamed(ctx context.Context, tenant engawa.TenantID, texts []string) ([]TaughtWord, error)
	// WordsAfter are words with greater ids, by id.
	WordsAfter(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]TaughtWord, error)
	// PutWords inserts words or replaces those of the same ID. A Text that another ID has is an error of kind Conflict.
	PutWords(ctx context.Context, tenant engawa.TenantID, words ...TaughtWord) error
	// DropWord deletes a word and reports whether there was one.
	DropWord(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (bool, error)
}

// SavedStore keeps saved searches. Those of persons who were forgotten are gone.
type SavedStore interface {
	// SavedOf are a person's, by id.
	SavedOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]SavedSearch, error)
	// LockSaved are SavedOf, inside Within; nobody else changes them until it ends.
	LockSaved(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]SavedSearch, error)
	// SavedAfter are everybody's with greater ids, by id.
	SavedAfter(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]SavedSearch, error)
	// InsertSaved inserts one, or returns ErrIDTaken; ChangeSaved replaces name, query and times of the one with its ID. A
	// name that another of the same person has is an error of kind Conflict.
	InsertSaved(ctx context.Context, tenant engawa.TenantID, saved SavedSearch) error
	ChangeSaved(ctx context.Context, tenant engawa.TenantID, saved SavedSearch) error
	// DropSaved deletes some, with what their owners were told by them.
	DropSaved(ctx context.Context, tenant engawa.TenantID, ids ...engawa.ID) error
}

// ToldStore remembers which documents whose saved search has told of.
type ToldStore interface {
	// SavedVersion changes whenever a saved search does; RenewSaved makes it change, as Renew does.
	SavedVersion(ctx context.Context, tenant engawa.TenantID) (int64, error)
	RenewSaved(ctx context.Context, tenant engawa.TenantID, at time.Time) error
	// Told are those of the documents of which a search has told.
	Told(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref) ([]Told, error)
	// ToldOn tells of how many documents searches have told on a day; those that told of none are missing.
	ToldOn(ctx context.Context, tenant engawa.TenantID, day int64, ids []engawa.ID) (map[engawa.ID]int, error)
	// Tell notes that saved searches tell of documents, inside Within, and returns those that are new, in the given order:
	// what was told already is not, nor is what belongs to a search that is gone or does not notify, nor what would be more
	// than most for one search on that day. Units at the same time have the effect of units one after the other.
	Tell(ctx context.Context, tenant engawa.TenantID, day int64, at time.Time, most int, told []Told) ([]Told, error)
	// PurgeTold deletes what was told before a time, of all tenants: at most limit rows; it reports how many.
	PurgeTold(ctx context.Context, before time.Time, limit int) (int, error)
}

// Told is a document of which a saved search has told its owner.
type Told struct {
	Saved engawa.ID
	Ref   engawa.Ref
}

// GapStore keeps what was asked in vain.
type GapStore interface {
	// CountGap adds to the gap of a key, which is made if there is none, inside Within.
	CountGap(ctx context.Context, tenant engawa.TenantID, asked Asked) error
	// Gaps are gaps with a text that at least so many different askers of one month asked for in the window and that were
	// asked for after they were resolved, most askers first, then most often asked, then by id; after a place.
	Gaps(ctx context.Context, tenant engawa.TenantID, window GapRange) ([]Gap, error)
	// ResolveGap notes what answers a gap, DropGap deletes one; both report whether there is one that Gaps could show.
	ResolveGap(ctx context.Context, tenant engawa.TenantID, id engawa.ID, answer Resolution) (bool, error)
	DropGap(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (bool, error)
	// GapSalts are the salts that the tenant has, by month. KeepGapSalt keeps one for a month that has none.
	GapSalts(ctx context.Context, tenant engawa.TenantID) (map[int64]string, error)
	KeepGapSalt(ctx context.Context, tenant engawa.TenantID, month int64, salt string) error
}

// AskerStore knows those who asked, and lets go of them.
type AskerStore interface {
	// GapsAsked are gaps that somebody asked for in a month, after an id, by id.
	GapsAsked(ctx context.Context, tenant engawa.TenantID, month int64, after engawa.ID, limit int) ([]GapKey, error)
	// AskersKept are those of some markers of askers that there are, in any order.
	AskersKept(ctx context.Context, tenant engawa.TenantID, askers []string) ([]string, error)
	// GapsResolvedBy are gaps of which a person said what answers them, with Text, AskedAt and Resolved, after an id, by id.
	GapsResolvedBy(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, after engawa.ID, limit int) ([]Gap, error)
	// DropAskers deletes markers of askers; counts stay.
	DropAskers(ctx context.Context, tenant engawa.TenantID, askers []string) error
	// PurgeGaps deletes of all tenants what was asked before a day, the askers and salts before two months, and the gaps of
	// which nothing is left: at most about limit rows of each; it reports how many.
	PurgeGaps(ctx context.Context, before GapAge, limit int) (int, error)
}

// Asked is what was asked in vain since it was last counted.
type Asked struct {
	// ID is that of the gap, should it be new; Key is its digest.
	ID  engawa.ID
	Key string
	// Day and Month number the day and the calendar month; N is how often it was asked, Askers mark those who did.
	Day, Month int64
	N          int
	Askers     []string
	// At is when it was asked last, and Text how, which is kept only if at least Least different askers are known of that
	// month.
	At    time.Time
	Text  string
	Least int
}

// GapRange is a part of the list of gaps.
type GapRange struct {
	// Day and Month are the first that count, Least is how many askers a gap must have.
	Day, Month int64
	Least      int
	// People, N and ID are those of the last gap of the page before, if ID is not 0.
	People, N int
	ID        engawa.ID
	Limit     int
}

// GapKey is a gap, its digest, and its text if enough people asked for it.
type GapKey struct {
	ID        engawa.ID
	Key, Text string
}

// GapAge is what is too old to be kept: days before Day, askers before AskerMonth and salts before SaltMonth.
type GapAge struct{ Day, AskerMonth, SaltMonth int64 }
