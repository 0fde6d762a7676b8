/** The file of rejected rows: one JSON object a line, only there when a row was rejected. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ImportError } from '../errors.js';
import { messageOf } from './input.js';
import type { Reject } from './series.js';

const BUFFERED = 64 * 1024;

/**
 * Writes `<folder>/<source>.ndjson`. The file of an earlier import goes when this one begins. Writing is synchronous: a
 * file of rejects only must not pile up in memory.
 */
export class RejectFile {
  readonly path: string;
  count = 0;
  #lines = '';
  #descriptor: number | undefined;

  constructor(private readonly folder: string, source: string) {
    this.path = join(folder, `${source}.ndjson`);
    this.#attempt(() => rmSync(this.path, { force: true }));
  }

  write(reject: Reject): void {
    this.count++;
    const { file, line, element, byte, reason, raw } = reject;
    this.#lines += `${JSON.stringify({ file, line, element, byte, reason, raw })}\n`;
    if (this.#lines.length > BUFFERED) this.#flush();
  }

  close(): void {
    if (this.#lines !== '') this.#flush();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #flush(): void {
    this.#attempt(() => {
      if (this.#descriptor === undefined) {
        mkdirSync(this.folder, { recursive: true });
        this.#descriptor = openSync(this.path, 'w');
      }
      writeSync(this.#descriptor, this.#lines);
    });
    this.#lines = '';
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (cause) {
      throw new ImportError('IMPORT_DIRECTORY', `The rejected rows cannot be written to ${this.path}: ${messageOf(cause)}.`,
        'Give a folder that can be written to.', { cause });
    }
  }
}
