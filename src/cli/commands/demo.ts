import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { embeddedFolder, type Place } from '../../connection.js';
import { requireMigrated } from '../../schema/migration-state.js';
import { UsageError } from '../console/failure.js';
import { type GlobalOptions, placeOf, shown, withDatabase } from '../console/place.js';
import { colours, print } from '../console/terminal.js';
import { runDemo } from '../demo/show.js';

/** The demo has a database of its own: what it writes can never be taken out of an audit log again. */
const DEMO_FOLDER = '.btcdb/demo';

interface DemoOptions extends GlobalOptions {
  readonly fresh?: boolean;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description(`make a sample of six sources, import it and show it; in ${DEMO_FOLDER} unless --url or --data-dir say otherwise`)
    .option('--fresh', 'begin anew: forget the sample and the database of the last demo')
    .action(async (_options: object, command: Command) => {
      const { fresh, ...options } = command.optsWithGlobals<DemoOptions>();
      // DATABASE_URL does not count here: nobody wants a demo in the database of a running system by accident.
      const place = options.url === undefined ? placeOf({ dataDir: DEMO_FOLDER, ...options }) : placeOf(options);
      const folder = place.kind === 'embedded' ? place.folder : embeddedFolder(DEMO_FOLDER);
      if (fresh) {
        if (options.url !== undefined || options.dataDir !== undefined) {
          throw new UsageError('--fresh is only for the demo in its own folder', 'Leave out --url and --data-dir.');
        }
        rmSync(folder, { recursive: true, force: true });
      }
      const exitCode = await withDatabase(place, async (db) => {
        if (db.engine === 'server') await requireMigrated(db);
        return runDemo(db, { sample: join(folder, 'sample'), rejects: join(folder, 'rejects'), shown });
      });
      if (exitCode !== 0) {
        process.exitCode = exitCode;
        return;
      }
      print(colours.dim(`  Look around: npx btcdb status ${choiceOf(place)}`));
      print(colours.dim(`  In a browser: npx btcdb serve --open ${choiceOf(place)}`));
    });
}

function choiceOf(place: Place): string {
  return place.kind === 'embedded' ? `--data-dir ${shown(place.folder)}` : '--url …';
}
