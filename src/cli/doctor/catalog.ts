/** What the doctor reads from the catalog. */
import type { Database } from '../../client/open.js';

type Queryable = Pick<Database, 'query'>;

export interface Versions {
  readonly server: string;
  /** Version of the extension: as created, else as the server offers it. */
  readonly timescale: string | undefined;
  readonly created: boolean;
  /** Whether the server has loaded the library; CREATE EXTENSION fails without. */
  readonly loaded: boolean;
  /** Whether it is the embedded engine, perhaps one that another process serves. */
  readonly embedded: boolean;
}

export async function readVersions(db: Queryable): Promise<Versions> {
  const { rows } = await db.query<{ server: string; created: string | null; offered: string | null; loaded: boolean | null; embedded: boolean | null }>(`
    select
      current_setting('server_version') as server,
      (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'timescaledb') as created,
      (select a.default_version from pg_catalog.pg_available_extensions as a where a.name = 'timescaledb') as offered,
      exists (select from pg_catalog.pg_settings as p where p.name like 'timescaledb.%') as loaded,
      version() like '%compiled by emcc%' as embedded`);
  const { server = '', created = null, offered = null, loaded = null, embedded = null } = rows[0] ?? {};
  return {
    server: server.split(' ')[0] ?? '',
    timescale: created ?? offered ?? undefined,
    created: created !== null,
    loaded: loaded === true,
    embedded: embedded === true,
  };
}

export interface HypertableState {
  readonly chunks: number;
  readonly compressionEnabled: boolean;
  /** Chunks that the compression policy should have compressed. */
  readonly overdue: number;
}

/** Undefined when timeseries_data is no hypertable. */
export async function readHypertable(db: Queryable): Promise<HypertableState | undefined> {
  const { rows } = await db.query<{ chunks: number; compression: boolean; overdue: number }>(`
    select
      h.num_chunks::int as chunks,
      h.compression_enabled as compression,
      (
        select count(*)::int
        from timescaledb_information.chunks as c
        where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data'
          and not c.is_compressed
          -- A day of grace: the policy runs every twelve hours.
          and c.range_end < now() - interval '8 days'
      ) as overdue
    from timescaledb_information.hypertables as h
    where h.hypertable_schema = 'public' and h.hypertable_name = 'timeseries_data'`);
  const row = rows[0];
  return row && { chunks: row.chunks, compressionEnabled: row.compression, overdue: row.overdue };
}

export interface TriggerState {
  readonly table: string;
  readonly name: string;
  readonly enabled: boolean;
}

/** Triggers of the tables in public, and of the chunks of timeseries_data under its name. */
export async function readTriggers(db: Queryable): Promise<TriggerState[]> {
  const { rows } = await db.query<TriggerState>(`
    select
      case when n.nspname = 'public' then c.relname else 'timeseries_data' end as "table",
      t.tgname as name,
      -- O fires in ordinary sessions, A always; D and R do not.
      bool_and(t.tgenabled in ('O', 'A')) as enabled
    from pg_catalog.pg_trigger as t
    join pg_catalog.pg_class as c on c.oid = t.tgrelid
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where not t.tgisinternal
      and (
        n.nspname = 'public'
        or t.tgrelid in (
          select i.inhrelid
          from pg_catalog.pg_inherits as i
          where i.inhparent = to_regclass('public.timeseries_data')
        )
      )
    group by 1, 2
    order by 1, 2`);
  return rows;
}

/** A continuous aggregate on timeseries_data, or on another one, and what it lacks. */
export interface AggregateState {
  readonly name: string;
  readonly realTime: boolean;
  readonly hasPolicy: boolean;
  /** Whether its policy would refresh what retention drops. */
  readonly isUnbounded: boolean;
  /** Its owner, when that is not the one of timeseries_data. */
  readonly otherOwner: string | null;
  /** Roles of this schema that cannot read it. */
  readonly unreadableBy: readonly string[];
}

export async function readAggregates(db: Queryable): Promise<AggregateState[]> {
  const { rows } = await db.query<AggregateState>(`
    select
      a.aggregate as name,
      a.is_real_time as "realTime",
      a.job_id is not null as "hasPolicy",
      coalesce(
        r.job_id is not null and a.job_id is not null
          and (j.config ->> 'start_offset' is null
            or (j.config ->> 'start_offset')::interval > (r.config ->> 'drop_after')::interval),
        false
      ) as "isUnbounded",
      case when c.relowner <> t.relowner then pg_get_userbyid(c.relowner)::text end as "otherOwner",
      array(
        select g.rolname::text
        from pg_catalog.pg_roles as g
        where g.rolname in ('btcdb_reader', 'btcdb_writer') and not has_table_privilege(g.oid, c.oid, 'select')
        order by 1
      ) as "unreadableBy"
    from public.aggregate_refresh_status as a
    join pg_catalog.pg_class as c on c.oid = a.aggregate::regclass
    join pg_catalog.pg_class as t on t.oid = 'public.timeseries_data'::regclass
    left join timescaledb_information.jobs as j on j.job_id = a.job_id
    left join timescaledb_information.jobs as r on r.proc_schema = 'app_private' and r.proc_name = 'drop_old_chunks'
    order by a.aggregate`);
  return rows;
}

