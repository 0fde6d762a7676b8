/*
 * Predictions, and how right they were.
 */

/*
 * Stores a prediction. The model is linked when one of that name and version is registered. The same prediction once
 * more (source, model, both moments) replaces the first and is scored again.
 */
/* @name add */
insert into public.forecasts as f (
  source_id, forecast_timestamp, target_timestamp, predicted_value,
  confidence_lower, confidence_upper, confidence_level, model_id, model_name, model_version, model_parameters
)
values (
  :source_id!,
  coalesce(:forecast_timestamp, now()),
  :target_timestamp!,
  :predicted_value!,
  :confidence_lower,
  :confidence_upper,
  :confidence_level,
  (select m.model_id from public.ml_models as m where m.name = :model_name! and m.version = coalesce(:model_version, '1')),
  :model_name!,
  coalesce(:model_version, '1'),
  coalesce(:model_parameters::jsonb, '{}')
)
on conflict (source_id, model_name, model_version, forecast_timestamp, target_timestamp) do update
set
  predicted_value = excluded.predicted_value,
  confidence_lower = excluded.confidence_lower,
  confidence_upper = excluded.confidence_upper,
  confidence_level = excluded.confidence_level,
  model_id = excluded.model_id,
  model_parameters = excluded.model_parameters,
  actual_value = null,
  prediction_error = null,
  absolute_error = null,
  percentage_error = null
returning f.forecast_id, f.model_id;

/* Fills in the actual values that have arrived, and the errors. */
/* @name score */
call public.score_forecasts();

/*
 * The predictions for moments from :from (included) to :to (excluded), scored or not, at most :limit.
 * @http GET /api/sources/{source}/forecasts
 */
/* @name range */
select
  f.forecast_id,
  f.forecast_timestamp,
  f.target_timestamp,
  f.predicted_value,
  f.confidence_lower,
  f.confidence_upper,
  f.confidence_level,
  f.model_id,
  f.model_name,
  f.model_version,
  f.model_parameters,
  f.actual_value,
  f.prediction_error,
  f.absolute_error,
  f.percentage_error
from public.forecasts as f
where f.source_id = :source_id!
  and f.target_timestamp >= :from!
  and f.target_timestamp < :to!
order by f.target_timestamp, f.model_name, f.model_version, f.forecast_timestamp
limit :limit;

/*
 * How good each model is on each source, or on :source_id. Without :sort the smallest mean absolute percentage error of
 * each source comes first.
 */
/* @name accuracy */
select
  a.source_id as "source_id!",
  a.source_name as "source_name!",
  a.model_name as "model_name!",
  a.model_version as "model_version!",
  a.forecasts_scored as "forecasts_scored!",
  a.mae as "mae!",
  a.rmse as "rmse!",
  a.mape,
  a.bias as "bias!",
  a.interval_coverage,
  a.first_target as "first_target!",
  a.last_target as "last_target!"
from public.forecast_accuracy as a
where :source_id::int is null or a.source_id = :source_id
order by
  case :sort when 'mae' then a.mae when 'rmse' then a.rmse when 'bias' then abs(a.bias) when 'mape' then a.mape end,
  a.source_name,
  a.mape,
  a.model_name,
  a.model_version;
