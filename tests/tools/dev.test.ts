/**
 * The development loop, as somebody sees it who edits files, on the engine under test. The steps share one loop, and go on where
 * the one before has stopped. The last ones are the example of CONTRIBUTING.md, done as it says.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { suite } from 'uvu';
import { dropDatabase } from '../../tools/databases.js';
import { urlsOf } from '../../tools/migrations/place.js';
import { type Proxy, proxyTo } from '../support/proxy.js';
import { assert } from '../support/suite.js';
import { compilerPatienceMs, copyProject, databaseName, environment, killLoops, processesIn, startLoop, type RunningLoop } from './loop-project.js';

const run = promisify(execFile);
const serverUrl = process.env['TEST_DATABASE_URL'];
const project = copyProject();
const { read, write } = project;

let loop: RunningLoop;
/** Where clients find the database. */
let url: string;
/** A database of its own on the server, and the wire to it. */
let target: string;
let wire: Proxy | undefined;

const test = suite('tools: dev');
test.after(async () => {
  // A loop that a failed test leaves behind would keep the test going.
  killLoops();
  if (!wire) return;
  await wire.stop();
  await dropDatabase(target, urlsOf(target).root);
});

const addColumn = `alter table public.sources add column if not exists homepage text;
comment on column public.sources.homepage is 'Its page.';
`;
const home = 'migrations/functions/site_of.sql';
const siteOf = (type: string): string => `drop function if exists public.site_of(text);
create function public.site_of(url text) returns ${type}
language sql immutable strict
set search_path = pg_catalog, pg_temp
return length(url);

comment on function public.site_of(text) is 'The site.';
`;
const query = (columns: string): string => `/* @name pages */
select ${columns}
from public.sources as s
order by s.name;
`;
const types = 'queries/pages.queries.ts';
const view = 'migrations/views/latest_values.sql';

const save = (file: string, text: string, expected: RegExp, patienceMs?: number): Promise<RegExpExecArray> =>
  loop.after(() => write(file, text), expected, patienceMs);

/** The loop says how long it took; how fast it is on an idle machine is another matter. */
function isQuick([, seconds]: RegExpExecArray): void {
  assert.ok(Number(seconds) > 0, `${seconds} s`);
}

test('it says where the database is, without its password, and runs once', async () => {
  if (serverUrl) {
    target = Object.assign(new URL(serverUrl), { pathname: `/${databaseName()}` }).href;
    wire = await proxyTo(target);
    loop = await startLoop(project, wire.url);
    assert.not.match(loop.output(), new RegExp(`:${new URL(serverUrl).password}@`));
  } else {
    loop = await startLoop(project);
  }
  url = wire?.url ?? /DATABASE_URL=(\S+)/.exec(loop.output())![1]!;
  const second = await startLoop(project, wire?.url);
  assert.is(await second.ended, 1);
  assert.match(second.output(), /The loop runs already in this folder, as process \d+/);
});

test('a query that is ahead of the migration, then the migration', async () => {
  await save('queries/pages.sql', query('s.name, s.homepage'), /queries\/pages\.sql:2:16: column s\.homepage does not exist.*\n.*\n {23}\^/);
  assert.is(read(types), undefined);
  isQuick(await save('migrations/current.sql', addColumn, /current\.sql: applied, wrote queries\/pages\.queries\.ts, src\/types\/tables\.ts, ([\d.]+) s after the save\n.*src\/queries\.ts does not export it yet: export \* as pages from/));
  assert.match(read(types)!, /\/\*\* Its page\. \*\/\n {2}homepage: string \| null;/);
});

test('a migration that fails, and is mended', async () => {
  await save('migrations/current.sql', addColumn.replace('sources.homepage', 'sources.homepgae'),
    /current\.sql: not applied.*\n\n {4}migrations\/current\.sql:2:1: column "homepgae" of relation "public.sources" does not exist\n.*\n {8}\^/);
  assert.match(read(types)!, /homepage: string \| null;/);
  await save('migrations/current.sql', addColumn.replace('Its page.', 'Its home page.'), /current\.sql: applied, wrote queries\/pages\.queries\.ts/);
  assert.match(read(types)!, /Its home page\./);
});

