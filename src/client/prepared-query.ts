/**
 * What the generated functions are made of: pgTyped's queries, with a name, and with promises that lead back to whoever awaits
 * them. pgTyped's own class does the same from its runtime, which loads a parser of SQL with each process: half of the start.
 */
import { traced } from '../errors/stack.js';

/** What a typed function sends its statement to: a database, the client of a transaction, a pool or client of your own. */
export interface Queryable {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[]; rowCount: number }>;
  stream?(text: string, values: unknown[]): RowCursor<unknown[]>;
}

export interface RowCursor<Rows> {
  read(rowCount: number): Promise<Rows>;
  close(): Promise<void>;
}

/** A function that pgTyped generates. */
export interface TypedFunction<Params, Row> {
  run: (params: Params, db: Queryable) => Promise<Row[]>;
  stream: (params: Params, db: Queryable) => RowCursor<Row[]>;
}

/** A statement as pgTyped has parsed it. Parameters that stand for several values are a finding of the lint. */
export interface ParsedStatement {
  readonly statement: string;
  readonly usedParamSet: Readonly<Record<string, boolean>>;
  readonly params: readonly { readonly name: string; readonly transform: { readonly type: 'scalar' }; readonly locs: readonly Place[] }[];
}

/** From the first to the last character. */
interface Place {
  readonly a: number;
  readonly b: number;
}

/** The names of the functions by the text that they send. */
const titles = new Map<string, string>();

/** `title`: such as `series.range`. */
export class PreparedQuery<Params, Row> implements TypedFunction<Params, Row> {
  /** With $1, $2, … for the parameters. */
  readonly text: string;
  readonly #names: readonly string[];

  constructor({ statement, usedParamSet, params }: ParsedStatement, readonly title: string) {
    const used = params.filter(({ name }) => name in usedParamSet);
    this.#names = used.map(({ name }) => name);
    const places = used.flatMap(({ locs }, index) => locs.map((place) => ({ ...place, number: `$${index + 1}` })));
    let [text, at] = ['', 0];
    for (const { a, b, number } of places.sort((one, other) => one.a - other.a)) {
      text += statement.slice(at, a) + number;
      at = b + 1;
    }
    this.text = text + statement.slice(at);
    titles.set(this.text, title);
  }

  readonly run = async (params: Params, db: Queryable): Promise<Row[]> => (await this.runWithCounts(params, db)).result;

  readonly runWithCounts = async (params: Params, db: Queryable): Promise<{ result: Row[]; rowCount: number }> => {
    try {
      const { rows, rowCount } = await db.query(this.text, this.#values(params));
      return { result: withoutHints(rows as Row[]), rowCount };
    } catch (error) {
      throw traced(error);
    }
  };

  readonly stream = (params: Params, db: Queryable): RowCursor<Row[]> => {
    if (!db.stream) throw new Error('This connection cannot stream: use the function stream.');
    const cursor = db.stream(this.text, this.#values(params));
    return { read: async (rowCount) => withoutHints((await cursor.read(rowCount)) as Row[]), close: () => cursor.close() };
  };

  #values(params: Params): unknown[] {
    return this.#names.map((name) => (params as Record<string, unknown>)[name]);
  }
}

/** Names the columns `"close!"` and `"close?"` as the type does. Our own connections have done so before. */
function withoutHints<Row>(rows: Row[]): Row[] {
  const hinted = Object.keys(rows[0] ?? {}).filter((name) => /[!?]$/.test(name));
  for (const row of hinted.length > 0 ? (rows as Record<string, unknown>[]) : []) {
    for (const name of hinted) {
      row[name.slice(0, -1)] = row[name];
      delete row[name];
    }
  }
  return rows;
}

/** The name of the typed function that sends a statement. */
export function titleOfText(text: string): string | undefined {
  return titles.get(text);
}

/** The name of a typed function; one that is not of this package has none. */
export function titleOfFunction(query: unknown): string {
  return query instanceof PreparedQuery ? query.title : 'The query';
}
