/** Types generated for queries found in "queries/forecasts.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { JsonObject, Json } from '../src/types/pg-types.js';

export type accuracy_sort = 'bias' | 'mae' | 'mape' | 'rmse';

export type DateOrString = Date | string;

export type NumberOrString = number | string;

/** 'Add' parameters type */
export interface IAddParams {
  confidence_level?: NumberOrString | null | void;
  confidence_lower?: NumberOrString | null | void;
  confidence_upper?: NumberOrString | null | void;
  forecast_timestamp?: DateOrString | null | void;
  model_name: string;
  model_parameters?: JsonObject | null | void;
  model_version?: string | null | void;
  predicted_value: NumberOrString;
  source_id: number;
  target_timestamp: DateOrString;
}

/** 'Add' return type */
export interface IAddResult {
  /** Key of the forecast. */
  forecast_id: string;
  /** The registered model, if it is one. */
  model_id: number | null;
}

/** 'Add' query type */
export interface IAddQuery {
  params: IAddParams;
  result: IAddResult;
}

const addIR: any = {"usedParamSet":{"source_id":true,"forecast_timestamp":true,"target_timestamp":true,"predicted_value":true,"confidence_lower":true,"confidence_upper":true,"confidence_level":true,"model_name":true,"model_version":true,"model_parameters":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":227,"b":237}]},{"name":"forecast_timestamp","required":false,"transform":{"type":"scalar"},"locs":[{"a":251,"b":269}]},{"name":"target_timestamp","required":true,"transform":{"type":"scalar"},"locs":[{"a":282,"b":299}]},{"name":"predicted_value","required":true,"transform":{"type":"scalar"},"locs":[{"a":304,"b":320}]},{"name":"confidence_lower","required":false,"transform":{"type":"scalar"},"locs":[{"a":325,"b":341}]},{"name":"confidence_upper","required":false,"transform":{"type":"scalar"},"locs":[{"a":346,"b":362}]},{"name":"confidence_level","required":false,"transform":{"type":"scalar"},"locs":[{"a":367,"b":383}]},{"name":"model_name","required":true,"transform":{"type":"scalar"},"locs":[{"a":449,"b":460},{"a":512,"b":523}]},{"name":"model_version","required":false,"transform":{"type":"scalar"},"locs":[{"a":487,"b":500},{"a":537,"b":550}]},{"name":"model_parameters","required":false,"transform":{"type":"scalar"},"locs":[{"a":570,"b":586}]}],"statement":"insert into public.forecasts as f (\n  source_id, forecast_timestamp, target_timestamp, predicted_value,\n  confidence_lower, confidence_upper, confidence_level, model_id, model_name, model_version, model_parameters\n)\nvalues (\n  :source_id!,\n  coalesce(:forecast_timestamp, now()),\n  :target_timestamp!,\n  :predicted_value!,\n  :confidence_lower,\n  :confidence_upper,\n  :confidence_level,\n  (select m.model_id from public.ml_models as m where m.name = :model_name! and m.version = coalesce(:model_version, '1')),\n  :model_name!,\n  coalesce(:model_version, '1'),\n  coalesce(:model_parameters::jsonb, '{}')\n)\non conflict (source_id, model_name, model_version, forecast_timestamp, target_timestamp) do update\nset\n  predicted_value = excluded.predicted_value,\n  confidence_lower = excluded.confidence_lower,\n  confidence_upper = excluded.confidence_upper,\n  confidence_level = excluded.confidence_level,\n  model_id = excluded.model_id,\n  model_parameters = excluded.model_parameters,\n  actual_value = null,\n  prediction_error = null,\n  absolute_error = null,\n  percentage_error = null\nreturning f.forecast_id, f.model_id                                                                   "};

/**
 * Stores a prediction. The model is linked when one of that name and version is registered. The same prediction once
 * more (source, model, both moments) replaces the first and is scored again.
 *
 * Query generated from SQL:
 * ```
 * insert into public.forecasts as f (
 *   source_id, forecast_timestamp, target_timestamp, predicted_value,
 *   confidence_lower, confidence_upper, confidence_level, model_id, model_name, model_version, model_parameters
 * )
 * values (
 *   :source_id!,
 *   coalesce(:forecast_timestamp, now()),
 *   :target_timestamp!,
 *   :predicted_value!,
 *   :confidence_lower,
 *   :confidence_upper,
 *   :confidence_level,
 *   (select m.model_id from public.ml_models as m where m.name = :model_name! and m.version = coalesce(:model_version, '1')),
 *   :model_name!,
 *   coalesce(:model_version, '1'),
 *   coalesce(:model_parameters::jsonb, '{}')
 * )
 * on conflict (source_id, model_name, model_version, forecast_timestamp, target_timestamp) do update
 * set
 *   predicted_value = excluded.predicted_value,
 *   confidence_lower = excluded.confidence_lower,
 *   confidence_upper = excluded.confidence_upper,
 *   confidence_level = excluded.confidence_level,
 *   model_id = excluded.model_id,
 *   model_parameters = excluded.model_parameters,
 *   actual_value = null,
 *   prediction_error = null,
 *   absolute_error = null,
 *   percentage_error = null
 * returning f.forecast_id, f.model_id                                                                   
 * ```
 */
export const add = new PreparedQuery<IAddParams,IAddResult>(addIR, 'forecasts.add');


/** 'Score' parameters type */
export type IScoreParams = void;

/** 'Score' return type */
export type IScoreResult = void;

/** 'Score' query type */
export interface IScoreQuery {
  params: IScoreParams;
  result: IScoreResult;
}

const scoreIR: any = {"usedParamSet":{},"params":[],"statement":"call public.score_forecasts()                                                                                                                                                          "};

/**
 * Fills in the actual values that have arrived, and the errors.
 *
 * Query generated from SQL:
 * ```
 * call public.score_forecasts()                                                                                                                                                          
 * ```
 */
export const score = new PreparedQuery<IScoreParams,IScoreResult>(scoreIR, 'forecasts.score');


/** 'Range' parameters type */
export interface IRangeParams {
  /** The predictions for moments from :from (included) to :to (excluded), scored or not, at most :limit. */
  from: DateOrString;
  /** The predictions for moments from :from (included) to :to (excluded), scored or not, at most :limit. */
  limit?: NumberOrString | null | void;
  source_id: number;
  /** The predictions for moments from :from (included) to :to (excluded), scored or not, at most :limit. */
  to: DateOrString;
}

/** 'Range' return type */
export interface IRangeResult {
  /** Absolute prediction_error. */
  absolute_error: string | null;
  /** Level of the row at target_timestamp, filled by score_forecasts(). */
  actual_value: string | null;
  /** Level of the interval, for example 0.95. */
  confidence_level: string | null;
  /** Lower end of the confidence interval. */
  confidence_lower: string | null;
  /** Upper end of the confidence interval. */
  confidence_upper: string | null;
  /** Key of the forecast. */
  forecast_id: string;
  /** When it was predicted. */
  forecast_timestamp: Date;
  /** The registered model, if it is one. */
  model_id: number | null;
  /** Name of the model. */
  model_name: string;
  /** Parameters of this run. */
  model_parameters: Json;
  /** Version of the model. */
  model_version: string;
  /** 100 × absolute_error / |actual_value|; null when that is 0. */
  percentage_error: string | null;
  /** Predicted level. */
  predicted_value: string;
  /** predicted_value - actual_value. */
  prediction_error: string | null;
  /** The moment that is predicted. */
  target_timestamp: Date;
}

/** 'Range' query type */
export interface IRangeQuery {
  params: IRangeParams;
  result: IRangeResult;
}

const rangeIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":356,"b":366}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":396,"b":401}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":430,"b":433}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":522,"b":527}]}],"statement":"select\n  f.forecast_id,\n  f.forecast_timestamp,\n  f.target_timestamp,\n  f.predicted_value,\n  f.confidence_lower,\n  f.confidence_upper,\n  f.confidence_level,\n  f.model_id,\n  f.model_name,\n  f.model_version,\n  f.model_parameters,\n  f.actual_value,\n  f.prediction_error,\n  f.absolute_error,\n  f.percentage_error\nfrom public.forecasts as f\nwhere f.source_id = :source_id!\n  and f.target_timestamp >= :from!\n  and f.target_timestamp < :to!\norder by f.target_timestamp, f.model_name, f.model_version, f.forecast_timestamp\nlimit :limit                                                                                                                                                           "};

