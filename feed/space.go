package feed

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Space (スペース) is a place to talk about one thing, and the only unit of access.
type Space struct {
	ID      engawa.ID
	Name    string
	Purpose Purpose
	// Access are the keys that let people in.
	Access []Key
	Join   JoinPolicy
	// Secret hides an invitation-only space from all but its members.
	Secret bool
	Posts  PostPolicy
	// Version counts the changes; hand it back to change the space.
	Version   int64
	CreatedAt time.Time
	CreatedBy engawa.PersonID
	// Archived is set while the space takes no posts.
	Archived *Mark
	// PostCount is how many posts the space has ever had; it numbers them.
	PostCount int64
	// LastPost is the id of the newest post, retracted or not; 0 without any.
	LastPost engawa.ID
	// Mine is the reader's own membership.
	Mine Membership
}

// Ref points at the space.
func (sp Space) Ref() engawa.Ref { return engawa.RefTo(engawa.KindSpace, sp.ID) }

// Mark is a state: who set it, and when.
type Mark struct {
	By  engawa.PersonID
	At  time.Time
	Why string
}

// Purpose tells people what a space is for (目的): nobody posts where they cannot tell.
type Purpose struct {
	// Why the space exists.
	Why string `validate:"text=4000"`
	// For is what belongs here.
	For string `validate:"text=4000"`
	// NotFor is what belongs elsewhere.
	NotFor string `validate:"text=4000"`
}

// JoinPolicy is how people become members.
type JoinPolicy string

// The join policies.
const (
	// JoinAuto makes everybody with a key a member.
	JoinAuto JoinPolicy = "auto"
	// JoinOpen lets everybody with a key join.
	JoinOpen JoinPolicy = "open"
	// JoinInvite leaves it to the hosts to add members.
	JoinInvite JoinPolicy = "invite"
)

// PostPolicy is who may write posts. Everybody who may read may comment.
type PostPolicy string

// The post policies.
const (
	PostsByReaders PostPolicy = "readers"
	PostsByMembers PostPolicy = "members"
	PostsByHosts   PostPolicy = "hosts"
)

// NewSpace is a space to be created.
type NewSpace struct {
	Name    string `validate:"required,line=200"`
	Purpose Purpose
	// Access defaults to everyone, and for an invitation-only space to none: its members need no key.
	Access []Key `validate:"max=100,dive"`
	// Join defaults to JoinOpen.
	Join JoinPolicy `validate:"omitempty,oneof=auto open invite"`
	// Secret needs JoinInvite.
	Secret bool
	// Posts defaults to PostsByReaders.
	Posts PostPolicy `validate:"omitempty,oneof=readers members hosts"`
	// Hosts (世話役) look after the space. Defaults to the creator.
	Hosts []engawa.PersonID `validate:"max=100,dive,hostid"`
}

// SpaceChange changes what is not nil.
type SpaceChange struct {
	// Version is that of the space which the change started from.
	Version int64       `validate:"required"`
	Name    *string     `validate:"omitempty,min=1,line=200"`
	Purpose *Purpose    `validate:"omitempty"`
	Access  *[]Key      `validate:"omitempty,max=100,dive"`
	Join    *JoinPolicy `validate:"omitempty,oneof=auto open invite"`
	Secret  *bool
	Posts   *PostPolicy `validate:"omitempty,oneof=readers members hosts"`
}

// CreateSpace creates a space. Its hosts are its first members.
func (s *Service) CreateSpace(ctx context.Context, by engawa.Actor, in NewSpace) (space Space, err error) {
	ctx, o, err := s.begin(ctx, "feed.CreateSpace", by)
	defer o.done(&err)
	if err != nil {
		return Space{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return Space{}, err
	}
	if len(in.Hosts) == 0 && !by.IsSystem() {
		in.Hosts = []engawa.PersonID{by.Person}
	}
	if in.Join == "" {
		in.Join = JoinOpen
	}
	if in.Posts == "" {
		in.Posts = PostsByReaders
	}
	if len(in.Access) == 0 && in.Join != JoinInvite {
		in.Access = []Key{Everyone()}
	}
	reader, err := s.reader(ctx, by)
	if err != nil {
		return Space{}, err
	}
	if !by.IsSystem() && s.cfg.MayCreate != nil && !s.cfg.MayCreate(ctx, by, reader.keys.standing) {
		return Space{}, denied("", msgMayNotCreate)
	}
	hosts := slices.Compact(slices.Sorted(slices.Values(in.Hosts)))
	if err := s.known(ctx, by.Tenant, hosts...); err != nil {
		return Space{}, err
	}
	space = Space{
		Name: in.Name, Purpose: in.Purpose, Access: in.Access, Join: in.Join, Secret: in.Secret, Posts: in.Posts,
		Version: 1, CreatedAt: s.now(), CreatedBy: by.Person, Mine: Membership{Person: by.Person},
	}
	if err := space.check(); err != nil {
		return Space{}, err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		err := s.fresh(func(id engawa.ID) error {
			space.ID = id
			return st.InsertSpace(ctx, by.Tenant, space)
		})
		if err != nil {
			return err
		}
		if err := st.Append(ctx, s.tell(by, event.SpaceCreated, space.Ref(), 1, space.ID)); err != nil {
			return err
		}
		for _, host := range hosts {
			m := Membership{Person: host, State: Joined, Host: true, JoinedAt: space.CreatedAt}
			if err := s.putMember(ctx, st, by, space.ID, m, event.MemberInvited, event.HostAdded); err != nil {
				return err
			}
			if host == by.Person {
				space.Mine = m
				space.Mine.Version = 2 // invited, then made a host
			}
		}
		return nil
	})
	if err != nil {
		return Space{}, err
	}
	return space, nil
}

