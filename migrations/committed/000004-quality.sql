--! Previous: sha1:5d4cda50f1b5aa469a734c3685a39ffa69e783fb
--! Hash: sha1:d397a66866dcd4ac8fd7b46edd4faa7aad3ef5c3
--! Message: quality

/*
 * What the database keeps about the rows: who changed them, what was deleted, which rules they must satisfy and what
 * is unusual about them.
 */

-- audit_log ----------------------------------------------------------------------------------------------------------

create table public.audit_log (
  audit_id bigint generated always as identity,
  -- No foreign key: the log outlives what it speaks of.
  source_id int,
  timestamp timestamptz(3),
  action public.audit_action_enum not null,
  table_name text not null,
  old_value jsonb,
  new_value jsonb,
  changed_fields text[],
  changed_by text not null default app_private.current_actor(),
  changed_at timestamptz not null default now(),
  reason text default nullif(current_setting('app.reason', true), ''),
  ip_address inet default inet_client_addr(),
  user_agent text default coalesce(
    nullif(current_setting('app.user_agent', true), ''),
    nullif(current_setting('application_name', true), '')
  ),
  constraint audit_log_pkey primary key (audit_id)
);

-- The history of one row.
create index audit_log_source_id_timestamp_idx on public.audit_log (source_id, timestamp);
-- The log is written in order of time: a block range index answers "what happened that day" and costs nothing to keep.
create index audit_log_changed_at_idx on public.audit_log using brin (changed_at);

comment on table public.audit_log is
  'Who changed what, when and why. Append-only for every role. Inserts into timeseries_data write one entry per statement and source.';
comment on column public.audit_log.audit_id is 'Key, in order of writing.';
comment on column public.audit_log.source_id is 'The source that the changed row belongs to, if any.';
comment on column public.audit_log.timestamp is 'The moment that the changed row describes; null for an entry about many rows.';
comment on column public.audit_log.action is 'INSERT, UPDATE, DELETE, or CORRECTION: an update with a reason.';
comment on column public.audit_log.table_name is 'Table of the changed row.';
comment on column public.audit_log.old_value is 'The row before.';
comment on column public.audit_log.new_value is 'The row after; for a multi-row insert {"rows", "from", "to"}.';
comment on column public.audit_log.changed_fields is 'Columns that really changed, without the pipeline''s own bookkeeping.';
comment on column public.audit_log.changed_by is 'app.user of the transaction, else the session user.';
comment on column public.audit_log.changed_at is 'Start of the transaction that made the change.';
comment on column public.audit_log.reason is 'app.reason of the transaction.';
comment on column public.audit_log.ip_address is 'Address of the client; null over a Unix socket.';
comment on column public.audit_log.user_agent is 'app.user_agent of the transaction, else the application name.';

-- audit_seals --------------------------------------------------------------------------------------------------------

create table public.audit_seals (
  seal_id bigint not null,
  last_id bigint not null,
  entry_count int not null,
  entries_digest bytea not null,
  previous_digest bytea,
  digest bytea not null,
  sealed_at timestamptz not null,
  sealed_by text not null,
  audit_ids bigint[],
  entry_digests bytea[],
  archived_at timestamptz,
  constraint audit_seals_pkey primary key (seal_id),
  constraint audit_seals_archived_check
    check ((archived_at is null) = (audit_ids is not null) and (archived_at is null) = (entry_digests is not null))
);

comment on table public.audit_seals is
  'Seals of the audit log: each is a digest of the entries since the one before, and of that one. Written by seal_audit_log(), checked by verify_audit_log().';
