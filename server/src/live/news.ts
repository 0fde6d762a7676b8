/**
 * What is being written, by whomever: one poll of the database for all who listen, and none while nobody does. It works on a
 * standby and on the embedded engine, where there is no NOTIFY, and costs those who write nothing.
 */
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { live, withSignal, type Database } from 'btc-dashboard-db';
import type { Change, Changes } from '../endpoints/cache.js';
import { Problem } from '../problems.js';

/** Rows of a source that are new, were changed or were deleted. */
export interface Written extends Change {
  readonly source: string;
  readonly rows: number;
}

/** What a reader is given at once. */
export interface Batch {
  /** At most one of each source. */
  readonly written: readonly Written[];
  /** Where to go on after this: `after` of another reader. */
  readonly place: string;
  /** Whether more may have been written than is told, so that all has to be loaded anew. */
  readonly isIncomplete: boolean;
}

const pollMs = 400;
const longestPauseMs = 5000;
/** After so long without news a reader gets a batch without any, as a sign of life. */
const heartbeatMs = 15_000;
const maxReaders = 1000;
/** Entries of the log that are read at once, and how many times as many somebody who comes back may have missed. */
const limit = 20_000;
const maxRounds = 10;
/** Of the numbers that are not told yet, as a text. Beyond it they are given up. */
const longestPlace = 500_000;
/** Of what somebody brings who comes back. */
const placeForm = /^\{\[\d{1,18},(?:\d{1,18}\),\[\d{1,18},)*\)\}$/;
const longestGivenPlace = 4000;

type Row = Awaited<ReturnType<typeof live.news.run>>[number];

export class News implements Changes {
  readonly #db: Database;
  readonly #log: FastifyBaseLogger;
  readonly #listeners = new Set<(change: Change | 'missed') => void>();
  readonly #readers = new Set<NewsReader>();
  readonly #closed = new AbortController();
  #running: Promise<void> | undefined;

  constructor(db: Database, log: FastifyBaseLogger) {
    this.#db = db;
    this.#log = log;
  }

  subscribe(listener: (change: Change | 'missed') => void): () => void {
    this.#listeners.add(listener);
    this.#start();
    return () => this.#listeners.delete(listener);
  }

