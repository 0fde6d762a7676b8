/**
 * The rows of one file, into timeseries_data.
 *
 * Where nothing is stored yet, rows are copied there at once. Others first go to a temporary table. From there one
 * statement compares them with what is stored and writes only new and different rows, so a second import neither
 * decompresses a chunk nor writes an audit row. Only the columns that the file has are compared and written. A stored
 * row that still is as a correction left it is kept: a file knows nothing of corrections.
 *
 * The order decides how:
 * - In a file whose timestamps rise strictly each batch is one transaction.
 * - Any other file (newest first, shuffled, with duplicates) is first laid down whole in the temporary table, on the
 *   database's disk, and then upserted in slices by time, of duplicates the last. That keeps memory flat, lets the
 *   database score rows in the order of time, and makes duplicates that lie far apart the same on every import.
 */
import type { PoolClient } from 'pg';
import { isoTimestamp } from '../types/scalars.js';
import { hasRows } from '../../queries/series.queries.js';
import { copyLines } from '../write/copy.js';
import { codeOf } from '../errors/catalogue.js';
import type { EncodedRows } from './encode.js';
import type { SeriesFile } from './series.js';
import { inTransaction, type TransactionOptions } from './transaction.js';

export interface WrittenCounts {
  inserted: number;
  updated: number;
  unchanged: number;
  /** Stored rows that somebody corrected, and that were left as they are though the file says otherwise. */
  kept: number;
  /** Rows that a later row of the file with the same timestamp replaced. */
  duplicates: number;
}

export interface WriterOptions extends TransactionOptions {
  /** Rows of one transaction. */
  readonly batchRows: number;
  /** Corrected rows are not kept. */
  readonly overwrite?: boolean | undefined;
}

/** What one batch did. */
interface BatchResult extends WrittenCounts {
  /** The first moments of the rows that were kept. */
  readonly keptMoments: readonly Date[];
}

const MOST_MOMENTS = 5;

/** The id of no source. */
export const unregistered = 0;

let tables = 0;

/** Writes the rows of one file over one client. Open, write until there are no more, finish; close in any case. */
export class SeriesWriter {
  readonly counts: WrittenCounts = { inserted: 0, updated: 0, unchanged: 0, kept: 0, duplicates: 0 };
  /** The first rows that were kept. */
  readonly keptMoments: Date[] = [];
  /** Earliest and latest row of the file so far. */
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;
  /** All clients of the embedded engine share one session, and so their temporary tables. */
  readonly #table = `btcdb_import_${process.pid}_${++tables}`;
  readonly #columns: readonly string[];

  /** `sourceId`: {@link unregistered} in a dry run of a source that is not there. */
  constructor(
    private readonly client: PoolClient,
    private readonly sourceId: number,
    private readonly file: SeriesFile,
    private readonly options: WriterOptions,
  ) {
    this.#columns = file.columns;
  }

  async open(): Promise<void> {
    const columns = this.#columns.map((column) => `${column} numeric`).join(', ');
    await this.client.query(`create temporary table ${this.#table} (
      ordinal bigint generated always as identity, source_id int, timestamp timestamptz(3), ${columns}
    ) on commit ${this.file.ascending ? 'delete' : 'preserve'} rows`);
  }

