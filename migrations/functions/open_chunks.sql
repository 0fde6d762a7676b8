-- Statement triggers fire for the table, not for a chunk that is written directly: nobody but the owner may do that.
-- DELETE is different. The triggers of each row fire for chunks too, but not for the storage of compressed ones.
create or replace function app_private.open_chunks()
returns table (relation regclass, grantee text, privileges text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with storage as (
    select i.inhrelid as relid, array['SELECT', 'DELETE'] as harmless
    from pg_inherits as i
    where i.inhparent = 'public.timeseries_data'::regclass
    union all
    select s.compress_relid, array['SELECT']
    from pg_inherits as i
    join _timescaledb_catalog.compression_settings as s on s.relid = i.inhrelid
    where i.inhparent = 'public.timeseries_data'::regclass
    union all
    -- Until TimescaleDB 2.28 compressed chunks inherit the grants of a table of their own.
    select format('%I.%I', c.schema_name, c.table_name)::regclass, array['SELECT']
    from _timescaledb_catalog.hypertable as h
    join _timescaledb_catalog.hypertable as c on c.id = h.compressed_hypertable_id
    where h.schema_name = 'public' and h.table_name = 'timeseries_data'
  ),
  granted as (
    select s.relid, s.harmless, c.relowner, a.grantee, a.privilege_type
    from storage as s
    join pg_class as c on c.oid = s.relid
    cross join lateral aclexplode(c.relacl) as a
    union
    select s.relid, s.harmless, c.relowner, a.grantee, a.privilege_type
    from storage as s
    join pg_class as c on c.oid = s.relid
    join pg_attribute as t on t.attrelid = s.relid
    cross join lateral aclexplode(t.attacl) as a
    where t.attacl is not null
  )
  select
    g.relid::regclass,
    case when g.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end,
    string_agg(g.privilege_type, ', ' order by g.privilege_type)
  from granted as g
  where g.grantee <> g.relowner and g.privilege_type <> all (g.harmless)
  group by g.relid, g.grantee
  order by g.relid, g.grantee;
end
$$;

comment on function app_private.open_chunks() is
  'What others than the owner may do to chunks of timeseries_data past its triggers. Empty after close_chunks().';
