/** The commands on migrations, on each engine, and where graphile-migrate's own are not enough. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { commit as stockCommit, Logger, migrate as stockMigrate, status as stockStatus, watch as stockWatch, type Settings } from 'graphile-migrate';
import { suite } from 'uvu';
import { assert } from '../support/suite.js';
import { applyAll, applyPending, type Applied } from '../../tools/migrations/apply.js';
import { check } from '../../tools/migrations/check.js';
import { carryHomes } from '../../tools/migrations/compose.js';
import { commit, reset, status, uncommit } from '../../tools/migrations/commands.js';
import { createDatabase, dropDatabase, withClient } from '../../tools/databases.js';
import { ensureDatabase, urlsOf, withServer } from '../../tools/migrations/place.js';
import { readFolder } from '../../tools/migrations/folder.js';
import { formatProblem, ProblemsError, type Problem } from '../../tools/problem.js';
import { open, type Database } from '../../src/client/open.js';
import { lockFolder } from '../../src/embedded/lock.js';
import { loadGraphileMigrate } from '../../src/schema/graphile-migrate.js';
import { closeWorkshops, engines, problemsOf, workshop, type Workshop } from './workshop.js';

const { clearAllPools } = await loadGraphileMigrate();
const test = suite('tools: migrations');
test.after(closeWorkshops);

const blank = '-- Enter migration here\n';
const sha1 = (text: string): string => `sha1:${createHash('sha1').update(text).digest('hex')}`;

/** Opens the development database, made when there is none, with what is committed. */
async function withDatabase<T>(shop: Workshop, work: (db: Database) => Promise<T>): Promise<T> {
  const folder = readFolder(shop.folder);
  return withServer(shop.place, folder, async ({ url, root }) => {
    await ensureDatabase(url, root);
    const db = await open(url, shop.place.kind);
    try {
      await applyPending(db, url, folder);
      return await work(db);
    } finally {
      await db.close();
    }
  });
}

async function value(db: Pick<Database, 'query'>, sql: string): Promise<unknown> {
  return Object.values((await db.query(sql)).rows[0] ?? {})[0];
}

async function apply({ folder: root }: Workshop, { url }: Pick<Database, 'url'>): Promise<Applied & { carried: readonly string[] }> {
  const { folder, changes } = carryHomes(root);
  return { ...await withClient(url, (client) => applyAll(client, url, folder)), carried: changes.flatMap(({ homes }) => homes) };
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(() => undefined, (error: unknown) => error);
  assert.instance(error, ProblemsError, `expected a problem, got ${String(error)}`);
  const { problems } = error as ProblemsError;
  assert.is(problems.length, 1);
  return problems[0]!;
}

/** graphile-migrate as it is, quiet. */
function stock(url: string, shop: Workshop): Settings {
  return {
    connectionString: url, migrationsFolder: shop.folder, logger: new Logger(() => () => undefined),
    shadowConnectionString: urlsOf(url).shadow, rootConnectionString: urlsOf(url).root,
  };
}

const work = `
--! Message: Colours, and more

-- A colour for everything.
alter table public.things add column if not exists colour text;

-- include: functions/twice.sql
`.trimStart();

const files = new Map<string, string>();

