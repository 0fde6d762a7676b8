/*
 * Which series is computed from which, and what has to be computed again.
 */

/* Records that a source is computed from another. Refused when that would close a cycle (SQLSTATE MD002). */
/* @name addEdge */
insert into public.lineage as l (
  derived_source_id, parent_source_id, calculation_type, calculation_sql, calculation_function
)
values (
  :derived_source_id!, :parent_source_id!, :calculation_type!, :calculation_sql, :calculation_function
)
on conflict (derived_source_id, parent_source_id) do update
set
  calculation_type = excluded.calculation_type,
  calculation_sql = excluded.calculation_sql,
  calculation_function = excluded.calculation_function
returning l.lineage_id, l.derived_source_id, l.parent_source_id;

/* Removes such a record. */
/* @name removeEdge */
delete from public.lineage as l
where l.derived_source_id = :derived_source_id!
  and l.parent_source_id = :parent_source_id!
returning l.lineage_id;

/*
 * What a source is computed from, at any depth, the nearest first, at most :limit.
 * @http GET /api/sources/{source}/upstream
 */
/* @name upstream */
select s.source_id, s.name, s.display_name, u.depth as "depth!"
from public.upstream_of(:source_id!) as u
join public.sources as s on s.source_id = u.source_id
order by u.depth, s.name
limit :limit;

/*
 * What is computed from a source, at any depth, the nearest first, at most :limit.
 * @http GET /api/sources/{source}/downstream
 */
/* @name downstream */
select s.source_id, s.name, s.display_name, u.depth as "depth!"
from public.downstream_of(:source_id!) as u
join public.sources as s on s.source_id = u.source_id
order by u.depth, s.name
limit :limit;

/* The edges along which new data has arrived since the last calculation, in the order in which to calculate. */
/* @name stale */
select
  l.lineage_id,
  l.derived_source_id,
  d.name as derived_name,
  l.parent_source_id,
  p.name as parent_name,
  l.calculation_type,
  l.calculation_sql,
  l.calculation_function,
  l.dependency_level,
  l.last_calculation_time,
  l.avg_calculation_time
from public.lineage as l
join public.sources as d on d.source_id = l.derived_source_id
join public.sources as p on p.source_id = l.parent_source_id
where l.refresh_required
order by l.dependency_level, d.name, p.name;

/*
 * A derived source has been calculated from all of its parents. :took goes into the mean duration, in which the last
 * calculation weighs as much as all before it.
 */
/* @name markCalculated */
update public.lineage as l
set
  refresh_required = false,
  last_calculation_time = now(),
  avg_calculation_time = coalesce((l.avg_calculation_time + :took::interval) / 2, :took, l.avg_calculation_time)
where l.derived_source_id = :derived_source_id!
returning l.lineage_id, l.parent_source_id, l.last_calculation_time as "last_calculation_time!", l.avg_calculation_time;
