/** One function for each check. A finding that is not fine says how to mend it: the SQL in here is for people, not sent. */
import * as doctor from '../../../queries/doctor.queries.js';
import { freshness } from '../../../queries/quality.queries.js';
import type { Database } from '../../client/open.js';
import { one } from '../../client/results.js';
import { codeOf } from '../../errors/catalogue.js';
import { requireUnedited } from '../../schema/migrate.js';
import { divergenceError, migrationState, readCommitted } from '../../schema/migration-state.js';
import { interval, moment, plural } from '../console/terminal.js';
import * as expected from './expected.js';

export interface Finding {
  readonly state: 'ok' | 'warning' | 'failure';
  readonly message: string;
  /** How to mend it, a step a line. */
  readonly mend?: readonly string[];
}

type Check = (db: Database) => Promise<Finding | readonly Finding[]>;

const ok = (message: string): Finding => ({ state: 'ok', message });
const warning = (message: string, ...mend: string[]): Finding => ({ state: 'warning', message, mend });
const failure = (message: string, ...mend: string[]): Finding => ({ state: 'failure', message, mend });

/** The line about the extension, and what goes with it. The first finding is the one about its being there. */
export function judgeVersions({ server, timescale, is_created: created, is_loaded: loaded }: Omit<doctor.IVersionsResult, 'is_embedded'>, engine: Database['engine']): Finding[] {
  if (timescale === null) {
    return [failure('TimescaleDB is not available on this server',
      'Install TimescaleDB 2.23 or newer on the server, or use the image timescale/timescaledb,',
      'add timescaledb to shared_preload_libraries, and restart the server.')];
  }
  if (!loaded) {
    return [failure(`TimescaleDB ${timescale} is installed on this server, but not loaded`,
      'Add timescaledb to shared_preload_libraries in postgresql.conf, and restart the server.')];
  }
  const findings: Finding[] = [];
  if (isOlder(timescale, expected.oldestTimescale)) {
    findings.push(failure(`TimescaleDB ${timescale} is too old: ${expected.oldestTimescale} or newer is needed`,
      ...upgrade(created)));
  } else {
    findings.push(ok(`TimescaleDB available: ${timescale}`));
    // The embedded engine has the version of its package, and does not meet what the newer ones mend.
    if (engine === 'server' && isOlder(timescale, expected.recommendedTimescale)) {
      findings.push(warning(`TimescaleDB ${expected.recommendedTimescale} or newer is recommended`, ...upgrade(created)));
    }
  }
  if (Number.parseInt(server, 10) < expected.oldestPostgres) {
    findings.push(failure(`PostgreSQL ${server} is too old: ${expected.oldestPostgres} or newer is needed`, 'Upgrade the server, for example with pg_upgrade.'));
  }
  return findings;
}

function upgrade(created: boolean): string[] {
  return created
    ? ['Install the newer version on the server, then, first of all in a new session (psql -X):', 'alter extension timescaledb update;']
    : ['Install the newer version on the server.'];
}

/** Compares the numbers of two versions; a suffix such as -dev does not count. */
function isOlder(version: string, than: string): boolean {
  const numbers = (text: string): number[] => text.replace(/[^0-9.].*$/, '').split('.').map(Number);
  const [mine, theirs] = [numbers(version), numbers(than)];
  for (const [i, wanted] of theirs.entries()) {
    const have = mine[i] ?? 0;
    if (have !== wanted) return have < wanted;
  }
  return false;
}

/** Whether the schema is there; without it the other checks have nothing to look at. */
export async function checkMigrations(db: Database): Promise<Finding> {
  await requireUnedited();
  const committed = readCommitted();
  const { pending, divergence } = await migrationState(db, committed);
  if (divergence) {
    const { message, hint = '' } = divergenceError(divergence);
    // A newer schema can be looked at all the same.
    return divergence.kind === 'ahead' ? warning(message, hint) : failure(message, hint);
  }
  if (pending.length === committed.length) return failure('The schema is missing: no migration is applied', 'btcdb up');
  if (pending.length > 0) return failure(`${plural(pending.length, 'migration')} pending: ${pending.join(', ')}`, 'btcdb up');
  return ok(`Migrations: ${committed.length} applied, none pending`);
}

const hypertable: Check = async (db) => {
  const [state] = await doctor.hypertable.run(undefined, db);
  if (!state) {
    return failure('timeseries_data is not a hypertable',
      `select create_hypertable('public.timeseries_data', by_range('timestamp', interval '1 month'),`,
      '  create_default_indexes => false, migrate_data => true);');
  }
  const findings = [ok(`Hypertable: timeseries_data in ${plural(state.chunks, 'chunk')}`)];
  if (!state.is_compressing) {
    findings.push(failure('Compression of timeseries_data is off',
      'alter table public.timeseries_data set (timescaledb.compress,',
      `  timescaledb.compress_segmentby = 'source_id', timescaledb.compress_orderby = 'timestamp desc');`));
  } else if (state.overdue > 0) findings.push(warning(`Compression: ${plural(state.overdue, 'old chunk')} not compressed yet`, 'btcdb compress'));
  else findings.push(ok('Compression: on, no old chunk waits for it'));
  return findings;
};

