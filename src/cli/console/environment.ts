/** Settings from a file `.env` in the working directory. */
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { UsageError } from './failure.js';

/** Takes DATABASE_URL and whatever else `.env` sets. What the environment has already, if only empty, wins. */
export function loadEnvironment(file = '.env'): void {
  if (!existsSync(file)) return;
  try {
    loadEnvFile(file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, 'Make it a file of lines such as DATABASE_URL=postgres://…, or remove it.');
  }
}