for (const engine of engines) {
  test(`${engine}: a migration is applied, committed, taken back and committed again`, async () => {
    const shop = workshop(engine);
    shop.write('functions/twice.sql', shop.read('functions/twice.sql').replace('n * 2', 'n + n'));
    shop.write('current.sql', work);
    await withDatabase(shop, async (db) => {
      const first = await apply(shop, db);
      assert.equal(first, { committed: [], current: 'applied', carried: ['functions/twice.sql'], mended: [] });
      assert.is(await value(db, `select count(colour)::int from public.things`), 0);
      assert.equal(await apply(shop, db), { committed: [], current: 'unchanged', carried: [], mended: [] });
      shop.write('current.sql', `${shop.read('current.sql')}\n-- only a comment`);
      assert.is((await apply(shop, db)).current, 'unchanged');
      shop.write('current.sql', `${shop.read('current.sql')}\nselect 1;\n`);
      const start = performance.now();
      assert.is((await apply(shop, db)).current, 'applied');
      assert.ok(performance.now() - start < 5000, `took ${performance.now() - start} ms`);
    });

    assert.equal(await commit(shop), { name: '000003-colours-and-more.sql' });
    const text = shop.read('committed/000003-colours-and-more.sql');
    const previous = /^--! Hash: (.*)$/m.exec(shop.read('committed/000002-things.sql'))![1]!;
    const body = text.split('\n\n').slice(1).join('\n\n');
    assert.is(text, `--! Previous: ${previous}\n--! Hash: ${sha1(`${previous}\n${body}`)}\n--! Message: Colours, and more\n\n${body}`);
    assert.match(body, /^-- A colour[^]*-- include: functions\/twice\.sql \(a copy: edit that file, then npm run compose\)\n[^]*return n \+ n;[^]*-- end of functions\/twice\.sql[^]*select 1;\n$/);
    assert.is(shop.read('current.sql'), blank);
    files.set(engine, text);
    assert.is(files.get('embedded'), text, 'both engines give the same file');

    assert.is(await uncommit(shop), '000003-colours-and-more.sql');
    assert.is(shop.read('current.sql'), `--! Message: Colours, and more\n\n${body}`);
    assert.is(shop.committed().length, 2);
    await commit(shop);
    assert.is(shop.read('committed/000003-colours-and-more.sql'), text);
    assert.equal(await status(shop), { committed: shop.committed(), pending: [], hasCurrent: false, differing: [] });
  });

  test(`${engine}: reset asks before it deletes data`, async () => {
    const shop = workshop(engine);
    assert.equal((await status(shop)).pending, ['000001-extensions.sql', '000002-things.sql']);
    await withDatabase(shop, (db) => db.query('create table public.leftover (id bigint)'));
    await reset(shop);
    await withDatabase(shop, async (db) => {
      assert.is(await value(db, `select to_regclass('public.leftover')`), null);
      await db.query('insert into public.timeseries_data values (1)');
    });
    assert.match(await problemsOf(() => reset(shop)), /holds data, all of which this would delete[^]*--erase/);
    await reset(shop, { erase: true });
    assert.is(await withDatabase(shop, (db) => value(db, 'select count(*)::int from public.timeseries_data')), 0);
  });
}

