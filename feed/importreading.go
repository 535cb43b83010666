package feed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/engawa-sns/engawa"
)

// ImportBlock is one person blocking another.
type ImportBlock struct {
	Person, Blocked engawa.PersonID
	At              time.Time
}

// ImportMute is what somebody muted: a person here, or a post or space there.
type ImportMute struct {
	Person engawa.PersonID
	What   MuteKind
	Muted  engawa.PersonID
	ID     string
	At     time.Time
}

// ImportBookmark is a post that somebody keeps.
type ImportBookmark struct {
	Post   string
	Person engawa.PersonID
	At     time.Time
}

// ImportWatch is a thread, by its post, or a tag that somebody follows.
type ImportWatch struct {
	Person    engawa.PersonID
	Post, Tag string
	At        time.Time
}

// The kinds of sources of what people hide, keep and follow: as of a follow, what was taken in once stays away after it
// was taken back.
const (
	kindBlock    = "block"
	kindMute     = "mute"
	kindBookmark = "bookmark"
	kindWatch    = "watch"
)

// short is a source whose id can be kept: a digest stands for a long one.
func (s Source) short() Source {
	if len(s.ID) > 2*engawa.MaxHostID {
		sum := sha256.Sum256([]byte(s.ID))
		s.ID = hex.EncodeToString(sum[:])
	}
	return s
}

// reading is the source of what somebody hides, keeps or follows, the other sources that it names, and what takes it in.
func (in *importer) reading(ctx context.Context, item ImportItem) (source Source, names []Source, add func() error) {
	switch {
	case item.Block != nil:
		b := *item.Block
		return Source{kindBlock, string(b.Person) + " " + string(b.Blocked)}, nil, func() error { return in.block(ctx, b) }
	case item.Mute != nil:
		m := *item.Mute
		id := m.ID
		switch m.What {
		case MuteThread:
			names = []Source{{engawa.KindPost, id}}
		case MuteSpace:
			names = []Source{{engawa.KindSpace, id}}
		default:
			id = string(m.Muted)
		}
		return Source{kindMute, string(m.Person) + " " + string(m.What) + " " + id}.short(), names, func() error { return in.mute(ctx, m) }
	case item.Bookmark != nil:
		b := *item.Bookmark
		return Source{kindBookmark, string(b.Person) + " " + b.Post}.short(), []Source{{engawa.KindPost, b.Post}}, func() error { return in.bookmark(ctx, b) }
	case item.Watch != nil:
		w := *item.Watch
		if w.Tag != "" {
			return Source{kindWatch, string(w.Person) + " #" + w.Tag}.short(), nil, func() error { return in.watch(ctx, w) }
		}
		return Source{kindWatch, string(w.Person) + " " + w.Post}.short(), []Source{{engawa.KindPost, w.Post}}, func() error { return in.watch(ctx, w) }
	}
	return Source{}, nil, nil
}

// checkOwner refuses an owner or time that cannot be kept; without a time it is the present.
func (in *importer) checkOwner(person engawa.PersonID, at *time.Time) error {
	if at.IsZero() {
		*at = in.now()
	}
	*at = engawa.Micro(*at)
	return checkWho(person, false, *at)
}

// owner is the person whose own deed an item was.
func (in *importer) owner(person engawa.PersonID) engawa.Actor {
	return engawa.Actor{Tenant: in.by.Tenant, Person: person}
}

func (in *importer) block(ctx context.Context, item ImportBlock) error {
	err := in.checkOwner(item.Person, &item.At)
	if err == nil {
		err = engawa.CheckHostID("Blocked", string(item.Blocked))
	}
	if err == nil && item.Person == item.Blocked {
		err = invalid("Blocked", msgFollowSelf)
	}
	if err != nil {
		return err
	}
	in.took(Source{kindBlock, string(item.Person) + " " + string(item.Blocked)})
	return in.blockIn(ctx, in.st, in.owner(item.Person), item.Blocked, item.At)
}

// took notes a source that has no id of its own.
func (in *importer) took(source Source) {
	in.had(source, 1)
	in.done.Further++
}

