import { createHash } from 'node:crypto';
import pg, { type ClientConfig, type Connection, type QueryArrayConfig, type QueryConfig, type QueryResult, type Submittable } from 'pg';
import { caller, traced, type Caller } from '../errors/stack.js';
import { prepareValue } from './prepared-query.js';
import { Statement, type FailedStatement, type Observer, type QueryEvent } from './statement.js';

export interface TypedClientConfig extends ClientConfig {
  /** Whether statements with parameters are named from their second use on. Default true. */
  prepareStatements?: boolean | undefined;
  /** Told of each statement when it is done. */
  onQuery?: ((event: QueryEvent) => void) | undefined;
}

type Callback = (error: Error | null, result?: unknown) => void;

/** How long a cancelled statement may go on before its connection is cut, ms. */
const patience = 5000;

/**
 * The client of all connections. Beside what pg's own does:
 *
 * - The loss of the connection rejects what waits for an answer, and never ends the process.
 * - Errors have the stack that leads to whoever asked, and the name of the typed function.
 * - A statement with parameters that comes again gets a name, so that the server parses it once for each connection and
 *   plans it a few times.
 * - Columns lose pgTyped's hints, `"close!"` and `"close?"`, once in the description of the result. Left in, pgTyped
 *   renames them in each row.
 */
export class TypedClient extends pg.Client implements Observer {
  loss: Error | undefined;
  failure: FailedStatement | undefined;
  readonly onQuery: ((event: QueryEvent) => void) | undefined;
  /** Whether the connection is one session of the server, and not one that a pooler gives to several clients in turn. */
  isSession = true;
  /** Where it is none: settings that each transaction has to make for itself. */
  transactionSettings: Readonly<Record<string, string>> = {};
  prepareStatements: boolean;
  #signal: AbortSignal | undefined;
  #running = 0;

  constructor(config: TypedClientConfig) {
    super(config);
    this.onQuery = config.onQuery;
    this.prepareStatements = config.prepareStatements !== false;
    // A checked-out client has no listener of the pool: without this one the loss of its connection would end the process.
    this.on('error', (error) => {
      this.loss ??= error;
    });
  }

  /** The process of the server that the connection claims to talk to. */
  get processId(): number {
    return (this as unknown as Address).processID ?? -1;
  }

  get signal(): AbortSignal | undefined {
    return this.#signal;
  }

  override query(...args: unknown[]): never {
    const [first, ...rest] = args;
    if (isSubmittable(first)) return this.#submit(this.#watch(first), ...rest) as never;
    const query = queryOf(args, this.prepareStatements, this.isSession);
    const callback = args.find((argument): argument is Callback => typeof argument === 'function');
    return (callback === undefined ? this.#send(query) : this.#run(query, callback, caller())) as never;
  }

  async #send(query: HintedQuery): Promise<unknown> {
    try {
      return await new Promise((resolve, reject) => {
        this.#run(query, (error, result) => (error ? reject(error) : resolve(result)));
      });
    } catch (error) {
      throw traced(error);
    }
  }

