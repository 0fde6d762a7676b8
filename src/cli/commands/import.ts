import { relative } from 'node:path';
import type { Command } from 'commander';
import { discover } from '../../import/index.js';
import { type GlobalOptions, placeOf, withDatabase } from '../database.js';
import { requireMigrated } from '../../migrations.js';
import { migrateWithReport } from '../migrating.js';
import { printReport } from '../import-report.js';
import { importWithDisplay, type ImportChoices } from '../importing.js';

interface ImportOptions extends GlobalOptions, ImportChoices {}

export function addImport(program: Command): void {
  program
    .command('import')
    .description('import a folder of JSON and CSV files, one for each series; repeating it changes nothing')
    .argument('<path>', 'folder with <source_name>.json or .csv, also .gz, and perhaps sources.json; or one such file')
    .option('--user <name>', 'who imports, for the audit log')
    .option('--reason <text>', 'why, for the audit log; changed rows then count as corrections')
    .option('--rejects <folder>', 'where rejected rows are written (default: .btcdb/rejects)')
    .action(async (path: string, _options: object, command: Command) => {
      const options = command.optsWithGlobals<ImportOptions>();
      const place = placeOf(options);
      // A path that leads nowhere is told before a database is made for it.
      await discover(path);
      await withDatabase(place, async (db) => {
        // The embedded database is ours to migrate; a server may be shared, so somebody has to say so.
        if (db.engine === 'embedded') await migrateWithReport(db);
        else await requireMigrated(db);
        const { report, exitCode } = await importWithDisplay(db, path, options);
        printReport(report, (file) => relative(process.cwd(), file));
        if (exitCode !== 0) process.exitCode = exitCode;
      });
    });
}
