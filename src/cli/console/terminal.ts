/** What the commands print: lines, marks, colours where a terminal shows them, and tables of at most 80 columns. */
import Table from 'cli-table3';
import picocolors from 'picocolors';

/** Width that everything fits into. */
export const WIDTH = 80;

/** FORCE_COLOR and NO_COLOR decide; else a terminal has colours and a pipe has none. */
function hasColours(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  return Boolean(stream.isTTY) && TERM !== 'dumb';
}

export const colours = picocolors.createColors(hasColours(process.stdout));
const errorColours = picocolors.createColors(hasColours(process.stderr));

export const marks = {
  ok: colours.green('✓'),
  warning: colours.yellow('!'),
  failure: colours.red('✗'),
  unseen: colours.dim('?'),
} as const;

/** A line of the result, on stdout. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** The result for a program: one JSON document, in which decimals and bigints are texts and moments ISO 8601. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** A line about the work, on stderr: what comes out of a pipe is the result only. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function printError(line: string): void {
  note(`${errorColours.red('error:')} ${line}`);
}

export function printHint(line: string): void {
  note(`${errorColours.cyan('hint:')} ${line}`);
}

export function heading(text: string): void {
  print();
  print(colours.bold(text));
}

export type Cell = string | number;

export interface Column {
  readonly title: string;
  /** Default left. */
  readonly align?: 'left' | 'right';
}

const noLines = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '',
  bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '',
  middle: '  ',
} as const;

/** Rows under their titles, two blanks between the columns and no lines. */
export function printTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
  const table = new Table({
    head: columns.map(({ title }) => colours.dim(title)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  for (const line of table.toString().split('\n')) print(line.trimEnd());
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `12,345`, also of an int8, which is a text. */
export function count(value: number | string | bigint): string {
  return grouped.format(typeof value === 'string' ? BigInt(value) : value);
}

/** `1 file`, `2 files`, `1 policy`, `2 policies`. */
export function plural(n: number, singular: string, many = `${singular}s`): string {
  return `${count(n)} ${n === 1 ? singular : many}`;
}

/** `0.42 s`, `8.3 s`, `95 s`, `4 min 10 s`. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** How long ago, in the largest unit of which there are two: `90 s`, `14 min`, `36 h`, `5 d`. */
export function age(seconds: number): string {
  for (const [unit, length] of [['d', 86_400], ['h', 3600], ['min', 60]] as const) {
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)} ${unit}`;
  }
  return `${Math.max(0, Math.floor(seconds))} s`;
}

export function bytes(value: number | string | bigint): string {
  const n = Number(value);
  for (const [unit, size] of [['GB', 2 ** 30], ['MB', 2 ** 20], ['kB', 2 ** 10]] as const) {
    if (n >= size) return `${(n / size).toFixed(n >= 100 * size ? 0 : 1)} ${unit}`;
  }
  return `${n} B`;
}

/** `2026-03-14 09:00`, UTC. */
export function moment(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ');
}

/** At most `length` characters. */
export function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** An interval of PostgreSQL that is only a time, in words: `01:00:00` as `1 hour`. */
export function interval(text: string): string {
  const parts = /^(\d+):(\d\d):(\d\d)$/.exec(text)?.slice(1).map(Number);
  const words = parts?.flatMap((n, i) => (n > 0 ? [plural(n, ['hour', 'minute', 'second'][i] as string)] : []));
  return words && words.length > 0 ? words.join(' ') : text;
}
