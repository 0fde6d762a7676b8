/** The typed functions of tokens; tests/cli/token and the server's tests show what they are for. */
import * as generated from '../../queries/tokens.queries.js';
import { assert, databaseSuite } from '../support/suite.js';
import { checked } from './declared.js';

const { queries: tokens, allProven } = checked('tokens', generated);
const test = databaseSuite('tokens');

const hash = (byte: number): Buffer => Buffer.alloc(32, byte);

test('a token is valid until it expires or is revoked', async (db) => {
  await tokens.issue.run({ name: 'ada', role: 'writer', token_hash: hash(1), expires_in: '1 hour' }, db);
  await tokens.issue.run({ name: 'bob', role: 'reader', token_hash: hash(2) }, db);
  const [ada] = await tokens.byHash.run({ token_hash: hash(1) }, db);
  assert.is(ada!.name, 'ada');
  assert.ok(ada!.expires_in_ms! > 3_590_000 && ada!.expires_in_ms! <= 3_600_000);
  assert.is((await tokens.byHash.run({ token_hash: hash(2) }, db))[0]!.expires_in_ms, null);
  assert.equal(await tokens.byHash.run({ token_hash: hash(3) }, db), []);

  assert.is((await tokens.revoke.run({ name: 'bob' }, db))[0]!.role, 'reader');
  assert.equal(await tokens.revoke.run({ name: 'bob' }, db), []);
  assert.equal(await tokens.byHash.run({ token_hash: hash(2) }, db), []);
  assert.equal((await tokens.list.run(undefined, db)).map(({ name, state }) => [name, state]), [['ada', 'valid'], ['bob', 'revoked']]);
});

test('every query and column was seen', async () => allProven());

test.run();
