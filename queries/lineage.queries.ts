/** Types generated for queries found in "queries/lineage.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

export type NumberOrString = number | string;

/** 'AddEdge' parameters type */
export interface IAddEdgeParams {
  calculation_function?: string | null | void;
  calculation_sql?: string | null | void;
  calculation_type: string;
  derived_source_id: number;
  parent_source_id: number;
}

/** 'AddEdge' return type */
export interface IAddEdgeResult {
  /** The computed series. */
  derived_source_id: number;
  /** Key of the edge. */
  lineage_id: number;
  /** A series that it is computed from. */
  parent_source_id: number;
}

/** 'AddEdge' query type */
export interface IAddEdgeQuery {
  params: IAddEdgeParams;
  result: IAddEdgeResult;
}

const addEdgeIR: any = {"usedParamSet":{"derived_source_id":true,"parent_source_id":true,"calculation_type":true,"calculation_sql":true,"calculation_function":true},"params":[{"name":"derived_source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":142,"b":160}]},{"name":"parent_source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":163,"b":180}]},{"name":"calculation_type","required":true,"transform":{"type":"scalar"},"locs":[{"a":183,"b":200}]},{"name":"calculation_sql","required":false,"transform":{"type":"scalar"},"locs":[{"a":203,"b":218}]},{"name":"calculation_function","required":false,"transform":{"type":"scalar"},"locs":[{"a":221,"b":241}]}],"statement":"insert into public.lineage as l (\n  derived_source_id, parent_source_id, calculation_type, calculation_sql, calculation_function\n)\nvalues (\n  :derived_source_id!, :parent_source_id!, :calculation_type!, :calculation_sql, :calculation_function\n)\non conflict (derived_source_id, parent_source_id) do update\nset\n  calculation_type = excluded.calculation_type,\n  calculation_sql = excluded.calculation_sql,\n  calculation_function = excluded.calculation_function\nreturning l.lineage_id, l.derived_source_id, l.parent_source_id                            "};

/**
 * Records that a source is computed from another. Refused when that would close a cycle (SQLSTATE MD002).
 *
 * Query generated from SQL:
 * ```
 * insert into public.lineage as l (
 *   derived_source_id, parent_source_id, calculation_type, calculation_sql, calculation_function
 * )
 * values (
 *   :derived_source_id!, :parent_source_id!, :calculation_type!, :calculation_sql, :calculation_function
 * )
 * on conflict (derived_source_id, parent_source_id) do update
 * set
 *   calculation_type = excluded.calculation_type,
 *   calculation_sql = excluded.calculation_sql,
 *   calculation_function = excluded.calculation_function
 * returning l.lineage_id, l.derived_source_id, l.parent_source_id                            
 * ```
 */
export const addEdge = new PreparedQuery<IAddEdgeParams,IAddEdgeResult>(addEdgeIR, 'lineage.addEdge');


/** 'RemoveEdge' parameters type */
export interface IRemoveEdgeParams {
  derived_source_id: number;
  parent_source_id: number;
}

/** 'RemoveEdge' return type */
export interface IRemoveEdgeResult {
  /** Key of the edge. */
  lineage_id: number;
}

/** 'RemoveEdge' query type */
export interface IRemoveEdgeQuery {
  params: IRemoveEdgeParams;
  result: IRemoveEdgeResult;
}

const removeEdgeIR: any = {"usedParamSet":{"derived_source_id":true,"parent_source_id":true},"params":[{"name":"derived_source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":60,"b":78}]},{"name":"parent_source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":107,"b":124}]}],"statement":"delete from public.lineage as l\nwhere l.derived_source_id = :derived_source_id!\n  and l.parent_source_id = :parent_source_id!\nreturning l.lineage_id                                                                                                                                      "};

