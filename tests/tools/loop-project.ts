/** A copy of this repository in which the development loop runs, so that tests can edit everything. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
/** All but the tests and benchmarks. */
const copied = [
  'package.json', '.gmrc', '.squawk.toml', 'schema.sql', 'migrations', 'queries', 'src', 'tools', 'dist/src', 'dist/queries',
  'dist/tools',
];

export interface LoopProject {
  readonly root: string;
  readonly write: (file: string, text: string) => void;
  /** Undefined when there is no such file. */
  readonly read: (file: string) => string | undefined;
  remove(file: string): void;
}

/** With what was compiled, so that the loop starts at once, and with what starts the embedded engine quickly. */
export function copyProject(): LoopProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'btcdb-loop-')));
  process.on('exit', () => rmSync(root, { recursive: true, force: true }));
  for (const path of copied) cpSync(join(repository, path), join(root, path), { recursive: true, preserveTimestamps: true });
  const config = JSON.parse(readFileSync(join(repository, 'tsconfig.json'), 'utf8')) as object;
  // What is not edited would only cost compilation: it is copied as it was compiled.
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ ...config, include: ['queries', 'src/queries.ts', 'src/example.ts'] }));
  linkModules(root);
  const snapshots = join(repository, '.btcdb/snapshots');
  mkdirSync(join(root, '.btcdb/snapshots'), { recursive: true });
  for (const name of existsSync(snapshots) ? readdirSync(snapshots).filter((name) => name.endsWith('.tar')) : []) {
    copyFileSync(join(snapshots, name), join(root, '.btcdb/snapshots', name));
  }
  return {
    root,
    write(file, text) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    },
    read: (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined),
    remove: (file) => rmSync(join(root, file)),
  };
}

/** All of node_modules, but the server finds the copy where it would find this repository. */
function linkModules(root: string): void {
  const [from, to] = [resolve(repository, 'node_modules'), join(root, 'node_modules')];
  mkdirSync(to);
  for (const name of readdirSync(from)) if (!name.startsWith('btc-dashboard-')) symlinkSync(join(from, name), join(to, name), 'junction');
  for (const path of ['package.json', 'page', 'dist/src', 'dist/page']) {
    if (existsSync(join(repository, 'server', path))) cpSync(join(repository, 'server', path), join(root, 'server', path), { recursive: true });
  }
  const ofServer = join(repository, 'server', 'node_modules');
  if (existsSync(ofServer)) symlinkSync(resolve(ofServer), join(root, 'server', 'node_modules'), 'junction');
  symlinkSync(root, join(to, 'btc-dashboard-db'), 'junction');
  symlinkSync(join(root, 'server'), join(to, 'btc-dashboard-server'), 'junction');
}

/** The environment of somebody who works in the copy. */
export function environment(url?: string): NodeJS.ProcessEnv {
  const { DATABASE_URL, SHADOW_DATABASE_URL, TEST_DATABASE_URL, FORCE_COLOR, ...others } = process.env;
  void [DATABASE_URL, SHADOW_DATABASE_URL, TEST_DATABASE_URL, FORCE_COLOR];
  return { ...others, NO_COLOR: '1', ...(url === undefined ? {} : { DATABASE_URL: url }) };
}

export interface RunningLoop {
  /** Everything that was printed. */
  readonly output: () => string;
  /** Does something, and waits for a text that the loop prints after it. */
  after(work: () => unknown, expected: RegExp, patience?: number): Promise<RegExpExecArray>;
  /** As Ctrl-C. The exit code. */
  interrupt(): Promise<number | null>;
  readonly ended: Promise<number | null>;
}

const running = new Set<ChildProcess>();

export function killLoops(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Far more than anything takes, also on a busy machine. */
const patienceMs = 60_000;

/** TypeScript's first compilation takes some seconds alone, but with its low priority minutes beside other work. */
export const compilerPatienceMs = 240_000;

/** Starts the loop and waits until it watches, unless it ends before. */
export async function startLoop({ root }: LoopProject, url?: string, http = 'none'): Promise<RunningLoop> {
  const child = spawn(process.execPath, ['dist/tools/dev/main.js', '--port', '0', '--http', http], {
    cwd: root, env: environment(url), stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  let told: () => void = () => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      told();
    });
  }
  const ended = new Promise<number | null>((done) => child.on('close', (code) => {
    running.delete(child);
    told();
    done(code);
  }));
  const loop: RunningLoop = {
    output: () => output,
    async after(work, expected, patience = patienceMs) {
      const start = output.length;
      await work();
      const until = Date.now() + patience;
      for (;;) {
        const found = expected.exec(output.slice(start));
        if (found) return found;
        if (child.exitCode !== null || Date.now() > until) {
          throw new Error(`the loop did not print ${String(expected)}${child.exitCode === null ? '' : ', it ended'}:\n${output.slice(start) || output}`);
        }
        await new Promise<void>((done) => {
          const timer = setTimeout(done, 1_000);
          told = () => {
            clearTimeout(timer);
            done();
          };
        });
      }
    },
    interrupt() {
      child.kill('SIGINT');
      return ended;
    },
    ended,
  };
  await loop.after(() => undefined, /ready after|error: /);
  return loop;
}

/** Processes that work in the copy. None where the system does not show them. */
export function processesIn({ root }: LoopProject): number[] {
  if (!existsSync('/proc/self/cwd')) return [];
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === root;
    } catch {
      return false;
    }
  });
}

export function databaseName(): string {
  return `btcdb_test_${randomBytes(6).toString('hex')}`;
}
