/** `btcdb doctor --fix`: does what is safe of what the findings say. */
import type { Database } from '../../client/open.js';
import { explain } from '../console/failure.js';
import type { Finding } from './finding.js';

/** What was done about a finding. */
export interface Mending {
  readonly name: string;
  readonly message: string;
  /** The statements that were run, the last one perhaps in vain. */
  readonly did: readonly string[];
  /** Why it did not work. */
  readonly error?: string;
}

/** Mends what can be mended safely, in the order in which it was found, one statement after the other. */
export async function mend(db: Database, findings: readonly Finding[], report: (mending: Mending) => void): Promise<Mending[]> {
  const mendings: Mending[] = [];
  const done = new Set<string>();
  for (const { name, message, fix = [] } of findings) {
    // One statement may mend several findings.
    const statements = fix.filter((statement) => !done.has(statement));
    if (statements.length === 0) continue;
    const did: string[] = [];
    let error: string | undefined;
    for (const statement of statements) {
      did.push(statement);
      done.add(statement);
      try {
        await db.query(statement);
      } catch (caught) {
        error = explain(caught).message;
        break;
      }
    }
    const mending = { name, message, did, ...(error === undefined ? {} : { error }) };
    mendings.push(mending);
    report(mending);
  }
  return mendings;
}