// These are the same where no command starts an engine.
for (const engine of engines.map((name) => (name === 'embedded' ? 'served' : name))) {
  test(`${engine}: homes that are changed back together with current.sql are seen by their content`, async () => {
    const shop = workshop(engine);
    const files = ['functions/twice.sql', 'functions/make_limit.sql', 'views/doubled.sql', 'current.sql'];
    const kept = files.map((file) => [file, shop.read(file)] as const);
    const edit = (file: string, from: string, to: string): void => shop.write(file, shop.read(file).replace(from, to));
    await withDatabase(shop, async (db) => {
      edit('functions/twice.sql', 'n * 2', 'n * 3');
      edit('functions/make_limit.sql', 'return 1000', 'return 999');
      edit('views/doubled.sql', 'Twice its size.', 'Its size, twice.');
      shop.write('current.sql', 'select app_private.make_limit();');
      await apply(shop, db);
      assert.equal([await value(db, 'select public.twice(1)'), await value(db, 'select app_private.size_limit()')], ['3', '999']);
    });
    for (const [file, text] of kept) shop.write(file, text);

    const differing = ['app_private.make_limit()', 'app_private.size_limit()', 'public.twice(numeric)', 'public.doubled'];
    assert.equal(await status(shop), { committed: shop.committed(), pending: [], hasCurrent: false, differing });
    assert.equal((await status(shop)).differing, differing, 'status mends nothing');
    await withDatabase(shop, async (db) => {
      assert.equal(await apply(shop, db), { committed: [], current: 'empty', carried: [], mended: differing });
      assert.equal([await value(db, 'select public.twice(1)'), await value(db, 'select app_private.size_limit()')], ['2', '1000']);
      assert.equal((await apply(shop, db)).mended, []);
      // What no home can replace is told.
      await db.query('drop view public.doubled; create view public.doubled as select 1 as one, t.thing_id, t.size from public.things as t');
      const problem = await problemOf(apply(shop, db));
      assert.match(`${problem.file}: ${problem.message} ${problem.fix}`, /views\/doubled\.sql: the home does not fit[^]*cannot[^]*npm run migrate:reset/);
    });
  });

  test(`${engine}: what fails is not committed`, async () => {
    const shop = workshop(engine);
    for (const [sql, message] of [
      ['-- nothing yet', /it is empty: there is nothing to commit/],
      ['select 1;\nselect nope;', /current\.sql:2:8: column "nope" does not exist/],
      ['create table public.once (id bigint);', /current\.sql:1:1: it works once, but not a second time: relation "once" already exists[^]*if not exists/],
    ] as const) {
      shop.write('current.sql', sql);
      assert.match(await problemsOf(() => commit(shop, 'x')), message);
      assert.is(shop.read('current.sql'), sql);
      assert.is(shop.committed().length, 2);
    }
    shop.write('current.sql', 'select 1;');
    assert.match(await commit(shop, 'two\nlines').then(({ name }) => name, (error: Error) => error.message), /disallowed characters/);
    // It works in a fresh database, but not in this one: the files are put back.
    await withDatabase(shop, (db) => db.query('create view public.colours as select 1 as n'));
    shop.write('current.sql', 'create table if not exists public.colours (id bigint); insert into public.colours values (1);');
    assert.match(await problemsOf(() => commit(shop, 'x')), /cannot insert into column "n"|cannot insert into view/);
    assert.match(shop.read('current.sql'), /^create table/);
    assert.is(shop.committed().length, 2);
  });

  test(`${engine}: a database that has applied something else is told so`, async () => {
    const shop = workshop(engine);
    shop.write('current.sql', 'select 1;');
    await commit(shop, 'mine');
    const other = shop.copy();
    other.remove('committed/000003-mine.sql');
    other.write('current.sql', 'select 2;');
    await commit(other, 'other');
    await withDatabase(shop, async (db) => {
      const deviating = (): Promise<string> => problemsOf(() => apply(other, db));
      assert.match(await deviating(), /has applied another version of 000003-other\.sql: sha1:\w+, not sha1:\w+[^]*npm run migrate:reset/);
      other.remove('committed/000003-other.sql');
      assert.match(await deviating(), /has applied 000003\.sql \(sha1:\w+\), which is not among the committed[^]*npm run migrate:reset/);
      await db.query('delete from graphile_migrate.migrations where filename = $1', ['000003.sql']);
      await db.query('update graphile_migrate.migrations set previous_hash = null');
      await db.query('delete from graphile_migrate.migrations where filename = $1', ['000001.sql']);
      assert.match(await deviating(), /has applied 000002-things\.sql without 000001-extensions\.sql/);
    });
    assert.match(await problemsOf(() => status({ ...other, place: shop.place })), /000002-things\.sql without 000001-extensions\.sql/);
  });

  test(`${engine}: two people's migrations in conflict`, async () => {
    const base = workshop(engine);
    const [mine, theirs] = [base, base.copy()];
    mine.write('current.sql', 'alter table public.things add column if not exists colour text;');
    theirs.write('current.sql', 'alter table public.things add column if not exists weight numeric;');
    await withDatabase(mine, async () => undefined);
    await commit(mine, 'colour');
    await commit(theirs, 'weight');
    // The merge: version control sees two new files and no conflict.
    mine.write('committed/000003-weight.sql', theirs.read('committed/000003-weight.sql'));
    const conflict = await problemsOf(() => status(mine));
    assert.match(conflict, /000003-weight\.sql:1: 000003-colour\.sql and 000003-weight\.sql both follow 000002-things\.sql/);
    assert.match(conflict, /npm run migrate:uncommit -- <yours>/);
    assert.match(await problemsOf(() => uncommit(mine)), /both follow/);
    assert.match(await problemsOf(() => commit(mine, 'more')), /both follow/);

    await uncommit(mine, '000003-colour.sql');
    assert.match(mine.read('current.sql'), /colour text/);
    await withDatabase(mine, async () => undefined); // npm run migrate: takes theirs
    await commit(mine);
    assert.equal(mine.committed(), ['000001-extensions.sql', '000002-things.sql', '000003-weight.sql', '000004-colour.sql']);
    assert.is(mine.read('committed/000003-weight.sql'), theirs.read('committed/000003-weight.sql'));
    assert.equal(await check(mine), []);
    assert.equal((await status(mine)).pending, []);
    const columns = `select string_agg(attname, ' ' order by attname) from pg_attribute
      where attrelid = 'public.things'::regclass and attnum > 0`;
    // The other one merges, too.
    theirs.write('committed/000004-colour.sql', mine.read('committed/000004-colour.sql'));
    assert.is(await withDatabase(theirs, (db) => value(db, columns)), 'colour size thing_id weight');
  });

  test(`${engine}: errors are found in the file where they are`, async () => {
    const shop = workshop(engine);
    await withDatabase(shop, async (db) => {
      const current = join(shop.folder, 'current.sql');
      const failing = async (sql: string): Promise<Problem> => {
        shop.write('current.sql', sql);
        return problemOf(apply(shop, db));
      };
      const syntax = await failing('select 1;\n\nselect size\n\tfrm public.things;\n');
      assert.equal([syntax.file, syntax.line, syntax.column], [current, 4, 6]);
      assert.match(syntax.message, /syntax error at or near "public"/);
      assert.match(formatProblem(syntax), /\n {4}\tfrm public\.things;\n {4}\t {4}\^$/);
      // Characters beyond 16 bits count once.
      const name = await failing(`select '📈', sizes from public.things;`);
      assert.equal([name.line, name.column], [1, 13]);
      assert.match(name.fix!, /things\.size/);
      // An error while it runs has no position: the statement is found by counting.
      const running = await failing(`create table if not exists public.x (id bigint);\n/* why */\n-- and how\ndo $$ begin perform 1 / 0; end $$;\nselect 1;`);
      assert.equal([running.file, running.line, running.column], [current, 4, 1]);
      assert.match(running.message, /division by zero; in .*PL\/pgSQL function inline_code_block line 1 at PERFORM/);
      assert.is(await value(db, `select to_regclass('public.x')`), null, 'all of it was rolled back');
      // In a home.
      const home = shop.read('functions/twice.sql');
      shop.write('functions/twice.sql', `\n${home.replace('n * 2', 'm * 2')}`);
      const included = await failing('select 1;\n');
      assert.equal([included.file, included.line, included.column], [join(shop.folder, 'functions/twice.sql'), 4, 8]);
      assert.match(included.message, /column "m" does not exist/);
      shop.write('functions/twice.sql', home);
    });
    // In a committed migration that is pending.
    shop.write('current.sql', blank);
    const broken = 'select 1;\nselect nope;\n';
    const previous = /^--! Hash: (.*)$/m.exec(shop.read('committed/000002-things.sql'))![1]!;
    shop.write('committed/000003-broken.sql', `--! Previous: ${previous}\n--! Hash: ${sha1(`${previous}\n${broken}`)}\n\n${broken}`);
    const pending = await problemOf(withDatabase(shop, async () => undefined));
    assert.equal([pending.file, pending.line, pending.column], [join(shop.folder, 'committed/000003-broken.sql'), 5, 8]);
  });

  test(`${engine}: a migration may forgo the transaction, and name the database`, async () => {
    const shop = workshop(engine);
    shop.write('current.sql', '--! no-transaction\nvacuum public.things;');
    await commit(shop, 'tidy');
    assert.match(shop.read('committed/000003-tidy.sql'), /Message: tidy\n\n--! no-transaction\nvacuum/);
    await withDatabase(shop, async (db) => {
      shop.write('current.sql', '--! no-transaction\nvacuum public.things;');
      assert.is((await apply(shop, db)).current, 'applied');
      shop.write('current.sql', `comment on database ":DATABASE_NAME" is 'mine';`);
      assert.is((await apply(shop, db)).current, 'applied');
      assert.is(await value(db, `select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()`), 'mine');
    });
    await commit(shop, 'named');
    assert.match(shop.read('committed/000004-named.sql'), /database ":DATABASE_NAME"/);
  });
}

