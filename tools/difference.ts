/** What stands in a file, beside what should. */
import type { FileProblem, Finding } from './problem.js';

/** Lines that a difference shows of each side. */
const shownLines = 5;

/** No problem when the texts are the same; else one at the first line that differs, which shows what differs. */
export function compareTexts(file: string, kept: string, made: string, finding: Finding): FileProblem[] {
  if (kept === made) return [];
  const [ours, theirs] = [kept.split('\n'), made.split('\n')];
  let start = 0;
  while (start < ours.length && ours[start] === theirs[start]) start++;
  let tail = 0;
  while (tail < Math.min(ours.length, theirs.length) - start && ours.at(-1 - tail) === theirs.at(-1 - tail)) tail++;
  const source = [...side('-', ours.slice(start, ours.length - tail)), ...side('+', theirs.slice(start, theirs.length - tail))].join('\n');
  return [{ file, line: start + 1, source, ...finding }];
}

function side(sign: string, lines: readonly string[]): string[] {
  const shown = lines.slice(0, shownLines).map((line) => `${sign} ${line}`);
  return lines.length > shownLines ? [...shown, `${sign} … ${lines.length - shownLines} more lines`] : shown;
}