const triggers: Check = async (db) => {
  const states = await doctor.triggers.run(undefined, db);
  const known = new Map(states.map((state) => [`${state.table}.${state.name}`, state]));
  const wanted = Object.entries(expected.triggers).flatMap(([table, names]) => names.map((name) => ({ table, name })));
  const missing = wanted.filter(({ table, name }) => !known.has(`${table}.${name}`));
  const disabled = wanted.filter(({ table, name }) => known.get(`${table}.${name}`)?.is_enabled === false);
  const findings: Finding[] = [];
  for (const { table, name } of missing) {
    findings.push(failure(`The trigger ${name} of ${table} is missing`,
      `Run its \`create trigger ${name} … on public.${table}\` from migrations/committed/*-functions.sql again.`, ...after(table)));
  }
  for (const { table, name } of disabled) {
    findings.push(failure(`The trigger ${name} of ${table} is disabled`, `alter table public.${table} enable trigger ${name};`,
      ...(table === 'timeseries_data' ? [`Where TimescaleDB refuses that: drop trigger ${name} on public.${table}, and run its`,
        '`create trigger` from migrations/committed/*-functions.sql again.'] : []), ...after(table)));
  }
  return findings.length > 0 ? findings : ok(`Triggers: all ${wanted.length} in place and enabled`);
};

/** Rows that came without their triggers are not scored. */
function after(table: string): string[] {
  return table === 'timeseries_data' ? ['Then score the rows that came meanwhile: call rescore(source_id, from, to);'] : [];
}

const aggregates: Check = async (db) => {
  const states = await doctor.aggregates.run(undefined, db);
  const names = new Set(states.map((state) => state.name));
  const findings = expected.aggregates.filter((name) => !names.has(name)).map((name) =>
    failure(`The continuous aggregate ${name} is missing`, `Run its \`create materialized view public.${name}\` from migrations/committed/*-timescaledb.sql again.`));
  for (const { name, is_real_time } of states) {
    if (is_real_time || !expected.aggregates.includes(name)) continue;
    findings.push(warning(`The continuous aggregate ${name} shows materialized rows only`,
      `alter materialized view public.${name} set (timescaledb.materialized_only = false);`));
  }
  for (const { name, is_unbounded, other_owner, unreadable_by } of states) {
    if (other_owner !== null) {
      findings.push(warning(`The continuous aggregate ${name} belongs to ${other_owner}: refresh and policies leave it to that role`,
        `Give it the owner of timeseries_data: alter materialized view ${name} owner to …;`));
    }
    if (unreadable_by.length > 0) {
      findings.push(warning(`The continuous aggregate ${name} cannot be read by ${unreadable_by.join(' and ')}`,
        `grant select on ${name} to ${unreadable_by.join(', ')};`));
    }
    if (is_unbounded) {
      findings.push(failure(`The refresh policy of ${name} would empty the aggregate where retention has dropped rows`,
        'select app_private.schedule_refresh();'));
    }
  }
  const allRealTime = states.every(({ is_real_time }) => is_real_time);
  return findings.length > 0 ? findings : ok(`Continuous aggregates: ${states.length}${allRealTime ? ', real-time' : ''}`);
};

const policies: Check = async (db) => {
  const jobs = await doctor.policies.run(undefined, db);
  const findings: Finding[] = [];
  if (!jobs.some((job) => job.proc_name === 'compress_due_chunks')) {
    findings.push(failure('The compression policy of timeseries_data is missing',
      `select add_job('app_private.compress_due_chunks', interval '12 hours', config => '{"compress_after": "7 days"}');`));
  }
  for (const { name } of (await doctor.aggregates.run(undefined, db)).filter(({ has_policy }) => !has_policy)) {
    findings.push(failure(`The refresh policy of ${name} is missing`, 'select app_private.schedule_refresh();'));
  }
  for (const job of jobs.filter((each) => !each.scheduled)) {
    findings.push(warning(`Job ${job.job_id} (${titleOf(job)}) is switched off`, `select alter_job(${job.job_id}, scheduled => true);`));
  }
  if (findings.length > 0) return findings;
  return ok(`Policies: ${plural(jobs.length, 'job')} scheduled${db.engine === 'embedded' ? '; here `btcdb refresh` and `btcdb compress` run them' : ''}`);
};

/** How the policies fare, where something runs them. */
export const jobs: Check = async (db) => {
  if (db.engine === 'embedded') return [];
  const findings = (await doctor.policies.run(undefined, db)).filter((job) => job.last_run_status === 'Failed').map((job) =>
    warning(`Job ${job.job_id} (${titleOf(job)}) failed${job.message ? `: ${job.message}` : ''}`, ...afterFailure(job)));
  const [scheduler] = await doctor.scheduler.run(undefined, db);
  if (scheduler?.is_running === false) {
    findings.push(warning('No background worker runs the policies of this database',
      'select _timescaledb_functions.start_background_workers();', 'If that does not help, raise timescaledb.max_background_workers and restart the server.'));
  }
  return findings.length > 0 ? findings : ok('Jobs: none failed');
};