func (in *importer) mute(ctx context.Context, item ImportMute) error {
	if err := in.checkOwner(item.Person, &item.At); err != nil {
		return err
	}
	m := Mute{What: item.What, Person: item.Muted, At: item.At}
	var err error
	switch item.What {
	case MuteThread:
		m.ID, err = in.ref(engawa.KindPost, item.ID)
	case MuteSpace:
		m.ID, err = in.ref(engawa.KindSpace, item.ID)
	}
	if err == nil {
		err = m.check()
	}
	if err == nil && m.Person == item.Person {
		err = invalid("Muted", msgFollowSelf)
	}
	if err != nil {
		return err
	}
	source, _, _ := in.reading(ctx, ImportItem{Mute: &item})
	in.took(source)
	in.after = append(in.after, func(ctx context.Context) error { return in.muteIn(ctx, in.st, in.owner(item.Person), m) })
	return nil
}

func (in *importer) bookmark(ctx context.Context, item ImportBookmark) error {
	post, err := in.ref(engawa.KindPost, item.Post)
	if err == nil {
		err = in.checkOwner(item.Person, &item.At)
	}
	if err != nil {
		return err
	}
	source, _, _ := in.reading(ctx, ImportItem{Bookmark: &item})
	in.took(source)
	in.after = append(in.after, func(ctx context.Context) error {
		return in.bookmarkIn(ctx, in.st, in.owner(item.Person), Kept{post, item.At}, in.spaceOf[post])
	})
	return nil
}

func (in *importer) watch(ctx context.Context, item ImportWatch) error {
	if err := in.checkOwner(item.Person, &item.At); err != nil {
		return err
	}
	source, _, _ := in.reading(ctx, ImportItem{Watch: &item})
	w := Watch{Tag: item.Tag}
	var err error
	if item.Post != "" {
		w.Post, err = in.ref(engawa.KindPost, item.Post)
	}
	if err == nil {
		w, err = w.normal()
	}
	if err != nil {
		return err
	}
	w.At = item.At
	in.took(source)
	in.after = append(in.after, func(ctx context.Context) error {
		return in.watchIn(ctx, in.st, in.owner(item.Person), w, in.spaceOf[w.Post])
	})
	return nil
}

// hiding exports whom people block and what they mute, keep and follow: after the posts, which they name.
func (x *exporter) hiding(ctx context.Context) error {
	return x.everybody(ctx, func(p engawa.PersonID) error {
		hides, err := x.store.Hides(ctx, x.tenant, p)
		if err != nil {
			return err
		}
		for _, b := range hides.Blocked {
			x.emit(ImportItem{Block: &ImportBlock{p, b.Person, b.At}})
		}
		for _, m := range hides.Mutes {
			item := ImportMute{Person: p, What: m.What, Muted: m.Person, At: m.At}
			if m.ID != 0 {
				item.ID = m.ID.String()
			}
			x.emit(ImportItem{Mute: &item})
		}
		if err := x.private(ctx, p); err != nil {
			return err
		}
		if err := x.bookmarks(ctx, p); err != nil {
			return err
		}
		return x.watches(ctx, p)
	})
}

func (x *exporter) bookmarks(ctx context.Context, p engawa.PersonID) error {
	for before := (Kept{maxID, time.UnixMicro(maxTime)}); ; {
		kept, err := x.store.Bookmarks(ctx, x.tenant, p, before, exportBatch)
		if err != nil {
			return err
		}
		for _, k := range kept {
			before = k
			x.emit(ImportItem{Bookmark: &ImportBookmark{k.Post.String(), p, k.At}})
		}
		if len(kept) < exportBatch || x.stopped {
			return nil
		}
	}
}

func (x *exporter) watches(ctx context.Context, p engawa.PersonID) error {
	for before, first := maxID, true; ; first = false {
		all, err := x.store.Watches(ctx, x.tenant, p, before, exportBatch)
		if err != nil {
			return err
		}
		threads := 0
		for _, w := range all {
			switch {
			case w.Tag == "":
				threads++
				before = w.Post
				x.emit(ImportItem{Watch: &ImportWatch{Person: p, Post: w.Post.String(), At: w.At}})
			case first:
				x.emit(ImportItem{Watch: &ImportWatch{Person: p, Tag: w.Tag, At: w.At}})
			}
		}
		if threads < exportBatch || x.stopped {
			return nil
		}
	}
}
