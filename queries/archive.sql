/*
 * Deleted rows, and bringing them back.
 */

/*
 * Deleted rows of a source that have not been brought back, the last deleted first. A page has :limit rows. For the
 * next one pass the archive_id of the last row as :before_id.
 */
/* @name deleted */
select
  a.archive_id,
  a.timestamp,
  a.open,
  a.high,
  a.low,
  a.close,
  a.volume,
  a.value,
  a.quality_score,
  a.is_anomaly,
  a.is_validated,
  a.deleted_at,
  a.deleted_by,
  a.deletion_reason
from public.timeseries_archive as a
where a.source_id = :source_id!
  and a.restored_at is null
  and a.archive_id < coalesce(:before_id, 9223372036854775807)
order by a.archive_id desc
limit :limit!;

/*
 * Brings the deleted rows from :from to :to (both included, left out: open) back and tells how many. A row that exists
 * again is left alone.
 */
/* @name restore */
select public.restore_archived(:source_id!, :from, :to) as "restored!";
