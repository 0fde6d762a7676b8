/** What the tables hold: rows without a source, entries without a seal, backups, the calendar's end, sources that are late. */
import * as doctor from '../../../queries/doctor.queries.js';
import { freshness } from '../../../queries/quality.queries.js';
import { one } from '../../client/results.js';
import { interval, moment } from '../console/terminal.js';
import { failure, mendable, ok, orElse, warning, type Check, type Finding } from './finding.js';

/** What a foreign key of timeseries_data would say; its triggers see only what goes by them. */
export const keys: Check = async (db) => orElse((await doctor.orphans.run(undefined, db)).map(({ source_id: id }) =>
  failure('source_unregistered', `timeseries_data has rows of source ${id}, which is not registered`,
    `insert into public.sources (source_id, name, display_name, data_type) overriding system value values (${id}, 'found_${id}', 'Found', 'simple');`)),
ok('keys', 'Keys: every row has its source'));

/** A policy seals every five minutes; where nothing runs it, somebody does. */
export const seals: Check = async (db, { unsealed }) => {
  const [first] = await doctor.unsealed.run({ older_than: unsealed }, db);
  if (!first?.is_old) return ok('audit_log', 'Audit log: sealed');
  return mendable(warning('audit_unsealed', `Audit log: not sealed since ${moment(first.since)}, so that nobody could tell whether it was changed`,
    'call public.seal_audit_log();'));
};

export const backups: Check = async (db, { backupHours }) => {
  const { newest, verified, is_old: isOld, is_proven: isProven, is_expected: isExpected } =
    await one(doctor.backups, { hours: backupHours }, db);
  if (newest === null) {
    return isExpected ? warning('backup_missing', 'There is no backup of this database', 'btcdb backup') : ok('backups', 'Backups: none yet');
  }
  const findings: Finding[] = [];
  if (isOld) findings.push(warning('backup_old', `The newest backup is of ${moment(newest)}`, 'btcdb backup'));
  if (!isProven) {
    findings.push(warning('backup_unverified',
      verified === null ? 'No backup was ever restored to see that it can be' : `No backup was restored since ${moment(verified)} to see that it can be`,
      'btcdb backup verify'));
  }
  if (findings.length > 0 || verified === null) return findings;
  return ok('backups', `Backups: the newest is of ${moment(newest)}, one was restored at ${moment(verified)}`);
};

export const calendar: Check = async (db) => {
  const { last_day: last, is_near } = await one(doctor.calendarEnd, undefined, db);
  if (!is_near) return ok('calendar', `Calendar: filled until ${last}`);
  const until = `${new Date().getUTCFullYear() + 10}-12-31`;
  return mendable(warning('calendar_ends', last === null ? 'The calendar is empty' : `The calendar ends on ${last}`, `select extend_time_index('${until}');`));
};

export const sources: Check = async (db) => {
  const rows = await freshness.run({}, db);
  const late = rows.filter((row) => ['CRITICAL', 'STALE', 'WARNING'].includes(row.freshness));
  const active = rows.filter((row) => row.freshness !== 'INACTIVE');
  if (active.length === 0) return ok('sources', 'Sources: none yet');
  const findings: Finding[] = late.map((row) =>
    warning('source_late', `${row.name} is ${row.freshness}: its last row is of ${row.last_timestamp ? moment(row.last_timestamp) : 'unknown'}, `
    + `one is due every ${interval(row.update_frequency)}`));
  const empty = active.filter((row) => row.freshness === 'EMPTY');
  for (const { name } of empty) findings.push(warning('source_empty', `${name} has no rows yet`));
  if (findings.length === 0) return ok('sources', `Sources: ${active.length}, all fresh`);
  const last = findings.pop() as Finding;
  return [...findings, {
    ...last,
    mend: ['Look at what brings the data, or import what is missing: btcdb import <folder>.',
      `A source that has ended: update sources set status = 'inactive' where name = '…';`],
  }];
};
