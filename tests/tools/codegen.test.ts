/**
 * What pgTyped passes over in silence, and codegen does not. For each hole pgTyped's own command line is run on the same
 * files: when it learns to fail, this says so.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PreparedQuery as Stock } from '@pgtyped/runtime';
import ts from 'typescript';
import { PreparedQuery } from '../../src/client/prepared-query.js';
import { Codegen, type GenerateOptions, type GenerateResult } from '../../tools/codegen/index.js';
import { formatProblem } from '../../tools/problem.js';
import { readQueryFile } from '../../tools/queries/query-file.js';
import { ConnectionError } from '../../src/errors/catalogue.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite } from '../support/suite.js';
import { headlines, makeProject, stock, type Project } from './project.js';

const test = databaseSuite('codegen', async (db) => {
  await db.query(`create table owners (owner_id int primary key, name text not null);
    create table pets (pet_id int primary key, owner_id int references owners, name text not null);
    create type mood as enum ('glad', 'sad')`);
});

const select = '/* @name pets */\nselect p.pet_id, p.name\nfrom pets as p\nwhere p.pet_id = :id!;\n';

const shared = makeProject();
let session: Codegen | undefined;

/** One project for all tests, with nothing but these files. What codegen has read before stays in memory. */
function project(files: Readonly<Record<string, string>>): Project {
  shared.reset(files);
  return shared;
}

function codegen(db: TestDatabase, options: GenerateOptions = { check: true }): Promise<GenerateResult> {
  session ??= new Codegen({ url: db.url, folder: 'queries', root: shared.root });
  return session.generate(options);
}

interface Hole {
  readonly sql: string;
  /** What pgTyped writes: nothing, or something that matches. */
  readonly stock: 'nothing' | RegExp;
  /** What codegen says of it, after the name of the file. */
  readonly says: RegExp;
}