  #run(query: HintedQuery, callback: Callback, from?: Caller): void {
    if (this.#signal?.aborted) return void process.nextTick(callback, this.#signal.reason as Error);
    const statement = new Statement(this, query.text, from);
    this.#running++;
    this.#submit(query, (error: Error | null, result: QueryResult) => {
      this.#running--;
      if (error) return callback(statement.fail(error));
      statement.succeed(result);
      callback(null, result);
    });
  }

  #submit(...args: unknown[]): unknown {
    return super.query(...(args as [never]));
  }

  /** Notes what becomes of a COPY or a cursor. */
  #watch(work: Watched): Watched {
    const statement = new Statement(this, work.text ?? '', caller());
    const [fail, end] = [work.handleError.bind(work), work.handleReadyForQuery.bind(work)];
    this.#running++;
    work.handleError = (error, connection) => {
      this.#running--;
      fail(statement.fail(error), connection);
    };
    work.handleReadyForQuery = (connection) => {
      this.#running--;
      statement.succeed({ rowCount: work.rowCount ?? 0 });
      end(connection);
    };
    return work;
  }

  /** Lets a signal end the statements of this client, and refuses more, until what is returned is called. */
  cancelOn(signal: AbortSignal | undefined): () => Promise<void> | undefined {
    if (signal === undefined) return () => undefined;
    let cancelled: Promise<void> | undefined;
    let cut: NodeJS.Timeout | undefined;
    const abort = (): void => {
      if (this.#running === 0) return;
      cancelled = this.#cancel();
      // The embedded engine cannot stop what it does, and a server may be out of reach.
      cut = setTimeout(() => this.#connection.stream.destroy(), patience);
    };
    this.#signal = signal;
    signal.addEventListener('abort', abort);
    return () => {
      signal.removeEventListener('abort', abort);
      clearTimeout(cut);
      this.#signal = undefined;
      // Until the server has dealt with it, it could hit the next statement.
      return cancelled;
    };
  }

  /** Asks the server to end the statement at work; resolves when the server has dealt with that, or cannot be reached. */
  #cancel(): Promise<void> {
    const { host, port, ssl, sslNegotiation, processID, secretKey } = this as unknown as Address;
    const connection = new pg.Connection({ ssl, sslNegotiation } as never) as unknown as CancelConnection;
    const ask = (): void => connection.cancel(processID ?? 0, secretKey);
    connection.on('connect', () => {
      if (!ssl) ask();
      else if (sslNegotiation !== 'direct') connection.requestSsl();
    });
    connection.on('sslconnect', ask);
    return new Promise((done) => {
      const timer = setTimeout(() => connection.stream.destroy(), patience);
      const end = (): void => {
        clearTimeout(timer);
        done();
      };
      connection.on('error', end);
      connection.on('end', end);
      if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
      else connection.connect(port, host);
    });
  }

  get #connection(): Connection {
    return (this as unknown as { connection: Connection }).connection;
  }
}

/** Parts of pg that its types do not have. */
interface Address {
  readonly host: string;
  readonly port: number;
  readonly ssl: unknown;
  readonly sslNegotiation: string;
  /** Null where the server, or what is between, has sent none. */
  readonly processID: number | null;
  readonly secretKey: number;
}

interface CancelConnection extends Connection {
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
}

/** What pg, pg-copy-streams and pg-cursor make of a statement. */
interface Watched extends Submittable {
  readonly text?: string;
  readonly rowCount?: number;
  handleError(error: Error, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
}

const isSubmittable = (given: unknown): given is Watched => typeof (given as Watched | undefined)?.submit === 'function';

interface RowDescription {
  readonly fields: { name: string; readonly format: 'text' | 'binary' }[];
}

/** Takes pgTyped's hints from the names of columns. */
export function dropHints({ fields }: RowDescription): void {
  for (const field of fields) {
    if (field.name.endsWith('!') || field.name.endsWith('?')) field.name = field.name.slice(0, -1);
  }
}

/** What a result knows of its columns, and makes rows with. */
interface Columns {
  fields: RowDescription['fields'];
  _parsers: readonly ((text: string) => unknown)[];
  readonly rowAsArray: boolean;
  readonly _types: unknown;
  parseRow: (values: readonly (string | null)[]) => object;
}

/** The part of pg's result that makes rows. */
interface RowMaker extends Columns {
  readonly rows: unknown[];
}

/** The part of a connection that sends the messages of a query. */
interface Wire {
  bind(message: { portal: string; statement: string; values: unknown; binary: boolean | undefined; valueMapper: unknown }): void;
}

/** The columns of the statements that a connection has prepared. Of such a one PostgreSQL never changes them. */
const described = new WeakMap<Wire, Map<string, Columns>>();

const inherited = pg.Query.prototype as unknown as HintedQuery;
const { Result } = pg as unknown as { Result: new (rowMode: unknown, types: unknown) => RowMaker };

/** pg's own query; what is overridden is the part of it that every submittable has. */
class HintedQuery extends pg.Query {
  declare readonly text: string;
  declare name?: string;
  declare private readonly portal: string;
  declare readonly values: unknown;
  declare private readonly binary: boolean | undefined;
  declare private readonly rows: number | undefined;
  declare private _result: RowMaker;
  declare private _results: RowMaker;
  declare private _canceledDueToError: unknown;
  declare private hasBeenParsed: (connection: Wire) => boolean;
  declare private _getRows: (connection: Wire, rows: number | undefined) => void;
  /** Whether what is prepared stays with the connection. */
  isSession = false;
  #columns: Map<string, Columns> | undefined;

