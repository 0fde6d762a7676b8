/**
 * Makes the text of queries/endpoints.ts: what the annotated queries are served as. What they say is checked by PostgreSQL, which
 * knows the types, and decides whether a query only reads and whether it gives one row.
 */
import { dirname, relative } from 'node:path';
import { DatabaseError } from 'pg';
import type { Endpoint, EndpointColumn, EndpointParameter, GraphqlField } from '../../src/client/endpoint.js';
import { literal } from '../literal.js';
import { problemAt, type FileProblem } from '../problem.js';
import { annotationsOf, sharedAnnotations, strayAnnotations, type Annotations } from '../queries/annotations.js';
import { boundOf, keysetOf } from '../queries/bounds.js';
import { namespaceOf } from '../queries/folder.js';
import { sentencesAbout } from '../queries/prose.js';
import type { Query, QueryFile } from '../queries/query-file.js';
import type { Connection, Description, Plan } from './connection.js';
import { choices } from './generator.js';

/** An endpoint, and where it comes from. */
interface Draft {
  readonly file: QueryFile;
  readonly query: Query;
  readonly annotations: Annotations;
  readonly endpoint: Omit<Endpoint, 'query'>;
}

export interface Endpoints {
  /** Absent while something is wrong with the annotations, or with a file or query that may have some. */
  readonly text?: string;
  /** What is wrong with the annotations. Of files and queries others tell. */
  readonly problems: readonly FileProblem[];
}

/**
 * All of them, because they depend on each other.
 *
 * @param module the file that is made, seen from the root
 */
export async function generateEndpoints(module: string, files: readonly QueryFile[], connection: Connection): Promise<Endpoints> {
  const problems = [...sharedAnnotations(files), ...files.flatMap(strayAnnotations)];
  const drafts: Draft[] = [];
  let isWhole = files.every((file) => file.problems.length === 0);
  for (const file of files) {
    for (const query of file.queries) {
      if (query.annotations.length === 0) continue;
      const annotations = annotationsOf(file, query);
      problems.push(...annotations.problems);
      if (annotations.problems.length > 0) continue;
      const described = await connection.describe(query.compiled);
      if (described instanceof DatabaseError) {
        isWhole = false;
        continue;
      }
      const plan = await connection.plan(query.compiled, query.parameters.length);
      const draft = { file, query, annotations, endpoint: endpointOf(file, query, annotations, described, plan) };
      problems.push(...misread(draft, plan));
      drafts.push(draft);
    }
  }
  problems.push(...differingTypes(drafts));
  const complete = drafts.map((draft) => withParents(draft, drafts, problems));
  return isWhole && problems.length === 0 ? { text: textOf(module, complete), problems } : { problems };
}

function endpointOf(
  file: QueryFile, query: Query, { http, graphql, metrics, cache }: Annotations, described: Description, { writes, isOne }: Plan,
): Draft['endpoint'] {
  const parameters = query.parameters.map((parameter, index): EndpointParameter => {
    const { name, required } = parameter;
    const placeholder = http?.placeholders.find(({ parameter }) => parameter === name)?.name ?? null;
    const { type, values } = described.params[index]!;
    return {
      name,
      type,
      values: choices(query, parameter)?.enumValues ?? values,
      isRequired: required || placeholder !== null,
      in: http ? placeInRequest(http.method, placeholder) : null,
      placeholder,
      description: sentencesAbout(query.prose, `:${name}`),
    };
  });
  const columns = described.columns.map(({ name, type, values, nullable, comment }): EndpointColumn => ({
    name: name.replace(/[!?]$/, ''), type, values, isNullable: name.endsWith('?') || (nullable && !name.endsWith('!')), comment,
  }));
  const bound = boundOf(query) ?? (isOne ? 'one' : null);
  const isRow = isOne || bound === 1 || (graphql !== undefined && !graphql.isList);
  return {
    name: `${namespaceOf(file.path)}.${query.name}`,
    prose: query.prose,
    http: http ? { method: http.method, path: http.path } : null,
    graphql: graphql ? { type: graphql.type, field: graphql.field, returns: graphql.returns, isList: graphql.isList, parent: [] } : null,
    metrics: metrics.map(({ name, column, kind, help }) => ({ name, column, kind, help })),
    cache: cache ?? null,
    parameters,
    columns,
    answer: columns.length === 0 ? 'none' : isOne && columns.length === 1 && columns[0]!.name === 'json' ? 'json' : isRow ? 'row' : 'rows',
    bound: writes ? null : bound,
    next: keysetOf(query),
  };
}

function placeInRequest(method: string, placeholder: string | null): EndpointParameter['in'] {
  if (placeholder !== null) return 'path';
  return method === 'GET' ? 'query' : 'body';
}