  async write(rows: EncodedRows): Promise<void> {
    this.firstMs = Math.min(this.firstMs, rows.firstMs);
    this.lastMs = Math.max(this.lastMs, rows.lastMs);
    if (!this.file.ascending) {
      await this.#copy(this.#table, rows);
      return;
    }
    const batch = (mayCopy: boolean): Promise<BatchResult> =>
      inTransaction(this.client, this.options, async () => {
        if (mayCopy && (await this.#isEmpty(rows))) {
          if (!this.options.dryRun) await this.#copy('public.timeseries_data', rows);
          return { inserted: rows.rows, updated: 0, unchanged: 0, kept: 0, duplicates: 0, keptMoments: [] };
        }
        await this.#copy(this.#table, rows);
        return this.#upsert(isoTimestamp(rows.firstMs), isoTimestamp(rows.lastMs));
      });
    this.#add(await batch(true).catch((error: unknown) => {
      // Another writer has committed one of these rows since we looked.
      if (codeOf(error) === '23505') return batch(false);
      throw error;
    }));
  }

  /** The slices of a file that was laid down whole. `onRows`: rows of the file done so far. */
  async finish(onRows: (rows: number) => void): Promise<void> {
    if (this.file.ascending) return;
    await this.client.query(`create index on ${this.#table} (timestamp, ordinal desc)`);
    await this.client.query(`analyze ${this.#table}`);
    const { batchRows } = this.options;
    let after = '-infinity';
    let done = 0;
    for (;;) {
      this.options.signal?.throwIfAborted();
      const { rows } = await this.client.query<{ first: string | null; last: string | null }>(
        `select min(slice.timestamp)::text as first, max(slice.timestamp)::text as last
         from (select timestamp from ${this.#table} where timestamp > $1::timestamptz order by timestamp limit $2) as slice`,
        [after, batchRows],
      );
      const { first, last } = rows[0] ?? { first: null, last: null };
      if (first === null || last === null) return;
      done += this.#add(await inTransaction(this.client, this.options, () => this.#upsert(first, last)));
      onRows(done);
      after = last;
    }
  }

  /** Drops the temporary table; needs a sound connection outside a transaction. */
  async close(): Promise<void> {
    await this.client.query(`drop table if exists ${this.#table}`);
  }

  async #isEmpty({ firstMs, lastMs }: EncodedRows): Promise<boolean> {
    const [found] = await hasRows.run({ source_id: this.sourceId, from: new Date(firstMs), to: new Date(lastMs) }, this.client);
    return found?.has_rows === false;
  }

  async #copy(table: string, rows: EncodedRows): Promise<void> {
    await copyLines(this.client, table, ['source_id', 'timestamp', ...this.#columns], rows.lines);
  }

  /** Counts what is committed; returns how many rows of the file that were. */
  #add(batch: BatchResult): number {
    let rows = 0;
    for (const key of ['inserted', 'updated', 'unchanged', 'kept', 'duplicates'] as const) {
      this.counts[key] += batch[key];
      rows += batch[key];
    }
    this.keptMoments.push(...batch.keptMoments.slice(0, MOST_MOMENTS - this.keptMoments.length));
    return rows;
  }

  /** Upserts the staged rows from `first` to `last`; in a dry run it only compares. */
  async #upsert(first: string, last: string): Promise<BatchResult> {
    const list = (prefix: string): string => this.#columns.map((column) => `${prefix}${column}`).join(', ');
    const { rows } = await this.client.query<Record<'staged' | 'rows' | 'differing' | 'new' | 'kept', string> & { kept_moments: Date[] }>(
      `with incoming as materialized (
         select distinct on (staged.timestamp) staged.timestamp, ${list('staged.')}
         from ${this.#table} as staged
         where staged.timestamp between $2::timestamptz and $3::timestamptz
         order by staged.timestamp, staged.ordinal desc
       ),
       differing as materialized (
         select incoming.timestamp, ${list('incoming.')}, stored.timestamp is null as is_new, (${list('stored.')}) as stored
         from incoming
         left join (
           select timestamp, ${list('')}
           from public.timeseries_data
           where source_id = $1 and timestamp between $2::timestamptz and $3::timestamptz
         ) as stored on stored.timestamp = incoming.timestamp
         where stored.timestamp is null or (${list('stored.')}) is distinct from (${list('incoming.')})
       ),
       kept as materialized (
         select differing.timestamp
         from differing
         cross join lateral (
           select log.new_value
           from public.audit_log as log
           where log.source_id = $1
             and log.timestamp = differing.timestamp
             and log.table_name = 'timeseries_data'
             and log.action = 'CORRECTION'
           order by log.audit_id desc
           limit 1
         ) as correction
         where not $4::boolean
           and not differing.is_new
           and (${this.#columns.map((column) => `(correction.new_value ->> '${column}')::numeric`).join(', ')})
             is not distinct from differing.stored
       )${this.options.dryRun ? '' : `,
       written as (
         insert into public.timeseries_data as stored (source_id, timestamp, ${list('')})
         select $1, differing.timestamp, ${list('differing.')}
         from differing
         where not exists (select from kept where kept.timestamp = differing.timestamp)
         order by differing.timestamp
         on conflict (source_id, timestamp) do update
         set ${this.#columns.map((column) => `${column} = excluded.${column}`).join(', ')}
         where (${list('stored.')}) is distinct from (${list('excluded.')})
       )`}
       select
         (select count(*) from ${this.#table} where timestamp between $2::timestamptz and $3::timestamptz) as staged,
         (select count(*) from incoming) as rows,
         (select count(*) from differing) as differing,
         (select count(*) from differing where is_new) as new,
         (select count(*) from kept) as kept,
         array(select timestamp::timestamptz from kept order by timestamp limit ${MOST_MOMENTS}) as kept_moments`,
      [this.sourceId, first, last, this.options.overwrite ?? false],
    );
    const [result] = rows;
    const countOf = (what: Exclude<keyof NonNullable<typeof result>, 'kept_moments'>): number => Number(result?.[what]);
    const [inserted, kept] = [countOf('new'), countOf('kept')];
    return {
      inserted,
      updated: countOf('differing') - inserted - kept,
      unchanged: countOf('rows') - countOf('differing'),
      kept,
      duplicates: countOf('staged') - countOf('rows'),
      keptMoments: result?.kept_moments ?? [],
    };
  }
}