/** PostgreSQL's minor releases of November 2026 end each job of TimescaleDB that commits with this message, after its work is done. */
function afterFailure({ job_id, message }: doctor.IPoliciesResult): string[] {
  if (message?.includes('cannot drop portal ""')) {
    return ['Its work is done: PostgreSQL refuses only what TimescaleDB does after the end of a job. Upgrade TimescaleDB when a release mends that.'];
  }
  return [`call run_job(${job_id});   -- runs it here and now, and shows its error`];
}

function titleOf({ proc_name, hypertable_name }: doctor.IPoliciesResult): string {
  return hypertable_name === null ? proc_name : `${proc_name} of ${hypertable_name}`;
}

const rights: Check = async (db) => {
  const findings: Finding[] = [];
  // Only who can look into app_private can ask.
  const open = await doctor.openChunks.run(undefined, db).catch((error: unknown) => {
    if (codeOf(error) === '42501') return undefined;
    throw error;
  });
  if (open !== undefined && open.length > 0) {
    const roles = [...new Set(open.map(({ grantee }) => grantee))].join(', ');
    findings.push(failure(`${plural(new Set(open.map(({ chunk }) => chunk)).size, 'chunk')} can be written past the triggers by ${roles}`, 'select app_private.close_chunks();'));
  }
  const droppers = await doctor.chunkDroppers.run(undefined, db);
  if (droppers.length > 0) {
    findings.push(warning('Everybody who can connect can drop chunks, past archive and audit log',
      `revoke execute on function ${droppers.map(({ name }) => name).join(', ')} from public;`, 'Only a superuser can do this; TimescaleDB 2.29 does not need it.'));
  }
  if (findings.length > 0) return findings;
  return open === undefined ? [] : ok('Rights: nobody but the owner writes chunks');
};

const structure: Check = async (db) => {
  const findings = (await doctor.invalidIndexes.run(undefined, db)).map(({ name }) =>
    failure(`The index ${name} is invalid`, `reindex index ${name};`, `Or, when a failed \`create index concurrently\` left it behind: drop index ${name};`));
  for (const { table, name } of await doctor.invalidConstraints.run(undefined, db)) {
    findings.push(warning(`The constraint ${name} of ${table} is not validated`, `alter table ${table} validate constraint ${name};`));
  }
  return findings.length > 0 ? findings : ok('Indexes and constraints: all valid');
};

/** What a foreign key of timeseries_data would say; its triggers see only what goes by them. */
const keys: Check = async (db) => {
  const found = await doctor.orphans.run(undefined, db);
  return found.length === 0 ? ok('Keys: every row has its source') : found.map(({ source_id: id }) =>
    failure(`timeseries_data has rows of source ${id}, which is not registered`,
      `insert into public.sources (source_id, name, display_name, data_type) overriding system value values (${id}, 'found_${id}', 'Found', 'simple');`));
};

const rules: Check = async (db) => {
  const broken = await doctor.brokenRules.run(undefined, db);
  if (broken.length === 0) return [];
  return broken.map(({ rule_id, rule_name, rule_sql }) =>
    warning(`The rule ${rule_name} does not compile any more, and each row violates it: ${rule_sql}`,
      `Bring back what it uses, or: update validation_rules set enabled = false where rule_id = ${rule_id};`,
      'Then score the rows that came meanwhile: call rescore(source_id, from, to);'));
};

const calendar: Check = async (db) => {
  const { last_day: last, is_near } = await one(doctor.calendarEnd, undefined, db);
  if (!is_near) return ok(`Calendar: filled until ${last}`);
  const until = `${new Date().getUTCFullYear() + 10}-12-31`;
  return warning(last === null ? 'The calendar is empty' : `The calendar ends on ${last}`, `select extend_time_index('${until}');`);
};

const sources: Check = async (db) => {
  const rows = await freshness.run({}, db);
  const late = rows.filter((row) => ['CRITICAL', 'STALE', 'WARNING'].includes(row.freshness));
  const active = rows.filter((row) => row.freshness !== 'INACTIVE');
  if (active.length === 0) return ok('Sources: none yet');
  const findings: Finding[] = late.map((row) =>
    warning(`${row.name} is ${row.freshness}: its last row is of ${row.last_timestamp ? moment(row.last_timestamp) : 'unknown'}, `
      + `one is due every ${interval(row.update_frequency)}`));
  const empty = active.filter((row) => row.freshness === 'EMPTY');
  for (const { name } of empty) findings.push(warning(`${name} has no rows yet`));
  if (findings.length === 0) return ok(`Sources: ${active.length}, all fresh`);
  const last = findings.pop() as Finding;
  return [...findings, {
    ...last,
    mend: ['Look at what brings the data, or import what is missing: btcdb import <folder>.',
      `A source that has ended: update sources set status = 'inactive' where name = '…';`],
  }];
};

/** In the order in which a doctor would ask. */
export const checks: readonly Check[] =
  [hypertable, triggers, aggregates, policies, jobs, rights, structure, keys, rules, calendar, sources];
