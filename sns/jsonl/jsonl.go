// Package jsonl reads and writes JSONL: the form in which conversations move into engawa, between its installations
// and out of it.
//
// A file is UTF-8, with or without a byte order mark, one JSON object a line, each line at most 1 MiB. The first line is
// the version. Everything that a record refers to comes before it: persons and spaces before their posts, posts before
// their comments, both before their reactions. An object names its type and has the fields of that type, in lower case;
// those marked * are required, the others may be left out:
//
//	version   version*       4
//	          source*        where the ids come from, such as "slack:T024BE7LD"; ids are compared within one source
//	          generator      the program that wrote the file
//
//	person    id*
//	          display        the name as it is written; without it, the id
//	          reading        the name in kana
//	          left           true for one who has left: the name is shown, nobody can be notified
//	          bot            true for a program
//
//	space     id*, name*
//	          why, for, not_for   its purpose
//	          join           "auto", "open" or "invite"; without it, "open"
//	          posts          who may post: "readers", "members" or "hosts"; without it, "readers"
//	          secret         true if those without access are not told that it exists
//	          archived       true if nobody may write any more
//	          access         who may read: [{"kind": …, "value": …}], any of which is enough
//	                         kind everyone (no value), org or org_below (a unit), rank (the least, a number), role,
//	                         person (without a value, somebody who has left, for whom it opens nothing)
//	          hosts          persons who look after it
//	          created_at, created_by
//
//	member    space*, person*
//	          host           true if the person is one of the hosts
//	          at             since when
//
//	follow    person*, followed*
//	          at             since when
//
//	post      id*, space*, published_at*
//	          author         without it, somebody who has left
//	          kind           "update", "question" and so on; without it, the space's default
//	          body           in the syntax of package feed/body; a mention is <@ID> with the id of a person record
//	          edited_at, expires_at
//	          attachments    [{"ref": …, "name": …, "media_type": …, "size": …}], ref* the key under which a host keeps
//	                         the file, size in bytes
//	          details        an object with what the kind has beside the text:
//	                         report {"date": "2026-04-01", "template": …}, announcement {"must_acknowledge": true,
//	                         "edition": n, "ack_by", "remind_at"}, poll {"options": […], "multiple", "anonymous", "hidden", "closes_at"},
//	                         thanks {"to": [persons], "value": …}, story {"named": [persons]}, article {"owner": person,
//	                         "review_on": …, "from": post}, desk {"topic": …, "due": …}, stamp {"stamp": …}
//	          retracted      {"by": …, "at": …, "why": …} if it was taken back, at*
//
//	comment   id*, space*, post*, published_at*
//	          parent         the comment that it answers; without it, it answers the post
//	          author, body, edited_at, attachments, retracted   as in a post
//
//	kind      name*          a kind of reaction in the palette: letters, digits and _ + -, at most 64 bytes
//	          ja, en         its labels
//	          emoji, or image {"ref": …, "media_type": …, "bytes": …, "width": …, "height": …}
//	          score          "positive" or "negative"; without it, neutral
//	          retired        when it was taken out of the palette
//	          imported       true for a kind that came with reactions from elsewhere and cannot be chosen
//
//	reaction  target*        "post:ID", "comment:ID", or "KIND:ID" of an object of the host's own
//	          reaction*      its name without colons, such as "+1"
//	          person         who reacted
//	          count          how many others whose names are not known reacted in the same way; either person or count is
//	                         there
//	          at
//
//	thanks    id*, at*
//	          from           who thanked; without it, somebody who has left
//	          to*            [{"person": …, "points": …, "damped": …}], points those that were received and damped those
//	                         that were lost; without person, somebody who has left
//	          target         the post that shows it, as in a reaction
//	          message        what for, where no post shows it
//	          value          the name of a value of the company's
//
//	status    post*, what*, at*   a state of a post: "pinned", "locked", "no_answer", "accepted", "closed", "assigned",
//	                         "superseded", "must_ack", "ack_due", "on_desk" or "reminded"; at of ack_due is when
//	                         those who have not acknowledged are reminded next
//	          by             who set it
//	          entry          of accepted the comment, of superseded the better post, of must_ack the edition,
//	                         of reminded how often
//	          person         of assigned, to whom
//
//	ack       post*, edition*, person*, at*   somebody acknowledged that edition of an announcement
//
//	vote      post*, choices*   the options voted for, by their place from 0
//	          person, at     who voted; without it, one option is given with
//	          count          how many voted for it, nobody knows who
//
//	template  id*, space*, name*, body*
//	          kind, example, place, by, at
//
//	duty      space*, person*, asked_by*, at*   the person agreed to report daily
//
//	notices   person*        what the person wants to be told of
//	          channels       by kind of notice, any of "inbox", "push" and "mail"; kinds that are missing have the defaults
//	          digest         "daily" or "never"; without it, weekly
//
//	hours     hours*         working hours, an object as package calendar has it
//	          org or person  whose; without either, those of everybody
//
//	block     person*, blocked*   the one does not want to read the other; it works both ways
//	          at             since when
//
//	mute      person*, and one of
//	          muted, post, space   the person, the thread of the post, or the space that is muted
//	          at             since when
//
//	bookmark  person*, post*   the person keeps the post
//	          at             since when
//
//	watch     person*, and one of
//	          post, tag      the person follows the thread of the post, or the tag, without its sign
//	          at             since when
//
//	retention   days*, at*   for how many days posts are kept; 0 is for ever
//	          space          whose; without it, of all spaces that have no rule
//	          by
//
//	hold      why*, at*      a legal hold keeps from being deleted
//	          space          what is in it; without it, in any
//	          person         what the person has a part in; without it, what anybody has
//	          by
//	          lifted         {"by": …, "at": …} once it has ended
//
//	guideline title*, text*  a document of the guideline, its text an object as package guideline has it; it comes in as a draft
//	          kind           "mandatory" where the law demands it; "guide" by default
//	          lang, asks     "ja" or "en"; "before_posting" where it is asked for
//	          org or space   whom it is for; without either, everybody
//
//	synonyms  from*          words, of which the search finds those of to as well, at most 100 on each side
//	          to             without it, the words of from mean the same
//	          by, at
//
//	word      text*          a word that the search must not cut
//	          reading        in kana
//	          by, at
//
//	saved_search   person*, name*, query*   a query that the person keeps, as it was typed; the values of from: and in: may
//	                         be ids of the source
//	          notify_since   since when the person is told of what is new; without it, they are not
//	          at
//
//	reminder  person*, post*, at*   when the person wants to be reminded of the post
//
//	receipts  rule*          "hidden" where it is not shown who has read
//	          person         whose reading; without it, everybody's
//
// Ids are those of the source: any string of 1 to 128 bytes. Posts and comments are numbered together, so that no post
// has the id of a comment. The person "former", who has no record, is anybody who has left: in mentions and details, and
// of acknowledgements and votes. Times are RFC 3339; they are written in UTC and kept to the microsecond.
//
// The version counts every change of this list. A field or a type that is not on it, and a file of a later version, is
// refused: what a reader does not understand it would lose. Files of earlier versions are read. Version 2 added kind and
// thanks, and reactions to the host's own objects; version 3 the people who have left, retention, hold, reminder and
// receipts; version 4 synonyms, word and saved_search.
//
// The export of one person, which is to be read and not to be taken in, has records of further types beside these: see
// [Report], [Strike], [Acceptance], [Learning], [Seat], [Offer] and, since version 4, [Gap].
package jsonl

