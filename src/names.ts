/** The names of the typed functions, by the statements that they send. */
import { PreparedQuery } from '@pgtyped/runtime';
import * as namespaces from './queries.js';

let names: Map<string, string> | undefined;

/** The typed function that sends a statement, such as `series.range`. */
export function typedFunctionOf(text: string): string | undefined {
  return (names ??= readNames()).get(text);
}

/** Each function is asked once what it would send. */
function readNames(): Map<string, string> {
  const found = new Map<string, string>();
  for (const [subject, functions] of Object.entries(namespaces)) {
    for (const [name, query] of Object.entries(functions)) {
      const spy = {
        query(text: string) {
          found.set(text, `${subject}.${name}`);
          return Promise.resolve({ rows: [], rowCount: 0 });
        },
      };
      if (query instanceof PreparedQuery) void (query as PreparedQuery<undefined, unknown>).run(undefined, spy);
    }
  }
  return found;
}
