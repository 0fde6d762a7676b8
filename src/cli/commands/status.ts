import type { Command } from 'commander';
import { aggregateStatus, compressionTotal } from '../../../queries/operations.queries.js';
import type { Database } from '../../client/open.js';
import { type GlobalOptions, withSchema } from '../console/place.js';
import { printDetail, printSources, readDetail, readSources } from '../console/source-status.js';
import { bytes, count, heading, moment, plural, print, printJson, printTable } from '../console/terminal.js';

interface StatusOptions extends GlobalOptions {
  readonly json?: boolean;
}

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show sources with freshness and quality, chunks and aggregates; or one source in detail')
    .argument('[source]', 'name of a source')
    .option('--json', 'print one JSON document for programs')
    .action(async (source: string | undefined, _options: object, command: Command) => {
      const options = command.optsWithGlobals<StatusOptions>();
      await withSchema(options, async (db) => {
        if (source !== undefined) {
          const detail = await readDetail(db, source);
          if (options.json) printJson(detail);
          else printDetail(detail);
        } else if (options.json) printJson(await readStatus(db));
        else {
          await printSources(db);
          await printStorage(db);
          await printAggregates(db);
        }
      });
    });
}

/** What `status --json` prints. Its names are those of the views and queries. */
async function readStatus(db: Database): Promise<object> {
  const [storage] = await compressionTotal.run(undefined, db);
  return { sources: await readSources(db), storage: storage ?? null, aggregates: await aggregateStatus.run(undefined, db) };
}

async function printStorage(db: Database): Promise<void> {
  const [total] = await compressionTotal.run(undefined, db);
  if (!total) return;
  heading('Storage');
  const chunks = Number(total.chunks);
  print(`  ${plural(chunks, 'chunk')}, ${count(total.compressed_chunks)} compressed`);
  if (total.ratio) print(`  ${bytes(total.before_bytes ?? 0)} became ${bytes(total.after_bytes ?? 0)}: ${total.ratio} times smaller`);
}

async function printAggregates(db: Database): Promise<void> {
  heading('Continuous aggregates');
  printTable(
    [{ title: 'aggregate' }, { title: 'materialized until' }, { title: 'last refresh by policy' }, { title: 'result' }],
    (await aggregateStatus.run(undefined, db)).map((row) => [
      row.aggregate,
      row.materialized_until ? moment(row.materialized_until) : 'never',
      row.last_refresh ? moment(row.last_refresh) : '-',
      row.last_status ?? '-',
    ]),
  );
}