import (
	"encoding/json"
	"time"

	"github.com/engawa-sns/engawa"
)

// CurrentVersion is the version that this package writes; it reads earlier ones too.
const CurrentVersion = 4

// MaxLine is the greatest length of a line, in bytes.
const MaxLine = 1 << 20

// Record is one line: a [Version], [Person], [Space], [Member], [Follow], [Post], [Comment], [Kind], [Reaction],
// [Thanks], [Status], [Ack], [Vote], [Template], [Duty], [Notices], [Hours], [Block], [Mute], [Bookmark],
// [Watch], [Policy], [Guideline], [Synonyms], [Word], [SavedSearch], or of one person's export [Report], [Strike],
// [Acceptance], [Learning], [Seat], [Offer] and [Gap].
type Record interface {
	// Type is the record's type as the line has it, such as "post".
	Type() string
	check(*problems)
}

// Version is the first record.
type Version struct {
	Version   int    `json:"version"`
	Source    string `json:"source"`
	Generator string `json:"generator,omitempty"`
}

// Person is somebody whom other records refer to.
type Person struct {
	ID      string `json:"id"`
	Display string `json:"display,omitempty"`
	Reading string `json:"reading,omitempty"`
	Left    bool   `json:"left,omitempty"`
	Bot     bool   `json:"bot,omitempty"`
}

// Space is where posts live.
type Space struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Why       string    `json:"why,omitempty"`
	For       string    `json:"for,omitempty"`
	NotFor    string    `json:"not_for,omitempty"`
	Join      string    `json:"join,omitempty"`
	Secret    bool      `json:"secret,omitempty"`
	Posts     string    `json:"posts,omitempty"`
	Archived  bool      `json:"archived,omitempty"`
	Access    []Access  `json:"access,omitempty"`
	Hosts     []string  `json:"hosts,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	CreatedBy string    `json:"created_by,omitempty"`
}

// The ways to join a space.
const (
	JoinAuto   = "auto"
	JoinOpen   = "open"
	JoinInvite = "invite"
)

// Access is a key to a space.
type Access struct {
	Kind  string `json:"kind"`
	Value string `json:"value,omitempty"`
}

// The kinds of access.
const (
	AccessEveryone = "everyone"
	AccessOrg      = "org"
	AccessOrgBelow = "org_below"
	AccessRank     = "rank"
	AccessRole     = "role"
	AccessPerson   = "person"
)

// Member is somebody's membership of a space.
type Member struct {
	Space  string    `json:"space"`
	Person string    `json:"person"`
	Host   bool      `json:"host,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Post is a published post.
