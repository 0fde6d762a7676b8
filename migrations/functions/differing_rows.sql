create or replace function public.differing_rows(
  lines text,
  columns text[],
  first_moment timestamptz,
  last_moment timestamptz,
  keep_corrections boolean
) returns table (
  source_id int,
  "timestamp" timestamptz,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  value numeric,
  is_new boolean,
  is_kept boolean
)
language sql stable
-- Having no settings of its own, it becomes a part of the query that calls it, and is planned for the bounds at hand.
begin atomic
  with given as materialized (
    select
      (l.cells)[1]::int as source_id,
      (l.cells)[2]::timestamptz(3) as timestamp,
      (l.cells)[3]::numeric as open,
      (l.cells)[4]::numeric as high,
      (l.cells)[5]::numeric as low,
      (l.cells)[6]::numeric as close,
      (l.cells)[7]::numeric as volume,
      (l.cells)[8]::numeric as value
    from (
      select string_to_array(t.line, e'\t', '\N') as cells
      from string_to_table(lines, e'\n') as t (line)
      where t.line <> ''
      offset 0 -- a fence: the line is cut once, not for each cell
    ) as l
  ),
  months as (
    select g.source_id, min(g.timestamp) as first_moment, max(g.timestamp) as last_moment
    from given as g
    group by g.source_id, date_trunc('month', g.timestamp, 'UTC')
  ),
  stored as (
    select d.source_id, d.timestamp, d.open, d.high, d.low, d.close, d.volume, d.value
    from months as m
    cross join lateral (
      select t.source_id, t.timestamp, t.open, t.high, t.low, t.close, t.volume, t.value
      from public.timeseries_data as t
      where t.source_id = m.source_id
        and t.timestamp between m.first_moment and m.last_moment
        -- The bounds of all rows are known when the statement is planned, by which it leaves out chunks.
        and t.timestamp between differing_rows.first_moment and differing_rows.last_moment
      offset 0
    ) as d
  )
  select
    g.source_id,
    g.timestamp,
    m.open,
    m.high,
    m.low,
    m.close,
    m.volume,
    m.value,
    n.is_new,
    coalesce(
      keep_corrections and not n.is_new and (
        select (
          select bool_and((a.new_value ->> c.name)::numeric is not distinct from (to_jsonb(s) ->> c.name)::numeric)
          from unnest(columns) as c (name)
        )
        from public.audit_log as a
        where a.source_id = g.source_id
          and a.timestamp = g.timestamp
          and a.table_name = 'timeseries_data'
          and a.action = 'CORRECTION'
        order by a.audit_id desc
        limit 1
      ),
      false
    ) as is_kept
  from given as g
  left join stored as s on s.source_id = g.source_id and s.timestamp = g.timestamp
  cross join lateral (select s.source_id is null as is_new) as n
  cross join lateral (
    select
      case when n.is_new or 'open' = any (columns) then g.open else s.open end as open,
      case when n.is_new or 'high' = any (columns) then g.high else s.high end as high,
      case when n.is_new or 'low' = any (columns) then g.low else s.low end as low,
      case when n.is_new or 'close' = any (columns) then g.close else s.close end as close,
      case when n.is_new or 'volume' = any (columns) then g.volume else s.volume end as volume,
      case when n.is_new or 'value' = any (columns) then g.value else s.value end as value
  ) as m
  where n.is_new
    or (s.open, s.high, s.low, s.close, s.volume, s.value)
      is distinct from (m.open, m.high, m.low, m.close, m.volume, m.value);
end;

comment on function public.differing_rows(text, text[], timestamptz, timestamptz, boolean) is
  'Rows, given as lines of COPY, that are not stored yet or would change what is stored if the columns were written. Kept is one that still is as a correction left it.';
