create or replace function app_private.history_before(
  source_id int,
  moment timestamptz,
  update_frequency interval,
  out first_moment timestamptz,
  out row_count bigint,
  out last_level numeric,
  out level_count bigint,
  out mean numeric,
  out stddev numeric
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  since timestamptz;
begin
  -- They are looked for close by first: a search without a lower bound opens every chunk there is.
  foreach since in array array[moment - 400 * least(update_frequency, interval '1 month'), '-infinity'] loop
    select
      min(h.timestamp),
      count(*),
      (array_agg(h.level order by h.timestamp desc))[1],
      count(h.level),
      avg(h.level),
      stddev_samp(h.level)
    into first_moment, row_count, last_level, level_count, mean, stddev
    from (
      select d.timestamp, app_private.bounded_level(coalesce(d.close, d.value)) as level
      from public.timeseries_data as d
      where d.source_id = history_before.source_id and d.timestamp >= since and d.timestamp < moment
      order by d.timestamp desc
      limit 200
    ) as h;
    exit when row_count = 200;
  end loop;
end
$$;

comment on function app_private.history_before(int, timestamptz, interval) is
  'The 200 rows of a source before a moment, summed up: since when, how many, their last level, and count, mean and deviation of their levels.';
