/** What a subject of the benchmark is, and what it gets. */
import type { BenchDatabase } from './database.js';
import type { BenchOptions } from './options.js';
import type { Result } from './report.js';

export interface Bench {
  /** Shared by the subjects; the tables are empty when one begins. */
  readonly db: BenchDatabase;
  /** DATABASE_URL, unless the embedded engine is measured. */
  readonly serverUrl: string | undefined;
  readonly options: BenchOptions;
  /** The number for this form, times --scale for numbers of rows. */
  rows(short: number, long: number): number;
  rounds(short: number, long: number): number;
  /** Says what goes on, on stderr. */
  say(text: string): void;
}

export interface Subject {
  readonly name: string;
  readonly title: string;
  /** Part of the short form, too. */
  readonly short: boolean;
  /** Needs a real server. */
  readonly serverOnly?: boolean;
  /** Minutes of the long form on a server that copies 150,000 rows/s into the twin. */
  readonly longMinutes: number;
  run(bench: Bench): Promise<Result[]>;
}
