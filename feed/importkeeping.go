package feed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/engawa-sns/engawa"
)

// ImportRetention is a rule of retention; Space is that of the other system, or empty for the tenant's rule.
type ImportRetention struct {
	Space string
	Days  int
	By    engawa.PersonID
	At    time.Time
}

// ImportHold is a legal hold; Space is that of the other system, or empty.
type ImportHold struct {
	Space  string
	Person engawa.PersonID
	Why    string
	By     engawa.PersonID
	At     time.Time
	Lifted *Mark
}

// ImportReminder is when somebody wants to be reminded of a post.
type ImportReminder struct {
	Post   string
	Person engawa.PersonID
	At     time.Time
}

// ImportReceipts is a rule of one person, or of everybody, for who shows what they have read.
type ImportReceipts struct {
	Person engawa.PersonID
	Rule   ReceiptRule
}

// The kinds of sources of what is kept for how long, and of reminders and receipts. What was taken in once is not taken
// in again: it may have been changed here.
const (
	kindRetention = "retention"
	kindReminder  = "reminder"
	kindReceipts  = "receipts"
)

// keeping is as reading, of what is kept and for how long.
func (in *importer) keeping(ctx context.Context, item ImportItem) (source Source, names []Source, add func() error) {
	space := func(id string) []Source {
		if id == "" {
			return nil
		}
		return []Source{{engawa.KindSpace, id}}
	}
	switch {
	case item.Retention != nil:
		r := *item.Retention
		return Source{kindRetention, "of " + r.Space}.short(), space(r.Space), func() error { return in.retention(ctx, r) }
	case item.Hold != nil:
		h := *item.Hold
		return holdSource(h), space(h.Space), func() error { return in.legalHold(ctx, h) }
	case item.Reminder != nil:
		r := *item.Reminder
		return Source{kindReminder, string(r.Person) + " " + r.Post}.short(), []Source{{engawa.KindPost, r.Post}}, func() error { return in.reminder(r) }
	case item.Receipts != nil:
		r := *item.Receipts
		return Source{kindReceipts, "of " + string(r.Person)}.short(), nil, func() error { return in.receipts(ctx, r) }
	}
	return Source{}, nil, nil
}

func holdSource(h ImportHold) Source {
	return Source{kindHold, fmt.Sprint(h.Space, " ", h.Person, " ", h.At.UnixMicro(), " ", h.Why)}.short()
}

// optionalSpace is the space of an id, or none of the empty id.
func (in *importer) optionalSpace(id string) (engawa.ID, error) {
	if id == "" {
		return 0, nil
	}
	return in.ref(engawa.KindSpace, id)
}

func (in *importer) retention(ctx context.Context, item ImportRetention) error {
	space, err := in.optionalSpace(item.Space)
	rule := Retention{Space: space, Days: item.Days, By: item.By, At: engawa.Micro(item.At)}
	if err == nil {
		err = checkWho(item.By, true, item.At)
	}
	if err == nil {
		err = in.valid.Check("", rule)
	}
	if err != nil {
		return err
	}
	source, _, _ := in.keeping(ctx, ImportItem{Retention: &item})
	in.took(source)
	err = in.st.PutRetention(ctx, in.by.Tenant, rule)
	if errors.Is(err, engawa.Conflict) {
		return nil // there is a rule of this tenant's own
	}
	return err
}

func (in *importer) legalHold(ctx context.Context, item ImportHold) error {
	space, err := in.optionalSpace(item.Space)
	hold := LegalHold{Space: space, Person: item.Person, Why: item.Why, By: item.By, At: engawa.Micro(item.At)}
	if err == nil {
		err = checkWho(item.By, true, item.At)
	}
	if err == nil && item.Lifted != nil {
		err = checkWho(item.Lifted.By, true, item.Lifted.At)
	}
	if err == nil {
		err = in.valid.Check("", hold)
	}
	if err != nil {
		return err
	}
	in.took(holdSource(item))
	err = in.Service.fresh(func(id engawa.ID) error {
		hold.ID = id
		return in.st.InsertLegalHold(ctx, in.by.Tenant, hold)
	})
	if err == nil && item.Lifted != nil {
		_, _, err = in.st.LiftLegalHold(ctx, in.by.Tenant, hold.ID, Mark{By: item.Lifted.By, At: engawa.Micro(item.Lifted.At)})
	}
	return err
}

func (in *importer) reminder(item ImportReminder) error {
	post, err := in.ref(engawa.KindPost, item.Post)
	if err == nil {
		err = checkWho(item.Person, false, item.At)
	}
	if err != nil {
		return err
	}
	in.took(Source{kindReminder, string(item.Person) + " " + item.Post}.short())
	in.after = append(in.after, func(ctx context.Context) error {
		return in.st.PutReminder(ctx, in.by.Tenant, item.Person, Kept{post, engawa.Micro(item.At)})
	})
	return nil
}

func (in *importer) receipts(ctx context.Context, item ImportReceipts) error {
	if item.Rule != ReceiptsShown && item.Rule != ReceiptsHidden {
		return invalid("Rule", msgReceiptRule)
	}
	if item.Person != "" {
		if err := engawa.CheckHostID("Person", string(item.Person)); err != nil {
			return err
		}
	}
	source, _, _ := in.keeping(ctx, ImportItem{Receipts: &item})
	in.took(source)
	_, err := in.st.SetReceipts(ctx, in.by.Tenant, item.Person, item.Rule, in.now())
	return err
}

// kept exports rules of retention and legal holds, which come before the posts, since they keep them, and whether
// everybody's receipts are hidden.
func (x *exporter) kept(ctx context.Context) error {
	text := func(space engawa.ID) string {
		if space == 0 {
			return ""
		}
		return space.String()
	}
	rules, err := x.store.Retentions(ctx, x.tenant)
	if err != nil {
		return err
	}
	for _, r := range rules {
		x.emit(ImportItem{Retention: &ImportRetention{text(r.Space), r.Days, r.By, r.At}})
	}
	holds, err := x.store.LegalHolds(ctx, x.tenant)
	if err != nil {
		return err
	}
	for _, h := range holds {
		x.emit(ImportItem{Hold: &ImportHold{text(h.Space), h.Person, h.Why, h.By, h.At, h.Lifted}})
	}
	_, all, err := x.store.Receipts(ctx, x.tenant, "")
	if all == ReceiptsHidden {
		x.emit(ImportItem{Receipts: &ImportReceipts{Rule: all}})
	}
	return err
}

// private exports of one person what they are to be reminded of, and whether they hide their receipts.
func (x *exporter) private(ctx context.Context, p engawa.PersonID) error {
	waits, err := x.store.Reminders(ctx, x.tenant, p, maxReminders)
	if err != nil {
		return err
	}
	for _, k := range waits {
		x.emit(ImportItem{Reminder: &ImportReminder{k.Post.String(), p, k.At}})
	}
	own, _, err := x.store.Receipts(ctx, x.tenant, p)
	if own == ReceiptsHidden {
		x.emit(ImportItem{Receipts: &ImportReceipts{p, own}})
	}
	return err
}
