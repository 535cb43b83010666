CREATE TABLE {guide_tenants} (
  tenant_id {id},
  revision {int} NOT NULL
){table};

CREATE TABLE {guide_documents} (
  id {id},
  tenant_id {int} NOT NULL,
  title {text} NOT NULL,
  kind {bytes 16} NOT NULL,
  lang {bytes 8} NOT NULL,
  org_id {int} NOT NULL,
  space_id {int} NOT NULL,
  asks {bytes 16} NOT NULL,
  owner_id {int} NOT NULL,
  review_on {int} NOT NULL,
  superseded_by {int} NOT NULL,
  ended_at {int} NOT NULL,
  ended_by {int} NOT NULL,
  ended_why {text} NOT NULL,
  told_review {int} NOT NULL,
  told_effect {int} NOT NULL,
  version {int} NOT NULL,
  created_by {int} NOT NULL,
  created_at {int} NOT NULL
){table};

CREATE INDEX {index guide_documents_tenant} ON {guide_documents} (tenant_id, id);

CREATE TABLE {guide_versions} (
  document_id {int} NOT NULL,
  n {int} NOT NULL,
  tenant_id {int} NOT NULL,
  edition {int} NOT NULL,
  published_at {int} NOT NULL,
  effective_at {int} NOT NULL,
  material {int} NOT NULL,
  why {text} NOT NULL,
  person_id {int} NOT NULL,
  hash {bytes 64} NOT NULL,
  body {text} NOT NULL,
  PRIMARY KEY (document_id, n)
){table};

CREATE INDEX {index guide_versions_tenant} ON {guide_versions} (tenant_id, document_id);

CREATE TABLE {guide_clauses} (
  tenant_id {int} NOT NULL,
  clause_id {bytes 64} NOT NULL,
  document_id {int} NOT NULL,
  PRIMARY KEY (tenant_id, clause_id)
){clustered};

CREATE TABLE {guide_changes} (
  id {id},
  tenant_id {int} NOT NULL,
  document_id {int} NOT NULL,
  what {bytes 16} NOT NULL,
  n {int} NOT NULL,
  person_id {int} NOT NULL,
  at {int} NOT NULL,
  why {text} NOT NULL
){table};

CREATE INDEX {index guide_changes_document} ON {guide_changes} (tenant_id, document_id, id);

CREATE TABLE {guide_acceptances} (
  tenant_id {int} NOT NULL,
  person_id {int} NOT NULL,
  document_id {int} NOT NULL,
  n {int} NOT NULL,
  id {int} NOT NULL,
  hash {bytes 64} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (tenant_id, person_id, document_id, n),
  CONSTRAINT {index guide_acceptances_id} UNIQUE (id)
){clustered};

CREATE INDEX {index guide_acceptances_document} ON {guide_acceptances} (tenant_id, document_id, id);

CREATE TABLE {guide_looks} (
  id {id},
  tenant_id {int} NOT NULL,
  document_id {int} NOT NULL,
  n {int} NOT NULL,
  what {bytes 16} NOT NULL,
  looked_at {int} NOT NULL,
  shown {int} NOT NULL,
  person_id {int} NOT NULL,
  at {int} NOT NULL,
  why {text} NOT NULL
){table};

CREATE INDEX {index guide_looks_document} ON {guide_looks} (tenant_id, document_id, id);

CREATE TABLE {guide_channels} (
  tenant_id {id},
  body {text} NOT NULL,
  version {int} NOT NULL
){table};
