--! Previous: sha1:d73a8752357d53d6dd265e27740e6735f8a51102
--! Hash: sha1:6f830ec6235d73254b3ac10f824ccb7e6f762e5b
--! Message: triggers

/*
 * The pipeline; docs/pipeline.md tells it as a whole. A trigger's number says when it fires:
 *
 *   _100_ before each row, or before a statement that is refused: stamps and guards
 *   _500_ after each row: audit and archive
 *   _600_ after the statement: a guard
 *   _700_ after the statement: what is computed from all of its rows (scores, compiled rules, levels of the lineage)
 *
 * The functions lend the owner's rights, so that whoever may write rows need not be allowed to write the audit log.
 */

-- include: functions/tg__touch_updated_at.sql
create or replace function app_private.tg__touch_updated_at() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

comment on function app_private.tg__touch_updated_at() is 'Sets updated_at.';
-- end of functions/tg__touch_updated_at.sql
-- include: functions/tg__refuse_truncate.sql
create or replace function app_private.tg__refuse_truncate() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '% cannot be truncated', tg_table_name
    using errcode = 'MD004',
          detail = 'TRUNCATE would bypass the audit log and, for timeseries_data, the archive.',
          hint = 'DELETE the rows. Old chunks of timeseries_data are dropped with set_retention().';
end
$$;

comment on function app_private.tg__refuse_truncate() is 'Raises MD004.';
-- end of functions/tg__refuse_truncate.sql
-- include: functions/tg__audit_row.sql
create or replace function app_private.tg__audit_row() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  old_row constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  new_row constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  row_key constant jsonb := coalesce(new_row, old_row);
  bookkeeping constant text[] := case when tg_nargs > 0 then tg_argv else '{}' end;
  changed text[];
begin
  if tg_op = 'UPDATE' then
    changed := array(
      select o.key
      from jsonb_each(old_row) as o
      where o.value is distinct from new_row -> o.key and o.key <> all (bookkeeping)
      order by o.key
    );
    if changed = '{}' then
      return null;
    end if;
  end if;

  insert into public.audit_log (source_id, timestamp, action, table_name, old_value, new_value, changed_fields)
  values (
    (row_key ->> 'source_id')::int,
    (row_key ->> 'timestamp')::timestamptz,
    case
      when tg_op = 'UPDATE' and current_setting('app.reason', true) <> '' then 'CORRECTION'
      else tg_op
    end::public.audit_action_enum,
    tg_table_name,
    old_row,
    new_row,
    changed
  );
  return null;
end
$$;

comment on function app_private.tg__audit_row() is
  'Writes one audit entry for a row. Arguments: columns that are bookkeeping, whose change is not logged.';
-- end of functions/tg__audit_row.sql

-- timeseries_data: statement triggers with transition tables. Deletes are the exception, because TimescaleDB refuses a
-- transition table for them once a hypertable is compressed.

