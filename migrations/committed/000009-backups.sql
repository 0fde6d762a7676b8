--! Previous: sha1:6d4d2473b75dc0245c1089e8312d628377fbe5e9
--! Hash: sha1:ffa79ae072718b6e7f1009620ea90e0405ac80bb
--! Message: backups

/*
 * What btcdb backup has made of this database, and what a backup is compared by. The files themselves, each with a manifest
 * beside it, are what counts; this table says when, and lets doctor ask how old the newest is and whether it was ever restored.
 */

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

create trigger _100_refuse_truncate
  before truncate on public.backups
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _500_audit
  after insert or update or delete on public.backups
  for each row execute function app_private.tg__audit_row();

-- include: functions/data_tables.sql (a copy: edit that file, then npm run compose)
-- Not those of extensions, which includes chunks and what they are compressed to, nor what a database has for itself.
create or replace function app_private.data_tables() returns setof regclass
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select c.oid
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
    and not c.relispartition
    and c.relpersistence = 'p'
    and n.nspname !~ '^(pg_|_?timescaledb_)'
    and n.nspname not in ('information_schema', 'graphile_migrate')
    and c.oid not in ('app_private.pipeline_token'::regclass, 'app_private.serial_points'::regclass)
    and not exists (select from pg_depend as e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
  order by n.nspname, c.relname;
$$;

comment on function app_private.data_tables() is 'The tables whose rows a backup is compared by.';
-- end of functions/data_tables.sql

-- include: functions/row_hash.sql (a copy: edit that file, then npm run compose)
-- Rows are hashed by their columns and not by their text, which takes a third of the time. Types whose hash would leave
-- something out (digits behind the point, keys of enums that each database numbers anew) go by their text.
create or replace function app_private.row_hash(relation regclass) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'hash_record_extended(row(%s), 0)',
    string_agg(
      case
        when a.atttypid = 'numeric'::regtype then format('t.%1$I, scale(t.%1$I)', a.attname)
        when a.atttypid = any ('{int2,int4,int8,bool,date,timestamptz,text,bytea,uuid}'::regtype[]) then format('t.%I', a.attname)
        else format('t.%I::text', a.attname)
      end,
      ', ' order by a.attname
    )
  )
  from pg_attribute as a
  where a.attrelid = relation and a.attnum > 0 and not a.attisdropped;
$$;

comment on function app_private.row_hash(regclass) is
  'Expression that hashes a row of a table, called t, in 64 bits. The same in every version of PostgreSQL; see describe_contents().';
-- end of functions/row_hash.sql

-- include: functions/describe_contents.sql (a copy: edit that file, then npm run compose)
-- The sum of the hashes of rows: whatever their order, the chunk that they lie in, and whether it is compressed. The settings
-- are those that texts of values depend on.
create or replace function app_private.describe_contents()
returns table (table_name text, source_id int, row_count bigint, first_moment timestamptz, last_moment timestamptz, checksum numeric)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, MDY'
set intervalstyle = postgres
set extra_float_digits = 1
set bytea_output = hex
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  relation regclass;
  is_series bool;
begin
  for relation in select t from app_private.data_tables() as t loop
    is_series := relation = 'public.timeseries_data'::regclass;
    return query execute format(
      'select %L, %s, count(*), %s, coalesce(sum(%s), 0) from %s as t %s',
      relation,
      case when is_series then 't.source_id' else 'null::int' end,
      case
        when is_series then 'min(t.timestamp)::timestamptz, max(t.timestamp)::timestamptz'
        else 'null::timestamptz, null::timestamptz'
      end,
      app_private.row_hash(relation),
      relation,
      case when is_series then 'group by t.source_id' end
    );
  end loop;
end
$$;

comment on function app_private.describe_contents() is
  'Each table with the number of its rows and their checksum, timeseries_data by source. Reads everything.';
-- end of functions/describe_contents.sql

select app_private.close_to_public();
