create or replace view public.slow_queries as
select s.query, s.calls, s.mean_ms, s.total_ms, s.rows_per_call
from app_private.slow_statements() as s;

comment on view public.slow_queries is 'Statements that take more than 500 ms on average. Needs pg_stat_statements; else empty, with a notice.';
comment on column public.slow_queries.query is 'The statement, constants replaced.';
comment on column public.slow_queries.calls is 'How often it ran.';
comment on column public.slow_queries.mean_ms is 'Mean time, ms.';
comment on column public.slow_queries.total_ms is 'Total time, ms.';
comment on column public.slow_queries.rows_per_call is 'Mean number of rows.';
