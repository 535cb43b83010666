package reaction

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// MaxReceivers is how many persons one thanks can be for.
const MaxReceivers = 20

// NewThanks is thanks to be given.
type NewThanks struct {
	// To are those who are thanked, in the order in which a remainder is given out.
	To []engawa.PersonID `validate:"min=1,max=20,dive,hostid"`
	// Message says what for.
	Message string `validate:"required,text=4000"`
	// Value is the name of one of the company's values. Defaults to none.
	Value string `validate:"line=64"`
	// Points are given to all of them together. Defaults to 0.
	Points int64 `validate:"gte=0"`
	// Space is where the post stands. It is needed where a [Poster] is configured.
	Space engawa.ID
	// Key makes a repeated call return the thanks of the first one, where a [Poster] is configured. Defaults to none.
	Key string `validate:"line=128"`
	// Confirmed is the token of a question that the poster's gate asked and the giver has answered with yes.
	Confirmed string `validate:"line=128"`
}

// Thanks (感謝) is what was given.
type Thanks struct {
	ID   engawa.ID
	From engawa.PersonID // empty for a leaver
	// Shares are what each receiver got, in the order of NewThanks.To; leavers have no name.
	Shares []Share
	// Shown is the post that shows it, or the zero Ref; then Message is kept here, else it is the post's.
	Shown   engawa.Ref
	Message string
	Value   string
	// Points is what the giver spent, in the week that began on Monday number Week (whole weeks since 1970-01-05).
	Points int64
	Week   int64
	At     time.Time
	// Origin and Source are where imported thanks came from, and what they are called there.
	Origin, Source string
}

// Share is one receiver's part. What was damped is lost.
type Share struct {
	To             engawa.PersonID
	Points, Damped int64
}

// Poster shows thanks as posts.
type Poster interface {
	// Post publishes the thanks and calls record inside the same transaction, once and with the post, before it commits;
	// where record fails, nothing is published. A repeated call with the same Key does not call record and returns the
	// first post.
	Post(ctx context.Context, by engawa.Actor, thanks NewThanks, record func(ctx context.Context, conn engawa.Conn, post engawa.Ref, space engawa.ID) error) (engawa.Ref, error)
}

// PosterBinder is a [Poster] that can work inside a transaction of the host's.
type PosterBinder interface {
	Bind(conn engawa.Conn) Poster
}

// Thank thanks one or several persons. Points that the week's budget does not have are an error of kind
// [engawa.TooLarge] that says how many are left.
func (s *Service) Thank(ctx context.Context, by engawa.Actor, in NewThanks) (thanks Thanks, err error) {
	ctx, o, err := s.begin(ctx, "reaction.Thank", by, people)
	defer o.done(&err)
	if err != nil {
		return Thanks{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return Thanks{}, err
	}
	switch {
	case strings.TrimSpace(in.Message) == "":
		return Thanks{}, invalid("Message", msgNoMessage)
	case slices.Contains(in.To, by.Person):
		return Thanks{}, invalid("To", msgNotOneself)
	case len(slices.Compact(slices.Sorted(slices.Values(in.To)))) < len(in.To):
		return Thanks{}, invalid("To", msgTwice)
	}
	if s.cfg.Poster == nil {
		err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
			thanks, err = s.give(ctx, st, by, in, engawa.Ref{}, 0)
			return err
		})
	} else {
		var shown engawa.Ref
		shown, err = s.cfg.Poster.Post(ctx, by, in, func(ctx context.Context, conn engawa.Conn, post engawa.Ref, space engawa.ID) error {
			return s.store.Bind(conn).Within(ctx, func(st Store, _ engawa.Conn) error {
				thanks, err = s.give(ctx, st, by, in, post, space)
				return err
			})
		})
		if err == nil && thanks.ID == 0 { // the same Key as before
			thanks, err = s.again(ctx, by, shown)
		}
	}
	if err != nil {
		return Thanks{}, err
	}
	return thanks, nil
}

func (s *Service) again(ctx context.Context, by engawa.Actor, shown engawa.Ref) (Thanks, error) {
	all, err := s.store.ThanksOn(ctx, by.Tenant, []engawa.Ref{shown})
	if err == nil && len(all) == 0 {
		err = notFound(shown)
	}
	if err != nil {
		return Thanks{}, err
	}
	return all[0], nil
}

// give records thanks inside a transaction.
func (s *Service) give(ctx context.Context, st Store, by engawa.Actor, in NewThanks, post engawa.Ref, space engawa.ID) (Thanks, error) {
	at := s.now()
	week, _ := s.week(by.Tenant, at)
	rules, err := st.Rules(ctx, by.Tenant)
	if err != nil {
		return Thanks{}, err
	}
	if err := rules.check(in); err != nil {
		return Thanks{}, err
	}
	if in.Points > 0 {
		spent, err := st.LockSpent(ctx, by.Tenant, by.Person, week)
		if err != nil {
			return Thanks{}, err
		}
		if left := rules.Weekly - spent; in.Points > left {
			return Thanks{}, &engawa.Error{Kind: engawa.TooLarge, Message: msgBudget.With(max(0, left))}
		}
	}
	pairs, err := st.Exchanges(ctx, by.Tenant, by.Person, in.To, at.AddDate(0, 0, -DampDays))
	if err != nil {
		return Thanks{}, err
	}
	thanks := Thanks{From: by.Person, Shown: post, Value: in.Value, Points: in.Points, Week: week, At: at}
	if post == (engawa.Ref{}) {
		thanks.Message = in.Message
	}
	for i, points := range Split(in.Points, len(in.To)) {
		kept := damp(points, pairs[in.To[i]])
		thanks.Shares = append(thanks.Shares, Share{To: in.To[i], Points: kept, Damped: points - kept})
	}
	for range 8 {
		thanks.ID = s.ids.Next()
		thanks.Source = thanks.ID.String()
		if _, err = st.InsertThanks(ctx, by.Tenant, thanks); !errors.Is(err, ErrIDTaken) {
			break
		}
	}
	if err != nil {
		return Thanks{}, err
	}
	subject := post
	if subject == (engawa.Ref{}) {
		subject = engawa.RefTo(KindThanks, thanks.ID)
	}
	var told []event.Event
	for _, share := range thanks.Shares {
		e := s.tell(by, event.ThanksGiven, subject, at)
		e.Person, e.Space = share.To, space
		told = append(told, e.With(event.Thanks{Thanks: thanks.ID, Points: share.Points}))
	}
	return thanks, st.Append(ctx, told...)
}

// KindThanks is the kind of the [engawa.Ref] of thanks that no post shows.
const KindThanks = "thanks"

// ThanksOn are the thanks that targets show, by target; those that the viewer may not see are missing.
func (s *Service) ThanksOn(ctx context.Context, viewer engawa.Actor, refs ...engawa.Ref) (found map[engawa.Ref]Thanks, err error) {
	ctx, o, err := s.begin(ctx, "reaction.ThanksOn", viewer, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	seen, err := s.may(ctx, viewer, refs)
	if err != nil || len(seen) == 0 {
		return nil, err
	}
	visible := refs[:0:0]
	for ref := range seen {
		visible = append(visible, ref)
	}
	all, err := s.store.ThanksOn(ctx, viewer.Tenant, visible)
	found = make(map[engawa.Ref]Thanks, len(all))
	for _, t := range all {
		found[t.Shown] = t
	}
	return found, err
}