/** Why it may not be asked as a read, which only reads, and whose answer ends. */
function misread({ file, query, annotations: { http, graphql, metrics }, endpoint: { bound } }: Draft, { writes }: Plan): FileProblem[] {
  const [line] = [
    ...(http?.method === 'GET' ? [http.line] : []), ...(graphql && graphql.type !== 'Mutation' ? [graphql.line] : []), ...metrics.map(({ line }) => line),
  ];
  if (!line || (!writes && bound !== null)) return [];
  const [rule, message, fix] = writes
    ? ['read-writes', 'PostgreSQL does not take this for a query that only reads: it writes, locks rows, or calls a volatile function',
        'Make it a POST or a mutation; if a function only reads, declare it as stable.']
    : ['unbounded', 'nothing bounds its rows',
        'End it with limit :limit, with a number, or with limit 1; PostgreSQL knows of one row by a key of one table, or of an aggregate.'];
  return [problemAt(file.path, file.text, line.textOffset, { rule: rule, message: `${message}, in query ${query.name}`, fix: fix })];
}

/** Queries that give one GraphQL type, and not the same columns. */
function differingTypes(drafts: readonly Draft[]): FileProblem[] {
  const known = new Map<string, Draft>();
  return drafts.flatMap((draft): FileProblem[] => {
    const { annotations: { graphql }, endpoint, file } = draft;
    if (!graphql) return [];
    const first = known.get(graphql.returns);
    if (!first) {
      known.set(graphql.returns, draft);
      return [];
    }
    const [ours, theirs] = [shape(endpoint), shape(first.endpoint)];
    const differing = [...new Set([...ours.keys(), ...theirs.keys()])].filter((name) => ours.get(name) !== theirs.get(name));
    if (differing.length === 0) return [];
    const offset = graphql.line.textOffset + graphql.line.text.indexOf(` ${graphql.returns}`) + 1;
    return [problemAt(file.path, file.text, offset, {
      rule: 'type-columns',
      message: `as ${graphql.returns} it does not give what ${first.endpoint.name} gives: ${differing
        .map((name) => `${name} is ${ours.get(name) ?? 'missing'}, there ${theirs.get(name) ?? 'missing'}`).join('; ')}, in query ${draft.query.name}`,
      fix: 'Give them the same columns, or the types two names.',
    })];
  });
}

function shape({ columns }: Draft['endpoint']): Map<string, string> {
  return new Map(columns.map(({ name, type, isNullable }) => [name, `${type}${isNullable ? ' or null' : ''}`]));
}

const roots = ['Query', 'Mutation', 'Subscription'];

/** Which of its parameters a field has from its parent. */
function withParents(draft: Draft, drafts: readonly Draft[], problems: FileProblem[]): Draft {
  const { annotations: { graphql }, endpoint, file } = draft;
  if (!graphql || roots.includes(graphql.type)) return draft;
  const parent = drafts.find(({ annotations }) => annotations.graphql?.returns === graphql.type)?.endpoint.columns ?? [];
  const taken = endpoint.parameters.flatMap(({ name, type }): GraphqlField['parent'][number][] => {
    const column = parent.find((each) => each.name === name || `${each.name}s` === name);
    if (column === undefined) return [];
    if (column.name === name && column.type === type) return [{ parameter: name, column: name, isBatch: false }];
    const isBatch = column.name !== name && `${column.type}[]` === type && endpoint.columns.some((own) => own.name === column.name);
    return isBatch ? [{ parameter: name, column: column.name, isBatch }] : [];
  });
  if (taken.length === 0 || taken.filter(({ isBatch }) => isBatch).length > 1) {
    problems.push(problemAt(file.path, file.text, graphql.line.textOffset, {
      rule: 'parent-parameter',
      message: `${parent.length === 0 ? `no query gives a ${graphql.type}` : `it takes nothing of the ${graphql.type} that it is a field of`}, in query ${draft.query.name}`,
      fix: 'A parameter has the name and type of a column of the parent; or, for all parents at once, is an array such as :source_ids, and '
        + 'source_id is among the columns.',
    }));
  }
  return { ...draft, endpoint: { ...endpoint, graphql: { ...endpoint.graphql!, parent: taken } } };
}

function textOf(module: string, drafts: readonly Draft[]): string {
  const root = relative(dirname(module), '.').replaceAll('\\', '/');
  const namespaces = [...new Set(drafts.map(({ file }) => file.path))].sort();
  const modulePath = (path: string): string => `./${relative(dirname(module), path).replaceAll('\\', '/').replace(/\.sql$/, '.queries.js')}`;
  return [
    '/** Endpoints generated from the annotations above the queries. Their shape is that of Endpoint. */',
    `import type { Endpoint } from '${root}/src/client/endpoint.js';`,
    ...namespaces.map((path) => `import * as ${namespaceOf(path)} from '${modulePath(path)}';`),
    '',
    `export type * from '${root}/src/client/endpoint.js';`,
    '',
    'export const endpoints: readonly Endpoint[] = [',
    ...drafts.map(({ endpoint: { name, ...rest } }) => [
      '  {',
      `    name: ${JSON.stringify(name)},`,
      `    query: ${name},`,
      ...Object.entries(rest).map(([key, value]) => `    ${key}: ${literal(value, '    ')},`),
      '  },',
    ].join('\n')),
    '];',
    '',
  ].join('\n');
}