const holes: Readonly<Record<string, Hole>> = {
  unknown_column: {
    sql: '/* @name broken */\nselect p.pet_id,\n  p.colour\nfrom pets as p;\n',
    stock: 'nothing',
    says: /^:3:3: column p\.colour does not exist, in query broken$/,
  },
  // The places before and after are of other lengths in the compiled statement.
  unknown_column_after_parameters: {
    sql: '/* Prose: größe 🚀. */\n/* @name broken */\nselect p.pet_id\nfrom pets as p\nwhere p.pet_id = :a_long_name! and :a_long_name! > 0 and p.name <> \'größe\' and p.colour = :x!;\n',
    stock: 'nothing',
    says: /^:5:80: column p\.colour does not exist, in query broken$/,
  },
  syntax_error: {
    sql: '/* @name broken */\nselect p.pet_id\nfrom pets as p\nwhere p.pet_id = :id! or or true;\n',
    stock: 'nothing',
    says: /^:4:26: syntax error at or near "or", in query broken \(syntax\)$/,
  },
  ambiguous_parameter: {
    sql: '/* @name broken */\nselect p.pet_id\nfrom pets as p\nwhere :unclear is null;\n',
    stock: 'nothing',
    says: /^:4:7: could not determine data type of parameter :unclear, in query broken$/,
  },
  second_query_broken: {
    sql: `${select}\n/* @name broken */\nselect nothing from pets;\n`,
    stock: 'nothing',
    says: /^:7:8: column "nothing" does not exist, in query broken$/,
  },
  comment_before: { sql: `-- Of pets.\n${select}`, stock: 'nothing', says: /^:1:1: pgTyped cannot read this, and skips the whole file: .*-- Of pets.* \(unreadable\)$/ },
  comment_between: { sql: `${select}\n-- And again.\n${select.replace('@name pets', '@name again')}`, stock: 'nothing', says: /^:6:1: pgTyped cannot read this, .*\(unreadable\)$/ },
  comment_after: { sql: `${select}-- The end.\n`, stock: 'nothing', says: /^:5:1: pgTyped cannot read this, .*\(unreadable\)$/ },
  prose_after: { sql: `${select}/* The end. */\n`, stock: 'nothing', says: /^:5:15: pgTyped cannot read this, .*\(unreadable\)$/ },
  text_in_block: { sql: select.replace('@name pets', '@name pets\n  One of the pets.'), stock: 'nothing', says: /^:3:1: pgTyped cannot read this, .*\(unreadable\)$/ },
  text_before_name: { sql: select.replace('@name', 'Pets. @name'), stock: 'nothing', says: /^:2:1: pgTyped cannot read this, .*\(unreadable\)$/ },
  no_semicolon: { sql: select.replace(';', ''), stock: 'nothing', says: /^:4:22: pgTyped cannot read this, .*missing ';'.*\(unreadable\)$/ },
  no_semicolon_between: { sql: `${select.replace(';', '')}\n${select.replace('@name pets', '@name again')}`, stock: 'nothing', says: /^:6:4: pgTyped does not see query again: .*\(dropped-query\)$/ },
  no_name: { sql: `select 1 as one;\n${select}`, stock: 'nothing', says: /^:1:1: pgTyped cannot read this, .*\(unreadable\)$/ },
  no_query: { sql: '/* Nothing yet. */\n', stock: 'nothing', says: /^:1:19: pgTyped cannot read this, .*\(unreadable\)$/ },
  dollar_quotes: {
    sql: '/* @name first */\nselect $$a$$ as a;\n\n/* @name second */\nselect $$b$$ as b;\n',
    stock: 'nothing',
    says: /^:4:4: pgTyped does not see query second: .* \(dropped-query\)$/,
  },
  backslash: {
    sql: "/* @name first */\nselect 'a\\' as a;\n\n/* @name second */\nselect 'b' as b;\n",
    stock: 'nothing',
    says: /^:5:10: pgTyped cannot read this, .*\(unreadable\)$/,
  },
  quoted_colon: { sql: '/* @name odd */\nselect p.pet_id as "a:b"\nfrom pets as p;\n', stock: 'nothing', says: /^:2:22: pgTyped takes :b for a parameter, .* \(misplaced-parameter\)$/ },
  emoji: { sql: "/* @name odd */\nselect '🚀🚀' as rocket, :id!::int as id;\n", stock: 'nothing', says: /^:2:24: pgTyped miscounts .* \(misplaced-parameter\)$/ },
  nameless_column: { sql: '/* @name odd */\nselect p.name, 1 + 1\nfrom pets as p;\n', stock: /IOddResult = never/, says: /^:2:16: a column has no name, in query odd$/ },
  unknown_type: { sql: '/* @name odd */\nselect p.name, p as pet\nfrom pets as p;\n', stock: /"?pet"?: unknown/, says: /^:2:16: column pet has type pets, of which TypeScript knows nothing, in query odd$/ },
  enum_array: { sql: "/* @name odd */\nselect '{glad}'::mood[] as moods;\n", stock: /moods: _moodArray|moods: moodArray/, says: /^:2:8: column moods is an array of an enum, which pg does not parse, in query odd$/ },
  same_columns: {
    sql: '/* @name odd */\nselect p.name, o.name\nfrom pets as p\njoin owners as o on o.owner_id = p.owner_id;\n',
    stock: /name: string;\n {2}name: string;/,
    says: /^:2:16: two columns are called name, and a row has room for one, in query odd$/,
  },
  same_name: { sql: `${select}\n${select}`, stock: /const pets = [^]*const pets = /, says: /^:6:4: query pets gets the same name as query pets of this file: pets \(duplicate-name\)$/ },
  same_type_name: { sql: `${select}\n${select.replace('@name pets', '@name Pets')}`, stock: /IPetsResult [^]*IPetsResult /, says: /^:6:4: query Pets gets the same name as query pets .* \(duplicate-name\)$/ },
  unused_parameter: { sql: select.replace('@name pets', '@name pets\n@param ids -> (...)\n'), stock: /const pets = /, says: /^:2:8: Parameter "ids" is defined but never used \(unused-parameter\)$/ },
};

const holeFiles = Object.fromEntries(Object.entries(holes).map(([name, { sql }]) => [`queries/${name}.sql`, sql]));

let stockRun: Promise<{ files: Project; code: number | null; output: string }> | undefined;

