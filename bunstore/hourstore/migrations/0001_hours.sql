CREATE TABLE {hours} (
  tenant_id {int} NOT NULL,
  org_id {int} NOT NULL,
  person_id {int} NOT NULL,
  hours {text} NOT NULL,
  at {int} NOT NULL,
  by_id {int} NOT NULL,
  PRIMARY KEY (tenant_id, org_id, person_id)
){clustered};

CREATE TABLE {hour_versions} (
  tenant_id {int} NOT NULL PRIMARY KEY,
  version {int} NOT NULL
){clustered};
