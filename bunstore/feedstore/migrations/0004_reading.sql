ALTER TABLE {members} ADD COLUMN again {int} NOT NULL DEFAULT 0;

ALTER TABLE {homes} ADD COLUMN hides {int} NOT NULL DEFAULT 0;

CREATE INDEX {index comments_hides} ON {comments} (post_id, author_id, state);

CREATE TABLE {blocks} (
  person_id {int} NOT NULL,
  blocked_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (person_id, blocked_id)
){clustered};

CREATE INDEX {index blocks_blocked} ON {blocks} (blocked_id, person_id);

CREATE TABLE {mutes} (
  person_id {int} NOT NULL,
  what {int} NOT NULL,
  target_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (person_id, what, target_id)
){clustered};

CREATE TABLE {views} (
  post_id {int} NOT NULL,
  person_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  first_at {int} NOT NULL,
  last_at {int} NOT NULL,
  times {int} NOT NULL,
  PRIMARY KEY (post_id, person_id)
){clustered};

CREATE INDEX {index views_person} ON {views} (person_id, post_id);

CREATE TABLE {view_counts} (
  post_id {id},
  tenant_id {int} NOT NULL,
  total {int} NOT NULL,
  people {int} NOT NULL
){table};

CREATE TABLE {receipt_rules} (
  tenant_id {int} NOT NULL,
  person_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (tenant_id, person_id)
){clustered};

CREATE TABLE {bookmarks} (
  person_id {int} NOT NULL,
  post_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (person_id, post_id)
){clustered};

CREATE INDEX {index bookmarks_at} ON {bookmarks} (person_id, at, post_id);

CREATE TABLE {reminders} (
  person_id {int} NOT NULL,
  post_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  due_at {int} NOT NULL,
  PRIMARY KEY (person_id, post_id)
){clustered};

CREATE INDEX {index reminders_due} ON {reminders} (due_at, person_id, post_id);

CREATE TABLE {watched_threads} (
  person_id {int} NOT NULL,
  post_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (person_id, post_id)
){clustered};

CREATE INDEX {index watched_threads_post} ON {watched_threads} (post_id, person_id);

CREATE TABLE {watched_tags} (
  person_id {int} NOT NULL,
  tag {bytes 512} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (person_id, tag)
){clustered};
