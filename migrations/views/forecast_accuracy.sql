-- Bounded, so that one absurd forecast does not overflow the sums of its model, and with them the view.
create or replace view public.forecast_accuracy as
select
  f.source_id,
  s.name as source_name,
  f.model_name,
  f.model_version,
  count(*) as forecasts_scored,
  avg(app_private.bounded_level(f.absolute_error)) as mae,
  sqrt(avg(app_private.bounded_level(f.prediction_error) ^ 2)) as rmse,
  avg(app_private.bounded_level(f.percentage_error)) as mape,
  avg(app_private.bounded_level(f.prediction_error)) as bias,
  avg((f.actual_value between f.confidence_lower and f.confidence_upper)::int)
    filter (where f.confidence_lower is not null and f.confidence_upper is not null) as interval_coverage,
  min(f.target_timestamp) as first_target,
  max(f.target_timestamp) as last_target
from public.forecasts as f
join public.sources as s on s.source_id = f.source_id
where f.actual_value is not null
group by f.source_id, s.name, f.model_name, f.model_version;

comment on view public.forecast_accuracy is 'How good each model is on each source, over its scored forecasts.';
comment on column public.forecast_accuracy.source_id is 'The predicted series.';
comment on column public.forecast_accuracy.source_name is 'Its name.';
comment on column public.forecast_accuracy.model_name is 'The model.';
comment on column public.forecast_accuracy.model_version is 'Its version.';
comment on column public.forecast_accuracy.forecasts_scored is 'Number of forecasts whose actual value has arrived.';
comment on column public.forecast_accuracy.mae is 'Mean absolute error.';
comment on column public.forecast_accuracy.rmse is 'Root mean squared error.';
comment on column public.forecast_accuracy.mape is 'Mean absolute percentage error.';
comment on column public.forecast_accuracy.bias is 'Mean of predicted minus actual: positive when the model predicts too high.';
comment on column public.forecast_accuracy.interval_coverage is 'Share of actual values inside their confidence interval, 0 to 1.';
comment on column public.forecast_accuracy.first_target is 'Earliest moment predicted.';
comment on column public.forecast_accuracy.last_target is 'Latest moment predicted.';
