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
// # Several nodes
//
// Any number of processes may run a relay over one database. A consumer runs on the one that holds its lease. Leases
// are counters and not times: a node that sees the counter stand still for [Config.LeaseTTL] of its own clock takes
// over, so clocks that differ or jump do no harm. A node that was thought dead and comes back finds that its cursor no
// longer moves, and the events that both handled were handled twice: at least once is the promise.
//
// # Caveats
//
// A consumer that must not act twice on one event keeps its own record of [Event.Seq]. Handled events are purged after
// [Config.Keep]; a consumer that is registered later starts with its Rebuild.
package event
