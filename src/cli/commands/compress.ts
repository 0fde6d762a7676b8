import type { Command } from 'commander';
import { DatabaseError } from 'pg';
import { compressionTotal, compressOld } from '../../../queries/operations.queries.js';
import { again, maintenance } from '../../client/again.js';
import { UsageError } from '../console/failure.js';
import { type GlobalOptions, withSchema } from '../console/place.js';
import { bytes, count, duration, marks, plural, print } from '../console/terminal.js';

interface CompressOptions extends GlobalOptions {
  readonly olderThan: string;
}

export function addCompress(program: Command): void {
  program
    .command('compress')
    .description('compress the chunks that are old enough')
    .option('--older-than <interval>', 'age of the newest row that a chunk may hold', '7 days')
    .action(async (_options: object, command: Command) => {
      const options = command.optsWithGlobals<CompressOptions>();
      await withSchema(options, async (db) => {
        const started = performance.now();
        await again(() => compressOld.run({ older_than: options.olderThan }, db), { passes: maintenance }).catch((error: unknown) => {
          // Class 22: it is no interval, or one out of range.
          const wrong = error instanceof DatabaseError && error.code?.startsWith('22');
          if (wrong) throw new UsageError(`--older-than: ${error.message}`, `Write an interval such as '7 days' or '3 months'.`);
          throw error;
        });
        const seconds = (performance.now() - started) / 1000;
        const [total] = await compressionTotal.run(undefined, db);
        print(`${marks.ok} ${count(total?.compressed_chunks ?? 0)} of ${plural(Number(total?.chunks ?? 0), 'chunk')} compressed, in ${duration(seconds)}`);
        if (total?.ratio) print(`  ${bytes(total.before_bytes ?? 0)} became ${bytes(total.after_bytes ?? 0)}: ${total.ratio} times smaller`);
      });
    });
}
