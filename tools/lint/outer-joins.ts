/**
 * Which columns of a query are null where an outer join finds nothing. pgTyped takes over `not null` from the table also
 * for these, which is wrong.
 *
 * Names are resolved through subqueries, CTEs, lateral joins and set operations, without asking a database: whether the
 * table allows null by itself is not looked up, so such a column needs its `?` too.
 */
import type { CommonTableExpr, JoinExpr, Node, RangeVar, ResTarget, SelectStmt, WithClause } from 'libpg-query';
import { as, bare, columnPath, walk } from '../queries/walk.js';

interface Column {
  /** The join that makes it null, for instance `left join`. */
  readonly lostBy: string | undefined;
  /** Whether PostgreSQL says from which table it is, so that pgTyped takes over the table's `not null`. */
  readonly isTraced: boolean;
}

type Columns = ReadonlyMap<string, Column>;

interface Relation {
  readonly name: string | undefined;
  /** Absent: those of a table, which are not known here. */
  readonly columns?: Columns | undefined;
  readonly lostBy: string | undefined;
  readonly isTraced: boolean;
  /** A join with a name of its own: which of its columns are from which side is not known. */
  readonly isUnclear?: boolean;
}

interface Scope {
  readonly relations: readonly Relation[];
  /** Columns that `using` makes of two. */
  readonly merged: Columns;
  readonly ctes: ReadonlyMap<string, Columns | undefined>;
  readonly outer?: Scope | undefined;
}

interface Output {
  readonly name: string;
  readonly target: ResTarget;
  readonly column: Column;
  readonly isUnclear: boolean;
}

/** A column of the outermost list. */
export interface OuterColumn {
  /** With the mark, if it has one. */
  readonly name: string;
  /** In bytes of the statement. */
  readonly location: number;
  /** The join that makes it null. */
  readonly lostBy: string;
  /** It cannot be told whether the join makes it null. */
  readonly isUnclear: boolean;
  /** pgTyped would declare it as never null. */
  readonly isTraced: boolean;
}

/** Columns that an outer join can make null, or for which that cannot be told. */
export function lostColumns(statement: Node): OuterColumn[] {
  return outputs(statement, emptyScope).flatMap(({ name, target, column, isUnclear }) =>
    column.lostBy === undefined
      ? []
      : [{ name, location: target.location ?? 0, lostBy: column.lostBy, isUnclear, isTraced: column.isTraced }]);
}

const kept: Column = { lostBy: undefined, isTraced: true };
const computed: Column = { lostBy: undefined, isTraced: false };
const emptyScope: Scope = { relations: [], merged: new Map(), ctes: new Map() };

/** The columns of a statement: of a set operation those of all its parts, one after the other. */
function outputs(statement: Node, outer: Scope): Output[] {
  const select = as('SelectStmt', statement);
  if (select) return outputsOfSelect(select, outer);
  const insert = as('InsertStmt', statement);
  if (insert) return outputsOfChange(insert.returningClause?.exprs, insert.relation, [], insert.withClause, outer);
  const update = as('UpdateStmt', statement);
  if (update) return outputsOfChange(update.returningClause?.exprs, update.relation, update.fromClause, update.withClause, outer);
  const remove = as('DeleteStmt', statement);
  if (remove) return outputsOfChange(remove.returningClause?.exprs, remove.relation, remove.usingClause, remove.withClause, outer);
  const merge = as('MergeStmt', statement);
  if (merge) {
    const sources = merge.sourceRelation ? [merge.sourceRelation] : [];
    return outputsOfChange(merge.returningClause?.exprs, merge.relation, sources, merge.withClause, outer);
  }
  return [];
}

function outputsOfSelect(select: SelectStmt, outer: Scope): Output[] {
  const withCtes = addCtes(select.withClause, outer);
  if (select.larg && select.rarg) {
    const left = outputsOfSelect(select.larg, withCtes);
    const right = outputsOfSelect(select.rarg, withCtes);
    // The names are those of the first part; of a column of several parts PostgreSQL names no table.
    return [...left, ...right.map((output, index) => ({ ...output, name: left[index]?.name ?? output.name }))]
      .map((output) => ({ ...output, column: { ...output.column, isTraced: false } }));
  }
  return targetsIn(select.targetList, addFrom(select.fromClause, withCtes));
}

function outputsOfChange(
  targets: readonly Node[] | undefined,
  relation: RangeVar | undefined,
  from: readonly Node[] | undefined,
  withClause: WithClause | undefined,
  outer: Scope,
): Output[] {
  const scope = addFrom(from, addCtes(withClause, outer));
  const table: Relation = { name: relation?.alias?.aliasname ?? relation?.relname, lostBy: undefined, isTraced: true };
  return targetsIn(targets, { ...scope, relations: [table, ...scope.relations] });
}

