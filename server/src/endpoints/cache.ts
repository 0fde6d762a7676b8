/** Answers that need not be asked for again: kept here while their rows stay as they are, and what clients are told to keep. */
import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, constants, crc32, createBrotliCompress, createGzip, gzip } from 'node:zlib';
import { operations, type Database } from 'btc-dashboard-db';
import type { CacheRule } from 'btc-dashboard-db/endpoints';

/** Rows of a source that are new or have changed. */
export interface Change {
  readonly sourceId: number;
  readonly from: Date;
  readonly to: Date;
}

/** Tells of changes within a second of their commit, and of moments from which on some may have been missed. */
export interface Changes {
  subscribe(listener: (change: Change | 'missed') => void): () => void;
}

export interface Answer {
  /** As bytes, if it is kept. */
  readonly body: string | Buffer;
  readonly etag: string;
  /** Where the next page is: a Link header. */
  readonly link: string | undefined;
}

/** From when (included) to when (excluded) of a source, ms. */
export interface Range {
  readonly sourceId: number;
  readonly from: number;
  readonly to: number;
}

export type Encoding = 'br' | 'gzip';

interface Entry extends Range {
  readonly answer: Answer;
  readonly until: number;
}

/** An aggregate that is refreshed says nothing of it, so an answer is not kept for longer. */
const keptMs = 60_000;
const mostBytes = 64 << 20;

/** Quick rather than small: an answer is compressed while somebody waits. */
export const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

export const encoderOf = (encoding: Encoding): Transform => (encoding === 'gzip' ? createGzip() : createBrotliCompress(brotliOptions));

/** Tells one state of an answer from the next, and need not withstand anybody: SHA-1 takes ten times as long. */
export const hashOf = (body: string | Buffer): string => `${crc32(body).toString(36)}-${body.length.toString(36)}`;

export const answerOf = (body: string, link?: string): Answer => ({ body, etag: `W/"${hashOf(body)}"`, link });

const compressed = new WeakMap<Answer, Map<Encoding, Promise<Buffer>>>();

/** The body in an encoding. Of an answer that is kept it is made once. */
export function encodedBody(answer: Answer, encoding: Encoding): Promise<Buffer> {
  let encodings = compressed.get(answer);
  if (!encodings) compressed.set(answer, (encodings = new Map<Encoding, Promise<Buffer>>()));
  let bytes = encodings.get(encoding);
  if (!bytes) {
    bytes = encoding === 'gzip' ? promisify(gzip)(answer.body) : promisify(brotliCompress)(answer.body, brotliOptions);
    encodings.set(encoding, bytes);
  }
  return bytes;
}

/** Answers for ranges of single sources. Changes are listened for while there are some. */
export class AnswerCache {
  readonly #changes: Changes;
  readonly #idleMs: number;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #unsubscribe: (() => void) | undefined;
  /** Ends the listening when nobody has asked for a while. */
  #idle: NodeJS.Timeout | undefined;
  /** Counts what has changed, so that an answer that was asked for before is not kept. */
  #generation = 0;

  constructor(changes: Changes, idleMs = 5 * 60_000) {
    this.#changes = changes;
    this.#idleMs = idleMs;
  }

  get(key: string): Answer | undefined {
    this.#listen();
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#remove(key);
    if (entry.until < Date.now()) return undefined;
    // The one that was used last is the last to go.
    this.#add(key, entry);
    return entry.answer;
  }

  /** Keeps what `ask` answers, unless rows changed meanwhile. */
  async fill(key: string, range: Range, ask: () => Promise<Answer>): Promise<Answer> {
    this.#listen();
    const generation = this.#generation;
    const { body, ...others } = await ask();
    const answer = { body: Buffer.from(body as string), ...others };
    if (generation === this.#generation && answer.body.length < mostBytes / 4) {
      this.#remove(key);
      this.#add(key, { answer, ...range, until: Date.now() + keptMs });
      while (this.#bytes > mostBytes) this.#remove(this.#entries.keys().next().value!);
    }
    return answer;
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#clear();
  }

  #add(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#bytes += entry.answer.body.length;
  }

  #remove(key: string): void {
    this.#bytes -= this.#entries.get(key)?.answer.body.length ?? 0;
    this.#entries.delete(key);
  }

  #clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
    this.#generation++;
  }

  #listen(): void {
    this.#idle ??= setTimeout(() => this.close(), this.#idleMs).unref();
    this.#idle.refresh();
    this.#unsubscribe ??= this.#changes.subscribe((change) => {
      if (change === 'missed') return this.#clear();
      this.#generation++;
      for (const [key, { sourceId, from, to }] of this.#entries) {
        if (sourceId === change.sourceId && from <= change.to.getTime() && to > change.from.getTime()) this.#remove(key);
      }
    });
  }
}

/** The moment before which all chunks are compressed, looked up once in a minute. */
export class CompressedUntil {
  readonly #db: Database;
  #at = 0;
  #until = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  async includes(to: number): Promise<boolean> {
    if (Date.now() - this.#at > keptMs) {
      const [row] = await operations.compressedUntil.run(undefined, this.#db);
      this.#until = row?.compressed_until?.getTime() ?? 0;
      this.#at = Date.now();
    }
    return to <= this.#until;
  }
}

/**
 * What a client may keep. Rows that are compressed are history: a correction there is seen with the next day's visit. All else
 * is asked for again by its ETag, after the seconds that the query allows.
 */
export function cacheControl(rule: CacheRule | null, isHistory: boolean): string {
  if (rule?.closed && isHistory) return 'private, max-age=86400, immutable';
  return rule?.seconds ? `private, max-age=${rule.seconds}` : 'private, no-cache';
}
