package feed

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
)

// Piece (発言) is a post or a comment as a search finds it: there for all who may read its space, neither retracted nor
// expired nor below such a post.
type Piece struct {
	// Post is the post, or the one that the comment stands under.
	Post Post
	// Comment is set where the comment is what is found.
	Comment *Comment
}

// Ref points at what is found.
func (p Piece) Ref() engawa.Ref {
	if p.Comment != nil {
		return p.Comment.Ref()
	}
	return p.Post.Ref()
}

// Author is who wrote it; empty for somebody who was forgotten.
func (p Piece) Author() engawa.PersonID {
	if p.Comment != nil {
		return p.Comment.Author
	}
	return p.Post.Author
}

// Text is its body with what else there is to read in its details, in the syntax of package feed/body.
func (p Piece) Text() string {
	if p.Comment != nil {
		return p.Comment.Body
	}
	return judged(p.Post.Body, p.Post.Details)
}

// Accepted reports whether it is the answer that was accepted (解決した回答).
func (p Piece) Accepted() bool {
	status, ok := p.Post.Status(Accepted)
	return ok && p.Comment != nil && status.Entry == p.Comment.ID
}

// Pieces reads posts and comments by their refs, at most [MaxLimit] at once; those that the actor may not read, that were
// retracted or have expired are missing.
func (s *Service) Pieces(ctx context.Context, by engawa.Actor, refs []engawa.Ref) (pieces map[engawa.Ref]Piece, err error) {
	ctx, o, err := s.begin(ctx, "feed.Pieces", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if len(refs) > MaxLimit {
		return nil, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(refs), MaxLimit)}
	}
	r, err := s.reader(ctx, by)
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	err = s.latest(ctx, by, func(st Store) error {
		pieces, err = s.piecesFor(ctx, st, r, refs)
		return err
	})
	return pieces, err
}

// latest reads what was committed last where the system asks, which keeps what it reads.
func (s *Service) latest(ctx context.Context, by engawa.Actor, read func(Store) error) error {
	if !by.IsSystem() {
		return read(s.store)
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return read(st) })
}

// piecesFor reads pieces through the door.
func (s *Service) piecesFor(ctx context.Context, st Store, r reader, refs []engawa.Ref) (map[engawa.Ref]Piece, error) {
	v, err := s.view(ctx, st, r)
	if err != nil {
		return nil, err
	}
	h, err := s.hides(ctx, st, r)
	if err != nil {
		return nil, err
	}
	ids := map[string][]engawa.ID{}
	for _, ref := range refs {
		if id, ok := ref.OwnID(); ok {
			ids[ref.Kind] = append(ids[ref.Kind], id)
		}
	}
	comments, err := st.CommentsByID(ctx, r.Tenant, ids[engawa.KindComment])
	if err != nil {
		return nil, err
	}
	wanted := slices.Clone(ids[engawa.KindPost])
	for _, c := range comments {
		wanted = append(wanted, c.Post)
	}
	slices.Sort(wanted)
	rows, mine, err := st.Posts(ctx, r.Tenant, slices.Compact(wanted), r.Person)
	if err != nil {
		return nil, err
	}
	if err := s.fill(ctx, st, r, rows, func(p Post) Membership { return mine[p.Space] }); err != nil {
		return nil, err
	}
	pieces := make(map[engawa.Ref]Piece, len(refs))
	posts := make(map[engawa.ID]Post, len(rows))
	for _, p := range rows {
		if p.Retracted != nil || p.expired(s.now()) || v.sees(v.doors.byID[p.Space], mine[p.Space]) != readable {
			continue
		}
		posts[p.ID] = p
		if slices.Contains(ids[engawa.KindPost], p.ID) && !h.hidesPost(p) {
			pieces[p.Ref()] = Piece{Post: p}
		}
	}
	for _, c := range comments {
		if p, ok := posts[c.Post]; ok && c.Retracted == nil && !h.hidesComment(c) {
			pieces[c.Ref()] = Piece{Post: p, Comment: &c}
		}
	}
	return pieces, nil
}

