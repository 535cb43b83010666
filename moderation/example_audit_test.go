package moderation_test

import (
	"context"
	"fmt"

	"github.com/engawa-sns/engawa"
)

// The trail (監査証跡) is a chain of digests. Whoever keeps its head elsewhere finds any later change.
func ExampleService_VerifyAudit() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()
	id := h.reported()
	must(h.Claim(ctx, as("rev1"), id, ask(h.Case(ctx, as("rev1"), id)).Version))

	h.drain(h.AuditConsumer())
	for e, err := range h.Audit(ctx, steward()) {
		must(err)
		fmt.Println(e.N, e.Verb)
	}
	head := ask(h.VerifyAudit(ctx, steward()))
	ask(h.pool.ExecContext(ctx, h.store.Expand(`UPDATE {mod_audit} SET verb = 'case.returned' WHERE n = 4`)))
	_, err := h.VerifyAudit(ctx, steward(), head)
	fmt.Println(err)
	// Output:
	// 1 desk.changed
	// 2 case.opened
	// 3 report.filed
	// 4 case.claimed
	// the audit trail is not what was written: entry 4 was changed
}

// What the trail speaks of must still be what it was, too.
func ExampleService_VerifyRecords() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()
	h.reported()
	h.drain(h.AuditConsumer())

	fmt.Println(h.VerifyRecords(ctx, steward()))
	ask(h.pool.ExecContext(ctx, h.store.Expand(`UPDATE {mod_evidence} SET body = 'ありがとう'`)))
	fmt.Println(engawa.KindOf(h.VerifyRecords(ctx, steward())))
	// Output:
	// <nil>
	// conflict
}

// Who has left is named nowhere, and the trail still verifies: it holds a number that leads nowhere.
func ExampleService_Forget() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()
	id := h.reported()
	h.drain(h.AuditConsumer())

	must(h.Forget(ctx, system, "anna"))
	d := ask(h.Case(ctx, as("rev1"), id))
	fmt.Printf("%q %q %s\n", d.Author, d.Evidence[0].Text, d.State)
	fmt.Println(ask(h.VerifyAudit(ctx, steward())).N, "entries")
	// Output:
	// "" "<@bob> お前のせいだ" waiting
	// 3 entries
}
