import { relative } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { openEmbedded, openPlace } from '../../connection.js';
import { hasData } from '../../embedded/folder.js';
import { discover } from '../../import/index.js';
import { parseTimestamp } from '../../types/scalars.js';
import { migrate } from '../../schema/migrate.js';
import { requireMigrated } from '../../schema/migration-state.js';
import { printReport } from '../console/import-report.js';
import { migrateWithReport } from '../console/migration-report.js';
import { type GlobalOptions, placeOf } from '../console/place.js';
import { importWithDisplay, type ImportChoices } from '../console/watched-import.js';

interface ImportOptions extends GlobalOptions, ImportChoices {
  readonly rejects?: string;
}

export function addImport(program: Command): void {
  program
    .command('import')
    .description('import a folder of JSON and CSV files, one for each series; repeating it changes nothing')
    .argument('<path>', 'folder with <source_name>.json or .csv, also .gz, and perhaps sources.json; or one such file')
    .option('--only <names>', 'only these sources, separated by commas', (text: string, before: string[] = []) => [...before, ...text.split(',')])
    .option('--from <time>', 'only rows from this time on, such as 2024-01-01 or 2024-01-01T12:00Z', timeOf)
    .option('--to <time>', 'only rows until this time, itself included', timeOf)
    .option('--dry-run', 'read and compare everything, say what would be written, and write nothing')
    .option('--overwrite', 'take what the files say also for rows that somebody corrected')
    .option('--user <name>', 'who imports, for the audit log')
    .option('--reason <text>', 'why, for the audit log; changed rows then count as corrections')
    .option('--rejects <folder>', 'where rejected rows are written (default: .btcdb/rejects)')
    .action(async (path: string, _options: object, command: Command) => {
      const { rejects, ...options } = command.optsWithGlobals<ImportOptions>();
      const place = placeOf(options);
      // A path that leads nowhere is told before a database is made for it.
      await discover(path);
      const { user, reason, from, to, only, overwrite, dryRun = false } = options;
      // A dry run leaves nothing behind: where there is no embedded database yet, an empty one in memory stands in.
      const inMemory = dryRun && place.kind === 'embedded' && !hasData(place.folder);
      const db = await (inMemory ? openEmbedded(undefined) : openPlace(place));
      try {
        if (inMemory) await migrate(db.url);
        // The embedded database is ours to migrate; a server may be shared, so somebody has to say so.
        else if (db.engine === 'embedded' && !dryRun) await migrateWithReport(db);
        else await requireMigrated(db);
        const choices = { user, reason, from, to, only, overwrite, dryRun, rejectsFolder: rejects };
        const { report, exitCode } = await importWithDisplay(db, path, choices);
        printReport(report, (file) => relative(process.cwd(), file));
        if (exitCode !== 0) process.exitCode = exitCode;
      } finally {
        await db.close();
      }
    });
}

function timeOf(text: string): Date {
  const ms = parseTimestamp(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It has to be a time such as 2024-01-01 or 2024-01-01T12:00Z.');
  return new Date(ms);
}
