import { type Command, InvalidArgumentError } from 'commander';
import { hasData, snapshotsIn } from '../../embedded/folder.js';
import { UsageError } from '../console/failure.js';
import { exitCodeOf, onInterrupt } from '../console/interrupt.js';
import { type GlobalOptions, placeOf, withDatabase, withSchema } from '../console/place.js';
import { bytes, count, duration, marks, moment, note, print, printJson, printTable } from '../console/terminal.js';

export interface BackupPlaceOptions extends GlobalOptions {
  readonly key?: string;
  readonly pgBin?: string;
  readonly endpoint?: string;
  readonly json?: boolean;
}

interface TakeOptions extends BackupPlaceOptions {
  readonly portable?: boolean;
  readonly keep?: number;
  readonly keepDays?: number;
}

const naturalNumber = (text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number of at least 1.');
  return Number(text);
};

/** Options of every command that reads or writes backups. */
export function withPlaceOptions(command: Command, { key = true } = {}): Command {
  command.option('--endpoint <url>', 'S3 server, where it is not Amazon\'s (default: AWS_ENDPOINT_URL_S3)');
  if (!key) return command;
  return command
    .option('--key <file>', 'file of age keys: recipients to encrypt for, an identity to decrypt with (default: BTCDB_BACKUP_KEY)')
    .option('--pg-bin <folder>', 'folder of pg_dump and pg_restore (default: PG_BIN, else found in PATH)');
}

/** What was given, else BTCDB_BACKUPS, else a folder of the working directory. */
export const backupsFrom = (given: string | undefined): string => given ?? process.env['BTCDB_BACKUPS'] ?? 'backups';

export const keyOf = ({ key }: BackupPlaceOptions): string | undefined => key ?? (process.env['BTCDB_BACKUP_KEY'] || undefined);

/** A line on stderr for each step of what takes long. */
export const onStep = (text: string): void => note(`  ${text}`);

export function addBackup(program: Command): void {
  const backup = withPlaceOptions(program.command('backup'))
    .description('back the database up, with a manifest of what it holds; or verify and list backups')
    .argument('[place]', 'file, folder or s3://bucket/prefix (default: BTCDB_BACKUPS, else the folder backups)')
    .option('--portable', 'rows for either engine instead of a dump; the embedded engine has no other form')
    .option('--keep <n>', 'remove older backups of this database but the n newest', naturalNumber)
    .option('--keep-days <n>', 'remove backups of this database older than n days', naturalNumber)
    .option('--json', 'print one JSON document for programs')
    .action(async (place: string | undefined, _options: object, command: Command) => {
      const options = command.optsWithGlobals<TakeOptions>();
      const [{ takeBackup }, { noteBackup, rotate }] = await Promise.all([import('../../backup/take.js'), import('../../backup/rotation.js')]);
      const stopped = new AbortController();
      const release = onInterrupt((signal) => {
        process.exitCode = exitCodeOf(signal);
        stopped.abort(new UsageError('Stopped: nothing was stored'));
      });
      try {
        await withSchema(options, async (db) => {
          const started = performance.now();
          const { portable, pgBin, endpoint } = options;
          const stored = await takeBackup(db, backupsFrom(place), {
            portable, pgBin, endpoint, keyFile: keyOf(options), signal: stopped.signal,
          });
          await noteBackup(db, stored);
          const removed = await rotate(db, stored, options);
          const { file, size_bytes: size, row_count: rows } = stored.manifest;
          const { location } = stored.store;
          if (options.json) return printJson({ location, ...stored.manifest, removed });
          print(`${marks.ok} ${file} in ${location}: ${count(rows)} rows, ${bytes(size)}, in ${duration((performance.now() - started) / 1000)}`);
          for (const name of removed) print(`  removed ${name}`);
        });
      } finally {
        release();
      }
    });
  withPlaceOptions(backup.command('verify'))
    .description('restore a backup into a scratch database, compare everything, let it work, and drop it')
    .argument('[backup]', 'file, or a place whose newest backup is meant')
    .action(async (target: string | undefined, _options: object, command: Command) => {
      const options = command.optsWithGlobals<BackupPlaceOptions>();
      const [{ backupAt }, { verifyBackup }, { noteVerified }] = await Promise.all([
        import('../../backup/store.js'), import('../../backup/verify.js'), import('../../../queries/backups.queries.js')]);
      const found = await backupAt(backupsFrom(target), options);
      const place = placeOf(options);
      const verify = (url: string): Promise<string> => verifyBackup(url, found, { keyFile: keyOf(options), pgBin: options.pgBin, onStep });
      // Beside the database on its server; where there is none, on an embedded engine in memory.
      const verifiedOn = place.kind === 'server' ? await verify(place.url) : await inMemory(verify, hasData(place.folder) ? snapshotsIn(place.folder) : undefined);
      const { file, sha256, row_count: rows } = found.manifest;
      print(`${marks.ok} ${file} was restored and is the same: ${count(rows)} rows, on ${verifiedOn}`);
      if (place.kind === 'embedded' && !hasData(place.folder)) return;
      await withDatabase(place, async (db) => {
        const noted = await noteVerified.run({ name: file, sha256, verified_on: verifiedOn }, db).catch(() => []);
        if (noted.length === 0) note(`${marks.warning} The database does not know of this backup, so it is not noted there`);
      });
    });
  withPlaceOptions(backup.command('list'), { key: false })
    .description('list the backups in a place, the newest first')
    .argument('[place]', 'folder or s3://bucket/prefix')
    .option('--json', 'print one JSON document for programs')
    .action(async (target: string | undefined, _options: object, command: Command) => {
      const options = command.optsWithGlobals<BackupPlaceOptions>();
      const { backupsIn, placeAt } = await import('../../backup/store.js');
      const { store } = await placeAt(backupsFrom(target), options);
      const found = await backupsIn(store);
      const { location } = store;
      if (options.json) return printJson(found.map(({ manifest, isWhole }) => ({ location, is_whole: isWhole, ...manifest })));
      if (found.length === 0) return print(`There are no backups in ${location}. Make one: btcdb backup <folder>`);
      printTable(
        [
          { title: 'taken' }, { title: 'database' }, { title: 'rows', align: 'right' }, { title: 'size', align: 'right' },
          { title: 'state' }, { title: 'file' },
        ],
        found.map(({ manifest: { taken_at: taken, database, row_count: rows, size_bytes: size, file }, isWhole }) => [
          moment(new Date(taken)), database, count(rows), bytes(size), isWhole ? 'whole' : 'damaged', file,
        ]),
      );
    });
}

async function inMemory<T>(work: (url: string) => Promise<T>, cacheDir: string | undefined): Promise<T> {
  const { startEmbedded } = await import('../../embedded/index.js');
  const server = await startEmbedded({ cacheDir });
  try {
    return await work(server.url);
  } finally {
    await server.stop();
  }
}
