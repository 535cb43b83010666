// Package mattermostexport reads the bulk export of Mattermost (mmctl export create) as a stream of [jsonl.Record]: a
// JSONL file, or the ZIP that holds it.
//
//	export, err := mattermostexport.OpenFile("export.zip", mattermostexport.Options{})
//	defer export.Close()
//	for record, err := range export.Records() { … }
//	fmt.Println(export.Skipped())
//
// # What becomes of what
//
//   - user and bot: persons, whose id is the username. Those with delete_at have left. Whoever is named only in a message
//     gets a record too, as one who has left.
//   - channel: spaces, with the id TEAM/CHANNEL. An open channel is open to everyone, and town-square is joined by
//     everybody; a private one is a secret space by invitation. An open channel of a team that is itself by invitation
//     (type I) is treated as private where the export has several teams. The purpose, or else the header, says why; the
//     channel's administrators are the hosts. Memberships stand in the lines of users.
//   - post: posts. Replies: comments on their post, by time. A root without text and files is left out, and its first
//     reply takes its place.
//   - Text: see the grammar of package feed/body. @username is a mention where there is such a user, outside of code;
//     ~channel becomes #name of the channel, as text. Headings become bold, underscores of emphasis stars, images links.
//     Where a message has no text, that of its attachments in props is taken.
//   - Files: attachments whose ref is the path in the export where it is short enough, or else its last two parts, which
//     are Mattermost's id of the file and the name.
//   - Reactions: one for each person, without skin tone.
//
// Direct channels and posts are private and skipped, and so are messages of the system, schemes, roles and emoji;
// [Export.Skipped] counts them by reason.
//
// # Identity
//
// An export has no ids of messages. That of a post is made of its channel, author, time and text, that of a reply of
// those and its post's: the same in every export until somebody edits the text. A message that stands there twice has the
// same id, and an import takes the first.
//
// # Order and memory
//
// Spaces come once all users were read, since users carry the memberships; posts come in the order of the file, which is
// not that of time. What is held in memory is the people, channels and memberships, and one line, which has a post with
// all its replies; [Limits] bound lines and files.
//
// # Errors
//
// Errors are *[engawa.Error] and name the file and the line: import.jsonl:12. What came before has been yielded then;
// nothing comes after.
package mattermostexport

import (
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// Options say how an export is read.
type Options struct {
	// Name stands in errors. Defaults to the file's name, or to "export.jsonl".
	Name string
	// Source is what the version record gives as source: take one for each server. Defaults to "mattermost".
	Source string
	Limits Limits
}

// Limits bound what is read.
type Limits struct {
	// LineBytes is the greatest length of a line, which holds a post with all its replies: it bounds the memory that is
	// needed. Defaults to 64 MiB.
	LineBytes int
	// TotalBytes is the greatest size of the file, uncompressed. Defaults to 16 GiB.
	TotalBytes int64
	// Entries is the greatest number of files and folders in a ZIP. Defaults to 5,000,000.
	Entries int
	// Ratio is the greatest ratio of uncompressed to compressed size in a ZIP. Defaults to 200.
	Ratio int64
}

// Export is an open export. It is not for concurrent use.
type Export struct {
	file    *file
	opts    Options
	close   io.Closer
	skipped map[string]int
}

// OpenFile opens an export by its path. Close it at the end.
func OpenFile(path string, opts Options) (*Export, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &engawa.Error{Kind: engawa.Unavailable, Err: err}
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, &engawa.Error{Kind: engawa.Unavailable, Err: err}
	}
	if opts.Name == "" {
		opts.Name = filepath.Base(path)
	}
	e, err := Open(f, info.Size(), opts)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	e.close = f
	return e, nil
}

// Open opens an export of the given size in bytes. A ZIP without an export is an error of kind Invalid, one over a limit
// TooLarge.
func Open(r io.ReaderAt, size int64, opts Options) (*Export, error) {
	if opts.Name == "" {
		opts.Name = "export.jsonl"
	}
	if opts.Source == "" {
		opts.Source = "mattermost"
	}
	if opts.Limits.LineBytes <= 0 {
		opts.Limits.LineBytes = 64 << 20
	}
	if opts.Limits.TotalBytes <= 0 {
		opts.Limits.TotalBytes = 16 << 30
	}
	if opts.Limits.Entries <= 0 {
		opts.Limits.Entries = 5_000_000
	}
	if opts.Limits.Ratio <= 0 {
		opts.Limits.Ratio = 200
	}
	f, err := newFile(r, size, opts)
	if err != nil {
		return nil, err
	}
	return &Export{file: f, opts: opts, skipped: map[string]int{}}, nil
}

