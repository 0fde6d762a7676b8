/** What the tools print. */
import { styleText } from 'node:util';
import { formatProblem, ProblemsError } from './problem.js';

const hasColours = process.stdout.isTTY && !process.env['NO_COLOR'];
const coloured = (colour: 'green' | 'yellow' | 'red' | 'dim', text: string): string => (hasColours ? styleText(colour, text) : text);

export const marks = { ok: coloured('green', '✓'), warning: coloured('yellow', '!'), failure: coloured('red', '✗') } as const;
export const dim = (text: string): string => coloured('dim', text);

export function say(text: string): void {
  console.log(`${marks.ok} ${text}`);
}

export function warn(text: string): void {
  console.error(`${marks.warning} ${text}`);
}

export function plural(n: number, singular: string): string {
  return `${n} ${singular}${n === 1 ? '' : 's'}`;
}

/** The message of an error with what to do about it. Without passwords: a URL may be in what a driver says. */
export function explain(error: unknown): string {
  const { message = String(error), hint } = error as { message?: string; hint?: string };
  return [message, hint].filter(Boolean).join('\n    ').replace(/(:\/\/[^\s:/?#@]*):[^\s/@]*@/g, '$1:***@');
}

/** Runs a program: what it throws is told, and is exit code 1 unless the program has set another. */
export async function run(program: () => Promise<unknown>): Promise<void> {
  try {
    await program();
  } catch (error) {
    console.error(`error: ${error instanceof ProblemsError ? error.problems.map(formatProblem).join('\n') : explain(error)}`);
    process.exitCode ||= 1;
  }
}