// PiecesAfter walks everything that can be found: the pieces of at most [MaxLimit] posts above an id with their comments,
// in order, and the id of the last post, 0 once there are none. Only [engawa.System] may.
func (s *Service) PiecesAfter(ctx context.Context, by engawa.Actor, after engawa.ID) (pieces []Piece, last engawa.ID, err error) {
	ctx, o, err := s.begin(ctx, "feed.PiecesAfter", by)
	defer o.done(&err)
	if err != nil {
		return nil, 0, err
	}
	if !by.IsSystem() {
		return nil, 0, denied("", msgSystemOnly)
	}
	err = s.latest(ctx, by, func(st Store) error {
		pieces, last, err = s.piecesAfter(ctx, st, by, after)
		return err
	})
	return pieces, last, err
}

func (s *Service) piecesAfter(ctx context.Context, st Store, by engawa.Actor, after engawa.ID) (pieces []Piece, last engawa.ID, err error) {
	rows, err := st.PostsAfter(ctx, by.Tenant, after, MaxLimit)
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	if err := s.fill(ctx, st, reader{Actor: by}, rows, func(Post) Membership { return Membership{} }); err != nil {
		return nil, 0, err
	}
	posts := make(map[engawa.ID]Post, len(rows))
	var ids []engawa.ID
	for _, p := range rows {
		last = p.ID
		if p.Retracted == nil && !p.expired(s.now()) {
			posts[p.ID], ids = p, append(ids, p.ID)
			pieces = append(pieces, Piece{Post: p})
		}
	}
	comments, err := st.CommentsOf(ctx, by.Tenant, ids)
	for _, c := range comments {
		if c.Retracted == nil {
			pieces = append(pieces, Piece{Post: posts[c.Post], Comment: &c})
		}
	}
	return pieces, last, err
}

// TimedAfter walks the posts that a search may find otherwise by time alone, for whoever keeps what they were: those that
// expire or have expired, and articles, which may be due for review. They are at most [MaxLimit] above an id, without those
// that were retracted, and the id of the last, 0 once there are none. Only [engawa.System] may.
func (s *Service) TimedAfter(ctx context.Context, by engawa.Actor, after engawa.ID) (posts []Post, last engawa.ID, err error) {
	ctx, o, err := s.begin(ctx, "feed.TimedAfter", by)
	defer o.done(&err)
	if err != nil {
		return nil, 0, err
	}
	if !by.IsSystem() {
		return nil, 0, denied("", msgSystemOnly)
	}
	err = s.latest(ctx, by, func(st Store) error {
		posts, err = st.PostsTimed(ctx, by.Tenant, after, MaxLimit)
		return err
	})
	if len(posts) > 0 {
		last = posts[len(posts)-1].ID
	}
	return posts, last, err
}

// CommentRefs are the comments of a post, retracted ones too, in order. Only [engawa.System] may.
func (s *Service) CommentRefs(ctx context.Context, by engawa.Actor, post engawa.ID) (refs []engawa.Ref, err error) {
	ctx, o, err := s.begin(ctx, "feed.CommentRefs", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if !by.IsSystem() {
		return nil, denied("", msgSystemOnly)
	}
	err = s.latest(ctx, by, func(st Store) error {
		comments, err := st.CommentsOf(ctx, by.Tenant, []engawa.ID{post})
		refs = nil
		for _, c := range comments {
			refs = append(refs, c.Ref())
		}
		return err
	})
	return refs, err
}

// ReadableSpaces are all spaces in which the actor may read now, joined or not, sorted.
func (s *Service) ReadableSpaces(ctx context.Context, by engawa.Actor) (spaces []engawa.ID, err error) {
	ctx, o, err := s.begin(ctx, "feed.ReadableSpaces", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	v, err := s.wholeView(ctx, s.store, r)
	if err != nil {
		return nil, err
	}
	for id := range v.doors.byID {
		if v.readable(id) {
			spaces = append(spaces, id)
		}
	}
	slices.Sort(spaces)
	return spaces, nil
}
