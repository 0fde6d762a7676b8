/** Everything that `npm run migrate:check` looks for, each broken on purpose. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import { assert } from '../support/suite.js';
import { checkChain } from '../../tools/migrations/chain.js';
import { check, lintMigrations as lint } from '../../tools/migrations/check.js';
import { commit } from '../../tools/migrations/commands.js';
import { compose, describeChanges, writeChanges } from '../../tools/migrations/compose.js';
import { readFolder } from '../../tools/migrations/folder.js';
import { checkHomes } from '../../tools/migrations/homes.js';
import { formatProblem, problemsOf, type Problem } from '../../tools/problem.js';
import { startEngine } from '../../tools/migrations/place.js';
import { open, type Database } from '../../src/client/open.js';
import type { EmbeddedServer } from '../../src/embedded/index.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';
import { closeWorkshops, problemsOf as refusalOf, workshop, type Workshop } from './workshop.js';

const test = suite('tools: check');
const shop = workshop();
let shadow: Promise<{ db: Database; server: EmbeddedServer }> | undefined;
test.after(async () => {
  await shadow?.then(({ db, server }) => db.close().then(() => server.stop()), () => undefined);
  await closeWorkshops();
});

async function openShadow(): Promise<{ db: Database; server: EmbeddedServer }> {
  const server = await startEngine((shop.place as { folder: string }).folder, readFolder(shop.folder), {});
  return { db: await open(server.url, 'embedded'), server };
}

const twice = 'committed/000002-things.sql';

/** What is found in the files. */
function inFiles({ folder, released }: Workshop): Problem[] {
  const read = readFolder(folder);
  const composition = compose(read, !released);
  return [
    ...read.problems, ...checkChain(read.committed), ...composition.problems, ...describeChanges(composition),
  ];
}

/** What is found in the catalog after `change`, which is undone. */
async function inCatalog(change: string, edited: Workshop = shop): Promise<string> {
  const { db } = await (shadow ??= openShadow());
  const client = await db.pool.connect();
  try {
    await client.query(change);
    return text(await problemsOf(() => checkHomes(client, readFolder(edited.folder))));
  } finally {
    client.release();
  }
}

const text = (problems: readonly Problem[]): string => problems.map(formatProblem).join('\n');

function broken(work: (copy: Workshop) => void, { released = true } = {}): string {
  const copy = { ...shop.copy(), released };
  work(copy);
  return text(inFiles(copy));
}

test('sound files are found sound', () => {
  assert.is(broken(() => undefined), '');
  assert.is(broken(() => undefined, { released: false }), '');
});

for (const [name, message, work] of [
  ['a file that is no migration', /committed\/things\.sql: graphile-migrate does not take this for a migration/,
    (copy) => copy.write('committed/things.sql', 'select 1;')],
  ['a folder for the current migration', /current: the current migration is the file current\.sql/,
    (copy) => copy.write('current/1.sql', 'select 1;')],
  ['headers that are not set apart', /000002-things\.sql: there should be two newlines/,
    (copy) => copy.write(twice, copy.read(twice).replace('\n\n', '\n'))],
  ['no headers', /000002-things\.sql:1: a committed migration begins with the headers Previous and Hash/,
    (copy) => copy.write(twice, `\n${copy.read(twice).replace(/^--!.*\n/gm, '')}`)],
  ['an edit', /000002-things\.sql:2: it was edited after it was committed: its hash is sha1:\w+, the header says sha1:\w+/,
    (copy) => copy.write(twice, copy.read(twice).replace('size numeric', 'size text'))],
  ['a stale AllowInvalidHash', /000002-things\.sql:4: the hash is valid/,
    (copy) => copy.write(twice, copy.read(twice).replace('\n\n', '\n--! AllowInvalidHash\n\n'))],
  ['another predecessor', /000002-things\.sql:1: it does not follow 000001-extensions\.sql: Previous is sha1:x/,
    (copy) => copy.write(twice, copy.read(twice).replace(/Previous: .*/, 'Previous: sha1:x'))],
  ['a missing migration', /000002-things\.sql:1: it is the first migration, but its Previous is sha1:[^]*its number should be 000001/,
    (copy) => copy.remove('committed/000001-extensions.sql')],
  ['a gap in the numbers', /000004-things\.sql:1: its number should be 000002: it follows 000001-extensions\.sql/,
    (copy) => {
      copy.write('committed/000004-things.sql', copy.read(twice));
      copy.remove(twice);
    }],
  ['a number given twice', /both follow 000001-extensions\.sql: they were committed on two branches/,
    (copy) => copy.write('committed/000002-other.sql', copy.read(twice))],
  ['a home that nothing includes', /functions\/thrice\.sql: no migration includes it/,
    (copy) => copy.write('functions/thrice.sql', 'select 1;')],
  ['a home that is not there', /current\.sql:3: there is no functions\/none\.sql/,
    (copy) => copy.write('current.sql', '\nselect 1;\n-- include: functions/none.sql\n')],
  ['a misspelt marker', /current\.sql:1: this line is only a comment, it includes nothing: -- include functions\/twice\.sql/,
    (copy) => copy.write('current.sql', '-- include functions/twice.sql\n')],
  ['a region of the current migration that is not filled', /current\.sql: it does not hold the present text of functions\/twice\.sql/,
    (copy) => copy.write('current.sql', '-- include: functions/twice.sql\n')],
  ['a home that was changed', /current\.sql: it does not hold the present text of functions\/twice\.sql[^]*npm run compose/,
    (copy) => copy.write('functions/twice.sql', copy.read('functions/twice.sql').replace('n * 2', 'n + n'))],
] as [string, RegExp, (copy: Workshop) => void][]) {
  test(`found: ${name}`, () => {
    assert.match(broken(work), message);
  });
}

