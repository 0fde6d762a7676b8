/**
 * COPY FROM STDIN. The engine does not survive it, because it has no connection to read the data from. So the server
 * recognises the statement, collects the data in a file, and lets the engine copy from that instead.
 */

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErrorFields } from './protocol.js';
import { copyNotKept } from './refusals.js';
import { statements, type Token } from './sql.js';

/** Where STDIN stands in a COPY … FROM STDIN, or -1. */
function stdinAt(statement: Token[]): number {
  if (statement[0]?.kind !== 'word' || statement[0].text !== 'copy') return -1;
  let depth = 0;
  for (const [i, { kind, text }] of statement.entries()) {
    if (kind === 'symbol' && text === '(') depth++;
    if (kind === 'symbol' && text === ')') depth--;
    const next = statement[i + 1];
    if (depth === 0 && kind === 'word' && text === 'from' && next?.kind === 'word' && next.text === 'stdin')
      return i + 1;
  }
  return -1;
}

export interface CopyFromStdin {
  /** Whether the query text holds nothing but this statement. */
  alone: boolean;
  /** Whether the data are in the binary format. */
  binary: boolean;
  /** The same statement, reading from a file of the engine. */
  from(file: string): string;
}

/** Finds a COPY FROM STDIN in the text of a query. */
export function findCopyFromStdin(sql: string): CopyFromStdin | undefined {
  if (!/copy/i.test(sql) || !/stdin/i.test(sql)) return undefined;
  const all = [...statements(sql)];
  for (const statement of all) {
    const at = stdinAt(statement);
    if (at < 0) continue;
    const stdin = statement[at]!;
    const isBinary = ({ kind, text }: Token): boolean => kind !== 'symbol' && /^'?binary'?$/i.test(text);
    const oldStyle = isBinary(statement[1]!) && statement[2]?.text !== 'from' && statement[2]?.text !== '(';
    return {
      alone: all.length === 1,
      binary: oldStyle || statement.slice(at + 1).some(isBinary),
      from: (file) => `${sql.slice(0, stdin.start)}'${file}'${sql.slice(stdin.end)}`,
    };
  }
  return undefined;
}

const bufferLength = 256 * 1024;

/** Collects the data of one COPY on disk, so that memory stays flat however much it is. */
export class CopySpool {
  #folder: string | undefined;
  #file: number | undefined;
  /** Why the data cannot be kept; what still comes of them counts for nothing. */
  #failure: unknown;
  #waiting: Buffer[] = [];
  #waitingLength = 0;

  write(data: Buffer): void {
    this.#waiting.push(data);
    this.#waitingLength += data.length;
    if (this.#waitingLength >= bufferLength) this.#flush();
  }

  /** The open file with everything in it, or why there is none. */
  finish(): number | ErrorFields {
    this.#flush();
    return this.#failure === undefined && this.#file !== undefined ? this.#file : copyNotKept(this.#failure);
  }

  remove(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #flush(): void {
    const data = Buffer.concat(this.#waiting, this.#waitingLength);
    this.#waiting = [];
    this.#waitingLength = 0;
    if (this.#failure !== undefined) return;
    try {
      this.#folder ??= mkdtempSync(join(tmpdir(), 'btcdb-copy-'));
      this.#file ??= openSync(join(this.#folder, 'data'), 'w+', 0o600);
      for (let at = 0; at < data.length;) at += writeSync(this.#file, data, at);
    } catch (error) {
      this.#failure = error;
    }
  }
}
