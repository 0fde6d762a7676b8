/** The examination: from the connection to the last check, a line for each finding. */
import type { Database } from '../../connection.js';
import { explain, redact } from '../failure.js';
import { colours, marks, print } from '../terminal.js';
import { readVersions } from './catalog.js';
import { checkMigrations, checks, type Finding, judgeVersions } from './checks.js';

/** Prints the two lines about connection and extension. Returns whether to go on. */
export async function printConnection(db: Database): Promise<boolean> {
  const versions = await readVersions(db);
  printFinding({ state: 'ok', message: `Database connected: PostgreSQL ${versions.server}` });
  const findings = judgeVersions(versions, db.engine);
  findings.forEach(printFinding);
  return findings.every(({ state }) => state !== 'failure');
}

/** Examines a database that is connected. Returns whether nothing has failed. */
export async function examine(db: Database): Promise<boolean> {
  if (!(await printConnection(db))) return false;
  const migrations = await checkMigrations(db);
  printFinding(migrations);
  if (migrations.state === 'failure') return false;
  let healthy = true;
  for (const check of checks) {
    for (const finding of await attempt(() => check(db))) {
      printFinding(finding);
      if (finding.state === 'failure') healthy = false;
    }
  }
  return healthy;
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