/** One run of pgTyped for all the holes. */
function stockOnHoles(db: TestDatabase): typeof stockRun & object {
  stockRun ??= (async () => {
    const files = makeProject(holeFiles);
    files.write('queries/unknown_column.queries.ts', '// stale');
    files.write('queries/gone.queries.ts', '// orphan');
    return { files, ...(await stock(files, db.url)) };
  })();
  return stockRun;
}

test('pgTyped passes all of these', async (db) => {
  const { files, code } = await stockOnHoles(db);
  assert.is(code, 0);
  for (const [name, { stock: writes }] of Object.entries(holes)) {
    const text = files.read(`queries/${name}.queries.ts`);
    if (name === 'unknown_column') assert.is(text, '// stale', 'the file of before stays');
    else if (writes === 'nothing') assert.is(text, undefined, name);
    else assert.match(text ?? '', writes, name);
  }
  assert.is(files.read('queries/gone.queries.ts'), '// orphan');
});

test('codegen refuses each of them, at its place', async (db) => {
  const files = project(holeFiles);
  const { written, problems } = await codegen(db, {});
  assert.equal(written, []);
  for (const [name, { says }] of Object.entries(holes)) {
    const file = `queries/${name}.sql`;
    const found = headlines(problems.filter((problem) => problem.file === file)).map((line) => line.slice(file.length));
    assert.ok(found.some((line) => says.test(line)), `${name}: ${found.join('\n') || 'nothing found'}`);
    assert.is(found.length, 1, `${name}: ${found.join('\n')}`);
  }
  assert.equal(readdirSync(join(files.root, 'queries')).filter((file) => file.endsWith('.ts')), [], 'nothing is written');
});

test('a problem shows its line with a caret, and what to do', async (db) => {
  project({ 'queries/pets.sql': '/* @name pets */\nselect\n\tp.nam\nfrom pets as p;\n' });
  const { problems } = await codegen(db);
  assert.is(formatProblem(problems[0]!), [
    'queries/pets.sql:3:2: column p.nam does not exist, in query pets',
    '    \tp.nam',
    '    \t^',
    '    Perhaps you meant to reference the column "p.name".',
  ].join('\n'));
});

test('a configuration that is missing, unreadable or another: pgTyped passes, codegen tells and mends it', async (db) => {
  const files = project({ 'queries/pets.sql': select });
  const file = 'queries/pgtyped.config.json';
  const config = files.read(file)!;
  for (const [spoilt, says] of [
    [undefined, /^queries\/pgtyped\.config\.json:1: it has not been generated from src\/types\/pg-types\.ts yet$/],
    [config.replace('"maxWorkerThreads"', 'maxWorkerThreads'), /^queries\/pgtyped\.config\.json:10: it is not what src\/types\/pg-types\.ts gives/],
    [config.replace('"*.sql"', '"*.psql"'), /^queries\/pgtyped\.config\.json:6: it is not what/],
    // pgTyped would believe these.
    [config.replace('"failOnError"', '"camelCaseColumnNames": true,\n  "failOnError"'), /^queries\/pgtyped\.config\.json:11: it is not what/],
    [config.replace('"date": "string"', '"date": "Date"'), /^queries\/pgtyped\.config\.json:\d+: it is not what/],
  ] as const) {
    if (spoilt === undefined) files.remove(file);
    else files.write(file, spoilt);
    const { problems } = await codegen(db);
    assert.is(problems.length, 1);
    assert.match(headlines(problems)[0]!, says);
    if (spoilt === undefined || !spoilt.includes('"maxWorkerThreads"')) assert.is((await stock(files, db.url)).code, 0);
    assert.ok((await codegen(db, {})).written.includes(file));
    assert.is(files.read(file), config);
  }
});