function targetsIn(targets: readonly Node[] | undefined, scope: Scope): Output[] {
  return (targets ?? []).flatMap((node): Output[] => {
    const target = as('ResTarget', node);
    if (!target?.val) return [];
    const path = columnPath(bare(target.val));
    const found = path && lookUp(path, scope);
    return [{
      name: target.name ?? path?.at(-1) ?? '',
      target,
      column: found ?? { lostBy: lostIn(target.val, scope), isTraced: false },
      isUnclear: found?.isUnclear ?? false,
    }];
  });
}

function addCtes(clause: WithClause | undefined, outer: Scope): Scope {
  const ctes = new Map(outer.ctes);
  for (const node of clause?.ctes ?? []) {
    const cte = as('CommonTableExpr', node);
    if (!cte?.ctename || !cte.ctequery) continue;
    if (clause?.recursive) ctes.set(cte.ctename, undefined);
    ctes.set(cte.ctename, columnsOf(cte.ctequery, namesOf(cte), { ...outer, ctes }));
  }
  return { relations: [], merged: new Map(), ctes, outer: outer.relations.length > 0 ? outer : outer.outer };
}

function namesOf({ aliascolnames }: Pick<CommonTableExpr, 'aliascolnames'>): string[] {
  return (aliascolnames ?? []).map((name) => as('String', name)?.sval ?? '');
}

/** Columns of a subquery or CTE by name; undefined when its names are not known. */
function columnsOf(statement: Node, names: readonly string[], scope: Scope): Columns | undefined {
  const select = as('SelectStmt', statement);
  if (select?.valuesLists) return undefined;
  const all = outputs(statement, scope);
  if (all.some(({ name }) => name === '*')) return undefined;
  const columns = new Map<string, Column>();
  const width = select?.larg ? all.length / partsOf(select) : all.length;
  for (const [index, { name, column }] of all.entries()) {
    const key = names[index % width] ?? name;
    const known = columns.get(key);
    columns.set(key, known?.lostBy === undefined ? column : known);
  }
  return columns;
}

function partsOf({ larg, rarg }: SelectStmt): number {
  return larg && rarg ? partsOf(larg) + partsOf(rarg) : 1;
}

function addFrom(from: readonly Node[] | undefined, scope: Scope): Scope {
  return (from ?? []).reduce((soFar, item) => addItem(item, soFar), scope);
}

/** The scope with what an item of FROM adds to it. */
function addItem(item: Node, scope: Scope): Scope {
  const join = as('JoinExpr', item);
  if (join) return addJoin(join, scope);
  const relation = relationOf(item, scope);
  return relation ? { ...scope, relations: [...scope.relations, relation] } : scope;
}

function relationOf(item: Node, scope: Scope): Relation | undefined {
  const table = as('RangeVar', item);
  if (table) {
    const name = table.alias?.aliasname ?? table.relname;
    const isCte = table.schemaname === undefined && scope.ctes.has(table.relname ?? '');
    if (!isCte) return { name, lostBy: undefined, isTraced: true };
    const columns = renamed(scope.ctes.get(table.relname ?? ''), table.alias?.colnames);
    return { name, columns, lostBy: undefined, isTraced: true };
  }
  const subquery = as('RangeSubselect', item);
  if (subquery?.subquery) {
    const names = namesOf({ aliascolnames: subquery.alias?.colnames ?? [] });
    const inner: Scope = { ...emptyScope, ctes: scope.ctes, outer: scope };
    const columns = columnsOf(subquery.subquery, names, inner);
    // Of a list of values PostgreSQL names no table.
    const isValues = as('SelectStmt', subquery.subquery)?.valuesLists !== undefined;
    return { name: subquery.alias?.aliasname, columns, lostBy: undefined, isTraced: !isValues };
  }
  const sample = as('RangeTableSample', item);
  if (sample?.relation) return relationOf(sample.relation, scope);
  const [other] = Object.values(item) as [{ alias?: { aliasname?: string } }];
  return { name: other.alias?.aliasname, lostBy: undefined, isTraced: false };
}

function renamed(columns: Columns | undefined, names: readonly Node[] | undefined): Columns | undefined {
  if (!columns || !names?.length) return columns;
  return new Map([...columns].map(([name, column], index) => [as('String', names[index])?.sval ?? name, column]));
}

