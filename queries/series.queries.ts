/** Types generated for queries found in "queries/series.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { Json } from '../src/types/pg-types.js';

export type data_type_enum = 'calculated' | 'defi' | 'derivative' | 'etf' | 'macro' | 'ohlcv' | 'onchain' | 'simple' | 'social' | 'stablecoin';

export type market_enum = 'COMMODITIES' | 'CRYPTO' | 'FOREX' | 'US';

export type plugin_status_enum = 'active' | 'deprecated' | 'inactive' | 'testing';

export type DateArray = (Date | null)[];

export type DateOrString = Date | string;

export type NumberOrString = number | string;

export type stringArray = (string | null)[];

/** 'LastDays' parameters type */
export interface ILastDaysParams {
  /** The rows of a source of the last :days days, oldest first. */
  days: number;
  source_id: number;
}

/** 'LastDays' return type */
export interface ILastDaysResult {
  /** Last price of the interval. */
  close: string | null;
  /** Highest price of the interval. */
  high: string | null;
  /** More than 4 sigma away from the 200 rows before it. Computed. */
  is_anomaly: boolean;
  /** False when a rule of severity ERROR is violated. Computed. */
  is_validated: boolean;
  /** Lowest price of the interval. */
  low: string | null;
  /** First price of the interval. */
  open: string | null;
  /** 0 to 100, computed by the database; what a client supplies is overwritten. */
  quality_score: number;
  /** Moment of the observation; for candles the opening time. Millisecond precision, years 1 to 9999. */
  timestamp: Date;
  /** The observation of a series that is not ohlcv. */
  value: string | null;
  /** Traded volume of the interval, in units of the base asset. */
  volume: string | null;
}

/** 'LastDays' query type */
export interface ILastDaysQuery {
  params: ILastDaysParams;
  result: ILastDaysResult;
}

const lastDaysIR: any = {"usedParamSet":{"source_id":true,"days":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":190,"b":200}]},{"name":"days","required":true,"transform":{"type":"scalar"},"locs":[{"a":252,"b":257}]}],"statement":"select\n  d.timestamp,\n  d.open,\n  d.high,\n  d.low,\n  d.close,\n  d.volume,\n  d.value,\n  d.quality_score,\n  d.is_anomaly,\n  d.is_validated\nfrom public.timeseries_data as d\nwhere d.source_id = :source_id!\n  and d.timestamp > now() - make_interval(days => :days!)\norder by d.timestamp                                                                                                                                                                                                                                            "};

/**
 * The rows of a source of the last :days days, oldest first.
 *
 * Query generated from SQL:
 * ```
 * select
 *   d.timestamp,
 *   d.open,
 *   d.high,
 *   d.low,
 *   d.close,
 *   d.volume,
 *   d.value,
 *   d.quality_score,
 *   d.is_anomaly,
 *   d.is_validated
 * from public.timeseries_data as d
 * where d.source_id = :source_id!
 *   and d.timestamp > now() - make_interval(days => :days!)
 * order by d.timestamp                                                                                                                                                                                                                                            
 * ```
 */
export const lastDays = new PreparedQuery<ILastDaysParams,ILastDaysResult>(lastDaysIR, 'series.lastDays');


/** 'Range' parameters type */
export interface IRangeParams {
  /** For the next page pass the timestamp of the last row as :after; a page that is not full is the last one. */
  after?: DateOrString | null | void;
  /** One page of :limit rows from :from (included) to :to (excluded), oldest first. */
  from: DateOrString;
  /** One page of :limit rows from :from (included) to :to (excluded), oldest first. */
  limit: NumberOrString;
  source_id: number;
  /** One page of :limit rows from :from (included) to :to (excluded), oldest first. */
  to: DateOrString;
}

/** 'Range' return type */
export interface IRangeResult {
  /** Last price of the interval. */
  close: string | null;
  /** Highest price of the interval. */
  high: string | null;
  /** More than 4 sigma away from the 200 rows before it. Computed. */
  is_anomaly: boolean;
  /** False when a rule of severity ERROR is violated. Computed. */
  is_validated: boolean;
  /** Lowest price of the interval. */
  low: string | null;
  /** First price of the interval. */
  open: string | null;
  /** 0 to 100, computed by the database; what a client supplies is overwritten. */
  quality_score: number;
  /** Moment of the observation; for candles the opening time. Millisecond precision, years 1 to 9999. */
  timestamp: Date;
  /** The observation of a series that is not ohlcv. */
  value: string | null;
  /** Traded volume of the interval, in units of the base asset. */
  volume: string | null;
}

/** 'Range' query type */
export interface IRangeQuery {
  params: IRangeParams;
  result: IRangeResult;
}

const rangeIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true,"after":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":190,"b":200}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":223,"b":228}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":250,"b":253}]},{"name":"after","required":false,"transform":{"type":"scalar"},"locs":[{"a":284,"b":289}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":345,"b":351}]}],"statement":"select\n  d.timestamp,\n  d.open,\n  d.high,\n  d.low,\n  d.close,\n  d.volume,\n  d.value,\n  d.quality_score,\n  d.is_anomaly,\n  d.is_validated\nfrom public.timeseries_data as d\nwhere d.source_id = :source_id!\n  and d.timestamp >= :from!\n  and d.timestamp < :to!\n  and d.timestamp > coalesce(:after, '-infinity'::timestamptz)\norder by d.timestamp\nlimit :limit!                                                                                                                                                                                       "};

