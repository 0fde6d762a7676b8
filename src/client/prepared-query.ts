/**
 * What the generated functions are made of: pgTyped's queries, with a name, and with promises that lead back to whoever awaits
 * them. pgTyped's own class does the same from its runtime, which loads a parser of SQL with each process: half of the start.
 */
import pg, { type QueryArrayConfig, type QueryArrayResult } from 'pg';
import { traced } from '../errors/stack.js';

/** How pg writes a parameter; its types do not know of it. */
export const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => string | Buffer | null } }).utils;

/** What a typed function sends its statement to: a database, the client of a transaction, a pool or client of your own. */
export interface Queryable {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[]; rowCount: number }>;
  stream?(text: string, values: unknown[]): RowCursor<unknown[]>;
}

/** What it is behind that. */
interface Asked {
  query(config: QueryArrayConfig): Promise<QueryArrayResult>;
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
  readonly #parsed: ParsedStatement;

  constructor(parsed: ParsedStatement, readonly title: string) {
    this.#parsed = parsed;
    this.#names = usedParams(parsed).map(({ name }) => name);
    this.text = textOf(parsed, (index) => `$${index + 1}`);
    titles.set(this.text, title);
  }

  /** The statement with its parameters as literals, for COPY, which takes none. */
  textWith(params: Params): string {
    const literals = this.#values(params).map((value) => prepareValue(value)).map((value) => (value === null ? 'null' : pg.escapeLiteral(String(value))));
    return textOf(this.#parsed, (index) => literals[index]!);
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

  /** What pg gives for it, with other options of pg. */
  readonly runAs = async ({ rowMode, types }: Pick<QueryArrayConfig, 'rowMode' | 'types'>, params: Params, db: Queryable): Promise<QueryArrayResult> => {
    try {
      return await (db as unknown as Asked).query({ rowMode, types, text: this.text, values: this.#values(params) });
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

function usedParams({ params, usedParamSet }: ParsedStatement): ParsedStatement['params'] {
  return params.filter(({ name }) => name in usedParamSet);
}

/** The statement with something else in the places of its parameters, which are known from parsing it. */
function textOf(parsed: ParsedStatement, parameter: (index: number) => string): string {
  const places = usedParams(parsed).flatMap(({ locs }, index) => locs.map((place) => ({ ...place, index })));
  let [text, at] = ['', 0];
  for (const { a, b, index } of places.sort((one, other) => one.a - other.a)) {
    text += parsed.statement.slice(at, a) + parameter(index);
    at = b + 1;
  }
  return text + parsed.statement.slice(at);
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
