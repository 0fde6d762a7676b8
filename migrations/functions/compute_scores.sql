create or replace function app_private.compute_scores(islands app_private.island[], guarded boolean)
returns setof app_private.score
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- For all that it calls. A day is 24 hours, whatever the summer time of the session.
set timezone = 'UTC'
-- By the index in order of time, whatever the statistics said when the chunk was new.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $$
-- set_config is volatile, but what it sets ends with the function.
-- @plpgsql_check_options: other_warnings = off
declare
  island app_private.island;
  row_count int;
  most_rows int;
  stored_count int;
  middle int;
begin
  -- One plan for all islands looks at each chunk when it starts, which is quick while there are few. To plan for the
  -- bounds of an island costs half a millisecond, however many chunks there are.
  if exists (select from pg_inherits as i where i.inhparent = 'public.timeseries_data'::regclass offset 12) then
    perform set_config('plan_cache_mode', 'force_custom_plan', true); -- until the function ends
  end if;

  foreach island in array islands loop
    row_count := cardinality(island.moments);
    stored_count := 1;
    if row_count > 1 then
      most_rows := 4 * row_count + 500;
      select count(*)
      into stored_count
      from (
        select
        from public.timeseries_data as d
        where d.source_id = island.source_id
          and d.timestamp >= island.first_moment
          and d.timestamp <= island.last_moment
        limit most_rows
      ) as d;

      -- With many others between them, each half is scored apart, and so on: rows that lie years apart do not make us
      -- read all that is between them.
      if stored_count = most_rows then
        middle := row_count / 2;
        return query
        select s.*
        from app_private.compute_scores(
          array[
            (island.source_id, island.first_moment, island.moments[middle], island.moments[:middle]),
            (island.source_id, island.moments[middle + 1], island.last_moment, island.moments[middle + 1:])
          ]::app_private.island[],
          guarded
        ) as s;
        continue;
      end if;
    end if;

    -- Mostly every row between the first and the last was written, and none has to be looked up.
    return query
    select s.* from app_private.score_island(island, stored_count = row_count, guarded) as s;
  end loop;
end
$$;

comment on function app_private.compute_scores(app_private.island[], boolean) is
  'The scores of rows that are outliers or stored with another score. Clean rows cost no write. guarded: after an error, a rule that raises counts as violated.';
