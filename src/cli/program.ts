/** What `btcdb` understands. */
import { Command, Option } from 'commander';
import { addAudit } from './commands/audit.js';
import { addBackup } from './commands/backup.js';
import { addCompress } from './commands/compress.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addImport } from './commands/import.js';
import { addRefresh } from './commands/refresh.js';
import { addRestore } from './commands/restore.js';
import { addRetention } from './commands/retention.js';
import { addSeal } from './commands/seal.js';
import { addServe } from './commands/serve.js';
import { addServeEmbedded } from './commands/serve-embedded.js';
import { addStatus } from './commands/status.js';
import { addToken } from './commands/token.js';
import { addUp } from './commands/up.js';
import { version } from '../package-version.js';

const commands = [
  addUp, addImport, addStatus, addDoctor, addRefresh, addCompress, addSeal, addAudit, addRetention, addBackup, addRestore,
  addDemo, addServe, addToken, addServeEmbedded,
];

export function newProgram(): Command {
  const program = new Command('btcdb')
    .description('Market time series in PostgreSQL and TimescaleDB, which score their own rows.')
    .version(version)
    .option('--url <url>', 'database server, postgres://user:password@host:5432/database (default: DATABASE_URL, also from .env)')
    .option('--data-dir <folder>', 'folder of the embedded engine, which is used when there is no URL (default: .btcdb)')
    .addOption(new Option('--pooler <mode>', 'whether a pooler between gives a session to each connection or to each transaction; usually noticed')
      .choices(['session', 'transaction']))
    .option('--verbose', 'show where an error comes from')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(see btcdb --help)')
    .exitOverride()
    // It counts for every connection that a command makes.
    .hook('preAction', (command) => {
      const { pooler } = command.opts<{ pooler?: string }>();
      if (pooler !== undefined) process.env['BTCDB_POOLER'] = pooler;
    });
  for (const add of commands) add(program);
  return program;
}
