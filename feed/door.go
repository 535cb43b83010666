package feed

import (
	"context"
	"strconv"

	"github.com/engawa-sns/engawa"
)

// This file is the door: every space, post and comment that leaves the feed has come through it, and nothing else
// decides who may see what.

// sight is how much of a space somebody sees.
type sight int

const (
	unseen   sight = iota
	listed         // its name and purpose
	readable       // what is in it
)

// reader is an actor with the keys that the Directory gave for this request.
type reader struct {
	engawa.Actor
	keys keyring
	// away is what the reader hides, once it has been asked for; shared by the copies of one request.
	away *away
}

// away is what one request knows of what its reader hides.
type away struct{ hides *hidden }

// reader asks the Directory where the actor stands. It is called before a transaction of our own begins.
func (s *Service) reader(ctx context.Context, by engawa.Actor) (reader, error) {
	if by.IsSystem() {
		return reader{Actor: by}, nil
	}
	standing, err := engawa.Stand(ctx, s.dir, by.Tenant, by.Person, s.now(), s.cfg.DirectoryTimeout)
	if err != nil {
		return reader{}, err
	}
	return reader{Actor: by, keys: keyring{by: by, standing: standing}, away: &away{}}, nil
}

// sees is the ladder: what a reader sees of a space, given the space's door and their own membership.
func (r reader) sees(door Door, mine Membership) sight {
	if door.ID == 0 {
		return unseen
	}
	if r.IsSystem() {
		return readable
	}
	fits := r.keys.fitsAny(door.Access)
	if door.Join != JoinInvite {
		if fits {
			return readable
		}
		if r.Has(engawa.RoleSteward) {
			return listed
		}
		return unseen
	}
	if mine.State == Joined && (fits || len(door.Access) == 0) {
		return readable
	}
	if r.Has(engawa.RoleSteward) || fits && !door.Secret {
		return listed
	}
	return unseen
}

// seesNotice is the ladder for notices: whether the reader may be told, now.
func (v *view) seesNotice(n Notice) bool {
	rule, ok := noticeRuleOf(n.Kind)
	if !ok {
		return false
	}
	if rule.need == unseen || n.Space == 0 && n.Kind == NoticeThanks {
		return true
	}
	return v.sees(v.doors.byID[n.Space], v.mine[n.Space]) >= rule.need
}

func (sp Space) door() Door {
	return Door{ID: sp.ID, Access: sp.Access, Join: sp.Join, Secret: sp.Secret}
}

// onHome reports whether a readable space belongs on the reader's home.
func onHome(door Door, mine Membership) bool {
	if door.Join == JoinAuto {
		return mine.State == Joined || mine.State == ByKey || mine.State == NoMember
	}
	return mine.State == Joined
}

// looksAfter reports whether the reader manages a space that they see: its hosts, the stewards, the system.
func (r reader) looksAfter(mine Membership) bool {
	return r.IsSystem() || r.Has(engawa.RoleSteward) || mine.State == Joined && mine.Host
}

// spaceFor is the only way to a space. What the reader may not know of is not found, after the same work as for a
// space that does not exist.
func (s *Service) spaceFor(ctx context.Context, st Store, r reader, id engawa.ID, need sight) (Space, error) {
	space, err := st.Space(ctx, r.Tenant, id, r.Person)
	if err != nil {
		return Space{}, err
	}
	return space, admit(r.sees(space.door(), space.Mine), need, engawa.KindSpace, id)
}

// hides is what the reader does not see, which takes one question a request. It is asked for outside a unit or inside one.
func (s *Service) hides(ctx context.Context, st Store, r reader) (*hidden, error) {
	if r.IsSystem() {
		return &hidden{}, nil
	}
	if r.away != nil && r.away.hides != nil {
		return r.away.hides, nil
	}
	all, err := st.Hides(ctx, r.Tenant, r.Person)
	if err != nil {
		return nil, err
	}
	h := newHidden(all)
	if r.Has(engawa.RoleSteward) {
		h = h.unblocked()
	}
	if r.away != nil {
		r.away.hides = h
	}
	return h, nil
}

// hiding are those whom the reader does not see, once [Service.hides] was asked in this request.
func (r reader) hiding() []engawa.PersonID {
	if r.away == nil || r.away.hides == nil {
		return nil
	}
	return r.away.hides.authors
}

// hidesPost reports whether a block stands between the reader and a post.
func (h *hidden) hidesPost(p Post) bool { return h.blocked[p.Author] && p.Kind != Announcement }

// hidesComment is hidesPost of a comment.
func (h *hidden) hidesComment(c Comment) bool { return h.blocked[c.Author] }

// discount takes the comments that the reader does not see from the counts of posts.
func (s *Service) discount(ctx context.Context, st Store, r reader, h *hidden, posts []Post) error {
	if len(h.authors) == 0 || len(posts) == 0 {
		return nil
	}
	ids := make([]engawa.ID, len(posts))
	for i, p := range posts {
		ids[i] = p.ID
	}
	less, err := st.CommentsBy(ctx, r.Tenant, ids, h.authors)
	for i, p := range posts {
		posts[i].Comments = max(0, p.Comments-less[p.ID])
	}
	return err
}

