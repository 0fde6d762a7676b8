-- A server knows which transactions still run. A standby does not (its snapshots list none), and so it takes the
-- transactions whose entries it has seen.
create or replace function public.news_since(since text)
returns table (cursor text, source_id int, source text, first_moment timestamptz, last_moment timestamptz, row_count bigint)
language sql stable
set search_path = pg_catalog, pg_temp
-- Asked again and again: what is new is few, whatever the planner expects of a large log.
set jit = off
set enable_seqscan = off
begin atomic
  with place as materialized (
    select
      pg_current_snapshot() as here,
      -- A cursor of the future is of another server.
      case
        when pg_snapshot_xmax(pg_current_snapshot())::text::int8 >= upper(range_merge(since::int8multirange))
          then since::int8multirange
      end as told
  ),
  fresh as materialized (
    select l.transaction_id, l.source_id, l.timestamp, l.new_value
    from place as p
    cross join unnest('{(,)}'::int8multirange - coalesce(p.told, '{}')) as untold
    cross join lateral (
      select e.transaction_id::text::int8 as transaction_id, e.source_id, e.timestamp, e.new_value
      from public.audit_log as e
      where e.table_name = 'timeseries_data'
        and e.transaction_id >= coalesce(lower(untold)::text::xid8, pg_snapshot_xmin(p.here))
        and e.transaction_id < coalesce(upper(untold)::text::xid8, pg_snapshot_xmax(p.here))
      offset 0 -- a fence: each range is looked up, the log is not read whole to be compared with them
    ) as l
  ),
  now_told as (
    select
      case
        when pg_is_in_recovery() then int8multirange(int8range(null, pg_snapshot_xmin(p.here)::text::int8))
          + coalesce(p.told, '{}')
          + coalesce((select range_agg(int8range(f.transaction_id, f.transaction_id, '[]')) from fresh as f), '{}')
        else int8multirange(int8range(null, pg_snapshot_xmax(p.here)::text::int8))
          - coalesce((select range_agg(int8range(x::text::int8, x::text::int8, '[]')) from pg_snapshot_xip(p.here) as x), '{}')
      end as told
    from place as p
  )
  select n.told::text, c.source_id, s.name, c.first_moment, c.last_moment, c.row_count
  from now_told as n
  left join (
    select
      f.source_id,
      min(coalesce(f.timestamp, (f.new_value ->> 'from')::timestamptz)) as first_moment,
      max(coalesce(f.timestamp, (f.new_value ->> 'to')::timestamptz)) as last_moment,
      sum(coalesce((f.new_value ->> 'rows')::bigint, 1))::bigint as row_count
    from fresh as f
    where (select p.told is not null from place as p)
    group by f.source_id
  ) as c on true
  left join public.sources as s on s.source_id = c.source_id
  order by s.name;
end;

comment on function public.news_since(text) is
  'Sources whose rows were written, changed or deleted since a cursor, whoever did it, with how many rows from where to where; each change once, when it is committed. The cursor for the next call is in every row; without news, or without a cursor, it is alone in one. On a standby, too.';
