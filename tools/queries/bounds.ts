/** What a query says about how many rows it gives, and how the next ones are asked for. */
import type { Node, SelectStmt } from 'libpg-query';
import type { RowBound } from '../../src/client/endpoint.js';
import { as, bare, columnPath, walk } from './grammar.js';
import { outerTargets, parameterOf, type Query } from './query-file.js';

/** Its limit: a number, or a parameter. An aggregate, such as one that builds JSON, may have it in a subquery. */
export function boundOf(query: Query): RowBound | undefined {
  const select = as('SelectStmt', query.statement);
  return select && (ofSelect(select, query) ?? ofFrom(select, query));
}

function ofSelect(select: SelectStmt, query: Query): RowBound | undefined {
  const limit = bare(select.limitCount);
  const constant = as('A_Const', limit);
  if (constant?.isnull === true || limit === undefined) return undefined;
  if (constant) return constant.ival?.ival ?? 0;
  let parameter: string | undefined;
  walk(limit, (node) => {
    parameter ??= parameterOf(query, node)?.name;
  });
  return parameter === undefined ? undefined : { parameter };
}

/** By what it is selected from: for each of some keys, a subquery with a limit. */
function ofFrom({ fromClause = [], withClause }: SelectStmt, query: Query): RowBound | undefined {
  const found: RowBound[] = [];
  const isBounded = (source: Node): boolean => {
    const join = as('JoinExpr', source);
    if (join) return join.jointype !== 'JOIN_FULL' && join.jointype !== 'JOIN_RIGHT' && isBounded(join.larg!) && isBounded(join.rarg!);
    const subquery = as('SelectStmt', as('RangeSubselect', source)?.subquery ?? cteOf(source));
    const bound = subquery && (ofSelect(subquery, query) ?? ofFrom(subquery, query));
    if (bound !== undefined) found.push(bound);
    return bound !== undefined || isUnnest(source);
  };
  const cteOf = (source: Node): Node | undefined => withClause?.ctes?.map((node) => as('CommonTableExpr', node))
    .find((cte) => cte?.ctename === as('RangeVar', source)?.relname)?.ctequery;
  return fromClause.length > 0 && fromClause.every(isBounded) ? found[0] : undefined;
}

/** Of a parameter, and so of as many as are given. */
function isUnnest(source: Node): boolean {
  const [call] = as('List', as('RangeFunction', source)?.functions?.[0])?.items ?? [];
  const name = as('String', as('FuncCall', call)?.funcname?.at(-1))?.sval;
  return name === 'unnest' && (as('FuncCall', call)?.args ?? []).every((argument) => as('ParamRef', bare(argument)) !== undefined);
}

/**
 * The parameters beyond which the next page lies, each with the column whose value they take: a query in order of time that ends
 * with `and d.timestamp > coalesce(:after, '-infinity')`.
 */
export function keysetOf(query: Query): { parameter: string; column: string }[] {
  const select = as('SelectStmt', query.statement);
  const [order] = select?.sortClause?.map((node) => as('SortBy', node)) ?? [];
  if (!order || !select?.limitCount) return [];
  const sign = order.sortby_dir === 'SORTBY_DESC' ? '<' : '>';
  const first = columnPath(order.node)?.join('.');
  const conditions = as('BoolExpr', select.whereClause)?.boolop === 'AND_EXPR' ? as('BoolExpr', select.whereClause)!.args! : [select.whereClause];
  for (const condition of conditions) {
    const comparison = as('A_Expr', condition);
    if (comparison?.kind !== 'AEXPR_OP' || as('String', comparison.name?.[0])?.sval !== sign) continue;
    const [columns, values] = [comparison.lexpr, comparison.rexpr].map((side) => as('RowExpr', side)?.args ?? (side ? [side] : []));
    const keys = columns!.flatMap((node, index) => {
      const column = resultOf(query, columnPath(node)?.join('.'));
      const parameter = parameterOf(query, bare(as('CoalesceExpr', values![index])?.args?.[0]))?.name;
      return column !== undefined && parameter !== undefined ? [{ parameter, column }] : [];
    });
    if (keys.length > 0 && keys.length === columns!.length && columnPath(columns![0])?.join('.') === first) return keys;
  }
  return [];
}

/** Under which name a query returns a column, written as `d.timestamp`. */
function resultOf(query: Query, path: string | undefined): string | undefined {
  const target = outerTargets(query).find(({ node }) => path !== undefined && columnPath(node.val)?.join('.') === path)?.node;
  return (target?.name ?? columnPath(target?.val)?.at(-1))?.replace(/[!?]$/, '');
}
