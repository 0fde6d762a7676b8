/** pg_dump and pg_restore. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'pg-connection-string';
import { BackupError, codeOf, type ErrorCode } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';

export interface PgTool {
  readonly path: string;
  readonly major: number;
}

/**
 * A tool in a folder, PG_BIN or PATH.
 *
 * @throws {BackupError} BACKUP_TOOL: it is not there, or older than it has to be
 */
export function findTool(name: 'pg_dump' | 'pg_restore', major: number, folder = process.env['PG_BIN']): PgTool {
  const path = folder ? join(folder, name) : name;
  const remedy = `Install PostgreSQL's client programs of version ${major} (Debian: postgresql-client-${major}), and say where they are: --pg-bin /usr/lib/postgresql/${major}/bin, or PG_BIN.`;
  let version: string;
  try {
    version = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (cause) {
    throw new BackupError('BACKUP_TOOL', `${path} cannot be run${codeOf(cause) === 'ENOENT' ? ': there is none' : ''}`, remedy, { cause });
  }
  const found = Number(/\(PostgreSQL\) (\d+)/.exec(version)?.[1] ?? 0);
  if (found >= major) return { path, major: found };
  throw new BackupError('BACKUP_TOOL', `${path} is of version ${found}, and ${major} or newer is needed`, remedy);
}

/** How a tool finds the database. Arguments would show the password to everybody on the machine. */
function environmentOf(url: string): NodeJS.ProcessEnv {
  const { host, port, user, password, database, options, ...more } = parse(url) as unknown as Record<string, string | undefined>;
  const ssl: Record<string, string | undefined> = Object.fromEntries(new URL(url).searchParams);
  const settings = {
    PGHOST: host, PGPORT: port, PGUSER: user, PGPASSWORD: password, PGDATABASE: database, PGOPTIONS: options,
    PGSSLMODE: ssl['sslmode'] === 'no-verify' ? 'require' : ssl['sslmode'],
    PGSSLROOTCERT: ssl['sslrootcert'], PGSSLCERT: ssl['sslcert'], PGSSLKEY: ssl['sslkey'],
    PGAPPNAME: more['application_name'] ?? 'btcdb backup',
  };
  // These would lead libpq to another server than ours.
  const { PGSERVICE, PGSERVICEFILE, PGHOSTADDR, ...environment } = process.env;
  void [PGSERVICE, PGSERVICEFILE, PGHOSTADDR];
  return { ...environment, ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value)) };
}

/** Ends with an error when the tool has not ended well. */
async function requireSuccess(child: ChildProcess, errors: () => string, what: string, code: ErrorCode, hint: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  if (child.exitCode === 0) return;
  const lines = errors().split('\n').filter((line) => /error:|fatal:/i.test(line));
  const said = (lines[0] ?? errors().trim().split('\n').at(-1) ?? '').replace(/^\S*pg_\w+: (?:error: )?/, '');
  throw new BackupError(code, `${what} failed: ${said || `it ended with ${child.signalCode ?? child.exitCode}`}`, hint);
}

function start({ path }: PgTool, args: readonly string[], url: string) {
  const child = spawn(path, args, { env: environmentOf(url), stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (errors.length < 100_000) errors += text;
  });
  // What it says itself is better than that the pipe is broken.
  child.stdin.on('error', () => undefined);
  child.on('error', (error) => {
    errors += messageOf(error);
  });
  return { child, errors: () => errors };
}

/** The dump of a database as another session sees it. It ends well only when pg_dump did. */
export async function* dump(tool: PgTool, url: string, snapshot: string): AsyncGenerator<Buffer> {
  // Most of it is compressed already: a higher level costs twice the time for a tenth of the size.
  const { child, errors } = start(tool, ['--format=custom', '--compress=2', '--no-password', `--snapshot=${snapshot}`], url);
  child.stdin.end();
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    await requireSuccess(child, errors, 'pg_dump', 'BACKUP_FAILED', 'Nothing was stored. Mend what it says, and run the backup again.');
  } finally {
    child.kill();
  }
}

/** Restores a dump into an empty database. */
export async function load(tool: PgTool, url: string, content: AsyncIterable<Buffer>): Promise<void> {
  // A name with `=` in it would be taken for settings.
  const database = (parse(url).database ?? '').replace(/[\\']/g, '\\$&');
  const { child, errors } = start(tool, ['--no-password', '--exit-on-error', `--dbname=dbname='${database}'`], url);
  child.stdout.resume();
  try {
    // A tool that has given up reads no more; why is asked below.
    await pipeline(Readable.from(content, { objectMode: false }), child.stdin).catch((error: unknown) => {
      if (!['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(codeOf(error))) throw error;
    });
    await requireSuccess(child, errors, 'pg_restore', 'RESTORE_FAILED', 'Mend what it says, and run the restore again.');
  } finally {
    child.kill();
  }
}