test('stale, missing, orphaned and hand-edited files', async (db) => {
  const files = project({ 'queries/pets.sql': select, 'queries/gone.queries.ts': 'export {};\n' });
  const said = async (): Promise<string[]> => headlines((await codegen(db)).problems);

  assert.equal(await said(), [
    'queries/gone.queries.ts:1: there is no queries/gone.sql any more',
    'queries/pets.queries.ts:1: it has not been generated from queries/pets.sql yet',
  ]);
  assert.equal(await codegen(db, {}), { written: ['queries/pets.queries.ts'], removed: ['queries/gone.queries.ts'], problems: [] });
  assert.equal(await said(), []);
  assert.equal(await codegen(db, {}), { written: [], removed: [], problems: [] });

  const generated = files.read('queries/pets.queries.ts')!;
  files.write('queries/pets.queries.ts', generated.replace('pet_id: number', 'pet_id: string'));
  const [edited] = await said();
  const line = generated.split('\n').findIndex((text) => text === '  pet_id: number;') + 1;
  assert.is(edited, `queries/pets.queries.ts:${line}: it is not what queries/pets.sql gives: out of date, or edited by hand`);
  await codegen(db, {});
  assert.is(files.read('queries/pets.queries.ts'), generated);

  files.write('queries/pets.queries.ts', `${generated}// more\n`);
  assert.is((await said()).length, 1);
  files.write('queries/pets.sql', select.replace('p.name', 'p.name, p.owner_id'));
  assert.match((await said()).join(), /^queries\/pets\.queries\.ts:\d+: it is not what/);
});

test('a file with a problem keeps what it has, the others are written', async (db) => {
  const files = project({ 'queries/pets.sql': select, 'queries/owners.sql': '/* @name owners */\nselect o.nam from owners as o;\n' });
  const { written, problems } = await codegen(db, {});
  assert.equal([written, headlines(problems)], [['queries/pets.queries.ts'], ['queries/owners.sql:2:8: column o.nam does not exist, in query owners']]);
  assert.is(files.read('queries/owners.queries.ts'), undefined);

  files.write('queries/owners.sql', '/* @name owners */\nselect o.name from owners as o;\n');
  assert.equal((await codegen(db, {})).written, ['queries/owners.queries.ts']);
  files.remove('queries/pets.sql');
  assert.equal((await codegen(db, {})).removed, ['queries/pets.queries.ts']);
  // The database changes while the session goes on.
  await db.query('alter table owners rename column name to full_name');
  assert.equal((await codegen(db, { isSame: true })).problems, [], 'it is not asked again');
  assert.match(headlines((await codegen(db, {})).problems).join(), /column o\.name does not exist/);
  await db.query('alter table owners rename column full_name to name');
  assert.equal((await codegen(db, {})).problems, []);
  assert.equal(readdirSync(join(files.root, 'queries')).sort(), ['owners.queries.ts', 'owners.sql', 'pgtyped.config.json'], 'no temporary files');
});

test('files that would be one namespace', async (db) => {
  const files = project({ 'queries/my_pets.sql': select, 'queries/more/myPets.sql': select });
  assert.is((await stock(files, db.url)).code, 0);
  const { problems } = await codegen(db, {});
  assert.equal(headlines(problems), ['queries/my_pets.sql:1: it would be the namespace myPets, which queries/more/myPets.sql is already (duplicate-namespace)']);
});

test('the prose above a query reaches the editor', async (db) => {
  const files = project({ 'queries/pets.sql': `/* About pets. */

/*
 * The pets of :owner, or of all. At most
 * :limit of them.
 *
 * Sorted by p::text, not by :limited.
 */
${select.replace('where p.pet_id = :id!', 'where p.owner_id = :owner! limit :limit! offset :skipped')}
/* @name silent */
select p.name from pets as p where p.name = :limit!;
` });
  assert.equal((await codegen(db, {})).problems, []);
  const path = join(files.root, 'queries/pets.queries.ts');
  const text = files.read('queries/pets.queries.ts')!;
  const editor = ts.createLanguageService({
    getScriptFileNames: () => [path],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => (ts.sys.fileExists(file) ? ts.ScriptSnapshot.fromString(ts.sys.readFile(file)!) : undefined),
    getCurrentDirectory: () => files.root,
    getCompilationSettings: () => ({ noLib: true }),
    getDefaultLibFileName: () => '',
    fileExists: (file) => ts.sys.fileExists(file),
    readFile: (file) => ts.sys.readFile(file),
  });
  const shown = (what: string): string =>
    ts.displayPartsToString(editor.getQuickInfoAtPosition(path, text.indexOf(what) + what.search(/\w+\W*$/))?.documentation);
  const [said, sql] = shown('export const pets').split('\n\nQuery generated from SQL:\n');
  assert.is(said, 'The pets of :owner, or of all. At most\n:limit of them.\n\nSorted by p::text, not by :limited.');
  assert.match(sql!, /select p\.pet_id, p\.name/);
  assert.match(shown('export const silent'), /^Query generated from SQL:/);
  assert.is(shown('  owner:'), 'The pets of :owner, or of all.');
  assert.is(shown('  limit:'), 'At most :limit of them.');
  assert.is(shown('  skipped?:'), '');
  assert.is(shown('ISilentParams {\n  limit:'), '');
});

