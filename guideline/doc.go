// Package guideline keeps the few rules that a network needs (ガイドライン): clear, shown by example, known, accepted and kept
// fresh.
//
// People do not post where they fear to do it wrong, and leave where nobody says what wrong is. So a [Document] has
// numbered clauses, each with its reason, good and bad example posts and the response to expect ([Clause]); [Lint] tells
// when they have become too many, too long or too strict; and [Service.Hints] brings the one that helps to whoever is
// writing, before the post is out.
//
//	doc, err := s.Import(ctx, steward, guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{})
//	v, err := s.Publish(ctx, steward, doc.ID, guideline.Publication{Edition: 1, Why: "first rules"})
//	_, err = s.Accept(ctx, tanaka, doc.ID, v.N)
//
// # Versions
//
// A document has numbered versions. The newest may be a draft, which stewards edit with an optimistic edition; from
// [Service.Publish] on it never changes, and it takes effect at its time by itself. Clauses keep their ids across versions
// and documents of a tenant, so that courses, cases and links outlive a new wording. [Service.Diff] shows two versions
// clause by clause, down to words; [Service.Changes] tells who changed what and why.
//
// # Acceptance
//
// [Service.Accept] adds a row to a ledger that nothing changes or deletes: who, which version with its SHA-256, when. People
// accept for themselves only. A later version needs to be accepted anew only when it, or one between, was published as
// material (重要な変更). Reading is voluntary, unless the tenant has a document ask before posting ([Asks]).
//
// What somebody accepted is shown word for word for ever: [Service.Accepted] to themselves, and by the id of the
// acceptance [Service.Receipt] also after they have left, when nothing names them any more. For that clauses may name no
// persons: write a role.
//
// # Nobody is listed
//
// Who has accepted, and who has not, is nobody's affair: stewards see a number ([Service.Counts]). Only of a document
// that the law demands of everybody ([Mandatory], 法定) stewards may list people, and each such look is itself a row that
// the people concerned can read ([Service.Looks]).
//
// # Hints
//
// Everything that hints and gates need of a tenant is compiled once and kept in memory. It follows the event log through
// [Service.Hear]; a host that runs no relay asks the store every five seconds. A hint then costs no read, nor does the check
// before a post of somebody who was seen to have accepted: acceptances are never taken back. Measured with 200 clauses and
// 1,930 keywords: hints for a draft of 300 characters take 17 µs.
//
// # Search
//
// [Service.Current] has what is in effect for somebody at this moment, for whoever shows or searches all of it: package sns
// lets a search find clauses by it. [ClauseID.Ref] points at one, and [Service.Clause] opens it.
//
// # Limits
//
// [MaxClauses] clauses a version, [MaxDocuments] documents a tenant; [Lint] speaks up long before.
package guideline
