package sns

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/searchstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/feed/body"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/internal/fold"
	"github.com/engawa-sns/engawa/search"
)

// Search (検索) is how the network is searched.
type Search struct {
	// Engine keeps the index: search/blevesearch on a local disk, search/sqlsearch in PostgreSQL. Without it there is no
	// search, and [SNS.Search] is nil.
	Engine search.Engine
	// Analyzer cuts text into words, as package search/ja does. Needed with Engine.
	Analyzer search.Analyzer
	// Ranking is the policy. Defaults to [search.DefaultRanking].
	Ranking search.Ranking
	// Sources are the host's own documents, by [engawa.Ref].Kind. Posts, comments and the clauses of guidelines are there.
	// Whoever changes such a document calls Index of [SNS.Search], and Hide when one is gone.
	Sources map[string]search.Source
	// Reader says which of the host's own documents somebody may read, beside what their spaces hold. Defaults to none.
	Reader search.Reader
	// Gaps say how what was asked in vain is kept.
	Gaps search.GapRules
}

// newSearch is the search of what the feed and the guidelines have, and whoever follows the event log for it; nil where there is none.
func newSearch(cfg Config, talk *feed.Service, guide *guideline.Service) (*search.Service, *follower, error) {
	if cfg.Search.Engine == nil {
		return nil, nil, nil
	}
	rules := clauses{guide}
	f := newFollower(cfg, talk, rules)
	own := pieces{feed: talk, dir: cfg.Directory, now: cfg.Now, zone: cfg.Zone, follower: f}
	if own.zone == nil {
		own.zone = japan
	}
	f.pieces = own
	sources := map[string]search.Source{engawa.KindPost: own, engawa.KindComment: own, guideline.KindClause: rules}
	for kind, source := range cfg.Search.Sources {
		if _, taken := (engawa.Ref{Kind: kind, ID: engawa.ID(0).String()}).OwnID(); taken || kind == guideline.KindClause {
			return nil, nil, errors.New("sns.Open: Search.Sources: " + kind + " is a kind of engawa's own: choose another name")
		}
		sources[kind] = source
	}
	s, err := search.New(search.Config{
		Engine: cfg.Search.Engine, Analyzer: cfg.Search.Analyzer, Ranking: cfg.Search.Ranking,
		Store: searchstore.New(cfg.Store), Gaps: cfg.Search.Gaps, Roles: cfg.Roles,
		Sources: sources, Reader: readings{feed: talk, rules: rules, more: cfg.Search.Reader, follower: f}, Names: names{feed: talk, dir: cfg.Directory},
		Zone: cfg.Zone, Now: cfg.Now, Logger: cfg.Logger, Observer: cfg.Observer,
	})
	f.search = s
	return s, f, err
}

// readings are what somebody may read: their spaces, the guidelines in effect, and what the host adds. It is where every search comes by, so it
// lets the index catch up first where that is needed.
type readings struct {
	feed     *feed.Service
	rules    clauses
	more     search.Reader
	follower *follower
}

var _ search.ReaderBinder = readings{}

// Bind leaves the index as it is: a transaction cannot wait for what other connections do.
func (r readings) Bind(conn engawa.Conn) search.Reader {
	more := r.more
	if b, ok := more.(search.ReaderBinder); ok {
		more = b.Bind(conn)
	}
	return readings{feed: r.feed.With(conn), rules: clauses{r.rules.guide.With(conn)}, more: more}
}

func (r readings) Access(ctx context.Context, viewer engawa.Actor) (search.Access, error) {
	if r.follower != nil {
		if err := r.follower.ready(ctx, viewer); err != nil {
			return search.Access{}, err
		}
	}
	spaces, err := r.feed.ReadableSpaces(ctx, viewer)
	if err != nil {
		return search.Access{}, err
	}
	access := search.Access{Scopes: make([]search.Scope, len(spaces))}
	for i, id := range spaces {
		access.Scopes[i] = search.ScopeOf(id)
	}
	current, err := r.rules.guide.Current(ctx, viewer)
	if err != nil {
		return search.Access{}, err
	}
	if r.follower != nil {
		r.follower.turnTo(ctx, viewer.Tenant, current)
	}
	for _, one := range current {
		access.Scopes = append(access.Scopes, versionScope(one.Version))
	}
	if access.Hidden, err = r.feed.HiddenFrom(ctx, viewer); err != nil || r.more == nil {
		return access, err
	}
	more, err := r.more.Access(ctx, viewer)
	for _, scope := range more.Scopes {
		ref, err := engawa.ParseRef(string(scope))
		if err != nil || ref.Kind != engawa.KindSpace && ref.Kind != guideline.KindClause { // those are the rooms' alone
			access.Scopes = append(access.Scopes, scope)
		}
	}
	access.Hidden = append(access.Hidden, more.Hidden...)
	return access, err
}

