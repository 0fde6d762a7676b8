/*
 * Who changed what, when and why.
 */

/*
 * The history of one row of timeseries_data, oldest first, at most :limit entries. An entry about many rows (a multi-row
 * insert, or retention) belongs to it when its range covers the row; is_range marks those.
 * @http GET /api/sources/{source}/rows/{timestamp}/audit
 */
/* @name ofRow */
select
  l.audit_id,
  l.action,
  l.timestamp is null as "is_range!",
  l.old_value,
  l.new_value,
  l.changed_fields,
  l.changed_by,
  l.changed_at,
  l.reason,
  l.ip_address,
  l.user_agent
from public.audit_log as l
where l.table_name = 'timeseries_data'
  and (
    (l.source_id = :source_id! and l.timestamp = :timestamp!)
    or (
      l.source_id = :source_id!
      and l.timestamp is null
      and :timestamp! between (l.new_value ->> 'from')::timestamptz and (l.new_value ->> 'to')::timestamptz
    )
    or (
      l.source_id is null
      and l.timestamp is null
      and :timestamp! between (l.old_value ->> 'from')::timestamptz and (l.old_value ->> 'to')::timestamptz
    )
  )
order by l.audit_id
limit :limit;

/*
 * The newest entries of the log, of the table :table_name, of :source_id, by the person :changed_by, or all. A page has
 * :limit entries. For the next one pass the audit_id of the last one as :before_id.
 * @http GET /api/audit
 * @graphql Query.audit AuditEntry[]
 */
/* @name recent */
select
  l.audit_id,
  l.source_id,
  l.timestamp,
  l.action,
  l.table_name,
  l.old_value,
  l.new_value,
  l.changed_fields,
  l.changed_by,
  l.changed_at,
  l.reason,
  l.ip_address,
  l.user_agent
from public.audit_log as l
where l.audit_id < coalesce(:before_id, 9223372036854775807)
  and (:table_name::text is null or l.table_name = :table_name)
  and (:source_id::int is null or l.source_id = :source_id)
  and (:changed_by::text is null or l.changed_by = :changed_by)
order by l.audit_id desc
limit :limit!;

/*
 * The newest entries of the log about a source: its registration, its rows and what hangs on them. A page has :limit
 * entries. For the next one pass the audit_id of the last one as :before_id.
 * @http GET /api/sources/{source}/audit
 */
/* @name ofSource */
select
  l.audit_id,
  l.timestamp,
  l.action,
  l.table_name,
  l.old_value,
  l.new_value,
  l.changed_fields,
  l.changed_by,
  l.changed_at,
  l.reason,
  l.ip_address,
  l.user_agent
from public.audit_log as l
where l.source_id = :source_id!
  and l.audit_id < coalesce(:before_id, 9223372036854775807)
order by l.audit_id desc
limit :limit!;

/* Seals the entries since the last seal. Waits for those who are writing. Not inside a transaction. */
/* @name seal */
call public.seal_audit_log();

/* The first entry, or seal, that is not as it was sealed, and what has happened to it; nothing when all is well. */
/* @name verify */
select
  v.entry,
  v.what as "what!",
  v.detail as "detail!"
from public.verify_audit_log() as v;

/* The newest seal, or the one with the number :seal_id: its digest speaks for all that was sealed until then. */
/* @name head */
select
  s.seal_id,
  s.last_id,
  s.entry_count,
  s.sealed_at,
  s.digest
from public.audit_seals as s
where :seal_id::bigint is null or s.seal_id = :seal_id
order by s.seal_id desc
limit 1;

/* Which of the seals :seal_ids are not there, or not with the digests :digests, which stand in the same order. */
/* @name otherSeals */
select
  h.seal_id as "seal_id!",
  exists (select from public.audit_seals as s where s.seal_id = h.seal_id) as "is_there!"
from unnest(:seal_ids!::bigint[], :digests!::bytea[]) as h (seal_id, digest)
where not exists (
  select from public.audit_seals as s where s.seal_id = h.seal_id and s.digest = h.digest
)
order by h.seal_id;

/* The seals whose entries can be archived, because they were sealed more than :older_than ago, oldest first. */
/* @name sealsToArchive */
select s.seal_id
from public.audit_seals as s
where s.archived_at is null
  and s.seal_id < coalesce(
    (select min(n.seal_id) from public.audit_seals as n where n.archived_at is null and n.sealed_at > now() - :older_than!::interval),
    9223372036854775807
  )
order by s.seal_id;

/* What an archive has of a seal: the lines of its entries in their order, and behind them its own. */
/* @name archiveLines */
select x.line as "line!"
from (
  select l.audit_id as place, app_private.audit_line(l, l.audit_id) as line
  from public.audit_log as l
  where l.audit_id = any (array(select unnest(s.audit_ids) from public.audit_seals as s where s.seal_id = :seal_id!))
  union all
  select 9223372036854775807, app_private.seal_line(s)
  from public.audit_seals as s
  where s.seal_id = :seal_id!
) as x
order by x.place;

/*
 * Deletes the entries of the seals :first_seal to :last_seal, which have to be the oldest ones, and tells how many. :head is the
 * digest with which the file that holds them ends.
 */
/* @name archive */
select app_private.archive_audit_entries(:first_seal!, :last_seal!, :head!) as "entries!";