comment on column public.audit_seals.seal_id is 'Number of the seal; without gaps.';
comment on column public.audit_seals.last_id is 'It seals every entry up to this one that the seal before does not.';
comment on column public.audit_seals.entry_count is 'How many these are.';
comment on column public.audit_seals.entries_digest is 'SHA-256 of entry_digests.';
comment on column public.audit_seals.previous_digest is 'Digest of the seal before; null for the first.';
comment on column public.audit_seals.digest is 'SHA-256 of all this. That of the newest seal speaks for the whole log.';
comment on column public.audit_seals.sealed_at is 'When it was sealed.';
comment on column public.audit_seals.sealed_by is 'Who sealed it.';
comment on column public.audit_seals.audit_ids is 'Its entries, in their order; null once they are archived.';
comment on column public.audit_seals.entry_digests is 'SHA-256 of each of them; null once they are archived.';
comment on column public.audit_seals.archived_at is 'When its entries were moved into a file; null while they are here.';

-- backups -------------------------------------------------------------------------------------------------------------

-- The files themselves, each with a manifest beside it, are what counts. This says when, and lets doctor ask how old the newest is
-- and whether it was ever restored.
create table public.backups (
  backup_id bigint generated always as identity,
  name text not null,
  location text not null,
  form text not null,
  is_encrypted boolean not null,
  taken_at timestamptz not null,
  finished_at timestamptz not null default now(),
  row_count bigint not null,
  size_bytes bigint not null,
  sha256 bytea not null,
  verified_at timestamptz,
  verified_on text,
  removed_at timestamptz,
  created_by text not null default app_private.current_actor(),
  constraint backups_pkey primary key (backup_id),
  constraint backups_location_name_key unique (location, name),
  constraint backups_form_check check (form in ('pg_dump', 'portable')),
  constraint backups_finished_at_check check (finished_at >= taken_at),
  constraint backups_sha256_check check (length(sha256) = 32),
  constraint backups_verified_check check ((verified_at is null) = (verified_on is null))
);
comment on table public.backups is 'Backups of this database, one row each, written by btcdb backup when the file and its manifest are stored. A backup does not know of itself.';
comment on column public.backups.backup_id is 'Key, in order of finishing.';
comment on column public.backups.name is 'Name of its file; the manifest has .json behind it.';
comment on column public.backups.location is 'Where it was stored: a folder with the name of its machine before it, or s3://bucket/prefix.';
comment on column public.backups.form is 'pg_dump: a dump in the custom format, for the same version of TimescaleDB; portable: rows of tables, for either engine.';
comment on column public.backups.is_encrypted is 'Whether it takes a key to read it.';
comment on column public.backups.taken_at is 'The moment that it holds: what was committed before is in it.';
comment on column public.backups.finished_at is 'When it was stored as a whole.';
comment on column public.backups.row_count is 'Rows of all its tables.';
comment on column public.backups.size_bytes is 'Length of the file.';
comment on column public.backups.sha256 is 'SHA-256 of the file.';
comment on column public.backups.verified_at is 'When it was last restored into a scratch database and found to be the same; null: never.';
comment on column public.backups.verified_on is 'The server of that.';
comment on column public.backups.removed_at is 'When rotation removed it; null while it is kept.';
comment on column public.backups.created_by is 'Who made it.';

-- timeseries_archive -------------------------------------------------------------------------------------------------

create table public.timeseries_archive (
  archive_id bigint generated always as identity,
  source_id int not null,
  timestamp timestamptz(3) not null,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  value numeric,
  quality_score smallint not null,
  is_anomaly boolean not null,
  is_validated boolean not null,
  is_backfilled boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz not null default now(),
  deleted_by text not null default app_private.current_actor(),
  deletion_reason text default nullif(current_setting('app.reason', true), ''),
  restored_at timestamptz,
  restored_by text,
  constraint timeseries_archive_pkey primary key (archive_id),
  constraint timeseries_archive_source_id_fkey foreign key (source_id)
    references public.sources (source_id) on delete restrict,
  constraint timeseries_archive_restored_check check ((restored_at is null) = (restored_by is null))
);

-- Restoring looks for the last deleted version of each row of a range.
create index timeseries_archive_source_id_timestamp_idx
  on public.timeseries_archive (source_id, timestamp, archive_id desc);