/**
 * The predictions for moments from :from (included) to :to (excluded), scored or not, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select
 *   f.forecast_id,
 *   f.forecast_timestamp,
 *   f.target_timestamp,
 *   f.predicted_value,
 *   f.confidence_lower,
 *   f.confidence_upper,
 *   f.confidence_level,
 *   f.model_id,
 *   f.model_name,
 *   f.model_version,
 *   f.model_parameters,
 *   f.actual_value,
 *   f.prediction_error,
 *   f.absolute_error,
 *   f.percentage_error
 * from public.forecasts as f
 * where f.source_id = :source_id!
 *   and f.target_timestamp >= :from!
 *   and f.target_timestamp < :to!
 * order by f.target_timestamp, f.model_name, f.model_version, f.forecast_timestamp
 * limit :limit                                                                                                                                                           
 * ```
 */
export const range = new PreparedQuery<IRangeParams,IRangeResult>(rangeIR, 'forecasts.range');


/** 'Accuracy' parameters type */
export interface IAccuracyParams {
  /** Without :sort the smallest mean absolute percentage error of each source comes first. */
  sort?: accuracy_sort | null | void;
  /** How good each model is on each source, or on :source_id. */
  source_id?: number | null | void;
}

/** 'Accuracy' return type */
export interface IAccuracyResult {
  /** Mean of predicted minus actual: positive when the model predicts too high. */
  bias: string;
  /** Earliest moment predicted. */
  first_target: Date;
  /** Number of forecasts whose actual value has arrived. */
  forecasts_scored: string;
  /** Share of actual values inside their confidence interval, 0 to 1. */
  interval_coverage: string | null;
  /** Latest moment predicted. */
  last_target: Date;
  /** Mean absolute error. */
  mae: string;
  /** Mean absolute percentage error. */
  mape: string | null;
  /** The model. */
  model_name: string;
  /** Its version. */
  model_version: string;
  /** Root mean squared error. */
  rmse: string;
  /** The predicted series. */
  source_id: number;
  /** Its name. */
  source_name: string;
}

