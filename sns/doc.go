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
package sns
