/**
 * The rows of one file, into timeseries_data.
 *
 * Rows first go to a temporary table, with COPY on a server and unnest on the embedded engine, which does not take
 * COPY. From there one statement compares them with what is stored and writes only new and different rows, so a second
 * import neither decompresses a chunk nor writes an audit row. Only the columns that the file has are compared and
 * written.
 *
 * The order decides how:
 * - In a file whose timestamps rise strictly each batch is one transaction: fill the table, upsert, commit.
 * - Any other file (newest first, shuffled, with duplicates) is first laid down whole in the temporary table, on the
 *   database's disk, and then upserted in slices by time, of duplicates the last. That keeps memory flat, lets the
 *   database score rows in the order of time, and makes duplicates that lie far apart the same on every import.
 */
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { EncodedRows } from './encode.js';
import type { SeriesFile } from './series.js';
import { isoTimestamp } from './scalars.js';
import { inTransaction, type TransactionOptions } from './transaction.js';

export interface WrittenCounts {
  inserted: number;
  updated: number;
  unchanged: number;
  /** Rows that a later row of the file with the same timestamp replaced. */
  duplicates: number;
}

export interface WriterOptions extends TransactionOptions {
  readonly engine: 'server' | 'embedded';
  /** Rows of one transaction. */
  readonly batchRows: number;
}

let tables = 0;

/** Writes the rows of one file over one client. Open, write until there are no more, finish; close in any case. */
export class SeriesWriter {
  readonly counts: WrittenCounts = { inserted: 0, updated: 0, unchanged: 0, duplicates: 0 };
  /** All clients of the embedded engine share one session, and so their temporary tables. */
  readonly #table = `btcdb_import_${process.pid}_${++tables}`;
  readonly #columns: readonly string[];

  constructor(
    private readonly client: ClientBase,
    private readonly sourceId: number,
    private readonly file: SeriesFile,
    private readonly options: WriterOptions,
  ) {
    this.#columns = file.columns;
  }

  async open(): Promise<void> {
    const columns = this.#columns.map((column) => `${column} numeric`).join(', ');
    await this.client.query(`create temporary table ${this.#table} (ordinal bigint, timestamp timestamptz(3), ${columns})
      on commit ${this.file.ascending ? 'delete' : 'preserve'} rows`);
  }

  async write(rows: EncodedRows): Promise<void> {
    if (!this.file.ascending) {
      await this.#stage(rows);
      return;
    }
    this.#add(await inTransaction(this.client, this.options, async () => {
      await this.#stage(rows);
      return this.#upsert(isoTimestamp(rows.firstMs), isoTimestamp(rows.lastMs));
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

  async #stage(rows: EncodedRows): Promise<void> {
    const names = ['ordinal', 'timestamp', ...this.#columns];
    if (this.options.engine === 'server') {
      await pipeline(Readable.from(rows.copy), this.client.query(copyFrom(`copy ${this.#table} (${names.join(', ')}) from stdin`)));
      return;
    }
    const types = ['bigint', 'timestamptz', ...this.#columns.map(() => 'numeric')];
    await this.client.query(
      `insert into ${this.#table} (${names.join(', ')})
       select * from unnest(${types.map((type, i) => `$${i + 1}::${type}[]`).join(', ')})`,
      rows.arrays.map((members) => `{${members.join()}}`),
    );
  }

  /** Counts what is committed; returns how many rows of the file that were. */
  #add(counts: WrittenCounts): number {
    for (const key of ['inserted', 'updated', 'unchanged', 'duplicates'] as const) this.counts[key] += counts[key];
    return counts.inserted + counts.updated + counts.unchanged + counts.duplicates;
  }

  /** Upserts the staged rows from `first` to `last`. */
  async #upsert(first: string, last: string): Promise<WrittenCounts> {
    const list = (prefix: string): string => this.#columns.map((column) => `${prefix}${column}`).join(', ');
    const { rows } = await this.client.query<{ staged: string; rows: string; inserted: string; updated: string }>(
      `with incoming as materialized (
         select distinct on (staged.timestamp) staged.timestamp, ${list('staged.')}
         from ${this.#table} as staged
         where staged.timestamp between $2::timestamptz and $3::timestamptz
         order by staged.timestamp, staged.ordinal desc
       ),
       changed as materialized (
         select incoming.timestamp, ${list('incoming.')}, stored.timestamp is null as is_new
         from incoming
         left join (
           select timestamp, ${list('')}
           from public.timeseries_data
           where source_id = $1 and timestamp between $2::timestamptz and $3::timestamptz
         ) as stored on stored.timestamp = incoming.timestamp
         where stored.timestamp is null or (${list('stored.')}) is distinct from (${list('incoming.')})
       ),
       written as (
         insert into public.timeseries_data as stored (source_id, timestamp, ${list('')})
         select $1, timestamp, ${list('')} from changed order by timestamp
         on conflict (source_id, timestamp) do update
         set ${this.#columns.map((column) => `${column} = excluded.${column}`).join(', ')}, updated_at = now()
         where (${list('stored.')}) is distinct from (${list('excluded.')})
       )
       select
         (select count(*) from ${this.#table} where timestamp between $2::timestamptz and $3::timestamptz) as staged,
         (select count(*) from incoming) as rows,
         count(*) filter (where is_new) as inserted,
         count(*) filter (where not is_new) as updated
       from changed`,
      [this.sourceId, first, last],
    );
    const [staged, total, inserted, updated] = [rows[0]?.staged, rows[0]?.rows, rows[0]?.inserted, rows[0]?.updated].map(Number) as [
      number, number, number, number,
    ];
    return { inserted, updated, unchanged: total - inserted - updated, duplicates: staged - total };
  }
}