/**
 * One page of :limit rows from :from (included) to :to (excluded), oldest first. For the next page pass the
 * timestamp of the last row as :after; a page that is not full is the last one.
 *
 * Query generated from SQL:
 * ```
 * select
 *   d.timestamp,
 *   d.open,
 *   d.high,
 *   d.low,
 *   d.close,
 *   d.volume,
 *   d.value,
 *   d.quality_score,
 *   d.is_anomaly,
 *   d.is_validated
 * from public.timeseries_data as d
 * where d.source_id = :source_id!
 *   and d.timestamp >= :from!
 *   and d.timestamp < :to!
 *   and d.timestamp > coalesce(:after, '-infinity'::timestamptz)
 * order by d.timestamp
 * limit :limit!                                                                                                                                                                                       
 * ```
 */
export const range = new PreparedQuery<IRangeParams,IRangeResult>(rangeIR, 'series.range');


/** 'Latest' parameters type */
export interface ILatestParams {
  /** The newest row of each source that has one, with the source's metadata and the row's quality, at most :limit. */
  limit?: NumberOrString | null | void;
}

/** 'Latest' return type */
export interface ILatestResult {
  /** Its group. */
  category: string;
  /** As in timeseries_data. */
  close: string | null;
  /** Its kind. */
  data_type: data_type_enum;
  /** Its name for people. */
  display_name: string;
  /** As in timeseries_data. */
  high: string | null;
  /** More than 4 sigma away from the rows before it. */
  is_anomaly: boolean;
  /** No rule of severity ERROR is violated. */
  is_validated: boolean;
  /** coalesce(close, value). */
  level: string | null;
  /** As in timeseries_data. */
  low: string | null;
  /** Its market. */
  market_type: market_enum;
  /** Its metadata. */
  metadata: Json;
  /** Its machine name. */
  name: string;
  /** As in timeseries_data. */
  open: string | null;
  /** 0 to 100. */
  quality_score: number;
  /** The source. */
  source_id: number;
  /** Its life cycle. */
  status: plugin_status_enum;
  /** Moment of the newest row. */
  timestamp: Date;
  /** As in timeseries_data. */
  value: string | null;
  /** As in timeseries_data. */
  volume: string | null;
}

/** 'Latest' query type */
export interface ILatestQuery {
  params: ILatestParams;
  result: ILatestResult;
}

const latestIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":523,"b":528}]}],"statement":"select\n  v.source_id as \"source_id!\",\n  v.name as \"name!\",\n  v.display_name as \"display_name!\",\n  v.category as \"category!\",\n  v.data_type as \"data_type!\",\n  v.status as \"status!\",\n  v.market_type as \"market_type!\",\n  v.metadata as \"metadata!\",\n  v.timestamp as \"timestamp!\",\n  v.level,\n  v.open,\n  v.high,\n  v.low,\n  v.close,\n  v.volume,\n  v.value,\n  v.quality_score as \"quality_score!\",\n  v.is_anomaly as \"is_anomaly!\",\n  v.is_validated as \"is_validated!\"\nfrom public.latest_values as v\norder by v.category, v.name\nlimit :limit                                                                 "};

/**
 * The newest row of each source that has one, with the source's metadata and the row's quality, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select
 *   v.source_id as "source_id!",
 *   v.name as "name!",
 *   v.display_name as "display_name!",
 *   v.category as "category!",
 *   v.data_type as "data_type!",
 *   v.status as "status!",
 *   v.market_type as "market_type!",
 *   v.metadata as "metadata!",
 *   v.timestamp as "timestamp!",
 *   v.level,
 *   v.open,
 *   v.high,
 *   v.low,
 *   v.close,
 *   v.volume,
 *   v.value,
 *   v.quality_score as "quality_score!",
 *   v.is_anomaly as "is_anomaly!",
 *   v.is_validated as "is_validated!"
 * from public.latest_values as v
 * order by v.category, v.name
 * limit :limit                                                                 
 * ```
 */
export const latest = new PreparedQuery<ILatestParams,ILatestResult>(latestIR, 'series.latest');


/** 'HasRows' parameters type */
export interface IHasRowsParams {
  /** Whether a source has rows from :from to :to, both included. */
  from: DateOrString;
  source_id: number;
  /** Whether a source has rows from :from to :to, both included. */
  to: DateOrString;
}

/** 'HasRows' return type */
export interface IHasRowsResult {
  has_rows: boolean;
}

/** 'HasRows' query type */
export interface IHasRowsQuery {
  params: IHasRowsParams;
  result: IHasRowsResult;
}

const hasRowsIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":80,"b":90}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":116,"b":121}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":127,"b":130}]}],"statement":"select exists (\n  select from public.timeseries_data as d\n  where d.source_id = :source_id! and d.timestamp between :from! and :to!\n) as \"has_rows!\"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "};

/**
 * Whether a source has rows from :from to :to, both included.
 *
 * Query generated from SQL:
 * ```
 * select exists (
 *   select from public.timeseries_data as d
 *   where d.source_id = :source_id! and d.timestamp between :from! and :to!
 * ) as "has_rows!"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       
 * ```
 */
export const hasRows = new PreparedQuery<IHasRowsParams,IHasRowsResult>(hasRowsIR, 'series.hasRows');


/** 'MergeRows' parameters type */
export interface IMergeRowsParams {
  /** Of stored rows :columns are written, if they differ, and the others stay; a row that is the same is not touched: it costs neither a decompression nor an audit entry. */
  columns: stringArray;
  /** :first and :last are the bounds of the timestamps. */
  first: DateOrString;
  /** With :keep_corrections a row that still is as a correction left it stays, too. */
  keep_corrections: boolean;
  /** :first and :last are the bounds of the timestamps. */
  last: DateOrString;
  lines: string;
}

/** 'MergeRows' return type */
export interface IMergeRowsResult {
  inserted: number;
  kept: number;
  kept_moments: DateArray;
  updated: number;
}

/** 'MergeRows' query type */
export interface IMergeRowsQuery {
  params: IMergeRowsParams;
  result: IMergeRowsResult;
}

