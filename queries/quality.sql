/*
 * How fresh, complete and trustworthy the series are.
 */

/*
 * How old the newest row of each source is, the worst first, at most :limit. Counts are as of the last refresh of the
 * aggregates.
 * @http GET /api/freshness
 * @graphql Query.freshness Freshness[]
 * @cache 5 seconds
 */
/* @name freshness */
select
  f.source_id as "source_id!",
  f.name as "name!",
  f.display_name as "display_name!",
  f.update_frequency as "update_frequency!",
  f.last_successful_update,
  f.next_scheduled_update,
  f.last_timestamp,
  f.data_age,
  f.freshness as "freshness!",
  f.row_count as "row_count!",
  f.anomaly_count as "anomaly_count!",
  f.avg_quality_score
from public.data_freshness as f
order by
  array_position('{CRITICAL,STALE,WARNING,EMPTY,FRESH,INACTIVE}', f.freshness),
  f.name
limit :limit;

/*
 * The quality of each source, the worst first, at most :limit. Counts are as of the last refresh of the aggregates.
 * @http GET /api/quality
 * @graphql Query.quality Quality[]
 * @cache 5 seconds
 */
/* @name overview */
select
  q.source_id as "source_id!",
  q.name as "name!",
  q.data_type as "data_type!",
  q.row_count as "row_count!",
  q.avg_quality_score,
  q.min_quality_score,
  q.invalid_count as "invalid_count!",
  q.anomaly_count as "anomaly_count!",
  q.open_anomalies as "open_anomalies!",
  q.black_swans as "black_swans!",
  q.open_gaps as "open_gaps!",
  q.first_week,
  q.last_week
from public.quality_overview as q
order by q.avg_quality_score nulls last, q.name
limit :limit;

/*
 * Gaps of a source from :from to :to (both included, left out: its first and last row), the oldest first, at most :limit.
 * @http GET /api/sources/{source}/gaps
 */
/* @name gaps */
select
  g.gap_start as "gap_start!",
  g.gap_end as "gap_end!",
  g.missing_points as "missing_points!"
from public.detect_gaps(:source_id!, :from, :to) as g
order by g.gap_start
limit :limit;

/* Recorded gaps of a source that are not filled, the newest first, at most :limit. */
/* @name openGaps */
select
  a.timestamp as "gap_start!",
  (a.context ->> 'gap_end')::timestamptz as "gap_end!",
  (a.context ->> 'missing_points')::bigint as "missing_points!",
  a.severity
from public.anomalies as a
where a.source_id = :source_id!
  and a.anomaly_type = 'missing_data'
  and a.resolved_at is null
order by a.timestamp desc
limit :limit!;

/* Writes the gaps as anomalies of type missing_data, and resolves those that are filled. */
/* @name recordGaps */
call public.record_gaps(:source_id!, :from, :to);

/*
 * The range from :first to :last, of rows that were just written, as far as the stored rows beside it: what is missing
 * before and behind belongs to it. And whether open gaps are recorded in it.
 */
/* @name gapRange */
select
  r.first_row as "first_row!",
  r.last_row as "last_row!",
  exists (
    select from public.anomalies as a
    where a.source_id = :source_id!
      and a.anomaly_type = 'missing_data'
      and a.resolved_at is null
      and a.timestamp between r.first_row and r.last_row
  ) as "has_gaps!"
from (
  select
    coalesce(
      (
        select max(t.timestamp)
        from public.timeseries_data as t
        where t.source_id = :source_id
          and t.timestamp < :first
      ),
      :first!::timestamptz
    ) as first_row,
    coalesce(
      (
        select min(t.timestamp)
        from public.timeseries_data as t
        where t.source_id = :source_id
          and t.timestamp > :last
      ),
      :last!::timestamptz
    ) as last_row
) as r;

/* Whether most rows from :from to :to are further apart than the frequency of their source. */
/* @name isSparse */
select coalesce(2 * count(*) filter (where d.distance > 1.5 * s.update_frequency) > count(*), false) as "is_sparse!"
from public.sources as s
cross join lateral (
  select t.timestamp - lag(t.timestamp) over (order by t.timestamp) as distance
  from public.timeseries_data as t
  where t.source_id = s.source_id
    and t.timestamp between :from! and :to!
) as d
where s.source_id = :source_id!;

/* Scores the rows from :from to :to (both included, left out: open) again, for instance after a change of the rules. */
/* @name rescore */
call public.rescore(:source_id!, :from, :to);

/*
 * What each check takes off the score of a row, and why, at most :limit lines: what is missing, a late arrival, a jump
 * from the row before, and each rule that is violated. By what is stored now, so the stored score is another one if rows
 * before it have changed since; rescore puts that right.
 * @http GET /api/sources/{source}/rows/{timestamp}/score
 */
/* @name scoreOf */
select
  e.check_name as "check_name!",
  e.points_lost as "points_lost!",
  e.detail
from public.explain_score(:source_id!, :timestamp!) as e
limit :limit;
