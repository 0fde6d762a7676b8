/**
 * Generates queries/*.queries.ts from queries/*.sql with pgTyped, against a freshly migrated database.
 *
 *     npm run codegen            write
 *     npm run codegen -- --check fail when something would be written
 *
 * The database is the embedded engine, or one of its own on the server in TEST_DATABASE_URL; both give the same files.
 *
 * pgTyped exits 0 on a broken query and leaves out a file that it cannot parse, so nothing it says is trusted: it works
 * in a copy, and each query of each .sql file must come out of it. Only then is anything written.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { testDatabase } from '../tests/support/database.js';

const folder = 'queries';
const config = 'pgtyped.config.json';
const check = process.argv.includes('--check');
const generatedOf = (sql: string): string => sql.replace(/\.sql$/, '.queries.ts');

const problems: string[] = [];
const copy = mkdtempSync(join(tmpdir(), 'btcdb-codegen-'));
try {
  const sources = readdirSync(folder).filter((file) => file.endsWith('.sql')).sort();
  for (const file of [config, ...sources]) cpSync(join(folder, file), join(copy, folder, file));

  const db = await testDatabase();
  const output = await pgtyped(db.url).finally(() => db.drop());
  const reasons = reasonsOf(output);
  for (const sql of sources) {
    problems.push(...missing(sql).map((problem) => [`${folder}/${sql}: ${problem}`, ...(reasons.get(sql) ?? [])].join('\n    ')));
  }
  if (sources.length === 0) problems.push(`${folder}/ holds no .sql file`);
  if (problems.length > 0 && reasons.size === 0) console.error(output);

  const stale: string[] = [];
  for (const generated of sources.map(generatedOf)) {
    const made = join(copy, folder, generated);
    const kept = join(folder, generated);
    if (existsSync(made) && (!existsSync(kept) || readFileSync(made, 'utf8') !== readFileSync(kept, 'utf8'))) stale.push(generated);
  }
  const orphans = readdirSync(folder).filter((file) => file.endsWith('.queries.ts') && !sources.map(generatedOf).includes(file));

  if (check) {
    problems.push(...stale.map((file) => `${folder}/${file} differs from what pgTyped makes of the database: run \`npm run codegen\``));
    problems.push(...orphans.map((file) => `${folder}/${file} has no .sql file: run \`npm run codegen\``));
  } else if (problems.length === 0) {
    for (const file of stale) writeFileSync(join(folder, file), readFileSync(join(copy, folder, file)));
    for (const file of orphans) rmSync(join(folder, file));
    console.log([...stale.map((file) => `Wrote ${folder}/${file}`), ...orphans.map((file) => `Removed ${folder}/${file}`)].join('\n')
      || `${sources.length} files are up to date`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}

/** Runs pgTyped in the copy and returns what it says. */
function pgtyped(url: string): Promise<string> {
  const cli = resolve('node_modules/@pgtyped/cli/lib/index.js');
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cli, '--config', join(folder, config), '--uri', url], {
      cwd: copy,
      // Variables such as PGHOST would win over the URL. Columns are sorted by the rules of the locale.
      env: { PATH: process.env['PATH'], LC_ALL: 'en_US.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
    child.on('error', fail);
    child.on('close', (code, signal) => {
      const ending = code === 0 ? '' : `pgTyped ended with ${signal ?? `exit code ${code}`}\n`;
      done(`${said.stdout}\n${said.stderr}\n${ending}`);
    });
  });
}

/** What is wrong with the generated file of a .sql file: nothing, if every query is in it with every type known. */
function missing(sql: string): string[] {
  const made = join(copy, folder, generatedOf(sql));
  const text = existsSync(made) ? readFileSync(made, 'utf8') : '';
  const names = [...readFileSync(join(folder, sql), 'utf8').matchAll(/@name\s+(\w+)/g)].map(([, name]) => name as string);
  if (names.length === 0) return ['it has no query; one starts with /* @name nameOfTheQuery */'];
  if (text === '') return ['pgTyped made nothing of it'];
  return [
    ...names.filter((name) => !text.includes(`export const ${name} = new PreparedQuery<`)).map((name) => `query ${name} is missing from what pgTyped made`),
    ...[...text.matchAll(/^export type I(\w+)Result = never;$/gm)].map(([, name]) => `query ${name} is invalid`),
    ...(/: unknown\b/.test(text) ? [`a type has no TypeScript counterpart: name it in typesOverrides of ${config}`] : []),
  ];
}

/** pgTyped's complaints for each file. It works on one file after the other and names it at the end. */
function reasonsOf(output: string): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  let pending: string[] = [];
  for (const line of output.split('\n')) {
    const file = /^(?:Error processing|Skipped|Saved .* from) (\S+\.sql)/.exec(line)?.[1];
    const complaint = [
      /^- \((?<line>\d+):\d+\) (?<text>.*)/,
      /^ {2}(?:message|hint): '(?<text>.*)',?$/,
      /^Error processing \S+: (?<text>.*)/,
      /^(?<text>Query '.*' is invalid.*)/,
      /^Error: (?<text>Postgres type .*)/,
    ].map((pattern) => pattern.exec(line)?.groups).find((groups) => groups !== undefined);
    if (complaint) pending.push(complaint['line'] ? `line ${complaint['line']}: ${complaint['text']}` : String(complaint['text']));
    if (file) {
      if (pending.length > 0) reasons.set(basename(file), pending);
      pending = [];
    }
  }
  return reasons;
}
