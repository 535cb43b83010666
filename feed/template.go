package feed

import (
	"context"
	"regexp"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Template (ひな形) is a beginning for posts of a space: those who do not know what to write get a form and an example.
type Template struct {
	ID    engawa.ID
	Space engawa.ID
	// Name is shown in the list, such as "商談の記録".
	Name string `validate:"required,line=200"`
	// Kind is that of the posts. Defaults to Update.
	Kind Kind
	// Body is the form, in the syntax of a post, with placeholders such as {{お客様}}: see [Template.Fill].
	Body string `validate:"required,text=16384"`
	// Example is a post as it should look, for showing beside the form. Defaults to none.
	Example string `validate:"text=16384"`
	// Place orders the list, from low to high.
	Place int64
	// Version counts the changes; hand it back to change the template.
	Version int64
	By      engawa.PersonID
	At      time.Time
}

// MaxTemplates is the most templates that a space has.
const MaxTemplates = 50

var placeholder = regexp.MustCompile(`\{\{([^{}\n]{1,100})\}\}`)

// Placeholders are the names between {{ and }} in the form, in their order, each once.
func (t Template) Placeholders() []string {
	var names []string
	seen := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(t.Body, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			names = append(names, m[1])
		}
	}
	return names
}

// Fill is the form with values in place of its placeholders; those without a value stay for the author to fill in.
func (t Template) Fill(values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(t.Body, func(m string) string {
		if v, ok := values[m[2:len(m)-2]]; ok {
			return v
		}
		return m
	})
}

// PutTemplate creates a template, without an ID, or changes one. Those who look after the space may.
func (s *Service) PutTemplate(ctx context.Context, by engawa.Actor, t Template) (done Template, err error) {
	ctx, o, err := s.begin(ctx, "feed.PutTemplate", by)
	defer o.done(&err)
	if err != nil {
		return Template{}, err
	}
	if err := s.valid.Check(o.name, t); err != nil {
		return Template{}, err
	}
	t.Kind = kindOfPost(t.Kind, nil)
	if _, ok := rulesOf(t.Kind); !ok {
		return Template{}, invalid("Kind", msgNoKind.With(t.Kind))
	}
	for _, text := range []string{t.Body, t.Example} {
		if text == "" {
			continue
		}
		if _, err := s.draftOf(ctx, by, text); err != nil {
			return Template{}, err
		}
	}
	err = s.inSpace(ctx, by, t.Space, event.TemplatePut, func(st Store) (bool, error) {
		done = t
		done.By, done.At, done.Version = by.Person, s.now(), t.Version+1
		if t.ID != 0 {
			return true, st.PutTemplate(ctx, by.Tenant, done)
		}
		all, err := st.Templates(ctx, by.Tenant, t.Space)
		if err != nil {
			return false, err
		}
		if len(all) >= MaxTemplates {
			return false, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(all)+1, MaxTemplates)}
		}
		done.Version = 1
		return true, s.fresh(func(id engawa.ID) error {
			done.ID = id
			return st.PutTemplate(ctx, by.Tenant, done)
		})
	})
	if err != nil {
		return Template{}, err
	}
	return done, nil
}

// DropTemplate deletes a template. Those who look after the space may.
func (s *Service) DropTemplate(ctx context.Context, by engawa.Actor, space, id engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.DropTemplate", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.inSpace(ctx, by, space, event.TemplateDropped, func(st Store) (bool, error) {
		return st.DropTemplate(ctx, by.Tenant, space, id)
	})
}

// inSpace changes something of a space for those who look after it.
func (s *Service) inSpace(ctx context.Context, by engawa.Actor, space engawa.ID, verb event.Verb, f func(Store) (bool, error)) error {
	r, err := s.reader(ctx, by)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		sp, err := s.spaceFor(ctx, st, r, space, readable)
		if err != nil {
			return err
		}
		if err := hosts(r, sp); err != nil {
			return err
		}
		changed, err := f(st)
		if err != nil || !changed {
			return err
		}
		return st.Append(ctx, s.tell(by, verb, sp.Ref(), sp.Version, sp.ID))
	})
}

// Templates are those of a space, in their order.
func (s *Service) Templates(ctx context.Context, by engawa.Actor, space engawa.ID) (all []Template, err error) {
	ctx, o, err := s.begin(ctx, "feed.Templates", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	if _, err := s.spaceFor(ctx, s.store, r, space, readable); err != nil {
		return nil, err
	}
	return s.store.Templates(ctx, by.Tenant, space)
}
