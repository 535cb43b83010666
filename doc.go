// Package engawa (縁側) adds an internal social network (社内SNS) to groupware that exists already.
//
// This package is the vocabulary that every room of the house shares, and it needs nothing but the standard library.
// Read [Actor] (who is asking), [Directory] (the one thing that a host must provide), [Conn] (the host's own
// transaction), [Error] (what can go wrong and what to do next) and [Page] (how lists are read), and you can read the
// rest of the system.
//
// The rooms stand beside this package and none imports another: feed (spaces, posts, comments, timelines), and with
// it event (what happened, in order), calendar (working hours), bunstore (SQLite, PostgreSQL, MySQL and MariaDB
// through bun) and sns (the assembly that most hosts start from):
//
//	store, err := bunstore.New(bunstore.Config{DB: db, Dialect: bunstore.PostgreSQL})
//	s, err := sns.Open(ctx, sns.Config{Store: store, Directory: myDirectory})
//	post, err := s.With(tx).Feed.Publish(ctx, actor, feed.NewPost{Space: space, Body: "稟議が承認されました"})
//
// # What a host should know
//
//   - Ids of the host (tenants, persons, orgs) are opaque strings of at most 128 bytes. They are compared byte by byte.
//   - Ids of engawa's own rows are [ID]: 63 bits that sort by time. They are made before the commit, so a lower id may
//     appear after a higher one.
//   - Every call names its [Actor]; nothing is read from the context but deadlines, cancellation and tracing.
//   - Times are UTC and truncated to microseconds when they are written.
package engawa
