/** A client, for others to kill: `writer.js <url> <what> …`. It prints what it has done. */
import { open } from '../../src/client/open.js';
import { importFolder } from '../../src/import/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { backfill, batches } from './wholeness.js';

const [, , url = '', what = '', ...args] = process.argv;

if (what === 'up') {
  await migrate(url, (message) => console.log(message));
} else {
  const db = await open(url, 'server', { applicationName: 'victim' });
  if (what === 'upsert') {
    for (const [k, batch] of batches(Number(args[0]), Number(args[1])).entries()) {
      await bulkUpsert(db, batch, backfill);
      console.log(`batch ${k}`);
    }
  } else if (what === 'import') {
    await importFolder(db, args[0]!, {
      batchRows: 2000, rejectsFolder: args[0]!, onProgress: ({ step, rows }) => console.log(`${step} ${rows}`),
    });
  } else {
    console.log('begin');
    await db.query(what);
  }
  await db.close();
}
console.log('done');
