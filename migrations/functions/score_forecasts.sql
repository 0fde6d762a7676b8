create or replace procedure public.score_forecasts()
language sql
security definer
set search_path = pg_catalog, pg_temp
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
  update public.forecasts as f
  set
    actual_value = a.level,
    prediction_error = a.error,
    absolute_error = abs(a.error),
    percentage_error = 100 * abs(a.error) / nullif(abs(a.level), 0)
  from public.forecasts as due
  cross join lateral (
    select
      coalesce(d.close, d.value) as level,
      -- Of one absurd number the difference would overflow, and no forecast would be scored.
      app_private.bounded_level(due.predicted_value) - app_private.bounded_level(coalesce(d.close, d.value)) as error
    from public.timeseries_data as d
    where d.source_id = due.source_id and d.timestamp = due.target_timestamp
  ) as a
  where due.actual_value is null
    and due.forecast_id = f.forecast_id
    and a.level is not null;
$$;

comment on procedure public.score_forecasts() is
  'Fills actual value and errors of the forecasts whose target row has arrived.';
