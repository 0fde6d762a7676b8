/** What is noted of each statement that a client sends: how long it takes, and whether it fails. */
import type { QueryResult } from 'pg';
import { codeOf } from '../errors/catalogue.js';
import { isConnectionLoss, lostConnection } from '../errors/connection-errors.js';
import { ofStatement, setFrames, type Caller } from '../errors/stack.js';
import { titleOfText } from './prepared-query.js';
import { watched } from './watched.js';

/** A statement that is done, for logs and measurements. */
export interface QueryEvent {
  /** The typed function, such as `series.range`; absent for a statement of your own. */
  readonly name: string | undefined;
  /** Its text. Parameters are not shown: they may hold what no log should. */
  readonly text: string;
  /** From sending it to its last row, ms. */
  readonly ms: number;
  /** Rows that it returned or changed. */
  readonly rows: number;
  readonly error: unknown;
}

/** A statement that failed. */
export interface FailedStatement {
  /** The typed function, or how the statement begins. */
  readonly title: string;
  readonly error: unknown;
}

/** What statements tell the client that sends them. */
export interface Observer {
  /** Why the connection is gone, once it is. */
  loss: Error | undefined;
  /** What made the transaction fail. */
  failure: FailedStatement | undefined;
  readonly onQuery: ((event: QueryEvent) => void) | undefined;
  readonly signal: AbortSignal | undefined;
  getTransactionStatus(): string | null;
}

type Counted = Pick<QueryResult, 'rowCount'>;

/** One statement under way. */
export class Statement {
  readonly #started: number;

  constructor(
    private readonly observer: Observer,
    private readonly text: string,
    /** Where nobody awaits it. */
    private readonly caller?: Caller,
  ) {
    this.#started = observer.onQuery === undefined ? 0 : performance.now();
  }

  succeed(result: Counted | readonly Counted[]): void {
    if (this.observer.getTransactionStatus() === 'T') this.observer.failure = undefined;
    this.#report(result, undefined);
  }

  /** Returns the error to pass on. */
  fail(cause: Error): Error {
    const error = this.#explain(cause);
    // Of a transaction the first counts: those after it fail because of it.
    if (this.observer.getTransactionStatus() === 'I' || !this.observer.failure) this.observer.failure = { title: this.#title, error };
    this.#report({ rowCount: 0 }, error);
    return error;
  }

  #explain(cause: Error): Error {
    const { observer } = this;
    const lost = isConnectionLoss(cause);
    if (lost) observer.loss ??= cause;
    if (observer.signal?.aborted && (lost || codeOf(cause) === '57014')) return observer.signal.reason as Error;
    const error = lost ? lostConnection(observer.loss ?? cause, { inTransaction: observer.getTransactionStatus() !== 'I' }) : cause;
    // It only says that something before it has failed.
    if (codeOf(error) === '25P02' && observer.failure !== undefined) error.cause ??= observer.failure.error;
    const name = titleOfText(this.text);
    if (name !== undefined) Object.defineProperty(error, 'queryName', { value: name, enumerable: true, configurable: true });
    if (this.caller !== undefined) setFrames(error, this.caller);
    return ofStatement(error);
  }

  get #title(): string {
    const name = titleOfText(this.text);
    if (name !== undefined) return name;
    const start = this.text.trim().replace(/\s+/g, ' ');
    return start.length > 80 ? `${start.slice(0, 80)}…` : start;
  }

  #report(result: Counted | readonly Counted[], error: unknown): void {
    const { onQuery } = this.observer;
    if (onQuery === undefined) return;
    const [ms, rows] = [performance.now() - this.#started, rowsOf(result)];
    watched(onQuery, { name: titleOfText(this.text), text: this.text, ms, rows, error });
  }
}

/** Rows that a result returned or changed; of several statements in one text, all together. */
function rowsOf(result: Counted | readonly Counted[]): number {
  return [result].flat().reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
}