test('a function comes from its home into the migration, and from there into the types', async () => {
  write(home, siteOf('int'));
  await save('migrations/current.sql', `${addColumn}-- include: functions/site_of.sql\n`, /applied/);
  assert.match(read('migrations/current.sql')!, /-- include: functions\/site_of\.sql \(a copy: .*\)\ndrop function/);
  isQuick(await save('queries/pages.sql', query('public.site_of(s.homepage) as site'), /pages\.sql: wrote queries\/pages\.queries\.ts, ([\d.]+) s after/));
  assert.match(read(types)!, /site: number \| null;/);
  await save(home, siteOf('int').replace('return length', 'retrun length'), /site_of\.sql: not applied.*\n\n {4}migrations\/functions\/site_of\.sql:5:1: syntax error at or near "retrun"\n.*\n +\^/);
  assert.match(read(types)!, /site: number \| null;/);
  isQuick(await save(home, siteOf('text').replace('length(url)', 'upper(url)'), /site_of\.sql: applied, wrote queries\/pages\.queries\.ts, ([\d.]+) s after/));
  assert.match(read(types)!, /site: string \| null;/);
});

test('a home that is there already: the database gets it, the committed migration stays', async () => {
  const present = read(view)!;
  await save(view, present.replace(/(comment on view public\.latest_values is\s+)'[^']*'/, "$1'The newest.'"), /latest_values\.sql: applied/);
  assert.match(read('migrations/current.sql')!, /-- include: views\/latest_values\.sql.*\n[^]*'The newest\.'/);
  await save(view, present, /latest_values\.sql: applied/);
});

test('what would hurt a database in use is told, and holds nothing up', async () => {
  const draft = read('migrations/current.sql')!;
  await save('migrations/current.sql', `${draft}alter table public.sources alter column homepage type text;\n`,
    /1 finding to mend before the commit\n\n {4}migrations\/current\.sql:\d+:\d+: .* \(squawk: changing-column-type\)[^]*current\.sql: applied/);
  await save('migrations/current.sql', draft, /current\.sql: applied/);
});

test('queries: syntax, then what the database has to say, then the lint, and nobody edits what is generated', async () => {
  await save('queries/pages.sql', query('s.name,'), /queries\/pages\.sql:3:1: syntax error at or near "from"[^]*?\n\n/);
  assert.is(loop.output().split('queries/pages.sql:3:1: syntax error').length, 2, 'is told once');
  const rules = read('queries/rules.sql')!;
  await save('queries/rules.sql', `/* @name list */\nselect * from public.validation_rules;\n`, /queries\/rules\.sql:2:8: .*select-star[^]*still to be mended: queries\/pages\.sql/);
  await save('queries/rules.sql', rules, /rules\.sql: wrote/);
  await save('queries/pages.sql', query('s.homepage'), /pages\.sql: wrote/);
  assert.match(read(types)!, /homepage: string \| null;/);
  await loop.after(() => write(types, `${read(types)}// by hand\n`), /pages\.queries\.ts: wrote queries\/pages\.queries\.ts/);
  assert.not.match(read(types)!, /by hand/);
  await loop.after(() => project.remove('queries/pages.sql'), /queries\/pages\.sql: removed queries\/pages\.queries\.ts/);
  assert.is(read(types), undefined);
});

test('annotations: a query is served as soon as it is saved, and two for one path are told until one has another', async () => {
  const served = (name: string, path: string): string => `/* @http GET ${path} */\n/* @name ${name} */\nselect 1 as one;\n`;
  isQuick(await save('queries/pages.sql', served('first', '/first'), /pages\.sql: wrote queries\/pages\.queries\.ts, queries\/endpoints\.ts, ([\d.]+) s after/));
  assert.match(read('queries/endpoints.ts')!, /query: pages\.first,[^]*?path: "\/first"/);
  await save('queries/others.sql', served('second', '/first'),
    /others\.sql: wrote queries\/others\.queries\.ts, 1 problem.*\n\n {4}queries\/pages\.sql:1:10: GET \/first is query second of queries\/others\.sql already \(duplicate-path\)/);
  assert.not.match(read('queries/endpoints.ts')!, 'others');
  await save('queries/others.sql', served('second', '/second'), /others\.sql: wrote queries\/endpoints\.ts/);
  await loop.after(() => project.remove('queries/others.sql'), /wrote queries\/endpoints\.ts, removed queries\/others\.queries\.ts/);
  await loop.after(() => project.remove('queries/pages.sql'), /wrote queries\/endpoints\.ts, removed queries\/pages\.queries\.ts/);
  assert.not.match(read('queries/endpoints.ts')!, 'pages');
});

test('a switch of branches takes a home, and what current.sql carried of it, away together', async () => {
  const present = read(view)!;
  await save(view, present.replace('s.category,', 'upper(s.category) as category,'), /latest_values\.sql: applied/);
  const carried = read('migrations/current.sql')!;
  await loop.after(() => {
    write(view, present);
    write('migrations/current.sql', carried.replace(/-- include: views\/latest_values\.sql[^]*-- end of views\/latest_values\.sql\n/, ''));
  }, /made public\.latest_values again, as its home says[^]*applied/);
});

test('a home and the current migration, too, may go', async () => {
  await loop.after(() => project.remove(home), /migrations\/current\.sql:\d+: there is no functions\/site_of\.sql in the migrations folder/);
  // On a busy machine what went and what came are one change.
  await save('migrations/current.sql', addColumn, /current\.sql(, [^:]*)?: applied/);
  await loop.after(() => project.remove('migrations/current.sql'), /migrations\/current\.sql: nothing to apply/);
  await save('migrations/current.sql', addColumn, /current\.sql: applied/);
});

test('a file that comes and goes faster than it can be read', async () => {
  for (let i = 0; i < 10; i++) {
    write('queries/flicker.sql', query('s.name'));
    project.remove('queries/flicker.sql');
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.is(loop.output().split(' start: ').length, 2, `after the start every outcome has a save:\n${loop.output()}`);
});

test('psql and the backend use the database at the same time', async () => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(`select column_name from information_schema.columns where table_name = 'sources' and column_name = 'homepage'`);
  assert.is(rows.length, 1);
  await client.end();
});

test('TypeScript says what no longer fits, and what is generated but does not compile', async () => {
  const rules = read('queries/rules.sql')!;
  await loop.after(() => project.remove('queries/rules.sql'), /TypeScript has \d+ problems?\n[^]*src\/queries\.ts:\d+:\d+: TS2307: [^]*rules\.queries\.js/, compilerPatienceMs);
  await save('queries/rules.sql', rules.replace('@name list', '@name delete'), /TypeScript has \d+ problems?\n[^]*queries\/rules\.queries\.ts:\d+:\d+: TS\d+: /, compilerPatienceMs);
  await save('queries/rules.sql', rules, /TypeScript has nothing to say any more/, compilerPatienceMs);
});

test('committed migrations that the database cannot follow', async () => {
  const chapter = 'migrations/committed/000002-enums.sql';
  const present = read(chapter)!;
  await save(chapter, present.replace(/create type/i, 'create  type'),
    /000002-enums\.sql:\d+: it was edited after it was committed[^]*npm run compose[^]*npm run migrate:reset/);
  await save(chapter, present, /000002-enums\.sql: nothing to apply/);
});

if (serverUrl) {
  test('the database may go and come back', async () => {
    await loop.after(() => wire!.stop(), /^/);
    await loop.after(() => write('queries/pages.sql', query('s.name')), /the database does not answer[^]*Waiting until it is back/);
    await loop.after(() => write('migrations/current.sql', addColumn.replace('Its page', 'Its own page')), /^/);
    await loop.after(() => wire!.restart(), /the database is back[^]*wrote queries\/pages\.queries\.ts/);
    assert.match(read(types)!, /name: string;/);
    await save('queries/pages.sql', query('s.homepage'), /pages\.sql: wrote/);
    assert.match(read(types)!, /Its own page/);
  });
}

// CONTRIBUTING.md -------------------------------------------------------------------------------------------------------

const contributing = readFileSync(fileURLToPath(new URL('../../../CONTRIBUTING.md', import.meta.url)), 'utf8');

/** The block that is to be saved as a file. */
function blockFor(file: string): string {
  const block = new RegExp(`\`${file}\`:\n\n\`\`\`\\w+\n([^]*?)^\`\`\`$`, 'm').exec(contributing)?.[1];
  if (block === undefined) throw new Error(`CONTRIBUTING.md has no block for ${file}`);
  return block;
}

/** A line of the shell blocks. */
function commandWith(part: string): string {
  const commands = [...contributing.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block]) => block!.trim().split('\n'));
  const command = commands.find((line) => line.includes(part));
  if (command === undefined) throw new Error(`CONTRIBUTING.md has no command ${part}`);
  return command;
}

