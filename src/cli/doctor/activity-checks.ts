/** What goes on in the database and on its machine: dead rows, transactions, disk, clock. */
import * as doctor from '../../../queries/doctor.queries.js';
import { one } from '../../client/results.js';
import { age, bytes, count, plural } from '../console/terminal.js';
import { failure, mendable, ok, orElse, unseen, warning, type Check, type Finding } from './finding.js';

export const bloat: Check = async (db, { deadRows }) => {
  // The embedded engine does not count them.
  if (db.engine === 'embedded') return [];
  const findings = (await doctor.bloatedTables.run({ min_rows: deadRows }, db)).map(({ table, dead_rows: dead, live_rows: live, mend }) =>
    mendable(warning('table_bloated', `${table} has ${count(dead)} dead rows beside ${count(live)} live ones: autovacuum is behind`, mend,
      'When it comes back, look for transactions that stay open, and at autovacuum of the table.'), mend));
  findings.push(...judgeTransactionNumbers(await one(doctor.transactionNumbers, undefined, db)));
  return orElse(findings, ok('bloat', 'Dead rows: autovacuum keeps up'));
};

/** @param used of which there are two billion; autovacuum keeps them below `usual` */
export function judgeTransactionNumbers({ age: used, usual }: doctor.ITransactionNumbersResult): Finding[] {
  if (used <= 2 * usual) return [];
  return [(used > 1e9 ? failure : warning)('transaction_numbers',
    `${count(used)} of two billion transaction numbers are used up: autovacuum is behind`, 'vacuum (freeze);',
    'Before that, end what keeps old rows alive: long transactions, prepared ones, replication slots.')];
}

export const transactions: Check = async (db, limits) => {
  // The embedded engine has one session: ours.
  if (db.engine === 'embedded') return [];
  const sessions = (await doctor.longTransactions.run({ transaction: limits.transaction, idle: limits.idle }, db)).map((each) => warning(
    each.is_idle ? 'transaction_idle' : 'transaction_long',
    `A transaction of ${each.login}${each.application ? ` (${each.application})` : ''} ${each.is_idle ? 'has done nothing' : 'is at work'} for ${age(each.seconds)}: `
    + 'dead rows cannot go',
    each.mend));
  const prepared = (await doctor.preparedTransactions.run({ transaction: limits.transaction }, db)).map(({ gid, login, seconds, mend }) =>
    warning('transaction_prepared', `The prepared transaction ${gid} of ${login} waits for its end since ${age(seconds)}`, mend,
      'Or `commit prepared`: its program knows.'));
  const slots = (await doctor.idleSlots.run({ bytes: limits.slotBytes }, db)).map(({ name, held_bytes: held, mend }) =>
    warning('slot_idle', `Nobody reads the replication slot ${name}, which holds back ${bytes(held)} of WAL on the disk`, mend,
      'Only when its reader will not come back: start that again otherwise.'));
  const findings: Finding[] = [...sessions, ...prepared, ...slots];
  if (!(await one(doctor.seesSessions, undefined, db)).is_seen) {
    return [...findings, unseen('transactions', 'Transactions of other logins: not seen, that needs the rights of pg_read_all_stats')];
  }
  return orElse(findings, ok('transactions', 'Transactions: none is old'));
};

export const disk: Check = async (db, { diskBytes, freeBytes }) => {
  const growth = await one(doctor.growth, undefined, db);
  return judgeDisk(growth, freeBytes ?? (diskBytes === undefined ? undefined : Math.max(diskBytes - Number(growth.database_bytes), 0)));
};

/** @param room bytes that are left, where that is known */
export function judgeDisk(
  { database_bytes: used, monthly_bytes: more, monthly_rows: rows }: doctor.IGrowthResult, room: number | undefined,
): Finding {
  const pace = more === null || rows === null ? '' : `; the last year brought ${bytes(more)} and ${count(rows)} rows a month`;
  const message = `${bytes(used)} in the database${pace}`;
  if (room === undefined) return ok('disk', `Disk: ${message}`);
  const months = more === null || Number(more) <= 0 ? Infinity : room / Number(more);
  const advice = ['btcdb compress', `Or drop what is old, as often as you like: select set_retention('5 years');`, 'Or give it a larger disk.'];
  if (room < 0.05 * (room + Number(used)) || months < 1) {
    return failure('disk_full', `The disk is almost full: ${bytes(room)} left, ${message}`, ...advice);
  }
  if (months < 6) {
    return warning('disk_filling', `The disk is full in ${plural(Math.floor(months), 'month')}: ${bytes(room)} left, ${message}`, ...advice);
  }
  return ok('disk', `Disk: ${message}; ${bytes(room)} left`);
}

/** The moment at which the server looked lies between asking and hearing. */
export const clock: Check = async (db, { clockSeconds }) => {
  const asked = Date.now();
  const { now } = await one(doctor.clock, undefined, db);
  const heard = Date.now();
  const skew = (now.getTime() - (asked + heard) / 2) / 1000;
  const unsure = (heard - asked) / 2000;
  if (Math.abs(skew) - unsure <= clockSeconds) return ok('clock', 'Clock: the server has the time that this machine has');
  return warning('clock_skew', `The server's clock is ${age(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} that of this machine: freshness and timeliness are judged by it`,
    'Let NTP set the clocks of both machines: timedatectl set-ntp true');
};