function addJoin(join: JoinExpr, scope: Scope): Scope {
  const kind = join.jointype ?? 'JOIN_INNER';
  const own = scope.relations.length;
  const withLeft = join.larg ? addItem(join.larg, scope) : scope;
  const both = join.rarg ? addItem(join.rarg, withLeft) : withLeft;
  const before = scope.relations;
  const lose = (relations: readonly Relation[], isLost: boolean, by: string): Relation[] =>
    relations.map((relation) => (isLost ? { ...relation, lostBy: relation.lostBy ?? by } : relation));
  const by = { JOIN_LEFT: 'left join', JOIN_RIGHT: 'right join', JOIN_FULL: 'full join' }[kind as string] ?? '';
  const left = lose(both.relations.slice(own, withLeft.relations.length), kind === 'JOIN_RIGHT' || kind === 'JOIN_FULL', by);
  const right = lose(both.relations.slice(withLeft.relations.length), kind === 'JOIN_LEFT' || kind === 'JOIN_FULL', by);

  if (join.alias?.aliasname) {
    const lost = [...left, ...right].find(({ lostBy }) => lostBy !== undefined)?.lostBy;
    const named: Relation = { name: join.alias.aliasname, lostBy: lost, isTraced: true, isUnclear: lost !== undefined };
    return { ...both, relations: [...before, named] };
  }
  const merged = new Map(both.merged);
  for (const node of join.usingClause ?? []) {
    // The side that is there has a value; of a full join either side, which makes it an expression.
    merged.set(as('String', node)?.sval ?? '', kind === 'JOIN_FULL' ? computed : kept);
  }
  return { ...both, merged, relations: [...before, ...left, ...right] };
}

type Found = Column & { readonly isUnclear: boolean };

/** What a column reference is; undefined when it is not known, which is no column of an outer join. */
function lookUp(path: readonly string[], scope: Scope | undefined): Found | undefined {
  if (!scope) return undefined;
  const column = path.at(-1)!;
  if (column === '*') return undefined;
  if (path.length > 1) {
    const relation = scope.relations.find(({ name }) => name === path.at(-2));
    return relation ? columnIn(relation, column) : lookUp(path, scope.outer);
  }
  const merged = scope.merged.get(column);
  if (merged) return { ...merged, isUnclear: false };
  const named = scope.relations.find(({ columns }) => columns?.has(column));
  if (named) return columnIn(named, column);
  const tables = scope.relations.filter(({ columns }) => columns === undefined);
  if (tables.length === 0) return lookUp(path, scope.outer);
  const lost = tables.find(({ lostBy }) => lostBy !== undefined);
  return { lostBy: lost?.lostBy, isTraced: true, isUnclear: lost !== undefined && tables.length > 1 };
}

function columnIn({ columns, lostBy, isTraced, isUnclear = false }: Relation, name: string): Found {
  const column = columns?.get(name) ?? { lostBy: undefined, isTraced };
  return { lostBy: lostBy ?? column.lostBy, isTraced: column.isTraced, isUnclear };
}

/** Functions that give a value also for null. */
const neverNull = /^(count|regr_count|row_number|rank|dense_rank|percent_rank|cume_dist|ntile|concat|concat_ws|num_n(on)?nulls|array_agg|jsonb?_(agg|build_\w+|object_agg\w*)|grouping)$/;

/** The join that makes an expression null; undefined when it is none. Most expressions are null when an operand is. */
function lostIn(node: Node | undefined, scope: Scope): string | undefined {
  const expression = bare(node);
  if (expression === undefined) return undefined;
  const any = (nodes: readonly (Node | undefined)[]): string | undefined =>
    nodes.map((each) => lostIn(each, scope)).find((by) => by !== undefined);
  const all = (nodes: readonly Node[]): string | undefined =>
    nodes.every((each) => lostIn(each, scope) !== undefined) ? any(nodes) : undefined;

  const path = columnPath(expression);
  if (path) return lookUp(path, scope)?.lostBy;
  const call = as('FuncCall', expression);
  if (call) return neverNull.test(as('String', call.funcname?.at(-1))?.sval ?? '') ? undefined : any(call.args ?? []);
  const operation = as('A_Expr', expression);
  if (operation) {
    switch (operation.kind) {
      case 'AEXPR_DISTINCT':
      case 'AEXPR_NOT_DISTINCT':
        return undefined;
      case 'AEXPR_NULLIF':
        return lostIn(operation.lexpr, scope);
      default:
        return any([operation.lexpr, operation.rexpr]);
    }
  }
  const coalesce = as('CoalesceExpr', expression);
  if (coalesce) return all(coalesce.args ?? []);
  const extreme = as('MinMaxExpr', expression);
  if (extreme) return all(extreme.args ?? []);
  const choice = as('CaseExpr', expression);
  if (choice) return asksForNull(choice.args) ? undefined : any([...(choice.args ?? []).map((when) => as('CaseWhen', when)?.result), choice.defresult]);
  const logic = as('BoolExpr', expression);
  if (logic) return asksForNull(logic.args) ? undefined : any(logic.args ?? []);
  const field = as('A_Indirection', expression);
  if (field) return lostIn(field.arg, scope);
  const list = as('List', expression);
  if (list) return any(list.items ?? []);
  return undefined;
}

/** Whether a condition asks whether something is null: then it is taken to mind the missing row. */
function asksForNull(nodes: readonly Node[] | undefined): boolean {
  let asks = false;
  walk(nodes, (node) => {
    asks ||= as('NullTest', node) !== undefined;
  });
  return asks;
}
