// Package sqlsearch is the search engine in PostgreSQL (tested on 15), for installations that have a database and no disk of
// their own, or many nodes and few documents:
//
//	cfg := sqlsearch.Config{DB: db} // a *sql.DB of any driver
//	err := sqlsearch.Migrate(ctx, cfg) // once, or have your DBA run what Schema gives
//	engine, err := sqlsearch.Open(ctx, cfg)
//
// It keeps the contract of [search.Engine] and has no state of its own: every node opens the same tables, and what one node
// applies or hides is so for all of them at once. No extension of the server is needed.
//
// # How it works
//
// A document is one row: who may read it, what it is, a tsvector of its terms, and beside it how often it has each. The
// lexemes are the analyzer's terms with the field's letter and the number of the index before it (12w年末), so that one GIN
// index serves all tenants and generations, and none reads another's postings or counts. How many documents have a term
// stands in a table that is kept in the transaction of each batch; of pairs, which are many, it is counted in the index.
//
// A search is one read-only transaction on one snapshot. The viewer's scopes and hidden authors, and what [Engine.Hide] has
// named, are conditions of every statement that reads documents, before anything is counted: totals and facets are exact.
// Candidates are the documents of the rarest terms; then come more frequent ones, until a document that has none of those
// taken would not reach the page any more, or 200 have been scored. They are scored in Go by the formula of
// [search.Ranking], with the same statistics as search/blevesearch. ts_rank is not used: it would read the whole vector of
// each match, and knows neither how rare a term is nor the length of a field.
//
// # Several nodes
//
// Batches of one tenant wait for one another (an advisory lock of the transaction). Two nodes may apply the same events: the
// higher watermark stays, and a batch of a lower one leaves alone what a later one has put in or deleted; deletions are
// remembered for an hour for that. A batch without a watermark always counts. A document that came from a rebuild has no
// mark: a batch that was read before the rebuild and applied after it may bring an older version, until the event of what
// changed since is applied, which every node is still to see.
//
// A rebuild writes a new generation in short transactions and swaps by the update of one row. Batches that come meanwhile go
// into both, and the rebuild leaves alone what they touch; batches of the old analyzer hold the new watermark back, so that
// they are asked for again. One rebuild of a tenant runs at a time; it renews a lease, and when its process dies another
// may start once [Config].Lease has run out. The rows of one that was broken off are read by nobody and deleted by the next.
//
// # Measured
//
// 13,447 paragraphs (13.3 MB), one run of examples/searchlab with the first 300 dev questions, without titles, PostgreSQL 15
// on two cores that others kept busy (load 6 to 20), so times are upper bounds:
//
//	questions   MRR@10 0.920, hit@10 0.980; p50 44 ms, p99 308 ms; 19 queries/s
//	keywords    MRR@10 0.898, hit@10 0.973; p50 40 ms, p99 215 ms; 50 queries/s (a second run)
//	blevesearch 0.924 and 0.987 for the questions; p50 0.7 ms, p99 1.4 ms; 334 documents/s, 44 MB (minutes later)
//	indexing    214 documents/s; 223 MB, 17 times the text (lexemes 106 MB, their GIN index 65 MB, counts and rows 27 MB, terms 29 MB);
//	            after a second rebuild 441 MB, until autovacuum has given back the rows of the first
//
// Scoring more candidates brought nothing: on the first 400 dev queries 200, 400 and 800 gave the same MRR (questions 0.911,
// keywords 0.884). What falls short: a question takes 60 times as long as in search/blevesearch, and the
// index is five times as large. Half
// of a query's time is the exact total, as a question matches most documents by its bigrams; the rest is reading the
// counts of candidates. Indexing is bound by the GIN index.
//
// # Limits
//
//   - Where more than 200 documents match, which of them are scored is decided by a close bound, not a strict one, and no
//     more than 2,000 are: pages far behind the first may lack some. Ordered by time, every match is listed.
//   - A document's lexemes take at most 900 kB; what is beyond is not indexed, bigrams first.
//   - The tables have scopes, authors and kinds as the host names them: the index is a projection, so rebuild it where they
//     change.
//   - PostgreSQL only. A pooler between the two must keep a transaction on one connection.
package sqlsearch
