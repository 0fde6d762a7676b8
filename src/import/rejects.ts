/** The file of rejected rows: one JSON object a line, only there when a row was rejected. */
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ImportError } from '../errors/catalogue.js';
import { visible, messageOf } from '../errors/messages.js';
import type { Reject } from './series.js';

const BUFFERED = 64 * 1024;
/** Rows that are reported without a look into the file. */
const FIRST = 5;

/**
 * Writes `<folder>/<source>.ndjson`. The file of an earlier import goes when this one begins. Writing is synchronous: a
 * file of rejects only must not pile up in memory.
 */
export class RejectFile {
  readonly path: string;
  /** Rows rejected so far. */
  count = 0;
  /** The first of them. */
  readonly first: Reject[] = [];
  /** Rows of them that are in the file. */
  written = 0;
  #lines = '';
  #bytes = 0;
  #descriptor: number | undefined;

  /** Without a folder the rows are only counted. */
  constructor(private readonly folder: string | undefined, source: string) {
    this.path = join(folder ?? '', `${source}.ndjson`);
    if (folder !== undefined) this.#attempt(() => rmSync(this.path, { force: true }));
  }

  write(reject: Reject): void {
    this.count++;
    if (this.first.length < FIRST) this.first.push(reject);
    if (this.folder === undefined) return;
    const { file, line, element, byte, reason, raw } = reject;
    // JSON leaves some control characters as they are, and a terminal may obey them.
    this.#lines += `${visible(JSON.stringify({ file, line, element, byte, reason, raw }))}\n`;
    if (this.#lines.length > BUFFERED) this.#flush();
  }

  close(): void {
    try {
      if (this.#lines !== '') this.#flush();
    } finally {
      const descriptor = this.#descriptor;
      this.#descriptor = undefined;
      // Some file systems find out only now that there is no room.
      if (descriptor !== undefined) this.#attempt(() => closeSync(descriptor));
    }
  }

  #flush(): void {
    const lines = Buffer.from(this.#lines);
    this.#lines = '';
    this.#attempt(() => {
      if (this.#descriptor === undefined) {
        mkdirSync(dirname(this.path), { recursive: true });
        this.#descriptor = openSync(this.path, 'w');
      }
      try {
        writeAll(this.#descriptor, lines);
      } catch (error) {
        // Half a line would make the file unreadable.
        ftruncateSync(this.#descriptor, this.#bytes);
        throw error;
      }
    });
    this.#bytes += lines.length;
    this.written = this.count;
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (cause) {
      throw new ImportError('IMPORT_DIRECTORY', `The rejected rows cannot be written to ${this.path}: ${messageOf(cause)}.`,
        'Make room, or give a folder that can be written to, and import again.', { cause });
    }
  }
}

/** A disk that is nearly full takes only a part; what it says about the rest counts. */
function writeAll(descriptor: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) {
    const count = writeSync(descriptor, bytes, done);
    if (count === 0) throw new Error(`only ${done} of ${bytes.length} bytes could be written`);
    done += count;
  }
}
