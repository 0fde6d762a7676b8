import { spawn } from 'node:child_process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { list } from '../../../queries/tokens.queries.js';
import type { Database } from '../../client/open.js';
import { codeOf } from '../../errors/catalogue.js';
import { UsageError } from '../console/failure.js';
import { onInterrupt } from '../console/interrupt.js';
import { type GlobalOptions, withSchema } from '../console/place.js';
import { portOf } from '../console/port.js';
import { marks, note } from '../console/terminal.js';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

interface ServeOptions extends GlobalOptions {
  readonly host: string;
  readonly port: number;
  readonly open?: boolean;
  readonly requireToken?: boolean;
  readonly allowHost?: readonly string[];
  readonly cors?: readonly string[];
  readonly rateLimit?: number;
  readonly trustProxy?: readonly string[];
  readonly dev?: boolean;
  readonly logLevel?: (typeof logLevels)[number];
}

/** What we need of btc-dashboard-server, a package of its own, so that who only wants typed functions need not install it. */
interface ServerPackage {
  serve(db: Database, options: object): Promise<{ readonly url: string; readonly isOpen: boolean; stop(): Promise<void> }>;
}

const packageName = 'btc-dashboard-server';

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('serve the database over HTTP, until it is interrupted')
    .option('--host <address>', 'address to listen on; on any but this machine\'s own everybody needs a token', '127.0.0.1')
    .addOption(new Option('--port <number>', 'port to listen on; 0 takes any free one').default(8080).argParser(portOf))
    .option('--open', 'show the page in a browser')
    .option('--require-token', 'let nobody read without a token here either, for example because a proxy lies before it')
    .option('--allow-host <name...>', 'names besides localhost by which the server on this machine\'s own address may be called')
    .option('--cors <origin...>', 'pages on other servers that may ask, such as https://charts.example')
    .addOption(new Option('--rate-limit <number>', 'requests a minute for each token, or address without one (default: 1200; on this machine\'s own address without end)')
      .argParser(limitOf))
    .option('--trust-proxy <address...>', 'proxies that are believed when they say whose request it is')
    .option('--dev', 'for development: GraphQL tells of its schema, and GraphiQL is at /graphiql')
    .addOption(new Option('--log-level <level>', 'how much is logged on stdout, as lines of JSON (default: info, on a terminal warn)').choices(logLevels))
    .action(async (_options: object, command: Command) => {
      const options = command.optsWithGlobals<ServeOptions>();
      const server = await loadServer();
      await withSchema(options, (db) => serveUntilInterrupted(server, db, options));
    });
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!/^\d{1,9}$/.test(text) || limit < 1) throw new InvalidArgumentError('It has to be a number from 1 on.');
  return limit;
}

async function loadServer(): Promise<ServerPackage> {
  try {
    return await import(packageName) as ServerPackage;
  } catch (error) {
    const isMissing = codeOf(error) === 'ERR_MODULE_NOT_FOUND' && (error as Error).message.includes(`'${packageName}'`);
    throw isMissing ? new UsageError(`btcdb serve needs the package ${packageName}`, `Install it: npm install ${packageName}`) : error;
  }
}

async function serveUntilInterrupted(serverPackage: ServerPackage, db: Database, options: ServeOptions): Promise<void> {
  const { host, port, requireToken, allowHost, cors, rateLimit, trustProxy, dev } = options;
  let stop = (): void => {};
  const stopped = new Promise<void>((done) => (stop = done));
  const dispose = onInterrupt((signal) => {
    note(`${signal}: finishing what runs; a second one ends it at once`);
    stop();
  });
  try {
    const server = await serverPackage.serve(db, {
      host, port, requireToken,
      allowedHosts: allowHost,
      corsOrigins: cors,
      requestsPerMinute: rateLimit,
      trustedProxies: trustProxy,
      isDevelopment: dev,
      logLevel: options.logLevel ?? (process.stdout.isTTY ? 'warn' : 'info'),
    }).catch((error: unknown) => {
      throw codeOf(error) === 'EADDRINUSE' ? new UsageError(`Port ${port} is taken`, 'Give another one with --port; 0 takes any free one.') : error;
    });
    try {
      note(`${marks.ok} Serving at ${server.url}`);
      if (db.engine === 'embedded') note(`  Others reach the database meanwhile: --url ${db.url}`);
      await warnOfTokens(db, server.isOpen);
      if (options.open) openBrowser(server.url);
      await stopped;
    } finally {
      await server.stop();
    }
    note(`${marks.ok} stopped`);
  } finally {
    dispose();
  }
}

/** Where everybody needs a token, and there is none. */
async function warnOfTokens(db: Database, isOpen: boolean): Promise<void> {
  try {
    const tokens = await list.run(undefined, db);
    if (isOpen || tokens.some(({ state }) => state === 'valid')) return;
    note(`${marks.warning} Nobody can ask: everybody needs a token here, and there is none. Make one: btcdb token create <name> --role reader`);
  } catch (error) {
    if (codeOf(error) !== '42501') throw error;
    note(`${marks.warning} No token can be checked: this login may not read their hashes. docs/security.md says what to grant it.`);
  }
}

/** As well as it goes: the address is printed, too. */
function openBrowser(url: string): void {
  const [command, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform as string] ?? ['xdg-open'];
  spawn(command!, [...args, url], { stdio: 'ignore', detached: true }).on('error', () => {}).unref();
}
