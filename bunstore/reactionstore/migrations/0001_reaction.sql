CREATE TABLE {reaction_kinds} (
  tenant_id {int} NOT NULL,
  n {int} NOT NULL,
  name {bytes 64} NOT NULL,
  place {int} NOT NULL,
  label_ja {text} NOT NULL,
  label_en {text} NOT NULL,
  emoji {text} NOT NULL,
  image {text} NOT NULL,
  score {int} NOT NULL,
  spaces {text} NOT NULL,
  imported {int} NOT NULL,
  retired_at {int} NOT NULL,
  retired_by {int} NOT NULL,
  PRIMARY KEY (tenant_id, n),
  CONSTRAINT {index reaction_kinds_name} UNIQUE (tenant_id, name)
){clustered};

CREATE TABLE {reaction_objects} (
  id {serial},
  tenant_id {int} NOT NULL,
  host_kind {bytes 128} NOT NULL,
  host_id {bytes 128} NOT NULL,
  CONSTRAINT {index reaction_objects_host} UNIQUE (tenant_id, host_kind, host_id)
){table};

CREATE TABLE {reactions} (
  tenant_id {int} NOT NULL,
  target_kind {int} NOT NULL,
  target_id {int} NOT NULL,
  kind_n {int} NOT NULL,
  person_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (tenant_id, target_kind, target_id, kind_n, person_id)
){clustered};

CREATE TABLE {reaction_others} (
  tenant_id {int} NOT NULL,
  target_kind {int} NOT NULL,
  target_id {int} NOT NULL,
  kind_n {int} NOT NULL,
  origin {bytes 128} NOT NULL,
  n {int} NOT NULL,
  PRIMARY KEY (tenant_id, target_kind, target_id, kind_n, origin)
){clustered};

CREATE TABLE {reaction_sums} (
  tenant_id {int} NOT NULL,
  target_kind {int} NOT NULL,
  target_id {int} NOT NULL,
  kind_n {int} NOT NULL,
  n {int} NOT NULL,
  first1 {int} NOT NULL,
  first2 {int} NOT NULL,
  first3 {int} NOT NULL,
  PRIMARY KEY (tenant_id, target_kind, target_id, kind_n)
){clustered};

CREATE TABLE {reaction_deltas} (
  id {serial},
  tenant_id {int} NOT NULL,
  target_kind {int} NOT NULL,
  target_id {int} NOT NULL,
  kind_n {int} NOT NULL,
  person_id {int} NOT NULL,
  n {int} NOT NULL
){table};

CREATE INDEX {index reaction_deltas_target} ON {reaction_deltas} (tenant_id, target_kind, target_id);

CREATE TABLE {reaction_rolls} (
  id {int} NOT NULL PRIMARY KEY,
  at {int} NOT NULL
){table};

INSERT INTO {reaction_rolls} (id, at) VALUES (1, 0) {ignore id};

CREATE TABLE {thanks} (
  id {id},
  tenant_id {int} NOT NULL,
  from_id {int} NOT NULL,
  target_kind {int} NOT NULL,
  target_id {int} NOT NULL,
  message {text} NOT NULL,
  value_name {bytes 64} NOT NULL,
  points {int} NOT NULL,
  at {int} NOT NULL,
  week {int} NOT NULL,
  origin {bytes 128} NOT NULL,
  source_id {bytes 128} NOT NULL,
  CONSTRAINT {index thanks_source} UNIQUE (tenant_id, origin, source_id)
){table};

CREATE INDEX {index thanks_target} ON {thanks} (tenant_id, target_kind, target_id);

CREATE TABLE {thanks_ledger} (
  id {serial},
  tenant_id {int} NOT NULL,
  thanks_id {int} NOT NULL,
  person_id {int} NOT NULL,
  peer_id {int} NOT NULL,
  reason {int} NOT NULL,
  points {int} NOT NULL,
  at {int} NOT NULL
){table};

CREATE INDEX {index thanks_ledger_thanks} ON {thanks_ledger} (thanks_id);

CREATE INDEX {index thanks_ledger_person} ON {thanks_ledger} (tenant_id, person_id, peer_id, at);

CREATE TABLE {thanks_budgets} (
  tenant_id {int} NOT NULL,
  person_id {int} NOT NULL,
  week {int} NOT NULL,
  spent {int} NOT NULL,
  PRIMARY KEY (tenant_id, person_id, week)
){clustered};

CREATE TABLE {thanks_rules} (
  tenant_id {int} NOT NULL PRIMARY KEY,
  rules {text} NOT NULL,
  version {int} NOT NULL
){table};
