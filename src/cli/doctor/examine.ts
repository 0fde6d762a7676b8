/** The examination: from the connection to the last check. */
import { versions } from '../../../queries/doctor.queries.js';
import type { Database } from '../../client/open.js';
import { one } from '../../client/results.js';
import { explain, redact } from '../console/failure.js';
import { colours, marks, print } from '../console/terminal.js';
import { checkMigrations, checks, type Finding, judgeVersions } from './checks.js';

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
  const findings: Finding[] = [{ state: 'ok', message: `Database connected: PostgreSQL ${version.server}` }, ...judgeVersions(version, engine)];
  findings.forEach(report);
  return { engine, healthy: findings.every(({ state }) => state !== 'failure') };
}

/** Examines a database that is connected. */
export async function examine(db: Database, report: Report): Promise<Examination> {
  const { engine, healthy: isConnected } = await examineConnection(db, report);
  if (!isConnected) return { engine, healthy: false };
  const migrations = await attempt(() => checkMigrations(db));
  migrations.forEach(report);
  if (migrations.some(({ state }) => state === 'failure')) return { engine, healthy: false };
  let healthy = true;
  for (const check of checks) {
    for (const finding of await attempt(() => check({ ...db, engine }))) {
      report(finding);
      if (finding.state === 'failure') healthy = false;
    }
  }
  return { engine, healthy };
}

/** A check that cannot even ask has found something too. */
async function attempt(check: () => Promise<Finding | readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return [await check()].flat();
  } catch (error) {
    return [failureOf('A check could not be made', error)];
  }
}

export function failureOf(what: string, error: unknown): Finding {
  const { message, hint } = explain(error);
  return { state: 'failure', message: `${what}: ${message}`, ...(hint === undefined ? {} : { mend: [hint] }) };
}

export function printFinding({ state, message, mend = [] }: Finding): void {
  print(`${marks[state]} ${redact(message)}`);
  for (const [i, line] of mend.entries()) print(colours.dim(`  ${i === 0 ? '→' : ' '} ${redact(line)}`));
}
