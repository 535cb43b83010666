// Package reaction keeps what people say without words: reactions and stamps (リアクション, スタンプ) on anything, and thanks
// (感謝) from one person to others.
//
// Whoever reads a post and does not know what to answer can still press 「お疲れさま」, and who wrote it learns that they
// were read. So every tenant has a palette that suits a Japanese workplace from the first day ([DefaultPalette]), may add
// stamps of its own, and may say which kinds count as positive.
//
//	change, err := s.Toggle(ctx, reader, post.Ref(), "otsukaresama")
//	summaries, err := s.Summaries(ctx, reader, page...) // one query: counts, mine, and who came first
//
// # On anything
//
// A target is an [engawa.Ref]: a post, a comment, or an object of the host's own, such as a workflow item. Whoever keeps
// objects of a kind registers [Targets] for it, which say who may see one; that is asked at every read and write, and
// what somebody may not see is not found and never counted for them. This package stores no access of its own.
//
// # Thanks
//
// [Service.Thank] thanks one or several persons, with words and a value of the company (行動指針), and shows it as a post
// where a [Poster] is configured: the post, the thanks and their points are there together or not at all. Points are
// optional, see [Rules]: so many a week and so many at once, what is left at the end of the week is gone, and nobody
// thanks themselves. They are whole numbers: a total is shared in equal parts, and the remainder goes one by one to those
// who were named first. The ledger is only ever added to, and the rows of each thanks sum to zero:
//
//	giver      -10
//	receivers   +4 +3 +3   (10 among three)
//
// When two persons thank each other back and forth, points lose their worth: with r = the lesser of how often the giver
// thanked the receiver and was thanked by them in the last [DampDays] days, a share is divided by 2^(r-1) from the second
// round on (r ≥ 2); what is cut off stands in the ledger as damped. Nobody is told on: a steward sees the sum over all
// pairs, and only where at least [FarmingFloor] persons are part of it.
//
// # Leavers
//
// [Service.Forget] keeps every count and takes the name away: a reaction becomes one of the nameless ones of its target,
// which are numbers and cannot be told apart or linked.
//
// # Events
//
// Every change appends its event in the same transaction: the target as subject, its owner as the person concerned, and
// the number of the kind ([Kind.N]) as payload, which is what a notice needs.
//
// # Limits
//
// [MaxRefs] refs at once, [MaxKinds] kinds in a palette, [MaxReceivers] receivers of one thanks.
package reaction
