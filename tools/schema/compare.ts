/** What is different between the schema.sql that is kept and the one that the database gives. */
import type { Problem } from '../problem.js';

/** Lines that a difference shows of each side. */
const shownLines = 5;

/** No problem when they are the same; else one at the first line that differs. */
export function compareSchemas(file: string, kept: string, made: string): Problem[] {
  if (kept === made) return [];
  const [ours, theirs] = [kept.split('\n'), made.split('\n')];
  let start = 0;
  while (start < ours.length && ours[start] === theirs[start]) start++;
  let tail = 0;
  while (tail < Math.min(ours.length, theirs.length) - start && ours.at(-1 - tail) === theirs.at(-1 - tail)) tail++;
  return [{
    file,
    line: start + 1,
    message: kept === '' ? 'it is missing' : 'it is not what the migrations make',
    source: [...side('-', ours.slice(start, ours.length - tail)), ...side('+', theirs.slice(start, theirs.length - tail))].join('\n'),
    fix: 'Run `npm run schema` and look at the difference before you commit it.',
  }];
}

function side(sign: string, lines: readonly string[]): string[] {
  const shown = lines.slice(0, shownLines).map((line) => `${sign} ${line}`);
  return lines.length > shownLines ? [...shown, `${sign} … ${lines.length - shownLines} more lines`] : shown;
}