test('a changed home is carried: before 1.0.0 by its migration, then by the current one', () => {
  const change = (copy: Workshop): void =>
    copy.write('functions/twice.sql', copy.read('functions/twice.sql').replace('n * 2', 'n + n'));
  const early = { ...shop.copy(), released: false };
  change(early);
  assert.match(text(inFiles(early)), /000002-things\.sql: it does not hold the present text of functions\/twice\.sql/);
  writeChanges(compose(readFolder(early.folder), true));
  assert.match(early.read(twice), /n \+ n/);
  assert.is(early.read('current.sql'), '-- Enter migration here\n');
  assert.equal(inFiles(early), []);

  const late = shop.copy();
  change(late);
  const before = late.read(twice);
  writeChanges(compose(readFolder(late.folder), false));
  assert.is(late.read(twice), before);
  const region = `-- include: functions/twice.sql (a copy: edit that file, then npm run compose)\n${late.read('functions/twice.sql').trim()}\n-- end of functions/twice.sql\n`;
  assert.is(late.read('current.sql'), region);
  assert.equal(inFiles(late), []);
  // A later change goes to the same region, whatever stands around it.
  late.write('current.sql', `--! Message: x\n\nselect 1;\n${region}select 2;\n`);
  late.write('functions/twice.sql', late.read('functions/twice.sql').replace('n + n', 'n * 2.0'));
  writeChanges(compose(readFolder(late.folder), false));
  assert.is(late.read('current.sql'), `--! Message: x\n\nselect 1;\n${region.replace('n + n', 'n * 2.0')}select 2;\n`);
  assert.equal(inFiles(late), []);
});

/** Tables and aggregates are made of them, so they are made before, and what follows is chained anew. */
const foundations = ['functions/bounded_level.sql', 'functions/current_actor.sql', 'functions/is_backfill.sql'];

test('a change of a function or view of this repository touches its home and one migration', () => {
  const root = join(mkdtempSync(join(tmpdir(), 'btcdb-homes-')), 'migrations');
  cpSync(migrationsFolder, root, { recursive: true });
  const { homes } = readFolder(root);
  const wider = homes.filter((home) => {
    const text = readFileSync(join(root, home), 'utf8');
    writeFileSync(join(root, home), text.replace(/$/, ' -- changed'));
    const { changes, problems } = compose(readFolder(root), true);
    writeFileSync(join(root, home), text);
    assert.equal(problems, []);
    assert.ok(changes.length > 0, home);
    return changes.length > 1;
  });
  assert.equal(wider, foundations);
  rmSync(root, { recursive: true });
});