export interface JobState {
  readonly id: number;
  readonly procedure: string;
  /** What it works on. */
  readonly target: string | null;
  readonly scheduled: boolean;
  readonly lastStatus: string | null;
  readonly failures: number;
  readonly message: string | null;
}

/** The policies of this schema. */
export async function readJobs(db: Queryable): Promise<JobState[]> {
  const { rows } = await db.query<JobState>(`
    select
      j.job_id as id,
      j.proc_name as procedure,
      j.hypertable_name as target,
      j.scheduled,
      s.last_run_status as "lastStatus",
      coalesce(s.total_failures, 0)::int as failures,
      (
        select e.err_message
        from timescaledb_information.job_errors as e
        where e.job_id = j.job_id
        order by e.start_time desc
        limit 1
      ) as message
    from timescaledb_information.jobs as j
    left join timescaledb_information.job_stats as s on s.job_id = j.job_id
    where j.hypertable_schema = 'public' or j.proc_schema = 'app_private'
    order by j.job_id`);
  return rows;
}

/** Whether TimescaleDB runs jobs in this database; undefined when this role may not see it. */
export async function readScheduler(db: Queryable): Promise<boolean | undefined> {
  const { rows } = await db.query<{ visible: boolean; running: boolean }>(`
    select
      pg_has_role('pg_read_all_stats', 'usage') as visible,
      exists (
        select from pg_catalog.pg_stat_activity as a
        where a.datname = current_database() and a.backend_type like 'TimescaleDB Background Worker Scheduler%'
      ) as running`);
  return rows[0]?.visible ? rows[0].running : undefined;
}

/** Chunks that others than the owner may write; undefined when this role may not ask. */
export async function readOpenChunks(db: Queryable): Promise<{ relation: string; grantee: string }[] | undefined> {
  const { rows: [may] } = await db.query<{ ask: boolean }>(`select has_schema_privilege('app_private', 'usage') as ask`);
  if (!may?.ask) return undefined;
  const { rows } = await db.query<{ relation: string; grantee: string }>('select relation::text, grantee from app_private.open_chunks()');
  return rows;
}

/** Functions that drop or freeze any chunk for everybody. From 2.29 on TimescaleDB itself asks who owns the chunk. */
export async function readChunkDroppers(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(`
    select p.oid::regprocedure::text as name
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_extension as e on e.extname = 'timescaledb' and string_to_array(substring(e.extversion from '^\\d+\\.\\d+'), '.')::int[] < '{2,29}'
    cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
    where p.pronamespace = to_regnamespace('_timescaledb_functions')
      and p.proname in ('drop_chunk', 'freeze_chunk', 'unfreeze_chunk')
      and a.grantee = 0
    order by 1`);
  return rows.map((row) => row.name);
}

/** Indexes that a failed build or rebuild left invalid, with their schema. */
export async function readInvalidIndexes(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_catalog.pg_index as i
    join pg_catalog.pg_class as c on c.oid = i.indexrelid
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where not (i.indisvalid and i.indisready)
      and n.nspname in ('public', 'app_private', '_timescaledb_internal')
    order by 1`);
  return rows.map((row) => row.name);
}

/** Constraints that are not validated, as `table: constraint`. */
export async function readInvalidConstraints(db: Queryable): Promise<{ table: string; constraint: string }[]> {
  const { rows } = await db.query<{ table: string; constraint: string }>(`
    select c.conrelid::regclass::text as "table", c.conname as constraint
    from pg_catalog.pg_constraint as c
    join pg_catalog.pg_namespace as n on n.oid = c.connamespace
    where not c.convalidated and n.nspname = 'public'
    order by 1, 2`);
  return rows;
}

/** The last day of the common grid. */
export async function readGridEnd(db: Queryable): Promise<{ last: string | null; isNear: boolean }> {
  const { rows } = await db.query<{ last: string | null; isNear: boolean }>(`
    select max(t.date_only)::text as last, coalesce(max(t.date_only) < current_date + 180, true) as "isNear"
    from public.time_index as t`);
  return rows[0] ?? { last: null, isNear: true };
}
