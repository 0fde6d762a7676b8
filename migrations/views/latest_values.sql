-- One index probe per source, however long the series are.
create or replace view public.latest_values as
select
  s.source_id,
  s.name,
  s.display_name,
  s.category,
  s.data_type,
  s.status,
  s.market_type,
  s.metadata,
  d.timestamp,
  coalesce(d.close, d.value) as level,
  d.open,
  d.high,
  d.low,
  d.close,
  d.volume,
  d.value,
  d.quality_score,
  d.is_anomaly,
  d.is_validated
from public.sources as s
cross join lateral (
  select t.*
  from public.timeseries_data as t
  where t.source_id = s.source_id
  order by t.timestamp desc
  limit 1
) as d;

comment on view public.latest_values is 'The newest row of each source that has one, with the source''s metadata and the row''s quality.';
comment on column public.latest_values.source_id is 'The source.';
comment on column public.latest_values.name is 'Its machine name.';
comment on column public.latest_values.display_name is 'Its name for people.';
comment on column public.latest_values.category is 'Its group.';
comment on column public.latest_values.data_type is 'Its kind.';
comment on column public.latest_values.status is 'Its life cycle.';
comment on column public.latest_values.market_type is 'Its market.';
comment on column public.latest_values.metadata is 'Its metadata.';
comment on column public.latest_values.timestamp is 'Moment of the newest row.';
comment on column public.latest_values.level is 'coalesce(close, value).';
comment on column public.latest_values.open is 'As in timeseries_data.';
comment on column public.latest_values.high is 'As in timeseries_data.';
comment on column public.latest_values.low is 'As in timeseries_data.';
comment on column public.latest_values.close is 'As in timeseries_data.';
comment on column public.latest_values.volume is 'As in timeseries_data.';
comment on column public.latest_values.value is 'As in timeseries_data.';
comment on column public.latest_values.quality_score is '0 to 100.';
comment on column public.latest_values.is_anomaly is 'More than 4 sigma away from the rows before it.';
comment on column public.latest_values.is_validated is 'No rule of severity ERROR is violated.';