comment on table public.timeseries_archive is 'Every deleted row of timeseries_data, whole.';
comment on column public.timeseries_archive.archive_id is 'Key, in order of deletion.';
comment on column public.timeseries_archive.source_id is 'As in timeseries_data.';
comment on column public.timeseries_archive.timestamp is 'As in timeseries_data.';
comment on column public.timeseries_archive.open is 'As in timeseries_data.';
comment on column public.timeseries_archive.high is 'As in timeseries_data.';
comment on column public.timeseries_archive.low is 'As in timeseries_data.';
comment on column public.timeseries_archive.close is 'As in timeseries_data.';
comment on column public.timeseries_archive.volume is 'As in timeseries_data.';
comment on column public.timeseries_archive.value is 'As in timeseries_data.';
comment on column public.timeseries_archive.quality_score is 'Score at deletion.';
comment on column public.timeseries_archive.is_anomaly is 'Whether it was an anomaly at deletion.';
comment on column public.timeseries_archive.is_validated is 'Whether it was valid at deletion.';
comment on column public.timeseries_archive.is_backfilled is 'As in timeseries_data.';
comment on column public.timeseries_archive.created_at is 'Arrival of the deleted row.';
comment on column public.timeseries_archive.updated_at is 'Last change of the deleted row.';
comment on column public.timeseries_archive.deleted_at is 'When it was deleted.';
comment on column public.timeseries_archive.deleted_by is 'Who deleted it.';
comment on column public.timeseries_archive.deletion_reason is 'app.reason of the deleting transaction.';
comment on column public.timeseries_archive.restored_at is 'When it was brought back; null while it is only here.';
comment on column public.timeseries_archive.restored_by is 'Who brought it back.';

-- validation_rules ---------------------------------------------------------------------------------------------------

create table public.validation_rules (
  rule_id int generated always as identity,
  data_type public.data_type_enum,
  source_id int,
  rule_name text not null,
  rule_sql text not null,
  error_message text not null,
  severity text not null default 'ERROR',
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  created_by text not null default app_private.current_actor(),
  constraint validation_rules_pkey primary key (rule_id),
  constraint validation_rules_source_id_fkey foreign key (source_id)
    references public.sources (source_id) on delete cascade,
  constraint validation_rules_data_type_source_id_rule_name_key
    unique nulls not distinct (data_type, source_id, rule_name),
  constraint validation_rules_scope_check check (data_type is not null or source_id is not null),
  constraint validation_rules_severity_check check (severity in ('ERROR', 'WARNING', 'INFO'))
);

-- For the foreign key; the unique key starts with data_type.
create index validation_rules_source_id_idx on public.validation_rules (source_id);

comment on table public.validation_rules is
  'Boolean expressions over one row that the rows of a type or source must satisfy. Compiled when they change.';
comment on column public.validation_rules.rule_id is 'Key of the rule.';
comment on column public.validation_rules.data_type is 'Kind of series that the rule is for; may be null when source_id is given.';
comment on column public.validation_rules.source_id is 'The only source that the rule is for; null: every source of the type.';
comment on column public.validation_rules.rule_name is 'Name, unique within its scope.';
comment on column public.validation_rules.rule_sql is
  'Boolean expression over source_id, timestamp, open, high, low, close, volume and value. Admitted only if PostgreSQL takes it as a stored generated column. Null counts as satisfied.';
comment on column public.validation_rules.error_message is 'What a violation means, for people.';
comment on column public.validation_rules.severity is 'ERROR also clears is_validated; WARNING and INFO only cost points.';
comment on column public.validation_rules.enabled is 'Whether the rule is applied.';
comment on column public.validation_rules.created_at is 'When the rule was made.';
comment on column public.validation_rules.created_by is 'Who made it.';

-- The shape of a row as rules see it. Stays empty: rules are tried on it as generated columns.
create table app_private.rule_row (
  source_id int,
  timestamp timestamptz(3),
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  value numeric
);
comment on table app_private.rule_row is 'The columns that a validation rule may use. Always empty.';