test('the homes of a migrated database are found sound, generated functions included', async () => {
  assert.is(await inCatalog('select 1'), '');
});

for (const [name, message, change, undo] of [
  ['a function altered later', /functions\/twice\.sql: the migrations make another public\.twice\(numeric\) \(-\) than its home \(\+\)\n\s+- .*STABLE\n\s+\+ .*IMMUTABLE/,
    'alter function public.twice(numeric) stable', 'alter function public.twice(numeric) immutable'],
  ['a view made again elsewhere', /views\/doubled\.sql: the migrations make another public\.doubled/,
    'create or replace view public.doubled as select thing_id, size * 2 as size from public.things',
    'create or replace view public.doubled as select t.thing_id, public.twice(t.size) as size from public.things as t'],
  ['a comment from elsewhere', /the migrations make another public\.twice\(numeric\) .*\n\s+- Doubles\.\n\s+\+ Two times/,
    `comment on function public.twice(numeric) is 'Doubles.'`, `comment on function public.twice(numeric) is 'Two times the number.'`],
  ['a function without home', /The function public\.thrice\(numeric\) has no home[^]*migrations\/functions\/thrice\.sql/,
    'create function public.thrice(n numeric) returns numeric language sql return n * 3', 'drop function public.thrice(numeric)'],
  ['an overload without home', /functions\/twice\.sql: it does not make public\.twice\(integer\)/,
    'create function public.twice(n int) returns int language sql return n * 2', 'drop function public.twice(int)'],
  ['a view without home', /The view public\.halved has no home/,
    'create view public.halved as select 1 as n', 'drop view public.halved'],
  ['a generated function that is not what it would be now', /another app_private\.size_limit\(\)[^]*(2000|1000)/,
    'create or replace function app_private.size_limit() returns numeric language sql immutable return 2000',
    'select app_private.make_limit()'],
  ['a function whose generator does not exist', /The function app_private\.odd\(\) has no home/,
    `create function app_private.odd() returns int language sql return 1; comment on function app_private.odd() is 'Generated by nobody(): odd.'`,
    'drop function app_private.odd()'],
] as const) {
  test(`found in the catalog: ${name}`, async () => {
    try {
      assert.match(await inCatalog(change), message);
    } finally {
      assert.is(await inCatalog(undo), '');
    }
  });
}

test('found in the catalog: homes that fail or make nothing', async () => {
  const copy = shop.copy();
  const home = copy.read('functions/twice.sql');
  copy.write('functions/twice.sql', home.slice(0, home.indexOf('comment on')));
  assert.match(await inCatalog('select 1', copy), /twice\.sql: a comment on public\.twice\(numeric\) does not come from its home/);
  copy.write('functions/twice.sql', '-- twice\nselect nope;\n');
  assert.match(await inCatalog('select 1', copy), /functions\/twice\.sql:2:8: the home does not fit the migrated database: column "nope" does not exist/);
  copy.write('functions/twice.sql', 'select 1;\n');
  const found = await inCatalog('select 1', copy);
  assert.match(found, /functions\/twice\.sql: it does not make public\.twice\(numeric\), which the migrations make/);
  assert.match(found, /functions\/twice\.sql: it does not make what its name says: the function twice/);
});

test('found by squawk: what hurts a database in use, with its place, in homes too', () => {
  const copy = shop.copy();
  copy.write('current.sql', 'select 1;\nalter table public.things add column weight numeric not null;\n');
  const [required] = lint(readFolder(copy.folder));
  assert.is(required?.file, join(copy.folder, 'current.sql'));
  assert.is(required?.line, 2);
  assert.match(required!.rule!, /^squawk: adding-(required|not-nullable)-field/);
  assert.match(required!.fix!, /-- squawk-ignore/);
  copy.write('current.sql', 'alter table public.things\n  alter column size type text;\n');
  assert.match(text(lint(readFolder(copy.folder))), /squawk: changing-column-type/);
  copy.write('functions/twice.sql', 'alter table public.things drop column size;\n');
  copy.write('current.sql', 'select 1;\n-- include: functions/twice.sql\nalter table public.things drop column size;\n-- end of functions/twice.sql\n');
  const [inHome] = lint(readFolder(copy.folder));
  assert.equal([inHome?.file, inHome?.line], [join(copy.folder, 'functions/twice.sql'), 1]);
  copy.write('current.sql', 'selec 1;\n');
  assert.match(text(lint(readFolder(copy.folder))), /squawk: syntax-error/);
});

