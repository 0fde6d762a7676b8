/** An import that a person watches. */
import type { Database } from '../../client/open.js';
import { type ImportOptions, type ImportReport, importFolder } from '../../import/index.js';
import { ImportDisplay } from './import-display.js';
import { exitCodeOf, onInterrupt } from './interrupt.js';
import { marks, note } from './terminal.js';

export type ImportChoices = Pick<ImportOptions, 'user' | 'reason' | 'rejectsFolder' | 'from' | 'to' | 'only' | 'overwrite' | 'dryRun'>;

/** Imports, shows how far it is, and lets a signal end it between two batches. */
export async function importWithDisplay(
  db: Database,
  path: string,
  options: ImportChoices = {},
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
      ...options,
      signal: abort.signal,
      onProgress: (progress) => display.update(progress),
      onFile(file) {
        // Of an interrupted file the last line tells.
        if (!abort.signal.aborted) display.file(file);
      },
    });
    display.finish();
    return { report, exitCode: report.interrupted ? interruptedBy : report.ok ? 0 : 1 };
  } finally {
    display.stop();
    dispose();
  }
}
