/** Types generated for queries found in "queries/rules.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

export type data_type_enum = 'calculated' | 'defi' | 'derivative' | 'etf' | 'macro' | 'ohlcv' | 'onchain' | 'simple' | 'social' | 'stablecoin';

export type validation_rules_severity = 'ERROR' | 'INFO' | 'WARNING';

export type NumberOrString = number | string;

/** 'List' parameters type */
export interface IListParams {
  /** Every rule, those for all sources of a type first, at most :limit. */
  limit?: NumberOrString | null | void;
}

/** 'List' return type */
export interface IListResult {
  /** When the rule was made. */
  created_at: Date;
  /** Who made it. */
  created_by: string;
  /** Kind of series that the rule is for; may be null when source_id is given. */
  data_type: data_type_enum | null;
  /** Whether the rule is applied. */
  enabled: boolean;
  /** What a violation means, for people. */
  error_message: string;
  /** Key of the rule. */
  rule_id: number;
  /** Name, unique within its scope. */
  rule_name: string;
  /** Boolean expression over source_id, timestamp, open, high, low, close, volume and value. Admitted only if PostgreSQL takes it as a stored generated column. Null counts as satisfied. */
  rule_sql: string;
  /** ERROR also clears is_validated; WARNING and INFO only cost points. */
  severity: validation_rules_severity;
  /** The only source that the rule is for; null: every source of the type. */
  source_id: number | null;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  source_name: string | null;
}

/** 'List' query type */
export interface IListQuery {
  params: IListParams;
  result: IListResult;
}

const listIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":337,"b":342}]}],"statement":"select\n  r.rule_id,\n  r.data_type,\n  r.source_id,\n  s.name as \"source_name?\",\n  r.rule_name,\n  r.rule_sql,\n  r.error_message,\n  r.severity,\n  r.enabled,\n  r.created_at,\n  r.created_by\nfrom public.validation_rules as r\nleft join public.sources as s on s.source_id = r.source_id\norder by r.data_type, s.name nulls first, r.rule_name\nlimit :limit                                                                                                                                                                                                                                         "};

/**
 * Every rule, those for all sources of a type first, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select
 *   r.rule_id,
 *   r.data_type,
 *   r.source_id,
 *   s.name as "source_name?",
 *   r.rule_name,
 *   r.rule_sql,
 *   r.error_message,
 *   r.severity,
 *   r.enabled,
 *   r.created_at,
 *   r.created_by
 * from public.validation_rules as r
 * left join public.sources as s on s.source_id = r.source_id
 * order by r.data_type, s.name nulls first, r.rule_name
 * limit :limit                                                                                                                                                                                                                                         
 * ```
 */
export const list = new PreparedQuery<IListParams,IListResult>(listIR, 'rules.list');


/** 'Add' parameters type */
export interface IAddParams {
  data_type?: data_type_enum | null | void;
  enabled?: boolean | null | void;
  error_message: string;
  rule_name: string;
  rule_sql: string;
  severity?: string | null | void;
  source_id?: number | null | void;
}

/** 'Add' return type */
export interface IAddResult {
  /** Whether the rule is applied. */
  enabled: boolean;
  /** Key of the rule. */
  rule_id: number;
  /** Name, unique within its scope. */
  rule_name: string;
  /** ERROR also clears is_validated; WARNING and INFO only cost points. */
  severity: validation_rules_severity;
}

/** 'Add' query type */
export interface IAddQuery {
  params: IAddParams;
  result: IAddResult;
}

