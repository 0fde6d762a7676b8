/** What is used of packages behind their API is used of one version. */
import { suite } from 'uvu';
import { requireVersion } from '../../src/schema/required-version.js';
import { assert } from '../support/suite.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const test = suite('tools: adapters');

test('another version fails with a sentence', () => {
  requireVersion('graphile-migrate', '1.4.1');
  assert.throws(() => requireVersion('graphile-migrate', '1.4.2'),
    /^graphile-migrate 1\.4\.1 is installed, but what lies behind its API is used here as version 1\.4\.2 has it: npm install graphile-migrate@1\.4\.2, or/);
  assert.throws(() => requireVersion('@pgtyped/cli', '2.5.0', '@pgtyped/cli/lib/index.js'), /^@pgtyped\/cli 2\.4\.3 is installed/);
});

test('one module each imports what is behind the API', () => {
  const deep = ['src', 'tools', 'tests', 'bench'].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\b[ (]'(?:[./]*node_modules\/)?(graphile-migrate\/|@pgtyped\/\w+\/)[^']+'/g)].map(([, name]) => `${file} ${name}`)));
  assert.equal([...new Set(deep)], ['src/schema/graphile-migrate.ts graphile-migrate/', 'tools/codegen/pgtyped.ts @pgtyped/cli/']);
});

test('tools import neither tests nor the command line', () => {
  for (const file of readdirSync('tools', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
    assert.not.match(readFileSync(join('tools', file), 'utf8'), /from '[./]+\/(tests|src\/cli)\//, file);
  }
});

test.run();
