/** The examination: from the connection to the last check. */
import { versions } from '../../../queries/doctor.queries.js';
import type { Database } from '../../client/open.js';
import { one } from '../../client/results.js';
import { codeOf } from '../../errors/catalogue.js';
import { messageOf } from '../../errors/messages.js';
import { explain, redact } from '../console/failure.js';
import { colours, marks, print } from '../console/terminal.js';
import { checks } from './checks.js';
import { failure, ok, unseen, usualLimits, warning, type Finding, type Limits } from './finding.js';
import { checkMigrations } from './schema-checks.js';
import { judgeVersions } from './version-checks.js';

/** Told of each finding when it is there. */
export type Report = (finding: Finding) => void;

/** What an examination has come to. */
export interface Examination {
  /** Nothing has failed. */
  readonly healthy: boolean;
  readonly engine: Database['engine'];
}

/** Connection and extension. Returns the engine, and whether to go on. */
export async function examineConnection(db: Database, report: Report): Promise<Examination> {
  const version = await one(versions, undefined, db);
  const engine = version.is_embedded ? 'embedded' : db.engine;
  const findings: Finding[] = [ok('connection', `Database connected: PostgreSQL ${version.server}`), ...judgeVersions(version, engine)];
  findings.forEach(report);
  return { engine, healthy: findings.every(({ state }) => state !== 'failure') };
}

/** Examines a database that is connected. */
export async function examine(db: Database, report: Report, limits: Limits = usualLimits): Promise<Examination> {
  const { engine, healthy: isConnected } = await examineConnection(db, report);
  if (!isConnected) return { engine, healthy: false };
  const migrations = await attempt('Migrations', () => checkMigrations(db));
  migrations.forEach(report);
  if (migrations.some(({ state }) => state === 'failure')) return { engine, healthy: false };
  let healthy = true;
  for (const [title, check] of checks) {
    for (const finding of await attempt(title, () => check({ ...db, engine }, limits))) {
      report(finding);
      if (finding.state === 'failure') healthy = false;
    }
  }
  return { engine, healthy };
}

const whoLocks = 'Run the doctor again when that session has ended; pg_locks and pg_stat_activity tell who it is.';

/** A check that cannot even ask has found something too, unless it is this login that may not. */
async function attempt(title: string, check: () => Promise<Finding | readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return [await check()].flat();
  } catch (error) {
    const name = title.toLowerCase().replaceAll(' ', '_');
    if (codeOf(error) === '42501') return [unseen(name, `${title}: not seen, that needs the rights of the owner`)];
    if (codeOf(error) === '55P03') return [warning('locked', `${title}: not seen, ${messageOf(error)}`, whoLocks)];
    return [failureOf('check_failed', 'A check could not be made', error)];
  }
}

export function failureOf(name: string, what: string, error: unknown): Finding {
  const { message, hint } = explain(error);
  return failure(name, `${what}: ${message}`, ...(hint === undefined ? [] : [hint]));
}

export function printFinding({ state, message, mend = [] }: Finding): void {
  print(`${marks[state]} ${redact(message)}`);
  for (const [i, line] of mend.entries()) print(colours.dim(`  ${i === 0 ? '→' : ' '} ${redact(line)}`));
}

/** What a program is told by the exit code: 2 something has failed, 1 something is to be looked at, 0 all is well. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ state }) => state === 'failure')) return 2;
  return findings.some(({ state }) => state === 'warning') ? 1 : 0;
}
