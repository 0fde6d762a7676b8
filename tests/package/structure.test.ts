/** How the project is built: who imports whom, which SQL stands in src, and that the files are there that are spoken of. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asksServer } from '../support/server-files.js';

const test = suite('structure');

interface Module {
  readonly file: string;
  readonly source: ts.SourceFile;
}

const modulesIn = (...folders: readonly string[]): Module[] => folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?<!\.d)\.[cm]?ts$/.test(file))
  .map((file) => join(folder, file)))
  .map((file) => ({ file, source: ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true) }));

const modules: readonly Module[] = modulesIn('src', 'queries');

/** The nodes of a module that a visitor takes. */
function find<T extends ts.Node>({ source }: Module, takes: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (takes(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Modules of this package that a module imports: at once, later by `import()`, or only for their types. */
function importsOf(module: Module, { types }: { readonly types: boolean }): string[] {
  const paths = find(module, ts.isStringLiteral).filter(({ parent }) =>
    (ts.isImportDeclaration(parent) && (types || parent.importClause?.isTypeOnly !== true))
    || (ts.isExportDeclaration(parent) && (types || !parent.isTypeOnly))
    || (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword));
  return paths.filter(({ text }) => text.startsWith('.')).map(({ text }) => normalize(join(dirname(module.file), text.replace(/\.js$/, '.ts')))).filter(existsSync);
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const ofModules = (options: { readonly types: boolean }): Graph =>
  new Map(modules.map((module) => [module.file, new Set(importsOf(module, options))]));

function ofFolders(): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, targets] of ofModules({ types: true })) {
    const folder = dirname(from);
    const known = graph.get(folder) ?? new Set();
    for (const to of targets) if (dirname(to) !== folder) known.add(dirname(to));
    graph.set(folder, known);
  }
  return graph;
}

/** The first way found from each node back to itself. */
function circlesOf(graph: Graph): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) return void circles.push([...path.slice(path.indexOf(node)), node].join(' → '));
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) walk(next, [...path, node]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, []);
  return circles;
}

test('no module leads back to itself, but for the type of what uses it', () => {
  assert.equal(circlesOf(ofModules({ types: false })), []);
});

test('no folder leads back to itself, not even by types', () => {
  assert.equal(circlesOf(ofFolders()), []);
});

test('no two modules have one name', () => {
  const names = modules.map(({ file }) => basename(file)).filter((name) => name !== 'index.ts');
  assert.equal(names.filter((name, i) => names.indexOf(name) !== i), []);
});

const isSum = (node: ts.Node): node is ts.BinaryExpression => ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
const isText = (node: ts.Node): node is ts.Expression => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || isSum(node);

/** The text that an expression makes, with … for what is put into it. */
function textOf(node: ts.Expression): string {
  if (ts.isTemplateExpression(node)) return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…');
  if (isSum(node)) return textOf(node.left) + textOf(node.right);
  return ts.isStringLiteralLike(node) ? node.text : '…';
}

