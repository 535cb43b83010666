CREATE TABLE {search_versions} (
  tenant_id {int} NOT NULL PRIMARY KEY,
  dictionary {int} NOT NULL,
  saved {int} NOT NULL
){table};

CREATE TABLE {search_synonyms} (
  tenant_id {int} NOT NULL,
  id {int} NOT NULL,
  form {bytes 64} NOT NULL,
  from_words {text} NOT NULL,
  to_words {text} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT {index search_synonyms_form} UNIQUE (tenant_id, form)
){clustered};

CREATE TABLE {search_words} (
  tenant_id {int} NOT NULL,
  id {int} NOT NULL,
  name {bytes 150} NOT NULL,
  reading {text} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT {index search_words_name} UNIQUE (tenant_id, name)
){clustered};

CREATE TABLE {search_saved} (
  tenant_id {int} NOT NULL,
  id {int} NOT NULL,
  person_id {int} NOT NULL,
  name {bytes 150} NOT NULL,
  query {text} NOT NULL,
  notify_since {int} NOT NULL,
  saved_at {int} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT {index search_saved_name} UNIQUE (tenant_id, person_id, name)
){clustered};

CREATE TABLE {search_told} (
  tenant_id {int} NOT NULL,
  saved_id {int} NOT NULL,
  ref {bytes 260} NOT NULL,
  day {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (tenant_id, saved_id, ref)
){clustered};

CREATE INDEX {index search_told_ref} ON {search_told} (tenant_id, ref);

CREATE INDEX {index search_told_day} ON {search_told} (tenant_id, saved_id, day);

CREATE INDEX {index search_told_at} ON {search_told} (at);

CREATE TABLE {search_gaps} (
  tenant_id {int} NOT NULL,
  id {int} NOT NULL,
  digest {bytes 32} NOT NULL,
  body {text} NOT NULL,
  asked_at {int} NOT NULL,
  resolved_at {int} NOT NULL,
  resolved_by {int} NOT NULL,
  resolved_ref {bytes 260} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT {index search_gaps_digest} UNIQUE (tenant_id, digest)
){clustered};

CREATE INDEX {index search_gaps_asked} ON {search_gaps} (asked_at);

CREATE TABLE {search_gap_asks} (
  tenant_id {int} NOT NULL,
  gap_id {int} NOT NULL,
  day {int} NOT NULL,
  n {int} NOT NULL,
  PRIMARY KEY (tenant_id, gap_id, day)
){clustered};

CREATE INDEX {index search_gap_asks_day} ON {search_gap_asks} (day);

CREATE TABLE {search_gap_askers} (
  tenant_id {int} NOT NULL,
  gap_id {int} NOT NULL,
  month {int} NOT NULL,
  asker {bytes 32} NOT NULL,
  PRIMARY KEY (tenant_id, gap_id, month, asker)
){clustered};

CREATE INDEX {index search_gap_askers_asker} ON {search_gap_askers} (tenant_id, asker);

CREATE INDEX {index search_gap_askers_month} ON {search_gap_askers} (month);

CREATE TABLE {search_gap_salts} (
  tenant_id {int} NOT NULL,
  month {int} NOT NULL,
  salt {bytes 64} NOT NULL,
  PRIMARY KEY (tenant_id, month)
){clustered};
