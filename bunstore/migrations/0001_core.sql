CREATE TABLE {meta} (
  name {bytes 64} NOT NULL PRIMARY KEY,
  value {bytes 128} NOT NULL
){clustered};

CREATE TABLE {tenants} (
  id {serial},
  tenant_id {int} NOT NULL DEFAULT 0,
  host_id {bytes 128} NOT NULL,
  access_version {int} NOT NULL DEFAULT 0,
  CONSTRAINT {index tenants_host} UNIQUE (tenant_id, host_id)
){table};

CREATE TABLE {people} (
  id {serial},
  tenant_id {int} NOT NULL,
  host_id {bytes 128},
  CONSTRAINT {index people_host} UNIQUE (tenant_id, host_id)
){table};

CREATE TABLE {orgs} (
  id {serial},
  tenant_id {int} NOT NULL,
  host_id {bytes 128} NOT NULL,
  CONSTRAINT {index orgs_host} UNIQUE (tenant_id, host_id)
){table};

{events table}

CREATE TABLE {log} (
  id {int} NOT NULL PRIMARY KEY,
  head {int} NOT NULL
){table};

INSERT INTO {log} (id, head) VALUES (1, 0) {ignore id};

CREATE TABLE {consumers} (
  name {bytes 128} NOT NULL PRIMARY KEY,
  place {int} NOT NULL
){clustered};

CREATE TABLE {parked} (
  consumer {bytes 128} NOT NULL,
  seq {int} NOT NULL,
  attempts {int} NOT NULL,
  cause {text} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (consumer, seq)
){clustered};

CREATE INDEX {index parked_seq} ON {parked} (seq);

CREATE TABLE {leases} (
  name {bytes 128} NOT NULL PRIMARY KEY,
  holder {bytes 128} NOT NULL,
  beat {int} NOT NULL
){clustered};
