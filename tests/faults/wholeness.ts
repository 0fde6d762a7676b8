/** What must hold after every fault: a batch is there whole, with scores, anomalies and audit entries, or not at all. */
import type { Database } from '../../src/client/open.js';
import type { RowInput } from '../../src/write/bulk-upsert.js';
import { Random } from '../../src/cli/demo/random.js';
import { assert } from '../support/suite.js';

const minute = 60_000;
export const start = Date.UTC(2020, 0, 1);
export const backfill = { ingestMode: 'backfill' } as const;

/** By chance, but the same again with the seed in FAULTS_SEED. */
export function chance(): Random {
  const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`FAULTS_SEED=${seed}`);
  return new Random(seed);
}

/** A wave with an outlier now and then. */
export const level = (i: number): string => (100 + Math.sin(i / 40) + (i * 7919 % 11) / 10 + (i % 397 === 200 ? 40 : 0)).toFixed(4);

/** The rows of a source, minute by minute, in batches. */
export function batches(source_id: number, count: number, rows = 500): RowInput[][] {
  return Array.from({ length: count }, (_, k) => Array.from({ length: rows }, (_, i) =>
    ({ source_id, timestamp: new Date(start + (k * rows + i) * minute), value: level(k * rows + i) })));
}

/** The same rows as a file to import. */
export function fileOf(count: number): string {
  return `[${Array.from({ length: count }, (_, i) => `[${start + i * minute}, ${level(i)}]`).join(',')}]`;
}

export async function addSources(db: Database, ...names: string[]): Promise<number[]> {
  const { rows } = await db.query<{ source_id: number }>(`insert into sources (name, display_name, data_type, update_frequency)
    select n, n, 'simple', '1 minute' from unnest($1::text[]) as n returning source_id`, [names]);
  return rows.map(({ source_id }) => source_id);
}

/** Rows with what the pipeline made of them. Two sources of the same rows have the same. */
export async function contents(db: Database, source_id: number): Promise<Record<string, unknown>> {
  const { rows } = await db.query(`
    select
      count(*)::int as rows,
      count(a.anomaly_id)::int as anomalies,
      (select sum(coalesce((new_value ->> 'rows')::int, 1))::int from audit_log
        where source_id = $1 and table_name = 'timeseries_data' and action = 'INSERT') as audited,
      (select count(*)::int from audit_log where source_id = $1 and table_name = 'timeseries_data' and action <> 'INSERT') as changed,
      (select md5(string_agg(concat_ws(' ', h.hour, h.last_value, h.data_points), ',' order by h.hour)) 
        from hourly_values as h where h.source_id = $1) as hours,
      md5(string_agg(concat_ws(' ', d.timestamp, d.value, d.quality_score, d.is_anomaly, d.is_validated, a.anomaly_type, a.z_score),
        ',' order by d.timestamp)) as checksum
    from timeseries_data as d
    left join anomalies as a on a.source_id = d.source_id and a.timestamp = d.timestamp and a.resolved_at is null
      and a.anomaly_type <> 'missing_data'
    where d.source_id = $1`, [source_id]);
  return rows[0]!;
}

/** @throws when something is half there */
export async function requireWhole(db: Database): Promise<void> {
  const { rows: [found] } = await db.query(`
    select
      (select count(*)::int from timeseries_data where quality_score is null or is_validated is null) as unscored,
      (select count(*)::int from timeseries_data as d full join
        (select * from anomalies where anomaly_type <> 'missing_data' and resolved_at is null) as a using (source_id, timestamp)
        where coalesce(d.is_anomaly, false) <> (a.anomaly_id is not null)) as anomalies_amiss,
      (select count(*)::int from (select source_id, count(*) as n from timeseries_data group by 1) as d full join
        (select source_id, sum(coalesce((new_value ->> 'rows')::int, 1)) as n from audit_log
          where table_name = 'timeseries_data' and action = 'INSERT' group by 1) as l using (source_id)
        where d.n is distinct from l.n) as audit_amiss,
      (select count(*)::int from pg_class where relpersistence = 't') as temporary,
      (select count(*)::int from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()
        and pid not in (select pid from pg_stat_activity where backend_type <> 'client backend')
        and database = (select oid from pg_database where datname = current_database())) as locks,
      (select count(*)::int from timescaledb_information.chunks as c
        full join (select inhrelid from pg_inherits where inhparent = 'timeseries_data'::regclass) as i
          on i.inhrelid = to_regclass(format('%I.%I', c.chunk_schema, c.chunk_name))
        where c.hypertable_name = 'timeseries_data' and i.inhrelid is null or c.chunk_name is null) as half_chunks`);
  assert.equal(found, { unscored: 0, anomalies_amiss: 0, audit_amiss: 0, temporary: 0, locks: 0, half_chunks: 0 });
}
