/** The development loop and the HTTP server: what is annotated is answered. */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { suite } from 'uvu';
import { dropDatabase } from '../../tools/databases.js';
import { urlsOf } from '../../tools/migrations/place.js';
import { assert } from '../support/suite.js';
import { compilerPatienceMs, copyProject, databaseName, killLoops, processesIn, type RunningLoop, startLoop } from './loop-project.js';

const test = suite('tools: dev, serving');
const serverUrl = process.env['TEST_DATABASE_URL'];
const url = serverUrl === undefined ? undefined : Object.assign(new URL(serverUrl), { pathname: `/${databaseName()}` }).href;
const project = copyProject();
test.after(async () => {
  killLoops();
  // The server is a process of its own, which would keep the test going.
  for (const id of processesIn(project)) process.kill(id, 'SIGKILL');
  if (url !== undefined) await dropDatabase(url, urlsOf(url).root);
});

/** Asks until it is answered so: the server starts anew when something was compiled. */
async function answered(loop: RunningLoop, address: string, status: number): Promise<unknown> {
  for (const end = Date.now() + compilerPatienceMs; Date.now() < end; await delay(200)) {
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.status === status) return answer.json();
  }
  throw new Error(`${address} was never answered with ${status}:\n${loop.output()}`);
}

test('a query that gets an address answers there, without anybody starting anything', async () => {
  // Below those that the system gives to whoever asks for any: another test could have it meanwhile.
  const port = randomInt(20_000, 30_000);
  const loop = await startLoop(project, url, String(port));
  await answered(loop, `http://127.0.0.1:${port}/api/numbers`, 404);
  project.write('queries/numbers.sql', `/*
 * A number, :times as much as six.
 * @http GET /api/numbers
 */
/* @name numbers */
select 6 * :times!::int as "number!"
limit 1;
`);
  assert.equal(await answered(loop, `http://127.0.0.1:${port}/api/numbers?times=7`, 200), { number: 42 });
  assert.is(await loop.interrupt(), 0);
  assert.equal(processesIn(project), []);
});

test.run();
