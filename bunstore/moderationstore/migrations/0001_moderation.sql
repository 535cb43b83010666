CREATE TABLE {mod_cases} (
  id {id},
  tenant_id {int} NOT NULL,
  target_kind {bytes 128} NOT NULL,
  target_id {bytes 128} NOT NULL,
  author_id {int} NOT NULL,
  space_id {int} NOT NULL,
  state {bytes 16} NOT NULL,
  waits {int} NOT NULL,
  claimed_by {int} NOT NULL,
  claimed_at {int} NOT NULL,
  is_outside {int} NOT NULL,
  referred {int} NOT NULL,
  round {int} NOT NULL,
  first_id {int} NOT NULL,
  hidden {int} NOT NULL,
  policy {bytes 64} NOT NULL,
  last_action {bytes 16} NOT NULL,
  opened_at {int} NOT NULL,
  due_at {int} NOT NULL,
  ruled_at {int} NOT NULL,
  version {int} NOT NULL,
  CONSTRAINT {index mod_cases_target} UNIQUE (tenant_id, target_kind, target_id)
){table};

CREATE INDEX {index mod_cases_due} ON {mod_cases} (tenant_id, waits, due_at, id);

CREATE INDEX {index mod_cases_author} ON {mod_cases} (tenant_id, author_id, id);

CREATE INDEX {index mod_cases_policy} ON {mod_cases} (tenant_id, policy, ruled_at);

CREATE TABLE {mod_case_people} (
  tenant_id {int} NOT NULL,
  case_id {int} NOT NULL,
  person_id {int} NOT NULL,
  PRIMARY KEY (tenant_id, case_id, person_id)
){clustered};

CREATE TABLE {mod_reports} (
  id {id},
  tenant_id {int} NOT NULL,
  case_id {int} NOT NULL,
  person_id {int} NOT NULL,
  clause {text} NOT NULL,
  why {text} NOT NULL,
  at {int} NOT NULL
){table};

CREATE INDEX {index mod_reports_case} ON {mod_reports} (tenant_id, case_id, id);

CREATE INDEX {index mod_reports_person} ON {mod_reports} (tenant_id, person_id, id);

CREATE TABLE {mod_evidence} (
  id {id},
  tenant_id {int} NOT NULL,
  case_id {int} NOT NULL,
  body {text} NOT NULL,
  digest {bytes 64} NOT NULL,
  at {int} NOT NULL
){table};

CREATE INDEX {index mod_evidence_case} ON {mod_evidence} (tenant_id, case_id, id);

CREATE TABLE {mod_rulings} (
  id {id},
  tenant_id {int} NOT NULL,
  case_id {int} NOT NULL,
  round {int} NOT NULL,
  action {bytes 16} NOT NULL,
  clause {text} NOT NULL,
  why {text} NOT NULL,
  person_id {int} NOT NULL,
  at {int} NOT NULL
){table};

CREATE INDEX {index mod_rulings_case} ON {mod_rulings} (tenant_id, case_id, id);

CREATE TABLE {mod_appeals} (
  id {id},
  tenant_id {int} NOT NULL,
  case_id {int} NOT NULL,
  side {bytes 16} NOT NULL,
  person_id {int} NOT NULL,
  why {text} NOT NULL,
  at {int} NOT NULL
){table};

CREATE INDEX {index mod_appeals_case} ON {mod_appeals} (tenant_id, case_id, id);

CREATE TABLE {mod_sanctions} (
  id {id},
  tenant_id {int} NOT NULL,
  case_id {int} NOT NULL,
  person_id {int} NOT NULL,
  grade {int} NOT NULL,
  review {int} NOT NULL,
  at {int} NOT NULL,
  until_at {int} NOT NULL,
  lifted_at {int} NOT NULL
){table};

CREATE INDEX {index mod_sanctions_person} ON {mod_sanctions} (tenant_id, person_id, id);

CREATE INDEX {index mod_sanctions_case} ON {mod_sanctions} (tenant_id, case_id);

CREATE TABLE {mod_desks} (
  tenant_id {int} NOT NULL PRIMARY KEY,
  version {int} NOT NULL
){table};

CREATE TABLE {mod_desk_people} (
  tenant_id {int} NOT NULL,
  is_outside {int} NOT NULL,
  person_id {int} NOT NULL,
  PRIMARY KEY (tenant_id, is_outside, person_id)
){clustered};

CREATE TABLE {mod_records} (
  id {id},
  tenant_id {int} NOT NULL,
  target_kind {bytes 128} NOT NULL,
  target_id {bytes 128} NOT NULL,
  author_id {int} NOT NULL,
  space_id {int} NOT NULL,
  policy {bytes 64} NOT NULL,
  stage {int} NOT NULL,
  outcome {int} NOT NULL,
  confirmed {int} NOT NULL,
  facts {text} NOT NULL,
  at {int} NOT NULL
){table};

CREATE INDEX {index mod_records_target} ON {mod_records} (tenant_id, target_kind, target_id, id);

CREATE INDEX {index mod_records_policy} ON {mod_records} (tenant_id, policy, at);

CREATE TABLE {mod_record_people} (
  tenant_id {int} NOT NULL,
  author_id {int} NOT NULL,
  person_id {int} NOT NULL,
  record_id {int} NOT NULL,
  stage {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (tenant_id, author_id, person_id, record_id)
){clustered};

CREATE INDEX {index mod_record_people_record} ON {mod_record_people} (tenant_id, record_id);

CREATE TABLE {mod_counts} (
  tenant_id {int} NOT NULL,
  policy {bytes 64} NOT NULL,
  day {int} NOT NULL,
  posts {int} NOT NULL,
  last_seq {int} NOT NULL,
  PRIMARY KEY (tenant_id, policy, day)
){clustered};

CREATE TABLE {mod_policies} (
  id {serial},
  tenant_id {int} NOT NULL,
  hash {bytes 64} NOT NULL,
  name {text} NOT NULL,
  version {int} NOT NULL,
  file_name {text} NOT NULL,
  source {text} NOT NULL,
  stage {int} NOT NULL,
  person_id {int} NOT NULL,
  at {int} NOT NULL,
  test {text} NOT NULL,
  CONSTRAINT {index mod_policies_hash} UNIQUE (tenant_id, hash)
){table};

CREATE INDEX {index mod_policies_stage} ON {mod_policies} (stage, tenant_id);

CREATE TABLE {mod_audit} (
  tenant_id {int} NOT NULL,
  n {int} NOT NULL,
  at {int} NOT NULL,
  verb {bytes 64} NOT NULL,
  subject {bytes 260} NOT NULL,
  actor {int} NOT NULL,
  digest {bytes 64} NOT NULL,
  prev {bytes 64} NOT NULL,
  hash {bytes 64} NOT NULL,
  event_seq {int} NOT NULL,
  PRIMARY KEY (tenant_id, n),
  CONSTRAINT {index mod_audit_event} UNIQUE (tenant_id, event_seq)
){clustered};

CREATE TABLE {mod_directs} (
  tenant_id {int} NOT NULL,
  a_id {int} NOT NULL,
  b_id {int} NOT NULL,
  space_id {int} NOT NULL,
  PRIMARY KEY (tenant_id, a_id, b_id)
){clustered};
