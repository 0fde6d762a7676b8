-- The owner's rights: TimescaleDB shows errors to owners only. Monitoring may know that a job failed, not the message, in
-- which values of rows may stand.
create or replace function app_private.describe_jobs()
returns table (
  job_id int,
  job text,
  relation text,
  procedure text,
  schedule_interval interval,
  is_scheduled boolean,
  total_runs bigint,
  total_failures bigint,
  has_failed boolean,
  is_refused_end boolean,
  last_success timestamptz
)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select
    j.job_id,
    j.application_name::text,
    case
      when j.hypertable_name is null then null
      when j.hypertable_schema = 'public' then quote_ident(j.hypertable_name)
      else format('%I.%I', j.hypertable_schema, j.hypertable_name)
    end,
    format('%I.%I', j.proc_schema, j.proc_name),
    j.schedule_interval,
    j.scheduled,
    coalesce(t.total_runs, 0),
    coalesce(t.total_failures, 0),
    e.has_failed and not r.is_refused_end,
    e.has_failed and r.is_refused_end,
    case
      when e.has_failed and r.is_refused_end then e.finish_time
      when isfinite(t.last_successful_finish) then t.last_successful_finish
    end
  from timescaledb_information.jobs as j
  left join timescaledb_information.job_stats as t on t.job_id = j.job_id
  left join lateral (
    select f.finish_time, f.err_message
    from timescaledb_information.job_errors as f
    where f.job_id = j.job_id
    order by f.start_time desc
    limit 1
  ) as f on true
  cross join lateral (
    select coalesce(t.last_run_status = 'Failed', false) as has_failed, f.finish_time
  ) as e
  -- PostgreSQL's minor releases of November 2026 say this after the work of each job that commits.
  cross join lateral (select coalesce(f.err_message like 'cannot drop portal ""%', false) as is_refused_end) as r
  order by j.job_id;
$$;

comment on function app_private.describe_jobs() is 'The rows of job_status.';
