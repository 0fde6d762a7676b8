/*
 * What is unusual about the series, and what people say about it.
 */

/*
 * The work list: what nobody has looked at or settled yet, newest first, of :source_id or all sources. A page has
 * :limit rows. For the next one pass timestamp and anomaly_id of the last row as :before and :before_id.
 * @http GET /api/anomalies
 * @graphql Query.anomaliesToReview AnomalyToReview[]
 */
/* @name toReview */
select
  a.anomaly_id,
  a.source_id,
  s.name as source_name,
  a.timestamp,
  a.detected_at,
  a.anomaly_type,
  a.severity,
  a.value,
  a.z_score,
  a.expected_value,
  a.deviation_pct,
  a.is_blackswan,
  a.context
from public.anomalies as a
join public.sources as s on s.source_id = a.source_id
where a.resolved_at is null
  and not a.reviewed
  and (:source_id::int is null or a.source_id = :source_id)
  and (a.timestamp, a.anomaly_id)
    < (coalesce(:before, 'infinity'::timestamptz), coalesce(:before_id, 9223372036854775807))
order by a.timestamp desc, a.anomaly_id desc
limit :limit!;

/*
 * The farthest outliers of :source_id or all sources, at most :limit. Without :sort changes after a flat history come
 * first, then those that are most standard deviations away from the mean.
 */
/* @name worst */
select
  a.anomaly_id,
  a.source_id,
  s.name as source_name,
  a.timestamp,
  a.anomaly_type,
  a.severity,
  a.value,
  a.z_score,
  a.expected_value,
  a.deviation_pct,
  a.is_blackswan
from public.anomalies as a
join public.sources as s on s.source_id = a.source_id
where a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
  and not a.is_false_positive
  and (:source_id::int is null or a.source_id = :source_id)
order by
  case :sort when 'deviation' then abs(a.deviation_pct) end desc nulls last,
  case :sort when 'newest' then a.timestamp end desc,
  a.is_blackswan desc,
  abs(a.z_score) desc nulls first,
  a.timestamp
limit :limit!;

/*
 * Everything about a source from :from (included) to :to (excluded), settled or not, at most :limit. Without :sort the
 * oldest first.
 * @http GET /api/sources/{source}/anomalies
 */
/* @name range */
select
  a.anomaly_id,
  a.timestamp,
  a.detected_at,
  a.anomaly_type,
  a.severity,
  a.value,
  a.z_score,
  a.expected_value,
  a.deviation_pct,
  a.is_blackswan,
  a.reviewed,
  a.is_false_positive,
  a.resolved_at,
  a.resolved_by,
  a.resolution_notes,
  a.context
from public.anomalies as a
where a.source_id = :source_id!
  and a.timestamp >= :from!
  and a.timestamp < :to!
order by
  case :sort when 'newest' then a.timestamp end desc,
  case :sort when 'severity' then array_position('{CRITICAL,HIGH,MEDIUM,LOW}', a.severity) end,
  a.timestamp,
  a.anomaly_type
limit :limit;

/*
 * Somebody has looked at it, and it stays open.
 * @http POST /api/anomalies/{anomaly_id}/review
 * @graphql Mutation.reviewAnomaly AnomalyReview
 */
/* @name review */
update public.anomalies as a
set
  reviewed = true,
  resolution_notes = coalesce(:notes, a.resolution_notes)
where a.anomaly_id = :anomaly_id!
returning a.anomaly_id, a.reviewed, a.resolved_at, a.resolution_notes;

/*
 * Settles an anomaly: the row is wrong and has been dealt with. By the user of the transaction, else of the session.
 * @http POST /api/anomalies/{anomaly_id}/resolve
 * @graphql Mutation.resolveAnomaly AnomalySettlement
 */
/* @name resolve */
update public.anomalies as a
set
  reviewed = true,
  is_false_positive = false,
  resolved_at = now(),
  resolved_by = coalesce(nullif(current_setting('app.user', true), ''), session_user),
  resolution_notes = coalesce(:notes, a.resolution_notes)
where a.anomaly_id = :anomaly_id!
returning a.anomaly_id, a.resolved_at as "resolved_at!", a.resolved_by as "resolved_by!", a.resolution_notes;

/*
 * Settles an anomaly: the row is right. By the user of the transaction, else of the session.
 * @http POST /api/anomalies/{anomaly_id}/false-positive
 * @graphql Mutation.markFalsePositive AnomalySettlement
 */
/* @name markFalsePositive */
update public.anomalies as a
set
  reviewed = true,
  is_false_positive = true,
  resolved_at = now(),
  resolved_by = coalesce(nullif(current_setting('app.user', true), ''), session_user),
  resolution_notes = coalesce(:notes, a.resolution_notes)
where a.anomaly_id = :anomaly_id!
returning a.anomaly_id, a.resolved_at as "resolved_at!", a.resolved_by as "resolved_by!", a.resolution_notes;
