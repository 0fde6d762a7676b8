/** What is measured, and how much of it. */
import { Command } from 'commander';

export interface BenchOptions {
  readonly long: boolean;
  /** Names of the subjects; empty: those of the form. */
  readonly only: readonly string[];
  /** Multiplies all numbers of rows. For work on the benchmark itself; ratios of tiny runs mean nothing. */
  readonly scale: number;
  /** Rounds of each comparison, instead of those of the form. */
  readonly rounds: number | undefined;
  /** Folder of real series for the subject compression. */
  readonly data: string | undefined;
}

export function readOptions(argv: readonly string[], subjects: readonly string[]): BenchOptions {
  const number = (text: string): number => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`${text} is not a number above 0`);
    return value;
  };
  const program = new Command('npm run bench --')
    .description('Measures the database in DATABASE_URL, in a database of its own, or the embedded engine in memory.')
    .option('--long', 'the long form; it says first how long it will take', false)
    .option('--only <names>', `only these subjects, separated by commas: ${subjects.join(', ')}`)
    .option('--scale <factor>', 'multiply all numbers of rows', number, 1)
    .option('--rounds <n>', 'rounds of each comparison', number)
    .option('--data <folder>', 'real series to compress', undefined)
    .parse(['node', 'bench', ...argv]);
  const { long, only, scale, rounds, data } = program.opts<{
    long: boolean; only?: string; scale: number; rounds?: number; data?: string;
  }>();
  const names = only?.split(',') ?? [];
  const unknown = names.find((name) => !subjects.includes(name));
  if (unknown !== undefined) program.error(`error: no subject is called ${unknown}; there are ${subjects.join(', ')}`);
  return { long, only: names, scale, rounds, data };
}
