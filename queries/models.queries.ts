/** Types generated for queries found in "queries/models.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { JsonObject, Json } from '../src/types/pg-types.js';

export type ml_models_status = 'deployed' | 'retired' | 'training' | 'validated';

export type DateOrString = Date | string;

export type NumberOrString = number | string;

export type stringArray = (string | null)[];

/** 'Register' parameters type */
export interface IRegisterParams {
  features_used?: stringArray | null | void;
  hyperparameters?: JsonObject | null | void;
  model_hash?: string | null | void;
  model_path?: string | null | void;
  model_type: string;
  name: string;
  test_score?: NumberOrString | null | void;
  training_from?: DateOrString | null | void;
  training_score?: NumberOrString | null | void;
  training_to?: DateOrString | null | void;
  validation_from?: DateOrString | null | void;
  validation_score?: NumberOrString | null | void;
  validation_to?: DateOrString | null | void;
  version: string;
}

/** 'Register' return type */
export interface IRegisterResult {
  /** Key of the model. */
  model_id: number;
  /** training, validated, deployed or retired. */
  status: ml_models_status;
}

/** 'Register' query type */
export interface IRegisterQuery {
  params: IRegisterParams;
  result: IRegisterResult;
}

const registerIR: any = {"usedParamSet":{"name":true,"version":true,"model_type":true,"model_path":true,"model_hash":true,"training_from":true,"training_to":true,"validation_from":true,"validation_to":true,"features_used":true,"training_score":true,"validation_score":true,"test_score":true,"hyperparameters":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":215,"b":220}]},{"name":"version","required":true,"transform":{"type":"scalar"},"locs":[{"a":225,"b":233}]},{"name":"model_type","required":true,"transform":{"type":"scalar"},"locs":[{"a":238,"b":249}]},{"name":"model_path","required":false,"transform":{"type":"scalar"},"locs":[{"a":254,"b":264}]},{"name":"model_hash","required":false,"transform":{"type":"scalar"},"locs":[{"a":269,"b":279}]},{"name":"training_from","required":false,"transform":{"type":"scalar"},"locs":[{"a":294,"b":307},{"a":349,"b":362}]},{"name":"training_to","required":false,"transform":{"type":"scalar"},"locs":[{"a":365,"b":376}]},{"name":"validation_from","required":false,"transform":{"type":"scalar"},"locs":[{"a":396,"b":411},{"a":453,"b":468}]},{"name":"validation_to","required":false,"transform":{"type":"scalar"},"locs":[{"a":471,"b":484}]},{"name":"features_used","required":false,"transform":{"type":"scalar"},"locs":[{"a":503,"b":516}]},{"name":"training_score","required":false,"transform":{"type":"scalar"},"locs":[{"a":536,"b":550}]},{"name":"validation_score","required":false,"transform":{"type":"scalar"},"locs":[{"a":555,"b":571}]},{"name":"test_score","required":false,"transform":{"type":"scalar"},"locs":[{"a":576,"b":586}]},{"name":"hyperparameters","required":false,"transform":{"type":"scalar"},"locs":[{"a":600,"b":615}]}],"statement":"insert into public.ml_models as m (\n  name, version, model_type, model_path, model_hash, training_range, validation_range, features_used,\n  training_score, validation_score, test_score, hyperparameters\n)\nvalues (\n  :name!,\n  :version!,\n  :model_type!,\n  :model_path,\n  :model_hash,\n  case when :training_from::timestamptz is not null then tstzrange(:training_from, :training_to) end,\n  case when :validation_from::timestamptz is not null then tstzrange(:validation_from, :validation_to) end,\n  coalesce(:features_used::text[], '{}'),\n  :training_score,\n  :validation_score,\n  :test_score,\n  coalesce(:hyperparameters::jsonb, '{}')\n)\non conflict (name, version) do update\nset\n  model_type = excluded.model_type,\n  model_path = excluded.model_path,\n  model_hash = excluded.model_hash,\n  training_range = excluded.training_range,\n  validation_range = excluded.validation_range,\n  features_used = excluded.features_used,\n  training_score = excluded.training_score,\n  validation_score = excluded.validation_score,\n  test_score = excluded.test_score,\n  hyperparameters = excluded.hyperparameters\nreturning m.model_id, m.status                                               "};

/**
 * Registers a version of a model, or brings its registration up to date. Ranges are from (included) to (excluded) and
 * must not overlap. A status is not among the parameters: a new version is in training; deploy and retire move it.
 *
 * Query generated from SQL:
 * ```
 * insert into public.ml_models as m (
 *   name, version, model_type, model_path, model_hash, training_range, validation_range, features_used,
 *   training_score, validation_score, test_score, hyperparameters
 * )
 * values (
 *   :name!,
 *   :version!,
 *   :model_type!,
 *   :model_path,
 *   :model_hash,
 *   case when :training_from::timestamptz is not null then tstzrange(:training_from, :training_to) end,
 *   case when :validation_from::timestamptz is not null then tstzrange(:validation_from, :validation_to) end,
 *   coalesce(:features_used::text[], '{}'),
 *   :training_score,
 *   :validation_score,
 *   :test_score,
 *   coalesce(:hyperparameters::jsonb, '{}')
 * )
 * on conflict (name, version) do update
 * set
 *   model_type = excluded.model_type,
 *   model_path = excluded.model_path,
 *   model_hash = excluded.model_hash,
 *   training_range = excluded.training_range,
 *   validation_range = excluded.validation_range,
 *   features_used = excluded.features_used,
 *   training_score = excluded.training_score,
 *   validation_score = excluded.validation_score,
 *   test_score = excluded.test_score,
 *   hyperparameters = excluded.hyperparameters
 * returning m.model_id, m.status                                               
 * ```
 */
export const register = new PreparedQuery<IRegisterParams,IRegisterResult>(registerIR, 'models.register');


/** 'MarkValidated' parameters type */
export interface IMarkValidatedParams {
  name: string;
  version: string;
}

/** 'MarkValidated' return type */
export interface IMarkValidatedResult {
  /** Key of the model. */
  model_id: number;
  /** training, validated, deployed or retired. */
  status: ml_models_status;
}

/** 'MarkValidated' query type */
export interface IMarkValidatedQuery {
  params: IMarkValidatedParams;
  result: IMarkValidatedResult;
}

const markValidatedIR: any = {"usedParamSet":{"name":true,"version":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":69,"b":74}]},{"name":"version","required":true,"transform":{"type":"scalar"},"locs":[{"a":94,"b":102}]}],"statement":"update public.ml_models as m\nset status = 'validated'\nwhere m.name = :name!\n  and m.version = :version!\n  and m.status = 'training'\nreturning m.model_id, m.status                                                                                                                                                                                              "};

/**
 * A version in training has been validated.
 *
 * Query generated from SQL:
 * ```
 * update public.ml_models as m
 * set status = 'validated'
 * where m.name = :name!
 *   and m.version = :version!
 *   and m.status = 'training'
 * returning m.model_id, m.status                                                                                                                                                                                              
 * ```
 */
export const markValidated = new PreparedQuery<IMarkValidatedParams,IMarkValidatedResult>(markValidatedIR, 'models.markValidated');


/** 'Deploy' parameters type */
export interface IDeployParams {
  name: string;
  version: string;
}

/** 'Deploy' return type */
export interface IDeployResult {
  /** When it was deployed. Set by a trigger if left out. */
  deployed_at: Date;
  /** Key of the model. */
  model_id: number;
  /** Name; unique with the version. */
  name: string;
  retired_version: string | null;
  /** Version of that name. */
  version: string;
}

/** 'Deploy' query type */
export interface IDeployQuery {
  params: IDeployParams;
  result: IDeployResult;
}

const deployIR: any = {"usedParamSet":{"name":true,"version":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":83,"b":88},{"a":225,"b":230}]},{"name":"version","required":true,"transform":{"type":"scalar"},"locs":[{"a":106,"b":114},{"a":283,"b":291}]}],"statement":"with target as (\n  select m.model_id\n  from public.ml_models as m\n  where m.name = :name! and m.version = :version!\n),\nretired as (\n  update public.ml_models as m\n  set status = 'retired', retired_at = now()\n  where m.name = :name!\n    and m.status = 'deployed'\n    and m.version <> :version!\n    and exists (select from target)\n  returning m.version\n)\nupdate public.ml_models as m\nset\n  status = 'deployed',\n  deployed_at = case when m.status = 'deployed' then m.deployed_at else now() end,\n  retired_at = null\nfrom target as t\ncross join (select min(r.version) as version from retired as r) as previous\nwhere m.model_id = t.model_id\nreturning m.model_id, m.name, m.version, m.deployed_at as \"deployed_at!\", previous.version as retired_version                                         "};

/**
 * Deploys a version and retires the one that was deployed, in one statement. Nothing happens when the version does not
 * exist; deploying the deployed version again changes nothing.
 *
 * Query generated from SQL:
 * ```
 * with target as (
 *   select m.model_id
 *   from public.ml_models as m
 *   where m.name = :name! and m.version = :version!
 * ),
 * retired as (
 *   update public.ml_models as m
 *   set status = 'retired', retired_at = now()
 *   where m.name = :name!
 *     and m.status = 'deployed'
 *     and m.version <> :version!
 *     and exists (select from target)
 *   returning m.version
 * )
 * update public.ml_models as m
 * set
 *   status = 'deployed',
 *   deployed_at = case when m.status = 'deployed' then m.deployed_at else now() end,
 *   retired_at = null
 * from target as t
 * cross join (select min(r.version) as version from retired as r) as previous
 * where m.model_id = t.model_id
 * returning m.model_id, m.name, m.version, m.deployed_at as "deployed_at!", previous.version as retired_version                                         
 * ```
 */
export const deploy = new PreparedQuery<IDeployParams,IDeployResult>(deployIR, 'models.deploy');


/** 'Retire' parameters type */
export interface IRetireParams {
  name: string;
  version: string;
}

/** 'Retire' return type */
export interface IRetireResult {
  /** Key of the model. */
  model_id: number;
  /** When it was retired. Set by a trigger if left out. */
  retired_at: Date;
  /** training, validated, deployed or retired. */
  status: ml_models_status;
}

/** 'Retire' query type */
export interface IRetireQuery {
  params: IRetireParams;
  result: IRetireResult;
}

const retireIR: any = {"usedParamSet":{"name":true,"version":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":87,"b":92}]},{"name":"version","required":true,"transform":{"type":"scalar"},"locs":[{"a":112,"b":120}]}],"statement":"update public.ml_models as m\nset status = 'retired', retired_at = now()\nwhere m.name = :name!\n  and m.version = :version!\n  and m.status <> 'retired'\nreturning m.model_id, m.status, m.retired_at as \"retired_at!\"                                                                                                                                                               "};

/**
 * Retires a version, deployed or not.
 *
 * Query generated from SQL:
 * ```
 * update public.ml_models as m
 * set status = 'retired', retired_at = now()
 * where m.name = :name!
 *   and m.version = :version!
 *   and m.status <> 'retired'
 * returning m.model_id, m.status, m.retired_at as "retired_at!"                                                                                                                                                               
 * ```
 */
export const retire = new PreparedQuery<IRetireParams,IRetireResult>(retireIR, 'models.retire');


/** 'List' parameters type */
export interface IListParams {
  /** Every version of every model, or of the one called :name, the newest first, at most :limit. */
  limit?: NumberOrString | null | void;
  /** Every version of every model, or of the one called :name, the newest first, at most :limit. */
  name?: string | null | void;
}

/** 'List' return type */
export interface IListResult {
  /** When it was registered. */
  created_at: Date;
  /** Who registered it. */
  created_by: string;
  /** When it was deployed. Set by a trigger if left out. */
  deployed_at: Date | null;
  /** Names of its inputs. */
  features_used: stringArray;
  /** How it was trained. */
  hyperparameters: Json;
  /** Digest of the artefact. */
  model_hash: string | null;
  /** Key of the model. */
  model_id: number;
  /** Where the artefact lies. */
  model_path: string | null;
  /** Family, for example lstm, gbm, arima. */
  model_type: string;
  /** Name; unique with the version. */
  name: string;
  /** When it was retired. Set by a trigger if left out. */
  retired_at: Date | null;
  /** training, validated, deployed or retired. */
  status: ml_models_status;
  /** Score on data that it never saw. */
  test_score: string | null;
  training_from: Date | null;
  /** Score on the training data. */
  training_score: string | null;
  training_to: Date | null;
  /** When the registration last changed. */
  updated_at: Date;
  validation_from: Date | null;
  /** Score on the validation data. */
  validation_score: string | null;
  validation_to: Date | null;
  /** Version of that name. */
  version: string;
}

/** 'List' query type */
export interface IListQuery {
  params: IListParams;
  result: IListResult;
}

const listIR: any = {"usedParamSet":{"name":true,"limit":true},"params":[{"name":"name","required":false,"transform":{"type":"scalar"},"locs":[{"a":495,"b":499},{"a":527,"b":531}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":591,"b":596}]}],"statement":"select\n  m.model_id,\n  m.name,\n  m.version,\n  m.model_type,\n  m.model_path,\n  m.model_hash,\n  lower(m.training_range) as training_from,\n  upper(m.training_range) as training_to,\n  lower(m.validation_range) as validation_from,\n  upper(m.validation_range) as validation_to,\n  m.features_used,\n  m.training_score,\n  m.validation_score,\n  m.test_score,\n  m.hyperparameters,\n  m.status,\n  m.deployed_at,\n  m.retired_at,\n  m.created_at,\n  m.updated_at,\n  m.created_by\nfrom public.ml_models as m\nwhere :name::text is null or m.name = :name\norder by m.name, m.created_at desc, m.model_id desc\nlimit :limit                                                                     "};

/**
 * Every version of every model, or of the one called :name, the newest first, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select
 *   m.model_id,
 *   m.name,
 *   m.version,
 *   m.model_type,
 *   m.model_path,
 *   m.model_hash,
 *   lower(m.training_range) as training_from,
 *   upper(m.training_range) as training_to,
 *   lower(m.validation_range) as validation_from,
 *   upper(m.validation_range) as validation_to,
 *   m.features_used,
 *   m.training_score,
 *   m.validation_score,
 *   m.test_score,
 *   m.hyperparameters,
 *   m.status,
 *   m.deployed_at,
 *   m.retired_at,
 *   m.created_at,
 *   m.updated_at,
 *   m.created_by
 * from public.ml_models as m
 * where :name::text is null or m.name = :name
 * order by m.name, m.created_at desc, m.model_id desc
 * limit :limit                                                                     
 * ```
 */
export const list = new PreparedQuery<IListParams,IListResult>(listIR, 'models.list');


/** 'Deployed' parameters type */
export interface IDeployedParams {
  name: string;
}

/** 'Deployed' return type */
export interface IDeployedResult {
  /** When it was deployed. Set by a trigger if left out. */
  deployed_at: Date;
  /** Names of its inputs. */
  features_used: stringArray;
  /** How it was trained. */
  hyperparameters: Json;
  /** Digest of the artefact. */
  model_hash: string | null;
  /** Key of the model. */
  model_id: number;
  /** Where the artefact lies. */
  model_path: string | null;
  /** Family, for example lstm, gbm, arima. */
  model_type: string;
  /** Name; unique with the version. */
  name: string;
  /** Version of that name. */
  version: string;
}

/** 'Deployed' query type */
export interface IDeployedQuery {
  params: IDeployedParams;
  result: IDeployedResult;
}

const deployedIR: any = {"usedParamSet":{"name":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":208,"b":213}]}],"statement":"select\n  m.model_id,\n  m.name,\n  m.version,\n  m.model_type,\n  m.model_path,\n  m.model_hash,\n  m.features_used,\n  m.hyperparameters,\n  m.deployed_at as \"deployed_at!\"\nfrom public.ml_models as m\nwhere m.name = :name!\n  and m.status = 'deployed'"};

/**
 * The deployed version of a model; nothing when none is deployed.
 *
 * Query generated from SQL:
 * ```
 * select
 *   m.model_id,
 *   m.name,
 *   m.version,
 *   m.model_type,
 *   m.model_path,
 *   m.model_hash,
 *   m.features_used,
 *   m.hyperparameters,
 *   m.deployed_at as "deployed_at!"
 * from public.ml_models as m
 * where m.name = :name!
 *   and m.status = 'deployed'
 * ```
 */
export const deployed = new PreparedQuery<IDeployedParams,IDeployedResult>(deployedIR, 'models.deployed');


