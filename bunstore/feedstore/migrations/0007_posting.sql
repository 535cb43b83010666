{sqlite}CREATE VIEW {posting} AS SELECT 0 AS id, 0 AS seq, 0 AS tenant_id, 0 AS space_id, 0 AS author_id, 0 AS kind, 0
  AS body, 0 AS attachments, 0 AS details, 0 AS version, 0 AS created_at, 0 AS published_at, 0 AS edited_at, 0
  AS expires_at, 0 AS state, 0 AS imported, 0 AS space_version, 0 AS member_state, 0 AS member_version, 0 AS
  opens, 0 AS verb, 0 AS subject, 0 AS event_version, 0 AS actor_id, 0 AS person_id, 0 AS at, 0 AS payload;

{sqlite}CREATE TRIGGER {index posting_post} INSTEAD OF INSERT ON {posting} BEGIN
  SELECT RAISE(ABORT, 'engawa: the grounds of this post have changed') WHERE NOT EXISTS (SELECT 1 FROM {spaces} AS s JOIN {members} AS m ON m.space_id = s.id
    WHERE s.id = NEW.space_id AND s.tenant_id = NEW.tenant_id AND s.version = NEW.space_version AND s.post_count = NEW.seq - 1 AND s.last_post_id < NEW.id
    AND m.person_id = NEW.author_id AND m.state = NEW.member_state AND m.version = NEW.member_version)
  ; UPDATE {spaces} SET post_count = NEW.seq, last_post_id = NEW.id WHERE id = NEW.space_id
  ; UPDATE {members} SET own = CASE WHEN seen = NEW.seq - 1 THEN 0 ELSE own + 1 END, seen = CASE WHEN seen = NEW.seq - 1 THEN NEW.seq ELSE seen END
    WHERE person_id = NEW.author_id AND space_id = NEW.space_id
  ; INSERT INTO {posts} (id, seq, tenant_id, space_id, author_id, kind, body, attachments, details, version, created_at, published_at,
    edited_at, expires_at, state, imported)
    VALUES (NEW.id, NEW.seq, NEW.tenant_id, NEW.space_id, NEW.author_id, NEW.kind, NEW.body, NEW.attachments, NEW.details,
    NEW.version, NEW.created_at, NEW.published_at, NEW.edited_at, NEW.expires_at, NEW.state, NEW.imported)
  ; INSERT INTO {open_posts} (post_id, tenant_id, space_id, author_id, at, expires_at, stage)
    SELECT NEW.id, NEW.tenant_id, NEW.space_id, NEW.author_id, NEW.published_at, NEW.expires_at, 0 WHERE NEW.opens = 1
  ; INSERT INTO {events} (seq, tenant_id, verb, subject, version, actor_id, person_id, space_id, at, payload)
    VALUES ({next place}, NEW.tenant_id, NEW.verb, NEW.subject, NEW.event_version, NEW.actor_id, NEW.person_id, NEW.space_id, NEW.at, NEW.payload)
  ; END;