// Where graphile-migrate is not enough ---------------------------------------------------------------------------------

test('an edited committed migration: graphile-migrate is content, status and check are not', async () => {
  const shop = workshop();
  await withDatabase(shop, async (db) => {
    shop.write('committed/000002-things.sql', shop.read('committed/000002-things.sql').replace('size numeric', 'size text').replace('n * 2', 'n * 4'));
    await stockMigrate(stock(db.url, shop));
    assert.equal(await stockStatus(stock(db.url, shop)), { remainingMigrations: [], hasCurrentMigration: false });
    clearAllPools();
  });
  const message = /committed\/000002-things\.sql:2: it was edited after it was committed[^]*git checkout/;
  assert.match(await problemsOf(() => status(shop)), message);
  assert.match(await problemsOf(() => apply(shop, { url: 'postgres://unused/x' })), message);
  assert.is(shop.read('current.sql'), blank, 'what the edit took from a home is not carried');
});

test('--!include: graphile-migrate 1.4 takes it for a comment, compose refuses it', async () => {
  const shop = workshop();
  await withDatabase(shop, async (db) => {
    shop.write('functions/thrice.sql', 'create or replace function public.thrice(n numeric) returns numeric language sql immutable return n * 3;\n');
    shop.write('current.sql', '--!include functions/thrice.sql\nselect 1;\n');
    const found = await problemsOf(() => apply(shop, db));
    assert.match(found, /current\.sql:1: this line is only a comment, it includes nothing: --!include functions\/thrice\.sql/);
    assert.match(found, /functions\/thrice\.sql: no migration includes it/);
    // What graphile-migrate would do with it.
    const previous = /^--! Hash: (.*)$/m.exec(shop.read('committed/000002-things.sql'))![1]!;
    const body = shop.read('current.sql');
    shop.write('committed/000003.sql', `--! Previous: ${previous}\n--! Hash: ${sha1(`${previous}\n${body}`)}\n\n${body}`);
    await stockMigrate(stock(db.url, shop));
    clearAllPools();
    assert.is(await value(db, `select to_regproc('public.thrice')`), null);
  });
});

