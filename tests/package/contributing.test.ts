/** The example of CONTRIBUTING.md, done as it says, in a copy of the project with the embedded engine. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import { assert } from '../support/suite.js';
import { lintQueries } from '../../tools/lint/queries.js';
import { compilerPatienceMs, copyProject, environment, killLoops, startLoop } from '../tools/loop-project.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');

/** The block that is to be saved as a file. */
function blockFor(file: string): string {
  const block = new RegExp(`\`${file}\`:\n\n\`\`\`\\w+\n([^]*?)^\`\`\`$`, 'm').exec(text)?.[1];
  if (block === undefined) throw new Error(`CONTRIBUTING.md has no block for ${file}`);
  return block;
}

/** Lines of the shell blocks. */
const commands = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block]) => block!.trim().split('\n'));

function commandWith(part: string): string {
  const command = commands.find((line) => line.includes(part));
  if (command === undefined) throw new Error(`CONTRIBUTING.md has no command ${part}`);
  return command;
}

const test = suite('contributing');
test.after(killLoops);

test('the example works as it is written', async () => {
  const project = copyProject();
  const { scripts } = JSON.parse(project.read('package.json')!) as { scripts: Record<string, string> };
  /** A command, in the copy. Scripts of npm without building: the loop has done it. */
  const sh = async (line: string, url?: string): Promise<string> => {
    const [, name, options = ''] = /^npm run ([\w:]+)(?: -- (.*))?$/.exec(line) ?? [];
    const command = name === undefined ? line : `${scripts[name]!.replace(/^.*&& /, '')} ${options}`;
    const { stdout } = await run('sh', ['-c', command], { cwd: project.root, env: environment(url) }).catch(
      (error: { stdout: string; stderr: string }) => {
        throw new Error(`${command}\n${error.stdout}\n${error.stderr}`);
      },
    );
    return stdout;
  };

  assert.ok(commandWith('npm run dev'));
  const loop = await startLoop(project);
  const url = /DATABASE_URL=(\S+)/.exec(loop.output())![1]!;
  assert.match(text, /The loop says `applied`/);
  await loop.after(() => project.write('migrations/current.sql', blockFor('migrations/current.sql')), /current\.sql: applied/);
  assert.match(text, /The loop says `wrote queries\/sources\.queries\.ts`/);
  const queries = `${project.read('queries/sources.sql')}${blockFor('queries/sources.sql')}`;
  await loop.after(() => project.write('queries/sources.sql', queries), /sources\.sql: wrote queries\/sources\.queries\.ts/);
  assert.match(project.read('queries/sources.queries.ts')!, /\/\*\* Currency of its prices, as an ISO 4217 code\. \*\/\n {2}currency: string;/);

  project.write('src/example.ts', blockFor('src/example.ts'));
  await until(() => existsSync(join(project.root, 'dist/src/example.js')), loop.output);
  const example = commandWith('example.js').replace(/^DATABASE_URL=\S+ /, '');
  const printed = await sh(example, url);
  assert.ok(text.includes(printed.replace(/^(?=.)/gm, '    ')), printed);
  assert.not.match(loop.output(), /TypeScript has/);

  project.remove('src/example.ts');
  const name = /`(migrations\/committed\/\d+-currency[\w-]*\.sql)`/.exec(text)![1]!;
  await loop.after(() => sh(commandWith('migrate:commit')), /applied migrations\/committed\/\d+-currency-of-sources\.sql/);
  assert.match(project.read(name)!, /add column if not exists currency/);
  await sh(commandWith('npm run schema'));
  assert.match(project.read('schema.sql')!, /currency text/i);
  assert.is(await loop.interrupt(), 0);
  await sh('npm run migrate:check -- --ci');
  await sh('npm run schema -- --check');
  await sh('npm run codegen -- --check');
  assert.equal(lintQueries({ folder: 'queries', root: project.root }), []);
});

/** Waits, but neither for ever nor for a compiler that has ended. */
async function until(isDone: () => boolean, output: () => string): Promise<void> {
  const end = Date.now() + compilerPatienceMs;
  while (!isDone()) {
    if (Date.now() > end || /compiler has ended|TypeScript has \d/.test(output())) throw new Error(output());
    await new Promise((done) => setTimeout(done, 100));
  }
}

test.run();
