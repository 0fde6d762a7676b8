/**
 * plpgsql_check (https://github.com/okbob/plpgsql_check), which finds in the bodies of functions what PostgreSQL would find
 * when they run. Where the server does not have it nothing is checked, nor on the embedded engine.
 */
import { join } from 'node:path';
import type pg from 'pg';
import { readIfThere, shownPath } from '../files.js';
import { problemAt, type Problem } from '../problem.js';
import type { Folder } from './folder.js';

interface Finding {
  readonly signature: string;
  readonly home: string;
  /** In the body, from 1. */
  readonly line: number | null;
  readonly code: string;
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
    c.sqlstate as code,
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

/** @param db a client on a migrated database; it is left as it was */
export async function checkBodies(db: pg.ClientBase, { root }: Folder): Promise<Problem[]> {
  if ((await db.query(available)).rowCount === 0) return [];
  await db.query('begin');
  try {
    await db.query('set local search_path = public; create extension if not exists plpgsql_check');
    const { rows } = await db.query<Finding>(findings);
    return rows.map(({ signature, home, line, code, message, hint }) => {
      const finding = { rule: 'plpgsql_check', message: `${message}, in ${signature}`, code, ...(hint === null ? {} : { fix: hint }) };
      const text = readIfThere(join(root, home));
      const body = text === undefined ? -1 : text.search(/\$\w*\$/);
      if (text === undefined || body < 0) return finding;
      const start = text.split('\n', text.slice(0, body).split('\n').length + (line ?? 1) - 2).join('\n').length + 1;
      return problemAt(shownPath(join(root, home)), text, start + text.slice(start).search(/\S/), finding);
    });
  } finally {
    await db.query('rollback');
  }
}
