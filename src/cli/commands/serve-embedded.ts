import { type Command, Option } from 'commander';
import { open } from '../../client/open.js';
import { embeddedFolder } from '../../connection.js';
import { pendingMigrations } from '../../schema/migration-state.js';
import { UsageError } from '../console/failure.js';
import { onInterrupt } from '../console/interrupt.js';
import { type GlobalOptions, shown } from '../console/place.js';
import { portOf } from '../console/port.js';
import { colours, marks, note, plural, print } from '../console/terminal.js';

interface ServeOptions extends GlobalOptions {
  readonly port: number;
}

export function addServeEmbedded(program: Command): void {
  program
    .command('serve-embedded')
    .description('serve the embedded engine on a local port, for psql and other clients, until it is interrupted')
    .addOption(new Option('--port <number>', 'port to listen on; 0 takes any free one').default(54330).argParser(portOf))
    .action(async (_options: object, command: Command) => {
      const { url, dataDir, port } = command.optsWithGlobals<ServeOptions>();
      if (url !== undefined) throw new UsageError('serve-embedded serves a folder, not a URL', 'Give the folder with --data-dir.');
      await serve(embeddedFolder(dataDir), port);
    });
}

async function serve(folder: string, port: number): Promise<void> {
  // Signals count from the beginning: a start that is interrupted is undone, not left half done.
  let stop = (): void => {};
  const stopped = new Promise<void>((done) => (stop = done));
  const dispose = onInterrupt((signal) => {
    note(`${signal}: stopping`);
    stop();
  });
  // The engine's thread does not keep the process alive; this does.
  const alive = setInterval(() => {}, 60_000);
  try {
    const { startEmbedded } = await import('../../embedded/index.js');
    const server = await startEmbedded({ dataDir: folder, port });
    try {
      const db = await open(server.url, 'embedded', { maxConnections: 1 });
      const pending = await pendingMigrations(db).finally(() => db.close());
      print(`${marks.ok} Embedded PostgreSQL with TimescaleDB serves ${shown(folder)}`);
      print();
      print(`  DATABASE_URL=${server.url}`);
      print(`  psql ${server.url}`);
      print();
      if (pending.length > 0) print(`${marks.warning} ${plural(pending.length, 'migration')} pending: btcdb up --url ${server.url}`);
      print(colours.dim('Only this machine can connect. Ctrl-C stops it.'));
      await stopped;
    } finally {
      await server.stop();
    }
    print(`${marks.ok} stopped`);
  } finally {
    clearInterval(alive);
    dispose();
  }
}
