/** Results: what they are, how they are printed, and the file that keeps them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { bytes, colours, count, heading, marks, print, printTable } from '../src/cli/console/terminal.js';
import type { Database } from '../src/client/open.js';
import { median, medianRatio, type Timing } from './measure.js';
import type { BenchOptions } from './options.js';

/** A goal that a figure is held against. */
export interface Goal {
  readonly text: string;
  readonly met: boolean;
}

export interface Ratio {
  readonly value: number;
  /** speed: rows/s divided by rows/s, more is better. time: seconds by seconds. size: bytes by bytes. */
  readonly of: 'speed' | 'time' | 'size';
  readonly against: string;
}

export interface Result {
  readonly what: string;
  /** Rows of one round. */
  readonly rows?: number;
  /** Median of the rounds. */
  readonly seconds?: number;
  readonly fastest?: number;
  readonly slowest?: number;
  readonly rounds?: number;
  readonly rowsPerSecond?: number;
  readonly ratio?: Ratio;
  readonly goal?: Goal;
  readonly note?: string;
}

export interface SubjectResults {
  readonly subject: string;
  readonly title: string;
  readonly seconds: number;
  readonly results: readonly Result[];
}

interface Comparison {
  readonly of: 'speed' | 'time';
  readonly against: Timing;
  /** Name of the other, when it is not the timing's own. */
  readonly called?: string;
  readonly goal?: { readonly text: string; readonly meets: (ratio: number) => boolean };
}

/** A timing as a result, by itself or against another one. */
export function result(timing: Timing, comparison?: Comparison, note?: string): Result {
  const seconds = median(timing.seconds);
  const base: Result = {
    what: timing.name,
    rows: timing.rows,
    seconds,
    fastest: Math.min(...timing.seconds),
    slowest: Math.max(...timing.seconds),
    rounds: timing.seconds.length,
    rowsPerSecond: timing.rows / seconds,
    ...(note === undefined ? {} : { note }),
  };
  if (!comparison) return base;
  const { of, against, goal } = comparison;
  const times = medianRatio(timing.seconds, against.seconds);
  const value = of === 'time' ? times : timing.rows / against.rows / times;
  return {
    ...base,
    ratio: { value, of, against: comparison.called ?? against.name },
    ...(goal ? { goal: { text: goal.text, met: goal.meets(value) } } : {}),
  };
}

export const atLeast = (text: string, least: number): Comparison['goal'] => ({ text, meets: (ratio: number) => ratio >= least });
export const atMost = (text: string, most: number): Comparison['goal'] => ({ text, meets: (ratio: number) => ratio <= most });

export function printResults({ title, seconds, results }: SubjectResults): void {
  heading(`${title}  ${colours.dim(`(${seconds.toFixed(1)} s)`)}`);
  printTable(
    [{ title: '' }, { title: 'median', align: 'right' }, { title: 'range', align: 'right' }, { title: 'rows/s', align: 'right' },
      { title: 'ratio', align: 'right' }, { title: 'goal' }],
    results.map((line) => [
      line.what,
      line.seconds === undefined ? '' : time(line.seconds),
      line.fastest === undefined || line.slowest === undefined ? '' : `${time(line.fastest)} – ${time(line.slowest)}`,
      line.rowsPerSecond === undefined ? '' : count(line.rowsPerSecond),
      line.ratio ? `${factor(line.ratio.value)} × ${line.ratio.of} of ${line.ratio.against}` : '',
      line.goal ? `${line.goal.met ? marks.ok : marks.failure} ${line.goal.text}` : '',
    ]),
  );
  for (const { what, note } of results) if (note !== undefined) print(colours.dim(`  ${what}: ${note}`));
}

/** Writes everything to .btcdb/bench and returns the path. */
export async function writeJson(db: Database, options: BenchOptions, subjects: readonly SubjectResults[]): Promise<string> {
  const folder = join('.btcdb', 'bench');
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  const path = join(folder, `${at.slice(0, 19).replaceAll(':', '-')}-${db.engine}.json`);
  const [cpu] = cpus();
  const report = {
    at,
    engine: db.engine,
    options,
    machine: { cpus: cpus().length, model: cpu?.model, memory: bytes(totalmem()), loadAverage: loadavg(), node: process.version },
    server: await serverFacts(db),
    subjects,
  };
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

async function serverFacts(db: Database): Promise<Record<string, string>> {
  const { rows } = await db.query<{ name: string; setting: string }>(
    `select name, current_setting(name) as setting from pg_settings
     where name in ('server_version', 'shared_buffers', 'work_mem', 'max_wal_size', 'synchronous_commit', 'fsync', 'jit',
       'checkpoint_timeout', 'max_parallel_workers_per_gather')
     union all
     select 'timescaledb', extversion from pg_extension where extname = 'timescaledb'`,
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}

/** `12.3 µs`, `4.56 ms`, `1.23 s`. */
export function time(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toPrecision(3)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toPrecision(3)} ms`;
  return `${seconds.toFixed(2)} s`;
}

function factor(value: number): string {
  return value >= 100 ? count(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
