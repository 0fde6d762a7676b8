/** outer-join-nullable: pgTyped takes over `not null` from the table also for columns that an outer join may leave empty. */
import type { Node } from 'libpg-query';
import { as, bare, columnPath, targetsOf, walk } from '../queries/grammar.js';
import type { Found, Rule } from './rules.js';

/**
 * In a query with an outer join every plain column says by `?` or `!` whether it can be null, unless it is from a table, or
 * a subquery without outer joins, of which each row of the result has one. Of expressions pgTyped says by itself that they
 * may be null.
 */
export const unmarkedColumns: Rule = ({ statement }) => {
  const select = as('SelectStmt', statement);
  // Of a column of several parts PostgreSQL names no table.
  if (!hasOuterJoin(statement) || select?.larg) return [];
  const { relation, fromClause, usingClause, sourceRelation } = Object.values(statement)[0] as {
    relation?: object; fromClause?: readonly Node[]; usingClause?: readonly Node[]; sourceRelation?: Node;
  };
  const others = fromClause ?? usingClause ?? (sourceRelation ? [sourceRelation] : []);
  const sources = relation ? [{ RangeVar: relation } as Node, ...others] : others;
  const kept = new Set(sources.flatMap((source) => keptIn(source, unsafeCtes(statement))));
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

/** Names of the relations of which every row of the result has one. */
function keptIn(source: Node, unsafe: ReadonlySet<string | undefined>): (string | undefined)[] {
  const join = as('JoinExpr', source);
  if (join) {
    if (join.alias) return [];
    return [
      ...(join.larg && /INNER|LEFT/.test(join.jointype ?? '') ? keptIn(join.larg, unsafe) : []),
      ...(join.rarg && /INNER|RIGHT/.test(join.jointype ?? '') ? keptIn(join.rarg, unsafe) : []),
    ];
  }
  const table = as('RangeVar', source);
  if (table) return unsafe.has(table.relname) ? [] : [table.alias?.aliasname ?? table.relname];
  const subquery = as('RangeSubselect', source);
  return subquery && !subquery.lateral && !hasOuterJoin(subquery) ? [subquery.alias?.aliasname] : [];
}

/** One with an outer join makes all of a query's unsafe: they may build on each other. */
function unsafeCtes(statement: Node): Set<string | undefined> {
  const names = new Set<string | undefined>();
  let isUnsafe = false;
  walk(statement, (node) => {
    const cte = as('CommonTableExpr', node);
    if (cte) names.add(cte.ctename);
    isUnsafe ||= hasOuterJoin(cte?.ctequery);
  });
  return isUnsafe ? names : new Set();
}

function hasOuterJoin(root: unknown): boolean {
  let found = false;
  walk(root, (node) => {
    found ||= /LEFT|RIGHT|FULL/.test(as('JoinExpr', node)?.jointype ?? '');
  });
  return found;
}