const mergeRowsIR: any = {"usedParamSet":{"lines":true,"columns":true,"first":true,"last":true,"keep_corrections":true},"params":[{"name":"lines","required":true,"transform":{"type":"scalar"},"locs":[{"a":158,"b":164}]},{"name":"columns","required":true,"transform":{"type":"scalar"},"locs":[{"a":167,"b":175},{"a":593,"b":601},{"a":683,"b":691},{"a":771,"b":779},{"a":861,"b":869},{"a":957,"b":965},{"a":1053,"b":1061}]},{"name":"first","required":true,"transform":{"type":"scalar"},"locs":[{"a":178,"b":184}]},{"name":"last","required":true,"transform":{"type":"scalar"},"locs":[{"a":187,"b":192}]},{"name":"keep_corrections","required":true,"transform":{"type":"scalar"},"locs":[{"a":195,"b":212}]}],"statement":"with differing as materialized (\n  select r.source_id, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value, r.is_kept\n  from public.differing_rows(:lines!, :columns!, :first!, :last!, :keep_corrections!) as r\n),\nwritten as (\n  insert into public.timeseries_data as d (source_id, timestamp, open, high, low, close, volume, value)\n  select r.source_id, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value\n  from differing as r\n  where not r.is_kept\n  order by r.source_id, r.timestamp\n  on conflict (source_id, timestamp) do update\n  set\n    open = case when 'open' = any (:columns!::text[]) then excluded.open else d.open end,\n    high = case when 'high' = any (:columns!::text[]) then excluded.high else d.high end,\n    low = case when 'low' = any (:columns!::text[]) then excluded.low else d.low end,\n    close = case when 'close' = any (:columns!::text[]) then excluded.close else d.close end,\n    volume = case when 'volume' = any (:columns!::text[]) then excluded.volume else d.volume end,\n    value = case when 'value' = any (:columns!::text[]) then excluded.value else d.value end\n  where (d.open, d.high, d.low, d.close, d.volume, d.value)\n    is distinct from (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.value)\n  returning d.xmax = 0 as is_new\n)\nselect\n  count(*) filter (where w.is_new)::int as \"inserted!\",\n  count(*) filter (where not w.is_new)::int as \"updated!\",\n  (select count(*)::int from differing as r where r.is_kept) as \"kept!\",\n  array(select r.timestamp from differing as r where r.is_kept order by r.timestamp limit 5) as \"kept_moments!\"\nfrom written as w                                             "};

/**
 * Writes rows, given as lines of COPY: source_id, timestamp, open, high, low, close, volume, value; each key once. New
 * rows are inserted as they are. Of stored rows :columns are written, if they differ, and the others stay; a row that
 * is the same is not touched: it costs neither a decompression nor an audit entry. With :keep_corrections a row that
 * still is as a correction left it stays, too.
 *
 * :first and :last are the bounds of the timestamps. Rows are written in order of their key, so that two writers cannot
 * lock each other out. What another writer commits in the meantime is compared once more when the row is locked.
 * bulkUpsert() and the importer call this with checked rows.
 *
 * Query generated from SQL:
 * ```
 * with differing as materialized (
 *   select r.source_id, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value, r.is_kept
 *   from public.differing_rows(:lines!, :columns!, :first!, :last!, :keep_corrections!) as r
 * ),
 * written as (
 *   insert into public.timeseries_data as d (source_id, timestamp, open, high, low, close, volume, value)
 *   select r.source_id, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value
 *   from differing as r
 *   where not r.is_kept
 *   order by r.source_id, r.timestamp
 *   on conflict (source_id, timestamp) do update
 *   set
 *     open = case when 'open' = any (:columns!::text[]) then excluded.open else d.open end,
 *     high = case when 'high' = any (:columns!::text[]) then excluded.high else d.high end,
 *     low = case when 'low' = any (:columns!::text[]) then excluded.low else d.low end,
 *     close = case when 'close' = any (:columns!::text[]) then excluded.close else d.close end,
 *     volume = case when 'volume' = any (:columns!::text[]) then excluded.volume else d.volume end,
 *     value = case when 'value' = any (:columns!::text[]) then excluded.value else d.value end
 *   where (d.open, d.high, d.low, d.close, d.volume, d.value)
 *     is distinct from (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.value)
 *   returning d.xmax = 0 as is_new
 * )
 * select
 *   count(*) filter (where w.is_new)::int as "inserted!",
 *   count(*) filter (where not w.is_new)::int as "updated!",
 *   (select count(*)::int from differing as r where r.is_kept) as "kept!",
 *   array(select r.timestamp from differing as r where r.is_kept order by r.timestamp limit 5) as "kept_moments!"
 * from written as w                                             
 * ```
 */
