CREATE TABLE {notices} (
  id {id},
  tenant_id {int} NOT NULL,
  person_id {int} NOT NULL,
  kind {bytes 24} NOT NULL,
  subject {bytes 64} NOT NULL,
  span {int} NOT NULL,
  place {int} NOT NULL,
  post_id {int} NOT NULL,
  comment_id {int} NOT NULL,
  space_id {int} NOT NULL,
  live {int} NOT NULL,
  people {int} NOT NULL,
  actor1 {int} NOT NULL,
  actor2 {int} NOT NULL,
  actor3 {int} NOT NULL,
  first_at {int} NOT NULL,
  last_at {int} NOT NULL,
  read_at {int} NOT NULL,
  urgent {int} NOT NULL,
  inbox {int} NOT NULL
){table};

CREATE UNIQUE INDEX {index notices_one} ON {notices} (person_id, kind, subject, span);

CREATE INDEX {index notices_page} ON {notices} (person_id, place);

CREATE INDEX {index notices_unread} ON {notices} (person_id, read_at, place);

CREATE INDEX {index notices_last} ON {notices} (last_at);

CREATE TABLE {notice_actors} (
  notice_id {int} NOT NULL,
  person_id {int} NOT NULL,
  what {int} NOT NULL,
  tenant_id {int} NOT NULL,
  at {int} NOT NULL,
  gone {int} NOT NULL,
  PRIMARY KEY (notice_id, person_id, what)
){clustered};

CREATE TABLE {notice_sends} (
  notice_id {int} NOT NULL,
  channel {bytes 8} NOT NULL,
  tenant_id {int} NOT NULL,
  due_at {int} NOT NULL,
  tries {int} NOT NULL,
  PRIMARY KEY (notice_id, channel)
){clustered};

CREATE INDEX {index notice_sends_due} ON {notice_sends} (due_at);

CREATE TABLE {notice_prefs} (
  person_id {int} NOT NULL,
  kind {bytes 24} NOT NULL,
  tenant_id {int} NOT NULL,
  channels {int} NOT NULL,
  PRIMARY KEY (person_id, kind)
){clustered};

CREATE TABLE {notice_people} (
  person_id {id},
  tenant_id {int} NOT NULL,
  digest {bytes 8} NOT NULL,
  visited_at {int} NOT NULL,
  digested_at {int} NOT NULL,
  next_at {int} NOT NULL,
  tries {int} NOT NULL
){table};

CREATE INDEX {index notice_people_next} ON {notice_people} (next_at);
