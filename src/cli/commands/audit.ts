import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { DatabaseError } from 'pg';
import { archive, archiveLines, sealsToArchive } from '../../../queries/audit.queries.js';
import { readArchive } from '../../audit/files.js';
import type { Database } from '../../client/open.js';
import { one } from '../../client/results.js';
import { writeWhole } from '../../disk/durable.js';
import { UsageError } from '../console/failure.js';
import { type GlobalOptions, withSchema } from '../console/place.js';
import { bytes, marks, plural, print } from '../console/terminal.js';

interface ExportOptions extends GlobalOptions {
  readonly olderThan: string;
}

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('the audit log: move what is old and sealed into a file')
    .command('export')
    .description('move sealed entries into a new file, from which they can be proved, and out of the log')
    .argument('<file>', 'file to write, one JSON document a line; one that an interrupted export has left is taken')
    .requiredOption('--older-than <interval>', "for how long they have been sealed, such as '1 year'")
    .action(async (file: string, _options: object, command: Command) => {
      const { olderThan, ...options } = command.optsWithGlobals<ExportOptions>();
      await withSchema(options, async (db) => {
        if (!existsSync(file)) {
          const seals = await sealsToArchive.run({ older_than: olderThan }, db).catch((error: unknown) => {
            // Class 22: it is no interval, or one out of range.
            const isWrong = error instanceof DatabaseError && error.code?.startsWith('22');
            throw isWrong ? new UsageError(`--older-than: ${error.message}`, `Write an interval such as '1 year' or '90 days'.`) : error;
          });
          if (seals.length === 0) return print(`${marks.ok} No entry has been sealed for that long`);
          await writeWhole(file, linesOf(seals, db));
        }
        // What is deleted is what can be read back, and no other.
        const { firstSeal, seal_id, digest, seals, entries } = await readArchive(file);
        await one(archive, { first_seal: firstSeal, last_seal: seal_id, head: Buffer.from(digest, 'hex') }, db);
        print(`${marks.ok} ${plural(entries, 'entry', 'entries')} of ${plural(seals, 'seal')} moved to ${file}, ${bytes((await stat(file)).size)}`);
        print(`  The log keeps their seals: btcdb seal verify --archive ${file}`);
      });
    });
}

/** A seal at a time, which is ten thousand entries at most. */
async function* linesOf(seals: readonly { readonly seal_id: string }[], db: Database): AsyncGenerator<string> {
  for (const { seal_id } of seals) yield (await archiveLines.run({ seal_id }, db)).map(({ line }) => `${line}\n`).join('');
}