/**
 * Removes such a record.
 *
 * Query generated from SQL:
 * ```
 * delete from public.lineage as l
 * where l.derived_source_id = :derived_source_id!
 *   and l.parent_source_id = :parent_source_id!
 * returning l.lineage_id                                                                                                                                      
 * ```
 */
export const removeEdge = new PreparedQuery<IRemoveEdgeParams,IRemoveEdgeResult>(removeEdgeIR, 'lineage.removeEdge');


/** 'Upstream' parameters type */
export interface IUpstreamParams {
  /** What a source is computed from, at any depth, the nearest first, at most :limit. */
  limit?: NumberOrString | null | void;
  source_id: number;
}

/** 'Upstream' return type */
export interface IUpstreamResult {
  depth: number;
  /** Name for people. */
  display_name: string;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  name: string;
  /** Key of the source. */
  source_id: number;
}

/** 'Upstream' query type */
export interface IUpstreamQuery {
  params: IUpstreamParams;
  result: IUpstreamResult;
}

const upstreamIR: any = {"usedParamSet":{"source_id":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":88,"b":98}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":191,"b":196}]}],"statement":"select s.source_id, s.name, s.display_name, u.depth as \"depth!\"\nfrom public.upstream_of(:source_id!) as u\njoin public.sources as s on s.source_id = u.source_id\norder by u.depth, s.name\nlimit :limit                                                                                                                                        "};

/**
 * What a source is computed from, at any depth, the nearest first, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select s.source_id, s.name, s.display_name, u.depth as "depth!"
 * from public.upstream_of(:source_id!) as u
 * join public.sources as s on s.source_id = u.source_id
 * order by u.depth, s.name
 * limit :limit                                                                                                                                        
 * ```
 */
export const upstream = new PreparedQuery<IUpstreamParams,IUpstreamResult>(upstreamIR, 'lineage.upstream');


/** 'Downstream' parameters type */
export interface IDownstreamParams {
  /** What is computed from a source, at any depth, the nearest first, at most :limit. */
  limit?: NumberOrString | null | void;
  source_id: number;
}

/** 'Downstream' return type */
export interface IDownstreamResult {
  depth: number;
  /** Name for people. */
  display_name: string;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  name: string;
  /** Key of the source. */
  source_id: number;
}

/** 'Downstream' query type */
export interface IDownstreamQuery {
  params: IDownstreamParams;
  result: IDownstreamResult;
}

const downstreamIR: any = {"usedParamSet":{"source_id":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":90,"b":100}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":193,"b":198}]}],"statement":"select s.source_id, s.name, s.display_name, u.depth as \"depth!\"\nfrom public.downstream_of(:source_id!) as u\njoin public.sources as s on s.source_id = u.source_id\norder by u.depth, s.name\nlimit :limit                                                                                                                "};

/**
 * What is computed from a source, at any depth, the nearest first, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select s.source_id, s.name, s.display_name, u.depth as "depth!"
 * from public.downstream_of(:source_id!) as u
 * join public.sources as s on s.source_id = u.source_id
 * order by u.depth, s.name
 * limit :limit                                                                                                                
 * ```
 */
export const downstream = new PreparedQuery<IDownstreamParams,IDownstreamResult>(downstreamIR, 'lineage.downstream');


/** 'Stale' parameters type */
export type IStaleParams = void;

/** 'Stale' return type */
export interface IStaleResult {
  /** How long that takes. */
  avg_calculation_time: string | null;
  /** The function, if it is one. */
  calculation_function: string | null;
  /** The statement, if it is one. */
  calculation_sql: string | null;
  /** How, in a word, for example sql, function or model. */
  calculation_type: string;
  /** Longest way of the derived source from a source without parents. Kept by a trigger. */
  dependency_level: number;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  derived_name: string;
  /** The computed series. */
  derived_source_id: number;
  /** When the derived series was last calculated. */
  last_calculation_time: Date | null;
  /** Key of the edge. */
  lineage_id: number;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  parent_name: string;
  /** A series that it is computed from. */
  parent_source_id: number;
}

