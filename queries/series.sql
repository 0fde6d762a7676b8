/*
 * The rows of the series. Results may be large, so no column is renamed on the way: nullability comes from the table.
 */

/* The rows of a source of the last :days days, oldest first. */
/* @name lastDays */
select
  d.timestamp,
  d.open,
  d.high,
  d.low,
  d.close,
  d.volume,
  d.value,
  d.quality_score,
  d.is_anomaly,
  d.is_validated
from public.timeseries_data as d
where d.source_id = :source_id!
  and d.timestamp > now() - make_interval(days => :days!)
order by d.timestamp;

/*
 * One page of :limit rows from :from (included) to :to (excluded), oldest first. For the next page pass the
 * timestamp of the last row as :after; a page that is not full is the last one.
 */
/* @name range */
select
  d.timestamp,
  d.open,
  d.high,
  d.low,
  d.close,
  d.volume,
  d.value,
  d.quality_score,
  d.is_anomaly,
  d.is_validated
from public.timeseries_data as d
where d.source_id = :source_id!
  and d.timestamp >= :from!
  and d.timestamp < :to!
  and d.timestamp > coalesce(:after, '-infinity'::timestamptz)
order by d.timestamp
limit :limit!;

/* The newest row of each source that has one, with the source's metadata and the row's quality. */
/* @name latest */
select
  v.source_id as "source_id!",
  v.name as "name!",
  v.display_name as "display_name!",
  v.category as "category!",
  v.data_type as "data_type!",
  v.status as "status!",
  v.market_type as "market_type!",
  v.metadata as "metadata!",
  v.timestamp as "timestamp!",
  v.level,
  v.open,
  v.high,
  v.low,
  v.close,
  v.volume,
  v.value,
  v.quality_score as "quality_score!",
  v.is_anomaly as "is_anomaly!",
  v.is_validated as "is_validated!"
from public.latest_values as v
order by v.category, v.name;

/* Whether a source has rows from :from to :to, both included. */
/* @name hasRows */
select exists (
  select from public.timeseries_data as d
  where d.source_id = :source_id! and d.timestamp between :from! and :to!
) as "has_rows!";

/*
 * Writes rows, given as arrays of equal length; a member of a number array may be null. New rows are inserted, rows
 * that differ are replaced as a whole, and rows that are the same are not touched: they cost neither a decompression
 * nor an audit entry. Of two rows with the same key the last one counts.
 *
 * :first and :last are the bounds of :timestamps, by which other chunks are left out when the statement is planned.
 *
 * Rows are written in order of their key, so that two writers cannot lock each other out. What another writer commits
 * in the meantime is compared once more when the row is locked. bulkUpsert() calls this with checked rows.
 */
/* @name upsertMany */
with given as materialized (
  select distinct on (u.source_id, u.timestamp)
    u.source_id, u.timestamp, u.open, u.high, u.low, u.close, u.volume, u.value
  from unnest(
    :source_ids!::int[],
    :timestamps!::timestamptz(3)[],
    :opens!::numeric[],
    :highs!::numeric[],
    :lows!::numeric[],
    :closes!::numeric[],
    :volumes!::numeric[],
    :values!::numeric[]
  ) with ordinality as u (source_id, timestamp, open, high, low, close, volume, value, ordinality)
  order by u.source_id, u.timestamp, u.ordinality desc
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
      and t.timestamp between :first! and :last!
    offset 0
  ) as d
),
changed as materialized (
  select g.source_id, g.timestamp, g.open, g.high, g.low, g.close, g.volume, g.value
  from given as g
  left join stored as s on s.source_id = g.source_id and s.timestamp = g.timestamp
  where s.source_id is null
    or (s.open, s.high, s.low, s.close, s.volume, s.value)
      is distinct from (g.open, g.high, g.low, g.close, g.volume, g.value)
),
written as (
  insert into public.timeseries_data as d (source_id, timestamp, open, high, low, close, volume, value)
  select c.source_id, c.timestamp, c.open, c.high, c.low, c.close, c.volume, c.value
  from changed as c
  order by c.source_id, c.timestamp
  on conflict (source_id, timestamp) do update
  set
    open = excluded.open,
    high = excluded.high,
    low = excluded.low,
    close = excluded.close,
    volume = excluded.volume,
    value = excluded.value
  where (d.open, d.high, d.low, d.close, d.volume, d.value)
    is distinct from (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.value)
  returning d.xmax = 0 as is_new
)
select
  count(*) filter (where w.is_new) as "inserted!",
  count(*) filter (where not w.is_new) as "updated!",
  (select count(*) from given) - count(*) as "unchanged!"
from written as w;

/* Writes one row by the rules of upsertMany. The outcome is inserted, updated or unchanged. */
/* @name upsert */
with written as (
  insert into public.timeseries_data as d (source_id, timestamp, open, high, low, close, volume, value)
  values (:source_id!, :timestamp!, :open, :high, :low, :close, :volume, :value)
  on conflict (source_id, timestamp) do update
  set
    open = excluded.open,
    high = excluded.high,
    low = excluded.low,
    close = excluded.close,
    volume = excluded.volume,
    value = excluded.value
  where (d.open, d.high, d.low, d.close, d.volume, d.value)
    is distinct from (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.value)
  returning d.xmax = 0 as is_new
)
select
  case
    when bool_or(w.is_new) then 'inserted'
    when count(*) > 0 then 'updated'
    else 'unchanged'
  end as "outcome!"
from written as w;

/* Deletes the rows from :from (included) to :to (excluded), which archives them. */
/* @name deleteRange */
with deleted as (
  delete from public.timeseries_data as d
  where d.source_id = :source_id!
    and d.timestamp >= :from!
    and d.timestamp < :to!
  returning d.timestamp
)
select count(*) as "deleted!"
from deleted;
