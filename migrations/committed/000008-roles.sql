--! Previous: sha1:6f830ec6235d73254b3ac10f824ccb7e6f762e5b
--! Hash: sha1:7561187b9615be93fb57c2501787403a061b5636
--! Message: roles

/*
 * Two group roles to grant to logins: btcdb_reader for dashboards, btcdb_writer for whatever brings data. Roles belong
 * to the whole server, so they may exist already; an owner without CREATEROLE skips them and grants by hand.
 */

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'btcdb_reader') then
    create role btcdb_reader nologin;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = 'btcdb_writer') then
    create role btcdb_writer nologin;
  end if;
exception
  when insufficient_privilege then
    raise notice 'roles btcdb_reader and btcdb_writer are not created: %', sqlerrm
      using hint = 'Let a role with CREATEROLE create them, then run the grants of this migration.';
end
$$;

do $$
begin
  if (select count(*) from pg_catalog.pg_roles where rolname in ('btcdb_reader', 'btcdb_writer')) < 2 then
    return;
  end if;

  grant usage on schema public to btcdb_reader, btcdb_writer;
  -- So that they can see whether migrations are pending.
  if to_regnamespace('graphile_migrate') is not null then
    grant usage on schema graphile_migrate to btcdb_reader, btcdb_writer;
    grant select on graphile_migrate.migrations to btcdb_reader, btcdb_writer;
  end if;
  grant select on all tables in schema public to btcdb_reader, btcdb_writer;
  -- Tables, views and aggregates that the owner adds later are read by both, and written by whom the owner grants it.
  alter default privileges in schema public grant select on tables to btcdb_reader, btcdb_writer;

  -- Neither the audit log nor the archive: only triggers write there.
  grant insert, update, delete on
    public.sources, public.timeseries_data, public.anomalies, public.lineage, public.features, public.forecasts,
    public.ml_models, public.backtest_results, public.backtest_trades
    to btcdb_writer;
  perform app_private.close_chunks();
end
$$;

-- include: functions/tg__close_chunks.sql
create or replace function app_private.tg__close_chunks() returns event_trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app_private.close_chunks();
end
$$;

comment on function app_private.tg__close_chunks() is 'Takes back what a GRANT on timeseries_data has granted on its chunks.';
-- end of functions/tg__close_chunks.sql

-- Whatever is granted on the table later, its chunks stay closed. PostgreSQL lets only superusers make event triggers;
-- other owners call close_chunks() after such a grant, and btcdb doctor reminds them.
do $$
begin
  create event trigger btcdb_close_chunks on ddl_command_end
    when tag in ('GRANT')
    execute function app_private.tg__close_chunks();
exception
  when insufficient_privilege then
    raise notice 'a grant on timeseries_data opens its chunks'
      using hint = 'After one, run: select app_private.close_chunks();';
end
$$;

-- Until 2.28 TimescaleDB lets everybody drop and freeze any chunk. Only superusers can take that away; other owners are
-- reminded by btcdb doctor.
do $$
declare
  opened regprocedure;
begin
  if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    return;
  end if;
  for opened in
    select p.oid
    from pg_catalog.pg_proc as p
    where p.pronamespace = '_timescaledb_functions'::regnamespace
      and p.proname in ('drop_chunk', 'freeze_chunk', 'unfreeze_chunk')
  loop
    execute format('revoke execute on function %s from public', opened);
  end loop;
end
$$;

-- Functions that lend the owner's rights are for these roles, not for everybody.
revoke execute on function public.detect_gaps(int, timestamptz, timestamptz) from public;
revoke execute on function app_private.slow_statements() from public;
revoke execute on function app_private.describe_chunks() from public;
revoke execute on function public.restore_archived(int, timestamptz, timestamptz) from public;
revoke execute on procedure public.rescore(int, timestamptz, timestamptz) from public;
revoke execute on procedure public.record_gaps(int, timestamptz, timestamptz) from public;
revoke execute on procedure public.score_forecasts() from public;

-- What only the owner can do is refused at once, not half-way.
revoke execute on function public.set_retention(interval) from public;
revoke execute on function public.extend_time_index(date) from public;

do $$
begin
  if (select count(*) from pg_catalog.pg_roles where rolname in ('btcdb_reader', 'btcdb_writer')) < 2 then
    return;
  end if;

  grant execute on function public.detect_gaps(int, timestamptz, timestamptz) to btcdb_reader, btcdb_writer;
  grant execute on function app_private.slow_statements() to btcdb_reader, btcdb_writer;
  grant execute on function app_private.describe_chunks() to btcdb_reader, btcdb_writer;
  grant execute on function public.restore_archived(int, timestamptz, timestamptz) to btcdb_writer;
  grant execute on procedure public.rescore(int, timestamptz, timestamptz) to btcdb_writer;
  grant execute on procedure public.record_gaps(int, timestamptz, timestamptz) to btcdb_writer;
  grant execute on procedure public.score_forecasts() to btcdb_writer;
end
$$;
