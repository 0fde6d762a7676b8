--! Previous: sha1:6369d7965b37919646a12a4b7d06171f2550d6bf
--! Hash: sha1:f341deeb029a7efada5ad9e6c6a3a26779b04f5e
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
