/**
 * PostgreSQL's text format of COPY as lines of JSON or as CSV, from bytes to bytes: a row that became an object, and its values
 * strings, would take several times as long as the database takes to send it.
 *
 * @see https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
import { types } from 'btc-dashboard-db';
import type { EndpointColumn } from 'btc-dashboard-db/endpoints';

const [tab, newline, backslash, quote, space, plus, dot, zero] = [...'\t\n\\" +.0'].map((character) => character.charCodeAt(0)) as [
  number, number, number, number, number, number, number, number,
];
const [lowT, bigN] = [...'tN'].map((character) => character.charCodeAt(0)) as [number, number];

const bytesOf = (text: string): Buffer => Buffer.from(text);
const no = bytesOf('false');
const yes = bytesOf('true');
const nothing = bytesOf('null');

/** How a column is written. `exact`: digits, which JSON has as a text; `parsed`: by way of a value. */
type Kind = 'plain' | 'exact' | 'boolean' | 'time' | 'text' | 'parsed';

function kindOf(type: string): Kind {
  switch (type.replace(/\(.*\)/, '')) {
    case 'integer':
    case 'smallint':
      return 'plain';
    case 'numeric':
    case 'bigint':
      return 'exact';
    case 'boolean':
      return 'boolean';
    case 'timestamp with time zone':
      return 'time';
    case 'json':
    case 'jsonb':
    case 'real':
    case 'double precision':
      return 'parsed';
    default:
      return type.endsWith('[]') ? 'parsed' : 'text';
  }
}

/** Of types whose values are not their texts. Elements of arrays are taken as texts. */
const oids: Readonly<Record<string, number>> = { json: 114, jsonb: 3802, real: 700, 'double precision': 701 };
const textArray = 1009;
const timestamptz = 1184;

const parse = (oid: number, text: string): unknown => (types.getTypeParser as (oid: number) => (text: string) => unknown)(oid)(text);

export class CopyFormatter {
  readonly #isJson: boolean;
  readonly #kinds: readonly Kind[];
  readonly #columns: readonly EndpointColumn[];
  /** What stands before each column: `{"name":`, or a comma. */
  readonly #starts: readonly Buffer[];
  /** What ends a line. */
  readonly #end: Buffer;
  #out = Buffer.allocUnsafe(1 << 18);
  #at = 0;
  /** The beginning of a row whose end has not come yet. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(format: 'application/x-ndjson' | 'text/csv', columns: readonly EndpointColumn[]) {
    this.#isJson = format === 'application/x-ndjson';
    this.#columns = columns;
    this.#kinds = columns.map(({ type }) => kindOf(type));
    this.#starts = columns.map(({ name }, i) => bytesOf(this.#isJson ? `${i === 0 ? '{' : ','}${JSON.stringify(name)}:` : i === 0 ? '' : ','));
    this.#end = bytesOf(this.#isJson ? '}\n' : '\r\n');
  }

  /** The rows that are whole after this piece. */
  format(piece: Buffer): Buffer {
    const all = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const end = all.lastIndexOf(newline) + 1;
    this.#rest = Buffer.from(all.subarray(end));
    this.#at = 0;
    for (let at = 0; at < end;) at = this.#row(all, at);
    return Buffer.from(this.#out.subarray(0, this.#at));
  }

  /** Writes the row that begins at `at`, and says where the next one does. */
  #row(input: Buffer, at: number): number {
    const last = this.#kinds.length - 1;
    for (let column = 0; column <= last; column++) {
      this.#write(this.#starts[column]!);
      const ends = column === last ? newline : tab;
      let to = at;
      while (input[to] !== ends) to++;
      // A byte of text becomes six at most: \u0001.
      this.#reserve(6 * (to - at) + 32);
      if (to - at === 2 && input[at] === backslash && input[at + 1] === bigN) {
        if (this.#isJson) this.#write(nothing);
      } else this.#field(input, at, to, column);
      at = to + 1;
    }
    this.#write(this.#end);
    return at;
  }

  #field(input: Buffer, from: number, to: number, column: number): void {
    const isJson = this.#isJson;
    switch (this.#kinds[column]!) {
      case 'plain':
        return this.#copy(input, from, to);
      case 'exact':
        if (isJson) this.#out[this.#at++] = quote;
        this.#copy(input, from, to);
        if (isJson) this.#out[this.#at++] = quote;
        return;
      case 'boolean':
        return this.#write(input[from] === lowT ? yes : no);
      case 'time':
        if (isJson) this.#out[this.#at++] = quote;
        this.#time(input, from, to);
        if (isJson) this.#out[this.#at++] = quote;
        return;
      case 'text':
        return this.#write(bytesOf((isJson ? JSON.stringify : cell)(unescaped(input, from, to))));
      case 'parsed': {
        const { type } = this.#columns[column]!;
        const json = JSON.stringify(parse(oids[type] ?? textArray, unescaped(input, from, to)));
        return this.#write(bytesOf(isJson ? json : cell(json)));
      }
    }
  }

  /** `2026-01-31 12:34:56.7+00` as `2026-01-31T12:34:56.700Z`. */
  #time(input: Buffer, from: number, to: number): void {
    const length = to - from;
    if (length < 22 || length > 26 || input[from + 10] !== space || input[to - 3] !== plus || (length > 22 && input[from + 19] !== dot)) {
      return this.#write(bytesOf((parse(timestamptz, input.toString('latin1', from, to)) as Date).toISOString()));
    }
    this.#copy(input, from, to - 3);
    const out = this.#out;
    out[this.#at - (length - 3) + 10] = 0x54; // T
    if (length === 22) out[this.#at++] = dot;
    for (let digits = length === 22 ? 0 : length - 23; digits < 3; digits++) out[this.#at++] = zero;
    out[this.#at++] = 0x5a; // Z
  }

  #copy(input: Buffer, from: number, to: number): void {
    const out = this.#out;
    let at = this.#at;
    for (let i = from; i < to; i++) out[at++] = input[i]!;
    this.#at = at;
  }

  #write(bytes: Buffer): void {
    if (bytes.length > 64) this.#reserve(bytes.length + 32);
    const out = this.#out;
    let at = this.#at;
    for (let i = 0; i < bytes.length; i++) out[at++] = bytes[i]!;
    this.#at = at;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#out.length) return;
    const larger = Buffer.allocUnsafe(2 * this.#out.length + bytes);
    this.#out.copy(larger, 0, 0, this.#at);
    this.#out = larger;
  }
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unescaped(input: Buffer, from: number, to: number): string {
  const text = input.toString('utf8', from, to);
  return text.includes('\\') ? text.replace(/\\(.)/g, (_, character: string) => escapes[character] ?? character) : text;
}

/** A cell of CSV (RFC 4180). Nothing is an empty cell, an empty text is "". */
const cell = (text: string): string => (text === '' ? '""' : /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
