import type { Command } from 'commander';
import { openEmbedded, type Database } from '../../connection.js';
import { type GlobalOptions, hasData, openDatabase, type Place, placeOf, shown } from '../database.js';
import { examine, failureOf, printFinding } from '../doctor/examine.js';
import { reportError } from '../failure.js';
import { colours, print } from '../terminal.js';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check connection, schema and data, and say how to mend what is wrong')
    .action(async (_options: object, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const place = placeOf(options);
      let db: Database;
      try {
        db = await openFor(place);
      } catch (error) {
        printFinding(failureOf('Database not connected', error));
        if (options.verbose) reportError(error, true);
        process.exitCode = 1;
        return;
      }
      try {
        const healthy = await examine(db, printFinding);
        if (!healthy) process.exitCode = 1;
      } finally {
        await db.close();
      }
      if (place.kind === 'embedded') {
        print(colours.dim(hasData(place.folder)
          ? `  The embedded engine in ${shown(place.folder)}`
          : `  The embedded engine; ${shown(place.folder)} does not exist yet, so this one was in memory`));
      }
    });
}

/** An examination leaves nothing behind: where there is no embedded database yet, an empty one in memory stands in. */
function openFor(place: Place): Promise<Database> {
  return place.kind === 'embedded' && !hasData(place.folder) ? openEmbedded(undefined) : openDatabase(place);
}
