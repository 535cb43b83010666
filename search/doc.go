// Package search finds what was written, in Japanese, by meaning, spelling and reading, and only what the reader may read.
//
// Whoever remembers that somebody once wrote about 年末調整 types 「年末調整」, 「ねんまつちょうせい」 or 「年末調正」-like slips, and
// finds the post, the comment or the article at once, the answer that was accepted before the question that was not:
//
//	s, err := search.New(search.Config{Engine: engine, Analyzer: analyzer, Reader: access, Sources: sources})
//	answer, err := s.Search(ctx, reader, search.Ask{Query: "有給休暇 申請 -パート from:田中 after:2026-04"})
//	for _, hit := range answer.Items { … hit.Text.Body, hit.Marks … }
//
// # How it works
//
// A [Document] is cut into terms by an [Analyzer] (package search/ja) and kept by an [Engine] (search/blevesearch,
// search/sqlsearch) without its text. A query is read ([ParseQuery]), turned into terms by the same analyzer, widened by the
// tenant's synonyms, and ranked by the [Ranking]; what is shown comes from the [Source], as the database has it now.
//
// # What the reader may read
//
// Every document has a [Scope]. Which scopes a viewer may read is asked of the [Reader] whenever somebody searches, and
// the engine applies the answer inside its loop, before anything is scored or counted: totals, facets, suggestions,
// similar questions and experts know nothing else. Every hit then passes the one [Door] before it is shown. A document
// that is gone is taken out by [Service.Hide] at once, and by [Service.Index] for good.
//
// # Keeping the index
//
// The index is a projection and may be thrown away. Whoever follows the event log calls [Service.Index] with the refs that
// changed and the position in the log; [Service.Repair] rebuilds the index where it was made by another analyzer or is
// damaged, beside the old one, which answers meanwhile.
//
// # Limits
//
// [MaxQuery] bytes and [MaxQueryWords] words of a query are used, [MaxBody] bytes of a document. A query never fails for
// what was typed: [Answer.Ignored] says what was left out. Texts of a page are marked by meaning up to 64 KiB together, the
// best hits first; behind that only words that stand there as they were typed are marked.
package search
