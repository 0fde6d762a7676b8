/** The development loop, as somebody sees it who edits files: on the embedded engine, and on a server if there is one. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { suite } from 'uvu';
import { dropDatabase, urlsOf } from '../../tools/migrations/database.js';
import { assert } from '../support/suite.js';
import { compilerPatienceMs, copyProject, databaseName, environment, killLoops, processesIn, startLoop, type LoopProject, type RunningLoop } from './loop-project.js';

const serverUrl = process.env['TEST_DATABASE_URL'];

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

/** The loop says how long it took; how fast it is on an idle machine is another matter. */
function isQuick([, seconds]: RegExpExecArray): void {
  assert.ok(Number(seconds) > 0 && Number(seconds) < 30, `${seconds} s`);
}

/** Every step waits for what the loop prints, and then looks at the files. */
async function work(project: LoopProject, loop: RunningLoop): Promise<void> {
  const { read, write } = project;
  const save = (file: string, text: string, expected: RegExp): Promise<RegExpExecArray> => loop.after(() => write(file, text), expected);

  // A query that is ahead of the migration.
  await save('queries/pages.sql', query('s.name, s.homepage'), /queries\/pages\.sql:2:16: column s\.homepage does not exist.*\n.*\n {23}\^/);
  assert.is(read(types), undefined);

  isQuick(await save('migrations/current.sql', addColumn, /current\.sql: applied, wrote queries\/pages\.queries\.ts, src\/tables\.ts, ([\d.]+) s after the save\n.*src\/queries\.ts does not export it yet: export \* as pages from/));
  assert.match(read(types)!, /\/\*\* Its page\. \*\/\n {2}homepage: string \| null;/);

  await save('migrations/current.sql', addColumn.replace('sources.homepage', 'sources.homepgae'),
    /current\.sql: not applied.*\n\n {4}migrations\/current\.sql:2:1: column "homepgae" of relation "public.sources" does not exist\n.*\n {8}\^/);
  assert.match(read(types)!, /homepage: string \| null;/);
  await save('migrations/current.sql', addColumn.replace('Its page.', 'Its home page.'), /current\.sql: applied, wrote queries\/pages\.queries\.ts/);
  assert.match(read(types)!, /Its home page\./);

  // A function: it comes into the migration, and from there into the types.
  write(home, siteOf('int'));
  await save('migrations/current.sql', `${addColumn}-- include: functions/site_of.sql\n`, /applied/);
  assert.match(read('migrations/current.sql')!, /-- include: functions\/site_of\.sql\ndrop function/);
  isQuick(await save('queries/pages.sql', query('public.site_of(s.homepage) as site'), /pages\.sql: wrote queries\/pages\.queries\.ts, ([\d.]+) s after/));
  assert.match(read(types)!, /site: number \| null;/);
  await save(home, siteOf('int').replace('return length', 'retrun length'), /site_of\.sql: not applied.*\n\n {4}migrations\/functions\/site_of\.sql:5:1: syntax error at or near "retrun"\n.*\n +\^/);
  assert.match(read(types)!, /site: number \| null;/);
  isQuick(await save(home, siteOf('text').replace('length(url)', 'upper(url)'), /site_of\.sql: applied, wrote queries\/pages\.queries\.ts, ([\d.]+) s after/));
  assert.match(read(types)!, /site: string \| null;/);

  // A home that is there already: the database gets it, the committed migration stays.
  const present = read('migrations/views/latest_values.sql')!;
  await save('migrations/views/latest_values.sql', present.replace(/(comment on view public\.latest_values is\s+)'[^']*'/, "$1'The newest.'"), /latest_values\.sql: applied/);
  assert.match(read('migrations/current.sql')!, /-- include: views\/latest_values\.sql\n[^]*'The newest\.'/);

  // What would hurt a database in use is told, and holds nothing up.
  const draft = read('migrations/current.sql')!;
  await save('migrations/current.sql', `${draft}alter table public.sources alter column homepage type text;\n`,
    /1 finding to mend before the commit\n\n {4}migrations\/current\.sql:\d+:\d+: .* \(squawk: changing-column-type\)[^]*current\.sql: applied/);
  await save('migrations/current.sql', draft, /current\.sql: applied/);

  // Queries: syntax, then what the database has to say, then the lint.
  await save('queries/pages.sql', query('s.name,'), /queries\/pages\.sql:3:1: syntax error at or near "from"[^]*?\n\n/);
  assert.is(loop.output().split('queries/pages.sql:3:1: syntax error').length, 2, 'is told once');
  await save('queries/rules.sql', `/* @name list */\nselect * from public.validation_rules;\n`, /queries\/rules\.sql:2:8: .*select-star[^]*still to be mended: queries\/pages\.sql/);
  await save('queries/pages.sql', query('s.homepage'), /pages\.sql: wrote/);
  assert.match(read(types)!, /homepage: string \| null;/);
  await loop.after(() => write(types, `${read(types)}// by hand\n`), /pages\.queries\.ts: wrote queries\/pages\.queries\.ts/);
  assert.not.match(read(types)!, /by hand/);

  await loop.after(() => project.remove('queries/pages.sql'), /queries\/pages\.sql: removed queries\/pages\.queries\.ts/);
  assert.is(read(types), undefined);

  // A home and the current migration, too, may go.
  await save('migrations/views/latest_values.sql', present, /latest_values\.sql: applied/);
  // A switch of branches takes a home and what current.sql carried of it away together.
  await save('migrations/views/latest_values.sql', present.replace('s.category,', 'upper(s.category) as category,'), /latest_values\.sql: applied/);
  const carried = read('migrations/current.sql')!;
  await loop.after(() => {
    write('migrations/views/latest_values.sql', present);
    write('migrations/current.sql', carried.replace(/-- include: views\/latest_values\.sql[^]*-- end of views\/latest_values\.sql\n/, ''));
  }, /made public\.latest_values again, as its home says[^]*applied/);
  await loop.after(() => project.remove(home), /migrations\/current\.sql:\d+: there is no functions\/site_of\.sql in the migrations folder/);
  await save('migrations/current.sql', addColumn, /current\.sql: applied/);
  await loop.after(() => project.remove('migrations/current.sql'), /migrations\/current\.sql: nothing to apply/);
  await save('migrations/current.sql', addColumn, /current\.sql: applied/);

  // A file that comes and goes faster than it can be read.
  for (let i = 0; i < 10; i++) {
    write('queries/flicker.sql', query('s.name'));
    project.remove('queries/flicker.sql');
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.is(loop.output().split(' start: ').length, 2, `after the start every outcome has a save:\n${loop.output()}`);
}

async function stop(project: LoopProject, loop: RunningLoop): Promise<void> {
  assert.is(await loop.interrupt(), 0, loop.output());
  assert.match(loop.output(), /stopped\n$/);
  assert.equal(processesIn(project), []);
  assert.not.ok(existsSync(join(project.root, '.btcdb/dev/lock.json')));
  assert.not.ok(existsSync(join(project.root, '.btcdb/lock.json')));
}

const test = suite('tools: dev');
// A loop that a failed test leaves behind would keep the test going.
test.after(killLoops);

test('embedded engine: every save has its effect, every error its place', async () => {
  const project = copyProject();
  const kept = project.read('queries/rules.sql')!;
  const loop = await startLoop(project);
  const url = /DATABASE_URL=(\S+)/.exec(loop.output())?.[1];
  assert.ok(url, 'it says where the database is');

  const second = await startLoop(project);
  assert.is(await second.ended, 1);
  assert.match(second.output(), /The loop runs already in this folder, as process \d+/);

  await work(project, loop);

  // psql and the backend use the database at the same time.
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(`select column_name from information_schema.columns where table_name = 'sources' and column_name = 'homepage'`);
  assert.is(rows.length, 1);
  await client.end();

  // TypeScript says what no longer fits.
  await loop.after(() => project.remove('queries/rules.sql'), /TypeScript has \d+ problems?\n[^]*src\/queries\.ts:\d+:\d+: TS2307: [^]*rules\.queries\.js/, compilerPatienceMs);
  await loop.after(() => project.write('queries/rules.sql', kept), /TypeScript has nothing to say any more/, compilerPatienceMs);

  // Committed migrations that the database cannot follow.
  const chapter = 'migrations/committed/000002-enums.sql';
  await loop.after(() => project.write(chapter, project.read(chapter)!.replace(/create type/i, 'create  type')),
    /000002-enums\.sql:\d+: it was edited after it was committed[^]*npm run compose[^]*npm run migrate:reset/);
  await stop(project, loop);
});

if (serverUrl) {
  test('server: the same, by graphile-migrate\'s watch, and the database may go and come back', async () => {
    const project = copyProject();
    const gate = await openGate(serverUrl);
    const name = databaseName();
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const direct = url.href;
    url.host = `127.0.0.1:${gate.port}`;
    try {
      const loop = await startLoop(project, url.href);
      assert.not.match(loop.output(), new RegExp(`:${url.password}@`), 'the password stays secret');
      await work(project, loop);
      await loop.after(() => gate.shut(), /^/);
      await loop.after(() => project.write('queries/pages.sql', query('s.name')), /the database does not answer[^]*Waiting until it is back/);
      await loop.after(() => project.write('migrations/current.sql', addColumn.replace('Its page', 'Its own page')), /^/);
      await loop.after(() => gate.open(), /the database is back[^]*wrote queries\/pages\.queries\.ts/);
      assert.match(project.read(types)!, /name: string;/);
      await loop.after(() => project.write('queries/pages.sql', query('s.homepage')), /pages\.sql: wrote/);
      assert.match(project.read(types)!, /Its own page/);
      await stop(project, loop);

      // graphile-migrate alone makes the types, too.
      project.write('queries/pages.sql', query('s.homepage, s.name'));
      project.write('migrations/current.sql', addColumn);
      const cli = join(project.root, 'node_modules/graphile-migrate/dist/cli.js');
      await promisify(execFile)(process.execPath, [cli, 'watch', '--once'], { cwd: project.root, env: environment(url.href) });
      assert.match(project.read(types)!, /Its page\. \*\/\n {2}homepage: string \| null;\n[^]*name: string;/);
    } finally {
      await gate.shut();
      await dropDatabase(direct, urlsOf(direct).root);
    }
  });
}

interface Gate {
  readonly port: number;
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** A way to the server that can be closed. */
async function openGate(target: string): Promise<Gate> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(Number(port || 5432), hostname);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => other.destroy()).pipe(other);
    }
  });
  const listen = (at: number): Promise<void> => new Promise((done) => server.listen(at, '127.0.0.1', done));
  await listen(0);
  const { port: own } = server.address() as { port: number };
  return {
    port: own,
    shut: () => new Promise((done) => {
      server.close(() => done());
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    }),
    open: () => listen(own),
  };
}

test.run();
