/** The typed functions do not depend on the search path of a connection. */
import { readdirSync } from 'node:fs';
import { PreparedQuery } from '../../src/client/prepared-query.js';
import { assert, databaseSuite } from '../support/suite.js';

const test = databaseSuite('search path');

test('every query finds its tables and functions, whatever the search path', async (db) => {
  const client = await db.pool.connect();
  try {
    await client.query(`begin; set local search_path = ''`);
    const failed: string[] = [];
    let count = 0;
    for (const file of readdirSync('queries').filter((name) => name.endsWith('.queries.ts'))) {
      const module = (await import(`../../queries/${file.replace('.ts', '.js')}`)) as Record<string, unknown>;
      for (const [name, query] of Object.entries(module)) {
        if (!(query instanceof PreparedQuery)) continue;
        count++;
        // CALL cannot be prepared.
        if (/^\s*call public\./.test(query.text)) continue;
        await client.query('savepoint query');
        try {
          await client.query(`prepare query as ${query.text}`);
        } catch (error) {
          failed.push(`${file} ${name}: ${(error as Error).message}`);
        }
        await client.query('rollback to savepoint query; deallocate all');
      }
    }
    assert.ok(count > 70, `${count} queries`);
    assert.equal(failed, []);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test.run();
