/** What a check says. A finding that is not fine says how to mend it: the SQL of a remedy is for people, and for `--fix`. */
import type { Database } from '../../client/open.js';

/** `unseen`: this login may not look; a fault of nobody. */
export type State = 'ok' | 'warning' | 'failure' | 'unseen';

export interface Finding {
  /** Of the fault, or of the check that has found none: the same whatever the message says. */
  readonly name: string;
  readonly state: State;
  readonly message: string;
  /** How to mend it, a step a line. */
  readonly mend?: readonly string[];
  /** Statements that mend it, lose nothing and keep nobody out for long: what `--fix` runs. */
  readonly fix?: readonly string[];
}

/** From when on something is a fault. */
export interface Limits {
  /** Age of a transaction, as an interval of PostgreSQL. */
  readonly transaction: string;
  /** How long a transaction may do nothing. */
  readonly idle: string;
  /** WAL that a replication slot without a reader may hold back. */
  readonly slotBytes: string;
  /** Dead rows of a table that is worth a word. */
  readonly deadRows: string;
  /** Seconds between the clocks of database and client. */
  readonly clockSeconds: number;
  /** Age of an entry of the audit log without a seal. */
  readonly unsealed: string;
  /** Hours since the last backup: a day, and time to make it. */
  readonly backupHours: number;
  /** Bytes that the database may grow to, when somebody says so. */
  readonly diskBytes?: number | undefined;
  /** Bytes that are free on its disk, where that is this machine's. */
  readonly freeBytes?: number | undefined;
}

export const usualLimits: Limits = {
  transaction: '1 hour', idle: '10 minutes', slotBytes: String(2 ** 30), deadRows: '10000', clockSeconds: 5, unsealed: '1 day',
  backupHours: 26,
};

export type Check = (db: Database, limits: Limits) => Promise<Finding | readonly Finding[]>;

export const ok = (name: string, message: string): Finding => ({ name, state: 'ok', message });
export const unseen = (name: string, message: string): Finding => ({ name, state: 'unseen', message });
export const warning = (name: string, message: string, ...mend: string[]): Finding => ({ name, state: 'warning', message, mend });
export const failure = (name: string, message: string, ...mend: string[]): Finding => ({ name, state: 'failure', message, mend });

/** A finding that `--fix` mends: by these statements, else by what it tells people. */
export function mendable(finding: Finding, ...fix: string[]): Finding {
  return { ...finding, fix: fix.length > 0 ? fix : finding.mend ?? [] };
}

/** What was found, else that all is well. */
export function orElse(findings: readonly Finding[], fine: Finding): readonly Finding[] {
  return findings.length > 0 ? findings : [fine];
}