/** 'Accuracy' query type */
export interface IAccuracyQuery {
  params: IAccuracyParams;
  result: IAccuracyResult;
}

const accuracyIR: any = {"usedParamSet":{"source_id":true,"sort":true},"params":[{"name":"source_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":396,"b":405},{"a":437,"b":446}]},{"name":"sort","required":false,"transform":{"type":"scalar"},"locs":[{"a":464,"b":468}]}],"statement":"select\n  a.source_id as \"source_id!\",\n  a.source_name as \"source_name!\",\n  a.model_name as \"model_name!\",\n  a.model_version as \"model_version!\",\n  a.forecasts_scored as \"forecasts_scored!\",\n  a.mae as \"mae!\",\n  a.rmse as \"rmse!\",\n  a.mape,\n  a.bias as \"bias!\",\n  a.interval_coverage,\n  a.first_target as \"first_target!\",\n  a.last_target as \"last_target!\"\nfrom public.forecast_accuracy as a\nwhere :source_id::int is null or a.source_id = :source_id\norder by\n  case :sort when 'mae' then a.mae when 'rmse' then a.rmse when 'bias' then abs(a.bias) when 'mape' then a.mape end,\n  a.source_name,\n  a.mape,\n  a.model_name,\n  a.model_version"};

/**
 * How good each model is on each source, or on :source_id. Without :sort the smallest mean absolute percentage error of
 * each source comes first.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.source_id as "source_id!",
 *   a.source_name as "source_name!",
 *   a.model_name as "model_name!",
 *   a.model_version as "model_version!",
 *   a.forecasts_scored as "forecasts_scored!",
 *   a.mae as "mae!",
 *   a.rmse as "rmse!",
 *   a.mape,
 *   a.bias as "bias!",
 *   a.interval_coverage,
 *   a.first_target as "first_target!",
 *   a.last_target as "last_target!"
 * from public.forecast_accuracy as a
 * where :source_id::int is null or a.source_id = :source_id
 * order by
 *   case :sort when 'mae' then a.mae when 'rmse' then a.rmse when 'bias' then abs(a.bias) when 'mape' then a.mape end,
 *   a.source_name,
 *   a.mape,
 *   a.model_name,
 *   a.model_version
 * ```
 */
export const accuracy = new PreparedQuery<IAccuracyParams,IAccuracyResult>(accuracyIR, 'forecasts.accuracy');


