/** The layout of SQL and TypeScript: every violation at its place, mended by formatting, and nothing but the layout changes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import { checkSqlFiles, formatSqlFiles } from '../../tools/layout/files.js';
import { foldedTokens } from '../../tools/layout/pieces.js';
import { layOutSql } from '../../tools/layout/sql.js';
import { lintTypeScriptText } from '../../tools/lint/typescript.js';
import { formatProblem } from '../../tools/problem.js';
import { assert } from '../support/suite.js';
import { headlines, makeProject } from './project.js';

const test = suite('layout');

interface Case {
  readonly sql: string;
  /** The findings: line, column and rule. */
  readonly finds: readonly string[];
  /** Not given: it can only be mended by hand. */
  readonly becomes?: string;
}

const cases: Readonly<Record<string, Case>> = {
  keyword: { sql: 'SELECT 1;\n', finds: ['1:1 lower-case'], becomes: 'select 1;\n' },
  name: { sql: 'select t.Size from Things as t;\n', finds: ['1:10 lower-case', '1:20 lower-case'], becomes: 'select t.size from things as t;\n' },
  notAWord: { sql: `select 'SELECT', "Name", E'A\\tB', $$ANY  $$, 1E5 from t -- SELECT\n  /* FROM  x */;\n`, finds: [] },
  parameter: { sql: 'select :fromDate::date, :Max!::int, a[:Low] from t;\n', finds: [] },
  parameterBeforeOperator: { sql: 'select :a!=b, :a!-1, :a -1;\n', finds: ['1:11 spacing', '1:12 spacing', '1:18 spacing', '1:19 spacing', '1:26 spacing'], becomes: 'select :a! = b, :a! - 1, :a - 1;\n' },
  trailing: { sql: 'select 1  \nfrom t;\t\n', finds: ['1:9 trailing-space', '2:8 final-newline'], becomes: 'select 1\nfrom t;\n' },
  trailingInComment: { sql: '/*\n * a \n */\nselect 1; -- b \n', finds: ['2:5 trailing-space', '4:15 trailing-space'], becomes: '/*\n * a\n */\nselect 1; -- b\n' },
  carriageReturn: { sql: 'select 1\r\nfrom t;\n', finds: ['1:9 trailing-space'], becomes: 'select 1\nfrom t;\n' },
  tab: { sql: 'select\n\ta,\tb\nfrom t;\n', finds: ['1:7 indentation', '2:4 spacing'], becomes: 'select\n  a, b\nfrom t;\n' },
  oddIndentation: { sql: 'select\n   a\nfrom t;\n', finds: ['2:4 indentation'] },
  blankLines: { sql: '\n\nselect 1;\n\n\n\nselect 2;\n\n', finds: ['2:1 blank-lines', '6:1 blank-lines', '7:10 final-newline'], becomes: 'select 1;\n\nselect 2;\n' },
  noNewline: { sql: 'select 1;', finds: ['1:10 final-newline'], becomes: 'select 1;\n' },
  comma: { sql: 'select a ,b,c from t;\n', finds: ['1:9 spacing', '1:11 spacing', '1:13 spacing'], becomes: 'select a, b, c from t;\n' },
  parentheses: { sql: 'select max( a ) from t where a in(1, 2) and b = any( array[ 1 ] );\n', finds: ['1:12 spacing', '1:14 spacing', '1:34 spacing', '1:53 spacing', '1:60 spacing', '1:62 spacing', '1:64 spacing'], becomes: 'select max(a) from t where a in (1, 2) and b = any(array[1]);\n' },
  operators: { sql: 'select a+b, a-1, 2*c, d||e, f :: int from t where g>=1 and h<>-1;\n', finds: ['1:9 spacing', '1:10 spacing', '1:14 spacing', '1:15 spacing', '1:19 spacing', '1:20 spacing', '1:24 spacing', '1:26 spacing', '1:30 spacing', '1:33 spacing', '1:52 spacing', '1:54 spacing', '1:61 spacing', '1:63 spacing'], becomes: 'select a + b, a - 1, 2 * c, d || e, f::int from t where g >= 1 and h <> -1;\n' },
  signsAndStars: { sql: 'select -1, +a, t.*, count(*), a operator(pg_catalog.=) b from t where a > -1;\n', finds: [] },
  severalSpaces: { sql: 'select  a   from t;   -- aligned\n', finds: ['1:7 spacing', '1:10 spacing'], becomes: 'select a from t;   -- aligned\n' },
  trailingAnd: { sql: 'select 1 from t\nwhere a and\n  b OR\n  c;\n', finds: ['2:9 line-break', '3:5 line-break', '3:5 lower-case'], becomes: 'select 1 from t\nwhere a\n  and b\n  or c;\n' },
  leadingComma: { sql: 'select\n  a\n  , b\nfrom t;\n', finds: ['3:3 line-break'], becomes: 'select\n  a,\n  b\nfrom t;\n' },
  commaAfterComment: { sql: 'select\n  a -- first\n  , b\nfrom t;\n', finds: ['3:3 line-break'] },
  longLine: { sql: `select ${'a, '.repeat(40)}a from t;\n`, finds: ['1:121 line-length'] },
  longText: { sql: `comment on table t is '${'long '.repeat(40)}';\n`, finds: [] },
  body: { sql: 'create function f() returns int language plpgsql as $f$\nBEGIN\n   return g( 1 );\nend\n$f$;\n', finds: ['2:1 lower-case', '3:4 indentation', '3:13 spacing', '3:15 spacing'], becomes: 'create function f() returns int language plpgsql as $f$\nbegin\n   return g(1);\nend\n$f$;\n' },
  doBlock: { sql: 'do language plpgsql $$ BEGIN perform 1; end $$;\n', finds: ['1:24 lower-case'], becomes: 'do language plpgsql $$ begin perform 1; end $$;\n' },
  dataInBody: { sql: 'do $a$\nbegin\n  execute $b$SELECT  1$b$;\nend\n$a$;\n', finds: [] },
  otherLanguage: { sql: "create function f() returns text language x as $$ don't( ) $$;\n", finds: [] },
  included: { sql: '-- include: functions/f.sql\nSELECT  1 ;\n-- end of functions/f.sql\nSELECT 2;\n', finds: ['4:1 lower-case'], becomes: '-- include: functions/f.sql\nSELECT  1 ;\n-- end of functions/f.sql\nselect 2;\n' },
  unfinished: { sql: "SELECT 'a;\n", finds: ['1:1 syntax'] },
};

