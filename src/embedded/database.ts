/** One database of a server: an engine of its own, which its clients queue for. */

import { codeOf } from '../errors/catalogue.js';
import type { Engine } from './engine.js';
import type { DataPlace } from './folder.js';
import type { ErrorFields } from './protocol.js';
import { Queue } from './queue.js';
import type { Session } from './session.js';

export interface DatabaseOptions {
  name: string;
  /** Starts the engine: when a client asks for something that needs it. */
  open: () => Promise<Engine>;
  /** Where its files are; in memory when absent. */
  place?: DataPlace | undefined;
  /** What it starts from in memory. */
  files?: Buffer | undefined;
  waitTimeoutMs: number;
  /** Told once when the engine has broken. The other databases go on. */
  onDeath?: (death: Error) => void;
}

export class Database {
  readonly name: string;
  readonly place: DataPlace | undefined;
  readonly queue: Queue<Session | symbol>;
  readonly sessions = new Set<Session>();
  /** Who has locked tables in a transaction that makes way for others. */
  tableLocker: Session | undefined;
  /** It is being dropped: nobody may connect any more. */
  isClosing = false;
  readonly #options: DatabaseOptions;
  #waiting: (() => void)[] = [];
  #engine: Engine | undefined;
  #starting: Promise<void> | undefined;
  /** The names that the engine has in its catalog. */
  #listed = '';

  constructor(options: DatabaseOptions) {
    this.name = options.name;
    this.place = options.place;
    this.queue = new Queue(options.waitTimeoutMs);
    this.#options = options;
  }

  /** A copy of what it starts from in memory, as long as it has not been started. */
  get unusedFiles(): Buffer | undefined {
    return this.#starting ? undefined : this.#options.files && Buffer.from(this.#options.files);
  }

  /** Whether the engine was started and has not broken. */
  get isRunning(): boolean {
    return this.#engine !== undefined && !this.#engine.death;
  }

  /** Why the engine cannot answer any more. */
  get death(): Error | undefined {
    return this.#engine?.death;
  }

  /** The engine, once it was started. */
  get engine(): Engine {
    return this.#engine!;
  }

  /** Starts the engine, unless it runs. */
  start(): Promise<void> {
    this.#starting ??= this.#options.open().then(
      (engine) => {
        this.#engine = engine;
        engine.locks.onRelease = () => this.wake();
      },
      (error: unknown) => {
        this.#starting = undefined;
        throw error;
      },
    );
    return this.#starting;
  }

  unlockTables(session: Session): void {
    if (this.tableLocker !== session) return;
    this.tableLocker = undefined;
    this.wake();
  }

  /** Resolves when a lock may have been released, or a client that waits for one leaves. */
  release(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Shows these databases in the catalog. No transaction may be open. */
  list(names: readonly string[]): void {
    const listed = names.join('\0');
    if (listed !== this.#listed) this.engine.listDatabases(names);
    this.#listed = listed;
  }

  /**
   * Runs work of the server itself while no client is in a transaction. When the wait is a patient one it may be long,
   * else the answer is undefined when a client is idle in its transaction.
   */
  async exclusively<R>(work: () => R, options?: { patient: boolean }): Promise<R | undefined> {
    const self = Symbol('server');
    if (!this.engine.death && !(await this.queue.enter(self, options))) return undefined;
    try {
      return work();
    } finally {
      this.queue.leave(self);
    }
  }

  /** Gives the engine up after an error in its midst. */
  fail(error: unknown): void {
    if (!this.#engine) {
      this.kick({ code: 'XX000', message: `cannot open the database "${this.name}": ${(error as Error).message}` });
      return;
    }
    const isNews = !this.#engine.death;
    const death = this.#engine.abandon(error);
    this.kick(deathNotice(death));
    if (isNews) this.#options.onDeath?.(death);
  }

  /** Sends the clients away. */
  kick(error: ErrorFields): void {
    for (const session of [...this.sessions]) session.kick(error);
  }

  /** Ends the engine, if it runs. */
  async close(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    await this.#engine?.close();
  }
}

/** What clients hear when the engine has broken. */
export const deathNotice = (death: Error): ErrorFields => ({
  code: '57P02',
  message: death.message,
  hint: remedyFor(codeOf(death)),
});

/** How an engine that has ended, or could not begin, is brought back. */
export function remedyFor(code: string | undefined): string {
  return code === '53100' || code === 'ENOSPC'
    ? 'The disk is full: make room, then start the embedded database again. What was committed is kept.'
    : 'Start the embedded database again.';
}
