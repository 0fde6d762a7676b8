/** Migrations, with a line for each. */
import type { Database } from '../connection.js';
import { migrate, pendingMigrations } from '../migrate.js';
import { duration, marks, plural, print } from './terminal.js';

/** Applies what is pending and says so, with `quiet` in one line. Returns how many migrations that were. */
export async function migrateWithReport(db: Database, { quiet = false } = {}): Promise<number> {
  const pending = await pendingMigrations(db);
  if (pending.length === 0) return 0;
  const started = performance.now();
  // A migration is applied when the next one begins, or at the end.
  let running: string | undefined;
  const applied = (): void => {
    if (running !== undefined && !quiet) print(`${marks.ok} applied ${running}`);
    running = undefined;
  };
  await migrate(db.url, (message) => {
    const file = /^Running migration '([^']+)'/.exec(message)?.[1];
    if (file === undefined) return;
    applied();
    running = file;
  });
  applied();
  print(`${marks.ok} ${plural(pending.length, 'migration')} applied in ${duration((performance.now() - started) / 1000)}`);
  return pending.length;
}