// postFor is the only way to somebody's post, with its space.
func (s *Service) postFor(ctx context.Context, st Store, r reader, id engawa.ID) (Post, Space, error) {
	posts, _, err := st.Posts(ctx, r.Tenant, []engawa.ID{id}, r.Person)
	if err != nil {
		return Post{}, Space{}, err
	}
	var post Post
	if len(posts) == 1 {
		post = posts[0]
	}
	space, err := st.Space(ctx, r.Tenant, post.Space, r.Person)
	if err != nil {
		return Post{}, Space{}, err
	}
	h, err := s.hides(ctx, st, r)
	if err != nil {
		return Post{}, Space{}, err
	}
	has := r.sees(space.door(), space.Mine)
	if h.hidesPost(post) {
		has = unseen
	}
	if err := admitEntry(has, engawa.KindPost, id); err != nil {
		return Post{}, Space{}, err
	}
	one := []Post{s.shown(r, space.Mine, post)}
	err = s.discount(ctx, st, r, h, one)
	return one[0], space, err
}

// commentFor is the only way to somebody's comment, with its space.
func (s *Service) commentFor(ctx context.Context, st Store, r reader, id engawa.ID) (Comment, Space, error) {
	comments, err := st.CommentsByID(ctx, r.Tenant, []engawa.ID{id})
	if err != nil {
		return Comment{}, Space{}, err
	}
	var comment Comment
	if len(comments) == 1 {
		comment = comments[0]
	}
	space, err := st.Space(ctx, r.Tenant, comment.Space, r.Person)
	if err != nil {
		return Comment{}, Space{}, err
	}
	h, err := s.hides(ctx, st, r)
	if err != nil {
		return Comment{}, Space{}, err
	}
	has := r.sees(space.door(), space.Mine)
	if h.hidesComment(comment) {
		has = unseen
	}
	if err := admitEntry(has, engawa.KindComment, id); err != nil {
		return Comment{}, Space{}, err
	}
	return shownComment(r, space.Mine, comment), space, nil
}

// admit is the one place where "may not know of it" becomes "not found", and "knows of it, may not" becomes "denied".
func admit(has, need sight, kind string, id engawa.ID) error {
	switch {
	case has >= need:
		return nil
	case has == unseen:
		return notFound(kind, id)
	}
	return denied(kind+" "+id.String(), msgMembersOnly)
}

// admitEntry is admit for what is in a space: who may not read the space does not learn what is in it, although they may
// know that the space exists.
func admitEntry(has sight, kind string, id engawa.ID) error {
	if has < readable {
		has = unseen
	}
	return admit(has, readable, kind, id)
}

// shown is a post as this reader gets it: a retracted one keeps its place and loses its text, except for those who
// wrote it or look after the space.
func (s *Service) shown(r reader, mine Membership, p Post) Post {
	if p.Retracted != nil && p.Author != r.Person && !r.looksAfter(mine) {
		p.Body, p.Attachments, p.Retracted = "", nil, &Mark{At: p.Retracted.At}
		p.Details, p.Statuses = nil, nil
	}
	p.Unread = p.countsFor(r.Person) && !mine.hasRead(p.Seq) && p.Retracted == nil && !p.expired(s.now())
	return p
}

func shownComment(r reader, mine Membership, c Comment) Comment {
	if c.Retracted != nil && c.Author != r.Person && !r.looksAfter(mine) {
		c.Body, c.Attachments, c.Retracted = "", nil, &Mark{At: c.Retracted.At}
	}
	return c
}

func notFound(kind string, id engawa.ID) error {
	return &engawa.Error{Kind: engawa.NotFound, Subject: kind + " " + id.String(), Message: msgNotFound}
}

func denied(subject string, why engawa.Message) error {
	return &engawa.Error{Kind: engawa.Denied, Subject: subject, Message: why}
}

func invalid(field string, m engawa.Message) error {
	return &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: m}}}
}

func stale(present int64) error {
	return &engawa.Error{Kind: engawa.Conflict, Message: msgStale.With(present)}
}

func spaceSubject(sp Space) string { return "space " + strconv.Quote(sp.Name) }

// known refuses persons whom the Directory does not know or who have left.
func (s *Service) known(ctx context.Context, tenant engawa.TenantID, people ...engawa.PersonID) error {
	for _, p := range people {
		if err := engawa.CheckHostID("person", string(p)); err != nil {
			return err
		}
		_, err := engawa.Stand(ctx, s.dir, tenant, p, s.now(), s.cfg.DirectoryTimeout)
		if engawa.KindOf(err) == engawa.NotFound {
			return invalid("person", msgUnknownPerson.With(p))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mentionable refuses mentions of persons whom the Directory does not know: by name where it knows names, which takes
// one question.
func (s *Service) mentionable(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID) error {
	namer, ok := s.dir.(engawa.Namer)
	if !ok || len(people) == 0 {
		return s.known(ctx, tenant, people...)
	}
	names, err := engawa.Ask(ctx, s.cfg.DirectoryTimeout, func(ctx context.Context) (map[engawa.PersonID]engawa.Name, error) {
		return namer.Names(ctx, tenant, people)
	})
	if err != nil {
		return err
	}
	for _, p := range people {
		if _, ok := names[p]; !ok {
			return invalid("Body", msgUnknownPerson.With(p))
		}
	}
	return nil
}
