import type { Command } from 'commander';
import { DatabaseError } from 'pg';
import { previewRetention, setRetention } from '../../../queries/operations.queries.js';
import { UsageError } from '../console/failure.js';
import { type GlobalOptions, withSchema } from '../console/place.js';
import { bytes, count, cut, marks, moment, plural, print, printTable } from '../console/terminal.js';

interface RetentionOptions extends GlobalOptions {
  readonly dryRun?: boolean;
}

/** Chunks that are listed. Those that go next are at the top. */
const listed = 20;

export function addRetention(program: Command): void {
  program
    .command('retention')
    .description('how long rows are kept, and what goes when; the aggregates stay')
    .argument('[keep]', "for how long from now on, such as '5 years', or off (default: as it is set)")
    .option('--dry-run', 'only show what would go')
    .action(async (given: string | undefined, _options: object, command: Command) => {
      const { dryRun, ...options } = command.optsWithGlobals<RetentionOptions>();
      const keep = given === 'off' ? undefined : given;
      await withSchema(options, async (db) => {
        const wrong = (error: unknown): never => {
          // Class 22: it is no interval, or none that rows could be kept for.
          const isWrong = error instanceof DatabaseError && error.code?.startsWith('22');
          throw isWrong ? new UsageError(error.message, `Write an interval such as '5 years', or off.`) : error;
        };
        const chunks = given === 'off' ? [] : await previewRetention.run({ keep }, db).catch(wrong);
        if (given !== undefined && dryRun !== true) {
          await setRetention.run({ keep }, db).catch(wrong);
          print(keep === undefined ? `${marks.ok} Rows are kept for ever` : `${marks.ok} Rows are kept for ${keep}`);
        }
        if (chunks.length === 0) {
          if (given === undefined || dryRun === true) print('Nothing goes: retention is off, or there are no rows');
          return;
        }
        const due = chunks.filter(({ is_due }) => is_due);
        const rows = due.reduce((sum, { row_count }) => sum + BigInt(row_count), 0n);
        print(`${plural(due.length, 'chunk')} of ${count(chunks.length)}, ${count(rows)} rows, ${dryRun === true && given !== undefined ? 'would go' : 'go'} with the next daily run`);
        printTable(
          [{ title: 'from' }, { title: 'to' }, { title: 'rows', align: 'right' }, { title: 'size', align: 'right' }, { title: 'goes' }, { title: 'sources' }],
          chunks.slice(0, listed).map((chunk) => [
            moment(chunk.range_start).slice(0, 10), moment(chunk.range_end).slice(0, 10), count(chunk.row_count), bytes(chunk.total_bytes),
            chunk.is_due ? 'next run' : moment(chunk.drops_at).slice(0, 10), cut(chunk.source_names.join(' '), 24),
          ]),
        );
        if (chunks.length > listed) print(`… and ${count(chunks.length - listed)} later ones`);
      });
    });
}
