package sns

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"path"
	"strconv"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/hourstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// Import is how records of another system come in.
type Import struct {
	Tenant engawa.TenantID
	// System names the other system and workspace, such as "slack:T1": what it calls a thing tells whether the thing has
	// come before. Defaults to the source in the stream's version record.
	System string
	// Person is the host's id for a person of the other system. Defaults to the same id.
	Person func(id string) engawa.PersonID
	// Progress is called after each batch. Defaults to nothing.
	Progress func(ImportReport)
}

// whom is a mapping of persons, by default to the same id, under which nobody stays nobody, and who has left has left.
func whom(person func(id string) engawa.PersonID) func(id string) engawa.PersonID {
	return func(id string) engawa.PersonID {
		if id == "" || person == nil || engawa.PersonID(id) == feed.Former {
			return engawa.PersonID(id)
		}
		return person(id)
	}
}

// ImportReport is what an import did.
type ImportReport struct {
	Spaces    int `json:"spaces"`
	People    int `json:"people"`
	Posts     int `json:"posts"`
	Comments  int `json:"comments"`
	Reactions int `json:"reactions"`
	Thanks    int `json:"thanks,omitempty"`
	// Further counts what came with them: states, acknowledgements, votes, templates, duties and working hours, what people block,
	// mute, keep and follow, and what the search was taught.
	Further int `json:"further,omitzero"`
	// Skipped counts what could not be taken in, each with its reason in Problems while there is room.
	Skipped int `json:"skipped"`
	// Already counts what an earlier run had taken in.
	Already int `json:"already"`
	// Problems are the first hundred of those that could not be taken in.
	Problems []ImportProblem `json:"-"`
}

// ImportProblem is one record that could not be taken in.
type ImportProblem struct {
	// Kind and ID are the record's, in the other system.
	Kind, ID string
	Err      error
}

const (
	importBatch = feed.MaxImport
	maxProblems = 100
)

// Import takes in a stream of records: each once, however often the stream is read, so an import that was interrupted
// is simply run again. Each record goes to its room: an export that was imported before there was one for
// reactions gives only those when it is imported again. Where the stream fails, what came before stays, and the error says where.
func (s *SNS) Import(ctx context.Context, records iter.Seq2[jsonl.Record, error], how Import) (report ImportReport, err error) {
	const op = "sns.Import"
	how.Person = whom(how.Person)
	var items []feed.ImportItem
	var moves, kept []jsonl.Record
	people := map[string]bool{}
	flush := func() error {
		if len(items)+len(moves)+len(kept) == 0 {
			return nil
		}
		if how.System == "" {
			return &engawa.Error{Kind: engawa.Invalid, Message: msgNoSystem}
		}
		done, err := s.Feed.Import(ctx, engawa.System(how.Tenant), how.System, items)
		if err != nil {
			return err
		}
		items = items[:0]
		report.add(done)
		if err := s.importReactions(ctx, how, moves, &report); err != nil {
			return err
		}
		moves = moves[:0]
		if err := s.importSearch(ctx, how, kept, people, &report); err != nil {
			return err
		}
		kept = kept[:0]
		if how.Progress != nil {
			how.Progress(report)
		}
		return nil
	}
	for record, err := range records {
		if err != nil {
			if flushed := flush(); flushed != nil {
				err = errors.Join(err, flushed)
			}
			return report, engawa.Wrap(op, err)
		}
		switch r := record.(type) {
		case jsonl.Version:
			if how.System == "" {
				how.System = r.Source
			}
		case jsonl.Kind, jsonl.Reaction, jsonl.Thanks:
			moves = append(moves, r)
		case jsonl.Synonyms, jsonl.Word, jsonl.SavedSearch:
			kept = append(kept, r)
		case jsonl.Hours:
			if err := s.importHours(ctx, how, r); err != nil {
				return report, engawa.Wrap(op, err)
			}
			report.Further++
		case jsonl.Policy:
			by := engawa.System(how.Tenant)
			if _, err := s.Moderation.DraftPolicy(ctx, by, r.File, []byte(r.Source)); err != nil {
				if engawa.KindOf(err) != engawa.Invalid {
					return report, engawa.Wrap(op, err)
				}
				report.Skipped++
				report.problem(r.Type(), r.File, err)
				continue
			}
			report.Further++
		case jsonl.Guideline:
			if err := flush(); err != nil { // its space may be among those that wait
				return report, engawa.Wrap(op, err)
			}
			if err := s.importGuideline(ctx, how, r); err != nil {
				if !skips(err) {
					return report, engawa.Wrap(op, err)
				}
				report.Skipped++
				report.problem(r.Type(), r.Title, err)
				continue
			}
			report.Further++
		case jsonl.Report, jsonl.Strike, jsonl.Acceptance, jsonl.Learning, jsonl.Seat, jsonl.Offer, jsonl.Gap: // of one person's export, which is to be read
			report.Skipped++
		default:
			if p, ok := r.(jsonl.Person); ok {
				people[p.ID] = true
			}
			items = append(items, how.item(r))
		}
		if len(items)+len(moves)+len(kept) == importBatch {
			if err := flush(); err != nil {
				return report, engawa.Wrap(op, err)
			}
		}
	}
	return report, engawa.Wrap(op, flush())
}

