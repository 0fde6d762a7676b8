/**
 * Writes schema.sql: what the migrations, the current one included, make of a fresh database; and src/schema/truth.ts,
 * by which the doctor knows it again.
 *
 *     npm run schema              write
 *     npm run schema -- --check   fail when something would be written
 *
 * The database is the embedded engine in memory, or with DATABASE_URL the shadow database on that server; both give the
 * same file.
 */
import { fileURLToPath } from 'node:url';
import { usualPlace } from '../../src/connection.js';
import { replaceFile } from '../../src/disk/durable.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';
import { compareTexts } from '../difference.js';
import { readIfThere, shownPath } from '../files.js';
import { withFreshDatabase } from '../migrations/place.js';
import { refuse } from '../problem.js';
import { run, say } from '../terminal.js';
import { describeSchema } from './describe.js';
import { describeTruth } from './truth.js';

const files = [
  { path: fileURLToPath(new URL('../../../schema.sql', import.meta.url)), describe: describeSchema },
  { path: fileURLToPath(new URL('../../../src/schema/truth.ts', import.meta.url)), describe: describeTruth },
];

await run(async () => {
  const texts = await withFreshDatabase(usualPlace(), migrationsFolder, async (client) => {
    const made: string[] = [];
    for (const { describe } of files) made.push(await describe(client));
    return made;
  });
  const compared = files.map(({ path }, index) => ({ path, kept: readIfThere(path) ?? '', made: texts[index]! }));
  if (process.argv.includes('--check')) {
    refuse(compared.flatMap(({ path, kept, made }) => compareTexts(shownPath(path), kept, made, {
      message: 'it is not what the migrations make', fix: 'Run `npm run schema` and look at the difference before you commit it.',
    })));
  }
  for (const { path, kept, made } of compared) {
    if (kept !== made) replaceFile(path, made);
    say(`${shownPath(path)} ${kept === made ? 'is up to date' : 'written'}`);
  }
});
