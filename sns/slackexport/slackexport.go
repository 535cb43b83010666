// Package slackexport reads the ZIP that Slack's "Export data" gives as a stream of [jsonl.Record].
//
//	export, err := slackexport.OpenFile("export.zip", slackexport.Options{})
//	defer export.Close()
//	for record, err := range export.Records() { … }
//	fmt.Println(export.Skipped())
//
// # What becomes of what
//
//   - users.json and org_users.json: persons. Deleted users have left. Whoever is named only in a message or a list of
//     members gets a record too, as one who has left; the author of a bot_message is "bot:" and its bot_id.
//   - channels.json: open spaces for everyone; the general channel is joined by everybody. groups.json: secret spaces by
//     invitation, for their members. The purpose, or else the topic, says why; the creator is the host. A creation
//     before 2013, when Slack did not exist, is a placeholder and left out.
//   - Messages: posts, with the id CHANNEL/TS. Replies: comments on the post of their thread. A thread_broadcast is a
//     reply and nothing else. Where the root of a thread is missing, its first reply is the post and the others comment
//     on it. Messages without subtype and file_share, thread_broadcast, me_message and bot_message are taken.
//   - Text: see the grammar of package feed/body. Emphasis, code, quotations, links and mentions are converted, emoji
//     shortcodes stay. Where a message has no text, that of its attachments or else its blocks is taken.
//   - Files: attachments whose ref is Slack's id of the file. The file itself is not in an export.
//   - Reactions: one for each person, without skin tone: :+1::skin-tone-2: is "+1". The rest of a count that is greater
//     than the list of persons is one record with a count.
//
// Direct messages (dms.json, mpims.json) are private and skipped, and so are other subtypes, deleted files and all other
// files of the export; [Export.Skipped] counts them by reason.
//
// # Order and memory
//
// The records of a channel are in the order of their time, replies among them, but never before their root. For that the
// messages of one channel are held in memory at a time; [Limits] bound them and everything else that a hostile archive
// could ask for. Nothing is extracted to disk, so names of entries that climb out of a folder do no harm.
//
// # Errors
//
// Errors are *[engawa.Error] and name the entry and the line: meeting-01/2024-04-01.json:12. What came before has been
// yielded then, also from the same file; nothing comes after.
package slackexport

import (
	"archive/zip"
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
	// Name stands in errors. Defaults to the file's name, or to "export.zip".
	Name string
	// Source is what the version record gives as source. Defaults to "slack:" and the first team id in users.json, or
	// "slack" where there is none.
	Source string
	Limits Limits
}

// Limits bound what is read. The defaults take exports of companies of some ten thousand people.
type Limits struct {
	// Entries is the greatest number of files and folders. Defaults to 500,000.
	Entries int
	// EntryBytes is the greatest size of one file, uncompressed. Defaults to 64 MiB.
	EntryBytes int64
	// ChannelBytes is the greatest size of all files of one channel, uncompressed: it bounds the memory that is needed.
	// Defaults to 512 MiB.
	ChannelBytes int64
	// TotalBytes is the greatest size of all files that are read, uncompressed. Defaults to 16 GiB.
	TotalBytes int64
	// Ratio is the greatest ratio of uncompressed to compressed size of a file of more than 1 MiB. Defaults to 200:
	// messages compress to a tenth or so, zip bombs to a thousandth.
	Ratio int64
}

// Export is an open export. It is not for concurrent use.
type Export struct {
	zip     *archive
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

// Open opens an export of the given size in bytes. An archive that is no ZIP or no export is an error of kind Invalid,
// one over a limit TooLarge.
func Open(r io.ReaderAt, size int64, opts Options) (*Export, error) {
	if opts.Name == "" {
		opts.Name = "export.zip"
	}
	set := func(limit *int64, to int64) {
		if *limit <= 0 {
			*limit = to
		}
	}
	if opts.Limits.Entries <= 0 {
		opts.Limits.Entries = 500_000
	}
	set(&opts.Limits.EntryBytes, 64<<20)
	set(&opts.Limits.ChannelBytes, 512<<20)
	set(&opts.Limits.TotalBytes, 16<<30)
	set(&opts.Limits.Ratio, 200)
	z, err := zip.NewReader(r, size)
	if err != nil && z == nil {
		return nil, &engawa.Error{Kind: engawa.Invalid, Subject: opts.Name, Message: msgZip.With(err)}
	}
	a, err := newArchive(z, opts)
	if err != nil {
		return nil, err
	}
	return &Export{zip: a, opts: opts, skipped: map[string]int{}}, nil
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
		s := &stream{zip: e.zip, opts: e.opts, yield: yield, skipped: map[string]int{}, people: map[string]bool{}}
		s.zip.read = 0
		s.run()
		e.skipped = s.skipped
	}
}

// Skipped counts what the last run through [Export.Records] left out, by reason: "subtype channel_join", "direct
// conversation", "duplicate", "empty message", "file mode tombstone", "file integration_logs.json" and so on.
func (e *Export) Skipped() map[string]int { return maps.Clone(e.skipped) }

// stream is one run through an export.
type stream struct {
	zip     *archive
	opts    Options
	yield   func(jsonl.Record, error) bool
	skipped map[string]int
	people  map[string]bool // those whose record was yielded
	names   map[string]string
	stopped bool
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

func (s *stream) run() {
	users, err := s.users()
	if err != nil {
		s.fail(err)
		return
	}
	source := s.opts.Source
	if source == "" {
		source = "slack"
		for _, u := range users {
			if u.TeamID != "" {
				source = "slack:" + u.TeamID
				break
			}
		}
	}
	start := place{entry: s.opts.Name}
	if !s.emit(jsonl.Version{Version: jsonl.CurrentVersion, Source: source, Generator: "slackexport"}, start) {
		return
	}
	for _, u := range users {
		if !s.person(u.record(), u.place) {
			return
		}
	}
	channels, err := s.channels()
	if err != nil {
		s.fail(err)
		return
	}
	s.names = map[string]string{}
	for _, c := range channels {
		s.names[c.ID] = c.Name
	}
	for _, c := range channels {
		if !s.channel(c) {
			return
		}
	}
	s.countOthers(channels)
}
