/**
 * The test run: the queries are clean and the generated files are those that the database would give, then test files,
 * one after the other in a few processes. uvu takes a suite whose set-up fails, and a file that runs no suite at all, for a
 * success, so this script counts for itself: a file that did not report at least one test, passed or skipped, has failed.
 *
 *     npm test                    the database and what uses it; on a server what asks one
 *     npm run test:all            also the lint, the tools of development, the package as it is installed, and kills
 *     npm test -- schema/audit    files whose path contains the text
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { beside, newTemplate } from '../tools/databases.js';
import { asksServer } from './support/server-files.js';
import type { FileReport } from './support/worker.js';

interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped?: number;
  readonly output: string;
  readonly seconds: number;
}

/** A file that hangs has failed. */
const fileTimeoutMs = 10 * 60_000;
/** A process that does not end when there is nothing more to do, too. */
const endTimeoutMs = 30_000;
const { values: { all }, positionals: wanted } = parseArgs({ allowPositionals: true, options: { all: { type: 'boolean', default: false } } });

/** Also for the processes that tests start. */
const nodeOptions = `--require ${JSON.stringify(fileURLToPath(new URL('support/baseline.cjs', import.meta.url)))} ${process.env['NODE_OPTIONS'] ?? ''}`;

function run(args: string[], environment: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; output: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
      env: { ...process.env, NODE_OPTIONS: nodeOptions, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: fileTimeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => done({ code, output }));
  });
}

/** Checks use the embedded engine, or a database of their own on the server in TEST_DATABASE_URL: none that somebody works with. */
const serverUrl = process.env['TEST_DATABASE_URL'];
const checkedDatabase = (): NodeJS.ProcessEnv => (serverUrl
  ? { DATABASE_URL: serverUrl, ROOT_DATABASE_URL: serverUrl, SHADOW_DATABASE_URL: beside(serverUrl, `btcdb_test_${randomBytes(6).toString('hex')}`) }
  : { DATABASE_URL: '' });

async function runCheck(name: string, args: string[]): Promise<Outcome> {
  const start = performance.now();
  const { code, output } = await run(args, checkedDatabase());
  return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output, seconds: (performance.now() - start) / 1000 };
}

type Answer = Pick<FileReport, 'output'> & { readonly code: number | null };

/** A process that runs files, one after the other; a new one after a file that ends it. */
class Worker {
  #process: ChildProcess | undefined;
  #answer: (answer: Answer) => void = () => undefined;

  run(path: string, environment: NodeJS.ProcessEnv): Promise<Answer> {
    const child = (this.#process ??= this.#start(environment));
    return this.#ask(child, fileTimeoutMs, () => child.send(path));
  }

  /** The process ends by itself, unless a file has left something open. */
  end(): Promise<Answer> {
    const child = this.#process;
    return child ? this.#ask(child, endTimeoutMs, () => child.send('end')) : Promise.resolve({ code: 0, output: '' });
  }

  #ask(child: ChildProcess, patienceMs: number, ask: () => void): Promise<Answer> {
    return new Promise((done) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      this.#answer = (answer) => {
        clearTimeout(timer);
        done(answer);
      };
      ask();
    });
  }

  #start(environment: NodeJS.ProcessEnv): ChildProcess {
    const child = fork(fileURLToPath(new URL('support/worker.js', import.meta.url)), {
      env: { ...process.env, NODE_OPTIONS: nodeOptions, ...environment }, execArgv: ['--enable-source-maps'], silent: true,
    });
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('message', (report: FileReport) => this.#answer(report));
    child.on('close', (code, signal) => {
      this.#process = undefined;
      this.#answer({ code, output: `${output}\nThe process ended with ${signal ?? code}.` });
    });
    return child;
  }
}

async function runFile({ name, compiled }: { readonly name: string; readonly compiled: string }, worker: Worker, environment: NodeJS.ProcessEnv): Promise<Outcome> {
  const start = performance.now();
  const { code, output } = await worker.run(resolve(compiled), environment);
  const total = Number(/^\s*Total:\s+(\d+)/m.exec(output)?.[1] ?? 0);
  const passed = Number(/^\s*Passed:\s+(\d+)/m.exec(output)?.[1] ?? 0);
  const skipped = Number(/^\s*Skipped:\s+(\d+)/m.exec(output)?.[1] ?? 0);
  // A file without a report, with a report of nothing, or with a bad exit code has at least one failure.
  const failed = Math.max(total - passed, code !== 0 || passed + skipped === 0 ? 1 : 0);
  return { name, passed, failed, skipped, output, seconds: (performance.now() - start) / 1000 };
}