func (r *ImportReport) add(done feed.Imported) {
	r.Spaces += done.Spaces
	r.People += done.People
	r.Posts += done.Posts
	r.Comments += done.Comments
	r.Further += done.Further
	r.Already += done.Already
	r.Skipped += len(done.Skipped)
	for _, s := range done.Skipped {
		r.problem(s.Kind, s.ID, s.Err)
	}
}

func (r *ImportReport) problem(kind, id string, err error) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, ImportProblem{kind, id, err})
	}
}

// item is a record in the feed's terms.
func (how Import) item(record jsonl.Record) feed.ImportItem {
	switch r := record.(type) {
	case jsonl.Person:
		return feed.ImportItem{Person: &feed.ImportPerson{ID: r.ID, Person: how.Person(r.ID)}}
	case jsonl.Space:
		return feed.ImportItem{Space: how.space(r)}
	case jsonl.Member:
		return feed.ImportItem{Member: &feed.ImportMember{Space: r.Space, Person: how.Person(r.Person), Host: r.Host, At: r.At}}
	case jsonl.Follow:
		return feed.ImportItem{Follow: &feed.ImportFollow{Person: how.Person(r.Person), Followed: how.Person(r.Followed), At: r.At}}
	case jsonl.Post:
		details, problem := feed.UnpackDetails(feed.Kind(r.Kind), string(r.Details), how.Person)
		return feed.ImportItem{Post: &feed.ImportPost{
			Details: details, Problem: invalidDetails(problem),
			ID: r.ID, Space: r.Space, Author: how.Person(r.Author), Kind: feed.Kind(r.Kind), Body: how.body(r.Body),
			Attachments: attachments(r.Attachments), PublishedAt: r.PublishedAt, EditedAt: r.EditedAt, ExpiresAt: r.ExpiresAt,
			Retracted: how.mark(r.Retracted),
		}}
	case jsonl.Comment:
		return feed.ImportItem{Comment: &feed.ImportComment{
			ID: r.ID, Post: r.Post, Space: r.Space, Parent: r.Parent, Author: how.Person(r.Author), Body: how.body(r.Body),
			Attachments: attachments(r.Attachments), PublishedAt: r.PublishedAt, EditedAt: r.EditedAt, Retracted: how.mark(r.Retracted),
		}}
	}
	return how.further(record)
}

// invalidDetails says in the feed's terms that details cannot be read.
func invalidDetails(err error) error {
	if err == nil {
		return nil
	}
	return &engawa.Error{Kind: engawa.Invalid, Err: err}
}

