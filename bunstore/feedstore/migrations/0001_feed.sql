CREATE TABLE {spaces} (
  id {id},
  tenant_id {int} NOT NULL,
  name {text} NOT NULL,
  why {text} NOT NULL,
  what_for {text} NOT NULL,
  not_for {text} NOT NULL,
  join_policy {bytes 16} NOT NULL,
  secret {int} NOT NULL,
  post_policy {bytes 16} NOT NULL,
  version {int} NOT NULL,
  created_at {int} NOT NULL,
  created_by {int} NOT NULL,
  archived_at {int} NOT NULL,
  archived_by {int} NOT NULL,
  archived_why {text} NOT NULL,
  post_count {int} NOT NULL,
  last_post_id {int} NOT NULL,
  gap_seq {int} NOT NULL
){table};

CREATE INDEX {index spaces_tenant} ON {spaces} (tenant_id);

CREATE TABLE {space_keys} (
  space_id {int} NOT NULL,
  n {int} NOT NULL,
  tenant_id {int} NOT NULL,
  kind {bytes 16} NOT NULL,
  num {int} NOT NULL,
  role {bytes 128} NOT NULL,
  PRIMARY KEY (space_id, n)
){clustered};

CREATE INDEX {index space_keys_tenant} ON {space_keys} (tenant_id);

CREATE TABLE {members} (
  person_id {int} NOT NULL,
  space_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  state {int} NOT NULL,
  host {int} NOT NULL,
  joined_at {int} NOT NULL,
  version {int} NOT NULL,
  seen {int} NOT NULL,
  own {int} NOT NULL,
  PRIMARY KEY (person_id, space_id)
){clustered};

CREATE INDEX {index members_space} ON {members} (space_id, person_id);

CREATE TABLE {homes} (
  person_id {id},
  tenant_id {int} NOT NULL,
  version {int} NOT NULL
){table};

CREATE TABLE {follows} (
  person_id {int} NOT NULL,
  followed_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (person_id, followed_id)
){clustered};

CREATE TABLE {posts} (
  id {id},
  tenant_id {int} NOT NULL,
  space_id {int} NOT NULL,
  author_id {int} NOT NULL,
  seq {int} NOT NULL,
  kind {bytes 16} NOT NULL,
  body {text} NOT NULL,
  attachments {text} NOT NULL,
  details {text} NOT NULL,
  version {int} NOT NULL,
  created_at {int} NOT NULL,
  published_at {int} NOT NULL,
  edited_at {int} NOT NULL,
  expires_at {int} NOT NULL,
  state {int} NOT NULL,
  imported {int} NOT NULL
){table};

CREATE INDEX {index posts_walk} ON {posts} (tenant_id, id, space_id, author_id, state, expires_at);

CREATE INDEX {index posts_space} ON {posts} (space_id, id, state, expires_at, tenant_id);

CREATE INDEX {index posts_author} ON {posts} (author_id, id, space_id, state, expires_at, tenant_id);

CREATE TABLE {comments} (
  id {id},
  tenant_id {int} NOT NULL,
  space_id {int} NOT NULL,
  post_id {int} NOT NULL,
  parent_id {int} NOT NULL,
  author_id {int} NOT NULL,
  body {text} NOT NULL,
  attachments {text} NOT NULL,
  version {int} NOT NULL,
  created_at {int} NOT NULL,
  published_at {int} NOT NULL,
  edited_at {int} NOT NULL,
  state {int} NOT NULL,
  imported {int} NOT NULL
){table};

CREATE INDEX {index comments_post} ON {comments} (post_id, id, version, author_id, tenant_id);

CREATE INDEX {index comments_author} ON {comments} (author_id, id);

CREATE TABLE {post_counts} (
  post_id {id},
  tenant_id {int} NOT NULL,
  comments {int} NOT NULL
){table};

CREATE TABLE {retractions} (
  kind {int} NOT NULL,
  entry_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL,
  why {text} NOT NULL,
  PRIMARY KEY (kind, entry_id)
){clustered};

CREATE TABLE {revisions} (
  kind {int} NOT NULL,
  entry_id {int} NOT NULL,
  version {int} NOT NULL,
  tenant_id {int} NOT NULL,
  body {text} NOT NULL,
  attachments {text} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (kind, entry_id, version)
){clustered};

CREATE TABLE {mentions} (
  person_id {int} NOT NULL,
  entry_id {int} NOT NULL,
  kind {int} NOT NULL,
  tenant_id {int} NOT NULL,
  post_id {int} NOT NULL,
  space_id {int} NOT NULL,
  PRIMARY KEY (person_id, entry_id, kind)
){clustered};

CREATE INDEX {index mentions_entry} ON {mentions} (entry_id);

CREATE TABLE {tags} (
  tenant_id {int} NOT NULL,
  tag {bytes 512} NOT NULL,
  post_id {int} NOT NULL,
  space_id {int} NOT NULL,
  PRIMARY KEY (tenant_id, tag, post_id)
){clustered};

CREATE INDEX {index tags_post} ON {tags} (post_id);

CREATE TABLE {gaps} (
  space_id {int} NOT NULL,
  first_seq {int} NOT NULL,
  last_seq {int} NOT NULL,
  tenant_id {int} NOT NULL,
  author_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (space_id, first_seq)
){clustered};

CREATE TABLE {pending} (
  id {id},
  tenant_id {int} NOT NULL,
  author_id {int} NOT NULL,
  space_id {int} NOT NULL,
  post_id {int} NOT NULL,
  parent_id {int} NOT NULL,
  edits {bytes 64} NOT NULL,
  edits_version {int} NOT NULL,
  kind {bytes 16} NOT NULL,
  body {text} NOT NULL,
  attachments {text} NOT NULL,
  details {text} NOT NULL,
  expires_at {int} NOT NULL,
  created_at {int} NOT NULL,
  advice {text} NOT NULL,
  outcome {bytes 16} NOT NULL,
  decided_by {int} NOT NULL,
  decided_at {int} NOT NULL,
  decided_why {text} NOT NULL,
  entry {bytes 64} NOT NULL,
  version {int} NOT NULL
){table};

CREATE INDEX {index pending_author} ON {pending} (author_id, id);

CREATE TABLE {claims} (
  person_id {int} NOT NULL,
  claim_key {bytes 128} NOT NULL,
  tenant_id {int} NOT NULL,
  digest {bytes 64} NOT NULL,
  at {int} NOT NULL,
  entry {bytes 64} NOT NULL,
  PRIMARY KEY (person_id, claim_key)
){clustered};

CREATE TABLE {sources} (
  tenant_id {int} NOT NULL,
  origin {bytes 128} NOT NULL,
  kind {bytes 16} NOT NULL,
  source_id {bytes 260} NOT NULL,
  entry_id {int} NOT NULL,
  PRIMARY KEY (tenant_id, origin, kind, source_id)
){clustered};