// names are what people call persons and spaces.
type names struct {
	feed *feed.Service
	dir  engawa.Directory
}

var _ search.NamesBinder = names{}

func (n names) Bind(conn engawa.Conn) search.Names {
	return names{feed: n.feed.With(conn), dir: boundDirectory(n.dir, conn)}
}

// boundDirectory is a Directory inside a transaction, where it can be.
func boundDirectory(dir engawa.Directory, conn engawa.Conn) engawa.Directory {
	if b, ok := dir.(engawa.Binder); ok {
		return b.Bind(conn)
	}
	return dir
}

func (n names) Persons(ctx context.Context, viewer engawa.Actor, text string, limit int) ([]engawa.PersonID, error) {
	if s, ok := n.dir.(engawa.Searcher); ok {
		found, err := s.Search(ctx, viewer.Tenant, text, limit)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	if engawa.CheckHostID("person", text) != nil {
		return nil, nil
	}
	return []engawa.PersonID{engawa.PersonID(text)}, nil
}

func (n names) People(ctx context.Context, viewer engawa.Actor, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	return namesOf(ctx, n.dir, viewer.Tenant, people)
}

// Scopes compares folded names: the spaces of that very name, or else those whose name begins so.
func (n names) Scopes(ctx context.Context, viewer engawa.Actor, text string, limit int) ([]search.Scope, error) {
	if id, err := engawa.ParseID(text); err == nil {
		return []search.Scope{search.ScopeOf(id)}, nil
	}
	key := fold.Key(text)
	var same, begin []search.Scope
	page := feed.Window{Limit: feed.MaxLimit}
	for {
		spaces, err := n.feed.Spaces(ctx, viewer, page)
		if err != nil {
			return nil, err
		}
		for _, sp := range spaces.Items {
			switch name := fold.Key(sp.Name); {
			case name == key:
				same = append(same, search.ScopeOf(sp.ID))
			case strings.HasPrefix(name, key):
				begin = append(begin, search.ScopeOf(sp.ID))
			}
		}
		if page.After = spaces.Next; page.After == "" {
			break
		}
	}
	if len(same) == 0 {
		same = begin
	}
	return same[:min(limit, len(same))], nil
}

// pieces are posts and comments as documents. Mentions are shown by name and are not searched, so the index names nobody
// in a text.
type pieces struct {
	feed *feed.Service
	dir  engawa.Directory
	now  func() time.Time
	zone func(engawa.TenantID) *time.Location
	// follower remembers what changes by time; nil inside a transaction of the host's.
	follower *follower
}

// japan is the zone of tenants of which nothing else is known.
func japan(engawa.TenantID) *time.Location { return time.FixedZone("JST", 9*60*60) }

var _ search.SourceBinder = pieces{}

func (p pieces) Bind(conn engawa.Conn) search.Source {
	return pieces{feed: p.feed.With(conn), dir: boundDirectory(p.dir, conn), now: p.now, zone: p.zone}
}

func (p pieces) Show(ctx context.Context, viewer engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]search.Text, error) {
	found, err := p.read(ctx, viewer, refs)
	if err != nil {
		return nil, err
	}
	var mentioned []engawa.PersonID
	for _, piece := range found {
		body.Plain(piece.Text(), func(person string) string {
			mentioned = append(mentioned, engawa.PersonID(person))
			return ""
		}, 0)
	}
	slices.Sort(mentioned)
	called, err := namesOf(ctx, p.dir, viewer.Tenant, slices.Compact(mentioned))
	if err != nil {
		return nil, err
	}
	texts := make(map[engawa.Ref]search.Text, len(found))
	for ref, piece := range found {
		texts[ref] = textOf(piece, func(person string) string { return called[engawa.PersonID(person)].Display })
	}
	return texts, nil
}

func (p pieces) Documents(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref) (map[engawa.Ref]search.Document, error) {
	found, err := p.read(ctx, engawa.System(tenant), refs)
	docs := make(map[engawa.Ref]search.Document, len(found))
	for ref, piece := range found {
		docs[ref] = p.document(tenant, piece)
	}
	return docs, err
}

func (p pieces) All(ctx context.Context, tenant engawa.TenantID, kind string) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		for after := engawa.ID(0); ; {
			some, last, err := p.feed.PiecesAfter(ctx, engawa.System(tenant), after)
			if err != nil {
				yield(search.Document{}, err)
				return
			}
			for _, piece := range some {
				if piece.Ref().Kind == kind && !yield(p.document(tenant, piece), nil) {
					return
				}
			}
			if last == 0 {
				return
			}
			after = last
		}
	}
}

