package feed

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// StoryDetails belong to a success story (活用事例).
type StoryDetails struct {
	bare
	// Named are those whom the story names. It waits as [Pending] until each of them has agreed; the author needs no
	// asking. Whoever is mentioned in the text is asked as well.
	Named []engawa.PersonID `json:"named,omitempty" validate:"max=50,unique,dive,hostid"`
}

// Kind implements [Details].
func (*StoryDetails) Kind() Kind { return Story }

func (d *StoryDetails) people() []*engawa.PersonID { return pointers(d.Named) }

func (d *StoryDetails) settle(_ context.Context, _ *Service, w writing) error {
	d.complete(w.reader.Person, w.people)
	return nil
}

// complete names those who are mentioned as well, each once and sorted, without the author.
func (d *StoryDetails) complete(author engawa.PersonID, mentioned []engawa.PersonID) {
	d.Named = append(d.Named, mentioned...)
	slices.Sort(d.Named)
	d.Named = slices.DeleteFunc(slices.Compact(d.Named), func(p engawa.PersonID) bool { return p == author })
}

func (d *StoryDetails) follow(before Details, _ Edit) error {
	was := before.(*StoryDetails).Named
	for _, p := range d.Named {
		if !slices.Contains(was, p) {
			return invalid("Details.Named", msgNoConsent.With(string(p)))
		}
	}
	d.Named = was
	return nil
}

// Consent (同意) is the answer of somebody whom a story names.
type Consent struct {
	Person engawa.PersonID
	Answer ConsentAnswer
	At     time.Time
}

// ConsentAnswer is what somebody answers.
type ConsentAnswer int

// The answers.
const (
	Asked    ConsentAnswer = 0
	Agreed   ConsentAnswer = 1
	Declined ConsentAnswer = 2
)

// askConsents asks those whom a story names and who have not been asked.
func (s *Service) askConsents(ctx context.Context, st Store, by engawa.Actor, p Pending) error {
	story, ok := p.Details.(*StoryDetails)
	if !ok {
		return nil
	}
	before, err := st.Consents(ctx, by.Tenant, p.ID)
	if err != nil {
		return err
	}
	for _, person := range story.Named {
		if slices.ContainsFunc(before, func(c Consent) bool { return c.Person == person }) {
			continue
		}
		if err := st.PutConsent(ctx, by.Tenant, p.ID, Consent{Person: person, Answer: Asked, At: s.now()}); err != nil {
			return err
		}
		told := s.tell(by, event.ConsentAsked, p.Ref(), p.Version, p.Space)
		told.Person = person
		if err := st.Append(ctx, told); err != nil {
			return err
		}
	}
	return nil
}

// agreed reports whether everybody whom a story names has agreed.
func agreed(ctx context.Context, st Store, tenant engawa.TenantID, p Pending) (bool, error) {
	story, ok := p.Details.(*StoryDetails)
	if !ok || len(story.Named) == 0 {
		return true, nil
	}
	consents, err := st.Consents(ctx, tenant, p.ID)
	said := map[engawa.PersonID]ConsentAnswer{}
	for _, c := range consents {
		said[c.Person] = c.Answer
	}
	for _, person := range story.Named {
		if said[person] != Agreed {
			return false, err
		}
	}
	return true, err
}

// AskedConsents lists the stories that name the actor and wait for their answer, newest first.
func (s *Service) AskedConsents(ctx context.Context, by engawa.Actor, window Window) (engawa.Page[Pending], error) {
	return s.pendingPage(ctx, "feed.AskedConsents", by, window, func(ctx context.Context, before engawa.ID, limit int) ([]Pending, error) {
		return s.store.AskedConsents(ctx, by.Tenant, by.Person, before, limit)
	})
}

// Consent answers for the actor whether a story may name them. With the last consent the story is published; when
// somebody declines, it goes back to its author. An answer stands: to withdraw a consent later, ask the author or the
// hosts to retract the post.
func (s *Service) Consent(ctx context.Context, by engawa.Actor, id engawa.ID, answer ConsentAnswer) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Consent", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if answer != Agreed && answer != Declined {
		return invalid("answer", msgAnswer)
	}
	if by.IsSystem() {
		return denied("", msgNoAuthor)
	}
	p, err := s.store.PendingByID(ctx, by.Tenant, id)
	if err != nil {
		return err
	}
	author := reader{}
	if asked, _ := p.Details.(*StoryDetails); asked != nil && slices.Contains(asked.Named, by.Person) {
		author, err = s.author(ctx, by.Tenant, p.Author)
		if err != nil && engawa.KindOf(err) != engawa.NotFound {
			return err
		}
	}
	gone := err != nil
	return s.store.Within(ctx, func(st Store, conn engawa.Conn) error {
		p, err := st.LockPending(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		consents, err := st.Consents(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(consents, func(c Consent) bool { return c.Person == by.Person })
		switch {
		case p.ID == 0 || i < 0:
			return notFound(engawa.KindPending, id)
		case consents[i].Answer == answer:
			return nil
		case consents[i].Answer != Asked || p.Outcome != Waiting:
			return &engawa.Error{Kind: engawa.Conflict, Subject: engawa.KindPending + " " + id.String(), Message: msgDecided}
		}
		if err := st.PutConsent(ctx, by.Tenant, id, Consent{by.Person, answer, s.now()}); err != nil {
			return err
		}
		verb := event.ConsentGiven
		if answer == Declined {
			verb = event.ConsentDeclined
		}
		told := s.tell(by, verb, p.Ref(), p.Version, p.Space)
		told.Person = by.Person
		if err := st.Append(ctx, told); err != nil {
			return err
		}
		if answer == Declined {
			return s.refuse(ctx, st, engawa.System(by.Tenant), p, msgDeclined.Code)
		}
		all, err := agreed(ctx, st, by.Tenant, p)
		switch {
		case err != nil || !all || p.Waits != WaitConsent:
			return err
		case gone:
			return s.refuse(ctx, st, engawa.System(by.Tenant), p, msgUnknownPerson.Code)
		}
		return s.bringOut(ctx, st, conn, author, p, nil, false)
	})
}
