/** What is kept up in the background: compression, aggregates, and the jobs that do it. */
import * as doctor from '../../../queries/doctor.queries.js';
import { interval, moment, plural } from '../console/terminal.js';
import * as expected from './expected.js';
import { failure, mendable, ok, orElse, warning, type Check, type Finding } from './finding.js';

export const hypertable: Check = async (db) => {
  const [state] = await doctor.hypertable.run(undefined, db);
  if (!state) {
    return failure('hypertable_missing', 'timeseries_data is not a hypertable',
      `select create_hypertable('public.timeseries_data', by_range('timestamp', interval '1 month'),`,
      '  create_default_indexes => false, migrate_data => true);');
  }
  const findings = [ok('hypertable', `Hypertable: timeseries_data in ${plural(state.chunks, 'chunk')}`)];
  if (!state.is_compressing) {
    findings.push(failure('compression_off', 'Compression of timeseries_data is off',
      'alter table public.timeseries_data set (timescaledb.compress,',
      `  timescaledb.compress_segmentby = 'source_id', timescaledb.compress_orderby = 'timestamp desc',`,
      `  timescaledb.compress_chunk_time_interval = '${state.is_dropping ? 360 : 1080} days');`));
  } else if (state.overdue > 0) {
    findings.push(mendable(warning('chunks_uncompressed', `Compression: ${plural(state.overdue, 'old chunk')} not compressed yet`,
      `btcdb compress --older-than "${state.compress_after}"`), `call public.compress_old_chunks('${state.compress_after}');`));
  } else findings.push(ok('compression', 'Compression: on, no old chunk waits for it'));
  return findings;
};

export const aggregates: Check = async (db) => {
  const states = await doctor.aggregates.run(undefined, db);
  const names = new Set(states.map((state) => state.name));
  const findings = expected.aggregates.filter((name) => !names.has(name)).map((name) =>
    failure('aggregate_missing', `The continuous aggregate ${name} is missing`,
      `Run its \`create materialized view public.${name}\` from migrations/committed/*-timescaledb.sql again.`));
  for (const { name, is_real_time } of states) {
    if (is_real_time || !expected.aggregates.includes(name)) continue;
    findings.push(warning('aggregate_not_real_time', `The continuous aggregate ${name} shows materialized rows only`,
      `alter materialized view public.${name} set (timescaledb.materialized_only = false);`));
  }
  for (const { name, is_unbounded, owner, other_owner, unreadable_by } of states) {
    if (other_owner !== null) {
      findings.push(warning('aggregate_owner', `The continuous aggregate ${name} belongs to ${other_owner}: refresh and policies leave it to that role`,
        `alter materialized view ${name} owner to ${owner};`));
    }
    if (unreadable_by.length > 0) {
      findings.push(warning('aggregate_unreadable', `The continuous aggregate ${name} cannot be read by ${unreadable_by.join(' and ')}`,
        `grant select on ${name} to ${unreadable_by.join(', ')};`));
    }
    if (is_unbounded) {
      findings.push(mendable(failure('refresh_unbounded', `The refresh policy of ${name} would empty the aggregate where retention has dropped rows`,
        'select app_private.schedule_refresh();')));
    }
  }
  // On a server the policies bring that up, and the check of jobs tells whether they do.
  if (db.engine === 'embedded' && (await doctor.staleAggregates.run(undefined, db))[0]?.is_stale) {
    findings.push(mendable(warning('aggregates_behind', 'The continuous aggregates are behind: they have not seen what was written to old ranges',
      'btcdb refresh'), 'call public.refresh_all_aggregates();'));
  }
  const allRealTime = states.every(({ is_real_time }) => is_real_time);
  return orElse(findings, ok('aggregates', `Continuous aggregates: ${states.length}${allRealTime ? ', real-time' : ''}`));
};