/** Texts of a module, a sum of them being one. Those of imports are none. */
function textsOf(module: Module): string[] {
  return find(module, (node): node is ts.Expression =>
    isText(node) && !isSum(node.parent) && !ts.isImportDeclaration(node.parent) && !ts.isExportDeclaration(node.parent))
    .map((node) => textOf(node).replace(/^(?:\s|\(|--.*\n|\/\*[^]*?\*\/)+/, '').trim().replace(/\s+/g, ' '));
}

/** How statements begin, and what only SQL says. Sentences and most single words are none. */
const signs = [
  /^(?:select|with|insert|update|delete|merge|truncate|create|alter|drop|grant|revoke|comment|call|do|copy|explain|analyze|vacuum|reindex|refresh materialized|cluster|values|start)\b.*[ (.;=*…]/,
  /^(?:begin\b(?! [a-z]+:)|commit|rollback|savepoint|release|set|reset|lock|listen|unlisten|notify|prepare|execute|deallocate|declare|discard)\b/,
  /\b(?:select\b.* from|insert into|update .* set|delete from|from public\.|pg_catalog\.|app_private\.)/,
];

/** Whether a text is SQL, whose words may be written large. */
function isSql(text: string): boolean {
  const small = text.replace(/\b[A-Z]{2,}\b/g, (word) => word.toLowerCase());
  return signs.some((sign) => sign.test(small));
}

test('SQL is known by how it begins, however it is written', () => {
  const source = (text: string): Module => ({ file: 'x.ts', source: ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true) });
  for (const text of [
    "query('select 1 from sources')", 'query(`select ${x} from sources`)', 'sql`delete from ${table}`', "query('SELECT ' + column)", "query('sel' + 'ect ' + column)",
    "query('-- who\\nselect 1')", "query('/* who */ (select 1)')", "query('START TRANSACTION')", "query('values (1)')", "query(['Update sources', 'set x = 1'].join(' '))",
  ]) assert.ok(textsOf(source(text)).some(isSql), text);
  for (const text of ["say('Select a source.')", "say('select')", "say('COPY')", "import x from 'select a'"]) assert.not(textsOf(source(text)).some(isSql), text);
});

/** SQL that cannot stand in queries/, where each statement has parameters and typed columns. */
const exceptions: Readonly<Record<string, readonly RegExp[]>> = {
  // Transactions, and settings that begin with them or with a session, in one round trip.
  'src/client/transaction.ts': [/^begin…/, /^(?:rollback to |release )?savepoint btcdb/, /^(?:commit|rollback|ROLLBACK)$/],
  'src/client/pool.ts': [/^select … as is_session…$/],
  // It takes no parameters, and its text is that of a query.
  'src/client/copy-rows.ts': [/^copy \(…\) to stdout$/, /^commit$/],
  // The lock of graphile-migrate, for as long as its session lives.
  'src/schema/migrate.ts': [/^select pg_advisory_lock\(\$1\)$/],
  'src/import/load.ts': [/^(?:set|reset) statement_timeout/],
  'src/write/bulk-upsert.ts': [/^select …$/],
  'src/write/copy-lines.ts': [/^copy … \(…\) from stdin$/],
  // A temporary table, which is not there when queries are typed.
  'src/import/slices.ts': [
    /^create temporary table …/, /^create index on …/, /^analyze …$/, /^drop table if exists …$/, /^with slice as .* from … where /,
  ],
  // COPY of whatever tables there are, in one transaction.
  'src/backup/portable.ts': [
    /^copy … \(…\) (?:to stdout|from stdin)$/, /^copy \(select … from public.timeseries_data /, /^truncate …$/, /^set local session_replication_role = replica$/,
  ],
  // The lock has to be there before the first statement that takes a snapshot.
  'src/backup/take.ts': [/^begin isolation level repeatable read read only; .* lock table public.timeseries_data/, /^commit$/],
  // Databases, roles and settings, whose names take no parameters.
  'src/backup/restoration.ts': [
    /^(?:create|drop|comment on) database …/, /^(?:drop extension if exists|create extension) timescaledb/, /^select set_config\(/,
    /^alter database … set … from current$/, /^create role …/, /^grant … to …$/,
  ],
  'src/backup/verify.ts': [/^drop database if exists …/],
  // What is advised to people, and done by `doctor --fix`.
  ...Object.fromEntries(['data', 'schema', 'version'].map((subject) => [`src/cli/doctor/${subject}-checks.ts`, [/;/]])),
  // Names, definitions and sentences: nothing that is sent but what is advised.
  'src/schema/truth.ts': [/./],
  'src/cli/doctor/known-bugs.ts': [/./],
  'src/cli/doctor/activity-checks.ts': [/^vacuum \(freeze\);$/],
  'server/src/access/gate.ts': [/^The login of the server may not read /],
  'src/cli/doctor/policy-checks.ts': [/;/, /^alter table public.timeseries_data set \(timescaledb.compress,$/, /^select create_hypertable/],
};

test('no SQL stands in src or server/src but what has to', () => {
  // The embedded engine is a server: what it does to itself is no query.
  const own = modulesIn('src', 'server/src').filter(({ file }) => !file.startsWith('src/embedded/'));
  const found = own.flatMap((module) => textsOf(module)
    .filter((text) => isSql(text) && !(exceptions[module.file] ?? []).some((allowed) => allowed.test(text)))
    .map((text) => `${module.file}: ${text}`));
  assert.equal(found, []);
  const idle = Object.entries(exceptions).flatMap(([file, all]) => {
    const texts = own.filter((module) => module.file === file).flatMap(textsOf);
    return all.filter((allowed) => !texts.some((text) => allowed.test(text))).map((allowed) => `${file}: ${allowed.source}`);
  });
  assert.equal(idle, [], 'exceptions that nothing needs');
});

/** Files of examples, which whoever follows them makes. */
const examples = [
  'migrations/committed/000009-currency-of-sources.sql', 'migrations/functions/x.sql', 'src/example.ts',
];

const folders = readdirSync('.', { withFileTypes: true }).filter((entry) => entry.isDirectory() && !/^(?:\.|node_modules$|dist$)/.test(entry.name))
  .map(({ name }) => name);
const paths = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`))
  .filter((path) => !/^server\/(?:node_modules|dist)\b/.test(path));

test('CONTRIBUTING.md says of each folder, one level down, what it is for', () => {
  const map = readFileSync('CONTRIBUTING.md', 'utf8');
  const all = [...folders, ...paths.filter((path) => /^[^/]+\/(?!dist$|node_modules$)[^/]+$/.test(path) && statSync(path).isDirectory())];
  const outer = new Set(all.map(dirname));
  assert.equal(all.filter((folder) => !outer.has(folder) && !map.includes(`\`${folder}\``)), []);
});

