import type { Command } from 'commander';
import { refreshAll } from '../../../queries/operations.queries.js';
import { again, maintenance } from '../../again.js';
import { type GlobalOptions, withSchema } from '../database.js';
import { duration, marks, print } from '../terminal.js';

export function addRefresh(program: Command): void {
  program
    .command('refresh')
    .description('bring the continuous aggregates up to date over all of history')
    .action(async (_options: object, command: Command) => {
      await withSchema(command.optsWithGlobals<GlobalOptions>(), async (db) => {
        const started = performance.now();
        await again(() => refreshAll.run(undefined, db), { codes: maintenance });
        print(`${marks.ok} aggregates refreshed in ${duration((performance.now() - started) / 1000)}`);
      });
    });
}