-- anomalies ----------------------------------------------------------------------------------------------------------

create table public.anomalies (
  anomaly_id bigint generated always as identity,
  source_id int not null,
  timestamp timestamptz(3) not null,
  detected_at timestamptz not null default now(),
  anomaly_type public.anomaly_type_enum not null,
  severity text not null,
  value numeric,
  z_score numeric,
  expected_value numeric,
  deviation_pct numeric,
  is_blackswan boolean not null default false,
  reviewed boolean not null default false,
  is_false_positive boolean not null default false,
  resolved_at timestamptz,
  resolved_by text,
  resolution_notes text,
  context jsonb not null default '{}',
  constraint anomalies_pkey primary key (anomaly_id),
  constraint anomalies_source_id_timestamp_anomaly_type_key unique (source_id, timestamp, anomaly_type),
  constraint anomalies_source_id_fkey foreign key (source_id)
    references public.sources (source_id) on delete cascade,
  constraint anomalies_severity_check check (severity in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  constraint anomalies_resolved_check check ((resolved_at is null) = (resolved_by is null))
);

-- The work list: what nobody has looked at or resolved yet, newest first.
create index anomalies_open_idx on public.anomalies (timestamp desc) where resolved_at is null;

comment on table public.anomalies is 'Rows and periods that are unusual; one entry per source, moment and type.';
comment on column public.anomalies.anomaly_id is 'Key of the anomaly.';
comment on column public.anomalies.source_id is 'The series.';
comment on column public.anomalies.timestamp is 'The row; for missing_data the first missing moment.';
comment on column public.anomalies.detected_at is 'When it was found.';
comment on column public.anomalies.anomaly_type is 'What is unusual.';
comment on column public.anomalies.severity is 'LOW, MEDIUM, HIGH or CRITICAL.';
comment on column public.anomalies.value is 'Level of the row: coalesce(close, value).';
comment on column public.anomalies.z_score is 'Distance from the mean of the 200 rows before, in sample standard deviations; null after a flat history.';
comment on column public.anomalies.expected_value is 'Mean of the 200 rows before.';
comment on column public.anomalies.deviation_pct is 'Distance from the mean, in percent of the mean.';
comment on column public.anomalies.is_blackswan is 'Beyond 6 sigma, or a change after a flat history.';
comment on column public.anomalies.reviewed is 'Somebody has looked at it.';
comment on column public.anomalies.is_false_positive is 'Somebody found the row to be right.';
comment on column public.anomalies.resolved_at is 'When it was settled; null while open.';
comment on column public.anomalies.resolved_by is 'Who settled it; system when a correction brought the row back inside.';
comment on column public.anomalies.resolution_notes is 'How it was settled.';
comment on column public.anomalies.context is 'Details, for example {"flat_history": true} or the extent of a gap.';

-- The pipeline -------------------------------------------------------------------------------------------------------

create type app_private.island as (
  source_id int,
  first_moment timestamptz,
  last_moment timestamptz,
  moments timestamptz[]
);
comment on type app_private.island is
  'Rows of one source that are scored together, ten thousand at most; moments are in order of time.';

create type app_private.score as (
  source_id int,
  "timestamp" timestamptz,
  quality_score smallint,
  is_anomaly boolean,
  is_validated boolean,
  is_rewrite boolean,
  island_start timestamptz,
  position int,
  level numeric,
  mean numeric,
  stddev numeric
);
comment on type app_private.score is
  'The score of a row. is_rewrite: the stored row has another. position: among the rows that were read for the island. level, mean and stddev are those of an outlier.';

create table app_private.pipeline_token (
  token text not null default gen_random_uuid(),
  constraint pipeline_token_pkey primary key (token)
);
comment on table app_private.pipeline_token is
  'One row that only the owner can read. The pipeline shows it to its own trigger, so that others cannot pass for it.';
insert into app_private.pipeline_token default values;
