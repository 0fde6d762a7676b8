/**
 * The commands on migrations, on the server in DATABASE_URL or else on the embedded engine in `.btcdb`.
 *
 *     npm run migrate                          apply what is committed
 *     npm run migrate:commit -- -m "what"      commit migrations/current.sql
 *     npm run migrate:uncommit [-- <file>]     take the last one back into current.sql
 *     npm run migrate:reset [-- --erase]       make the development database anew
 *     npm run migrate:status                   exit code 1: pending, 2: current.sql is not empty, 3: both, 4: broken
 *     npm run migrate:check [-- --ci --offline] look for everything that can be wrong
 *     npm run compose [-- --check]             carry homes of functions and views into the migrations
 */
import { Command } from 'commander';
import { placeOf } from '../../src/cli/console/place.js';
import { reportError } from '../../src/cli/console/failure.js';
import { marks, note, plural, print, printError } from '../../src/cli/console/terminal.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';
import { formatProblem, ProblemsError, refuse } from '../problem.js';
import { checkChain } from './chain.js';
import { check } from './check.js';
import { commit, type Target } from './commit.js';
import { compose, describeChanges, writeChanges } from './compose.js';
import { applyPending } from './current.js';
import { readFolder } from './folder.js';
import { isReleased } from './release.js';
import { reset } from './reset.js';
import { status } from './status.js';
import { openOrCreate } from './target.js';
import { uncommit } from './uncommit.js';

const program = new Command('migrations')
  .option('--folder <folder>', 'the migrations folder', migrationsFolder)
  .showHelpAfterError();

function target(): Target {
  return { place: placeOf({}), folder: program.opts<{ folder: string }>().folder, released: isReleased() };
}

program.command('up').description('apply the committed migrations').action(async () => {
  const { place, folder: root, released } = target();
  const folder = readFolder(root);
  refuse(folder.problems);
  refuse(checkChain(folder.committed, released));
  const db = await openOrCreate(place, folder);
  try {
    const names = await applyPending(db, db.url, folder);
    for (const name of names) print(`${marks.ok} applied ${name}`);
    if (names.length === 0) print(`${marks.ok} the database has all ${plural(folder.committed.length, 'migration')}`);
  } finally {
    await db.close();
  }
});

program.command('commit').description('commit the current migration')
  .option('-m, --message <message>', 'what it does, for its name')
  .action(async ({ message }: { message?: string }) => {
    const { name, notApplied } = await commit(target(), message);
    print(`${marks.ok} committed ${name}`);
    if (notApplied !== undefined) note(`The development database does not have it yet. ${notApplied}`);
  });

program.command('uncommit').description('take the last committed migration back into current.sql')
  .argument('[file]', 'its name, when two branches committed one each')
  .action(async (file?: string) => {
    print(`${marks.ok} took ${await uncommit(target(), file)} back into current.sql`);
  });

program.command('reset').description('make the development database anew')
  .option('--erase', 'also when it holds data, all of which is deleted', false)
  .action(async ({ erase }: { erase: boolean }) => {
    await reset(target(), { erase });
    print(`${marks.ok} made the database anew, with the committed migrations`);
  });

program.command('status').description('where the folder and the database stand').action(async () => {
  try {
    const { committed, pending, hasCurrent, differing } = await status(target());
    print(`${committed.length - pending.length} of ${plural(committed.length, 'migration')} applied`);
    for (const name of pending) print(`${marks.warning} pending: ${name}`);
    if (hasCurrent) print(`${marks.warning} current.sql is not empty`);
    for (const name of differing) print(`${marks.warning} not as its home says: ${name}`);
    if (differing.length > 0) note('The loop (npm run dev) or npm run migrate:reset mends that.');
    process.exitCode = differing.length > 0 ? 4 : (pending.length > 0 ? 1 : 0) + (hasCurrent ? 2 : 0);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    report(error);
    process.exitCode = 4;
  }
});

program.command('check').description('look for everything that can be wrong with the migrations')
  .option('--ci', 'the current migration must be committed', false)
  .option('--offline', 'look at no database but a fresh embedded one', false)
  .action(async (options: { ci: boolean; offline: boolean }) => {
    const { problems, notes } = await check(target(), options);
    for (const text of notes) note(text);
    refuse(problems);
    print(`${marks.ok} the migrations are in order`);
  });

program.command('compose').description('carry homes of functions and views into the migrations')
  .option('--check', 'write nothing, fail when something would be written', false)
  .action(({ check: isCheck }: { check: boolean }) => {
    const { folder: root, released } = target();
    const folder = readFolder(root);
    refuse(folder.problems);
    const composition = compose(folder, { isReleased: released });
    refuse(composition.problems);
    if (isCheck) refuse(describeChanges(composition, released));
    writeChanges(composition);
    for (const { shown } of composition.changes) print(`Composed ${shown}`);
    refuse(checkChain(readFolder(root).committed, released));
  });

function report({ problems }: ProblemsError): void {
  for (const problem of problems) printError(formatProblem(problem));
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof ProblemsError) report(error);
  else reportError(error, false);
  process.exitCode = 1;
}