// further is what comes with posts and spaces.
func (how Import) further(record jsonl.Record) feed.ImportItem {
	switch r := record.(type) {
	case jsonl.Status:
		return feed.ImportItem{Status: &feed.ImportStatus{
			Post: r.Post, What: feed.StatusKind(r.What), By: how.Person(r.By), At: r.At, Entry: r.Entry, Person: how.Person(r.Person),
		}}
	case jsonl.Ack:
		return feed.ImportItem{Ack: &feed.ImportAck{Post: r.Post, Edition: r.Edition, Person: how.Person(r.Person), At: r.At}}
	case jsonl.Vote:
		return feed.ImportItem{Vote: &feed.ImportVote{Post: r.Post, Choices: r.Choices, Person: how.Person(r.Person), Count: r.Count, At: r.At}}
	case jsonl.Template:
		return feed.ImportItem{Template: &feed.ImportTemplate{ID: r.ID, Space: r.Space, Template: feed.Template{
			Name: r.Name, Kind: feed.Kind(r.Kind), Body: how.body(r.Body), Example: how.body(r.Example), Place: r.Place, By: how.Person(r.By), At: r.At,
		}}}
	case jsonl.Notices:
		prefs := feed.NoticePreferences{Digest: feed.Digests(r.Digest), Channels: map[feed.NoticeKind][]feed.Channel{}}
		for kind, channels := range r.Channels {
			chosen := []feed.Channel{}
			for _, c := range channels {
				chosen = append(chosen, feed.Channel(c))
			}
			prefs.Channels[feed.NoticeKind(kind)] = chosen
		}
		return feed.ImportItem{Notices: &feed.ImportNotices{Person: how.Person(r.Person), NoticePreferences: prefs}}
	case jsonl.Duty:
		return feed.ImportItem{Duty: &feed.ImportDuty{Space: r.Space, Person: how.Person(r.Person), AskedBy: how.Person(r.AskedBy), At: r.At}}
	case jsonl.Retention:
		return feed.ImportItem{Retention: &feed.ImportRetention{Space: r.Space, Days: r.Days, By: how.Person(r.By), At: r.At}}
	case jsonl.Hold:
		return feed.ImportItem{Hold: &feed.ImportHold{
			Space: r.Space, Person: how.Person(r.Person), Why: r.Why, By: how.Person(r.By), At: r.At, Lifted: how.mark(r.Lifted),
		}}
	case jsonl.Reminder:
		return feed.ImportItem{Reminder: &feed.ImportReminder{Post: r.Post, Person: how.Person(r.Person), At: r.At}}
	case jsonl.Receipts:
		return feed.ImportItem{Receipts: &feed.ImportReceipts{Person: how.Person(r.Person), Rule: feed.ReceiptRule(r.Rule)}}
	case jsonl.Block:
		return feed.ImportItem{Block: &feed.ImportBlock{Person: how.Person(r.Person), Blocked: how.Person(r.Blocked), At: r.At}}
	case jsonl.Mute:
		m := &feed.ImportMute{Person: how.Person(r.Person), What: feed.MutePerson, Muted: how.Person(r.Muted), At: r.At}
		switch {
		case r.Post != "":
			m.What, m.ID = feed.MuteThread, r.Post
		case r.Space != "":
			m.What, m.ID = feed.MuteSpace, r.Space
		}
		return feed.ImportItem{Mute: m}
	case jsonl.Bookmark:
		return feed.ImportItem{Bookmark: &feed.ImportBookmark{Post: r.Post, Person: how.Person(r.Person), At: r.At}}
	case jsonl.Watch:
		return feed.ImportItem{Watch: &feed.ImportWatch{Person: how.Person(r.Person), Post: r.Post, Tag: r.Tag, At: r.At}}
	}
	return feed.ImportItem{}
}

// importHours takes in working hours, unless there are some.
func (s *SNS) importHours(ctx context.Context, how Import, r jsonl.Hours) error {
	of := hourstore.Tenant()
	switch {
	case r.Org != "":
		of = hourstore.Org(engawa.OrgID(r.Org))
	case r.Person != "":
		of = hourstore.Person(how.Person(r.Person))
	}
	if _, ok, err := s.Hours.Stored(ctx, how.Tenant, of); ok || err != nil {
		return err
	}
	var h calendar.Hours
	if err := json.Unmarshal(r.Hours, &h); err != nil {
		return &engawa.Error{Kind: engawa.Invalid, Err: err}
	}
	return s.Hours.Put(ctx, engawa.System(how.Tenant), of, h)
}

func (how Import) space(r jsonl.Space) *feed.ImportSpace {
	sp := &feed.ImportSpace{ID: r.ID, CreatedAt: r.CreatedAt, Archived: r.Archived, NewSpace: feed.NewSpace{
		Name: r.Name, Purpose: feed.Purpose{Why: r.Why, For: r.For, NotFor: r.NotFor}, Join: feed.JoinPolicy(r.Join), Secret: r.Secret,
		Posts: feed.PostPolicy(r.Posts),
	}}
	sp.CreatedBy = how.Person(r.CreatedBy)
	for _, host := range r.Hosts {
		sp.Hosts = append(sp.Hosts, how.Person(host))
	}
	for _, a := range r.Access {
		k := feed.Key{Kind: feed.KeyKind(a.Kind)}
		switch k.Kind {
		case feed.KeyOrg, feed.KeyOrgBelow:
			k.Org = engawa.OrgID(a.Value)
		case feed.KeyRank:
			k.Rank, _ = strconv.Atoi(a.Value) // the reader has checked that it is a number
		case feed.KeyRole:
			k.Role = engawa.Role(a.Value)
		case feed.KeyPerson:
			k.Person = how.Person(a.Value)
		}
		sp.Access = append(sp.Access, k)
	}
	return sp
}

func attachments(all []jsonl.Attachment) []feed.Attachment {
	var out []feed.Attachment
	for _, a := range all {
		if a.Name == "" {
			a.Name = path.Base(a.Ref)
		}
		out = append(out, feed.Attachment{Ref: a.Ref, Name: a.Name, MediaType: a.MediaType, Size: a.Size})
	}
	return out
}

// body maps the persons mentioned in a text.
func (how Import) body(text string) string {
	mapped, err := feed.MapMentions(text, how.Person)
	if err != nil {
		return text // the feed will say what is wrong with it
	}
	return mapped
}

func (how Import) mark(r *jsonl.Retracted) *feed.Mark {
	if r == nil {
		return nil
	}
	return &feed.Mark{By: how.Person(r.By), At: r.At, Why: r.Why}
}
