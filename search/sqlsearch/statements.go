package sqlsearch

// statements are the texts that do not depend on a request, with the names put in.
type statements struct {
	probe, lock, own, begin, building                   string
	stale, remove, insert, count, unused, total, unhide string
	hide, touch, touched, forget, ceiling               string
	state, renew, giveUp, swapOut, swapIn, analyzer     string
	sweepList, sweepDocs, sweepTerms, sweepTouched, end string
	current, settle, learn                              string
	docs, postings, prefix, alike                       string
}

func newStatements(cfg Config) statements {
	n := func(text string) string { return named(cfg, text) }
	return statements{
		probe: n(`SELECT x.format, x.ceiling, d.counts, t.script, u.since, h.ref FROM {indexes} x, {docs} d, {terms} t, {touched} u, {hidden} h LIMIT 0`),
		lock:  n(`SELECT pg_advisory_xact_lock($1)`),
		// Those whose rows a writer may change: the index in use and the one being built.
		own: n(`SELECT id, stage, format, analyzer, watermark, docs FROM {indexes} WHERE tenant = $1 AND stage < 2 ORDER BY stage DESC FOR UPDATE`),
		begin: n(`INSERT INTO {indexes} (tenant, generation, stage, format, analyzer, watermark, lease)
			SELECT $1, 1 + coalesce(max(generation), 0), $2, $3, $4, $5, now() + $6 * interval '1 millisecond'
			FROM {indexes} WHERE tenant = $1 RETURNING id`),
		building: n(`SELECT 1 FROM {indexes} WHERE id = $1 AND tenant = $2 AND stage = 0 FOR UPDATE`),

		// Documents whose row, or whose deletion, is of a later batch.
		stale: n(`SELECT ref FROM {docs} WHERE index_id = $1 AND ref = ANY($2::text[]) AND mark > $3
			UNION SELECT ref FROM {touched} WHERE index_id = $1 AND ref = ANY($2::text[]) AND mark > $3`),
		remove: n(`WITH old AS (
				DELETE FROM {docs} WHERE index_id = $1 AND ref = ANY($2::text[]) RETURNING terms, counts
			), less AS (
				INSERT INTO {terms} AS x (index_id, term, docs, script, length)
				SELECT $1, substr(l, length($1::text) + 1), -count(*), 0, 0 FROM old, unnest(tsvector_to_array(terms)) l
				WHERE NOT starts_with(l, $1::text || 's') GROUP BY l ORDER BY 2
				ON CONFLICT (index_id, term) DO UPDATE SET docs = x.docs + EXCLUDED.docs
			) SELECT counts FROM old`),
		count: n(`INSERT INTO {terms} AS x (index_id, term, docs, script, length)
			SELECT $1, t, n, s, l FROM unnest($2::text[], $3::integer[], $4::integer[], $5::integer[]) v (t, n, s, l) ORDER BY t
			ON CONFLICT (index_id, term) DO UPDATE SET docs = x.docs + EXCLUDED.docs, script = EXCLUDED.script, length = EXCLUDED.length`),
		insert:  n(`INSERT INTO {docs} (index_id, ref, scope, author, kind, tags, at, flags, weight, size, tie, mark, terms, counts) VALUES `),
		ceiling: n(`UPDATE {indexes} SET ceiling = least(ceiling, greatest(watermark, $2 - 1)) WHERE id = $1`),
		settle:  n(`SELECT gin_clean_pending_list('{docs_terms}'::regclass)`),
		learn:   n(`ANALYZE {docs}`),
		unused:  n(`DELETE FROM {terms} WHERE index_id = $1 AND docs <= 0`),
		total: n(`UPDATE {indexes} SET docs = docs + $2, words = words + $3, bigrams = bigrams + $4, pairs = pairs + $5, readings = readings + $6,
			titles = titles + $7, heaviest = greatest(heaviest, $8::real), watermark = greatest(watermark, $9) WHERE id = $1`),
		analyzer: n(`UPDATE {indexes} SET analyzer = $2, format = $3 WHERE id = $1`),

		unhide: n(`DELETE FROM {hidden} WHERE tenant = $1 AND ref = ANY($2::text[])`),
		hide:   n(`INSERT INTO {hidden} (tenant, ref) SELECT DISTINCT $1, r FROM unnest($2::text[]) r ORDER BY r ON CONFLICT DO NOTHING`),
		touch: n(`INSERT INTO {touched} AS x (index_id, ref, mark) SELECT DISTINCT $1::bigint, r, $3::bigint FROM unnest($2::text[]) r ORDER BY r
			ON CONFLICT (index_id, ref) DO UPDATE SET mark = greatest(x.mark, EXCLUDED.mark), since = now()`),
		touched: n(`SELECT ref FROM {touched} WHERE index_id = $1 AND ref = ANY($2::text[])`),
		forget:  n(`DELETE FROM {touched} WHERE index_id = $1 AND (ref = ANY($2::text[]) OR since < now() - interval '1 hour')`),

		renew:   n(`UPDATE {indexes} SET lease = now() + $3 * interval '1 millisecond' WHERE id = $1 AND tenant = $2 AND stage = 0`),
		giveUp:  n(`UPDATE {indexes} SET stage = 2 WHERE tenant = $1 AND stage = 0 AND (id = $2 OR lease < now())`),
		swapOut: n(`UPDATE {indexes} SET stage = 2 WHERE tenant = $1 AND stage = 1`),
		swapIn: n(`UPDATE {indexes} SET stage = 1, lease = NULL, watermark = least(greatest(watermark, $3), coalesce(ceiling, 9223372036854775807))
			WHERE id = $1 AND tenant = $2 AND stage = 0`),

		sweepList:    n(`SELECT id FROM {indexes} WHERE tenant = $1 AND stage = 2`),
		sweepDocs:    n(`DELETE FROM {docs} WHERE (index_id, ref) IN (SELECT index_id, ref FROM {docs} WHERE index_id = $1 LIMIT 2000)`),
		sweepTerms:   n(`DELETE FROM {terms} WHERE (index_id, term) IN (SELECT index_id, term FROM {terms} WHERE index_id = $1 LIMIT 20000)`),
		sweepTouched: n(`DELETE FROM {touched} WHERE index_id = $1`),
		end:          n(`DELETE FROM {indexes} WHERE id = $1 AND tenant = $2 AND stage = 2`),

		// The size is the tables', in the share that the index has of all documents.
		state: n(`SELECT x.docs, x.watermark, x.analyzer, x.format, x.generation, pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on',
			((pg_total_relation_size('{docs}') + pg_total_relation_size('{terms}')) * (x.docs / greatest(1, (SELECT sum(docs) FROM {indexes}))::float8))::bigint
			FROM {indexes} x WHERE tenant = $1 AND stage = 1`),
		current: n(`SELECT x.id, x.format, x.docs, x.words, x.bigrams, x.pairs, x.readings, x.titles, x.heaviest,
			EXISTS (SELECT FROM {hidden} h WHERE h.tenant = $1),
			set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
			set_config('max_parallel_workers_per_gather', '0', true)
			FROM {indexes} x WHERE x.tenant = $1 AND x.stage = 1`),

		docs: n(`SELECT term, docs FROM {terms} WHERE index_id = $1 AND term = ANY ($2::text[]) AND docs > 0`),
		postings: n(`SELECT v.term, (SELECT count(*) FROM {docs} d WHERE d.terms @@ v.query::tsquery AND d.index_id + 0 = $1)
			FROM unnest($2::text[], $3::text[]) v (term, query)`),
		prefix: n(`SELECT term, docs FROM {terms} WHERE index_id = $1 AND term >= $2 AND term < $3 AND docs > 0 ORDER BY docs DESC, term LIMIT $4`),
		alike: n(`SELECT term, docs FROM {terms} WHERE index_id = $1 AND script = $2 AND script > 0 AND length BETWEEN $3 AND $4 AND docs > 0
			AND (starts_with(term, 'w' || $5::text) OR right(term, 2) = $6::text OR $7::text <> '' AND strpos(term, $7::text) > 0)`),
	}
}
