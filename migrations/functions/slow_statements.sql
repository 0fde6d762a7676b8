create or replace function app_private.slow_statements()
returns table (query text, calls bigint, mean_ms double precision, total_ms double precision, rows_per_call numeric)
language plpgsql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- Dynamic, because the extension may be missing when this function is created.
  return query execute format(
    'select s.query, s.calls, s.mean_exec_time, s.total_exec_time, round(s.rows::numeric / nullif(s.calls, 0), 1) '
    'from pg_stat_statements as s where s.mean_exec_time > 500 and s.dbid = %s order by s.mean_exec_time desc',
    (select d.oid from pg_database as d where d.datname = current_database())
  );
exception
  when undefined_table or undefined_function or undefined_file or object_not_in_prerequisite_state then
    raise notice 'pg_stat_statements is not loaded: slow_queries is empty'
      using hint = 'Add pg_stat_statements to shared_preload_libraries, restart, and CREATE EXTENSION pg_stat_statements.';
end
$$;

comment on function app_private.slow_statements() is
  'Statements of this database with a mean above 500 ms; nothing, with a notice, where pg_stat_statements is not loaded.';
