-- TimescaleDB gives a new chunk what its table grants, and an old one what is granted on the table later. What the
-- columns of a table grant a new chunk does not get. So writers insert and update by the columns, and no chunk is ever
-- open to them, not even to the statement that makes it.
create or replace function app_private.close_chunks() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  column_names constant text[] := array(
    select quote_ident(a.attname)
    from pg_attribute as a
    where a.attrelid = 'public.timeseries_data'::regclass
      and a.attnum > 0
      and not a.attisdropped
      -- These are the pipeline's: when and how a row arrived decides about its score.
      and a.attname not in ('created_at', 'is_backfilled', 'updated_at')
  );
  compressed_table regclass;
  held record;
begin
  for held in
    select
      case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee,
      string_agg(a.privilege_type, ', ') as privileges,
      string_agg(format('%s (%s)', a.privilege_type, array_to_string(column_names, ', ')), ', ')
        filter (where a.privilege_type in ('INSERT', 'UPDATE')) as by_columns
    from pg_class as c
    cross join lateral aclexplode(c.relacl) as a
    where c.oid = 'public.timeseries_data'::regclass
      and a.grantee <> c.relowner
      and a.privilege_type in ('INSERT', 'UPDATE', 'TRUNCATE', 'TRIGGER')
    group by a.grantee
  loop
    perform app_private.take_turn('grants');

    -- Until TimescaleDB 2.28 grants also go to a table of compressed chunks, which has no columns. Neither rows nor the
    -- compressed chunks are made from it, so those that it gets here only carry the grant.
    select format('%I.%I', t.schema_name, t.table_name)
    into compressed_table
    from _timescaledb_catalog.hypertable as h
    join _timescaledb_catalog.hypertable as t on t.id = h.compressed_hypertable_id
    where h.schema_name = 'public' and h.table_name = 'timeseries_data';
    if compressed_table is not null then
      execute format('alter table %s %s', compressed_table, (
        select string_agg(format('add column if not exists %s int', name), ', ') from unnest(column_names) as name
      ));
    end if;

    execute format('revoke %s on public.timeseries_data from %s cascade', held.privileges, held.grantee);
    continue when held.by_columns is null;

    execute format('grant %s on public.timeseries_data to %s', held.by_columns, held.grantee);
  end loop;

  for held in select * from app_private.open_chunks() loop
    perform app_private.take_turn('grants');
    execute format('revoke %s on %s from %s cascade', held.privileges, held.relation, held.grantee);
  end loop;
end
$$;

comment on function app_private.close_chunks() is
  'Leaves the right to write chunks of timeseries_data to the owner alone; whoever may write the table still can. To be called after a GRANT on the table and after compress_chunk().';
