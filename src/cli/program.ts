/** What `btcdb` understands. */
import { Command, CommanderError, Option } from 'commander';
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
import { loadEnvironment } from './console/environment.js';
import { reportError, UsageError } from './console/failure.js';
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

/** Runs a command line. What becomes of it is printed, and told by the exit code of the process. */
export async function runProgram(args: readonly string[]): Promise<void> {
  const program = newProgram();
  try {
    loadEnvironment();
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed its message, or the help that was asked for.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else {
      reportError(error, program.opts<{ verbose?: boolean }>().verbose === true || Boolean(process.env['DEBUG']));
      process.exitCode = error instanceof UsageError ? 2 : 1;
    }
  }
}