test('before a commit: what squawk finds is refused', async () => {
  const copy = shop.copy();
  copy.write('current.sql', 'alter table public.things\n  add column if not exists code char(3);\n');
  assert.match(await refusalOf(() => commit(copy, 'sizes')), /current\.sql:2:\d+: .*squawk: ban-char-field/);
  assert.equal(copy.committed(), shop.committed());
});

test('found by plpgsql_check, where the server has it: errors that a function would raise when it runs', async () => {
  const url = process.env['TEST_DATABASE_URL'];
  if (!url) return;
  const db = await open(url, 'server');
  const { rowCount } = await db.query(`select from pg_available_extensions where name = 'plpgsql_check'`);
  await db.close();
  if (rowCount === 0) return console.log('\nthe server does not have plpgsql_check');
  const onServer = workshop('server');
  onServer.write('functions/guard.sql', `create or replace function app_private.guard() returns trigger
language plpgsql
as $$
begin
  if new.size > 5 then
    new.colour := 'red';
  end if;
  return new;
end
$$;
`);
  onServer.write('current.sql', `-- include: functions/guard.sql
drop trigger if exists guard on public.things;
create trigger guard before insert on public.things for each row execute function app_private.guard();
`);
  const expected = /functions\/guard\.sql:6:5: record "new" has no field "colour", in app_private\.guard\(\) \(plpgsql_check\)/;
  assert.match(await refusalOf(() => commit(onServer, 'guard')), expected);
  assert.is(onServer.committed().length, 2);
  assert.match(text(await check(onServer)), expected);
  onServer.write('functions/guard.sql', onServer.read('functions/guard.sql').replace("new.colour := 'red'", 'new.size := 5'));
  assert.equal(await commit(onServer, 'guard'), { name: '000003-guard.sql' });
});

test('squawk that cannot run is a problem, not a pass', () => {
  const folder = readFolder(shop.folder);
  assert.equal(lint(folder), []);
  const elsewhere = join(shop.folder, 'elsewhere.cjs');
  writeFileSync(elsewhere, `Object.defineProperty(process, 'arch', { value: 'mips' });`);
  const found = lint(folder, { ...process.env, NODE_OPTIONS: `--require ${elsewhere}` });
  assert.match(text(found), /squawk did not run, so the migrations are not linted: .*unsupported platform[^]*npm ci --include=optional/);
});

test('the whole check: sound, then in CI a current migration, then a migration that fails', async () => {
  const copy = { ...shop.copy(), place: shop.place };
  assert.equal(await check(copy), []);
  copy.write('current.sql', 'select 1;\n');
  assert.equal(await check(copy), []);
  copy.write('current.sql', 'select nope;\n');
  const found = text(await check(copy, false));
  assert.match(found, /current\.sql: it is not empty: the current migration is not committed/);
  assert.match(found, /current\.sql:1:8: column "nope" does not exist/);
});

test('the command says what is wrong, and where, and exits with a code', async () => {
  const copy = { ...shop.copy(), released: false };
  const command = (...args: string[]): { status: number | null; output: string } => {
    const main = fileURLToPath(new URL('../../tools/migrations/main.js', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, '--folder', copy.folder, ...args], {
      encoding: 'utf8', env: { ...process.env, DATABASE_URL: '', NO_COLOR: '1' },
    });
    return { status, output: stdout + stderr };
  };
  assert.equal(command('compose'), { status: 0, output: '' });
  copy.write('functions/twice.sql', copy.read('functions/twice.sql').replace('n * 2', 'n + n'));
  assert.match(command('compose').output, /^✓ composed .*000002-things\.sql\n$/);
  assert.equal(command('compose'), { status: 0, output: '' });
  copy.write(twice, copy.read(twice).replace('size numeric', 'size text'));
  const broken = command('status');
  assert.is(broken.status, 4);
  assert.match(broken.output, /^error: .*000002-things\.sql:2: it was edited after it was committed/);
  assert.is(command('check', '--nonsense').status, 1);
});

test.run();