// read reads any number of pieces.
func (p pieces) read(ctx context.Context, by engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]feed.Piece, error) {
	all := make(map[engawa.Ref]feed.Piece, len(refs))
	for part := range slices.Chunk(refs, feed.MaxLimit) {
		found, err := p.feed.Pieces(ctx, by, part)
		if err != nil {
			return nil, err
		}
		for ref, piece := range found {
			all[ref] = piece
		}
	}
	return all, nil
}

// kindComment is how queries name comments.
const kindComment = "comment"

// document is a piece as it is indexed, from where on it is watched.
func (p pieces) document(tenant engawa.TenantID, piece feed.Piece) search.Document {
	p.watch(tenant, piece.Post)
	text := textOf(piece, func(string) string { return unnamed })
	d := search.Document{
		Ref: piece.Ref(), Scope: search.ScopeOf(piece.Post.Space), Title: text.Title, Body: text.Body, Author: piece.Author(),
		Kind: string(piece.Post.Kind), At: piece.Post.PublishedAt, Signals: p.signals(tenant, piece),
	}
	if piece.Comment != nil {
		d.Kind, d.At = kindComment, piece.Comment.PublishedAt
	}
	if parsed, err := body.Parse(piece.Text()); err == nil {
		for _, tag := range parsed.Tags {
			d.Tags = append(d.Tags, tag.Key)
		}
	}
	return d
}

// unnamed stands for a person in what is indexed: no letter, so no word.
const unnamed = "\u200b"

// signals are what makes a piece knowledge.
func (p pieces) signals(tenant engawa.TenantID, piece feed.Piece) search.Signals {
	if piece.Comment != nil {
		return search.Signals{Accepted: piece.Accepted()}
	}
	post := piece.Post
	sig := search.Signals{Question: post.Kind == feed.Question || post.Kind == feed.Desk, Article: post.Kind == feed.Article}
	_, sig.Answered = post.Status(feed.Accepted)
	_, superseded := post.Status(feed.Superseded)
	sig.Outdated = superseded || p.overdue(tenant, post)
	if post.Acks != nil {
		sig.Acknowledged = int(post.Acks.Count)
	}
	return sig
}

// textOf is a piece without markup. An article is called what its first line says.
func textOf(piece feed.Piece, name func(person string) string) search.Text {
	text := piece.Text()
	if piece.Comment == nil && piece.Post.Kind == feed.Article {
		if first, rest, more := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n"); more {
			return search.Text{Title: body.Plain(first, name, 0), Body: body.Plain(rest, name, 0)}
		}
	}
	return search.Text{Body: body.Plain(text, name, 0)}
}

// similar lets the feed's composer show questions that were asked before. The search is made after the feed.
type similar struct{ search *search.Service }

func (s *similar) Similar(ctx context.Context, by engawa.Actor, text string, limit int) ([]engawa.ID, error) {
	found, err := s.search.Similar(ctx, by, search.Draft{Body: text, Kinds: []string{string(feed.Question), string(feed.Desk)}, Limit: limit})
	var ids []engawa.ID
	for _, hit := range found {
		if id, ok := hit.Ref.OwnID(); ok {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// searchConsumers tell the owners of saved searches of what is new.
func (s *SNS) searchConsumers() []event.Consumer {
	if s.Search == nil {
		return nil
	}
	return []event.Consumer{{
		Name: "search.saved", Verbs: []event.Verb{event.PostPublished, event.CommentPublished},
		Handle: func(ctx context.Context, e event.Event) error {
			by := engawa.System(e.Tenant)
			if awaited, err := s.Search.Awaited(ctx, by, []engawa.Ref{e.Subject}); err != nil || !awaited {
				return err // for most posts: no transaction is begun
			}
			// In one transaction: what is noted as told has its notice.
			return s.cfg.Store.Session().Within(ctx, func(session *bunstore.Session) error {
				hits, err := s.Search.With(session.Conn()).NewHits(ctx, by, []engawa.Ref{e.Subject})
				if err != nil {
					return err
				}
				for _, h := range hits {
					in := feed.Occasion{Kind: feed.NoticeFound, To: h.Owner, Actor: e.Actor, Subject: h.Ref, At: e.At}
					if err := s.Feed.With(session.Conn()).NotifyOf(ctx, by, in); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}}
}

// flushEvery is how often this node writes down what was asked in vain.
const flushEvery = 10 * time.Second

// flush writes down what was asked in vain on this node until ctx ends.
func (s *SNS) flush(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.Search.FlushGaps(context.WithoutCancel(ctx)) // the last of this node
		case <-tick.C:
		}
		if err := s.Search.FlushGaps(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Logger.WarnContext(ctx, "search: what was asked in vain is not written", "error", err)
		}
	}
}

func (s *SNS) searchChores() []Chore {
	if s.Search == nil {
		return nil
	}
	return []Chore{{Name: "search.purge", Every: time.Hour, Do: func(ctx context.Context) (time.Time, error) {
		return time.Time{}, s.Search.PurgeOld(ctx)
	}}}
}
