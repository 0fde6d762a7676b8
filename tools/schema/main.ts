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
import { Command } from 'commander';
import { placeOf } from '../../src/cli/console/place.js';
import { reportError } from '../../src/cli/console/failure.js';
import { marks, print, printError } from '../../src/cli/console/terminal.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';
import { readIfThere, shownPath } from '../files.js';
import { replaceFile } from '../migrations/compose.js';
import { formatProblem, ProblemsError, refuse } from '../problem.js';
import { withFreshDatabase } from '../migrations/target.js';
import { compareSchemas } from './compare.js';
import { describeSchema } from './describe.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const program = new Command('schema')
  .option('--check', 'write nothing, fail when something would be written', false)
  .option('--folder <folder>', 'the migrations folder', migrationsFolder)
  .option('--file <file>', 'the file', `${root}schema.sql`)
  .showHelpAfterError()
  .action(async ({ check, folder, file }: { check: boolean; folder: string; file: string }) => {
    const text = await withFreshDatabase(placeOf({}), folder, describeSchema);
    const kept = readIfThere(file) ?? '';
    if (check) refuse(compareSchemas(shownPath(file), kept, text));
    else if (kept !== text) replaceFile(file, text);
    print(`${marks.ok} ${shownPath(file)} ${kept === text ? 'is up to date' : 'written'}`);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof ProblemsError) for (const problem of error.problems) printError(formatProblem(problem));
  else reportError(error, false);
  process.exitCode = 1;
}
