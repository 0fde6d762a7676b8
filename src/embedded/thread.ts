/** The engine's thread, as whoever starts it sees it. */

import { Worker } from 'node:worker_threads';
import { EmbeddedError } from '../errors/catalogue.js';
import { remedyFor } from './database.js';
import type { CreateJob, FromWorker, ServeJob, ToWorker } from './worker.js';

/**
 * The stack of the engine's thread. Compiled code needs several times the stack that PostgreSQL counts: with this much,
 * recursion without end meets max_stack_depth (2 MB) first and is an error of its statement.
 */
const stackSizeMb = 64;

/** A worker thread and what it says. It keeps the process alive only while somebody waits for an answer. */
export class EngineThread {
  readonly #worker: Worker;
  #failure: EmbeddedError | undefined;
  #listeners = new Set<(message: FromWorker) => void>();
  #waiting = 0;

  constructor(job: CreateJob | ServeJob) {
    const archive = job.job === 'serve' ? job.archive : undefined;
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: job,
      transferList: archive ? [archive.buffer as ArrayBuffer] : [],
      resourceLimits: { stackSizeMb },
      // Options of the process such as --input-type or --inspect are not meant for it.
      execArgv: [],
    });
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.#worker.on('error', (error) =>
      this.#hear({ is: 'failed', message: error.message, code: undefined, final: true }),
    );
    this.#worker.on('exit', () => this.#hear({ is: 'failed', message: 'it has ended', code: undefined, final: true }));
  }

  /** Asks for something and waits for the answer of that kind. */
  async ask<K extends FromWorker['is']>(message: ToWorker, kind: K): Promise<FromWorker & { is: K }> {
    if (this.#failure) throw this.#failure;
    const answer = this.next(kind);
    this.#worker.postMessage(message);
    return answer;
  }

  /** The next message of a kind. Rejects when the thread fails. */
  async next<K extends FromWorker['is']>(kind: K): Promise<FromWorker & { is: K }> {
    this.#waiting++;
    this.#worker.ref();
    try {
      return await new Promise((done, fail) => {
        const listener = (message: FromWorker): void => {
          if (message.is === 'failed') fail(toError(message));
          else if (message.is === kind) done(message as FromWorker & { is: K });
          else return;
          this.#listeners.delete(listener);
        };
        this.#listeners.add(listener);
      });
    } finally {
      if (--this.#waiting === 0) this.#worker.unref();
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #hear(message: FromWorker): void {
    if (message.is === 'failed' && message.final) this.#failure ??= toError(message);
    for (const listener of [...this.#listeners]) listener(message);
  }
}

function toError({ message, code }: { message: string; code: string | undefined }): EmbeddedError {
  const hint =
    code === 'EADDRINUSE' ? 'The port is taken: choose another one, or 0 for any free one.' : remedyFor(code);
  return new EmbeddedError('EMBEDDED_FAILED', `The embedded database engine failed: ${message}`, hint);
}