export const policies: Check = async (db) => {
  const all = await doctor.policies.run(undefined, db);
  const findings: Finding[] = [];
  if (!all.some((job) => job.proc_name === 'compress_due_chunks')) {
    const add = `select add_job('app_private.compress_due_chunks', interval '12 hours', config => '{"compress_after": "7 days"}');`;
    findings.push(mendable(failure('compression_policy_missing', 'The compression policy of timeseries_data is missing', add),
      // In one transaction: another doctor may be at it.
      `select app_private.take_turn('policies'); ${add.replace(';', ` where not exists (
        select from timescaledb_information.jobs where proc_schema = 'app_private' and proc_name = 'compress_due_chunks');`)}`));
  }
  for (const { name } of (await doctor.aggregates.run(undefined, db)).filter(({ has_policy }) => !has_policy)) {
    findings.push(mendable(failure('refresh_policy_missing', `The refresh policy of ${name} is missing`, 'select app_private.schedule_refresh();',
      'When it warns, retention leaves fewer than two buckets to be refreshed: keep rows for longer, or refresh it yourself: btcdb refresh'),
    'select app_private.schedule_refresh();'));
  }
  for (const job of all.filter((each) => !each.scheduled)) {
    findings.push(warning('job_off', `Job ${job.job_id} (${titleOf(job)}) is switched off`, `select alter_job(${job.job_id}, scheduled => true);`));
  }
  return orElse(findings, ok('policies',
    `Policies: ${plural(all.length, 'job')} scheduled${db.engine === 'embedded' ? '; here `btcdb refresh` and `btcdb compress` run them' : ''}`));
};

/** How the policies fare, where something runs them. */
export const jobs: Check = async (db) => {
  if (db.engine === 'embedded') return [];
  const all = await doctor.policies.run(undefined, db);
  const findings = all.filter((job) => !job.is_refused_end).flatMap(judgeJob);
  const refused = all.filter((job) => job.is_refused_end);
  if (refused.length > 0) {
    const which = refused.length === 1 ? 'Job' : 'Jobs';
    findings.push(warning('job_end_refused', `${which} ${refused.map((job) => `${job.job_id} (${titleOf(job)})`).join(', ')} failed: ${refused[0]!.message}`,
      'Their work is done: PostgreSQL refuses only what TimescaleDB does after the end of a job. Upgrade TimescaleDB when a release mends that.'));
  }
  const [scheduler] = await doctor.scheduler.run(undefined, db);
  if (scheduler?.is_running === false) {
    findings.push(warning('scheduler_missing', 'No background worker runs the policies of this database',
      'select _timescaledb_functions.start_background_workers();', 'If that does not help, raise timescaledb.max_background_workers and restart the server.'));
  }
  return orElse(findings, ok('jobs', 'Jobs: none failed'));
};

function judgeJob(job: doctor.IPoliciesResult): Finding[] {
  const title = `Job ${job.job_id} (${titleOf(job)})`;
  const run = `call run_job(${job.job_id});`;
  // Run here and now, it shows its error.
  if (job.has_failed) return [mendable(warning('job_failed', `${title} failed${job.message ? `: ${job.message}` : ''}`, run))];
  if (job.is_due) return [mendable(warning('job_never_ran', `${title} has never run`, run))];
  if (!job.is_late) return [];
  const since = job.last_success ? moment(job.last_success) : 'ever';
  if (job.proc_name === 'policy_refresh_continuous_aggregate') {
    return [mendable(warning('aggregates_behind', `${job.relation} is behind: its refresh, due every ${interval(job.schedule_interval)}, has not worked since ${since}`,
      'btcdb refresh'), run)];
  }
  return [mendable(warning('job_late', `${title}, due every ${interval(job.schedule_interval)}, has not worked since ${since}`, run))];
}

function titleOf({ proc_name, relation }: doctor.IPoliciesResult): string {
  return relation === null ? proc_name : `${proc_name} of ${relation}`;
}