  /**
   * A stream of batches, for somebody who may be slow: what comes meanwhile is summed up.
   *
   * @param sourceIds undefined: all
   * @param after the place of the last batch that came, to go on there
   * @throws {Problem} TOO_MANY_REQUESTS
   */
  read(sourceIds: ReadonlySet<number> | undefined, after?: string): NewsReader {
    if (this.#readers.size >= maxReaders || this.#closed.signal.aborted) {
      throw new Problem(429, 'TOO_MANY_REQUESTS', `${maxReaders} clients listen already.`, { 'retry-after': '10' });
    }
    const reader = new NewsReader(sourceIds, after);
    this.#readers.add(reader);
    reader.once('close', () => this.#readers.delete(reader));
    this.#start();
    return reader;
  }

  /** Ends all readers. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#listeners.clear();
    for (const reader of this.#readers) reader.end();
    await this.#running;
  }

  get #isWanted(): boolean {
    return this.#listeners.size + this.#readers.size > 0 && !this.#closed.signal.aborted;
  }

  #start(): void {
    if (!this.#isWanted) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // Somebody may have come when it was about to end.
      this.#start();
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    let place: Partial<Row> = {};
    let failures = 0;
    while (this.#isWanted) {
      let pauseMs = pollMs;
      try {
        const rows = await live.news.run({ ...place, limit }, withSignal(this.#db, signal));
        // All that can fail comes before anybody is told.
        const missed = await this.#missedBy([...this.#readers].filter((reader) => !reader.hasBegun), rows[0]!.untold, signal);
        this.#tell(rows, place.untold === undefined, missed);
        place = rows[0]!;
        if (place.untold!.length > longestPlace) place = {};
        if (!place.is_all) pauseMs = 0;
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (failures++ === 0) this.#log.warn({ err: error }, 'It cannot be told what is being written; this is tried again until it can');
        pauseMs = Math.min(pollMs * 2 ** failures, longestPauseMs);
        for (const reader of this.#readers) reader.beat();
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #tell(rows: readonly Row[], isNew: boolean, missed: ReadonlyMap<NewsReader, readonly Written[] | undefined>): void {
    const written = writtenOf(rows);
    const { untold } = rows[0]!;
    for (const listener of this.#listeners) {
      if (isNew) listener('missed');
      for (const change of written) listener(change);
    }
    for (const reader of this.#readers) {
      if (reader.hasBegun) reader.tell(written, untold, isNew);
      else if (missed.has(reader)) reader.begin(missed.get(reader) ?? [], untold, missed.get(reader) === undefined);
    }
  }

  async #missedBy(readers: readonly NewsReader[], untold: string, signal: AbortSignal): Promise<Map<NewsReader, Written[] | undefined>> {
    const missed = new Map<NewsReader, Written[] | undefined>();
    for (const reader of readers) missed.set(reader, reader.after === undefined ? [] : await this.#missed(reader.after, untold, signal));
    return missed;
  }

  /** What was told since a place until `untold`; undefined when that is not known any more, or too much. */
  async #missed(after: string, untold: string, signal: AbortSignal): Promise<Written[] | undefined> {
    if (after.length > longestGivenPlace || !placeForm.test(after)) return undefined;
    const written: Written[] = [];
    let place = after;
    for (let round = 0; round < maxRounds; round++) {
      let rows: readonly Row[];
      try {
        rows = await live.news.run({ untold: place, later: untold, limit }, withSignal(this.#db, signal));
      } catch (error) {
        // Numbers out of order.
        if ((error as { code?: string }).code?.startsWith('22')) return undefined;
        throw error;
      }
      written.push(...writtenOf(rows));
      if (rows[0]!.is_all) return written;
      place = rows[0]!.untold;
    }
    return undefined;
  }
}

function writtenOf(rows: readonly Row[]): Written[] {
  return rows.flatMap(({ source_id: sourceId, source, from, to, rows: count }) =>
    (sourceId === null || source === null || from === null || to === null ? [] : [{ sourceId, source, from, to, rows: Number(count) }]));
}

/** Batches for one client. It holds at most one entry of each source that was not fetched yet. */
export class NewsReader extends Readable {
  /** Where it goes on; undefined: now. */
  readonly after: string | undefined;
  readonly #sourceIds: ReadonlySet<number> | undefined;
  readonly #waiting = new Map<number, Written>();
  #place: string | undefined;
  #isIncomplete = false;
  #isDue = false;
  #isAsked = false;
  #lastBatch = 0;

  constructor(sourceIds: ReadonlySet<number> | undefined, after: string | undefined) {
    super({ objectMode: true, highWaterMark: 1 });
    this.#sourceIds = sourceIds;
    this.after = after;
  }

  get hasBegun(): boolean {
    return this.#place !== undefined;
  }

  begin(missed: readonly Written[], place: string, isIncomplete: boolean): void {
    // So that it can go on there even if nothing comes.
    this.#isDue = true;
    this.tell(missed, place, isIncomplete);
  }

  tell(written: readonly Written[], place: string, isIncomplete: boolean): void {
    for (const one of written) {
      if (this.#sourceIds?.has(one.sourceId) === false) continue;
      const waiting = this.#waiting.get(one.sourceId);
      this.#waiting.set(one.sourceId, waiting === undefined ? one : {
        ...one,
        from: waiting.from < one.from ? waiting.from : one.from,
        to: waiting.to > one.to ? waiting.to : one.to,
        rows: waiting.rows + one.rows,
      });
    }
    this.#place = place;
    this.#isIncomplete ||= isIncomplete;
    this.#isDue ||= this.#waiting.size > 0 || this.#isIncomplete;
    this.beat();
  }

  /** Gives what there is, if somebody waits for it. */
  beat(): void {
    if (!this.#isAsked || this.destroyed || !(this.#isDue || Date.now() - this.#lastBatch > heartbeatMs)) return;
    const batch: Batch = { written: [...this.#waiting.values()], place: shorten(this.#place ?? this.after ?? ''), isIncomplete: this.#isIncomplete };
    this.#waiting.clear();
    this.#isIncomplete = this.#isDue = this.#isAsked = false;
    this.#lastBatch = Date.now();
    this.push(batch);
  }

  end(): void {
    this.push(null);
  }

  override _read(): void {
    this.#isAsked = true;
    this.beat();
  }
}

/** A place that its reader can bring back in a header. Rather something is told twice than not at all. */
function shorten(place: string): string {
  return place.length <= longestGivenPlace ? place : `${place.slice(0, place.indexOf(','))},)}`;
}
