/** What ESLint is set up to find: the layout, which it mends, and mistakes. */
import { ESLint } from 'eslint';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('eslint');
const [looking, mending] = [new ESLint(), new ESLint({ fix: true })];

async function lint(text: string, eslint = looking): Promise<{ found: string[]; text: string }> {
  const [result] = await eslint.lintText(text, { filePath: place });
  return { found: result!.messages.map(({ line, ruleId }) => `${line} ${ruleId}`), text: result!.output ?? text };
}

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
  assert.equal((await lint(layout)).found, []);
  assert.equal([...new Set((await lint(spoilt)).found)], [
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
  const { text } = await lint(spoilt, mending);
  assert.is(text, layout.replace('];\n', '];\n\n'));
  assert.is((await lint(text, mending)).text, text);
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
    const { found } = await lint(text);
    assert.is(found.length, 1, found.join('\n'));
    assert.ok(found[0]!.endsWith(rule), found[0]);
  });
}

test.run();