const addIR: any = {"usedParamSet":{"data_type":true,"source_id":true,"rule_name":true,"rule_sql":true,"error_message":true,"severity":true,"enabled":true},"params":[{"name":"data_type","required":false,"transform":{"type":"scalar"},"locs":[{"a":134,"b":143}]},{"name":"source_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":146,"b":155}]},{"name":"rule_name","required":true,"transform":{"type":"scalar"},"locs":[{"a":158,"b":168}]},{"name":"rule_sql","required":true,"transform":{"type":"scalar"},"locs":[{"a":171,"b":180}]},{"name":"error_message","required":true,"transform":{"type":"scalar"},"locs":[{"a":183,"b":197}]},{"name":"severity","required":false,"transform":{"type":"scalar"},"locs":[{"a":209,"b":217}]},{"name":"enabled","required":false,"transform":{"type":"scalar"},"locs":[{"a":239,"b":246}]}],"statement":"insert into public.validation_rules as r (\n  data_type, source_id, rule_name, rule_sql, error_message, severity, enabled\n)\nvalues (\n  :data_type, :source_id, :rule_name!, :rule_sql!, :error_message!, coalesce(:severity, 'ERROR'), coalesce(:enabled, true)\n)\nreturning r.rule_id, r.rule_name, r.severity, r.enabled                                "};

/**
 * Adds a rule for a type, a source, or both. Refused with the reason (SQLSTATE MD001) unless the expression is boolean,
 * immutable and about one row. Rows that are already there are checked by it when they are scored again.
 *
 * Query generated from SQL:
 * ```
 * insert into public.validation_rules as r (
 *   data_type, source_id, rule_name, rule_sql, error_message, severity, enabled
 * )
 * values (
 *   :data_type, :source_id, :rule_name!, :rule_sql!, :error_message!, coalesce(:severity, 'ERROR'), coalesce(:enabled, true)
 * )
 * returning r.rule_id, r.rule_name, r.severity, r.enabled                                
 * ```
 */
export const add = new PreparedQuery<IAddParams,IAddResult>(addIR, 'rules.add');


/** 'SetEnabled' parameters type */
export interface ISetEnabledParams {
  enabled: boolean;
  rule_id: number;
}

/** 'SetEnabled' return type */
export interface ISetEnabledResult {
  /** Whether the rule is applied. */
  enabled: boolean;
  /** Key of the rule. */
  rule_id: number;
  /** Name, unique within its scope. */
  rule_name: string;
}

/** 'SetEnabled' query type */
export interface ISetEnabledQuery {
  params: ISetEnabledParams;
  result: ISetEnabledResult;
}

const setEnabledIR: any = {"usedParamSet":{"enabled":true,"rule_id":true},"params":[{"name":"enabled","required":true,"transform":{"type":"scalar"},"locs":[{"a":50,"b":58}]},{"name":"rule_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":78,"b":86}]}],"statement":"update public.validation_rules as r\nset enabled = :enabled!\nwhere r.rule_id = :rule_id!\nreturning r.rule_id, r.rule_name, r.enabled                                             "};

/**
 * Switches a rule on or off.
 *
 * Query generated from SQL:
 * ```
 * update public.validation_rules as r
 * set enabled = :enabled!
 * where r.rule_id = :rule_id!
 * returning r.rule_id, r.rule_name, r.enabled                                             
 * ```
 */
export const setEnabled = new PreparedQuery<ISetEnabledParams,ISetEnabledResult>(setEnabledIR, 'rules.setEnabled');


/** 'Remove' parameters type */
export interface IRemoveParams {
  rule_id: number;
}

/** 'Remove' return type */
export interface IRemoveResult {
  /** Key of the rule. */
  rule_id: number;
  /** Name, unique within its scope. */
  rule_name: string;
}

/** 'Remove' query type */
export interface IRemoveQuery {
  params: IRemoveParams;
  result: IRemoveResult;
}

const removeIR: any = {"usedParamSet":{"rule_id":true},"params":[{"name":"rule_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":59,"b":67}]}],"statement":"delete from public.validation_rules as r\nwhere r.rule_id = :rule_id!\nreturning r.rule_id, r.rule_name"};

/**
 * Removes a rule. The audit log keeps it.
 *
 * Query generated from SQL:
 * ```
 * delete from public.validation_rules as r
 * where r.rule_id = :rule_id!
 * returning r.rule_id, r.rule_name
 * ```
 */
export const remove = new PreparedQuery<IRemoveParams,IRemoveResult>(removeIR, 'rules.remove');


