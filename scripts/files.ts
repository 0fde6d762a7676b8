/** Reading files that others write at the same time. */
import { readFileSync } from 'node:fs';

/** The text of a file; undefined when it is not there, or not there any more. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
