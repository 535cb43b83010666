package main

import (
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// The rows and their keys. People in them are numbers.
type (
	moment = time.Time
	pair   struct{ person, other int64 }

	space struct {
		feed.Space
		creator  int64
		keys     []key
		archived *mark
	}
	key struct {
		feed.Key
		person int64
	}
	mark struct {
		by int64
		at moment
		// why is said in public.
		why string
	}
	membership struct {
		space  engawa.ID
		person int64
	}

	post struct {
		feed.Post
		author  int64
		text    string
		details string
		gone    *mark
	}
	comment struct {
		feed.Comment
		author int64
		text   string
		gone   *mark
	}
	revised struct {
		entry   engawa.Ref
		version int64
	}
	revision struct {
		feed.Revision
		by   int64
		text string
	}
	mentioned struct {
		place  feed.Place
		people []int64
	}
	stated struct {
		post engawa.ID
		what feed.StatusKind
	}
	status struct {
		feed.Status
		by, person int64
	}
	sourced struct {
		system string
		source feed.Source
	}

	pending struct {
		feed.Pending
		author  int64
		text    string
		details string
		decided *mark
	}
	claimed struct {
		person int64
		key    string
	}
	asked struct {
		pending engawa.ID
		person  int64
	}

	acked struct {
		post    engawa.ID
		edition int64
		person  int64
	}
	voted struct {
		post   engawa.ID
		person int64
	}
	vote struct {
		choices []int
		at      moment
	}
	option struct {
		post   engawa.ID
		choice int
	}
	ballot struct {
		post engawa.ID
		mark string
	}
	reported struct {
		space  engawa.ID
		person int64
		day    string
		post   engawa.ID
	}
	duty struct {
		space         engawa.ID
		person, asker int64
	}
	template struct {
		feed.Template
		by            int64
		text, example string
	}
	nudged struct {
		post   engawa.ID
		stage  feed.AskStage
		person int64
	}

	notice struct {
		feed.Notice
		person, comment int64
		live, people    int
		actors          []int64
		inbox           bool
	}
	doing struct {
		notice       engawa.ID
		person, what int64
	}
	done struct {
		at   moment
		gone bool
	}
	sent struct {
		notice  engawa.ID
		channel feed.Channel
	}
	sending struct {
		due   moment
		tries int
	}

	muted struct {
		person int64
		what   feed.MuteKind
		who    int64
		id     engawa.ID
	}
	viewed struct {
		post   engawa.ID
		person int64
	}
	view struct {
		first, last moment
		times       int64
	}
	kept struct {
		person int64
		post   engawa.ID
	}
	watched struct {
		person int64
		post   engawa.ID
		tag    string
	}
	retention struct {
		feed.Retention
		by int64
	}
	hold struct {
		feed.LegalHold
		person, by int64
		lifted     *mark
	}
)

func newTenant() *tenant {
	return &tenant{
		numbers: map[engawa.PersonID]int64{}, names: map[int64]engawa.PersonID{}, homes: map[int64]int64{}, spaces: map[engawa.ID]space{},
		members: map[membership]feed.Membership{}, follows: map[pair]moment{}, posts: map[engawa.ID]post{}, comments: map[engawa.ID]comment{},
		revisions: map[revised]revision{}, mentions: map[engawa.Ref]mentioned{}, tags: map[engawa.ID][]string{}, statuses: map[stated]status{},
		sources: map[sourced]engawa.ID{}, pending: map[engawa.ID]pending{}, claims: map[claimed]feed.Claim{}, consents: map[asked]feed.Consent{},
		acks: map[acked]moment{}, votes: map[voted]vote{}, counted: map[option]int64{}, ballots: map[ballot]bool{}, reports: map[reported]bool{},
		duties: map[duty]moment{}, templates: map[engawa.ID]template{}, nudges: map[nudged]moment{}, notices: map[engawa.ID]notice{},
		doings: map[doing]done{}, sends: map[sent]sending{}, prefs: map[int64]feed.NoticePreferences{}, digests: map[int64]feed.DigestState{},
		blocks: map[pair]moment{}, mutes: map[muted]moment{}, views: map[viewed]view{}, receipts: map[int64]bool{}, bookmarks: map[kept]moment{},
		reminders: map[kept]moment{}, watches: map[watched]moment{}, retentions: map[engawa.ID]retention{}, holds: map[engawa.ID]hold{},
	}
}

// mark is a mark as it is kept, and shown as it is read.
func (t *tenant) mark(u *unit, m *feed.Mark) *mark {
	if m == nil {
		return nil
	}
	return &mark{t.know(u, m.By), m.At, m.Why}
}

func (t *tenant) shown(m *mark) *feed.Mark {
	if m == nil {
		return nil
	}
	return &feed.Mark{By: t.names[m.by], At: m.at, Why: m.why}
}