test('lists of values are types: those of a constraint, and those that a parameter chooses from', async (db) => {
  await db.query("alter table pets add size text check (size in ('small', 'big')), add weight text check (length(weight) < 9)");
  const files = project({ 'queries/pets.sql': `/* @name pets */
select p.size, p.weight
from pets as p
order by
  case :sort when 'name' then p.name when 'size' then p.size end,
  case (:sort::text) when 'oldest' then p.pet_id end desc,
  case :other when p.name then 1 end;
` });
  assert.equal((await codegen(db, {})).problems, []);
  const text = files.read('queries/pets.queries.ts')!;
  assert.match(text, /^export type pets_size = 'big' \| 'small';$/m);
  assert.match(text, /^export type pets_sort = 'name' \| 'oldest' \| 'size';$/m);
  assert.match(text, /^ {2}other\?: string \| null \| void;\n {2}sort\?: pets_sort \| null \| void;$/m);
  assert.match(text, /^ {2}size: pets_size \| null;\n {2}weight: string \| null;$/m);
});

test('each table has the type of its rows, and where there is a domain for them, of rows to write', async (db) => {
  await db.query(`
    create table zoos (
      zoo_id int generated always as identity, twice numeric generated always as (score * 2) stored,
      moment timestamptz not null, score numeric not null default 1, side text check (side in ('LONG', 'SHORT')), more jsonb
    );
    comment on table zoos is 'Where pets are not.';
    comment on column zoos.side is 'Which one.'`);
  const files = makeProject({ 'queries/pets.sql': select, 'queries/features.sql': '/* @name write */\nselect :rows!::features_input[] is null as "none!";\n' });
  const own = new Codegen({ url: db.url, folder: 'queries', tables: 'src/types/tables.ts', root: files.root });
  try {
    const { written, problems } = await own.generate();
    assert.equal([written, problems], [['queries/features.queries.ts', 'queries/pets.queries.ts', 'src/types/tables.ts'], []]);
    const text = files.read('src/types/tables.ts')!;
    const declared = (name: string): string | undefined => new RegExp(`^(?:/\\*\\*.*\\n)?export interface ${name} [^}]*}`, 'm').exec(text)?.[0];
    assert.is(declared('Zoos'), `/** Where pets are not. */
export interface Zoos {
  moment: Date;
  more: Json | null;
  score: string;
  /** Which one. */
  side: zoos_side | null;
  twice: string | null;
  zoo_id: number;
}`);
    assert.is(declared('ZoosInput'), undefined);
    const trade = declared('BacktestTradesInput')!;
    assert.match(trade, /^\/\*\* A row of backtest_trades to write\. \*\/$/m);
    assert.match(trade, /\*\/\n {2}backtest_id: number;$/m);
    assert.match(trade, /^ {2}side: backtest_trades_side;$/m);
    assert.match(trade, /^ {2}exit_time\?: DateOrString \| null;$/m);
    assert.match(trade, /^ {2}fees\?: NumberOrString;$/m);
    assert.not.match(trade, /trade_id/);
    assert.match(text, /^import type \{ Json, JsonObject \} from '\.\/pg-types\.js';$/m);
    assert.match(files.read('queries/features.queries.ts')!, /^export type FeaturesInputArray = \(FeaturesInput\)\[\];$/m);
    files.write('src/types/tables.ts', text.replace('zoo_id: number', 'zoo_id: string'));
    assert.match(headlines((await own.generate({ check: true })).problems).join(), /^src\/types\/tables\.ts:\d+: it is not what the database gives: out of date, or edited by hand$/);
  } finally {
    own.close();
  }
});