export const mergeRows = new PreparedQuery<IMergeRowsParams,IMergeRowsResult>(mergeRowsIR, 'series.mergeRows');


/** 'CompareRows' parameters type */
export interface ICompareRowsParams {
  columns: stringArray;
  first: DateOrString;
  keep_corrections: boolean;
  last: DateOrString;
  lines: string;
}

/** 'CompareRows' return type */
export interface ICompareRowsResult {
  inserted: number;
  kept: number;
  kept_moments: DateArray;
  updated: number;
}

/** 'CompareRows' query type */
export interface ICompareRowsQuery {
  params: ICompareRowsParams;
  result: ICompareRowsResult;
}

const compareRowsIR: any = {"usedParamSet":{"lines":true,"columns":true,"first":true,"last":true,"keep_corrections":true},"params":[{"name":"lines","required":true,"transform":{"type":"scalar"},"locs":[{"a":332,"b":338}]},{"name":"columns","required":true,"transform":{"type":"scalar"},"locs":[{"a":341,"b":349}]},{"name":"first","required":true,"transform":{"type":"scalar"},"locs":[{"a":352,"b":358}]},{"name":"last","required":true,"transform":{"type":"scalar"},"locs":[{"a":361,"b":366}]},{"name":"keep_corrections","required":true,"transform":{"type":"scalar"},"locs":[{"a":369,"b":386}]}],"statement":"select\n  count(*) filter (where r.is_new)::int as \"inserted!\",\n  count(*) filter (where not r.is_new and not r.is_kept)::int as \"updated!\",\n  count(*) filter (where r.is_kept)::int as \"kept!\",\n  coalesce((array_agg(r.timestamp order by r.timestamp) filter (where r.is_kept))[:5], '{}') as \"kept_moments!\"\nfrom public.differing_rows(:lines!, :columns!, :first!, :last!, :keep_corrections!) as r                                                                                                                                                                                      "};

/**
 * What mergeRows would do, for a dry run.
 *
 * Query generated from SQL:
 * ```
 * select
 *   count(*) filter (where r.is_new)::int as "inserted!",
 *   count(*) filter (where not r.is_new and not r.is_kept)::int as "updated!",
 *   count(*) filter (where r.is_kept)::int as "kept!",
 *   coalesce((array_agg(r.timestamp order by r.timestamp) filter (where r.is_kept))[:5], '{}') as "kept_moments!"
 * from public.differing_rows(:lines!, :columns!, :first!, :last!, :keep_corrections!) as r                                                                                                                                                                                      
 * ```
 */
export const compareRows = new PreparedQuery<ICompareRowsParams,ICompareRowsResult>(compareRowsIR, 'series.compareRows');


/** 'Upsert' parameters type */
export interface IUpsertParams {
  close?: NumberOrString | null | void;
  high?: NumberOrString | null | void;
  low?: NumberOrString | null | void;
  open?: NumberOrString | null | void;
  source_id: number;
  timestamp: DateOrString;
  value?: NumberOrString | null | void;
  volume?: NumberOrString | null | void;
}

/** 'Upsert' return type */
export interface IUpsertResult {
  outcome: string;
}

/** 'Upsert' query type */
export interface IUpsertQuery {
  params: IUpsertParams;
  result: IUpsertResult;
}

