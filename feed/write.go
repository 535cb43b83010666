package feed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed/body"
)

// writing is what is known of a text before the transaction begins: who writes, what the text holds, and when.
type writing struct {
	reader reader
	text   string
	body   body.Body
	people []engawa.PersonID
	at     time.Time
	// foreseen is what the gate has asked ahead.
	foreseen any
}

// writing is a draft that counts towards what its author may write.
func (s *Service) writing(ctx context.Context, by engawa.Actor, text string) (writing, error) {
	w, err := s.draftOf(ctx, by, text)
	if err != nil {
		return writing{}, err
	}
	return w, s.rate.take(by, w.at)
}

// draftOf parses and checks a text, and asks the Directory about its author and those whom it mentions.
func (s *Service) draftOf(ctx context.Context, by engawa.Actor, text string) (writing, error) {
	if by.IsSystem() {
		return writing{}, denied("", msgNoAuthor)
	}
	parsed, err := body.Parse(text)
	if err != nil {
		return writing{}, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return writing{}, err
	}
	w := writing{reader: r, text: text, body: parsed, at: s.now()}
	for _, m := range parsed.Mentions {
		w.people = append(w.people, engawa.PersonID(m))
	}
	return w, s.mentionable(ctx, by.Tenant, w.people)
}

// mayPost refuses a post where the space takes none from this person.
func (w writing) mayPost(space Space) error {
	switch {
	case space.Archived != nil:
		return denied(spaceSubject(space), msgArchived)
	case space.Posts == PostsByHosts && !w.reader.looksAfter(space.Mine):
		return denied(spaceSubject(space), msgPostsByHosts)
	case space.Posts == PostsByMembers && !onHome(space.door(), space.Mine) && !w.reader.looksAfter(space.Mine):
		return denied(spaceSubject(space), msgPostsByMembers)
	}
	return nil
}

// draft is what the gate is shown.
func (w writing) draft(space Space, answers engawa.Ref, confirmed string) Draft {
	return Draft{
		Author: w.reader.Actor, Standing: w.reader.keys.standing, Space: space, Answers: answers,
		Body: w.text, Mentions: w.people, At: w.at, Confirmed: confirmed, Foreseen: w.foreseen,
	}
}

// notes is what is kept beside a post or comment.
func (w writing) notes(place Place) Notes {
	return Notes{Place: place, Mentions: w.people, Tags: tagKeys(w.body)}
}

// annotate keeps what a new text holds, where it holds anything.
func (s *Service) annotate(ctx context.Context, st Store, tenant engawa.TenantID, w writing, place Place) error {
	if len(w.people) == 0 && len(w.body.Tags) == 0 {
		return nil
	}
	return st.Annotate(ctx, tenant, w.notes(place))
}

func tagKeys(b body.Body) []string {
	var keys []string
	for _, t := range b.Tags {
		keys = append(keys, t.Key)
	}
	return keys
}

// once claims an idempotency key inside the transaction. It reports true, with what the first call made, where the key
// was used before for the same input; for another input it conflicts.
func (s *Service) once(ctx context.Context, st Store, r reader, key, name string, input any) (first engawa.Ref, again bool, err error) {
	if key == "" {
		return engawa.Ref{}, false, nil
	}
	canonical, err := json.Marshal(input)
	if err != nil {
		return engawa.Ref{}, false, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s", name, canonical))
	digest := hex.EncodeToString(sum[:16])
	claim, fresh, err := st.Claim(ctx, r.Tenant, r.Person, Claim{Key: key, Digest: digest, At: s.now()})
	switch {
	case err != nil || fresh:
		return engawa.Ref{}, false, err
	case claim.Digest != digest:
		return engawa.Ref{}, false, &engawa.Error{Kind: engawa.Conflict, Message: msgKeyUsed}
	}
	return claim.Entry, true, nil
}

// keep notes what was made under an idempotency key. It passes an earlier error on.
func (s *Service) keep(ctx context.Context, st Store, by engawa.Actor, key string, made engawa.Ref, err error) error {
	if err != nil || key == "" {
		return err
	}
	return st.Settle(ctx, by.Tenant, by.Person, key, made)
}

// maxInsist is how often a change that names no version is tried again when others change the same thing.
const maxInsist = 20

// insist runs a unit of work again as long as it returns again: what it read was changed before it could be locked.
func (s *Service) insist(ctx context.Context, f func(st Store, again error) error) error {
	again := error(&engawa.Error{Kind: engawa.Conflict, Message: msgBusy})
	for try := 1; ; try++ {
		err := s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return f(st, again) })
		if err != again || try == maxInsist {
			return err
		}
	}
}

// resolve is the id that a pending row became, or the id itself.
func (s *Service) resolve(ctx context.Context, st Store, tenant engawa.TenantID, kind string, id engawa.ID) (engawa.ID, error) {
	entry, err := st.Alias(ctx, tenant, id)
	if own, ok := entry.OwnID(); ok && err == nil && entry.Kind == kind {
		return own, nil
	}
	return id, err
}
