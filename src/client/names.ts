/** The names of the typed functions, such as `series.range`. */
import { PreparedQuery } from '@pgtyped/runtime';
import * as namespaces from '../queries.js';

interface Names {
  readonly ofText: Map<string, string>;
  readonly ofFunction: Map<unknown, string>;
}

let names: Names | undefined;

/** The name of the typed function that sends a statement. */
export function nameOfText(text: string): string | undefined {
  return (names ??= readNames()).ofText.get(text);
}

/** The name of a typed function; one that is not of this package has none. */
export function nameOfFunction(query: unknown): string {
  return (names ??= readNames()).ofFunction.get(query) ?? 'The query';
}

/** Each function is asked once what it would send. */
function readNames(): Names {
  const found: Names = { ofText: new Map(), ofFunction: new Map() };
  for (const [subject, functions] of Object.entries(namespaces)) {
    for (const [title, query] of Object.entries(functions)) {
      if (!(query instanceof PreparedQuery)) continue;
      const name = `${subject}.${title}`;
      found.ofFunction.set(query, name);
      void (query as PreparedQuery<undefined, unknown>).run(undefined, {
        query(text) {
          found.ofText.set(text, name);
          return Promise.resolve({ rows: [], rowCount: 0 });
        },
      });
    }
  }
  return found;
}