  /** pg takes all of it as one object, which it copies at length. */
  constructor(config: QueryConfig & Partial<Pick<QueryArrayConfig, 'rowMode'>>, values = config.values) {
    super(config.text, values);
    const { rowMode, types } = config;
    Object.assign(this, config, { values, _rowMode: rowMode });
    if (rowMode || types) this._results = this._result = new Result(rowMode, types);
  }

  /** As pg does, but does not have columns described that are known: a message less, and their parsers are there. */
  prepare(connection: Wire): void {
    const { name, _result: result } = this;
    if (name === undefined || !this.isSession) return inherited.prepare.call(this, connection);
    let all = described.get(connection);
    if (!all) described.set(connection, (all = new Map<string, Columns>()));
    const known = all.get(name);
    if (known?._types !== result._types || known?.rowAsArray !== result.rowAsArray || this.rows || !this.hasBeenParsed(connection)) {
      this.#columns = all;
      return inherited.prepare.call(this, connection);
    }
    try {
      connection.bind({ portal: this.portal, statement: name, values: this.values, binary: this.binary, valueMapper: prepareValue });
    } catch {
      // It tells the error.
      return inherited.prepare.call(this, connection);
    }
    result.fields = known.fields;
    result._parsers = known._parsers;
    result.parseRow = known.parseRow;
    this._getRows(connection, undefined);
  }

  handleRowDescription(message: RowDescription): void {
    dropHints(message);
    inherited.handleRowDescription.call(this, message);
    const isText = message.fields.every(({ format }) => format === 'text');
    if (isText && !this._result.rowAsArray) this._result.parseRow = rowMaker(message, this._result._parsers);
    const { fields, _parsers, rowAsArray, _types, parseRow } = this._result;
    if (isText) this.#columns?.set(this.name!, { fields, _parsers, rowAsArray, _types, parseRow });
  }

  /** pg also tells listeners of each row. Here there are none: nobody gets hold of a query. */
  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this._canceledDueToError) return;
    try {
      this._result.rows.push(this._result.parseRow(fields));
    } catch (error) {
      this._canceledDueToError = error;
    }
  }
}

/** As pg makes rows, without asking for each value again what its column is. */
function rowMaker({ fields }: RowDescription, parsers: RowMaker['_parsers']): RowMaker['parseRow'] {
  const names = fields.map(({ name }) => name);
  const empty: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, null]));
  return (values) => {
    const row = { ...empty };
    for (let i = 0; i < names.length; i++) {
      const value = values[i] as string | null;
      if (value !== null) row[names[i] as string] = (parsers[i] as (text: string) => unknown)(value);
    }
    return row;
  };
}

function queryOf([first, second]: readonly unknown[], prepare: boolean, isSession: boolean): HintedQuery {
  const values = Array.isArray(second) ? (second as unknown[]) : undefined;
  const query = new HintedQuery((typeof first === 'string' ? { text: first } : first) as QueryConfig, values);
  if (prepare && query.values !== undefined) query.name ??= nameOf(query.text);
  query.isSession = isSession;
  return query;
}

/** Texts seen, with the name of those that came again. More than this many are not the statements of a program. */
const names = new Map<string, string | undefined>();
const limit = 1000;

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.has(text)) names.set(text, `btcdb_${createHash('sha1').update(text).digest('base64url')}`);
  else if (names.size < limit) names.set(text, undefined);
  return names.get(text);
}