test('the output is what pgTyped gives, but for the class, its names, prose, lists of values and nulls in arrays', async (db) => {
  const files = project({});
  for (const file of readdirSync('queries')) if (file.endsWith('.sql')) cpSync(`queries/${file}`, join(files.root, 'queries', file));
  assert.is((await stock(files, db.url)).code, 0);
  const compared = readdirSync('queries').filter((file) => file.endsWith('.queries.ts'));
  assert.ok(compared.length > 0);
  for (const file of compared) {
    const ours = readFileSync(`queries/${file}`, 'utf8')
      .replace(`from '../src/client/prepared-query.js'`, `from '@pgtyped/runtime'`)
      .replace(/^(export const \w+ = new PreparedQuery<.*>\(\w+), '\w+\.\w+'\);$/gm, '$1);')
      .replace(/^(export type \w+Array = \(.*) \| null(\)\[\];)$/gm, '$1$2')
      .replace(/^(\/\*\*\n)(?: \*.*\n)*?(?= \* Query generated from SQL:$)/gm, '$1')
      .replace(/^export interface I\w+Params \{\n[^}]*/gm, (params) => params.replace(/^ {2}\/\*\*.*\n/gm, ''));
    const theirs = files.read(`queries/${file}`)!;
    // The lists of constraints and choices, which pgTyped does not know.
    const lists = [...ours.matchAll(/^export type (\w+) = '.*;$/gm)].flatMap(([, name]) => (theirs.includes(`export type ${name} = `) ? [] : [name!]));
    const plain = lists.reduce((text, name) => text.replace(new RegExp(`^export type ${name} = .*\\n\\n`, 'm'), '').replaceAll(`: ${name}`, ': string'), ours);
    assert.is(theirs, plain, file);
  }
  assert.equal((await codegen(db)).problems.filter(({ message }) => !/it is not what/.test(message)), []);
});

test('our class sends what pgTyped\'s own sends, and gives the same rows', async () => {
  const folder = 'queries';
  const own = `/* @name own */\nselect :b!::int as "b!", :a as a, :b! as "c?" from pets as p where p.name <> ':a' and p.name = :a;\n`;
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql')).map((file) => readFileSync(join(folder, file), 'utf8'));
  for (const { name, ir } of [own, ...files].flatMap((text) => readQueryFile('q.sql', text).queries)) {
    const params = Object.fromEntries(ir.params.map((param) => [param.name, Symbol(param.name)]));
    const answers = await Promise.all([new Stock(ir), new PreparedQuery(ir as never, name)].map(async (query) => {
      const sent: unknown[] = [];
      const { result, rowCount } = await query.runWithCounts(params, {
        async query(...statement) {
          sent.push(...statement);
          return { rows: [{ 'b!': 1, a: 2, 'c?': null }, { 'b!': 3, a: 4, 'c?': 5 }], rowCount: 2 };
        },
      });
      return { sent, result, rowCount };
    }));
    assert.equal(answers[1], answers[0], name);
    assert.equal(answers[1]!.result, [{ a: 2, b: 1, c: null }, { a: 4, b: 3, c: 5 }]);
  }
});

test('Windows line ends change nothing but the text', async (db) => {
  const files = project({ 'queries/pets.sql': select });
  await codegen(db, {});
  files.write('queries/pets.sql', select.replaceAll('\n', '\r\n'));
  assert.equal((await codegen(db)).problems, []);
});

test('the order of columns is the same in every locale', async () => {
  const script = `
    import { inEnglish } from ${JSON.stringify(new URL('../../tools/codegen/pgtyped.js', import.meta.url).href)};
    const order = () => ['close', 'chunk', 'day'].sort((a, b) => a.localeCompare(b)).join();
    console.log(order(), await inEnglish(async () => order()), order());`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env: { ...process.env, LC_ALL: 'cs_CZ.UTF-8' }, encoding: 'utf8' });
  assert.is(said.trim(), 'close,day,chunk chunk,close,day close,day,chunk');
});

test('a database that does not answer is an error, and no hanging', async () => {
  const { root } = project({ 'queries/pets.sql': select });
  let error: unknown;
  await new Codegen({ url: 'postgres://nobody@127.0.0.1:1/none', folder: 'queries', root }).generate().catch((caught: unknown) => (error = caught));
  assert.instance(error, ConnectionError);
});

test.run();
