/** Runs the command line, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../src/cli/program.js';
import { snapshotsIn } from '../../src/embedded/folder.js';
import { startMigrated } from '../../src/embedded/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';
import { cacheDir, copyBlank } from '../support/blank.js';
import { capture, setEnvironment } from '../support/process.js';

const ownMain = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
}

export interface ProcessOptions extends RunOptions {
  /** The command, where it is another copy of it. */
  readonly main?: string;
  /** Told what has been printed so far, whenever there is more. */
  readonly onOutput?: (printed: string, child: ChildProcess) => void;
}

/** The environment of a newcomer: no database, no colours. */
function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { DATABASE_URL, TEST_DATABASE_URL, FORCE_COLOR, DEBUG, PGPASSWORD, ...others } = process.env;
  void [DATABASE_URL, TEST_DATABASE_URL, FORCE_COLOR, DEBUG, PGPASSWORD];
  return { ...others, NO_COLOR: '1', ...extra };
}

let running: string | undefined;

/**
 * Runs a command line in this process, one at a time: working directory, environment and output are its own meanwhile. That spares
 * the time to start Node.js and to compile the engine. An engine that it leaves running keeps its folder locked for the next one.
 */
export async function btcdb(args: readonly string[], { cwd, env }: RunOptions): Promise<Outcome> {
  if (running !== undefined) throw new Error(`btcdb ${running} is running: what runs beside it needs a process of its own`);
  running = args.join(' ');
  const before = { cwd: process.cwd(), env: { ...process.env }, exitCode: process.exitCode };
  const printed = { stdout: '', stderr: '' };
  const restore = capture((name, text) => void (printed[name] += text));
  try {
    process.chdir(cwd);
    setEnvironment(environment(env));
    process.exitCode = undefined;
    await runProgram(args);
    return { code: Number(process.exitCode ?? 0), ...printed };
  } finally {
    restore();
    process.chdir(before.cwd);
    setEnvironment(before.env);
    process.exitCode = before.exitCode;
    running = undefined;
  }
}

/** Runs a command line in a process of its own: where that matters, such as for signals and for how a process ends. */
export function btcdbProcess(args: readonly string[], { cwd, env, main = ownMain, onOutput }: ProcessOptions): Promise<Outcome> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [main, ...args], { cwd, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      onOutput?.(stdout + stderr, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      onOutput?.(stdout + stderr, child);
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

const folders: string[] = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder, which goes when the process ends. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-cli-'));
  folders.push(folder);
  return folder;
}

/** A working folder without a database, whose first one need not be made from nothing. */
export async function folderWithBlank(dataDir = '.btcdb'): Promise<string> {
  const folder = workFolder();
  await copyBlank(snapshotsIn(join(folder, dataDir)));
  return folder;
}

/** A working folder with a migrated embedded database in `.btcdb`, from the snapshot that all tests share. */
export async function migratedFolder(): Promise<string> {
  const folder = workFolder();
  const server = await startMigrated({
    dataDir: join(folder, '.btcdb'), migrationsDir: `${migrationsFolder}/committed`, cacheDir, migrate,
  });
  await server.stop();
  return folder;
}

/** Writes files of a folder, by their paths. */
export function writeFiles(folder: string, files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** `count` hourly candles from 2024 on, as a JSON file. */
export function hourlyCandles(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const price = 40_000 + 500 * Math.sin(i / 50) + (i % 17);
    return [Date.UTC(2024, 0, 1) + i * 3_600_000, price, price + 20, price - 20, price + 5, 1 + (i % 9)];
  });
  return JSON.stringify(rows);
}