/** 'Stale' query type */
export interface IStaleQuery {
  params: IStaleParams;
  result: IStaleResult;
}

const staleIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  l.lineage_id,\n  l.derived_source_id,\n  d.name as derived_name,\n  l.parent_source_id,\n  p.name as parent_name,\n  l.calculation_type,\n  l.calculation_sql,\n  l.calculation_function,\n  l.dependency_level,\n  l.last_calculation_time,\n  l.avg_calculation_time\nfrom public.lineage as l\njoin public.sources as d on d.source_id = l.derived_source_id\njoin public.sources as p on p.source_id = l.parent_source_id\nwhere l.refresh_required\norder by l.dependency_level, d.name, p.name                                                                                                                                                                            "};

/**
 * The edges along which new data has arrived since the last calculation, in the order in which to calculate.
 *
 * Query generated from SQL:
 * ```
 * select
 *   l.lineage_id,
 *   l.derived_source_id,
 *   d.name as derived_name,
 *   l.parent_source_id,
 *   p.name as parent_name,
 *   l.calculation_type,
 *   l.calculation_sql,
 *   l.calculation_function,
 *   l.dependency_level,
 *   l.last_calculation_time,
 *   l.avg_calculation_time
 * from public.lineage as l
 * join public.sources as d on d.source_id = l.derived_source_id
 * join public.sources as p on p.source_id = l.parent_source_id
 * where l.refresh_required
 * order by l.dependency_level, d.name, p.name                                                                                                                                                                            
 * ```
 */
export const stale = new PreparedQuery<IStaleParams,IStaleResult>(staleIR, 'lineage.stale');


/** 'MarkCalculated' parameters type */
export interface IMarkCalculatedParams {
  derived_source_id: number;
  /** :took goes into the mean duration, in which the last calculation weighs as much as all before it. */
  took?: string | null | void;
}

/** 'MarkCalculated' return type */
export interface IMarkCalculatedResult {
  /** How long that takes. */
  avg_calculation_time: string | null;
  /** When the derived series was last calculated. */
  last_calculation_time: Date;
  /** Key of the edge. */
  lineage_id: number;
  /** A series that it is computed from. */
  parent_source_id: number;
}

/** 'MarkCalculated' query type */
export interface IMarkCalculatedQuery {
  params: IMarkCalculatedParams;
  result: IMarkCalculatedResult;
}

const markCalculatedIR: any = {"usedParamSet":{"took":true,"derived_source_id":true},"params":[{"name":"took","required":false,"transform":{"type":"scalar"},"locs":[{"a":152,"b":156},{"a":174,"b":178}]},{"name":"derived_source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":233,"b":251}]}],"statement":"update public.lineage as l\nset\n  refresh_required = false,\n  last_calculation_time = now(),\n  avg_calculation_time = coalesce((l.avg_calculation_time + :took::interval) / 2, :took, l.avg_calculation_time)\nwhere l.derived_source_id = :derived_source_id!\nreturning l.lineage_id, l.parent_source_id, l.last_calculation_time as \"last_calculation_time!\", l.avg_calculation_time"};

/**
 * A derived source has been calculated from all of its parents. :took goes into the mean duration, in which the last
 * calculation weighs as much as all before it.
 *
 * Query generated from SQL:
 * ```
 * update public.lineage as l
 * set
 *   refresh_required = false,
 *   last_calculation_time = now(),
 *   avg_calculation_time = coalesce((l.avg_calculation_time + :took::interval) / 2, :took, l.avg_calculation_time)
 * where l.derived_source_id = :derived_source_id!
 * returning l.lineage_id, l.parent_source_id, l.last_calculation_time as "last_calculation_time!", l.avg_calculation_time
 * ```
 */
export const markCalculated = new PreparedQuery<IMarkCalculatedParams,IMarkCalculatedResult>(markCalculatedIR, 'lineage.markCalculated');