function report({ name, passed, failed, skipped = 0, output, seconds }: Outcome): void {
  console.log(`${failed === 0 ? '✓' : '✗'} ${name}  ${passed} passed${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}  ${seconds.toFixed(1)} s`);
  if (failed > 0) console.log(output.replace(/^/gm, '    '));
}

/** What takes longest begins, so that no worker is left alone with it at the end. */
const order = ['tools', 'backup', 'faults', 'package', 'cli', 'embedded', 'server', 'queries', 'schema', 'import'];
const folderOf = (file: string): number => order.indexOf(file.split(sep)[0]!);

/** Test files by what they are called: those of the server's package begin with `server/`. */
const places = [
  { prefix: '', sources: 'tests', compiled: join('dist', 'tests') },
  { prefix: 'server', sources: join('server', 'tests'), compiled: join('server', 'dist', 'tests') },
];

const outcomes: Outcome[] = [];
// Listed from the sources: dist may still hold files that were deleted there.
const found = places.flatMap(({ prefix, sources, compiled }) => readdirSync(sources, { recursive: true, encoding: 'utf8' }).map((file) => ({
  name: join(prefix, file),
  source: join(sources, file),
  compiled: join(compiled, file.replace(/\.ts$/, '.js')),
}))).filter(({ name }) => name.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((text) => name.includes(text))))
  .sort((one, other) => folderOf(one.name) - folderOf(other.name) || (one.name < other.name ? -1 : 1));
/** What a change of SQL, or of what runs it, hardly reaches, and what takes half of the time. */
const apart = ['tools', 'package', 'faults'];
const isApart = (name: string): boolean => !all && wanted.length === 0 && apart.includes(name.split(sep)[0]!);
const isNeedless = (source: string): boolean => serverUrl !== undefined && wanted.length === 0 && !asksServer(source);
const files = found.filter(({ name, source }) => !isApart(name) && !isNeedless(source));

const tool = (script: string): string => join('dist', 'tools', script);
// To migrate takes a server longer than most test files.
const template = serverUrl ? await newTemplate(serverUrl, 'btcdb_test') : undefined;
let migrated: Promise<Outcome> | undefined;
const queue: ((worker: Worker) => Promise<Outcome>)[] = wanted.length > 0 ? [] : [
  // It also makes the snapshot of the migrated database that the others and the test files start from.
  () => (migrated = runCheck('migrations are in order', [
    tool('migrations/main.js'), 'check', ...(process.env['CI'] ? ['--ci'] : []),
  ])),
  ...(all && !serverUrl ? [() => runCheck('TypeScript is clean', [join('node_modules', 'eslint', 'bin', 'eslint.js'), '.'])] : []),
  () => runCheck('schema.sql is up to date', [tool('schema/main.js'), '--check']),
  () => runCheck('queries are clean, and their types generated', [tool('codegen.js'), '--check']),
];
for (const file of files) {
  queue.push(async (worker) => {
    await migrated;
    return runFile(file, worker, { TEST_TEMPLATE: template?.name });
  });
}
// One more than there are processors, for a file that waits.
await Promise.all(Array.from({ length: Math.min(3, availableParallelism() + 1) }, async () => {
  const worker = new Worker();
  for (let next = queue.shift(); next; next = queue.shift()) {
    const outcome = await next(worker);
    report(outcome);
    outcomes.push(outcome);
  }
  const { code, output } = await worker.end();
  if (code === 0) return;
  const outcome = { name: 'nothing is left open', passed: 0, failed: 1, output, seconds: 0 };
  report(outcome);
  outcomes.push(outcome);
}));
await template?.drop();

const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0) + (files.length === 0 ? 1 : 0);
if (serverUrl && wanted.length === 0) console.log('Without TEST_DATABASE_URL more of them run: what knows nothing of a server.');
if (!all && wanted.length === 0) console.log(`\`npm run test:all\` also runs tests/${apart.join(', tests/')}${serverUrl ? '' : ' and the lint of TypeScript'}.`);
if (files.length === 0) console.log(`No test file matches ${wanted.join(' ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
