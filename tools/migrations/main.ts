/** `npm run migrate` and its like: the commands on migrations, on the server in DATABASE_URL or else on the embedded one in `.btcdb`. */
import { Command } from 'commander';
import { usualPlace } from '../../src/connection.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';
import { refuse } from '../problem.js';
import { say, run, warn } from '../terminal.js';
import { check } from './check.js';
import { commit, reset, status, uncommit, up } from './commands.js';
import { carryHomes } from './compose.js';
import { type Target } from './place.js';
import { isReleased } from './folder.js';

const program = new Command('migrations')
  .option('--folder <folder>', 'the migrations folder', migrationsFolder)
  .showHelpAfterError();

function target(): Target {
  return { place: usualPlace(), folder: program.opts<{ folder: string }>().folder, released: isReleased() };
}

program.command('up').description('apply the committed migrations').action(async () => {
  const names = await up(target());
  for (const name of names) say(`applied ${name}`);
  if (names.length === 0) say('the database has all migrations');
});

program.command('commit').description('commit the current migration')
  .option('-m, --message <message>', 'what it does, for its name')
  .action(async ({ message }: { message?: string }) => {
    const { name, notApplied } = await commit(target(), message);
    say(`committed ${name}`);
    if (notApplied !== undefined) warn(`The development database does not have it yet. ${notApplied}`);
  });

program.command('uncommit').description('take the last committed migration back into current.sql')
  .argument('[file]', 'its name, when two branches committed one each')
  .action(async (file?: string) => say(`took ${await uncommit(target(), file)} back into current.sql`));

program.command('reset').description('make the development database anew')
  .option('--erase', 'also when it holds data, all of which is deleted', false)
  .action(async (options: { erase: boolean }) => {
    await reset(target(), options);
    say('made the database anew, with the committed migrations');
  });

program.command('status').description('where folder and database stand; exit code 1: pending, 2: current.sql is not empty, 3: both, 4: broken')
  .action(async () => {
    // What is thrown is told by whoever runs this.
    process.exitCode = 4;
    const { committed, pending, hasCurrent, differing } = await status(target());
    say(`${committed.length - pending.length} of ${committed.length} migrations applied`);
    for (const name of pending) warn(`pending: ${name}`);
    if (hasCurrent) warn('current.sql is not empty');
    for (const name of differing) warn(`not as its home says: ${name}`);
    if (differing.length > 0) warn('The loop (npm run dev) or npm run migrate:reset mends that.');
    else process.exitCode = (pending.length > 0 ? 1 : 0) + (hasCurrent ? 2 : 0);
  });

program.command('check').description('look for everything that can be wrong with the migrations')
  .option('--ci', 'the current migration must be committed', false)
  .action(async ({ ci }: { ci: boolean }) => {
    refuse(await check(target(), !ci));
    say('the migrations are in order');
  });

program.command('compose').description('carry homes of functions and views into the migrations')
  .action(() => {
    const { folder, released } = target();
    for (const { shown } of carryHomes(folder, !released).changes) say(`composed ${shown}`);
  });

await run(() => program.parseAsync());
