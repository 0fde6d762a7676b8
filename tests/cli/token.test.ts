/** btcdb token: made once, listed without its secret, revoked. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashToken, tokenForm } from '../../src/access-token.js';
import { open } from '../../src/client/open.js';
import { startEmbedded } from '../../src/embedded/index.js';
import { btcdb, migratedFolder, workFolder } from './run.js';

const test = suite('cli: token');

test('a token is printed once, stored by its hash, listed and revoked', async () => {
  const cwd = await migratedFolder();
  const server = await startEmbedded({ dataDir: join(cwd, '.btcdb') });
  const db = await open(server.url, 'embedded');
  const run = (...args: string[]) => btcdb(['token', ...args], { cwd, env: { DATABASE_URL: server.url } });
  try {
    assert.match((await run('list')).stdout, /^There are no tokens/);
    const made = await run('create', 'loader', '--role', 'writer');
    assert.is(made.code, 0, made.stderr);
    const token = made.stdout.trimEnd();
    assert.match(token, tokenForm, 'nothing else is on stdout');
    assert.match(made.stderr, '✓ Token of the writer loader, valid until it is revoked. It is shown only now:');
    const { rows } = await db.query('select name, role, token_hash, expires_at, created_by from app_private.access_tokens');
    assert.equal(rows, [{ name: 'loader', role: 'writer', token_hash: hashToken(token), expires_at: null, created_by: 'postgres' }]);

    assert.match((await run('create', 'loader', '--role', 'reader')).stderr, /There is a token loader already\nhint: Revoke it first/);
    assert.match((await run('create', 'soon', '--role', 'reader', '--expires', '90 days')).stderr, /valid until \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    assert.match((await run('create', 'later', '--role', 'reader', '--expires', '2099-01-31')).stderr, 'valid until 2099-01-31 00:00 UTC');
    for (const [args, message] of [
      [['past', '--role', 'reader', '--expires', '2020-01-01'], 'The token would have expired already'],
      [['past', '--role', 'reader', '--expires', '0 days'], 'The token would have expired already'],
      [['x', '--role', 'reader', '--expires', '2027-02-31'], 'It has to be a date such as 2027-01-31'],
      [['x', '--role', 'reader', '--expires', '-1 day'], 'It has to be a date such as 2027-01-31'],
      [['x', '--role', 'owner'], 'Allowed choices are reader, writer, curator'],
      [['x'], '--role <role>'],
      [['a\nb', '--role', 'reader'], '"a\\nb" cannot be the name of a token'],
      [['x'.repeat(64), '--role', 'reader'], 'cannot be the name of a token'],
      [['', '--role', 'reader'], 'cannot be the name of a token'],
    ] as const) {
      const refused = await run('create', ...args);
      assert.is(refused.code, 2, `${args.join(' ')}: ${refused.stderr}`);
      assert.ok(refused.stderr.includes(message), refused.stderr);
      assert.is(refused.stdout, '');
    }

    const revoked = await run('revoke', 'loader');
    assert.is(revoked.stdout, '✓ Token of the writer loader revoked\n');
    const again = await run('revoke', 'loader');
    assert.is(again.code, 2);
    assert.match(again.stderr, 'There is no token loader that could be revoked');
    assert.is((await run('create', 'loader', '--role', 'reader')).code, 0, 'its name is free');

    const listed = await run('list');
    assert.match(listed.stdout, /^name +role +state +made +expires\n/);
    assert.match(listed.stdout, /\nloader +reader +valid +.+ never\nloader +writer +revoked +/);
    assert.match(listed.stdout, /\nlater +reader +valid +\d.+ 2099-01-31 00:00\n|^later/m);
    const json = await run('list', '--json');
    assert.is((JSON.parse(json.stdout) as unknown[]).length, 4);
    for (const secret of [token, token.slice(6), hashToken(token).toString('hex')]) assert.not.ok((listed.stdout + json.stdout).includes(secret));
  } finally {
    await db.close();
    await server.stop();
  }
});

test('without a database it says what to do', async () => {
  const { code, stderr } = await btcdb(['token', 'list'], { cwd: workFolder() });
  assert.is(code, 1);
  assert.match(stderr, 'There is no embedded database in .btcdb');
});

test.run();
