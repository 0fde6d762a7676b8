/** The columns that a query returns. */
import type { Node, ResTarget } from 'libpg-query';
import { byteOffsets } from './grammar.js';
import { parseQuery, type Query } from './query-file.js';

export interface Target {
  readonly node: ResTarget;
  /** In the compiled statement. */
  readonly offset: number;
}

/** The outermost select list or returning list, as it is written: `*` is one of them. */
export function outerTargets(query: Query): Target[] {
  const statement = parseQuery(query)?.stmts?.[0]?.stmt;
  const offset = byteOffsets(query.compiled);
  return (statement ? targetsOf(statement) : []).flatMap((target) =>
    'ResTarget' in target ? [{ node: target.ResTarget, offset: offset(target.ResTarget.location ?? 0) }] : []);
}

export function targetsOf(statement: Node): readonly Node[] {
  if ('SelectStmt' in statement) {
    let select = statement.SelectStmt;
    while (select.larg) select = select.larg;
    return select.targetList ?? [];
  }
  if ('InsertStmt' in statement) return statement.InsertStmt.returningClause?.exprs ?? [];
  if ('UpdateStmt' in statement) return statement.UpdateStmt.returningClause?.exprs ?? [];
  if ('DeleteStmt' in statement) return statement.DeleteStmt.returningClause?.exprs ?? [];
  if ('MergeStmt' in statement) return statement.MergeStmt.returningClause?.exprs ?? [];
  return [];
}
