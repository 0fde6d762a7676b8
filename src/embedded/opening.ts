/**
 * What a client's transaction has begun with, as long as that is nothing but locks of tables. Such a transaction makes way
 * for others until it goes on. It has seen nothing yet, so it cannot tell that they come before it; and who locks tables as well
 * waits for its end, for they may keep each other off with it. graphile-migrate's `watch` keeps one open while another connection
 * migrates.
 */

import type { Engine } from './engine.js';
import { query, splitMessages, sqlOf, typeOf, type TransactionStatus } from './protocol.js';
import { statements } from './sql.js';

export class Opening {
  #queries: Buffer[] = [];
  /** The client is in the transaction and the engine is not: it begins again when the client goes on. */
  #isAside = false;

  get isEmpty(): boolean {
    return this.#queries.length === 0;
  }

  get isAside(): boolean {
    return this.#isAside;
  }

  get locksTables(): boolean {
    return this.#queries.some((message) => locksTables(sqlOf(message)));
  }

  /** Takes note of a message and its answer. */
  note(message: Buffer, answer: Buffer[], before: TransactionStatus, after: TransactionStatus): void {
    const opens = after === 'T' && typeOf(message) === 'Q' && (before === 'I' || !this.isEmpty);
    const hasOnlyOpened = opens && [...splitMessages(answer)].every(({ type, body }) =>
      type === 'Z' || type === 'N' || (type === 'C' && /^(BEGIN|START TRANSACTION|LOCK TABLE)\0/.test(body.toString('latin1'))));
    this.#queries = hasOnlyOpened ? [...this.#queries, Buffer.from(message)] : [];
  }

  stepAside(engine: Engine): void {
    engine.exec(query('rollback'));
    this.#isAside = true;
  }

  /** Begins the transaction again, when it stands aside. Returns the answers of the engine. */
  goOn(engine: Engine): Buffer[][] {
    const answers = this.#isAside ? this.#queries.map((message) => engine.exec(message)) : [];
    this.#isAside = false;
    return answers;
  }

  /** The client will not go on. */
  giveUp(): void {
    this.#isAside = false;
  }
}

/** Whether a statement of a query is LOCK TABLE. */
export function locksTables(sql: string): boolean {
  return /lock/i.test(sql) && [...statements(sql)].some(([first]) => first?.kind === 'word' && first.text === 'lock');
}
