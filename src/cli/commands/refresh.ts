import type { Command } from 'commander';
import { DatabaseError } from 'pg';
import { aggregateStatus, refreshRange } from '../../../queries/operations.queries.js';
import { again, maintenance } from '../../client/again.js';
import type { Database } from '../../client/open.js';
import { UsageError } from '../console/failure.js';
import { type GlobalOptions, withSchema } from '../console/place.js';
import { duration, marks, print } from '../console/terminal.js';

interface RefreshOptions extends GlobalOptions {
  readonly from?: string;
  readonly to?: string;
  readonly aggregate?: string;
}

export function addRefresh(program: Command): void {
  program
    .command('refresh')
    .description('bring the continuous aggregates up to date, over all of history or where a range touches them')
    .option('--from <time>', 'beginning of the range, such as 2026-01-01 or 2026-01-01T12:00Z')
    .option('--to <time>', 'end of the range')
    .option('--aggregate <name>', 'only this one')
    .action(async (_options: object, command: Command) => {
      const options = command.optsWithGlobals<RefreshOptions>();
      const range = { from: momentOf('--from', options.from), to: momentOf('--to', options.to) };
      if (range.from && range.to && range.from > range.to) throw new UsageError('--from is later than --to', 'Give the earlier moment as --from.');
      await withSchema(options, async (db) => {
        if (options.aggregate !== undefined) await requireAggregate(db, options.aggregate);
        const started = performance.now();
        const refresh = (): Promise<unknown> => refreshRange.run({ ...range, aggregate: options.aggregate }, db);
        await again(refresh, { passes: maintenance }).catch((error: unknown) => {
          // The range is narrower than a bucket of an aggregate that somebody has added.
          if (!(error instanceof DatabaseError) || error.code !== '22023') throw error;
          throw new UsageError(`The range is too short: ${error.message}`, 'Give a longer one, or name other aggregates with --aggregate.');
        });
        const what = options.aggregate ?? 'aggregates';
        print(`${marks.ok} ${what} refreshed in ${duration((performance.now() - started) / 1000)}`);
      });
    });
}

/** A day or a moment; without a zone it is UTC. */
function momentOf(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const [, day, time = '00:00', zone = 'Z'] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(text) ?? [];
  const moment = new Date(`${day}T${time}${zone}`);
  if (Number.isNaN(moment.getTime())) throw new UsageError(`${option}: "${text}" is no time`, 'Write it as 2026-01-31 or 2026-01-31T12:00Z.');
  return moment;
}

async function requireAggregate(db: Database, name: string): Promise<void> {
  const names = (await aggregateStatus.run(undefined, db)).map(({ aggregate }) => aggregate);
  if (!names.includes(name)) throw new UsageError(`There is no continuous aggregate ${name}`, `There are: ${names.join(', ')}.`);
}
