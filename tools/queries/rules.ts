/**
 * What pgTyped gets wrong, or what turns wrong later, in a query that PostgreSQL accepts. There is nothing to configure, and no way
 * to silence a finding: each has a spelling that is right.
 */
import type { Node, RangeVar } from 'libpg-query';
import type { FileProblem, Finding } from '../problem.js';
import { parameterOf, problemIn, type Parameter, type Query, type QueryFile } from './query-file.js';
import { as, bare, byteOffsets, columnPath, targetsOf, walk } from './grammar.js';

interface Found extends Finding {
  /** In bytes of the compiled statement. */
  readonly location: number;
}

type Rule = (query: Query, statement: Node) => Found[];

/**
 * outer-join-nullable: pgTyped takes over `not null` from the table also for columns that an outer join may leave empty. In a
 * query with one every plain column says by `?` or `!` whether it can be null, unless it is from a table of which each row of the
 * result has one. Of expressions pgTyped says by itself that they may be null.
 */
const outerJoinNullable: Rule = (_query, statement) => {
  const select = as('SelectStmt', statement);
  // Of a column of several parts PostgreSQL names no table.
  if (!hasOuterJoin(statement) || select?.larg) return [];
  const { relation, fromClause, usingClause, sourceRelation } = Object.values(statement)[0] as {
    relation?: object; fromClause?: readonly Node[]; usingClause?: readonly Node[]; sourceRelation?: Node;
  };
  const others = fromClause ?? usingClause ?? (sourceRelation ? [sourceRelation] : []);
  const sources = relation ? [{ RangeVar: relation } as Node, ...others] : others;
  const ctes = new Set<string | undefined>();
  walk(statement, (node) => ctes.add(as('CommonTableExpr', node)?.ctename));
  const tables = sources.flatMap(keptIn).filter(({ relname }) => !ctes.has(relname));
  const kept = new Set(tables.map(({ alias, relname }) => alias?.aliasname ?? relname));
  return targetsOf(statement).flatMap((node): Found[] => {
    const target = as('ResTarget', node);
    const path = columnPath(bare(target?.val));
    const name = target?.name ?? path?.at(-1) ?? '*';
    if (path === undefined || name === '*' || /[!?]$/.test(name) || kept.has(path.at(-2))) return [];
    return [{
      rule: 'outer-join-nullable',
      location: target?.location ?? 0,
      message: `${name} may be null where an outer join finds no row, and pgTyped would not know`,
      fix: `Write as "${name}?", or as "${name}!" when it is never null; of a table that has a row always the name before it is enough: t.${name}.`,
    }];
  });
};

/** The tables of which every row of the result has one. */
function keptIn(source: Node | undefined): RangeVar[] {
  const { alias, larg, rarg, jointype = '' } = as('JoinExpr', source) ?? {};
  const table = as('RangeVar', source);
  if (table) return [table];
  if (alias) return [];
  return [...(/INNER|LEFT/.test(jointype) ? keptIn(larg) : []), ...(/INNER|RIGHT/.test(jointype) ? keptIn(rarg) : [])];
}

function hasOuterJoin(root: unknown): boolean {
  let found = false;
  walk(root, (node) => {
    found ||= /LEFT|RIGHT|FULL/.test(as('JoinExpr', node)?.jointype ?? '');
  });
  return found;
}

/** select-star: the columns of a result change with the table. In `exists (select * …)` there is no result. */
const selectStar: Rule = (_query, statement) => {
  const found: Found[] = [];
  walk(statement, (node, ancestors) => {
    const target = as('ResTarget', node);
    const star = columnPath(target?.val)?.at(-1) === '*'
      || as('A_Star', as('A_Indirection', target?.val)?.indirection?.at(-1)) !== undefined;
    if (!target || !star || as('SubLink', ancestors.at(-2))?.subLinkType === 'EXISTS_SUBLINK') return;
    found.push({
      rule: 'select-star',
      location: target.location ?? 0,
      message: 'with * the result changes when a column is added to the table, and what it holds is written nowhere',
      fix: 'Name the columns.',
    });
  });
  return found;
};

/** order-by-parameter: `order by :column` orders by one and the same value for all rows. */
const orderByParameter: Rule = (query, statement) => {
  const found: Found[] = [];
  walk(statement, (node) => {
    const key = as('SortBy', node)?.node;
    if (!key) return;
    let parameter: Node | undefined;
    let isConstant = true;
    walk(key, (part) => {
      if (as('ParamRef', part)) parameter ??= part;
      // A function may be volatile, such as random().
      if (as('ColumnRef', part) || as('FuncCall', part) || as('SubLink', part)) isConstant = false;
    });
    if (!parameter || !isConstant) return;
    found.push({
      rule: 'order-by-parameter',
      location: as('ParamRef', parameter)!.location ?? 0,
      message: `order by :${parameterOf(query, parameter)!.name} orders by a constant, and so not at all: a parameter is a value and never the name of a column`,
      fix: "Name the columns to choose from: order by case :sort when 'name' then t.name when … end, or write a query for each order.",
    });
  });
  return found;
};

const comparisons = /^(=|<>|!=|<|>|<=|>=|~~?\*?|!~~?\*?)$/;

/** nullable-comparison: a parameter that may be left out, and that is only compared: without it no row is found. */
const nullableComparison: Rule = (query, statement) => {
  const uses = new Map<Parameter, { location: number; isCompared: boolean }[]>();
  walk(statement, (node, ancestors) => {
    const parameter = as('ParamRef', node);
    const known = parameterOf(query, node);
    if (!parameter || !known || known.required) return;
    const around = ancestors.findLast((each) => bare(each) === each);
    const operation = as('A_Expr', around);
    const isCompared = operation !== undefined
      && (operation.kind === 'AEXPR_OP' || operation.kind === 'AEXPR_OP_ANY' || operation.kind === 'AEXPR_LIKE' || operation.kind === 'AEXPR_ILIKE')
      && (operation.kind.endsWith('LIKE') || comparisons.test(as('String', operation.name?.at(-1))?.sval ?? ''));
    uses.set(known, [...(uses.get(known) ?? []), { location: parameter.location ?? 0, isCompared }]);
  });
  return [...uses].flatMap(([{ name }, places]): Found[] =>
    places.every(({ isCompared }) => isCompared)
      ? [{
          rule: 'nullable-comparison',
          location: places[0]!.location,
          message: `a comparison with null is never true: when :${name} is left out no row is found`,
          fix: `Require it with :${name}!, or let everything through with (:${name}::type is null or …), or compare by is not distinct from.`,
        }]
      : []);
};

export function lintQuery(file: QueryFile, query: Query): FileProblem[] {
  const offset = byteOffsets(query.compiled);
  return [outerJoinNullable, selectStar, orderByParameter, nullableComparison].flatMap((rule) => rule(query, query.statement!))
    .map(({ location, ...finding }) => problemIn(file, query, offset(location), finding));
}
