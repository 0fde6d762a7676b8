import type { Command } from 'commander';
import { openEmbedded } from '../../connection.js';
import { placeOf, shown } from '../console/place.js';
import { count, duration, marks, moment, print } from '../console/terminal.js';
import { type BackupPlaceOptions, keyOf, onStep, withPlaceOptions } from './backup.js';

export function addRestore(program: Command): void {
  withPlaceOptions(program.command('restore'))
    .description('restore a backup into a database that is empty or not there yet, and compare it with the manifest')
    .argument('<backup>', 'file, or a folder or s3://bucket/prefix whose newest backup is meant')
    .action(async (target: string, _options: object, command: Command) => {
      const options = command.optsWithGlobals<BackupPlaceOptions>();
      const [{ backupAt }, { restoreBackup }] = await Promise.all([import('../../backup/store.js'), import('../../backup/restoration.js')]);
      const started = performance.now();
      const found = await backupAt(target, options);
      const place = placeOf(options);
      const restore = (url: string): Promise<void> => restoreBackup(url, found, { keyFile: keyOf(options), pgBin: options.pgBin, onStep });
      if (place.kind === 'server') await restore(place.url);
      else {
        const db = await openEmbedded(place.folder);
        try {
          await restore(db.url);
        } finally {
          await db.close();
        }
      }
      const { file, row_count: rows, taken_at: taken } = found.manifest;
      print(`${marks.ok} ${file} of ${moment(new Date(taken))} UTC is restored${place.kind === 'embedded' ? ` into ${shown(place.folder)}` : ''}, and is the same: `
        + `${count(rows)} rows, in ${duration((performance.now() - started) / 1000)}`);
    });
}
