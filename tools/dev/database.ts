/** The database that the loop works on, and that stays open for psql and the backend meanwhile. */
import { createServer } from 'node:net';
import { placeOf, shown, type Place } from '../../src/cli/console/place.js';
import { hasData } from '../../src/embedded/folder.js';
import { redact } from '../../src/cli/console/failure.js';
import { open } from '../../src/client/open.js';
import { startEmbedded, type EmbeddedServer } from '../../src/embedded/index.js';
import type { Folder } from '../migrations/folder.js';
import { ProblemsError } from '../problem.js';
import { openOrCreate, startEmbeddedWith } from '../migrations/target.js';

export interface DevDatabase {
  readonly engine: Place['kind'];
  readonly url: string;
  /** For people: where it is, without its password. */
  readonly title: string;
  close(): Promise<void>;
}

/** That of `btcdb serve-embedded`, so that DATABASE_URL is the same from day to day. */
const usualPort = 54330;

/**
 * The server's database in DATABASE_URL, which is made if there is none, else the embedded engine in `.btcdb`.
 *
 * @throws {ConnectionError | EmbeddedError} the server cannot be reached; another process has the embedded database
 */
export async function openDevDatabase(folder: Folder, port?: number): Promise<DevDatabase> {
  const place = placeOf({});
  if (place.kind === 'server') {
    const db = await openOrCreate(place, folder);
    await db.close();
    return { engine: 'server', url: place.url, title: redact(place.url), close: () => Promise.resolve() };
  }
  const server = await startEngine(folder, place.folder, port ?? ((await isFree(usualPort)) ? usualPort : 0));
  return { engine: 'embedded', url: server.url, title: `embedded engine in ${shown(place.folder)}`, close: () => server.stop() };
}

/** Why the database does not answer; undefined when it does. */
export async function whyGone({ url, engine }: DevDatabase): Promise<Error | undefined> {
  try {
    const db = await open(url, engine, { maxConnections: 1, connectionTimeoutMs: 5_000 });
    await db.close();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

async function startEngine(folder: Folder, dataDir: string, port: number): Promise<EmbeddedServer> {
  if (!hasData(dataDir)) {
    try {
      return await startEmbeddedWith(folder, dataDir, { dataDir, port });
    } catch (error) {
      // The loop comes to these problems itself.
      if (!(error instanceof ProblemsError)) throw error;
    }
  }
  return startEmbedded({ dataDir, port });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}
