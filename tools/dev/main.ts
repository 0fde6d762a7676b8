/**
 * `npm run dev`: the development loop, on the server in DATABASE_URL or else on the embedded engine in `.btcdb`. What is
 * saved in migrations/ is applied, what is saved in queries/ is linted, and the generated types follow.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { reportError, UsageError } from '../../src/cli/console/failure.js';
import { onInterrupt } from '../../src/cli/console/interrupt.js';
import { marks, print } from '../../src/cli/console/terminal.js';
import { lockFolder } from '../../src/embedded/lock.js';
import { EmbeddedError } from '../../src/errors/catalogue.js';
import { Loop } from './loop.js';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

const { port } = new Command('dev')
  .description('apply migrations and generate types whenever a file is saved')
  .option('--port <number>', 'port of the embedded engine (default: 54330, or any that is free)', portOf)
  .showHelpAfterError()
  .parse()
  .opts<{ port?: number }>();

function portOf(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('It has to be a number from 0 to 65535.');
  return Number(text);
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
    throw new UsageError(`The loop runs already in this folder, as process ${owner}`, 'Use that one, or stop it first (Ctrl-C there).');
  }
}

let interrupt = (): void => undefined;
const interrupted = new Promise<void>((done) => (interrupt = done));
const dispose = onInterrupt(interrupt);
// The thread of the embedded engine does not keep the process alive; this does.
const alive = setInterval(() => undefined, 60_000);
try {
  const unlock = lockProject();
  try {
    const loop = await Loop.start({ root, port });
    await interrupted;
    await loop.stop();
    print(`${marks.ok} stopped`);
  } finally {
    unlock();
  }
} catch (error) {
  reportError(error, false);
  process.exitCode = 1;
} finally {
  clearInterval(alive);
  dispose();
}
