/** What the generated functions are made of: pgTyped's queries, with a name, and with promises that lead back to whoever awaits them. */
import { PreparedQuery as Untraced, processSQLQueryIR } from '@pgtyped/runtime';
import { traced } from '../errors/stack.js';

type Statement = ConstructorParameters<typeof Untraced>[0];

/** `title`: such as `series.range`. */
export class PreparedQuery<Params, Row> extends Untraced<Params, Row> {
  constructor(statement: Statement, readonly title: string) {
    super(statement);
    unread.push([statement, title]);
    this.run = tracing(this.run);
    this.runWithCounts = tracing(this.runWithCounts);
  }
}

function tracing<Given extends unknown[], Result>(run: (...given: Given) => Promise<Result>): (...given: Given) => Promise<Result> {
  return async (...given) => {
    try {
      return await run(...given);
    } catch (error) {
      throw traced(error);
    }
  };
}

/** Functions whose text nobody has asked for yet. */
const unread: [Statement, string][] = [];
const titles = new Map<string, string>();

/** The name of the typed function that sends a statement. */
export function titleOfText(text: string): string | undefined {
  for (const [statement, title] of unread.splice(0)) titles.set(processSQLQueryIR(statement).query, title);
  return titles.get(text);
}

/** The name of a typed function; one that is not of this package has none. */
export function titleOfFunction(query: unknown): string {
  return query instanceof PreparedQuery ? query.title : 'The query';
}