const upsertIR: any = {"usedParamSet":{"source_id":true,"timestamp":true,"open":true,"high":true,"low":true,"close":true,"volume":true,"value":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":132,"b":142}]},{"name":"timestamp","required":true,"transform":{"type":"scalar"},"locs":[{"a":145,"b":155}]},{"name":"open","required":false,"transform":{"type":"scalar"},"locs":[{"a":158,"b":162}]},{"name":"high","required":false,"transform":{"type":"scalar"},"locs":[{"a":165,"b":169}]},{"name":"low","required":false,"transform":{"type":"scalar"},"locs":[{"a":172,"b":175}]},{"name":"close","required":false,"transform":{"type":"scalar"},"locs":[{"a":178,"b":183}]},{"name":"volume","required":false,"transform":{"type":"scalar"},"locs":[{"a":186,"b":192}]},{"name":"value","required":false,"transform":{"type":"scalar"},"locs":[{"a":195,"b":200}]}],"statement":"with written as (\n  insert into public.timeseries_data as d (source_id, timestamp, open, high, low, close, volume, value)\n  values (:source_id!, :timestamp!, :open, :high, :low, :close, :volume, :value)\n  on conflict (source_id, timestamp) do update\n  set\n    open = excluded.open,\n    high = excluded.high,\n    low = excluded.low,\n    close = excluded.close,\n    volume = excluded.volume,\n    value = excluded.value\n  where (d.open, d.high, d.low, d.close, d.volume, d.value)\n    is distinct from (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.value)\n  returning d.xmax = 0 as is_new\n)\nselect\n  case\n    when bool_or(w.is_new) then 'inserted'\n    when count(*) > 0 then 'updated'\n    else 'unchanged'\n  end as \"outcome!\"\nfrom written as w                                                                                                                                                                            "};

/**
 * Writes one row, which replaces the stored one as a whole: what is not given is null. The outcome is inserted, updated
 * or unchanged.
 *
 * Query generated from SQL:
 * ```
 * with written as (
 *   insert into public.timeseries_data as d (source_id, timestamp, open, high, low, close, volume, value)
 *   values (:source_id!, :timestamp!, :open, :high, :low, :close, :volume, :value)
 *   on conflict (source_id, timestamp) do update
 *   set
 *     open = excluded.open,
 *     high = excluded.high,
 *     low = excluded.low,
 *     close = excluded.close,
 *     volume = excluded.volume,
 *     value = excluded.value
 *   where (d.open, d.high, d.low, d.close, d.volume, d.value)
 *     is distinct from (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.value)
 *   returning d.xmax = 0 as is_new
 * )
 * select
 *   case
 *     when bool_or(w.is_new) then 'inserted'
 *     when count(*) > 0 then 'updated'
 *     else 'unchanged'
 *   end as "outcome!"
 * from written as w                                                                                                                                                                            
 * ```
 */
export const upsert = new PreparedQuery<IUpsertParams,IUpsertResult>(upsertIR, 'series.upsert');


/** 'DeleteRange' parameters type */
export interface IDeleteRangeParams {
  /** Deletes the rows from :from (included) to :to (excluded), which archives them. */
  from: DateOrString;
  source_id: number;
  /** Deletes the rows from :from (included) to :to (excluded), which archives them. */
  to: DateOrString;
}

/** 'DeleteRange' return type */
export interface IDeleteRangeResult {
  deleted: string;
}

/** 'DeleteRange' query type */
export interface IDeleteRangeQuery {
  params: IDeleteRangeParams;
  result: IDeleteRangeResult;
}

const deleteRangeIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":82,"b":92}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":117,"b":122}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":146,"b":149}]}],"statement":"with deleted as (\n  delete from public.timeseries_data as d\n  where d.source_id = :source_id!\n    and d.timestamp >= :from!\n    and d.timestamp < :to!\n  returning d.timestamp\n)\nselect count(*) as \"deleted!\"\nfrom deleted"};

/**
 * Deletes the rows from :from (included) to :to (excluded), which archives them.
 *
 * Query generated from SQL:
 * ```
 * with deleted as (
 *   delete from public.timeseries_data as d
 *   where d.source_id = :source_id!
 *     and d.timestamp >= :from!
 *     and d.timestamp < :to!
 *   returning d.timestamp
 * )
 * select count(*) as "deleted!"
 * from deleted
 * ```
 */
export const deleteRange = new PreparedQuery<IDeleteRangeParams,IDeleteRangeResult>(deleteRangeIR, 'series.deleteRange');


