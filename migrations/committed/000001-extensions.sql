--! Previous: -
--! Hash: sha1:09d5473f6d1545684d2305e93a2f66e823c51be0
--! Message: extensions

/*
 * Extensions and the two schemas.
 *
 * Everything in public is the API. What the API is made of (trigger functions, the compiled rules, helpers) lives in
 * app_private, which only the owner may enter.
 */

create extension if not exists timescaledb;
create extension if not exists btree_gist;

do $$
begin
  if (select string_to_array(regexp_replace(extversion, '[^0-9.].*$', ''), '.')::int[] < array[2, 23]
        from pg_catalog.pg_extension where extname = 'timescaledb') then
    raise exception 'TimescaleDB % is too old',
        (select extversion from pg_catalog.pg_extension where extname = 'timescaledb')
      using errcode = 'feature_not_supported',
            detail = 'Triggers with transition tables and writes to compressed chunks need 2.23 or newer.',
            hint = 'Install TimescaleDB 2.23 or newer (2.29.2 or newer is recommended), then ALTER EXTENSION timescaledb UPDATE.';
  end if;

  if current_setting('timescaledb.license') <> 'timescale' then
    raise exception 'TimescaleDB runs with its Apache licence'
      using errcode = 'feature_not_supported',
            detail = 'Compression, continuous aggregates and policies belong to the Community Edition.',
            hint = 'Set timescaledb.license = ''timescale'' and restart the server.';
  end if;
end
$$;

-- Statistics of slow statements are welcome, not required: managed servers and the embedded engine may lack them.
do $$
begin
  create extension if not exists pg_stat_statements;
exception
  when undefined_file or insufficient_privilege or feature_not_supported then
    raise notice 'pg_stat_statements is not available (%): slow_queries stays empty', sqlerrm;
end
$$;

create schema app_private;
revoke all on schema app_private from public;
comment on schema app_private is 'Trigger functions, compiled rules and helpers of the API in public. Not an API.';