for (const [name, { sql, finds, becomes }] of Object.entries(cases)) {
  test(`SQL: ${name}`, () => {
    const { problems, formatted } = layOutSql('a.sql', sql);
    assert.equal(problems.map(({ line, column, rule }) => `${line}:${column} ${rule}`), finds);
    assert.is(formatted, becomes ?? sql);
    assert.is(foldedTokens(formatted), foldedTokens(sql));
    const again = layOutSql('a.sql', formatted);
    assert.is(again.formatted, formatted, 'formatting twice changes nothing');
    // What is left is what nobody but a person can mend.
    assert.ok(again.problems.every(({ fix }) => !fix?.includes('npm run format')), again.problems.map(formatProblem).join('\n'));
  });
}

test('SQL: tokens are compared as PostgreSQL reads them, bodies included', () => {
  assert.is(foldedTokens('SELECT a,b'), foldedTokens('select  a,\n b'));
  for (const [one, other] of [
    ["select 'A'", "select 'a'"],
    ['select "A"', 'select "a"'],
    ['select a - -b', 'select a --b'],
    ['select $$a b$$', 'select $$a  b$$'],
    ['do $$ begin a(1); end $$', 'do $$ begin a(2); end $$'],
    ['select :A', 'select :a'],
    ['/* @name a */', '/* @name A */'],
  ] as const) {
    assert.is.not(foldedTokens(one), foldedTokens(other), one);
  }
});

