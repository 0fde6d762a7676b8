create or replace view public.job_status as
select
  j.job_id,
  j.job,
  j.relation,
  j.procedure,
  j.schedule_interval,
  j.is_scheduled,
  j.total_runs,
  j.total_failures,
  j.has_failed,
  j.is_refused_end,
  j.last_success
from app_private.describe_jobs() as j;

comment on view public.job_status is 'How the background jobs of this database fare, those of TimescaleDB itself too.';
comment on column public.job_status.job_id is 'The job.';
comment on column public.job_status.job is 'Its name, as TimescaleDB gives it.';
comment on column public.job_status.relation is 'The table or aggregate that it is for; null when it is for none.';
comment on column public.job_status.procedure is 'What it calls.';
comment on column public.job_status.schedule_interval is 'How often it runs.';
comment on column public.job_status.is_scheduled is 'Whether it is switched on.';
comment on column public.job_status.total_runs is 'How often it has run.';
comment on column public.job_status.total_failures is 'How often that failed, is_refused_end included.';
comment on column public.job_status.has_failed is 'Whether its last run failed, its work undone.';
comment on column public.job_status.is_refused_end is
  'Whether its last run did its work and counts as failed: PostgreSQL refused what TimescaleDB does after the end of a job.';
comment on column public.job_status.last_success is 'When it last did its work; null before.';
