// Package event tells what happened, in order, to whoever needs to know.
//
// Every write of every room appends its events in the same transaction as the write itself, so an event exists exactly
// if what it tells of does. Consumers (a search index, counters, notices, webhooks, the host's own) read them later:
// each under its own name, at its own pace, at least once, and in order for each subject. An event carries ids and
// never a body, and a consumer reads the state again by id; that makes a repeated event harmless.
//
//	relay := event.NewRelay(event.Config{Store: store, Consumers: []event.Consumer{{
//		Name:   "mail",
//		Handle: func(ctx context.Context, e event.Event) error { … },
//	}}})
//	err := relay.Run(ctx) // until ctx ends; or relay.Drain(ctx) in tests and small hosts
//
// # Order
//
// Transactions commit in another order than they begin, so a row's id cannot be its place in the log: whoever reads
// "everything above the last id" skips what commits late. Writers therefore insert events without a place, and one
// sequencer at a time stamps the rows that have committed with a dense [Event.Seq]. A subject's version is taken under
// that subject's row lock, so an event can only be seen once the one before it has committed, and within one stamping
// the versions decide. No open transaction, of this database or a neighbour, holds anything up.
//
// # When a consumer fails
//
// The event is parked, with those of the same subject that follow it; the events of all other subjects go on. A parked
// subject is tried again with growing pauses. After [Config.MaxAttempts] failures it is stuck: it shows in
// [Relay.Status] until somebody calls [Relay.Retry] or [Relay.Drop].
//
// The context of a call ends after [Config.HandleTimeout]. A call that does not heed it is left to itself: the events of
// other subjects go on, and those of its own subject wait until it has returned.
//
// # Several nodes
//
// Any number of processes may run a relay over one database. A consumer runs on the one that holds its lease. Leases
// are counters and not times: a node that sees the counter stand still for [Config.LeaseTTL] of its own clock takes
// over, so clocks that differ or jump do no harm. A node that was thought dead and comes back finds that its cursor no
// longer moves, and the events that both handled were handled twice: at least once is the promise.
//
// A consumer that is PerNode runs on every node with a cursor of its own, for what a node keeps locally, such as a
// search index. Where a node is silent for [Config.NodeTTL], its cursors are forgotten, and it begins with a Rebuild
// when it comes back.
//
// # What it costs
//
// The consumers of a node look at the log together when it is woken, and know their places for as long as they hold their
// leases, so one that does not want an event asks the storage for nothing and writes its cursor every [Config.Poll] only;
// [Status.Lag] is behind by as much. One that has handled all there was rests for a twentieth of a second, and handles what
// has come meanwhile together. In a network of package sns with ten consumers a post took 22 statements on SQLite and 26 on
// PostgreSQL where fifty a second came, all that is done for it together; 107 and 95 before.
//
// # Caveats
//
// Events are shared between consumers: a Handle or Hear must not change the bytes of a Payload.
//
// A consumer that must not act twice on one event keeps its own record of [Event.Seq]. Handled events are purged after
// [Config.Keep]; a consumer that is registered later starts with its Rebuild.
package event
