/** Types generated for queries found in "queries/sources.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { Json, JsonObject } from '../src/types/pg-types.js';

export type data_type_enum = 'calculated' | 'defi' | 'derivative' | 'etf' | 'macro' | 'ohlcv' | 'onchain' | 'simple' | 'social' | 'stablecoin';

export type list_sort = 'created' | 'display_name' | 'name' | 'updated';

export type market_enum = 'COMMODITIES' | 'CRYPTO' | 'FOREX' | 'US';

export type plugin_status_enum = 'active' | 'deprecated' | 'inactive' | 'testing';

export type NumberOrString = number | string;

export type stringArray = (string | null)[];

/** 'List' parameters type */
export interface IListParams {
  category?: string | null | void;
  data_type?: data_type_enum | null | void;
  /** Every source, at most :limit. */
  limit?: NumberOrString | null | void;
  /** Without :sort they are in the order of a menu: by category and name. */
  sort?: list_sort | null | void;
  status?: plugin_status_enum | null | void;
}

/** 'List' return type */
export interface IListResult {
  /** Address that the data comes from. */
  api_endpoint: string | null;
  /** Who runs that address. */
  api_provider: string | null;
  /** Free grouping for menus, for example price, oscillator, macro. */
  category: string;
  /** When the source was registered. */
  created_at: Date;
  /** Who registered it. */
  created_by: string;
  /** Kind of the series; decides which columns a complete row has and which rules apply. */
  data_type: data_type_enum;
  /** Name for people. */
  display_name: string;
  /** When rows last arrived. Kept by the pipeline. */
  last_successful_update: Date | null;
  /** Market whose trading days the series follows. */
  market_type: market_enum;
  /** Anything else, as a JSON object. */
  metadata: Json;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  name: string;
  /** last_successful_update + update_frequency. Kept by the pipeline. */
  next_scheduled_update: Date | null;
  /** Whether the address wants credentials. */
  requires_auth: boolean;
  /** Key of the source. */
  source_id: number;
  /** Life cycle: active, inactive, deprecated or testing. */
  status: plugin_status_enum;
  /** Distance between two rows. Timeliness, freshness and gaps are measured by it. */
  update_frequency: string;
  /** When the registration last changed. */
  updated_at: Date;
}

/** 'List' query type */
export interface IListQuery {
  params: IListParams;
  result: IListResult;
}