-- include: functions/reveal_rows.sql
-- TimescaleDB notes that a fully compressed chunk now has uncompressed rows beside only when the statement that wrote
-- them ends. Statement triggers run before, and to them the rows are invisible. An insert of its own, which changes
-- nothing because its row exists, makes TimescaleDB take the note.
create or replace function app_private.reveal_rows(islands app_private.island[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  chunk record;
  written record;
begin
  for chunk in
    select c.range_start, c.range_end
    from app_private.chunks_between(
      (select min(i.first_moment) from unnest(islands) as i),
      (select max(i.last_moment) from unnest(islands) as i)
    ) as c
    where c.is_fully_compressed
  loop
    for written in
      select i.source_id, m.moment
      from unnest(islands) as i
      cross join unnest(i.moments) as m (moment)
      where i.last_moment >= chunk.range_start
        and i.first_moment < chunk.range_end
        and m.moment >= chunk.range_start
        and m.moment < chunk.range_end
    loop
      begin
        insert into public.timeseries_data (source_id, timestamp)
        values (written.source_id, written.moment)
        on conflict (source_id, timestamp) do nothing;
        exit when not found;
        -- The statement has deleted the row again. Neither does this one stay; the next will do.
        raise no_data_found;
      exception
        when no_data_found then null;
      end;
    end loop;
  end loop;
end
$$;

comment on function app_private.reveal_rows(app_private.island[]) is
  'Makes rows that the running statement wrote into compressed chunks visible to its triggers.';
-- end of functions/reveal_rows.sql
-- include: functions/invalidate_aggregates.sql
-- TimescaleDB, from 2.23 to at least 2.29, tells the continuous aggregates of every write but one: a COPY into a
-- hypertable that has a statement trigger with a transition table. An update of the first and the last row of each
-- chunk, which changes nothing, makes up for it.
create or replace function app_private.invalidate_aggregates(islands app_private.island[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set timescaledb.max_tuples_decompressed_per_dml_transaction = 0
as $$
declare
  -- Newer rows are not materialized yet, so no aggregate can be wrong about them.
  materialized_until constant timestamptz := app_private.materialized_until();
  chunk_starts timestamptz[];
  edge_sources int[];
  edge_moments timestamptz[];
begin
  if not exists (select from unnest(islands) as i where i.first_moment < materialized_until) then
    return;
  end if;

  chunk_starts := array(select c.range_start from app_private.chunks_between('-infinity', 'infinity') as c);

  with touched as (
    select i.source_id, m.moment, width_bucket(m.moment, chunk_starts) as chunk
    from unnest(islands) as i
    cross join unnest(i.moments) as m (moment)
    where m.moment < materialized_until
  ),
  edges as (
    (select distinct on (t.chunk) t.source_id, t.moment from touched as t order by t.chunk, t.moment)
    union
    (select distinct on (t.chunk) t.source_id, t.moment from touched as t order by t.chunk, t.moment desc)
  )
  select array_agg(distinct e.source_id), array_agg(e.moment)
  into edge_sources, edge_moments
  from edges as e;

  -- Constant arrays exclude chunks, and in compressed ones open only the batches that hold these rows.
  update public.timeseries_data as d
  set is_anomaly = d.is_anomaly
  where d.source_id = any (edge_sources) and d.timestamp = any (edge_moments);
end
$$;

comment on function app_private.invalidate_aggregates(app_private.island[]) is
  'Has the continuous aggregates compute the range of these rows again at their next refresh. For rows that came by COPY.';
-- end of functions/invalidate_aggregates.sql
-- include: functions/note_arrival.sql
create or replace function app_private.note_arrival(source_ids int[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set plan_cache_mode = force_generic_plan
as $$
begin
  -- Writers of one source do not wait for each other here: who finds the row locked leaves it to the one that has it.
  -- Should that one roll back, the next batch sets it right.
  update public.sources as s
  set last_successful_update = now(), next_scheduled_update = now() + s.update_frequency
  where s.source_id in (
    select stale.source_id
    from public.sources as stale
    where stale.source_id = any (source_ids)
      and (stale.last_successful_update < now() or stale.last_successful_update is null)
    order by stale.source_id
    for no key update skip locked
  );

  -- Everything downstream must be calculated again. Locked in order of key, so that two statements cannot deadlock.
  if exists (select from public.lineage as l where l.parent_source_id = any (source_ids)) then
    with recursive affected (source_id) as (
      select unnest(source_ids)
      union
      select l.derived_source_id
      from affected as a
      join public.lineage as l on l.parent_source_id = a.source_id
    )
    update public.lineage as l
    set refresh_required = true
    where l.lineage_id in (
      select due.lineage_id
      from public.lineage as due
      join affected as a on a.source_id = due.parent_source_id
      where not due.refresh_required
      order by due.lineage_id
      for no key update of due
    );
  end if;
end
$$;

comment on function app_private.note_arrival(int[]) is
  'Records on the sources that rows have arrived and marks every lineage edge downstream of them.';
-- end of functions/note_arrival.sql
-- include: functions/tg_timeseries_data__refuse_move.sql
create or replace function app_private.tg_timeseries_data__refuse_move() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'source_id and timestamp of a stored row cannot be changed'
    using errcode = 'MD005',
          hint = 'Delete the row and insert it at its right place; both steps are archived and audited.';
end
$$;

comment on function app_private.tg_timeseries_data__refuse_move() is 'Raises MD005.';
-- end of functions/tg_timeseries_data__refuse_move.sql
-- include: functions/lock_sources.sql
-- What a foreign key of timeseries_data would do for each row, once for each statement and source: it is the same lock
-- and the same error. The other half, on sources, is tg_sources__deprecate() and tg_sources__refuse_renumbering().
create or replace function app_private.lock_sources(source_ids int[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  locked_count int;
begin
  perform
  from public.sources as s
  where s.source_id = any (source_ids)
  order by s.source_id
  for key share;

  get diagnostics locked_count = row_count;
  if locked_count < cardinality(source_ids) then
    raise foreign_key_violation using
      message = 'insert or update on table "timeseries_data" violates foreign key constraint "timeseries_data_source_id_fkey"',
      detail = (
        select format('Key (source_id)=(%s) is not present in table "sources".', min(i.source_id))
        from unnest(source_ids) as i (source_id)
        where not exists (select from public.sources as s where s.source_id = i.source_id)
      ),
      schema = 'public',
      table = 'timeseries_data',
      constraint = 'timeseries_data_source_id_fkey';
  end if;
end
$$;

comment on function app_private.lock_sources(int[]) is
  'Keeps sources from being deleted until the transaction ends; raises 23503 when one of them does not exist.';
-- end of functions/lock_sources.sql
-- include: functions/tg_timeseries_data__inserted.sql
create or replace function app_private.tg_timeseries_data__inserted() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  islands app_private.island[];
  source_ids int[];
begin
  islands := array(
    select
      (
        n.source_id,
        min(n.timestamp),
        max(n.timestamp),
        array_agg(n.timestamp::timestamptz order by n.timestamp)
      )::app_private.island
    from (
      select r.source_id, r.timestamp, (row_number() over (order by r.source_id, r.timestamp) - 1) / 10000 as slice
      from new_rows as r
    ) as n
    group by n.slice, n.source_id
  );

  -- An upsert fires this trigger even when all of its rows existed.
  if islands = '{}' then
    return null;
  end if;

  source_ids := array(select distinct i.source_id from unnest(islands) as i);
  perform app_private.lock_sources(source_ids);
  perform app_private.reveal_rows(islands);
  perform app_private.score_rows(islands);

  -- Whatever is not certainly an INSERT may be a COPY, or a function that copies.
  if current_query() !~* '^\s*(insert|with|merge)\M' or current_query() ~* '\mcopy\M' then
    perform app_private.invalidate_aggregates(islands);
  end if;

  -- One entry for each source: the row itself when it came alone, else what came. The score is not part of it.
  insert into public.audit_log (source_id, timestamp, action, table_name, new_value)
  select
    came.source_id,
    case when came.row_count = 1 then came.first_moment end,
    'INSERT',
    'timeseries_data',
    case
      when came.row_count = 1 then (
        select to_jsonb(n) - '{quality_score,is_anomaly,is_validated}'::text[]
        from new_rows as n
        where n.source_id = came.source_id
      )
      else jsonb_build_object('rows', came.row_count, 'from', came.first_moment, 'to', came.last_moment)
    end
  from (
    select
      i.source_id,
      sum(cardinality(i.moments)) as row_count,
      min(i.first_moment) as first_moment,
      max(i.last_moment) as last_moment
    from unnest(islands) as i
    group by i.source_id
  ) as came
  order by came.source_id;

  perform app_private.note_arrival(source_ids);
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__inserted() is
  'Checks the sources of the rows of an INSERT or COPY, scores the rows, writes one audit entry for each source, and tells registry and lineage.';
-- end of functions/tg_timeseries_data__inserted.sql
-- include: functions/tg_timeseries_data__updated.sql
create or replace function app_private.tg_timeseries_data__updated() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
-- Planned once, run for one row as well as a million: a hash join is never a disaster, a nested loop is.
set enable_nestloop = off
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  islands app_private.island[];
  arrived_source_ids int[];
  is_pipeline boolean := false;
begin
  -- The pipeline stores its scores with a token that nobody else can read. To come from within a trigger would prove
  -- nothing: everybody may have triggers on temporary tables.
  if current_setting('app.pipeline_token', true) <> '' then
    is_pipeline := exists (
      select from app_private.pipeline_token as p where p.token = current_setting('app.pipeline_token', true)
    );
  end if;

  -- Rows whose observation or arrival changed, and rows whose score somebody else than the pipeline changed.
  select
    array_agg((t.source_id, t.first_moment, t.last_moment, t.moments)::app_private.island),
    array_agg(distinct t.source_id) filter (where t.has_arrived)
  into islands, arrived_source_ids
  from (
    select
      r.slice,
      r.source_id,
      min(r.timestamp) as first_moment,
      max(r.timestamp) as last_moment,
      array_agg(r.timestamp::timestamptz order by r.timestamp) as moments,
      bool_or(r.is_observation) as has_arrived
    from (
      select
        n.source_id,
        n.timestamp,
        c.is_observation,
        (row_number() over (order by n.source_id, n.timestamp) - 1) / 10000 as slice
      from new_rows as n
      join old_rows as o on o.source_id = n.source_id and o.timestamp = n.timestamp
      cross join lateral (
        select
          (o.open, o.high, o.low, o.close, o.volume, o.value) is distinct from
            (n.open, n.high, n.low, n.close, n.volume, n.value) as is_observation,
          (o.created_at, o.is_backfilled) is distinct from (n.created_at, n.is_backfilled) as is_arrival,
          (o.quality_score, o.is_anomaly, o.is_validated) is distinct from
            (n.quality_score, n.is_anomaly, n.is_validated) as is_score
      ) as c
      where c.is_observation or c.is_arrival or (c.is_score and not is_pipeline)
    ) as r
    group by r.slice, r.source_id
  ) as t;

  if islands is null then
    return null;
  end if;

  perform app_private.reveal_rows(islands);
  perform app_private.score_rows(islands);

  insert into public.audit_log (source_id, timestamp, action, table_name, old_value, new_value, changed_fields)
  select
    n.source_id,
    n.timestamp,
    case when current_setting('app.reason', true) <> '' then 'CORRECTION' else 'UPDATE' end::public.audit_action_enum,
    'timeseries_data',
    to_jsonb(o),
    to_jsonb(n) - '{quality_score,is_anomaly,is_validated}'::text[],
    c.changed_fields
  from new_rows as n
  join old_rows as o on o.source_id = n.source_id and o.timestamp = n.timestamp
  cross join lateral (
    select array_remove(array[
      case when o.close is distinct from n.close then 'close' end,
      case when o.created_at is distinct from n.created_at then 'created_at' end,
      case when o.high is distinct from n.high then 'high' end,
      case when o.is_backfilled is distinct from n.is_backfilled then 'is_backfilled' end,
      case when o.low is distinct from n.low then 'low' end,
      case when o.open is distinct from n.open then 'open' end,
      case when o.value is distinct from n.value then 'value' end,
      case when o.volume is distinct from n.volume then 'volume' end
    ], null) as changed_fields
  ) as c
  where c.changed_fields <> '{}'
  order by n.source_id, n.timestamp;

  if arrived_source_ids is not null then
    perform app_private.note_arrival(arrived_source_ids);
  end if;
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__updated() is
  'Scores the rows whose observation an UPDATE or upsert changed, audits each of them, and tells registry and lineage.';
-- end of functions/tg_timeseries_data__updated.sql
-- include: functions/tg_timeseries_data__deleted.sql
create or replace function app_private.tg_timeseries_data__deleted() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.timeseries_archive (
    source_id, timestamp, open, high, low, close, volume, value,
    quality_score, is_anomaly, is_validated, is_backfilled, created_at, updated_at
  )
  values (
    old.source_id, old.timestamp, old.open, old.high, old.low, old.close, old.volume, old.value,
    old.quality_score, old.is_anomaly, old.is_validated, old.is_backfilled, old.created_at, old.updated_at
  );

  insert into public.audit_log (source_id, timestamp, action, table_name, old_value)
  values (old.source_id, old.timestamp, 'DELETE', 'timeseries_data', to_jsonb(old));

  if old.is_anomaly then
    update public.anomalies as a
    set resolved_at = now(), resolved_by = 'system', resolution_notes = 'The row was deleted.'
    where a.source_id = old.source_id
      and a.timestamp = old.timestamp
      and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
      and a.resolved_at is null;
  end if;
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__deleted() is
  'Keeps a deleted row in the archive and the audit log, and resolves its anomalies.';
-- end of functions/tg_timeseries_data__deleted.sql

-- include: functions/tg_timeseries_data__refuse_skipping.sql
create or replace function app_private.tg_timeseries_data__refuse_skipping() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'the continuous aggregates would not notice this %', tg_op
    using errcode = 'object_not_in_prerequisite_state',
          hint = 'Run: reset timescaledb.skip_cagg_invalidation;';
end
$$;

comment on function app_private.tg_timeseries_data__refuse_skipping() is
  'Refuses what is written with timescaledb.skip_cagg_invalidation, which everybody may set.';
-- end of functions/tg_timeseries_data__refuse_skipping.sql

create trigger _100_touch_updated_at
  before update on public.timeseries_data
  for each row
  when (
    (old.open, old.high, old.low, old.close, old.volume, old.value, old.created_at, old.is_backfilled, old.updated_at)
    is distinct from
    (new.open, new.high, new.low, new.close, new.volume, new.value, new.created_at, new.is_backfilled, new.updated_at)
  )
  execute function app_private.tg__touch_updated_at();

-- For each row, because TimescaleDB refuses a row that leaves its chunk before a statement trigger sees it.
create trigger _100_refuse_move
  before update of source_id, timestamp on public.timeseries_data
  for each row
  when ((old.source_id, old.timestamp) is distinct from (new.source_id, new.timestamp))
  execute function app_private.tg_timeseries_data__refuse_move();

create trigger _100_refuse_truncate
  before truncate on public.timeseries_data
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _600_refuse_skipping
  after insert or update or delete on public.timeseries_data
  for each statement
  when (current_setting('timescaledb.skip_cagg_invalidation', true) = 'on')
  execute function app_private.tg_timeseries_data__refuse_skipping();

create trigger _700_inserted
  after insert on public.timeseries_data
  referencing new table as new_rows
  for each statement
  execute function app_private.tg_timeseries_data__inserted();

create trigger _700_updated
  after update on public.timeseries_data
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function app_private.tg_timeseries_data__updated();

create trigger _500_deleted
  after delete on public.timeseries_data
  for each row
  execute function app_private.tg_timeseries_data__deleted();

-- audit_log

-- include: functions/tg_audit_log__refuse_change.sql
create or replace function app_private.tg_audit_log__refuse_change() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'audit_log is append-only: % refused', tg_op
    using errcode = 'MD003',
          hint = 'Write a new entry by changing the data again; entries are never altered.';
end
$$;

comment on function app_private.tg_audit_log__refuse_change() is 'Raises MD003.';
-- end of functions/tg_audit_log__refuse_change.sql

create trigger _100_refuse_change
  before update or delete or truncate on public.audit_log
  for each statement
  execute function app_private.tg_audit_log__refuse_change();

-- sources

-- include: functions/tg_sources__deprecate.sql
create or replace function app_private.tg_sources__deprecate() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
begin
  -- The source is locked by now: whoever has inserted rows of it has committed, and nobody else can insert any.
  if exists (select from public.timeseries_data as d where d.source_id = old.source_id)
    or exists (select from public.timeseries_archive as a where a.source_id = old.source_id)
  then
    update public.sources set status = 'deprecated' where source_id = old.source_id;
    raise notice 'source % has data: it is deprecated instead of deleted', old.name
      using hint = 'To be rid of it, delete its rows and empty its archive first.';
    return null;
  end if;

  -- The snapshot of such a transaction is older than the lock, and does not show what was committed in between.
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    raise exception 'source % cannot be deleted at isolation level %', old.name, current_setting('transaction_isolation')
      using errcode = 'feature_not_supported',
            detail = 'Rows of it that others have inserted meanwhile would not be seen.',
            hint = 'Delete it at isolation level READ COMMITTED.';
  end if;
  return old;
end
$$;

comment on function app_private.tg_sources__deprecate() is 'Turns the deletion of a source that has data, live or archived, into its deprecation.';
-- end of functions/tg_sources__deprecate.sql
-- include: functions/tg_sources__refuse_renumbering.sql
create or replace function app_private.tg_sources__refuse_renumbering() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'source_id of a source cannot be changed'
    using errcode = 'MD005',
          hint = 'Register another source, and write its rows under the new number.';
end
$$;

comment on function app_private.tg_sources__refuse_renumbering() is 'Raises MD005.';
-- end of functions/tg_sources__refuse_renumbering.sql

create trigger _100_deprecate
  before delete on public.sources
  for each row
  execute function app_private.tg_sources__deprecate();

create trigger _100_refuse_renumbering
  before update of source_id on public.sources
  for each row
  when (old.source_id <> new.source_id)
  execute function app_private.tg_sources__refuse_renumbering();

create trigger _100_touch_updated_at
  before update on public.sources
  for each row
  when (
    (old.name, old.display_name, old.category, old.data_type, old.api_endpoint, old.api_provider, old.requires_auth,
      old.update_frequency, old.status, old.market_type, old.metadata)
    is distinct from
    (new.name, new.display_name, new.category, new.data_type, new.api_endpoint, new.api_provider, new.requires_auth,
      new.update_frequency, new.status, new.market_type, new.metadata)
  )
  execute function app_private.tg__touch_updated_at();

-- validation_rules

-- include: functions/tg_validation_rules__check.sql
create or replace function app_private.tg_validation_rules__check() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app_private.canonical_rule(new.rule_sql);
  return new;
end
$$;

comment on function app_private.tg_validation_rules__check() is 'Refuses a rule that PostgreSQL would not take as a generated column (MD001), even a disabled one.';
-- end of functions/tg_validation_rules__check.sql
-- include: functions/tg_validation_rules__compile.sql
create or replace function app_private.tg_validation_rules__compile() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app_private.compile_rules();
  return null;
end
$$;

comment on function app_private.tg_validation_rules__compile() is 'Compiles the rules after they have changed.';
-- end of functions/tg_validation_rules__compile.sql

create trigger _100_check
  before insert or update of rule_sql on public.validation_rules
  for each row
  execute function app_private.tg_validation_rules__check();

create trigger _700_compile
  after insert or update or delete on public.validation_rules
  for each statement
  execute function app_private.tg_validation_rules__compile();

-- lineage

-- include: functions/lineage_cycle.sql
create or replace function app_private.lineage_cycle(source_ids int[], parents int[], children int[], waiting int[])
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  parent_of int[] := array_fill(0, array[cardinality(source_ids)]);
  here int;
  cycle int[];
  path text;
begin
  -- What waits for ever waits for a source that waits for ever: going from parent to parent leads into a cycle.
  for i in 1 .. cardinality(parents) loop
    if waiting[parents[i]] > 0 and waiting[children[i]] > 0 then
      parent_of[children[i]] := parents[i];
      here := children[i];
    end if;
  end loop;
  for i in 1 .. cardinality(source_ids) loop
    here := parent_of[here];
  end loop;
  while cycle is null or here <> cycle[cardinality(cycle)] loop
    cycle := here || cycle;
    here := parent_of[here];
  end loop;

  -- The path starts with the edge that came last.
  with steps as (
    select c.child, source_ids[c.child] as child_id, c.position, source_ids[parent_of[c.child]] as parent_id
    from unnest(cycle) with ordinality as c (child, position)
  ),
  last_edge as (
    select s.position
    from steps as s
    join public.lineage as l on l.derived_source_id = s.child_id and l.parent_source_id = s.parent_id
    order by l.lineage_id desc
    limit 1
  )
  select string_agg(s.name, ' → ' order by p.place)
  into path
  from last_edge as e
  cross join lateral (
    select 0 as place, t.parent_id as source_id
    from steps as t
    where t.position = e.position
    union all
    select (t.position - e.position + cardinality(cycle)) % cardinality(cycle) + 1, t.child_id
    from steps as t
  ) as p
  join public.sources as s on s.source_id = p.source_id;

  return path;
end
$$;

comment on function app_private.lineage_cycle(int[], int[], int[], int[]) is
  'The names of the sources along a cycle of the edges, which are those of lineage_edges(); waiting: how many parents of each source are in a cycle, or behind one.';
-- end of functions/lineage_cycle.sql
-- include: functions/tg_lineage__set_levels.sql
create or replace function app_private.tg_lineage__set_levels() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
as $$
declare
  -- The sources whose level may change: those of the edges that changed, and all downstream of them.
  source_ids int[];
  -- What lineage_edges says, and where the edges of each parent begin.
  parents int[];
  children int[];
  first_edges int[];
  -- How many of its parents a source still waits for, and the longest way to it so far.
  waiting int[];
  levels int[];
  settled int[];
  settled_count int := 0;
  here int;
  edge int;
begin
  -- Two sessions must not each add one half of a cycle.
  perform app_private.take_turn('lineage');

  if tg_op = 'UPDATE' then
    source_ids := array(select distinct l.derived_source_id from public.lineage as l);
  else
    source_ids := array(select distinct c.derived_source_id from changed_rows as c);
  end if;
  source_ids := app_private.lineage_from(source_ids);
  if source_ids is null then
    return null;
  end if;

  select e.tails, e.heads into parents, children from app_private.lineage_edges(source_ids, is_upstream => false) as e;

  -- The level of a parent outside stands on the edges that lead to it.
  with outside as (
    select l.derived_source_id as source_id, max(coalesce(up.dependency_level, 0)) + 1 as level
    from public.lineage as l
    left join public.lineage as up on up.derived_source_id = l.parent_source_id
    where l.derived_source_id = any (source_ids) and l.parent_source_id <> all (source_ids)
    group by l.derived_source_id
  )
  select array_agg(coalesce(o.level, 0) order by s.position)
  into levels
  from unnest(source_ids) with ordinality as s (source_id, position)
  left join outside as o on o.source_id = s.source_id;

  waiting := array_fill(0, array[cardinality(source_ids)]);
  first_edges := waiting;
  settled := waiting;
  for i in reverse cardinality(parents) .. 1 loop
    waiting[children[i]] := waiting[children[i]] + 1;
    first_edges[parents[i]] := i;
  end loop;

  -- A source is settled when all of its parents are. Each edge is followed once, however many ways there are.
  for i in 1 .. cardinality(source_ids) loop
    if waiting[i] = 0 then
      settled_count := settled_count + 1;
      settled[settled_count] := i;
    end if;
  end loop;
  for i in 1 .. cardinality(source_ids) loop
    exit when i > settled_count;
    here := settled[i];
    edge := nullif(first_edges[here], 0);
    while parents[edge] = here loop
      levels[children[edge]] := greatest(levels[children[edge]], levels[here] + 1);
      waiting[children[edge]] := waiting[children[edge]] - 1;
      if waiting[children[edge]] = 0 then
        settled_count := settled_count + 1;
        settled[settled_count] := children[edge];
      end if;
      edge := edge + 1;
    end loop;
  end loop;

  if settled_count < cardinality(source_ids) and tg_op <> 'DELETE' then
    raise exception 'lineage cycle: %', app_private.lineage_cycle(source_ids, parents, children, waiting)
      using errcode = 'MD002',
            detail = 'The path is that of the data, from parent to derived source.',
            hint = 'A series cannot be computed from itself, not even through others. Remove one edge of the path.';
  end if;

  update public.lineage as l
  set dependency_level = s.level
  from unnest(source_ids, levels, waiting) as s (source_id, level, waiting)
  where s.waiting = 0 and l.derived_source_id = s.source_id and l.dependency_level <> s.level;
  return null;
end
$$;

comment on function app_private.tg_lineage__set_levels() is
  'Keeps dependency_level: the longest way from a source without parents. Calculating by level calculates in the right order. Raises MD002, with the path, for an edge that closes a cycle.';
-- end of functions/tg_lineage__set_levels.sql

create trigger _700_inserted
  after insert on public.lineage
  referencing new table as changed_rows
  for each statement
  execute function app_private.tg_lineage__set_levels();

-- For these columns only, so that arriving data, which marks edges, does not pay for it. That excludes a transition
-- table.
create trigger _700_updated
  after update of derived_source_id, parent_source_id on public.lineage
  for each statement
  execute function app_private.tg_lineage__set_levels();

create trigger _700_deleted
  after delete on public.lineage
  referencing old table as changed_rows
  for each statement
  execute function app_private.tg_lineage__set_levels();

-- ml_models

-- include: functions/tg_ml_models__stamp_status.sql
create or replace function app_private.tg_ml_models__stamp_status() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.status = 'deployed' then
    new.deployed_at := coalesce(new.deployed_at, now());
  elsif new.status = 'retired' then
    new.retired_at := coalesce(new.retired_at, now());
  end if;
  return new;
end
$$;

comment on function app_private.tg_ml_models__stamp_status() is 'Sets deployed_at and retired_at when the status gets there.';
-- end of functions/tg_ml_models__stamp_status.sql

create trigger _100_stamp_status
  before insert or update of status on public.ml_models
  for each row
  execute function app_private.tg_ml_models__stamp_status();

create trigger _100_touch_updated_at
  before update on public.ml_models
  for each row
  execute function app_private.tg__touch_updated_at();

-- Audit of every other table of the API, row by row. The arguments are bookkeeping columns, whose change is none.

-- Every batch of rows updates the bookkeeping of its source: that does not even start the trigger.
create trigger _500_audit
  after insert or delete or update of source_id, name, display_name, category, data_type, api_endpoint, api_provider,
    requires_auth, update_frequency, status, market_type, metadata, created_at, created_by
  on public.sources
  for each row execute function app_private.tg__audit_row('updated_at');
create trigger _500_audit
  after insert or update or delete on public.validation_rules
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.anomalies
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.timeseries_archive
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.lineage
  for each row execute function app_private.tg__audit_row(
    'refresh_required', 'dependency_level', 'last_calculation_time', 'avg_calculation_time');
create trigger _500_audit
  after insert or update or delete on public.features
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.forecasts
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.ml_models
  for each row execute function app_private.tg__audit_row('updated_at');
create trigger _500_audit
  after insert or update or delete on public.backtest_results
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.backtest_trades
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.market_calendar
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.time_index
  for each row execute function app_private.tg__audit_row();

-- TRUNCATE fires none of the above.

create trigger _100_refuse_truncate
  before truncate on public.sources
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.validation_rules
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.anomalies
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.timeseries_archive
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.lineage
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.features
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.forecasts
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.ml_models
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.backtest_results
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.backtest_trades
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.market_calendar
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.time_index
  for each statement execute function app_private.tg__refuse_truncate();