type Post struct {
	ID          string       `json:"id"`
	Space       string       `json:"space"`
	Author      string       `json:"author"`
	Kind        string       `json:"kind,omitempty"`
	Body        string       `json:"body,omitempty"`
	PublishedAt time.Time    `json:"published_at"`
	EditedAt    time.Time    `json:"edited_at,omitzero"`
	ExpiresAt   time.Time    `json:"expires_at,omitzero"`
	Attachments []Attachment `json:"attachments,omitempty"`
	// Details are those of the kind, as the fields of its details in package feed say.
	Details   json.RawMessage `json:"details,omitempty"`
	Retracted *Retracted      `json:"retracted,omitempty"`
}

// Retracted is who took a post or comment back.
type Retracted struct {
	By  string    `json:"by,omitempty"`
	At  time.Time `json:"at"`
	Why string    `json:"why,omitempty"`
}

// Attachment is a file that is kept elsewhere.
type Attachment struct {
	Ref       string `json:"ref"`
	Name      string `json:"name,omitempty"`
	MediaType string `json:"media_type,omitempty"`
	Size      int64  `json:"size,omitempty"`
}

// Comment is an answer to a post, or to a comment of that post.
type Comment struct {
	ID          string       `json:"id"`
	Space       string       `json:"space"`
	Post        string       `json:"post"`
	Parent      string       `json:"parent,omitempty"`
	Author      string       `json:"author"`
	Body        string       `json:"body,omitempty"`
	PublishedAt time.Time    `json:"published_at"`
	EditedAt    time.Time    `json:"edited_at,omitzero"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Retracted   *Retracted   `json:"retracted,omitempty"`
}

// Follow is who follows whom.
type Follow struct {
	Person   string    `json:"person"`
	Followed string    `json:"followed"`
	At       time.Time `json:"at,omitzero"`
}

// Reaction is one person's reaction, or those of a number of persons who are not known.
type Reaction struct {
	Target   string    `json:"target"`
	Reaction string    `json:"reaction"`
	Person   string    `json:"person,omitempty"`
	Count    int       `json:"count,omitempty"`
	At       time.Time `json:"at,omitzero"`
}

// Kind is one kind of reaction.
type Kind struct {
	Name     string    `json:"name"`
	JA       string    `json:"ja,omitempty"`
	EN       string    `json:"en,omitempty"`
	Emoji    string    `json:"emoji,omitempty"`
	Image    *Image    `json:"image,omitempty"`
	Score    string    `json:"score,omitempty"`
	Retired  time.Time `json:"retired,omitzero"`
	Imported bool      `json:"imported,omitempty"`
}

// Image is the picture of a stamp, which is kept elsewhere.
type Image struct {
	Ref       string `json:"ref"`
	MediaType string `json:"media_type"`
	Bytes     int64  `json:"bytes"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
}

// Thanks is thanks from one person to others.
type Thanks struct {
	ID      string    `json:"id"`
	From    string    `json:"from,omitempty"`
	To      []Share   `json:"to"`
	Target  string    `json:"target,omitempty"`
	Message string    `json:"message,omitempty"`
	Value   string    `json:"value,omitempty"`
	At      time.Time `json:"at"`
}

// Share is what one of those thanked got.
type Share struct {
	Person string `json:"person,omitempty"`
	Points int64  `json:"points,omitempty"`
	Damped int64  `json:"damped,omitempty"`
}

// Type implements [Record].
func (Version) Type() string { return "version" }

// Type implements [Record].
func (Person) Type() string { return "person" }

// Type implements [Record].
func (Space) Type() string { return "space" }

// Type implements [Record].
func (Follow) Type() string { return "follow" }

// Type implements [Record].
func (Member) Type() string { return "member" }

// Type implements [Record].
func (Post) Type() string { return "post" }

// Type implements [Record].
func (Comment) Type() string { return "comment" }

// Type implements [Record].
func (Kind) Type() string { return "kind" }

// Type implements [Record].
func (Reaction) Type() string { return "reaction" }

// Type implements [Record].
func (Thanks) Type() string { return "thanks" }

// PostTarget is the target of a reaction to a post.
func PostTarget(id string) string { return engawa.KindPost + ":" + id }

// CommentTarget is the target of a reaction to a comment.
func CommentTarget(id string) string { return engawa.KindComment + ":" + id }
