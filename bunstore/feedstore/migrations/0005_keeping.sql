CREATE TABLE {retentions} (
  tenant_id {int} NOT NULL,
  space_id {int} NOT NULL,
  days {int} NOT NULL,
  version {int} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (tenant_id, space_id)
){clustered};

CREATE TABLE {legal_holds} (
  id {id},
  tenant_id {int} NOT NULL,
  space_id {int} NOT NULL,
  person_id {int} NOT NULL,
  why {text} NOT NULL,
  by_id {int} NOT NULL,
  at {int} NOT NULL,
  lifted_by {int} NOT NULL,
  lifted_at {int} NOT NULL
){table};

CREATE INDEX {index legal_holds_tenant} ON {legal_holds} (tenant_id, id);