test("graphile-migrate's watch runs on the embedded server, too, and leaves what the loop leaves", async () => {
  const shop = workshop();
  await withServer(shop.place, readFolder(shop.folder), async ({ url }) => {
    shop.write('current.sql', 'alter table public.things add column if not exists colour text;');
    await stockWatch(stock(url, shop), true);
    clearAllPools();
    assert.is((await apply(shop, { url })).current, 'unchanged');
  });
});

if (engines.includes('server')) {
  test('server: commit and watch leave what graphile-migrate leaves', async () => {
    const [ours, theirs] = [workshop('server'), workshop('server')];
    for (const shop of [ours, theirs]) {
      shop.write('current.sql', work);
      await withDatabase(shop, async () => undefined);
    }
    const url = (shop: Workshop): string => (shop.place.kind === 'server' ? shop.place.url : '');
    const content = 'select content from graphile_migrate.current';
    await apply(ours, { url: url(ours) });
    // graphile-migrate knows nothing of homes: compose fills the file.
    theirs.write('current.sql', ours.read('current.sql'));
    await stockWatch(stock(url(theirs), theirs), true);
    clearAllPools();
    const [left, right] = await Promise.all([ours, theirs].map((shop) => withDatabase(shop, (db) => value(db, content))));
    assert.is(left, right);
    assert.is((await apply(theirs, { url: url(theirs) })).current, 'unchanged');
    let log = '';
    const logger = new Logger(() => (_, message) => void (log += `${message}\n`));
    await stockWatch({ ...stock(url(ours), ours), logger }, true);
    assert.match(log, /unchanged, skipping/);
    clearAllPools();

    await commit(ours);
    await stockCommit(stock(url(theirs), theirs));
    clearAllPools();
    assert.equal(ours.committed(), theirs.committed());
    const name = 'committed/000003-colours-and-more.sql';
    assert.is(ours.read(name), theirs.read(name));
    assert.is(ours.read('current.sql'), theirs.read('current.sql'));
  });

  test('server: a shadow that is none is not deleted, nor a database that somebody uses', async () => {
    const shop = workshop('server');
    const { url } = shop.place as { url: string };
    assert.throws(() => {
      process.env['SHADOW_DATABASE_URL'] = url;
      try {
        urlsOf(url);
      } finally {
        delete process.env['SHADOW_DATABASE_URL'];
      }
    }, /names the development database itself/);
    assert.throws(() => urlsOf(url.replace(/[^/]*$/, 'x'.repeat(60))), /too long/);
    const urls = urlsOf(url);
    await createDatabase(urls.shadow, urls.root);
    const shadow = new pg.Client({ connectionString: urls.shadow });
    await shadow.connect();
    await shadow.query('create table mine (id bigint)');
    await shadow.end();
    shop.write('current.sql', 'select 1;');
    assert.match(await problemsOf(() => commit(shop)), /holds data: it does not look like a shadow/);
    await dropDatabase(urls.shadow, urls.root);
    await withDatabase(shop, async () => {
      assert.match(String(await reset(shop).catch((error: Error) => error.message)), /is being accessed by other users/);
    });
  });
}

