/*
 * What is being written, for those who want to hear of it at once. Nothing is added to writing for it: every write into
 * timeseries_data has entries in the audit log, and this reads those that have come since it was asked last.
 *
 * Entries do not become visible in the order of their numbers but in that of the commits, so a highest number is not
 * enough to know which ones have been told. What is remembered instead is a set of numbers, those not told yet: all
 * above the highest, and what was missing below it, because its transaction still ran, or will never come, because it
 * was rolled back. A missing number is settled once every transaction that may have drawn it has ended.
 */

/*
 * Which sources were written to by the entries whose numbers are in :untold, :limit of them at most, with the first and
 * last moment of the rows and how many were inserted, changed or deleted. Without any there is one row, which has no
 * source. In all rows are the numbers to be told next; pass them as :untold of the next call, with settling_id and
 * settling_xid. is_all is false when there is more to tell already. Without :untold it begins now and tells nothing.
 * Numbers that are in :later are left out: with what others are still to be told, this is what they have been told and
 * one that comes back has not.
 *
 * A transaction has its id before it draws a number, and pg_snapshot_xmin is the oldest that runs: when that has come to
 * the next id of an earlier call (settling_xid), no number up to the highest of then (settling_id) is missing any more.
 * This holds on a hot standby, too, whose snapshots do not say which transactions run. If the log ends before the
 * highest number that was told, as after a switch to a standby that was behind, numbers above its end are told.
 */
/* @name news */
with present as materialized (
  select
    x.oldest::text::bigint as oldest_xid,
    x.oldest::text::bigint + age(x.oldest::xid) as next_xid,
    coalesce((select max(l.audit_id) from public.audit_log as l), 0) as last_id
  from (select pg_snapshot_xmin(pg_current_snapshot()) as oldest) as x
),
wanted as materialized (
  select
    -- At the beginning, what is missing among the newest entries may be on its way.
    coalesce(:untold::text::int8multirange, int8multirange(int8range(greatest(p.last_id - :limit! + 2, 1), null)))
      + int8multirange(int8range(p.last_id + 1, null))
      - coalesce(:later::text::int8multirange, '{}') as ids
  from present as p
),
found as materialized (
  select l.audit_id, l.source_id, l.timestamp, l.table_name, l.new_value
  from wanted as w
  cross join lateral unnest(w.ids) as r (ids)
  cross join lateral (
    select a.audit_id, a.source_id, a.timestamp, a.table_name, a.new_value
    from public.audit_log as a
    where a.audit_id >= lower(r.ids)
      and a.audit_id < coalesce(upper(r.ids), 9223372036854775807)
    order by a.audit_id
    limit :limit
  ) as l
  limit :limit
),
told as materialized (
  select
    w.ids - coalesce((select range_agg(int8range(f.audit_id, f.audit_id, '[]')) from found as f), '{}') as untold,
    (select count(*) from found as f) < :limit as is_all
  from wanted as w
),
next as materialized (
  select
    case
      when s.is_settled and :settling_id::bigint is not null
        then t.untold * int8multirange(int8range(least(:settling_id, p.last_id) + 1, null))
      else t.untold
    end as untold,
    case when s.is_settled then p.last_id else :settling_id end as settling_id,
    case when s.is_settled then p.next_xid else :settling_xid end as settling_xid,
    t.is_all
  from present as p
  cross join told as t
  cross join lateral (
    -- Ids that lie ahead are another server's.
    select t.is_all and coalesce(p.oldest_xid >= :settling_xid::bigint or p.next_xid < :settling_xid, true) as is_settled
  ) as s
),
news as (
  select
    f.source_id,
    min(coalesce(f.timestamp, (f.new_value ->> 'from')::timestamptz)) as first_moment,
    max(coalesce(f.timestamp, (f.new_value ->> 'to')::timestamptz)) as last_moment,
    sum(case when f.timestamp is null then (f.new_value ->> 'rows')::bigint else 1 end) as row_count
  from found as f
  where f.table_name = 'timeseries_data'
    and f.source_id is not null
    and :untold is not null
  group by f.source_id
)
select
  n.untold::text as "untold!",
  n.settling_id as "settling_id!",
  n.settling_xid as "settling_xid!",
  n.is_all as "is_all!",
  s.source_id as "source_id?",
  s.name as "source?",
  news.first_moment as "from?",
  news.last_moment as "to?",
  news.row_count as "rows?"
from next as n
left join news on true
left join public.sources as s on s.source_id = news.source_id
order by s.name;
