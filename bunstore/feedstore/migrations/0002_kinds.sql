CREATE TABLE {statuses} (
  post_id {int} NOT NULL,
  what {bytes 16} NOT NULL,
  tenant_id {int} NOT NULL,
  space_id {int} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL,
  entry_id {int} NOT NULL,
  person_id {int} NOT NULL,
  PRIMARY KEY (post_id, what)
){clustered};

CREATE INDEX {index statuses_space} ON {statuses} (space_id, what, post_id);

CREATE INDEX {index statuses_what} ON {statuses} (tenant_id, what, post_id);

CREATE INDEX {index statuses_at} ON {statuses} (what, at, post_id);

CREATE TABLE {acks} (
  post_id {int} NOT NULL,
  edition {int} NOT NULL,
  person_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (post_id, edition, person_id)
){clustered};

CREATE INDEX {index acks_person} ON {acks} (person_id, post_id);

CREATE TABLE {poll_counts} (
  post_id {int} NOT NULL,
  choice {int} NOT NULL,
  tenant_id {int} NOT NULL,
  votes {int} NOT NULL,
  PRIMARY KEY (post_id, choice)
){clustered};

CREATE TABLE {votes} (
  post_id {int} NOT NULL,
  person_id {int} NOT NULL,
  choice {int} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (post_id, person_id, choice)
){clustered};

CREATE INDEX {index votes_person} ON {votes} (person_id, post_id);

CREATE TABLE {ballots} (
  post_id {int} NOT NULL,
  mark {bytes 64} NOT NULL,
  tenant_id {int} NOT NULL,
  PRIMARY KEY (post_id, mark)
){clustered};

CREATE TABLE {reports} (
  space_id {int} NOT NULL,
  person_id {int} NOT NULL,
  day {int} NOT NULL,
  post_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  PRIMARY KEY (space_id, person_id, day, post_id)
){clustered};

CREATE INDEX {index reports_post} ON {reports} (post_id);

CREATE TABLE {duties} (
  space_id {int} NOT NULL,
  person_id {int} NOT NULL,
  asked_by {int} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (space_id, person_id, asked_by)
){clustered};

CREATE INDEX {index duties_person} ON {duties} (person_id);

CREATE INDEX {index duties_asked} ON {duties} (asked_by);

CREATE TABLE {waiting} (
  pending_id {id},
  tenant_id {int} NOT NULL,
  author_id {int} NOT NULL,
  waits {bytes 16} NOT NULL,
  due_at {int} NOT NULL,
  refused {bytes 64} NOT NULL,
  confirmed {bytes 128} NOT NULL
){table};

CREATE INDEX {index waiting_due} ON {waiting} (waits, due_at, pending_id);

CREATE INDEX {index waiting_author} ON {waiting} (author_id, waits, pending_id);

CREATE TABLE {consents} (
  pending_id {int} NOT NULL,
  person_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  answer {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (pending_id, person_id)
){clustered};

CREATE INDEX {index consents_person} ON {consents} (person_id, answer, pending_id);

CREATE TABLE {templates} (
  id {id},
  tenant_id {int} NOT NULL,
  space_id {int} NOT NULL,
  name {text} NOT NULL,
  kind {bytes 16} NOT NULL,
  body {text} NOT NULL,
  example {text} NOT NULL,
  place {int} NOT NULL,
  version {int} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL
){table};

CREATE INDEX {index templates_space} ON {templates} (space_id);

CREATE TABLE {open_posts} (
  post_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  space_id {int} NOT NULL,
  author_id {int} NOT NULL,
  at {int} NOT NULL,
  expires_at {int} NOT NULL,
  stage {int} NOT NULL,
  PRIMARY KEY (space_id, post_id)
){clustered};

CREATE INDEX {index open_posts_stage} ON {open_posts} (tenant_id, stage, post_id, space_id, at, expires_at);

CREATE TABLE {nudges} (
  post_id {int} NOT NULL,
  stage {int} NOT NULL,
  person_id {int} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (post_id, stage, person_id)
){clustered};
