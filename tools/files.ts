/** Files as the user knows them, and reading them while others write. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** A path as a user would write it: relative to the working directory when it is inside. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path).replaceAll('\\', '/');
  return short.startsWith('..') ? path : short;
}

/** The text of a file; undefined when it is not there, or not there any more. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
