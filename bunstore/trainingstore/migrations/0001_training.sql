CREATE TABLE {training_courses} (
  id {id},
  tenant_id {int} NOT NULL,
  name {text} NOT NULL,
  level {int} NOT NULL,
  state {bytes 16} NOT NULL,
  certified {int} NOT NULL,
  spec {text} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL,
  version {int} NOT NULL
){table};

CREATE INDEX {index training_courses_tenant} ON {training_courses} (tenant_id, id);

CREATE TABLE {training_sessions} (
  id {id},
  tenant_id {int} NOT NULL,
  course_id {int} NOT NULL,
  trainer_id {int} NOT NULL,
  day {int} NOT NULL,
  from_minute {int} NOT NULL,
  to_minute {int} NOT NULL,
  zone {text} NOT NULL,
  rule {text} NOT NULL,
  except_days {text} NOT NULL,
  on_holiday {bytes 16} NOT NULL,
  place {text} NOT NULL,
  url {text} NOT NULL,
  capacity {int} NOT NULL,
  cancelled_at {int} NOT NULL,
  cancelled_by {int} NOT NULL,
  cancelled_why {text} NOT NULL,
  version {int} NOT NULL
){table};

CREATE INDEX {index training_sessions_course} ON {training_sessions} (tenant_id, course_id, id);

CREATE TABLE {training_changes} (
  tenant_id {int} NOT NULL,
  session_id {int} NOT NULL,
  day {int} NOT NULL,
  start_at {int} NOT NULL,
  cancelled_at {int} NOT NULL,
  cancelled_by {int} NOT NULL,
  cancelled_why {text} NOT NULL,
  PRIMARY KEY (tenant_id, session_id, day)
){clustered};

CREATE TABLE {training_seats} (
  tenant_id {int} NOT NULL,
  session_id {int} NOT NULL,
  day {int} NOT NULL,
  person_id {int} NOT NULL,
  n {int} NOT NULL,
  waiting {int} NOT NULL,
  at {int} NOT NULL,
  attended_at {int} NOT NULL,
  attended_by {int} NOT NULL,
  answered {int} NOT NULL,
  PRIMARY KEY (tenant_id, session_id, day, person_id)
){clustered};

CREATE INDEX {index training_seats_person} ON {training_seats} (tenant_id, person_id, day);

CREATE TABLE {training_enrolments} (
  tenant_id {int} NOT NULL,
  course_id {int} NOT NULL,
  person_id {int} NOT NULL,
  round {int} NOT NULL,
  at {int} NOT NULL,
  completed_at {int} NOT NULL,
  PRIMARY KEY (tenant_id, course_id, person_id)
){clustered};

CREATE INDEX {index training_enrolments_person} ON {training_enrolments} (tenant_id, person_id);

CREATE TABLE {training_done} (
  tenant_id {int} NOT NULL,
  course_id {int} NOT NULL,
  person_id {int} NOT NULL,
  round {int} NOT NULL,
  step {bytes 64} NOT NULL,
  subject {bytes 260} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (tenant_id, course_id, person_id, round, step, subject)
){clustered};

CREATE TABLE {training_completions} (
  id {serial},
  tenant_id {int} NOT NULL,
  course_id {int} NOT NULL,
  course_version {int} NOT NULL,
  person_id {int} NOT NULL,
  round {int} NOT NULL,
  at {int} NOT NULL,
  CONSTRAINT {index training_completions_once} UNIQUE (tenant_id, course_id, person_id, round)
){table};

CREATE INDEX {index training_completions_person} ON {training_completions} (tenant_id, person_id, id);

CREATE INDEX {index training_completions_course} ON {training_completions} (tenant_id, course_id, id);

CREATE TABLE {training_feedback} (
  id {serial},
  tenant_id {int} NOT NULL,
  session_id {int} NOT NULL,
  day {int} NOT NULL,
  score {int} NOT NULL,
  words {text} NOT NULL
){table};

CREATE INDEX {index training_feedback_day} ON {training_feedback} (tenant_id, session_id, day, id);

CREATE TABLE {training_offers} (
  id {id},
  tenant_id {int} NOT NULL,
  person_id {int} NOT NULL,
  course_id {int} NOT NULL,
  kind {bytes 16} NOT NULL,
  clause {bytes 128} NOT NULL,
  reason {bytes 16} NOT NULL,
  cause_at {int} NOT NULL,
  due_at {int} NOT NULL,
  told_at {int} NOT NULL,
  answered_at {int} NOT NULL,
  take {bytes 16} NOT NULL,
  score {int} NOT NULL,
  note {text} NOT NULL,
  CONSTRAINT {index training_offers_once} UNIQUE (tenant_id, person_id, course_id, reason, clause, cause_at)
){table};

CREATE INDEX {index training_offers_due} ON {training_offers} (told_at, due_at);

CREATE INDEX {index training_offers_course} ON {training_offers} (tenant_id, course_id, answered_at);
