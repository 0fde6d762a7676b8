/** Migrations, with a line for each. */
import type { Database } from '../../client/open.js';
import { migrate, runningMigration } from '../../schema/migrate.js';
import { duration, marks, plural, print } from './terminal.js';

/** Applies what is pending and says what really ran, with `quiet` in one line. Returns how many migrations that were. */
export async function migrateWithReport(db: Database, { quiet = false } = {}): Promise<number> {
  const started = performance.now();
  // A migration is applied when the next one begins, or at the end.
  let running: string | undefined;
  const applied = (): void => {
    if (running !== undefined && !quiet) print(`${marks.ok} applied ${running}`);
    running = undefined;
  };
  const names = await migrate(db.url, (message) => {
    const file = runningMigration(message);
    if (file === undefined) return;
    applied();
    running = file;
  });
  applied();
  if (names.length > 0) {
    print(`${marks.ok} ${plural(names.length, 'migration')} applied in ${duration((performance.now() - started) / 1000)}`);
  }
  return names.length;
}