test('SQL: the files of this repository, spoilt and formatted again, are as they were', () => {
  const project = makeProject();
  const paths = ['migrations/functions/compute_scores.sql', 'migrations/committed/000001-extensions.sql', 'queries/candles.sql'];
  for (const path of paths) {
    // Every word outside of texts, comments and parameters in upper case, spaces doubled.
    const text = readFileSync(path, 'utf8');
    const spoilt = text.split('\n').map((line) => (/--|\/\*|^ \*|'|"|:\w/.test(line) ? line : `${line.toUpperCase().replaceAll(/(\S) /g, '$1  ')} `)).join('\n');
    assert.is.not(spoilt, text);
    project.write(path, spoilt);
  }
  assert.ok(checkSqlFiles(project.root).problems.length > 100);
  assert.equal(formatSqlFiles(project.root), { changed: [...paths].sort(), problems: [] });
  for (const path of paths) assert.is(project.read(path), readFileSync(path, 'utf8'));
  assert.equal(formatSqlFiles(project.root).changed, []);
});

test('SQL: when one file cannot be formatted the others are found', () => {
  const project = makeProject({ 'queries/bad.sql': "SELECT 'a" });
  writeFileSync(join(project.root, 'queries/good.sql'), 'SELECT 1;\n');
  assert.equal(headlines(checkSqlFiles(project.root).problems), [
    'queries/bad.sql:1:1: a string, quoted name or comment does not end, here or further down (syntax)',
    'queries/good.sql:1:1: keywords and names are in lower case: select (lower-case)',
  ]);
  const { changed, problems } = formatSqlFiles(project.root);
  assert.equal(changed, ['queries/good.sql']);
  assert.equal(problems.map(({ file, rule }) => [file, rule]), [['queries/bad.sql', 'syntax']]);
  assert.is(project.read('queries/bad.sql'), "SELECT 'a");
  assert.is(project.read('queries/good.sql'), 'select 1;\n');
});

// As if it were in this file of the project, so that types are known.
const place = 'tools/problem.ts';
const layout = [
  'const sql = `select',
  '   1`;',
  '',
  'const table = [',
  "  { name: 'a', size: 1, wide: true, text: 'a table of cases stays a table of cases, however wide its lines may come to be in the end' },",
  "  { name: 'b', size: 2 },",
  '];',
  'export function sum(a: number, b: number): number {',
  '  if (a === 0) return b;',
  '  return a + b + table.length + sql.length;',
  '}',
  '',
].join('\n');
const spoilt = layout
  .replace("name: 'b', size: 2", 'name:"b",size : 2')
  .replace('return b;', 'return b ')
  .replace('  return a + b', '    return a +b')
  .replace('];\n', ']\n\n\n');

test('TypeScript: layout is found and mended, tables and SQL stay', async () => {
  assert.equal((await lintTypeScriptText(place, layout)).problems.map(formatProblem), []);
  const { problems } = await lintTypeScriptText(place, spoilt);
  assert.equal([...new Set(problems.map(({ line, rule }) => `${line} ${rule}`))], [
    '6 @stylistic/key-spacing',
    '6 @stylistic/quotes',
    '6 @stylistic/comma-spacing',
    '7 @stylistic/semi',
    '9 @stylistic/no-multiple-empty-lines',
    '11 @stylistic/no-trailing-spaces',
    '11 @stylistic/semi',
    '12 @stylistic/indent',
    '12 @stylistic/space-infix-ops',
  ]);
  assert.ok(problems.every(({ fix }) => fix !== undefined));
  const { text } = await lintTypeScriptText(place, spoilt, { fix: true });
  assert.is(text, layout.replace('];\n', '];\n\n'));
  assert.is((await lintTypeScriptText(place, text, { fix: true })).text, text);
});

const mistakes: Readonly<Record<string, string>> = {
  'no-floating-promises': 'export const f = (): void => {\n  Promise.resolve(1);\n};\n',
  'no-misused-promises': 'export const f = (): void => {\n  [1].forEach(async (n) => Promise.resolve(n));\n};\n',
  'await-thenable': 'export const f = async (): Promise<number> => {\n  return await 1;\n};\n',
  'consistent-type-imports': "import { Problem } from '../problem.js';\nexport type P = Problem;\n",
  'no-explicit-any': 'const anything: any = 1;\nexport const one: unknown = anything;\n',
  'switch-exhaustiveness-check': "export function f(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
  'no-unused-vars': 'export const f = (): number => {\n  const unused = 1;\n  return 2;\n};\n',
  'explicit-module-boundary-types': 'export const f = (n: number) => n + 1;\n',
  eqeqeq: 'export const f = (n: number): boolean => n == 1;\n',
};

for (const [rule, text] of Object.entries(mistakes)) {
  test(`TypeScript: ${rule}`, async () => {
    const { problems } = await lintTypeScriptText(place, text);
    const ours = problems.filter((problem) => problem.rule?.endsWith(rule));
    assert.is(ours.length, 1, headlines(problems).join('\n'));
    assert.is(problems.length, 1, headlines(problems).join('\n'));
    assert.match(formatProblem(ours[0]!), new RegExp(`^tools/problem\\.ts:\\d+:\\d+: .*${rule}\\)\\n    .*\\n *\\^`));
  });
}

test.run();
