/**
 * Writes schema.sql: what the migrations, the current one included, make of a fresh database.
 *
 *     npm run schema              write
 *     npm run schema -- --check   fail when something would be written
 *
 * The database is the embedded engine in memory, or with DATABASE_URL the shadow database on that server; both give the
 * same file.
 */
import { fileURLToPath } from 'node:url';
import { usualPlace } from '../../src/connection.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';
import { compareTexts } from '../difference.js';
import { readIfThere, replaceFile, shownPath } from '../files.js';
import { withFreshDatabase } from '../migrations/place.js';
import { refuse } from '../problem.js';
import { run, say } from '../terminal.js';
import { describeSchema } from './describe.js';

const file = fileURLToPath(new URL('../../../schema.sql', import.meta.url));

await run(async () => {
  const made = await withFreshDatabase(usualPlace(), migrationsFolder, describeSchema);
  const kept = readIfThere(file) ?? '';
  if (process.argv.includes('--check')) {
    refuse(compareTexts(shownPath(file), kept, made, {
      message: 'it is not what the migrations make', fix: 'Run `npm run schema` and look at the difference before you commit it.',
    }));
  }
  if (kept !== made) replaceFile(file, made);
  say(`${shownPath(file)} ${kept === made ? 'is up to date' : 'written'}`);
});
