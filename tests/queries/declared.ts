/**
 * Runs the typed functions and compares what comes back with what their generated types say. pg decides at run time
 * what a type becomes, pgTyped at compile time: only this sees when they disagree.
 */
import { readFileSync } from 'node:fs';
import type { PreparedQuery } from '@pgtyped/runtime';
import { assert } from '../support/suite.js';

type Queries = Record<string, PreparedQuery<never, unknown>>;

export interface Checked<Q> {
  /** The queries, whose results are checked. */
  readonly queries: Q;
  /** Fails for a query that gave no row and for a column that never had a value: their types are not proven. */
  allProven(except?: readonly string[]): void;
}

/** The queries of queries/<subject>.sql. */
export function checked<Q>(subject: string, queries: Q): Checked<Q> {
  const generated = readFileSync(`queries/${subject}.queries.ts`, 'utf8');
  const proven = new Map<string, Set<string>>();
  const wrap = ([name, query]: [string, Queries[string]]): [string, Queries[string]] => {
    const declared = declaredColumns(generated, name);
    const seen = new Set<string>();
    proven.set(name, seen);
    const run: typeof query.run = async (params, connection) => {
      const rows = await query.run(params, connection);
      seen.add('');
      for (const row of rows as Record<string, unknown>[]) {
        assert.equal(Object.keys(row).sort(), [...declared.keys()].sort(), `columns of ${subject}.${name}`);
        for (const [column, type] of declared) {
          const value = row[column];
          assert.ok(conforms(value, type, generated),
            `${subject}.${name}: ${column} is declared as ${type} and is ${typeof value} ${JSON.stringify(value)}`);
          if (value !== null) seen.add(column);
        }
      }
      return rows;
    };
    return [name, Object.assign(Object.create(query) as typeof query, { run })];
  };
  return {
    queries: Object.fromEntries(Object.entries(queries as Queries).map(wrap)) as Q,
    allProven(except = []) {
      const unproven = [...proven].flatMap(([name, seen]) =>
        ['', ...declaredColumns(generated, name).keys()]
          .filter((column) => !seen.has(column))
          .map((column) => (column ? `${name}.${column}` : name)));
      assert.equal(unproven.filter((name) => !except.includes(name)), [], `${subject}: never seen with a value`);
    },
  };
}

function declaredColumns(generated: string, name: string): Map<string, string> {
  const result = `I${name[0]!.toUpperCase()}${name.slice(1)}Result`;
  if (generated.includes(`export type ${result} = void;`)) return new Map();
  const body = new RegExp(`export interface ${result} \\{\n([^]*?)\n\\}`).exec(generated)?.[1];
  assert.ok(body, `${result} is not in the generated file`);
  return new Map([...body!.matchAll(/^ {2}(\w+): (.*);$/gm)].map(([, column, type]) => [column!, type!]));
}

function conforms(value: unknown, type: string, generated: string): boolean {
  return type.split(' | ').some((part) => {
    switch (part) {
      case 'null':
        return value === null;
      case 'Date':
        return value instanceof Date && !Number.isNaN(value.getTime());
      case 'string':
      case 'number':
      case 'boolean':
        return typeof value === part;
      case 'Json':
        return typeof value !== 'undefined' && !(value instanceof Date);
      case 'stringArray':
      case 'numberArray':
        // PostgreSQL says of no array whether its members may be null.
        return Array.isArray(value) && value.every((member) => member === null || typeof member === part.replace('Array', ''));
      default: {
        const members = new RegExp(`^export type ${part} = (.*);$`, 'm').exec(generated)?.[1]?.split(' | ');
        return members?.includes(`'${String(value)}'`) ?? false;
      }
    }
  });
}