test('the files that docs, comments and messages name are there', () => {
  const readers = [
    ...readdirSync('.').filter((file) => /\.(?:md|sql|js|json|toml|yml)$|^\.gmrc$/.test(file) && file !== 'package-lock.json'), ...paths.filter((path) => /\.(?:md|sql|ts)$/.test(path) && !path.startsWith('tests/')),
  ];
  const named = new RegExp(`(?<![\\w./-])(?:${folders.join('|')})/[\\w*./-]*[\\w*]`, 'g');
  const isThere = (name: string): boolean => {
    const pattern = new RegExp(`^${name.replace('server/dist/', 'server/').replace(/\.js$/, '.ts').replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
    return paths.some((path) => pattern.test(path));
  };
  const missing = readers.flatMap((file) => [...new Set(readFileSync(file, 'utf8').match(named))]
    .filter((name) => !examples.includes(name) && !isThere(name))
    .map((name) => `${file}: ${name}`));
  assert.equal(missing, []);
});

test('a run on a server leaves out only what does the same without one', () => {
  for (const file of ['schema/core', 'schema/rights', 'tools/migrations', 'tools/dev', 'cli/commands', 'package/package']) {
    assert.ok(asksServer(`tests/${file}.test.ts`), file);
  }
  for (const file of ['embedded/server', 'cli/errors', 'import/shapes']) assert.not(asksServer(`tests/${file}.test.ts`), file);
  // Nothing but the tests knows of the variable, and they read it in one way.
  for (const { file, source } of modules) assert.not(source.text.includes('TEST_DATABASE_URL'), file);
  for (const file of readdirSync('tests', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
    const other = readFileSync(join('tests', file), 'utf8').replaceAll("process.env['TEST_DATABASE_URL']", '').match(/process\.env\W+TEST_DATABASE_URL/);
    assert.is(other, null, file);
  }
});

test.run();
