/** Types generated for queries found in "queries/tokens.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

export type access_tokens_role = 'curator' | 'reader' | 'writer';

export type DateOrString = Date | string;

/** 'Issue' parameters type */
export interface IIssueParams {
  /** It is valid until :expires_at, or for :expires_in; without both it does not expire. */
  expires_at?: DateOrString | null | void;
  /** It is valid until :expires_at, or for :expires_in; without both it does not expire. */
  expires_in?: string | null | void;
  name: string;
  role: string;
  token_hash: Buffer;
}

/** 'Issue' return type */
export interface IIssueResult {
  /** From this moment on it is refused; null: it does not expire. */
  expires_at: Date | null;
  /** Who has it: changed_by of what is written with it. Unique among tokens that are not revoked. */
  name: string;
  /** reader: asks with the rights of btcdb_reader; writer and curator: also write, with those of btcdb_writer or btcdb_curator. */
  role: access_tokens_role;
}

/** 'Issue' query type */
export interface IIssueQuery {
  params: IIssueParams;
  result: IIssueResult;
}

const issueIR: any = {"usedParamSet":{"name":true,"role":true,"token_hash":true,"expires_at":true,"expires_in":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":83,"b":88}]},{"name":"role","required":true,"transform":{"type":"scalar"},"locs":[{"a":91,"b":96}]},{"name":"token_hash","required":true,"transform":{"type":"scalar"},"locs":[{"a":99,"b":110}]},{"name":"expires_at","required":false,"transform":{"type":"scalar"},"locs":[{"a":122,"b":132}]},{"name":"expires_in","required":false,"transform":{"type":"scalar"},"locs":[{"a":156,"b":166}]}],"statement":"insert into app_private.access_tokens (name, role, token_hash, expires_at)\nvalues (:name!, :role!, :token_hash!, coalesce(:expires_at::timestamptz, now() + :expires_in::interval))\nreturning name, role, expires_at                                                            "};

/**
 * Notes a new token by its SHA-256. It is valid until :expires_at, or for :expires_in; without both it does not expire. A name that
 * another token has which is not revoked is refused with 23505.
 *
 * Query generated from SQL:
 * ```
 * insert into app_private.access_tokens (name, role, token_hash, expires_at)
 * values (:name!, :role!, :token_hash!, coalesce(:expires_at::timestamptz, now() + :expires_in::interval))
 * returning name, role, expires_at                                                            
 * ```
 */
export const issue = new PreparedQuery<IIssueParams,IIssueResult>(issueIR, 'tokens.issue');


/** 'List' parameters type */
export type IListParams = void;

/** 'List' return type */
export interface IListResult {
  /** When it was made. */
  created_at: Date;
  /** Who made it. */
  created_by: string;
  /** From this moment on it is refused; null: it does not expire. */
  expires_at: Date | null;
  /** Who has it: changed_by of what is written with it. Unique among tokens that are not revoked. */
  name: string;
  /** When it was revoked: from then on it is refused. */
  revoked_at: Date | null;
  /** Who revoked it. */
  revoked_by: string | null;
  /** reader: asks with the rights of btcdb_reader; writer and curator: also write, with those of btcdb_writer or btcdb_curator. */
  role: access_tokens_role;
  state: string;
}

/** 'List' query type */
export interface IListQuery {
  params: IListParams;
  result: IListResult;
}

const listIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  t.name,\n  t.role,\n  case\n    when t.revoked_at is not null then 'revoked'\n    when t.expires_at <= now() then 'expired'\n    else 'valid'\n  end as \"state!\",\n  t.created_at,\n  t.created_by,\n  t.expires_at,\n  t.revoked_at,\n  t.revoked_by\nfrom app_private.access_tokens as t\norder by t.name, t.token_id desc                                                                 "};

/**
 * Every token there ever was, by name, the newest first.
 *
 * Query generated from SQL:
 * ```
 * select
 *   t.name,
 *   t.role,
 *   case
 *     when t.revoked_at is not null then 'revoked'
 *     when t.expires_at <= now() then 'expired'
 *     else 'valid'
 *   end as "state!",
 *   t.created_at,
 *   t.created_by,
 *   t.expires_at,
 *   t.revoked_at,
 *   t.revoked_by
 * from app_private.access_tokens as t
 * order by t.name, t.token_id desc                                                                 
 * ```
 */
export const list = new PreparedQuery<IListParams,IListResult>(listIR, 'tokens.list');


/** 'Revoke' parameters type */
export interface IRevokeParams {
  name: string;
}

/** 'Revoke' return type */
export interface IRevokeResult {
  /** Who has it: changed_by of what is written with it. Unique among tokens that are not revoked. */
  name: string;
  /** When it was revoked: from then on it is refused. */
  revoked_at: Date;
  /** reader: asks with the rights of btcdb_reader; writer and curator: also write, with those of btcdb_writer or btcdb_curator. */
  role: access_tokens_role;
}

/** 'Revoke' query type */
export interface IRevokeQuery {
  params: IRevokeParams;
  result: IRevokeResult;
}

const revokeIR: any = {"usedParamSet":{"name":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":111,"b":116}]}],"statement":"update app_private.access_tokens\nset revoked_at = now(), revoked_by = app_private.current_actor()\nwhere name = :name! and revoked_at is null\nreturning name, role, revoked_at as \"revoked_at!\"                                                                                                               "};

/**
 * Revokes the token of that name; nothing when there is none.
 *
 * Query generated from SQL:
 * ```
 * update app_private.access_tokens
 * set revoked_at = now(), revoked_by = app_private.current_actor()
 * where name = :name! and revoked_at is null
 * returning name, role, revoked_at as "revoked_at!"                                                                                                               
 * ```
 */
export const revoke = new PreparedQuery<IRevokeParams,IRevokeResult>(revokeIR, 'tokens.revoke');


/** 'ByHash' parameters type */
export interface IByHashParams {
  token_hash: Buffer;
}

/** 'ByHash' return type */
export interface IByHashResult {
  expires_in_ms: number | null;
  /** Who has it: changed_by of what is written with it. Unique among tokens that are not revoked. */
  name: string;
  /** reader: asks with the rights of btcdb_reader; writer and curator: also write, with those of btcdb_writer or btcdb_curator. */
  role: access_tokens_role;
  /** SHA-256 of the token. The token itself is stored nowhere. */
  token_hash: Buffer;
}

/** 'ByHash' query type */
export interface IByHashQuery {
  params: IByHashParams;
  result: IByHashResult;
}

const byHashIR: any = {"usedParamSet":{"token_hash":true},"params":[{"name":"token_hash","required":true,"transform":{"type":"scalar"},"locs":[{"a":180,"b":191}]}],"statement":"select\n  t.name,\n  t.role,\n  t.token_hash,\n  (1000 * extract(epoch from t.expires_at - now()))::float8 as \"expires_in_ms?\"\nfrom app_private.access_tokens as t\nwhere t.token_hash = :token_hash!\n  and t.revoked_at is null\n  and (t.expires_at > now()) is not false"};

/**
 * The valid token with this SHA-256, and for how many milliseconds it still is; nothing when there is none.
 *
 * Query generated from SQL:
 * ```
 * select
 *   t.name,
 *   t.role,
 *   t.token_hash,
 *   (1000 * extract(epoch from t.expires_at - now()))::float8 as "expires_in_ms?"
 * from app_private.access_tokens as t
 * where t.token_hash = :token_hash!
 *   and t.revoked_at is null
 *   and (t.expires_at > now()) is not false
 * ```
 */
export const byHash = new PreparedQuery<IByHashParams,IByHashResult>(byHashIR, 'tokens.byHash');