const listIR: any = {"usedParamSet":{"status":true,"data_type":true,"category":true,"sort":true,"limit":true},"params":[{"name":"status","required":false,"transform":{"type":"scalar"},"locs":[{"a":333,"b":339},{"a":390,"b":396}]},{"name":"data_type","required":false,"transform":{"type":"scalar"},"locs":[{"a":406,"b":415},{"a":465,"b":474}]},{"name":"category","required":false,"transform":{"type":"scalar"},"locs":[{"a":484,"b":492},{"a":524,"b":532}]},{"name":"sort","required":false,"transform":{"type":"scalar"},"locs":[{"a":551,"b":555},{"a":633,"b":637}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":767,"b":772}]}],"statement":"select\n  s.source_id,\n  s.name,\n  s.display_name,\n  s.category,\n  s.data_type,\n  s.api_endpoint,\n  s.api_provider,\n  s.requires_auth,\n  s.update_frequency,\n  s.last_successful_update,\n  s.next_scheduled_update,\n  s.status,\n  s.market_type,\n  s.metadata,\n  s.created_at,\n  s.updated_at,\n  s.created_by\nfrom public.sources as s\nwhere (:status::public.plugin_status_enum is null or s.status = :status)\n  and (:data_type::public.data_type_enum is null or s.data_type = :data_type)\n  and (:category::text is null or s.category = :category)\norder by\n  case :sort when 'name' then s.name when 'display_name' then s.display_name end,\n  case :sort when 'created' then s.created_at when 'updated' then s.last_successful_update end desc nulls last,\n  s.category,\n  s.name\nlimit :limit                                                                   "};

/**
 * Every source, at most :limit. A filter that is left out lets everything through. Without :sort they are in the order
 * of a menu: by category and name.
 *
 * Query generated from SQL:
 * ```
 * select
 *   s.source_id,
 *   s.name,
 *   s.display_name,
 *   s.category,
 *   s.data_type,
 *   s.api_endpoint,
 *   s.api_provider,
 *   s.requires_auth,
 *   s.update_frequency,
 *   s.last_successful_update,
 *   s.next_scheduled_update,
 *   s.status,
 *   s.market_type,
 *   s.metadata,
 *   s.created_at,
 *   s.updated_at,
 *   s.created_by
 * from public.sources as s
 * where (:status::public.plugin_status_enum is null or s.status = :status)
 *   and (:data_type::public.data_type_enum is null or s.data_type = :data_type)
 *   and (:category::text is null or s.category = :category)
 * order by
 *   case :sort when 'name' then s.name when 'display_name' then s.display_name end,
 *   case :sort when 'created' then s.created_at when 'updated' then s.last_successful_update end desc nulls last,
 *   s.category,
 *   s.name
 * limit :limit                                                                   
 * ```
 */
export const list = new PreparedQuery<IListParams,IListResult>(listIR, 'sources.list');


/** 'Active' parameters type */
export type IActiveParams = void;

/** 'Active' return type */
export interface IActiveResult {
  /** Free grouping for menus, for example price, oscillator, macro. */
  category: string;
  /** Kind of the series; decides which columns a complete row has and which rules apply. */
  data_type: data_type_enum;
  /** Name for people. */
  display_name: string;
  /** When rows last arrived. Kept by the pipeline. */
  last_successful_update: Date | null;
  /** Market whose trading days the series follows. */
  market_type: market_enum;
  /** Anything else, as a JSON object. */
  metadata: Json;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  name: string;
  /** last_successful_update + update_frequency. Kept by the pipeline. */
  next_scheduled_update: Date | null;
  /** Key of the source. */
  source_id: number;
  /** Distance between two rows. Timeliness, freshness and gaps are measured by it. */
  update_frequency: string;
}

/** 'Active' query type */
export interface IActiveQuery {
  params: IActiveParams;
  result: IActiveResult;
}

const activeIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  s.source_id,\n  s.name,\n  s.display_name,\n  s.category,\n  s.data_type,\n  s.update_frequency,\n  s.last_successful_update,\n  s.next_scheduled_update,\n  s.market_type,\n  s.metadata\nfrom public.sources as s\nwhere s.status = 'active'\norder by s.next_scheduled_update nulls first, s.name                                                                                                                                        "};

/**
 * The sources that are being updated, the one due first on top.
 *
 * Query generated from SQL:
 * ```
 * select
 *   s.source_id,
 *   s.name,
 *   s.display_name,
 *   s.category,
 *   s.data_type,
 *   s.update_frequency,
 *   s.last_successful_update,
 *   s.next_scheduled_update,
 *   s.market_type,
 *   s.metadata
 * from public.sources as s
 * where s.status = 'active'
 * order by s.next_scheduled_update nulls first, s.name                                                                                                                                        
 * ```
 */
export const active = new PreparedQuery<IActiveParams,IActiveResult>(activeIR, 'sources.active');


/** 'ByName' parameters type */
export interface IByNameParams {
  name: string;
}

/** 'ByName' return type */
export interface IByNameResult {
  /** Address that the data comes from. */
  api_endpoint: string | null;
  /** Who runs that address. */
  api_provider: string | null;
  /** Free grouping for menus, for example price, oscillator, macro. */
  category: string;
  /** When the source was registered. */
  created_at: Date;
  /** Who registered it. */
  created_by: string;
  /** Kind of the series; decides which columns a complete row has and which rules apply. */
  data_type: data_type_enum;
  /** Name for people. */
  display_name: string;
  /** When rows last arrived. Kept by the pipeline. */
  last_successful_update: Date | null;
  /** Market whose trading days the series follows. */
  market_type: market_enum;
  /** Anything else, as a JSON object. */
  metadata: Json;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  name: string;
  /** last_successful_update + update_frequency. Kept by the pipeline. */
  next_scheduled_update: Date | null;
  /** Whether the address wants credentials. */
  requires_auth: boolean;
  /** Key of the source. */
  source_id: number;
  /** Life cycle: active, inactive, deprecated or testing. */
  status: plugin_status_enum;
  /** Distance between two rows. Timeliness, freshness and gaps are measured by it. */
  update_frequency: string;
  /** When the registration last changed. */
  updated_at: Date;
}

/** 'ByName' query type */
export interface IByNameQuery {
  params: IByNameParams;
  result: IByNameResult;
}

const byNameIR: any = {"usedParamSet":{"name":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":341,"b":346}]}],"statement":"select\n  s.source_id,\n  s.name,\n  s.display_name,\n  s.category,\n  s.data_type,\n  s.api_endpoint,\n  s.api_provider,\n  s.requires_auth,\n  s.update_frequency,\n  s.last_successful_update,\n  s.next_scheduled_update,\n  s.status,\n  s.market_type,\n  s.metadata,\n  s.created_at,\n  s.updated_at,\n  s.created_by\nfrom public.sources as s\nwhere s.name = :name!                                                                                       "};

/**
 * One source by its machine name; nothing when there is none.
 *
 * Query generated from SQL:
 * ```
 * select
 *   s.source_id,
 *   s.name,
 *   s.display_name,
 *   s.category,
 *   s.data_type,
 *   s.api_endpoint,
 *   s.api_provider,
 *   s.requires_auth,
 *   s.update_frequency,
 *   s.last_successful_update,
 *   s.next_scheduled_update,
 *   s.status,
 *   s.market_type,
 *   s.metadata,
 *   s.created_at,
 *   s.updated_at,
 *   s.created_by
 * from public.sources as s
 * where s.name = :name!                                                                                       
 * ```
 */
export const byName = new PreparedQuery<IByNameParams,IByNameResult>(byNameIR, 'sources.byName');


/** 'ByNames' parameters type */
export interface IByNamesParams {
  names: stringArray;
}

/** 'ByNames' return type */
export interface IByNamesResult {
  frequency_ms: number;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  name: string;
  /** Key of the source. */
  source_id: number;
}

/** 'ByNames' query type */
export interface IByNamesQuery {
  params: IByNamesParams;
  result: IByNamesResult;
}

const byNamesIR: any = {"usedParamSet":{"names":true},"params":[{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[{"a":151,"b":157}]}],"statement":"select\n  s.name,\n  s.source_id,\n  1000 * extract(epoch from s.update_frequency)::float8 as \"frequency_ms!\"\nfrom public.sources as s\nwhere s.name = any(:names!::text[])                                                                                                                                                                                                                                                                                              "};

/**
 * Those of the sources that are registered, with the milliseconds between two rows.
 *
 * Query generated from SQL:
 * ```
 * select
 *   s.name,
 *   s.source_id,
 *   1000 * extract(epoch from s.update_frequency)::float8 as "frequency_ms!"
 * from public.sources as s
 * where s.name = any(:names!::text[])                                                                                                                                                                                                                                                                                              
 * ```
 */
export const byNames = new PreparedQuery<IByNamesParams,IByNamesResult>(byNamesIR, 'sources.byNames');


/** 'Register' parameters type */
export interface IRegisterParams {
  api_endpoint?: string | null | void;
  api_provider?: string | null | void;
  category?: string | null | void;
  data_type: data_type_enum;
  display_name: string;
  market_type?: market_enum | null | void;
  metadata?: JsonObject | null | void;
  name: string;
  requires_auth?: boolean | null | void;
  update_frequency?: string | null | void;
}

/** 'Register' return type */
export interface IRegisterResult {
  is_new: boolean;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  name: string;
  /** Key of the source. */
  source_id: number;
  /** Life cycle: active, inactive, deprecated or testing. */
  status: plugin_status_enum;
}

/** 'Register' query type */
export interface IRegisterQuery {
  params: IRegisterParams;
  result: IRegisterResult;
}

const registerIR: any = {"usedParamSet":{"name":true,"display_name":true,"category":true,"data_type":true,"api_endpoint":true,"api_provider":true,"requires_auth":true,"update_frequency":true,"market_type":true,"metadata":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":175,"b":180}]},{"name":"display_name","required":true,"transform":{"type":"scalar"},"locs":[{"a":185,"b":198}]},{"name":"category","required":false,"transform":{"type":"scalar"},"locs":[{"a":212,"b":220},{"a":562,"b":570}]},{"name":"data_type","required":true,"transform":{"type":"scalar"},"locs":[{"a":243,"b":253}]},{"name":"api_endpoint","required":false,"transform":{"type":"scalar"},"locs":[{"a":258,"b":270}]},{"name":"api_provider","required":false,"transform":{"type":"scalar"},"locs":[{"a":275,"b":287}]},{"name":"requires_auth","required":false,"transform":{"type":"scalar"},"locs":[{"a":301,"b":314},{"a":779,"b":792}]},{"name":"update_frequency","required":false,"transform":{"type":"scalar"},"locs":[{"a":336,"b":352},{"a":843,"b":859}]},{"name":"market_type","required":false,"transform":{"type":"scalar"},"locs":[{"a":385,"b":396},{"a":908,"b":919}]},{"name":"metadata","required":false,"transform":{"type":"scalar"},"locs":[{"a":441,"b":449},{"a":960,"b":968}]}],"statement":"insert into public.sources as s (\n  name, display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, market_type,\n  metadata\n)\nvalues (\n  :name!,\n  :display_name!,\n  coalesce(:category, 'uncategorized'),\n  :data_type!,\n  :api_endpoint,\n  :api_provider,\n  coalesce(:requires_auth, false),\n  coalesce(:update_frequency, interval '1 day'),\n  coalesce(:market_type::public.market_enum, 'CRYPTO'),\n  coalesce(:metadata::jsonb, '{}')\n)\non conflict (name) do update\nset\n  display_name = excluded.display_name,\n  category = coalesce(:category, s.category),\n  data_type = excluded.data_type,\n  api_endpoint = coalesce(excluded.api_endpoint, s.api_endpoint),\n  api_provider = coalesce(excluded.api_provider, s.api_provider),\n  requires_auth = coalesce(:requires_auth, s.requires_auth),\n  update_frequency = coalesce(:update_frequency, s.update_frequency),\n  market_type = coalesce(:market_type, s.market_type),\n  metadata = coalesce(:metadata, s.metadata)\nreturning s.source_id, s.name, s.status, s.xmax = 0 as \"is_new!\"                                                                                                                                        "};

/**
 * Registers a source, or brings the registration of that name up to date. What is left out keeps its value, and in a
 * new source gets the default of its column. Doing it twice changes nothing.
 *
 * Query generated from SQL:
 * ```
 * insert into public.sources as s (
 *   name, display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, market_type,
 *   metadata
 * )
 * values (
 *   :name!,
 *   :display_name!,
 *   coalesce(:category, 'uncategorized'),
 *   :data_type!,
 *   :api_endpoint,
 *   :api_provider,
 *   coalesce(:requires_auth, false),
 *   coalesce(:update_frequency, interval '1 day'),
 *   coalesce(:market_type::public.market_enum, 'CRYPTO'),
 *   coalesce(:metadata::jsonb, '{}')
 * )
 * on conflict (name) do update
 * set
 *   display_name = excluded.display_name,
 *   category = coalesce(:category, s.category),
 *   data_type = excluded.data_type,
 *   api_endpoint = coalesce(excluded.api_endpoint, s.api_endpoint),
 *   api_provider = coalesce(excluded.api_provider, s.api_provider),
 *   requires_auth = coalesce(:requires_auth, s.requires_auth),
 *   update_frequency = coalesce(:update_frequency, s.update_frequency),
 *   market_type = coalesce(:market_type, s.market_type),
 *   metadata = coalesce(:metadata, s.metadata)
 * returning s.source_id, s.name, s.status, s.xmax = 0 as "is_new!"                                                                                                                                        
 * ```
 */
export const register = new PreparedQuery<IRegisterParams,IRegisterResult>(registerIR, 'sources.register');


/** 'SetStatus' parameters type */
export interface ISetStatusParams {
  name: string;
  status: plugin_status_enum;
}

/** 'SetStatus' return type */
export interface ISetStatusResult {
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  name: string;
  /** Key of the source. */
  source_id: number;
  /** Life cycle: active, inactive, deprecated or testing. */
  status: plugin_status_enum;
}

/** 'SetStatus' query type */
export interface ISetStatusQuery {
  params: ISetStatusParams;
  result: ISetStatusResult;
}

const setStatusIR: any = {"usedParamSet":{"status":true,"name":true},"params":[{"name":"status","required":true,"transform":{"type":"scalar"},"locs":[{"a":40,"b":47}]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":64,"b":69}]}],"statement":"update public.sources as s\nset status = :status!\nwhere s.name = :name!\nreturning s.source_id, s.name, s.status                                                                                                                                                           "};

/**
 * Moves a source through its life cycle; nothing when there is no such source.
 *
 * Query generated from SQL:
 * ```
 * update public.sources as s
 * set status = :status!
 * where s.name = :name!
 * returning s.source_id, s.name, s.status                                                                                                                                                           
 * ```
 */
export const setStatus = new PreparedQuery<ISetStatusParams,ISetStatusResult>(setStatusIR, 'sources.setStatus');


/** 'EntryProblems' parameters type */
export interface IEntryProblemsParams {
  entries: string;
}

/** 'EntryProblems' return type */
export interface IEntryProblemsResult {
  expected: string;
  field: string;
  number: number;
}

/** 'EntryProblems' query type */
export interface IEntryProblemsQuery {
  params: IEntryProblemsParams;
  result: IEntryProblemsResult;
}

const entryProblemsIR: any = {"usedParamSet":{"entries":true},"params":[{"name":"entries","required":true,"transform":{"type":"scalar"},"locs":[{"a":114,"b":122}]}],"statement":"select\n  e.number::int as \"number!\",\n  p.field as \"field!\",\n  p.expected as \"expected!\"\nfrom jsonb_array_elements(:entries!::json::jsonb) with ordinality as e (entry, number)\ncross join lateral (\n  values\n    ('name', e.entry ->> 'name' ~ '^[a-z0-9_]+$', 'a name of a-z, 0-9 and _'),\n    (\n      'data_type',\n      e.entry ->> 'data_type' = any(enum_range(null::public.data_type_enum)::text[]),\n      'one of ' || array_to_string(enum_range(null::public.data_type_enum), ', ')\n    ),\n    (\n      'status',\n      e.entry ->> 'status' = any(enum_range(null::public.plugin_status_enum)::text[]),\n      'one of ' || array_to_string(enum_range(null::public.plugin_status_enum), ', ')\n    ),\n    (\n      'market_type',\n      e.entry ->> 'market_type' = any(enum_range(null::public.market_enum)::text[]),\n      'one of ' || array_to_string(enum_range(null::public.market_enum), ', ')\n    )\n) as p (field, is_right, expected)\nwhere jsonb_exists(e.entry, p.field)\n  and p.is_right is not true\norder by e.number                                                                                                                   "};

/**
 * What is wrong with the entries of a registry, a JSON array of objects with columns of a source. Whether a frequency
 * is one is for isFrequency.
 *
 * Query generated from SQL:
 * ```
 * select
 *   e.number::int as "number!",
 *   p.field as "field!",
 *   p.expected as "expected!"
 * from jsonb_array_elements(:entries!::json::jsonb) with ordinality as e (entry, number)
 * cross join lateral (
 *   values
 *     ('name', e.entry ->> 'name' ~ '^[a-z0-9_]+$', 'a name of a-z, 0-9 and _'),
 *     (
 *       'data_type',
 *       e.entry ->> 'data_type' = any(enum_range(null::public.data_type_enum)::text[]),
 *       'one of ' || array_to_string(enum_range(null::public.data_type_enum), ', ')
 *     ),
 *     (
 *       'status',
 *       e.entry ->> 'status' = any(enum_range(null::public.plugin_status_enum)::text[]),
 *       'one of ' || array_to_string(enum_range(null::public.plugin_status_enum), ', ')
 *     ),
 *     (
 *       'market_type',
 *       e.entry ->> 'market_type' = any(enum_range(null::public.market_enum)::text[]),
 *       'one of ' || array_to_string(enum_range(null::public.market_enum), ', ')
 *     )
 * ) as p (field, is_right, expected)
 * where jsonb_exists(e.entry, p.field)
 *   and p.is_right is not true
 * order by e.number                                                                                                                   
 * ```
 */
export const entryProblems = new PreparedQuery<IEntryProblemsParams,IEntryProblemsResult>(entryProblemsIR, 'sources.entryProblems');


/** 'IsFrequency' parameters type */
export interface IIsFrequencyParams {
  frequency: string;
}

/** 'IsFrequency' return type */
export interface IIsFrequencyResult {
  is_frequency: boolean;
}

/** 'IsFrequency' query type */
export interface IIsFrequencyQuery {
  params: IIsFrequencyParams;
  result: IIsFrequencyResult;
}

const isFrequencyIR: any = {"usedParamSet":{"frequency":true},"params":[{"name":"frequency","required":true,"transform":{"type":"scalar"},"locs":[{"a":7,"b":17}]}],"statement":"select :frequency!::text::interval between interval '1 second' and interval '10 years' as \"is_frequency!\"                                                                                                                   "};

/**
 * Whether a text is a frequency that a source may have. One that is no interval at all is an error of class 22.
 *
 * Query generated from SQL:
 * ```
 * select :frequency!::text::interval between interval '1 second' and interval '10 years' as "is_frequency!"                                                                                                                   
 * ```
 */
export const isFrequency = new PreparedQuery<IIsFrequencyParams,IIsFrequencyResult>(isFrequencyIR, 'sources.isFrequency');


/** 'AddEntry' parameters type */
export interface IAddEntryParams {
  entry: string;
}

/** 'AddEntry' return type */
export interface IAddEntryResult {
  /** Key of the source. */
  source_id: number;
}

/** 'AddEntry' query type */
export interface IAddEntryQuery {
  params: IAddEntryParams;
  result: IAddEntryResult;
}

const addEntryIR: any = {"usedParamSet":{"entry":true},"params":[{"name":"entry","required":true,"transform":{"type":"scalar"},"locs":[{"a":467,"b":473},{"a":693,"b":698}]}],"statement":"insert into public.sources (\n  name, display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, status,\n  market_type, metadata\n)\nselect\n  e.name,\n  e.display_name,\n  e.category,\n  e.data_type,\n  e.api_endpoint,\n  e.api_provider,\n  e.requires_auth,\n  e.update_frequency,\n  e.status,\n  e.market_type,\n  e.metadata\nfrom jsonb_populate_record(\n  null::public.sources,\n  jsonb_build_object(\n    'display_name', initcap(regexp_replace(:entry!::json ->> 'name', '_+', ' ', 'g')),\n    'category', 'uncategorized',\n    'requires_auth', false,\n    'update_frequency', '1 day',\n    'status', 'active',\n    'market_type', 'CRYPTO',\n    'metadata', '{}'::jsonb\n  ) || :entry::json::jsonb\n) as e\non conflict (name) do nothing\nreturning source_id                                                                                                                    "};

/**
 * Registers the source of an entry, a JSON object; what it leaves out gets a default. Nothing when it is there.
 *
 * Query generated from SQL:
 * ```
 * insert into public.sources (
 *   name, display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, status,
 *   market_type, metadata
 * )
 * select
 *   e.name,
 *   e.display_name,
 *   e.category,
 *   e.data_type,
 *   e.api_endpoint,
 *   e.api_provider,
 *   e.requires_auth,
 *   e.update_frequency,
 *   e.status,
 *   e.market_type,
 *   e.metadata
 * from jsonb_populate_record(
 *   null::public.sources,
 *   jsonb_build_object(
 *     'display_name', initcap(regexp_replace(:entry!::json ->> 'name', '_+', ' ', 'g')),
 *     'category', 'uncategorized',
 *     'requires_auth', false,
 *     'update_frequency', '1 day',
 *     'status', 'active',
 *     'market_type', 'CRYPTO',
 *     'metadata', '{}'::jsonb
 *   ) || :entry::json::jsonb
 * ) as e
 * on conflict (name) do nothing
 * returning source_id                                                                                                                    
 * ```
 */
export const addEntry = new PreparedQuery<IAddEntryParams,IAddEntryResult>(addEntryIR, 'sources.addEntry');


/** 'ApplyEntry' parameters type */
export interface IApplyEntryParams {
  entry: string;
}

/** 'ApplyEntry' return type */
export interface IApplyEntryResult {
  /** Key of the source. */
  source_id: number;
}

/** 'ApplyEntry' query type */
export interface IApplyEntryQuery {
  params: IApplyEntryParams;
  result: IApplyEntryResult;
}

const applyEntryIR: any = {"usedParamSet":{"entry":true},"params":[{"name":"entry","required":true,"transform":{"type":"scalar"},"locs":[{"a":428,"b":434},{"a":474,"b":479},{"a":548,"b":553}]}],"statement":"update public.sources as s\nset\n  (\n    display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, status,\n    market_type, metadata\n  ) = (\n    select\n      e.display_name,\n      e.category,\n      e.data_type,\n      e.api_endpoint,\n      e.api_provider,\n      e.requires_auth,\n      e.update_frequency,\n      e.status,\n      e.market_type,\n      e.metadata\n    from jsonb_populate_record(s, :entry!::json::jsonb) as e\n  )\nwhere s.name = :entry::json ->> 'name'\n  and s is distinct from jsonb_populate_record(s, :entry::json::jsonb)\nreturning s.source_id                                                                             "};

/**
 * Brings the source of an entry up to date: what the entry leaves out stays. Nothing when it says what is there.
 *
 * Query generated from SQL:
 * ```
 * update public.sources as s
 * set
 *   (
 *     display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, status,
 *     market_type, metadata
 *   ) = (
 *     select
 *       e.display_name,
 *       e.category,
 *       e.data_type,
 *       e.api_endpoint,
 *       e.api_provider,
 *       e.requires_auth,
 *       e.update_frequency,
 *       e.status,
 *       e.market_type,
 *       e.metadata
 *     from jsonb_populate_record(s, :entry!::json::jsonb) as e
 *   )
 * where s.name = :entry::json ->> 'name'
 *   and s is distinct from jsonb_populate_record(s, :entry::json::jsonb)
 * returning s.source_id                                                                             
 * ```
 */
export const applyEntry = new PreparedQuery<IApplyEntryParams,IApplyEntryResult>(applyEntryIR, 'sources.applyEntry');


/** 'DifferingEntry' parameters type */
export interface IDifferingEntryParams {
  entry: string;
}

/** 'DifferingEntry' return type */
export interface IDifferingEntryResult {
  /** Key of the source. */
  source_id: number;
}

/** 'DifferingEntry' query type */
export interface IDifferingEntryQuery {
  params: IDifferingEntryParams;
  result: IDifferingEntryResult;
}

const differingEntryIR: any = {"usedParamSet":{"entry":true},"params":[{"name":"entry","required":true,"transform":{"type":"scalar"},"locs":[{"a":59,"b":65},{"a":134,"b":139}]}],"statement":"select s.source_id\nfrom public.sources as s\nwhere s.name = :entry!::json ->> 'name'\n  and s is distinct from jsonb_populate_record(s, :entry::json::jsonb)"};

/**
 * The source of an entry when that says anything else than what is there.
 *
 * Query generated from SQL:
 * ```
 * select s.source_id
 * from public.sources as s
 * where s.name = :entry!::json ->> 'name'
 *   and s is distinct from jsonb_populate_record(s, :entry::json::jsonb)
 * ```
 */
export const differingEntry = new PreparedQuery<IDifferingEntryParams,IDifferingEntryResult>(differingEntryIR, 'sources.differingEntry');


