/** What an import did, at its end. */
import { visible } from '../../errors/messages.js';
import type { FileReport, ImportReport } from '../../import/index.js';
import { redact } from './failure.js';
import { colours, count, cut, duration, marks, moment, plural, print, printError, printHint, printTable, type Column } from './terminal.js';

/** Counts of each file and, where there are any, errors, rejects and duplicates. `shown` makes a path readable. */
export function printReport(report: ImportReport, shown: (path: string) => string): void {
  const { files } = report;
  // The file at work when somebody interrupted has an error too, which the last line tells.
  const failed = files.filter((file, i) => file.error !== undefined && !(report.interrupted && i === files.length - 1));
  const duplicates = files.some((file) => file.duplicates > 0);
  const columns: Column[] = [
    { title: 'file' },
    ...['inserted', 'updated', 'unchanged', ...(duplicates ? ['twice'] : []), 'rejected', 's', 'rows/s']
      .map((title) => ({ title, align: 'right' }) as const),
  ];
  print();
  printTable(columns, [
    ...files.map((file) => rowOf(cut(visible(file.file), 30), file, duplicates, failed.includes(file))),
    ...(files.length > 1 ? [rowOf('total', sumOf(files), duplicates, false)] : []),
  ]);

  for (const file of files) {
    const { kept, keptMoments, leftOut, rejected, rejects, rejectsFile } = file;
    if (kept + leftOut + rejected > 0) print();
    const name = visible(file.file);
    if (leftOut > 0) print(colours.dim(`  ${name}: ${plural(leftOut, 'row')} without a value, still open, or outside the range left out`));
    if (kept > 0) {
      print(`${marks.warning} ${name}: ${plural(kept, 'corrected row')} kept; --overwrite takes what the file says`);
      print(colours.dim(`    ${keptMoments.map(moment).join(', ')}${kept > keptMoments.length ? ', …' : ''}`));
    }
    if (rejected > 0) print(`${marks.warning} ${name}: ${plural(rejected, 'row')} rejected${rejectsFile ? `, listed in ${shown(rejectsFile)}` : ''}`);
    for (const { line, reason } of rejects.slice(0, 3)) print(colours.dim(`    line ${line}: ${cut(reason, 64)}`));
  }
  for (const { error } of failed) {
    if (error === undefined) continue;
    printError(redact(`${error.message.replace(/[.]$/, '')} (${error.code})`));
    if (error.hint) printHint(redact(error.hint));
  }

  print();
  if (report.interrupted) print(`${marks.warning} Interrupted after ${duration(report.seconds)}. Import again: what is stored is kept and not written twice.`);
  else if (failed.length > 0) print(`${marks.failure} ${plural(failed.length, 'file')} of ${count(files.length)} failed.`);
  else print(`${marks.ok} ${summary(files, report)}`);
}

function summary(files: readonly FileReport[], report: ImportReport): string {
  const { inserted, updated, kept, leftOut } = sumOf(files);
  const time = `in ${duration(report.seconds)}${report.dryRun ? ': a dry run, nothing was written' : ''}`;
  const sources = report.sources.inserted + report.sources.updated;
  if (inserted + updated + sources === 0) return `Nothing changed${kept + leftOut === 0 ? ': every row was there already' : ''}, ${time}.`;
  return `${plural(inserted, 'new row')}, ${plural(updated, 'changed row')}, ${plural(report.sources.inserted, 'new source')}, ${time}.`;
}

type Counts = Pick<FileReport, 'rows' | 'inserted' | 'updated' | 'unchanged' | 'kept' | 'duplicates' | 'leftOut' | 'rejected' | 'seconds'>;

export function sumOf(files: readonly Counts[]): Counts {
  const total = { rows: 0, inserted: 0, updated: 0, unchanged: 0, kept: 0, duplicates: 0, leftOut: 0, rejected: 0, seconds: 0 };
  for (const file of files) {
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += file[key];
  }
  return total;
}

function rowOf(title: string, file: Counts, duplicates: boolean, failed: boolean): (string | number)[] {
  const speed = file.seconds > 0 && !failed ? count(file.rows / file.seconds) : '';
  return [
    failed ? `${title} ${marks.failure}` : title,
    count(file.inserted), count(file.updated), count(file.unchanged),
    ...(duplicates ? [count(file.duplicates)] : []),
    count(file.rejected), file.seconds.toFixed(1), speed,
  ];
}
