/** All that is looked at, in the order in which a doctor would ask. */
import { bloat, clock, disk, transactions } from './activity-checks.js';
import { backups, calendar, keys, seals, sources } from './data-checks.js';
import type { Check } from './finding.js';
import { aggregates, hypertable, jobs, policies } from './policy-checks.js';
import { databaseSettings, definitions, rights, rules, structure, triggers } from './schema-checks.js';

/** Each with what it is called where it cannot look. */
export const checks: readonly (readonly [title: string, check: Check])[] = [
  ['Hypertable', hypertable], ['Functions and views', definitions], ['Triggers', triggers], ['Continuous aggregates', aggregates],
  ['Policies', policies], ['Jobs', jobs], ['Rights', rights], ['Settings', databaseSettings], ['Indexes and constraints', structure], ['Dead rows', bloat],
  ['Transactions', transactions], ['Keys', keys], ['Rules', rules],
  ['Audit log', seals], ['Backups', backups], ['Calendar', calendar], ['Disk', disk], ['Clock', clock], ['Sources', sources],
];
