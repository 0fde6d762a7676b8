/** A database whose process can be killed and started again: the embedded engine on a folder, or a cluster of PostgreSQL. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Database } from '../../src/client/open.js';
import { codeOf } from '../../src/errors/catalogue.js';
import { freePort } from '../support/process.js';

export interface Host {
  readonly url: string;
  readonly engine: Database['engine'];
  readonly folder: string;
  /** Starts it, for the first time empty, and waits until it answers. */
  start(): Promise<void>;
  /** SIGKILL, to all that it consists of. */
  kill(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** Lines that a child prints; `until` waits for the first one that says so, or for the child's end. */
export function linesOf(child: ChildProcess): { until(wanted: RegExp): Promise<string> } {
  const lines: string[] = [];
  let wake = (): void => {};
  let isOver = false;
  createInterface(child.stdout!).on('line', (line) => {
    lines.push(line);
    wake();
  }).on('close', () => {
    isOver = true;
    wake();
  });
  return {
    async until(wanted) {
      for (;;) {
        for (let line = lines.shift(); line !== undefined; line = lines.shift()) if (wanted.test(line)) return line;
        if (isOver) throw new Error(`the child has ended without ${String(wanted)}`);
        await new Promise<void>((more) => (wake = more));
      }
    },
  };
}

/** Runs a module of this folder in a process of its own. */
export function child(module: 'engine' | 'writer', ...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--enable-source-maps', fileURLToPath(new URL(`${module}.js`, import.meta.url)), ...args],
    { stdio: ['pipe', 'pipe', 'inherit'] });
}

export async function end(process: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
  const ended = once(process, 'exit');
  process.kill(signal);
  await ended;
}

export async function embeddedHost(): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-fault-'));
  const port = await freePort();
  let engine: ChildProcess | undefined;
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    engine: 'embedded',
    folder,
    async start() {
      engine = child('engine', join(folder, 'data'), String(port));
      await linesOf(engine).until(/^ready$/);
    },
    kill: () => end(engine, 'SIGKILL'),
    stop: () => end(engine, 'SIGTERM'),
    async remove() {
      await end(engine, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The newest PostgreSQL of Debian that has TimescaleDB; undefined without one. */
export function serverPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const version = versions.find((name) => existsSync(join(root, name, 'lib', 'timescaledb.so')) && existsSync(join(root, name, 'bin', 'initdb')));
  return version && join(root, version, 'bin');
}

/** With `smallDisk`, which only root can make, it sees a file system of 24 MB in a folder of that name beside its data. */
export async function clusterHost(programs: string, { smallDisk }: { readonly smallDisk?: string } = {}): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-fault-'));
  const data = join(folder, 'data');
  const port = await freePort();
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const made = spawnSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-sync'],
    { ...user, cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  // What a killed process has written is safe without fsync, too: only the loss of power needs it.
  appendFileSync(join(data, 'postgresql.conf'), `
shared_preload_libraries = 'timescaledb'
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
fsync = off
timescaledb.telemetry_level = off
max_worker_processes = 20
`);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | undefined;
  return {
    url,
    engine: 'server',
    folder,
    async start() {
      for (;;) {
        server = smallDisk === undefined
          ? spawn(join(programs, 'postgres'), ['-D', data], { ...user, cwd: folder, stdio: 'ignore' })
          : spawn('unshare', ['-m', 'sh', '-c', `mkdir -p ${smallDisk} && mount -t tmpfs -o size=24m,uid=${user.uid},mode=700 tmpfs ${smallDisk} \
              && exec setpriv --reuid ${user.uid} --regid ${user.gid} --clear-groups ${join(programs, 'postgres')} -D ${data}`],
            { cwd: folder, stdio: 'ignore' });
        // Until the last backend has seen that the others are dead, it refuses to start.
        while (server.exitCode === null) {
          if (await answers(url)) return;
          await delay(50);
        }
        await delay(100);
      }
    },
    async kill() {
      // A backend at work sees only when it has done it that its postmaster is gone.
      const backends = readFileSync(`/proc/${server!.pid}/task/${server!.pid}/children`, 'utf8').trim().split(' ').map(Number);
      const ended = end(server, 'SIGKILL');
      for (const pid of backends.filter(Boolean)) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch (error) {
          if (codeOf(error) !== 'ESRCH') throw error;
        }
      }
      await ended;
    },
    stop: () => end(server, 'SIGINT'),
    async remove() {
      await end(server, 'SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  return client.connect().then(() => client.end().then(() => true), () => false);
}
