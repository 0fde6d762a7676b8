/** The runbook: its commands run as they stand, one after the other, and print what it says they print. */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CommanderError, type Command } from 'commander';
import { newProgram } from '../../src/cli/program.js';
import { judgeDisk } from '../../src/cli/doctor/activity-checks.js';
import { beside, dropDatabase } from '../../tools/databases.js';
import { btcdb, workFolder } from '../cli/run.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite } from '../support/suite.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const runbook = readFileSync(join(root, 'docs/operations.md'), 'utf8');
const cwd = workFolder();

const chapterOf = (title: string): string => {
  const text = new RegExp(`^## ${title}\n([^]*?)(?=^## |(?![^]))`, 'm').exec(runbook)?.[1];
  assert.ok(text, `a chapter ${title}`);
  return text;
};

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block!);

/** A place, a name or a figure is another one at each run; so is how wide a column is. */
function formOf(text: string): string {
  return text.replaceAll(/\S*(?:\d|market|btcdb_|:\/|\/alerts)\S*|\b[kMGT]?B\b/g, '…').replaceAll(/(?:… )*…/g, '…').replaceAll(/ {2,}/g, ' ').trim();
}

/** That the chapter shows the lines that were printed, and no other. */
function isShown(title: string, printed: string): void {
  assert.is(formOf(printed), formOf(blocks(chapterOf(title), 'text').join('')), printed);
}

/** The words of a command line of a shell. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain!);

/** Runs the commands of a chapter, and says what they printed; the doctor's findings are the doctor's matter. */
async function follow(title: string, db: TestDatabase, databases: Record<string, string>): Promise<string> {
  let printed = '';
  const commands = blocks(chapterOf(title), 'sh').join('').split('\n').filter((line) => line.startsWith('npx btcdb '));
  for (const command of commands) {
    const args = wordsOf(command).slice(2).map((word) => databases[word] ?? word.replace('/mnt/backups', join(cwd, 'backups')));
    const { code, stdout, stderr } = await btcdb(args, { cwd, env: { DATABASE_URL: db.url } });
    const isDoctor = args[0] === 'doctor';
    assert.ok(code === 0 || (isDoctor && code === 1), `${command}: exit code ${code}\n${stdout}${stderr}`);
    if (!isDoctor) printed += stdout;
  }
  return printed;
}

const test = databaseSuite('runbook', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type) values ('kept', 'K', 'simple')`);
  await db.query(`
    insert into timeseries_data (source_id, timestamp, value)
    select source_id, timestamptz '2024-01-01Z' + n * interval '1 hour', n from sources, generate_series(1, 100) as n where name = 'kept'`);
  await db.query('call seal_audit_log()');
});

if (spawnSync('promtool', ['--version']).error) test.skip('alerts', () => Promise.resolve());
else test('alerts', async () => {
  const { stdout } = await promisify(execFile)('promtool', ['check', 'rules', join(root, 'ops/alerts.yml')]);
  isShown('Alerts and a dashboard', stdout);
});

test('restore last night', async (db) => {
  const url = beside(db.url, 'btcdb_market_restored');
  try {
    const { code, stderr } = await btcdb(['backup', join(cwd, 'backups')], { cwd, env: { DATABASE_URL: db.url } });
    assert.is(code, 0, stderr);
    isShown('Restore last night', await follow('Restore last night', db, { 'postgres://…/market_restored': url }));
  } finally {
    await dropDatabase(url, db.url);
  }
});

test('rotate tokens', async (db) => {
  await btcdb(['token', 'create', 'loader-1', '--role', 'writer'], { cwd, env: { DATABASE_URL: db.url } });
  const printed = await follow('Rotate tokens', db, {});
  isShown('Rotate tokens', printed.slice(printed.indexOf('name ')));
});

test.onServer('upgrade PostgreSQL', async (db) => {
  const url = beside(db.url, 'btcdb_market_upgraded');
  try {
    isShown('Upgrade PostgreSQL', await follow('Upgrade PostgreSQL', db, { $OLD: db.url, $NEW: url }));
  } finally {
    await dropDatabase(url, db.url);
  }
});

test('a disk that is almost full', async () => {
  const { message } = judgeDisk({ database_bytes: '103185000000', monthly_bytes: null, monthly_rows: null }, 1_300_000_000);
  isShown('The disk is almost full', `✗ ${message}\n`);
});

/** Its commands only look at their arguments. */
function silenced(program: Command): Command {
  for (const command of program.commands) silenced(command.exitOverride().configureOutput({ writeErr: () => undefined }).action(() => undefined));
  return program;
}

for (const file of ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]) {
  test(`every command in ${file} is one that btcdb understands`, async () => {
    const text = readFileSync(join(root, file), 'utf8');
    const lines = [...text.matchAll(/^npx btcdb (.+?)(?: +#.*)?$/gm), ...text.matchAll(/`(?:npx )?btcdb ([a-z][^`[|]*)`/g)].map(([, line]) => line!);
    for (const line of lines) {
      // Standing for what the reader puts there.
      const words = wordsOf(line.replaceAll('…', '').replace(/ > .*/, '').replaceAll(/<(\w+)>/g, '$1'));
      try {
        await silenced(newProgram()).parseAsync(words, { from: 'user' });
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        // Prose names a command without its arguments.
        assert.ok(error.code === 'commander.missingArgument' || error.code === 'commander.missingMandatoryOptionValue', `btcdb ${line}: ${error.message}`);
      }
    }
  });
}

test.run();
