/** What the generated functions are made of: pgTyped's queries, with a name, and with promises that lead back to whoever awaits them. */
import pg from 'pg';
import { PreparedQuery as Untraced, processSQLQueryIR } from '@pgtyped/runtime';
import { traced } from '../errors/stack.js';

/** How pg writes a parameter; its types do not know of it. */
const { utils } = pg as unknown as { utils: { prepareValue: (value: unknown) => string | Buffer | null } };

type Statement = ConstructorParameters<typeof Untraced>[0];

/** `title`: such as `series.range`. */
export class PreparedQuery<Params, Row> extends Untraced<Params, Row> {
  readonly #statement: Statement;

  constructor(statement: Statement, readonly title: string) {
    super(statement);
    unread.push([statement, title]);
    this.#statement = statement;
    this.run = tracing(this.run);
    this.runWithCounts = tracing(this.runWithCounts);
  }

  /** The statement with its parameters as literals, for COPY, which takes none. Where they stand is known from generating it. */
  textWith(params: Params): string {
    const { statement, params: declared } = this.#statement;
    const places = declared.flatMap(({ name, locs, transform }) => {
      if (String(transform.type) !== 'scalar') throw new TypeError(`:${name} of ${this.title} is a list of parameters`);
      const value = utils.prepareValue((params as Record<string, unknown>)[name]);
      const literal = value === null ? 'null' : pg.escapeLiteral(String(value));
      return locs.map(({ a, b }) => ({ a, b, literal }));
    }).sort((one, other) => one.a - other.a);
    const ends = [-1, ...places.map(({ b }) => b)];
    return places.map(({ a, literal }, i) => statement.slice(ends[i]! + 1, a) + literal).join('') + statement.slice(ends.at(-1)! + 1);
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
