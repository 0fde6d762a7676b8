-- What runs on a schedule. Numbers of jobs and hypertables differ from database to database.
select paragraph
from timescaledb_information.jobs as j
cross join lateral format(
  '-- %s: %s every %s%s%s',
  coalesce(quote_ident(j.hypertable_schema) || '.' || quote_ident(j.hypertable_name), 'database'),
  case when j.proc_schema in ('public', 'app_private') then format('%I.%I', j.proc_schema, j.proc_name) else j.proc_name end,
  j.schedule_interval,
  ', ' || nullif((j.config - 'hypertable_id' - 'mat_hypertable_id')::text, '{}'),
  case when not j.scheduled then ', turned off' end
) as paragraph
where j.hypertable_schema in ('public', 'app_private') or j.proc_schema in ('public', 'app_private')
order by paragraph collate "C";
