--! Previous: sha1:2351e80d72010ad14688e01b79817cffc0ef4a63
--! Hash: sha1:b062153e868f817d861794e7a87f344b328ea819
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

-- include: functions/is_trusted.sql
create or replace function app_private.is_trusted(class oid, object oid) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_depend as e where e.classid = class and e.objid = object and e.deptype = 'e'
  ) or exists (
    select
    from (
      select proowner, pronamespace from pg_proc where class = 'pg_proc'::regclass and oid = object
      union all
      select oprowner, oprnamespace from pg_operator where class = 'pg_operator'::regclass and oid = object
      union all
      select typowner, typnamespace from pg_type where class = 'pg_type'::regclass and oid = object
      union all
      select collowner, collnamespace from pg_collation where class = 'pg_collation'::regclass and oid = object
      union all
      select relowner, relnamespace from pg_class where class = 'pg_class'::regclass and oid = object
    ) as o (owner, namespace)
    where o.owner in (
        10, -- PostgreSQL's own superuser
        (select n.nspowner from pg_namespace as n where n.nspname = 'app_private')
      )
      and o.namespace <> pg_my_temp_schema()
      and not pg_is_other_temp_schema(o.namespace)
  );
$$;

comment on function app_private.is_trusted(oid, oid) is
  'Whether a function, operator, type, collation or table (its catalog and oid) belongs to PostgreSQL, an extension or the owner of this schema, and is not temporary.';
-- end of functions/is_trusted.sql
-- include: functions/strange_type.sql
create or replace function app_private.strange_type(rule_sql text) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive words as (
    select
      regexp_split_to_array(lower(rule_sql collate "C"), '[^a-z0-9_]+') as words,
      -- Quotes, dollar signs and other letters: there may be any name.
      rule_sql ~ '["$]|[^\x01-\x7f]' as is_odd
  ),
  strange (oid) as (
    select c.contypid
    from pg_constraint as c
    where c.contypid <> 0 and c.contype = 'c' and not app_private.is_trusted('pg_type'::regclass, c.contypid)
    union
    -- Whatever contains one: other domains, arrays, tables and composite types, ranges.
    select x.oid
    from strange as s
    cross join lateral (
      select t.oid from pg_type as t where t.typbasetype = s.oid or t.typelem = s.oid
      union all
      select c.reltype from pg_attribute as a join pg_class as c on c.oid = a.attrelid where a.atttypid = s.oid
      union all
      select unnest(array[r.rngtypid, r.rngmultitypid]) from pg_range as r where r.rngsubtype = s.oid
    ) as x (oid)
  )
  select format_type(t.oid, null)
  from strange as s
  join pg_type as t on t.oid = s.oid
  join pg_namespace as n on n.oid = t.typnamespace
  cross join words as w
  where (t.typname = any (w.words) or (w.is_odd and t.typname !~ '^[a-z0-9_]+$') or rule_sql ~* 'u&"')
    and (
      n.oid = pg_my_temp_schema()
      or n.nspname = 'public'
      or n.nspname = any (w.words)
      or (w.is_odd and n.nspname !~ '^[a-z0-9_]+$')
      or rule_sql ~* 'u&"'
    )
  limit 1;
$$;

comment on function app_private.strange_type(text) is
  'A type that this text could name and whose values are checked by a function of somebody who is not trusted; null when there is none.';
-- end of functions/strange_type.sql
-- include: functions/canonical_rule.sql
-- Rules run with the rights of the owner, whoever wrote them. So they may use only what PostgreSQL, its extensions or
-- the owner have made, and that is checked before PostgreSQL evaluates anything: planning calls immutable functions.
create or replace function app_private.canonical_rule(rule_sql text, otherwise text default null) returns text
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
-- Literals in a rule mean the same whoever compiles it.
set timezone = 'UTC'
set datestyle = 'ISO, MDY'
set intervalstyle = postgres
set standard_conforming_strings = on
as $$
declare
  stranger text;
  expression text;
  refusal text;
begin
  begin
    -- What has no semicolon is one statement at most.
    if strpos(rule_sql, ';') > 0 then
      raise exception 'syntax error at or near ";"';
    end if;

    -- Parsing alone reads literals: the domain of a stranger would check them with a function of his.
    stranger := app_private.strange_type(rule_sql);
    if stranger is not null then
      raise exception 'it may name the type %, which neither PostgreSQL nor the owner of this schema has made', stranger;
    end if;

    -- A view is parsed and stored, not planned. The subquery has no system columns, which generated columns may use and
    -- rules may not.
    execute format(
      E'create view app_private.rule_probe as select (%s\n) as passes from (select * from app_private.rule_row) as rule_row',
      rule_sql
    );
    select pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
    into stranger
    from pg_rewrite as r
    join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    where r.ev_class = to_regclass('app_private.rule_probe')
      and not app_private.is_trusted(d.refclassid, d.refobjid)
    limit 1;
    if found then
      raise exception 'it uses %, which neither PostgreSQL nor the owner of this schema has made', stranger;
    end if;
    if 1 <> (select count(*) from pg_attribute as a where a.attrelid = to_regclass('app_private.rule_probe') and a.attnum > 0) then
      raise exception 'syntax error at or near ","';
    end if;

    -- PostgreSQL itself is the judge: a stored generated column must be boolean, row-local, immutable, no subquery.
    execute format(
      E'alter table app_private.rule_row add column passes boolean generated always as (%s\n) stored', rule_sql
    );
    -- Whatever is not PostgreSQL's own is written with its schema.
    perform set_config('search_path', 'pg_catalog, pg_temp', true);
    select pg_get_expr(d.adbin, d.adrelid) into strict expression
    from pg_attrdef as d
    where d.adrelid = 'app_private.rule_row'::regclass;

    raise exception using errcode = 'MD000';
  exception
    when sqlstate 'MD000' then
      return expression; -- the probes are rolled back, what PostgreSQL understood is kept
    when others then
      -- A deadlock, a timeout, a full disk or a shutdown says nothing about the rule.
      if left(sqlstate, 2) in ('40', '53', '55', '57', '58', 'XX') then
        raise;
      end if;
      refusal := sqlerrm;
  end;

  if otherwise is not null then
    raise warning 'a validation rule does not compile any more and counts as violated: %', refusal
      using detail = format('rule_sql: %s', rule_sql);
    return otherwise;
  end if;
  raise exception 'validation rule refused: %', refusal
    using errcode = 'MD001',
          detail = format('rule_sql: %s', rule_sql),
          hint = 'A rule is one boolean, immutable expression over source_id, timestamp, open, high, low, close, volume and value, without subqueries.';
