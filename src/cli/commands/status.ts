import type { Command } from 'commander';
import { aggregateStatus, compressionTotal } from '../../../queries/operations.queries.js';
import { freshness, overview } from '../../../queries/quality.queries.js';
import type { Database } from '../../connection.js';
import { type GlobalOptions, withSchema } from '../database.js';
import { age, bytes, colours, count, cut, heading, moment, plural, print, printTable } from '../terminal.js';

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show sources with freshness and quality, chunks and aggregates')
    .action(async (_options: object, command: Command) => {
      await withSchema(command.optsWithGlobals<GlobalOptions>(), async (db) => {
        await printSources(db);
        await printStorage(db);
        await printAggregates(db);
      });
    });
}

/** Sources with freshness, counts and quality, the ones that need attention first. */
export async function printSources(db: Database): Promise<void> {
  const [fresh, quality] = [await freshness.run(undefined, db), await overview.run(undefined, db)];
  heading(`Sources${fresh.length > 0 ? ` (${count(fresh.length)})` : ''}`);
  if (fresh.length === 0) {
    print('  none yet: btcdb import <folder>, or try btcdb demo');
    return;
  }
  const qualityOf = new Map(quality.map((row) => [row.source_id, row]));
  printTable(
    [
      { title: 'source' }, { title: 'freshness' }, { title: 'age', align: 'right' }, { title: 'rows', align: 'right' },
      { title: 'score', align: 'right' }, { title: 'invalid', align: 'right' }, { title: 'anomalies', align: 'right' },
      { title: 'gaps', align: 'right' },
    ],
    fresh.map((row) => {
      const judged = qualityOf.get(row.source_id);
      return [
        cut(row.name, 22),
        colourOf(row.freshness)(row.freshness),
        row.last_timestamp ? age((Date.now() - row.last_timestamp.getTime()) / 1000) : '',
        count(row.row_count),
        row.avg_quality_score ?? '',
        count(judged?.invalid_count ?? 0),
        count(row.anomaly_count),
        count(judged?.open_gaps ?? 0),
      ];
    }),
  );
}

function colourOf(state: string): (text: string) => string {
  if (state === 'FRESH') return colours.green;
  if (state === 'CRITICAL') return colours.red;
  return state === 'WARNING' || state === 'STALE' ? colours.yellow : colours.dim;
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
