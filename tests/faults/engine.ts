/** A process that holds the embedded engine and its folder, for others to kill: `engine.js <folder> <port> [<ballast in MB>]`. */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { blankSnapshot } from '../../src/embedded/blank.js';
import { hasData } from '../../src/embedded/folder.js';
import { startEmbedded, startMigrated, type EmbeddedServer } from '../../src/embedded/index.js';
import { codeOf } from '../../src/errors/catalogue.js';
import { migrate } from '../../src/schema/migrate.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';
import { cacheDir } from '../support/blank.js';

const [, , dataDir = '', port = '0', ballast] = process.argv;
const options = { dataDir, port: Number(port) };

/** With ballast it begins migrated, else empty. */
async function start(): Promise<EmbeddedServer> {
  if (ballast !== undefined) return startMigrated({ ...options, migrationsDir: `${migrationsFolder}/committed`, cacheDir, migrate });
  return startEmbedded({ ...options, ...(hasData(dataDir) ? {} : { snapshot: await blankSnapshot(cacheDir) }) });
}

let server = await start();
const ballastFile = `${dataDir}.ballast`;
if (ballast !== undefined) writeFileSync(ballastFile, Buffer.alloc(Number(ballast) * 1e6));
console.log('ready');

/** Takes the last byte. */
function fill(): void {
  try {
    for (;;) appendFileSync(ballastFile, Buffer.alloc(4096));
  } catch (error) {
    if (codeOf(error) !== 'ENOSPC') throw error;
  }
}

process.on('SIGTERM', () => {
  void server.stop().then(() => process.exit(0));
});
// What the parent asks for on the disk that only this process sees.
for await (const line of createInterface(process.stdin)) {
  if (line === 'fill') fill();
  if (line === 'room') rmSync(ballastFile);
  if (line === 'again') {
    await server.stop();
    server = await start();
  }
  console.log(`${line} done`);
}