/** A command, in the copy. Scripts of npm without building: the loop has done it. */
async function sh(line: string, at = wire?.url): Promise<string> {
  const { scripts } = JSON.parse(read('package.json')!) as { scripts: Record<string, string> };
  const [, name, options = ''] = /^npm run ([\w:]+)(?: -- (.*))?$/.exec(line) ?? [];
  const command = name === undefined ? line : `${scripts[name]!.replace(/^.*&& /, '')} ${options}`;
  const { stdout } = await run('sh', ['-c', command], { cwd: project.root, env: environment(at) }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${command}\n${error.stdout}\n${error.stderr}`);
    },
  );
  return stdout;
}

test('CONTRIBUTING.md: the migration and the query of the example', async () => {
  for (const file of ['queries/pages.sql', types]) if (read(file) !== undefined) project.remove(file);
  // What the steps before have made is not of the example.
  await save('migrations/current.sql', 'alter table public.sources drop column if exists homepage;\n', /current\.sql: applied/);
  assert.ok(commandWith('npm run dev'));
  assert.match(contributing, /The loop says `applied`/);
  await save('migrations/current.sql', blockFor('migrations/current.sql'), /current\.sql: applied/);
  assert.match(contributing, /The loop says `wrote queries\/sources\.queries\.ts`/);
  await save('queries/sources.sql', `${read('queries/sources.sql')}${blockFor('queries/sources.sql')}`, /sources\.sql: wrote queries\/sources\.queries\.ts/);
  assert.match(read('queries/sources.queries.ts')!, /\/\*\* Currency of its prices, as an ISO 4217 code\. \*\/\n {2}currency: string;/);
});

test('CONTRIBUTING.md: the program of the example', async () => {
  write('src/example.ts', blockFor('src/example.ts'));
  const end = Date.now() + compilerPatienceMs;
  while (!existsSync(join(project.root, 'dist/src/example.js'))) {
    if (Date.now() > end) throw new Error(loop.output());
    await new Promise((done) => setTimeout(done, 100));
  }
  const printed = await sh(commandWith('example.js').replace(/^DATABASE_URL=\S+ /, ''), url);
  assert.ok(contributing.includes(printed.replace(/^(?=.)/gm, '    ')), printed);
  project.remove('src/example.ts');
});

test('CONTRIBUTING.md: the commit, while the loop runs', async () => {
  const name = /`(migrations\/committed\/\d+-currency[\w-]*\.sql)`/.exec(contributing)![1]!;
  await loop.after(() => sh(commandWith('migrate:commit')), serverUrl ? /current\.sql: nothing to apply/ : /applied migrations\/committed\/\d+-currency-of-sources\.sql/);
  assert.match(read(name)!, /add column if not exists currency/);
});

test('it stops, and leaves nothing behind', async () => {
  assert.is(await loop.interrupt(), 0, loop.output());
  assert.match(loop.output(), /stopped\n$/);
  assert.equal(processesIn(project), []);
  assert.not.ok(existsSync(join(project.root, '.btcdb/dev/lock.json')));
  assert.not.ok(existsSync(join(project.root, '.btcdb/lock.json')));
});

test('CONTRIBUTING.md: what is committed passes the checks', async () => {
  await sh(commandWith('npm run schema'));
  assert.match(read('schema.sql')!, /currency text/i);
  await sh('npm run migrate:check -- --ci');
  await sh('npm run schema -- --check');
  await sh('npm run codegen -- --check');
});

if (serverUrl) {
  test("graphile-migrate's watch alone makes the types, too", async () => {
    write('queries/pages.sql', query('s.homepage, s.name'));
    write('migrations/current.sql', addColumn);
    const cli = join(project.root, 'node_modules/graphile-migrate/dist/cli.js');
    await run(process.execPath, [cli, 'watch', '--once'], { cwd: project.root, env: environment(wire!.url) });
    assert.match(read(types)!, /Its page\. \*\/\n {2}homepage: string \| null;\n[^]*name: string;/);
  });
}

test.run();
