/**
 * Everything that can be wrong with the migrations: their files, the homes of functions and views, and what would hurt a database
 * in use. The last is asked of two others: squawk, a linter for migrations with
 * rules in .squawk.toml, and plpgsql_check (https://github.com/okbob/plpgsql_check), which finds in the bodies of functions
 * what PostgreSQL would find when they run.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { undone } from '../databases.js';
import { readIfThere, shownPath } from '../files.js';
import { problemAt, problemsOf, type Problem } from '../problem.js';
import { checkChain } from './chain.js';
import { compose, describeChanges } from './compose.js';
import { withFreshDatabase, type Target } from './place.js';
import { isBlank, readFolder, type Folder } from './folder.js';
import { checkHomes } from './homes.js';
import { locateLine } from './script.js';

/** @param mayHaveDraft not for what is merged: its current migration is committed */
export async function check({ place, folder: root, released }: Target, mayHaveDraft = true): Promise<readonly Problem[]> {
  const folder = readFolder(root);
  const { current } = folder;
  const composition = compose(folder, !released);
  const problems = [...folder.problems, ...checkChain(folder.committed), ...composition.problems, ...describeChanges(composition)];
  const isSound = problems.length === 0;
  if (!mayHaveDraft && !isBlank(current)) {
    const fix = 'Run `npm run migrate:commit`, or take out what is in it.';
    problems.push({ file: current.shown, message: 'it is not empty: the current migration is not committed', fix });
  }
  problems.push(...lintMigrations(folder));
  if (!isSound) return problems;
  // What the migrations make of a fresh database, beside the homes.
  return [...problems, ...await problemsOf(() => withFreshDatabase(place, root, async (client) => [
    ...await checkHomes(client, folder), ...await checkBodies(client, folder),
  ]))];
}

const config = fileURLToPath(new URL('../../../.squawk.toml', import.meta.url));

/** What squawk prints; line and column from 0. */
interface LintFinding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly help: string | null;
  readonly rule_name: string;
}

/** Findings in the committed migrations and the current one. That squawk cannot run is a problem, too. */
export function lintMigrations({ root, committed, current }: Folder, environment = process.env): Problem[] {
  const migrations = [...committed, ...(isBlank(current) ? [] : [current])];
  if (migrations.length === 0) return [];
  let findings: LintFinding[];
  let output = '';
  try {
    const squawk = join(dirname(createRequire(import.meta.url).resolve('squawk-cli/package.json')), 'js', 'bin', 'squawk');
    const args = ['--config', config, '--reporter', 'json', ...migrations.map(({ path }) => path)];
    const { stdout, stderr, status } = spawnSync(process.execPath, [squawk, ...args], { encoding: 'utf8', env: environment, maxBuffer: 2 ** 26 });
    output = stderr;
    findings = JSON.parse(stdout) as LintFinding[];
    if (status !== 0 && findings.length === 0) throw new Error(`exit code ${status}`);
  } catch (error) {
    return [{
      message: `squawk did not run, so the migrations are not linted: ${output.trim() || (error as Error).message}`,
      fix: 'Its program comes with npm, as an optional package for this platform: npm ci --include=optional.',
    }];
  }
  return findings.map(({ file, line, column, message, help, rule_name: rule }) => {
    const migration = migrations.find(({ path }) => path === file)!;
    const ignoring = rule === 'syntax-error' ? undefined : `When it is meant: -- squawk-ignore ${rule} on the line before`;
    return {
      ...locateLine({ migration, root, text: migration.text, firstLine: 1 }, line),
      column: column + 1,
      rule: `squawk: ${rule}`,
      message,
      fix: [help, ignoring].filter(Boolean).join('. '),
    };
  });
}

interface BodyFinding {
  readonly signature: string;
  readonly home: string;
  /** In the body, from 1. */
  readonly line: number | null;
  readonly message: string;
  readonly hint: string | null;
}

const available = `
  select from pg_catalog.pg_available_extensions as e
  where e.name = 'plpgsql_check'
    and (e.installed_version is not null or (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user))`;

/** Trigger functions are checked with each table that has them, and with the transition tables of all triggers there. */
const findings = `
  select
    p.oid::regprocedure::text as signature,
    format('functions/%s.sql', p.proname) as home,
    c.lineno as line,
    concat_ws('; ', c.message, c.detail) as message,
    c.hint
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_language as l on l.oid = p.prolang and l.lanname = 'plpgsql'
  left join (
    select tgfoid, tgrelid, max(tgnewtable::text) as new_table, max(tgoldtable::text) as old_table
    from pg_catalog.pg_trigger
    where not tgisinternal
    group by tgfoid, tgrelid
  ) as t on t.tgfoid = p.oid
  cross join lateral plpgsql_check_function_tb(
    p.oid, coalesce(t.tgrelid, 0), fatal_errors => false, extra_warnings => false,
    newtable => t.new_table, oldtable => nullif(t.old_table, t.new_table)
  ) as c
  where p.pronamespace in ('public'::regnamespace, 'app_private'::regnamespace)
    and (p.prorettype <> 'trigger'::regtype or t.tgfoid is not null)
    and not exists (select from pg_catalog.pg_depend as d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
  order by 1, 3, 5`;

/**
 * Where the server does not have plpgsql_check nothing is checked, nor on the embedded engine.
 *
 * @param db a client on a migrated database; it is left as it was
 */
export async function checkBodies(db: pg.ClientBase, { root }: Folder): Promise<Problem[]> {
  if ((await db.query(available)).rowCount === 0) return [];
  return undone(db, { search_path: 'public' }, async () => {
    await db.query('create extension if not exists plpgsql_check');
    const { rows } = await db.query<BodyFinding>(findings);
    return rows.map(({ signature, home, line, message, hint }) => {
      const finding = { rule: 'plpgsql_check', message: `${message}, in ${signature}`, ...(hint === null ? {} : { fix: hint }) };
      const text = readIfThere(join(root, home));
      const body = text === undefined ? -1 : text.search(/\$\w*\$/);
      if (text === undefined || body < 0) return finding;
      const start = text.split('\n', text.slice(0, body).split('\n').length + (line ?? 1) - 2).join('\n').length + 1;
      return problemAt(shownPath(join(root, home)), text, start + text.slice(start).search(/\S/), finding);
    });
  });
}
