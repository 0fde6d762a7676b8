import { relative } from 'node:path';
import type { Command } from 'commander';
import type { Database } from '../../connection.js';
import { discover, type ImportReport, importFolder } from '../../import/index.js';
import { type GlobalOptions, placeOf, requireMigrated, withDatabase } from '../database.js';
import { exitCodeOf, onInterrupt } from '../interrupt.js';
import { migrateWithReport } from '../migrating.js';
import { ImportDisplay } from '../progress.js';
import { printReport } from '../import-report.js';
import { marks, note } from '../terminal.js';

interface ImportOptions extends GlobalOptions {
  readonly user?: string;
  readonly reason?: string;
  readonly rejects?: string;
}

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

/** Imports, shows how far it is, and lets a signal end it between two batches. */
export async function importWithDisplay(
  db: Database,
  path: string,
  options: Pick<ImportOptions, 'user' | 'reason' | 'rejects'> = {},
): Promise<{ report: ImportReport; exitCode: number }> {
  const abort = new AbortController();
  const display = new ImportDisplay();
  let interruptedBy = 0;
  const dispose = onInterrupt((signal) => {
    interruptedBy = exitCodeOf(signal);
    display.stop();
    note(`${marks.warning} ${signal}: the batch at work is rolled back, what is stored stays. Once more ends it at once.`);
    abort.abort();
  });
  try {
    const report = await importFolder(db, path, {
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      ...(options.rejects === undefined ? {} : { rejectsFolder: options.rejects }),
      signal: abort.signal,
      onProgress: (progress) => display.update(progress),
      onFile: (file) => display.file(file),
    });
    display.finish();
    return { report, exitCode: report.interrupted ? interruptedBy : report.ok ? 0 : 1 };
  } finally {
    display.stop();
    dispose();
  }
}
