/**
 * `npm run dev`: the development loop, on the server in DATABASE_URL or else on the embedded one in `.btcdb`. What is saved in
 * migrations/ is applied, what is saved in queries/ is linted, the generated types follow, and the HTTP server serves it.
 *
 *     npm run dev -- --http 9090    another port of the server; none: without it
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { usualPlace } from '../../src/connection.js';
import { startEmbedded } from '../../src/embedded/index.js';
import { lockFolder } from '../../src/embedded/lock.js';
import { EmbeddedError } from '../../src/errors/catalogue.js';
import { shownPath } from '../files.js';
import { ensureDatabase, startEngine, urlsOf } from '../migrations/place.js';
import { readFolder } from '../migrations/folder.js';
import { ProblemsError } from '../problem.js';
import { run, say } from '../terminal.js';
import { Loop, type DevDatabase } from './loop.js';

/** That of `btcdb serve-embedded`, so that DATABASE_URL is the same from day to day. */
const usualPort = 54330;

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');
const { values } = parseArgs({ options: { port: { type: 'string' }, http: { type: 'string', default: '8080' } } });
let port = values.port === undefined ? undefined : Number(values.port);

/** The database in DATABASE_URL, which is made if there is none, else the embedded one. */
async function connect(): Promise<DevDatabase> {
  const place = usualPlace();
  if (place.kind === 'server') {
    const { url, root: rootUrl } = urlsOf(place.url);
    await ensureDatabase(url, rootUrl);
    const title = Object.assign(new URL(url), { password: '' }).href;
    return { engine: 'server', url, title, close: () => Promise.resolve() };
  }
  port ??= await isFree(usualPort) ? usualPort : 0;
  const options = { dataDir: place.folder, port };
  const server = await startEngine(place.folder, readFolder(join(root, 'migrations')), options).catch((error: unknown) => {
    // The loop comes to these problems itself.
    if (error instanceof ProblemsError) return startEmbedded(options);
    throw error;
  });
  // The same when it has to start again.
  port = server.port;
  return { engine: 'embedded', url: server.url, title: `embedded, in ${shownPath(place.folder)}`, close: () => server.stop() };
}

function isFree(wanted: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(wanted, '127.0.0.1', () => server.close(() => done(true)));
  });
}

/** The HTTP server, which Node starts anew when the compiler has written something that it loads, such as an endpoint. */
function serve(url: string): ChildProcess {
  const command = [join(root, 'dist', 'src', 'cli', 'main.js'), '--url', url, 'serve', '--port', values.http];
  return spawn(process.execPath, ['--watch', '--watch-preserve-output', ...command], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Two loops would write the same files. */
function lockProject(): () => void {
  const folder = join(root, '.btcdb', 'dev');
  mkdirSync(folder, { recursive: true });
  try {
    return lockFolder(folder);
  } catch (error) {
    if (!(error instanceof EmbeddedError) || error.code !== 'EMBEDDED_IN_USE') throw error;
    const owner = /process (\d+)/.exec(error.message)?.[1];
    throw new Error(`The loop runs already in this folder, as process ${owner}. Use that one, or stop it first (Ctrl-C there).`, { cause: error });
  }
}

const interrupted = new Promise<void>((done) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
});
// The thread of the embedded engine does not keep the process alive; this does.
const alive = setInterval(() => undefined, 60_000);
await run(async () => {
  const unlock = lockProject();
  try {
    const loop = await Loop.start({ root, connect });
    const server = values.http === 'none' ? undefined : serve(loop.url);
    await interrupted;
    if (server?.kill()) await once(server, 'close');
    await loop.stop();
    say('stopped');
  } finally {
    unlock();
  }
});
clearInterval(alive);
