/**
 * COPY FROM STDIN. The engine does not survive it, because it has no connection to read the data from. So the server
 * recognises the statement, collects the data in a file, and lets the engine copy from that instead.
 */

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Token {
  kind: 'word' | 'string' | 'symbol';
  /** The token as written; words in lower case. */
  text: string;
  start: number;
  end: number;
}

const tokenPattern =
  /(?<space>\s+|--[^\n]*)|(?<open>\/\*)|(?<string>[eE]'(?:[^'\\]|\\.|'')*'?|'(?:[^']|'')*'?)|(?<quoted>"(?:[^"]|"")*"?)|(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<symbol>[^])/uy;

/** Cuts SQL into tokens, leaving out space and comments. */
function* tokens(sql: string): Generator<Token> {
  const pattern = new RegExp(tokenPattern);
  for (let start = 0; start < sql.length;) {
    pattern.lastIndex = start;
    const match = pattern.exec(sql);
    const found = match?.groups;
    if (!match || !found) return;
    let end = pattern.lastIndex;
    if (found['open'] !== undefined) end = endOfComment(sql, start);
    else if (found['dollar'] !== undefined) {
      const close = sql.indexOf(found['dollar'], end);
      end = close < 0 ? sql.length : close + found['dollar'].length;
      yield { kind: 'string', text: sql.slice(start, end), start, end };
    } else if (found['word'] !== undefined) yield { kind: 'word', text: found['word'].toLowerCase(), start, end };
    else if (found['string'] !== undefined) yield { kind: 'string', text: found['string'], start, end };
    else if (found['space'] === undefined) yield { kind: 'symbol', text: match[0], start, end };
    start = end;
  }
}

/** Comments nest. */
function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  for (let depth = 0; ;) {
    const match = mark.exec(sql);
    if (!match) return sql.length;
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
}

function* statements(sql: string): Generator<Token[]> {
  let statement: Token[] = [];
  let depth = 0;
  for (const token of tokens(sql)) {
    if (token.kind === 'symbol') {
      if (token.text === '(') depth++;
      if (token.text === ')') depth--;
      if (token.text === ';' && depth <= 0) {
        if (statement.length > 0) yield statement;
        statement = [];
        continue;
      }
    }
    statement.push(token);
  }
  if (statement.length > 0) yield statement;
}

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
  readonly #folder = mkdtempSync(join(tmpdir(), 'btcdb-copy-'));
  readonly #path = join(this.#folder, 'data');
  readonly #file = openSync(this.#path, 'w+', 0o600);
  #waiting: Buffer[] = [];
  #waitingLength = 0;

  write(data: Buffer): void {
    this.#waiting.push(data);
    this.#waitingLength += data.length;
    if (this.#waitingLength >= bufferLength) this.#flush();
  }

  /** The open file with everything in it. */
  finish(): number {
    this.#flush();
    return this.#file;
  }

  remove(): void {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #flush(): void {
    const data = Buffer.concat(this.#waiting, this.#waitingLength);
    this.#waiting = [];
    this.#waitingLength = 0;
    for (let at = 0; at < data.length;) at += writeSync(this.#file, data, at);
  }
}