end
$$;

comment on function app_private.canonical_rule(text, text) is
  'The expression as PostgreSQL understands it. A text that cannot be a rule gives the second argument, or error MD001 with the reason.';
-- end of functions/canonical_rule.sql
-- include: functions/compile_rules.sql
create or replace function app_private.compile_rules() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, MDY'
set intervalstyle = postgres
set standard_conforming_strings = on
as $$
declare
  arguments constant text :=
    'source_id int, data_type public.data_type_enum, "timestamp" timestamptz, '
    'open numeric, high numeric, low numeric, close numeric, volume numeric, value numeric';
  all_satisfied text;
  violated text;
  guarded text;
  error_rules text;
begin
  -- Who compiles must see every rule that is committed.
  perform app_private.take_turn('rules');

  with rules as (
    select
      rule_id,
      severity,
      -- A rule whose function was dropped would raise on every row, which counts as violated.
      format('(%s) is false', app_private.canonical_rule(rule_sql, otherwise => 'false')) as is_violated,
      concat_ws(
        ' and ',
        case when validation_rules.data_type is not null then format('data_type = %L', validation_rules.data_type) end,
        case when validation_rules.source_id is not null then format('source_id = %s', validation_rules.source_id) end
      ) as applies
    from public.validation_rules
    where enabled
  )
  select
    coalesce(string_agg(format('not (%s and %s)', applies, is_violated), ' and ' order by rule_id), 'true'),
    coalesce(string_agg(format('case when %s and %s then %s end', applies, is_violated, rule_id), ', ' order by rule_id), 'null'),
    coalesce(string_agg(format(
      E'  begin\n    if %s and %s then violated := violated || %s; end if;\n'
      '  exception when query_canceled then raise; when others or assert_failure then violated := violated || %s;\n  end;\n',
      applies, is_violated, rule_id, rule_id
    ), '' order by rule_id), ''),
    coalesce(string_agg(rule_id::text, ', ' order by rule_id) filter (where severity = 'ERROR'), '')
  into all_satisfied, violated, guarded, error_rules
  from rules;

  -- A body without quotes is parsed here and inlined into the statement that scores a batch.
  execute format(
    $f$
      create or replace function app_private.violated_rules(%s) returns int[]
      language sql immutable
      return case when %s then '{}'::int[] else array_remove(array[%s]::int[], null) end
    $f$, arguments, all_satisfied, violated
  );
  execute format(
    $f$
      create or replace function app_private.violated_rules_guarded(%s) returns int[]
      language plpgsql immutable
      set search_path = pg_catalog, pg_temp
      set timezone = 'UTC'
      set datestyle = 'ISO, MDY'
      set intervalstyle = postgres
      set standard_conforming_strings = on
      as %L
    $f$, arguments, format(
      E'#variable_conflict error\ndeclare\n  violated int[] := ''{}''::int[];\nbegin\n%s  return violated;\nend', guarded
    )
  );
  execute format(
    $f$
      create or replace function app_private.error_rules() returns int[]
      language sql immutable
      return array[%s]::int[]
    $f$, error_rules
  );

  comment on function app_private.violated_rules is
    'Generated by compile_rules(): the enabled rules that a row violates.';
  comment on function app_private.violated_rules_guarded is
    'Generated by compile_rules(): as violated_rules, but a rule that raises counts as violated. Slower.';
  comment on function app_private.error_rules is
    'Generated by compile_rules(): the enabled rules of severity ERROR.';
end
$$;

comment on function app_private.compile_rules() is
  'Turns the enabled rows of validation_rules into the functions that the pipeline calls.';
-- end of functions/compile_rules.sql

insert into public.validation_rules (data_type, rule_name, rule_sql, error_message, severity, enabled) values
  ('ohlcv', 'ohlc_ordering', 'high >= greatest(open, low, close) and low <= least(open, high, close)',
    'high must be the highest and low the lowest of the four prices', 'ERROR', true),
  ('ohlcv', 'positive_price', 'least(open, high, low, close) > 0',
    'prices must be positive', 'ERROR', true),
  ('ohlcv', 'non_negative_volume', 'volume >= 0',
    'volume must not be negative', 'ERROR', true),
  ('derivative', 'funding_rate_range', 'value between -1 and 1',
    'a funding rate lies between -1 and 1', 'WARNING', true),
  -- An example to copy: give it the source_id of an RSI series and enable it.
  ('calculated', 'rsi_range', 'value between 0 and 100',
    'an RSI lies between 0 and 100', 'ERROR', false);

