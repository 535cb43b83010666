package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
)

// Gate decides what happens to a text before it is published. It is asked inside the transaction, after access was
// checked and before anything is written; what it needs of the database it reads through conn. It must not write, and
// the same draft must get the same answer from [Service.Preview].
type Gate interface {
	Judge(ctx context.Context, conn engawa.Conn, draft Draft) (Verdict, error)
}

// Foreseer is a [Gate] that asks the host's code, such as the Directory, before the transaction begins: inside one, a
// pool of one connection would wait for itself. What it returns comes back in [Draft].Foreseen. Of the draft's space only
// the id is known then, and of Answers nothing has been checked.
type Foreseer interface {
	Foresee(ctx context.Context, draft Draft) (any, error)
}

// Passer is a [Gate] that can tell ahead which drafts it lets through, whatever the database holds: those need no
// transaction in which it is asked. A draft of which Passes reports true gets no advice, and nothing is kept about it. It is
// asked after access was checked, and after Foresee.
type Passer interface {
	Passes(draft Draft) bool
}

// GateBinder is a [Gate] that can look things up inside a transaction of the host's.
type GateBinder interface {
	Bind(conn engawa.Conn) Gate
}

// Draft is a post, comment or edit that is about to be published.
type Draft struct {
	Author   engawa.Actor
	Standing engawa.Standing
	Space    Space
	// Answers is the post or comment that a comment answers; its zero value makes it a post.
	Answers engawa.Ref
	// Edits is the post or comment whose text is being changed; its zero value makes it a new one.
	Edits engawa.Ref
	Kind  Kind
	// Body is the text, with what else there is to read in Details, a line each.
	Body        string
	Details     Details
	Mentions    []engawa.PersonID
	Attachments []Attachment
	At          time.Time
	// Confirmed is the token of the [Verdict] to which the author said yes.
	Confirmed string
	// Foreseen is what [Foreseer] returned.
	Foreseen any
}

// Action is what a gate wants done.
type Action string

// The actions, from mild to strict.
const (
	// Allow publishes; there may be advice for the author.
	Allow Action = ""
	// Ask publishes only once the author has confirmed: the caller gets an [AskedError].
	Ask Action = "ask"
	// Delay publishes at the time in [Verdict].Until; the gate is asked again then.
	Delay Action = "delay"
	// Hold keeps the text as [Pending] until somebody decides.
	Hold Action = "hold"
	// Refuse publishes nothing and keeps nothing.
	Refuse Action = "refuse"
)

// Verdict is a gate's answer.
type Verdict struct {
	Action Action
	// Advice is for the author alone.
	Advice []Advice
	// Token is what a caller hands back as Confirmed after an Ask.
	Token string
	// Retract takes the post or comment that a held edit would change out of sight, until that is decided.
	Retract bool
	// Until is when to publish after a Delay.
	Until time.Time
	// Also is called inside the transaction once the text is published or kept, with what it became: for what the gate
	// keeps about it. Where it fails, nothing is published. A preview never calls it. Defaults to nothing.
	Also func(ctx context.Context, conn engawa.Conn, became engawa.Ref) error
}

// also does what the gate wants done, unless something has failed before.
func (v Verdict) also(ctx context.Context, conn engawa.Conn, became engawa.Ref, err error) error {
	if err != nil || v.Also == nil {
		return err
	}
	return v.Also(ctx, conn, became)
}

// foresee lets the gate ask what it has to before the transaction begins.
func (s *Service) foresee(ctx context.Context, w *writing, draft Draft) (err error) {
	if gate, ok := s.cfg.Gate.(Foreseer); ok {
		w.foreseen, err = gate.Foresee(ctx, draft)
	}
	return err
}

// Advice is one thing that a gate says to the author.
type Advice struct {
	// Code names the rule, Text says it, Rewrite is a better text, perhaps empty.
	Code    string
	Text    engawa.Message
	Rewrite string
}

// AskedError is the cause of an error of kind [engawa.Held]: the gate asks the author something.
type AskedError struct{ Verdict Verdict }

func (e *AskedError) Error() string { return "the author has not confirmed yet" }

// open is the gate that lets everything through.
type open struct{}

func (open) Judge(context.Context, engawa.Conn, Draft) (Verdict, error) { return Verdict{}, nil }

func (open) Passes(Draft) bool { return true }

// judge asks the gate and turns what is neither allowed nor held into an error.
func (s *Service) judge(ctx context.Context, conn engawa.Conn, draft Draft) (Verdict, error) {
	verdict, err := s.cfg.Gate.Judge(ctx, conn, draft)
	if err != nil {
		return Verdict{}, err
	}
	switch verdict.Action {
	case Allow, Delay, Hold:
		return verdict, nil
	case Ask:
		return verdict, &engawa.Error{Kind: engawa.Held, Message: msgAsked, Err: &AskedError{verdict}}
	}
	return verdict, &engawa.Error{Kind: engawa.Denied, Message: msgRefused, Err: &AskedError{verdict}}
}

// Preview asks the gate about a post without writing anything: what Publish would do with the same input now.
func (s *Service) Preview(ctx context.Context, by engawa.Actor, in NewPost) (verdict Verdict, err error) {
	ctx, o, err := s.begin(ctx, "feed.Preview", by)
	defer o.done(&err)
	if err != nil {
		return Verdict{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return Verdict{}, err
	}
	w, at, err := s.prepare(ctx, by, &in, s.draftOf)
	if err != nil {
		return Verdict{}, err
	}
	if err := s.foresee(ctx, &w, in.draft(w, Space{ID: in.Space}, at)); err != nil {
		return Verdict{}, err
	}
	err = s.store.Within(ctx, func(st Store, conn engawa.Conn) error {
		space, err := s.spaceFor(ctx, st, w.reader, in.Space, readable)
		if err != nil {
			return err
		}
		if err := w.mayPost(space); err != nil {
			return err
		}
		verdict, err = s.cfg.Gate.Judge(ctx, conn, in.draft(w, space, at))
		return err
	})
	return verdict, err
}

// PreviewComment asks the gate about a comment without writing anything.
func (s *Service) PreviewComment(ctx context.Context, by engawa.Actor, in NewComment) (verdict Verdict, err error) {
	ctx, o, err := s.begin(ctx, "feed.PreviewComment", by)
	defer o.done(&err)
	if err != nil {
		return Verdict{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return Verdict{}, err
	}
	w, err := s.draftOf(ctx, by, in.Body)
	if err != nil {
		return Verdict{}, err
	}
	if err := s.foresee(ctx, &w, in.draft(w)); err != nil {
		return Verdict{}, err
	}
	err = s.store.Within(ctx, func(st Store, conn engawa.Conn) error {
		thread, err := s.threadFor(ctx, st, w.reader, in.Post, in.Parent)
		if err != nil {
			return err
		}
		draft := w.draft(thread.space, thread.answers, in.Confirmed)
		draft.Attachments = in.Attachments
		verdict, err = s.cfg.Gate.Judge(ctx, conn, draft)
		return err
	})
	return verdict, err
}