test('the embedded engine: a folder in use is left alone, a broken reset keeps the old data', async () => {
  const shop = workshop();
  const { folder } = shop.place as { folder: string };
  await withDatabase(shop, (db) => db.query('insert into public.things (size) values (1)'));
  const unlock = lockFolder(folder);
  try {
    for (const work of [() => reset(shop, { erase: true }), () => uncommit(shop)]) {
      const error = await work().then(() => undefined, (error: { code?: string }) => error);
      assert.is((error as { code?: string }).code, 'EMBEDDED_IN_USE');
    }
    assert.is(shop.committed().length, 2);
    // Committing needs only the shadow; who has the folder open gets the migration later.
    shop.write('current.sql', 'select 1;');
    assert.match((await commit(shop, 'one')).notApplied!, /in use by process/);
  } finally {
    unlock();
  }
  shop.remove('committed/000003-one.sql');
  const broken = 'select nope;\n';
  const previous = /^--! Hash: (.*)$/m.exec(shop.read('committed/000002-things.sql'))![1]!;
  shop.write('committed/000003.sql', `--! Previous: ${previous}\n--! Hash: ${sha1(`${previous}\n${broken}`)}\n\n${broken}`);
  shop.write('current.sql', blank);
  assert.match(await problemsOf(() => reset(shop, { erase: true })), /committed\/000003\.sql:4:8: column "nope"/);
  shop.remove('committed/000003.sql');
  assert.is(await withDatabase(shop, (db) => value(db, 'select count(*)::int from public.things')), 1);
});

test.run();