select app_private.compile_rules();

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

-- include: functions/bounded_level.sql
-- 1e100 is far beyond any market. Near the end of numeric, at 1e131072, a deviation takes seconds, or overflows.
create or replace function app_private.bounded_level(level numeric) returns numeric
language sql immutable
return case
  when level > power(10::numeric, 100) then power(10::numeric, 100)
  when level < -power(10::numeric, 100) then -power(10::numeric, 100)
  else level
end;

comment on function app_private.bounded_level(numeric) is
  'A level, cut to what mean, deviation and quotients can be computed of.';
-- end of functions/bounded_level.sql

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

-- include: functions/history_before.sql
create or replace function app_private.history_before(
  source_id int,
  moment timestamptz,
  update_frequency interval,
  out first_moment timestamptz,
  out row_count bigint,
  out last_level numeric,
  out level_count bigint,
  out mean numeric,
  out stddev numeric
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  since timestamptz;
begin
  -- They are looked for close by first: a search without a lower bound opens every chunk there is.
  foreach since in array array[moment - 400 * least(update_frequency, interval '1 month'), '-infinity'] loop
    select
      min(h.timestamp),
      count(*),
      (array_agg(h.level order by h.timestamp desc))[1],
      count(h.level),
      avg(h.level),
      stddev_samp(h.level)
    into first_moment, row_count, last_level, level_count, mean, stddev
    from (
      select d.timestamp, app_private.bounded_level(coalesce(d.close, d.value)) as level
      from public.timeseries_data as d
      where d.source_id = history_before.source_id and d.timestamp >= since and d.timestamp < moment
      order by d.timestamp desc
      limit 200
    ) as h;
    exit when row_count = 200;
  end loop;
end
$$;

comment on function app_private.history_before(int, timestamptz, interval) is
  'The 200 rows of a source before a moment, summed up: since when, how many, their last level, and count, mean and deviation of their levels.';
-- end of functions/history_before.sql
-- include: functions/score_island.sql
create or replace function app_private.score_island(island app_private.island, is_whole boolean, guarded boolean)
returns setof app_private.score
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  is_alone constant boolean := cardinality(island.moments) = 1;
  source record;
  history record;
  since timestamptz := island.first_moment;
begin
  select s.data_type, s.update_frequency into source from public.sources as s where s.source_id = island.source_id;
  history := app_private.history_before(island.source_id, island.first_moment, source.update_frequency);

  -- A row that came alone has the history just read. With others it shares a window that slides over all of them.
  if not is_alone then
    since := coalesce(history.first_moment, since);
  end if;

  return query
  with in_context as (
    select
      d.*,
      row_number() over before as position,
      case when is_alone then history.last_level else lag(d.level) over before end as previous_level,
      case when is_alone then history.level_count else count(d.level) over before end as history_count,
      case when is_alone then history.mean else avg(d.level) over before end as mean,
      case when is_alone then history.stddev else stddev_samp(d.level) over before end as stddev
    from (
      select t.*, app_private.bounded_level(coalesce(t.close, t.value)) as level
      from public.timeseries_data as t
      where t.source_id = island.source_id and t.timestamp >= since and t.timestamp <= island.last_moment
      offset 0 -- a fence: the level is computed once, not for each aggregate
    ) as d
    window before as (order by d.timestamp rows between 200 preceding and 1 preceding)
  ),
  checked as (
    select
      r.timestamp,
      r.quality_score,
      r.is_anomaly,
      r.is_validated,
      r.position,
      coalesce(r.close, r.value) as level,
      r.mean,
      r.stddev,
      case source.data_type
        when 'ohlcv' then num_nulls(r.open, r.high, r.low, r.close, r.volume) > 0
        else r.value is null
      end as is_incomplete,
      not r.is_backfilled and r.created_at > r.timestamp + 2 * source.update_frequency as is_late,
      coalesce(abs(r.level - r.previous_level) > 0.5 * abs(r.previous_level), false) as is_jump,
      case
        when guarded then app_private.violated_rules_guarded(
          r.source_id, source.data_type, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value)
        else app_private.violated_rules(
          r.source_id, source.data_type, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value)
      end as violated,
      -- A flat history has stddev 0: any other level is an outlier.
      coalesce(r.history_count >= 30 and abs(r.level - r.mean) > 4 * r.stddev, false) as is_outlier
    from in_context as r
    where r.timestamp >= island.first_moment
      -- "is true" keeps this a look-up in a hash of the moments; as a join it would be planned by chance.
      and (is_whole or (r.timestamp in (select unnest(island.moments))) is true)
    offset 0 -- likewise each check
  ),
  scored as (
    select
      c.*,
      greatest(0,
        100
        - case when c.is_incomplete then 30 else 0 end
        - case when c.is_late then 20 else 0 end
        - case when c.is_jump then 25 else 0 end
        - 10 * cardinality(c.violated)
      )::smallint as score,
      not c.violated && app_private.error_rules() as is_valid
    from checked as c
    offset 0 -- likewise each score
  )
  select
    island.source_id,
    r.timestamp::timestamptz,
    r.score,
    r.is_outlier,
    r.is_valid,
    (r.quality_score, r.is_anomaly, r.is_validated) is distinct from (r.score, r.is_outlier, r.is_valid),
    island.first_moment,
    r.position::int,
    case when r.is_outlier then r.level end,
    case when r.is_outlier then r.mean end,
    case when r.is_outlier then r.stddev end
  from scored as r
  where (r.quality_score, r.is_anomaly, r.is_validated) is distinct from (r.score, r.is_outlier, r.is_valid)
    or r.is_outlier;
end
$$;

comment on function app_private.score_island(app_private.island, boolean, boolean) is
  'Scores rows by the contract of quality_score and is_anomaly; returns those that are outliers or stored with another score. is_whole: no other row lies between them. guarded: a rule that raises counts as violated.';
-- end of functions/score_island.sql
-- include: functions/compute_scores.sql
create or replace function app_private.compute_scores(islands app_private.island[], guarded boolean)
returns setof app_private.score
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- For all that it calls. A day is 24 hours, whatever the summer time of the session.
set timezone = 'UTC'
-- By the index in order of time, whatever the statistics said when the chunk was new.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
-- set_config is volatile, but what it sets ends with the function.
-- @plpgsql_check_options: other_warnings = off
declare
  island app_private.island;
  row_count int;
  most_rows int;
  stored_count int;
  middle int;
begin
  -- One plan for all islands looks at each chunk when it starts, which is quick while there are few. To plan for the
  -- bounds of an island costs half a millisecond, however many chunks there are.
  if exists (select from pg_inherits as i where i.inhparent = 'public.timeseries_data'::regclass offset 12) then
    perform set_config('plan_cache_mode', 'force_custom_plan', true); -- until the function ends
  end if;

  foreach island in array islands loop
    row_count := cardinality(island.moments);
    stored_count := 1;
    if row_count > 1 then
      most_rows := 4 * row_count + 500;
      select count(*)
      into stored_count
      from (
        select
        from public.timeseries_data as d
        where d.source_id = island.source_id
          and d.timestamp >= island.first_moment
          and d.timestamp <= island.last_moment
        limit most_rows
      ) as d;

      -- With many others between them, each half is scored apart, and so on: rows that lie years apart do not make us
      -- read all that is between them.
      if stored_count = most_rows then
        middle := row_count / 2;
        return query
        select s.*
        from app_private.compute_scores(
          array[
            (island.source_id, island.first_moment, island.moments[middle], island.moments[:middle]),
            (island.source_id, island.moments[middle + 1], island.last_moment, island.moments[middle + 1:])
          ]::app_private.island[],
          guarded
        ) as s;
        continue;
      end if;
    end if;

    -- Mostly every row between the first and the last was written, and none has to be looked up.
    return query
    select s.* from app_private.score_island(island, stored_count = row_count, guarded) as s;
  end loop;
end
$$;

comment on function app_private.compute_scores(app_private.island[], boolean) is
  'The scores of rows that are outliers or stored with another score. Clean rows cost no write. guarded: after an error, a rule that raises counts as violated.';
-- end of functions/compute_scores.sql
create table app_private.pipeline_token (
  token text not null default gen_random_uuid(),
  constraint pipeline_token_pkey primary key (token)
);
comment on table app_private.pipeline_token is
  'One row that only the owner can read. The pipeline shows it to its own trigger, so that others cannot pass for it.';
insert into app_private.pipeline_token default values;

-- include: functions/update_scores.sql
create or replace function app_private.update_scores(scores app_private.score[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
-- The bounds of a run must be known when it is planned: they exclude chunks and spare compressed batches.
set plan_cache_mode = force_custom_plan
set timescaledb.max_tuples_decompressed_per_dml_transaction = 0
as $$
declare
  run record;
begin
  -- Tells the trigger of these updates that they are the pipeline's.
  perform set_config('app.pipeline_token', (select p.token from app_private.pipeline_token as p), true);

  -- One update for each run of neighbours. A run ends with its island, or where the next row is more than a thousand
  -- rows away, so that a write to compressed history decompresses only the batches that it changes.
  for run in
    with rewrites as (
      select
        s.*,
        s.position - lag(s.position) over neighbours > 1000 as is_far
      from unnest(scores) as s
      where s.is_rewrite
      window neighbours as (partition by s.source_id, s.island_start order by s.position)
    ),
    numbered as (
      select
        r.*,
        count(*) filter (where r.is_far) over neighbours as run_number
      from rewrites as r
      window neighbours as (partition by r.source_id, r.island_start order by r.position)
    )
    select
      n.source_id,
      min(n.timestamp) as first_moment,
      max(n.timestamp) as last_moment,
      array_agg(n.timestamp order by n.timestamp) as moments,
      array_agg(n.quality_score order by n.timestamp) as quality_scores,
      array_agg(n.is_anomaly order by n.timestamp) as anomalies,
      array_agg(n.is_validated order by n.timestamp) as validated
    from numbered as n
    group by n.source_id, n.island_start, n.run_number
    order by n.source_id, first_moment
  loop
    update public.timeseries_data as d
    set quality_score = s.quality_score, is_anomaly = s.is_anomaly, is_validated = s.is_validated
    from unnest(run.moments, run.quality_scores, run.anomalies, run.validated)
      as s (moment, quality_score, is_anomaly, is_validated)
    where d.source_id = run.source_id
      and d.timestamp between run.first_moment and run.last_moment
      and d.timestamp = s.moment;
  end loop;

  perform set_config('app.pipeline_token', '', true);
end
$$;

comment on function app_private.update_scores(app_private.score[]) is 'Stores scores on their rows.';
-- end of functions/update_scores.sql
-- include: functions/write_anomalies.sql
create or replace function app_private.write_anomalies(scores app_private.score[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
set plan_cache_mode = force_custom_plan
as $$
begin
  insert into public.anomalies as a (
    source_id, timestamp, anomaly_type, severity, value, z_score, expected_value, deviation_pct, is_blackswan, context
  )
  select
    s.source_id,
    s.timestamp,
    (case when o.is_blackswan then 'outlier_6sigma' else 'outlier_4sigma' end)::public.anomaly_type_enum,
    case
      when o.is_blackswan then 'CRITICAL'
      when abs(l.level - s.mean) > 5 * s.stddev then 'HIGH'
      else 'MEDIUM'
    end,
    s.level,
    round((l.level - s.mean) / nullif(s.stddev, 0), 6),
    s.mean,
    round(100 * (l.level - s.mean) / nullif(abs(s.mean), 0), 6),
    o.is_blackswan,
    case when s.stddev = 0 then '{"flat_history": true}' else '{}' end::jsonb
  from unnest(scores) as s
  cross join lateral (select app_private.bounded_level(s.level) as level) as l
  cross join lateral (select abs(l.level - s.mean) > 6 * s.stddev as is_blackswan) as o
  where s.is_anomaly
  on conflict (source_id, timestamp, anomaly_type) do update
  set
    detected_at = now(),
    severity = excluded.severity,
    value = excluded.value,
    z_score = excluded.z_score,
    expected_value = excluded.expected_value,
    deviation_pct = excluded.deviation_pct,
    is_blackswan = excluded.is_blackswan,
    context = excluded.context,
    -- What a person has said about this very value stays.
    reviewed = a.reviewed and a.value = excluded.value,
    is_false_positive = a.is_false_positive and a.value = excluded.value,
    resolved_at = case when a.value = excluded.value and a.resolved_by <> 'system' then a.resolved_at end,
    resolved_by = case when a.value = excluded.value and a.resolved_by <> 'system' then a.resolved_by end,
    resolution_notes = case when a.value = excluded.value and a.resolved_by <> 'system' then a.resolution_notes end
  where (a.value, a.expected_value, a.z_score) is distinct from
      (excluded.value, excluded.expected_value, excluded.z_score)
    or a.resolved_by = 'system';

  update public.anomalies as a
  set
    resolved_at = now(),
    resolved_by = 'system',
    resolution_notes = case when s.is_anomaly then 'The row is now an outlier of another kind.' else 'The row is back inside.' end
  from unnest(scores) as s
  cross join lateral (
    select (case
      when abs(app_private.bounded_level(s.level) - s.mean) > 6 * s.stddev then 'outlier_6sigma'
      else 'outlier_4sigma'
    end)::public.anomaly_type_enum as anomaly_type
  ) as o
  where a.source_id = s.source_id
    and a.timestamp = s.timestamp
    and a.resolved_at is null
    and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
    and (not s.is_anomaly or a.anomaly_type <> o.anomaly_type);
end
$$;

comment on function app_private.write_anomalies(app_private.score[]) is
  'Opens an anomaly for each outlier and resolves those of rows that are back inside.';
-- end of functions/write_anomalies.sql
-- include: functions/score_rows.sql
create or replace function app_private.score_rows(islands app_private.island[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  slice app_private.island[] := '{}'::app_private.island[];
  row_count int := 0;
  scores app_private.score[];
begin
  for i in 1 .. cardinality(islands) loop
    -- Some ten thousand rows at a time, so that a statement of millions needs no more memory than that.
    slice := slice || islands[i];
    row_count := row_count + cardinality(islands[i].moments);
    continue when row_count < 10000 and i < cardinality(islands);

    begin
      scores := array(select s from app_private.compute_scores(slice, guarded => false) as s);
    exception
      when others or assert_failure then
        -- Dropped with a function that a rule used.
        if to_regproc('app_private.violated_rules') is null then
          perform app_private.compile_rules();
        end if;
        -- A rule raised, say a division by zero. Score again with each rule guarded; any other error comes again there.
        scores := array(select s from app_private.compute_scores(slice, guarded => true) as s);
    end;

    if scores <> '{}' then
      perform app_private.update_scores(scores);
      perform app_private.write_anomalies(scores);
    end if;
    slice := '{}';
    row_count := 0;
  end loop;
end
$$;

comment on function app_private.score_rows(app_private.island[]) is
  'Scores the rows of these islands and writes what differs from what is stored.';
-- end of functions/score_rows.sql
-- include: functions/require_source.sql
create or replace function app_private.require_source(source_id int) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from public.sources as s where s.source_id = require_source.source_id) then
    raise exception 'source % does not exist', coalesce(require_source.source_id::text, 'null')
      using errcode = 'MD006',
            hint = 'Look the source_id up in public.sources, or register the source first.';
  end if;
end
$$;

comment on function app_private.require_source(int) is 'Raises MD006 for a source that is not registered.';
-- end of functions/require_source.sql
-- include: functions/require_range.sql
create or replace function app_private.require_range(first_moment timestamptz, last_moment timestamptz) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if first_moment > last_moment then
    raise exception 'the range ends (%) before it starts (%)', last_moment, first_moment
      using errcode = 'MD007',
            hint = 'Pass the earlier moment first.';
  end if;
end
$$;

comment on function app_private.require_range(timestamptz, timestamptz) is 'Raises MD007 for a range that ends before it starts.';
-- end of functions/require_range.sql
-- include: functions/lock_rows.sql
-- A row of a compressed batch cannot be locked, but the batch can: whoever changes the row takes it apart.
create or replace function app_private.lock_rows(source_id int, first_moment timestamptz, last_moment timestamptz)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  part record;
begin
  for part in
    select p.*
    from timescaledb_information.chunks as c
    cross join lateral (select format('%I.%I', c.chunk_schema, c.chunk_name)::regclass as relation) as r
    left join _timescaledb_catalog.compression_settings as s on s.relid = r.relation
    cross join lateral (
      values
        (s.compress_relid, '_ts_meta_min_1', '_ts_meta_max_1'), -- batches
        (r.relation, 'timestamp', 'timestamp')
    ) as p (relation, first_column, last_column)
    where c.hypertable_schema = 'public'
      and c.hypertable_name = 'timeseries_data'
      and c.range_start <= last_moment
      and c.range_end > first_moment
      and p.relation is not null
    order by c.range_start, p.first_column
  loop
    execute format(
      $f$
        select count(*)
        from (
          select
          from only %1$s
          where source_id = $1 and %3$I >= $2 and %2$I <= $3
          order by %2$I
          for no key update
        ) as locked
      $f$, part.relation, part.first_column, part.last_column
    ) using source_id, first_moment, last_moment;
  end loop;
end
$$;

comment on function app_private.lock_rows(int, timestamptz, timestamptz) is
  'Locks the rows of a source in a range (both ends included) in order of time, and waits for those who have changed some.';
-- end of functions/lock_rows.sql
-- include: functions/rescore.sql
create or replace procedure public.rescore(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  first_moment constant timestamptz := coalesce(range_start, '-infinity');
  last_moment constant timestamptz := coalesce(range_end, 'infinity');
  island app_private.island;
begin
  perform app_private.require_source(rescore.source_id);
  perform app_private.require_range(range_start, range_end);

  -- What others have changed and not committed is waited for, and nothing below looks at the rows before that.
  perform app_private.lock_rows(rescore.source_id, first_moment, last_moment);

  for island in
    select
      rescore.source_id,
      min(d.timestamp),
      max(d.timestamp),
      array_agg(d.timestamp::timestamptz order by d.timestamp)
    from (
      select t.timestamp, (row_number() over (order by t.timestamp) - 1) / 10000 as slice
      from public.timeseries_data as t
      where t.source_id = rescore.source_id and t.timestamp between first_moment and last_moment
    ) as d
    group by d.slice
    order by d.slice
  loop
    perform app_private.score_rows(array[island]);
  end loop;

  -- What is open now for a row that is clean, or gone, no longer holds. What retention dropped was not scored again.
  update public.anomalies as a
  set
    resolved_at = now(),
    resolved_by = 'system',
    resolution_notes = case
      when exists (
        select
        from public.timeseries_data as d
        where d.source_id = a.source_id and d.timestamp = a.timestamp
      ) then 'The row is back inside.'
      else 'The row was deleted.'
    end
  where a.source_id = rescore.source_id
    and a.timestamp between first_moment and last_moment
    and a.timestamp >= coalesce(app_private.dropped_until(), '-infinity')
    and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
    and a.resolved_at is null
    and not exists (
      select
      from public.timeseries_data as d
      where d.source_id = a.source_id and d.timestamp = a.timestamp and d.is_anomaly
    );
end
$$;

comment on procedure public.rescore(int, timestamptz, timestamptz) is
  'Scores the rows of a source from range_start to range_end (both included, null: open) again, for neighbours that arrived out of order or rules that changed.';
-- end of functions/rescore.sql
-- include: functions/differing_rows.sql
create or replace function public.differing_rows(
  lines text,
  columns text[],
  first_moment timestamptz,
  last_moment timestamptz,
  keep_corrections boolean
) returns table (
  source_id int,
  "timestamp" timestamptz,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  value numeric,
  is_new boolean,
  is_kept boolean
)
language sql stable
-- Having no settings of its own, it becomes a part of the query that calls it, and is planned for the bounds at hand.
begin atomic
  with given as materialized (
    select
      (l.cells)[1]::int as source_id,
      (l.cells)[2]::timestamptz(3) as timestamp,
      (l.cells)[3]::numeric as open,
      (l.cells)[4]::numeric as high,
      (l.cells)[5]::numeric as low,
      (l.cells)[6]::numeric as close,
      (l.cells)[7]::numeric as volume,
      (l.cells)[8]::numeric as value
    from (
      select string_to_array(t.line, e'\t', '\N') as cells
      from string_to_table(lines, e'\n') as t (line)
      where t.line <> ''
      offset 0 -- a fence: the line is cut once, not for each cell
    ) as l
  ),
  months as (
    select g.source_id, min(g.timestamp) as first_moment, max(g.timestamp) as last_moment
    from given as g
    group by g.source_id, date_trunc('month', g.timestamp, 'UTC')
  ),
  stored as (
    select d.source_id, d.timestamp, d.open, d.high, d.low, d.close, d.volume, d.value
    from months as m
    cross join lateral (
      select t.source_id, t.timestamp, t.open, t.high, t.low, t.close, t.volume, t.value
      from public.timeseries_data as t
      where t.source_id = m.source_id
        and t.timestamp between m.first_moment and m.last_moment
        -- The bounds of all rows are known when the statement is planned, by which it leaves out chunks.
        and t.timestamp between differing_rows.first_moment and differing_rows.last_moment
      offset 0
    ) as d
  )
  select
    g.source_id,
    g.timestamp,
    m.open,
    m.high,
    m.low,
    m.close,
    m.volume,
    m.value,
    n.is_new,
    coalesce(
      keep_corrections and not n.is_new and (
        select (
          select bool_and((a.new_value ->> c.name)::numeric is not distinct from (to_jsonb(s) ->> c.name)::numeric)
          from unnest(columns) as c (name)
        )
        from public.audit_log as a
        where a.source_id = g.source_id
          and a.timestamp = g.timestamp
          and a.table_name = 'timeseries_data'
          and a.action = 'CORRECTION'
        order by a.audit_id desc
        limit 1
      ),
      false
    ) as is_kept
  from given as g
  left join stored as s on s.source_id = g.source_id and s.timestamp = g.timestamp
  cross join lateral (select s.source_id is null as is_new) as n
  cross join lateral (
    select
      case when n.is_new or 'open' = any (columns) then g.open else s.open end as open,
      case when n.is_new or 'high' = any (columns) then g.high else s.high end as high,
      case when n.is_new or 'low' = any (columns) then g.low else s.low end as low,
      case when n.is_new or 'close' = any (columns) then g.close else s.close end as close,
      case when n.is_new or 'volume' = any (columns) then g.volume else s.volume end as volume,
      case when n.is_new or 'value' = any (columns) then g.value else s.value end as value
  ) as m
  where n.is_new
    or (s.open, s.high, s.low, s.close, s.volume, s.value)
      is distinct from (m.open, m.high, m.low, m.close, m.volume, m.value);
end;

comment on function public.differing_rows(text, text[], timestamptz, timestamptz, boolean) is
  'Rows, given as lines of COPY, that are not stored yet or would change what is stored if the columns were written. Kept is one that still is as a correction left it.';
-- end of functions/differing_rows.sql
-- include: functions/restore_archived.sql
create or replace function public.restore_archived(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  restored bigint;
begin
  perform app_private.require_source(restore_archived.source_id);
  perform app_private.require_range(range_start, range_end);

  with latest as (
    -- A row that was deleted more than once comes back as it was last.
    select distinct on (a.timestamp) a.*
    from public.timeseries_archive as a
    where a.source_id = restore_archived.source_id
      and a.timestamp between coalesce(range_start, '-infinity') and coalesce(range_end, 'infinity')
      and a.restored_at is null
    order by a.timestamp, a.archive_id desc
  ),
  back as (
    insert into public.timeseries_data (
      source_id, timestamp, open, high, low, close, volume, value, is_backfilled, created_at
    )
    select l.source_id, l.timestamp, l.open, l.high, l.low, l.close, l.volume, l.value, l.is_backfilled, l.created_at
    from latest as l
    on conflict on constraint timeseries_data_pkey do nothing
    returning timeseries_data.timestamp
  ),
  marked as (
    update public.timeseries_archive as a
    set restored_at = now(), restored_by = app_private.current_actor()
    from latest as l
    join back as b on b.timestamp = l.timestamp
    where a.archive_id = l.archive_id
    returning a.archive_id
  )
  select count(*) into restored from marked;

  return restored;
end
$$;

comment on function public.restore_archived(int, timestamptz, timestamptz) is
  'Brings deleted rows of a source from range_start to range_end (both included, null: open) back and returns how many. A row that exists again is left alone.';
-- end of functions/restore_archived.sql
-- include: functions/count_steps.sql
create or replace function app_private.count_steps(first_moment timestamptz, last_moment timestamptz, step interval)
returns bigint
language sql stable
set timezone = 'UTC'
set search_path = pg_catalog, pg_temp
as $$
  select case
    -- Months have no fixed length: they are counted by the calendar.
    when step >= interval '1 month' and step = justify_days(step) and extract(day from step) = 0 then
      floor(
        (12 * extract(year from age) + extract(month from age))
        / (12 * extract(year from step) + extract(month from step))
      )
    else floor(extract(epoch from last_moment - first_moment) / extract(epoch from step))
  end::bigint
  from (select age(last_moment, first_moment) as age) as a;
$$;

comment on function app_private.count_steps(timestamptz, timestamptz, interval) is
  'How many whole steps fit between two moments; months by the calendar, in UTC.';
-- end of functions/count_steps.sql
-- include: functions/missing_days.sql
-- A stock market series is complete when every trading day has a row.
create or replace function app_private.missing_days(
  source_id int, first_moment timestamptz, last_moment timestamptz
) returns table (gap_start timestamptz, gap_end timestamptz, missing_points bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with missing as (
    select
      t.timestamp,
      t.is_present,
      count(*) filter (where t.is_present) over (order by t.timestamp) as island
    from (
      select
        t.timestamp,
        exists (
          select from public.timeseries_data as d
          where d.source_id = missing_days.source_id
            and d.timestamp >= t.timestamp and d.timestamp < t.timestamp + interval '1 day'
        ) as is_present
      from public.time_index as t
      where t.is_trading_day and t.timestamp between public.normalize_to_daily_utc(first_moment) and last_moment
    ) as t
  )
  select min(m.timestamp)::timestamptz, max(m.timestamp)::timestamptz, count(*)
  from missing as m
  where not m.is_present
  group by m.island
  order by 1;
$$;

comment on function app_private.missing_days(int, timestamptz, timestamptz) is
  'Runs of trading days of the US market on which a source has no row.';
-- end of functions/missing_days.sql
-- include: functions/missing_intervals.sql
create or replace function app_private.missing_intervals(
  source_id int, update_frequency interval, first_moment timestamptz, last_moment timestamptz
) returns table (gap_start timestamptz, gap_end timestamptz, missing_points bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with points as (
    select d.timestamp::timestamptz as moment
    from public.timeseries_data as d
    where d.source_id = missing_intervals.source_id and d.timestamp between first_moment and last_moment
  ),
  -- Between two rows; the distance may be off by up to half an interval.
  between_rows as (
    select p.moment + update_frequency as moment, n.missing
    from (select p.moment, lead(p.moment) over (order by p.moment) as next_moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(
        p.moment, p.next_moment + update_frequency / 2, update_frequency) - 1 as missing
    ) as n
    -- Counting is slow, and most rows are where they should be.
    where p.next_moment - p.moment > 1.4 * update_frequency
  ),
  -- Before the first and after the last row of the range, on the grid of that row.
  before_rows as (
    select p.moment - n.missing * update_frequency as moment, n.missing
    from (select min(p.moment) as moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(first_moment, p.moment, update_frequency) as missing
    ) as n
  ),
  after_rows as (
    select p.moment + update_frequency as moment, n.missing
    from (select max(p.moment) as moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(p.moment, last_moment, update_frequency) as missing
    ) as n
  ),
  -- No row at all: the grid starts with the range.
  no_rows as (
    select
      first_moment as moment,
      app_private.count_steps(first_moment, last_moment, update_frequency) + 1 as missing
    where not exists (select from points)
  )
  select g.moment, g.moment + (g.missing - 1) * update_frequency, g.missing
  from (
    select * from before_rows
    union all
    select * from between_rows
    union all
    select * from after_rows
    union all
    select * from no_rows
  ) as g
  where g.missing > 0
  order by 1;
$$;

comment on function app_private.missing_intervals(int, interval, timestamptz, timestamptz) is
  'Where the rows of a source lie further apart than its update_frequency.';
-- end of functions/missing_intervals.sql
-- include: functions/detect_gaps.sql
create or replace function public.detect_gaps(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
) returns table (gap_start timestamptz, gap_end timestamptz, missing_points bigint)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
#variable_conflict use_column
declare
  source public.sources;
  first_moment timestamptz;
  last_moment timestamptz;
begin
  perform app_private.require_source(detect_gaps.source_id);
  perform app_private.require_range(range_start, range_end);
  select s.* into strict source from public.sources as s where s.source_id = detect_gaps.source_id;

  first_moment := coalesce(range_start, (
    select min(d.timestamp) from public.timeseries_data as d where d.source_id = detect_gaps.source_id));
  last_moment := coalesce(range_end, (
    select max(d.timestamp) from public.timeseries_data as d where d.source_id = detect_gaps.source_id));

  if source.market_type = 'US' then
    return query
    select m.* from app_private.missing_days(detect_gaps.source_id, first_moment, last_moment) as m;
  else
    return query
    select m.*
    from app_private.missing_intervals(detect_gaps.source_id, source.update_frequency, first_moment, last_moment) as m;
  end if;
end
$$;

comment on function public.detect_gaps(int, timestamptz, timestamptz) is
  'Gaps of a source from range_start to range_end (both included, null: its first and last row): first and last missing moment and how many points are missing, by update_frequency; US sources by trading day.';
-- end of functions/detect_gaps.sql
-- include: functions/record_gaps.sql
create or replace procedure public.record_gaps(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
)
language sql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
  with gaps as (
    select * from public.detect_gaps(record_gaps.source_id, range_start, range_end)
  ),
  filled as (
    update public.anomalies as a
    set resolved_at = now(), resolved_by = 'system', resolution_notes = 'The gap is filled or has another extent.'
    where a.source_id = record_gaps.source_id
      and a.anomaly_type = 'missing_data'
      and a.resolved_at is null
      and a.timestamp between coalesce(range_start, '-infinity') and coalesce(range_end, 'infinity')
      and not exists (select from gaps as g where g.gap_start::timestamptz(3) = a.timestamp)
  )
  insert into public.anomalies as a (source_id, timestamp, anomaly_type, severity, context)
  select
    record_gaps.source_id,
    g.gap_start,
    'missing_data',
    case when g.missing_points > 24 then 'HIGH' when g.missing_points > 3 then 'MEDIUM' else 'LOW' end,
    jsonb_build_object('gap_end', g.gap_end, 'missing_points', g.missing_points)
  from gaps as g
  on conflict (source_id, timestamp, anomaly_type) do update
  set
    detected_at = now(),
    severity = excluded.severity,
    context = excluded.context,
    resolved_at = null,
    resolved_by = null,
    resolution_notes = null
  where a.context <> excluded.context or a.resolved_by = 'system';
$$;

comment on procedure public.record_gaps(int, timestamptz, timestamptz) is
  'Writes what detect_gaps finds as anomalies of type missing_data, and resolves those whose gap is filled.';
-- end of functions/record_gaps.sql
