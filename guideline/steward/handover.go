package steward

import (
	"context"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// HandOver (引き継ぎ) is what somebody who ends their turn tells the next.
type HandOver struct {
	ID    engawa.ID
	Space engawa.ID
	Text  string
	By    engawa.PersonID
	At    time.Time
	// ReadBy read it first, and ReadAt; zero: nobody has yet.
	ReadBy engawa.PersonID
	ReadAt time.Time
}

// What is kept of hand-overs.
const (
	// MaxHandOver is the greatest length of one, in bytes.
	MaxHandOver = 8 << 10
	// MaxHandOvers is how many a rota keeps: the oldest goes.
	MaxHandOvers = 100
)

// WriteHandOver writes a hand-over for those who are on the rota of a space or the tenant, or may change it: they may
// write and read it, and nobody else.
func (s *Service) WriteHandOver(ctx context.Context, by engawa.Actor, space engawa.ID, text string) (h HandOver, err error) {
	ctx, o, err := s.begin(ctx, "steward.WriteHandOver", by, people)
	defer o.done(&err)
	if err != nil {
		return HandOver{}, err
	}
	if strings.TrimSpace(text) == "" {
		return HandOver{}, invalid("text", msgEmpty)
	}
	if err := engawa.CheckText("text", text, engawa.Lines(MaxHandOver)); err != nil {
		return HandOver{}, err
	}
	if err := s.mayAt(ctx, by, space, member); err != nil {
		return HandOver{}, err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		h = HandOver{Space: space, Text: text, By: by.Person, At: s.now()}
		err := s.fresh(func(id engawa.ID) error {
			h.ID = id
			return st.AddHandOver(ctx, by.Tenant, h)
		})
		if err != nil {
			return err
		}
		if err := st.TrimHandOvers(ctx, by.Tenant, space, MaxHandOvers); err != nil {
			return err
		}
		return st.Append(ctx, inSpace(s.tell(by, event.HandOverWritten, place(space)), space))
	})
	if err != nil {
		return HandOver{}, err
	}
	return h, nil
}

// HandOvers are those of a space or the tenant, newest first.
func (s *Service) HandOvers(ctx context.Context, by engawa.Actor, space engawa.ID) (all []HandOver, err error) {
	ctx, o, err := s.begin(ctx, "steward.HandOvers", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if err := s.mayAt(ctx, by, space, member); err != nil {
		return nil, err
	}
	return s.store.HandOvers(ctx, by.Tenant, space)
}

// ReadHandOver notes that the actor has read a hand-over of somebody else's. The first to read it stands; once more
// changes nothing.
func (s *Service) ReadHandOver(ctx context.Context, by engawa.Actor, id engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "steward.ReadHandOver", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	subject := "handover " + id.String()
	h, err := s.store.HandOver(ctx, by.Tenant, id)
	if err != nil {
		return err
	}
	if h.ID == 0 {
		return notFound(subject)
	}
	if err := s.mayAt(ctx, by, h.Space, member); err != nil {
		return notFound(subject)
	}
	if h.By == by.Person {
		return nil
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		first, err := st.MarkHandOver(ctx, by.Tenant, id, by.Person, s.now())
		if err != nil || !first {
			return err
		}
		told := inSpace(s.tell(by, event.HandOverRead, place(h.Space)), h.Space)
		told.Person = by.Person
		return st.Append(ctx, told)
	})
}

// Forget takes somebody who left (退職者) out of the room: their claims end, their place in rotas and their name go. Only
// [engawa.System] may.
func (s *Service) Forget(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "steward.Forget", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return st.Forget(ctx, by.Tenant, person) })
}