// Close closes the file that [OpenFile] opened.
func (e *Export) Close() error {
	if e.close == nil {
		return nil
	}
	return e.close.Close()
}

// Records yields all records, the version first. It ends after the first error, which it yields with a nil record. It
// can be ranged over again, and gives the same records.
func (e *Export) Records() iter.Seq2[jsonl.Record, error] {
	return func(yield func(jsonl.Record, error) bool) {
		s := &stream{
			opts: e.opts, yield: yield, skipped: map[string]int{}, people: map[string]bool{}, users: map[string]bool{},
			teams: map[string]team{}, channels: map[channelKey]*channel{}, named: map[string]string{},
		}
		lines, err := e.file.lines()
		if err != nil {
			s.fail(err)
		} else {
			s.run(lines)
			lines.close()
		}
		e.skipped = s.skipped
	}
}

// Skipped counts what the last run through [Export.Records] left out, by reason: "direct post", "system message", "empty
// message", "emoji" and so on.
func (e *Export) Skipped() map[string]int { return maps.Clone(e.skipped) }

// stream is one run through an export.
type stream struct {
	opts    Options
	yield   func(jsonl.Record, error) bool
	skipped map[string]int
	stopped bool

	people map[string]bool // those whose record was yielded
	users  map[string]bool // those who can be mentioned

	teams    map[string]team
	channels map[channelKey]*channel
	order    []*channel
	named    map[string]string // display names by name, of channels that are the only ones of that name
	talking  bool              // the spaces have been yielded
}

// emit yields a record and reports whether to go on.
func (s *stream) emit(r jsonl.Record, at place) bool {
	if s.stopped {
		return false
	}
	if err := jsonl.Check(r); err != nil {
		return s.fail(at.error(err))
	}
	s.stopped = !s.yield(r, nil)
	return !s.stopped
}

func (s *stream) fail(err error) bool {
	if !s.stopped {
		s.stopped = true
		s.yield(nil, err)
	}
	return false
}

func (s *stream) skip(reason string) { s.skipped[reason]++ }

func (s *stream) run(in *lines) {
	begun := false
	for {
		var l line
		at, err := in.next(&l)
		if err == io.EOF {
			break
		}
		if err != nil {
			s.fail(err)
			return
		}
		if !begun {
			begun = true
			if l.Type != "version" {
				s.fail(at.invalid(msgNoVersion))
				return
			}
			if l.Version != 1 {
				s.fail(at.invalid(msgVersion.With(l.Version)))
				return
			}
			if !s.emit(jsonl.Version{Version: jsonl.CurrentVersion, Source: s.opts.Source, Generator: "mattermostexport"}, at) {
				return
			}
			continue
		}
		if !s.line(l, at) {
			return
		}
	}
	if !begun {
		s.fail(place{s.opts.Name, 1}.invalid(msgNoVersion))
		return
	}
	s.talk()
}

// line takes one line and reports whether to go on.
func (s *stream) line(l line, at place) bool {
	needs := func(there bool) bool { return there || s.fail(at.invalid(msgNothing.With(l.Type, l.Type))) }
	switch l.Type {
	case "version":
		return s.fail(at.invalid(msgVersionAgain))
	case "team":
		if !needs(l.Team != nil) {
			return false
		}
		s.teams[l.Team.Name] = *l.Team
	case "channel":
		return needs(l.Channel != nil) && s.channel(*l.Channel, at)
	case "user":
		return needs(l.User != nil) && s.user(*l.User, at)
	case "bot":
		return needs(l.Bot != nil) && s.bot(*l.Bot, at)
	case "post":
		return needs(l.Post != nil) && s.talk() && s.post(*l.Post, at)
	case "direct_channel":
		s.skip("direct channel")
	case "direct_post":
		s.skip("direct post")
	case "scheme", "role", "emoji":
		s.skip(l.Type)
	case "":
		return s.fail(at.invalid(msgNoType))
	default:
		s.skip("type " + label(l.Type))
	}
	return true
}
