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
 * @http GET /api/sources/{source}/rows
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

/*
 * The newest row of each source that has one, with the source's metadata and the row's quality, at most :limit.
 * @http GET /api/latest
 * @graphql Query.latest LatestValue[]
 */
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
order by v.category, v.name
limit :limit;

/* Whether a source has rows from :from to :to, both included. */
/* @name hasRows */
select exists (
  select from public.timeseries_data as d
  where d.source_id = :source_id! and d.timestamp between :from! and :to!
) as "has_rows!";

/*
 * Writes rows, given as lines of COPY: source_id, timestamp, open, high, low, close, volume, value; each key once. New
 * rows are inserted as they are. Of stored rows :columns are written, if they differ, and the others stay; a row that
 * is the same is not touched: it costs neither a decompression nor an audit entry. With :keep_corrections a row that
 * still is as a correction left it stays, too.
 *
 * :first and :last are the bounds of the timestamps. Rows are written in order of their key, so that two writers cannot
 * lock each other out. What another writer commits in the meantime is compared once more when the row is locked.
 * bulkUpsert() and the importer call this with checked rows.
 */
/* @name mergeRows */
with differing as materialized (
  select r.source_id, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value, r.is_kept
  from public.differing_rows(:lines!, :columns!, :first!, :last!, :keep_corrections!) as r
),
written as (
  insert into public.timeseries_data as d (source_id, timestamp, open, high, low, close, volume, value)
  select r.source_id, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value
  from differing as r
  where not r.is_kept
  order by r.source_id, r.timestamp
  on conflict (source_id, timestamp) do update
  set
    open = case when 'open' = any (:columns!::text[]) then excluded.open else d.open end,
    high = case when 'high' = any (:columns!::text[]) then excluded.high else d.high end,
    low = case when 'low' = any (:columns!::text[]) then excluded.low else d.low end,
    close = case when 'close' = any (:columns!::text[]) then excluded.close else d.close end,
    volume = case when 'volume' = any (:columns!::text[]) then excluded.volume else d.volume end,
    value = case when 'value' = any (:columns!::text[]) then excluded.value else d.value end
  where (d.open, d.high, d.low, d.close, d.volume, d.value)
    is distinct from (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.value)
  returning d.xmax = 0 as is_new
)
select
  count(*) filter (where w.is_new)::int as "inserted!",
  count(*) filter (where not w.is_new)::int as "updated!",
  (select count(*)::int from differing as r where r.is_kept) as "kept!",
  array(select r.timestamp from differing as r where r.is_kept order by r.timestamp limit 5) as "kept_moments!"
from written as w;

/* What mergeRows would do, for a dry run. */
/* @name compareRows */
select
  count(*) filter (where r.is_new)::int as "inserted!",
  count(*) filter (where not r.is_new and not r.is_kept)::int as "updated!",
  count(*) filter (where r.is_kept)::int as "kept!",
  coalesce((array_agg(r.timestamp order by r.timestamp) filter (where r.is_kept))[:5], '{}') as "kept_moments!"
from public.differing_rows(:lines!, :columns!, :first!, :last!, :keep_corrections!) as r;

/*
 * Writes one row, which replaces the stored one as a whole: what is not given is null. The outcome is inserted, updated
 * or unchanged.
 * @graphql Mutation.writeRow Outcome
 */
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

/*
 * Deletes the rows from :from (included) to :to (excluded), which archives them.
 * @http DELETE /api/sources/{source}/rows
 * @graphql Mutation.deleteRows Deletion
 */
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
