// Package sns puts the rooms together: what most hosts import.
//
//	store, err := bunstore.New(bunstore.Config{DB: db, Dialect: bunstore.PostgreSQL})
//	err = sns.Migrate(ctx, store) // once, or apply the output of sns.MigrationSQL(store)
//	s, err := sns.Open(ctx, sns.Config{Store: store, Directory: myDirectory})
//	go s.Run(ctx)                 // brings events to their consumers and does the chores until ctx ends
//
// From then on a host talks to the rooms themselves, such as [SNS.Feed], and inside its own transaction to those of a
// copy that is bound to it:
//
//	tx, err := db.BeginTx(ctx, nil)
//	approve(ctx, tx, item)
//	post, err := s.With(tx).Feed.Publish(ctx, actor, feed.NewPost{Space: space, Body: "稟議が承認されました"})
//	err = tx.Commit() // both or neither
//
// The rooms do not know one another. What one needs of another is adapted here.
//
// # Search
//
// With Config.Search an index follows the event log on every node, from where it says that it has come: one that is new,
// damaged, of another analysis, or behind what the log still has, is built anew beside the old one. Nobody who posts waits
// for it. What is retracted is out of the next search of the same node, and out of the others' within a poll; whoever has
// written finds it at once. Beside posts and comments the clauses of guidelines are found (kind:clause), by whoever may see
// the guideline, from the moment at which their version takes effect until another does or it is withdrawn; the ref of such a
// hit is that of [guideline.ClauseID], and its scope is that of the version. What has expired is neither found nor counted
// from that moment on, and an article counts as outdated from the day after that of its review: the first search after it
// brings the index up to date, by what each node remembers of the posts that it has indexed.
//
// While fifty posts a second come to a network of 3,000 (BenchmarkSearchWhilePosting), the slowest of a hundred searches
// took 0.6 to 1.3 times as long as while nobody wrote on SQLite, and 1.2 to 2.0 times on PostgreSQL (16 to 23 ms against 11
// to 14), in three runs on a quiet machine of two processors with the database on it; with other work on both, 1.7 to 2.2
// and 1.4 to 3.6 times (wanted: 3). Somebody else found a post within 0.04 s, with other work within 0.1 s.
//
// # Chores
//
// What comes up again and again is done by one node at a time, under a lease. Of a thousand posts scheduled for one minute,
// whose node was killed in the middle, the latest appeared 2.0 s after its time on PostgreSQL and 1.8 s on MariaDB, with a
// lease of 3 s (TestScheduledPostsAppearOnce, in its long form); 19.6 s on MariaDB with other work on both processors.
package sns
