CREATE TABLE {steward_rotas} (
  tenant_id {int} NOT NULL,
  space_id {int} NOT NULL,
  rota {text} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL,
  version {int} NOT NULL,
  PRIMARY KEY (tenant_id, space_id)
){clustered};

CREATE TABLE {steward_turns} (
  tenant_id {int} NOT NULL,
  person_id {int} NOT NULL,
  space_id {int} NOT NULL,
  PRIMARY KEY (tenant_id, person_id, space_id)
){clustered};

CREATE TABLE {steward_handovers} (
  id {id},
  tenant_id {int} NOT NULL,
  space_id {int} NOT NULL,
  words {text} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL,
  read_by {int} NOT NULL,
  read_at {int} NOT NULL
){table};

CREATE INDEX {index steward_handovers_space} ON {steward_handovers} (tenant_id, space_id, id);

CREATE TABLE {steward_claims} (
  tenant_id {int} NOT NULL,
  kind {bytes 64} NOT NULL,
  ref {bytes 260} NOT NULL,
  state {bytes 16} NOT NULL,
  person_id {int} NOT NULL,
  at {int} NOT NULL,
  until_at {int} NOT NULL,
  PRIMARY KEY (tenant_id, kind, ref)
){clustered};

CREATE INDEX {index steward_claims_until} ON {steward_claims} (tenant_id, until_at);
