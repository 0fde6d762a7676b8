import type { Command } from 'commander';
import { migrateWithReport } from '../console/migration-report.js';
import { type GlobalOptions, placeOf, withDatabase } from '../console/place.js';
import { marks, print } from '../console/terminal.js';

export function addUp(program: Command): void {
  program
    .command('up')
    .description('bring the schema up to date; doing it twice changes nothing')
    .action(async (_options: object, command: Command) => {
      await withDatabase(placeOf(command.optsWithGlobals<GlobalOptions>()), async (db) => {
        if (await migrateWithReport(db) === 0) print(`${marks.ok} already up to date`);
      });
    });
}