// check refuses what does not go together.
func (sp Space) check() error { return sp.checkAfter(nil) }

// nobodys is the key of a person who has left: it lets nobody in, and keeps a space that has no other from standing open.
var nobodys = Key{Kind: KeyPerson}

// checkAfter is check where the keys of before may stay, those of people who have left among them.
func (sp Space) checkAfter(before []Key) error {
	if sp.Secret && sp.Join != JoinInvite {
		return invalid("Secret", msgSecretJoin)
	}
	if len(sp.Access) == 0 && sp.Join != JoinInvite {
		return invalid("Access", msgNoKeys)
	}
	for _, k := range sp.Access {
		if k == nobodys && slices.Contains(before, nobodys) {
			continue
		}
		if err := k.check(); err != nil {
			return err
		}
	}
	return nil
}

// Space reads one space that the actor may know of.
func (s *Service) Space(ctx context.Context, by engawa.Actor, id engawa.ID) (space Space, err error) {
	ctx, o, err := s.begin(ctx, "feed.Space", by)
	defer o.done(&err)
	if err != nil {
		return Space{}, err
	}
	reader, err := s.reader(ctx, by)
	if err != nil {
		return Space{}, err
	}
	return s.spaceFor(ctx, s.store, reader, id, listed)
}

// SpacesByID reads those of some spaces, at most [MaxLimit] at once, that the actor may know of, sorted by id.
func (s *Service) SpacesByID(ctx context.Context, by engawa.Actor, ids []engawa.ID) (spaces []Space, err error) {
	ctx, o, err := s.begin(ctx, "feed.SpacesByID", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if len(ids) > MaxLimit {
		return nil, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(ids), MaxLimit)}
	}
	r, err := s.reader(ctx, by)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return s.spacesFor(ctx, s.store, r, ids)
}

// ChangeSpace changes a space. Its hosts and the tenant's stewards may.
func (s *Service) ChangeSpace(ctx context.Context, by engawa.Actor, id engawa.ID, change SpaceChange) (space Space, err error) {
	ctx, o, err := s.begin(ctx, "feed.ChangeSpace", by)
	defer o.done(&err)
	if err != nil {
		return Space{}, err
	}
	if err := s.valid.Check(o.name, change); err != nil {
		return Space{}, err
	}
	return s.change(ctx, by, id, change.Version, event.SpaceChanged, func(sp *Space) {
		set(&sp.Name, change.Name)
		set(&sp.Purpose, change.Purpose)
		set(&sp.Access, change.Access)
		set(&sp.Join, change.Join)
		set(&sp.Secret, change.Secret)
		set(&sp.Posts, change.Posts)
	})
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// ArchiveSpace closes a space to posts and comments; what is in it stays readable.
func (s *Service) ArchiveSpace(ctx context.Context, by engawa.Actor, id engawa.ID, why string) (err error) {
	ctx, o, err := s.begin(ctx, "feed.ArchiveSpace", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckText("why", why, engawa.Lines(maxWhy)); err != nil {
		return err
	}
	_, err = s.change(ctx, by, id, 0, event.SpaceArchived, func(sp *Space) {
		if sp.Archived == nil {
			sp.Archived = &Mark{By: by.Person, At: s.now(), Why: why}
		}
	})
	return err
}

// UnarchiveSpace opens an archived space again.
func (s *Service) UnarchiveSpace(ctx context.Context, by engawa.Actor, id engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.UnarchiveSpace", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, by, id, 0, event.SpaceUnarchived, func(sp *Space) { sp.Archived = nil })
	return err
}

// HostlessSpaces are the spaces whose last host has left, sorted by id: they have fallen to the tenant's stewards, who
// may name new hosts with [Service.AddHost]. Only stewards and [engawa.System] may ask.
func (s *Service) HostlessSpaces(ctx context.Context, by engawa.Actor) (spaces []Space, err error) {
	ctx, o, err := s.begin(ctx, "feed.HostlessSpaces", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if !by.IsSystem() && !by.Has(engawa.RoleSteward) {
		return nil, denied("", msgStewardsOnly)
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	v, err := s.wholeView(ctx, s.store, r)
	if err != nil {
		return nil, err
	}
	ids, err := s.store.Hostless(ctx, by.Tenant)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return s.spacesFor(ctx, s.store, v.reader, ids)
}

// change changes a space for one who looks after it. A version other than 0 must be the present one. What is so already
// stays as it is.
func (s *Service) change(ctx context.Context, by engawa.Actor, id engawa.ID, version int64, verb event.Verb, apply func(*Space)) (space Space, err error) {
	reader, err := s.reader(ctx, by)
	if err != nil {
		return Space{}, err
	}
	err = s.insist(ctx, func(st Store, again error) error {
		var err error
		if space, err = s.spaceFor(ctx, st, reader, id, listed); err != nil {
			return err
		}
		if !reader.looksAfter(space.Mine) {
			return denied(spaceSubject(space), msgHostsOnly)
		}
		if version != 0 && version != space.Version {
			return stale(space.Version)
		}
		before := space
		apply(&space)
		if err := space.checkAfter(before.Access); err != nil || reflect.DeepEqual(space, before) {
			return err
		}
		space.Version++
		if err := st.UpdateSpace(ctx, by.Tenant, space); errors.Is(err, engawa.Conflict) {
			return again
		} else if err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, verb, space.Ref(), space.Version, space.ID))
	})
	if err != nil {
		return Space{}, err
	}
	return space, nil
}

// tell is an event about something in a space.
func (s *Service) tell(by engawa.Actor, verb event.Verb, subject engawa.Ref, version int64, space engawa.ID) event.Event {
	return event.Event{
		Tenant: by.Tenant, Verb: verb, Subject: subject, Version: version, Actor: by.Person, Space: space, At: s.now(),
	}
}
