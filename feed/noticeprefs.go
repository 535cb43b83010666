package feed

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
)

// Digests is how often somebody who was away gets a digest.
type Digests string

// The choices.
const (
	DigestWeekly Digests = "" // at the beginning of the first working day of a week
	DigestDaily  Digests = "daily"
	DigestNever  Digests = "never"
)

// NoticePreferences are what a person wants to be told of, and how.
type NoticePreferences struct {
	// Channels are the channels of those kinds for which the person has chosen; an empty list is no notice at all. Kinds
	// that are missing have the defaults: inbox and push, and for reactions inbox alone.
	Channels map[NoticeKind][]Channel `json:"channels,omitempty"`
	// Digest defaults to weekly.
	Digest Digests `json:"digest,omitempty"`
}

// of are the channels of a kind.
func (p NoticePreferences) of(rule noticeRule) []Channel {
	if chosen, ok := p.Channels[rule.kind]; ok {
		return chosen
	}
	return rule.channels
}

func (p NoticePreferences) check() error {
	for kind, channels := range p.Channels {
		if _, ok := noticeRuleOf(kind); !ok {
			return invalid("Channels", msgNoNoticeKind.With(kind))
		}
		for _, c := range channels {
			if !slices.Contains(Channels(), c) {
				return invalid("Channels", msgNoChannel.With(c))
			}
		}
	}
	if !slices.Contains([]Digests{DigestWeekly, DigestDaily, DigestNever}, p.Digest) {
		return invalid("Digest", msgNoDigest.With(p.Digest))
	}
	return nil
}

// NoticePreferences are what the actor has chosen; [NoticeKinds] are what there is to choose.
func (s *Service) NoticePreferences(ctx context.Context, by engawa.Actor) (prefs NoticePreferences, err error) {
	ctx, o, err := s.begin(ctx, "feed.NoticePreferences", by)
	defer o.done(&err)
	if err != nil {
		return prefs, err
	}
	if by.IsSystem() {
		return prefs, denied("", msgNoAuthor)
	}
	all, err := s.store.NoticePrefs(ctx, by.Tenant, []engawa.PersonID{by.Person})
	return all[by.Person], err
}

// SetNoticePreferences replaces what the actor has chosen. It is for what happens from now on.
func (s *Service) SetNoticePreferences(ctx context.Context, by engawa.Actor, prefs NoticePreferences) (err error) {
	ctx, o, err := s.begin(ctx, "feed.SetNoticePreferences", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if by.IsSystem() {
		return denied("", msgNoAuthor)
	}
	if err := prefs.check(); err != nil {
		return err
	}
	if _, err := s.reader(ctx, by); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		return st.PutNoticePrefs(ctx, by.Tenant, by.Person, prefs)
	})
}

// ImportNotices are what a person wants to be told of.
type ImportNotices struct {
	Person engawa.PersonID
	NoticePreferences
}

// notices takes in what a person wants to be told of, unless they have chosen here.
func (in *importer) notices(ctx context.Context, item ImportNotices) error {
	if err := engawa.CheckHostID("person", string(item.Person)); err != nil {
		return err
	}
	if err := item.check(); err != nil {
		return err
	}
	have, err := in.st.NoticePrefs(ctx, in.by.Tenant, []engawa.PersonID{item.Person})
	if _, chosen := have[item.Person]; err != nil || chosen {
		return err
	}
	in.done.Further++
	return in.st.PutNoticePrefs(ctx, in.by.Tenant, item.Person, item.NoticePreferences)
}

// choices exports what people want to be told of.
func (x *exporter) choices(ctx context.Context) error {
	return x.everybody(ctx, func(p engawa.PersonID) error {
		all, err := x.store.NoticePrefs(ctx, x.tenant, []engawa.PersonID{p})
		if prefs, chosen := all[p]; chosen {
			x.emit(ImportItem{Notices: &ImportNotices{p, prefs}})
		}
		return err
	})
}
