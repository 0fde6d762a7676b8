/** docs/security.md: every cell of its tables, tried by a login of that role. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { suite } from 'uvu';
import { copyLines } from '../../src/write/copy-lines.js';
import { migrate } from '../../src/schema/migrate.js';
import { testDatabase } from '../support/database.js';
import { assert } from '../support/suite.js';

const roles = ['owner', 'writer', 'curator', 'reader', 'others'] as const;
type Role = (typeof roles)[number];

interface Cell {
  readonly statement: string;
  readonly role: Role;
  readonly expected: string;
}

const lines = readFileSync('docs/security.md', 'utf8').split('\n');

/** The rows of the tables: what, statement, and a cell for each role. */
const cells: Cell[] = lines.flatMap((line) => {
  const [, statement, answers] = /^\| [^|]+ \| `(.+)` \| (.+) \|$/.exec(line) ?? [];
  return (answers ?? '').split(' | ').filter(Boolean).map((expected, i) => ({ statement: statement!, role: roles[i]!, expected }));
});

/** The letters of each relation, role by role. */
const relations = new Map(lines.flatMap((line): [string, string[]][] => {
  const [, name, letters] = /^\| `(\w+)` \| ((?:S?I?U?D?T?–? ?\|? ?)+) \|$/.exec(line) ?? [];
  return name === undefined ? [] : [[name, letters!.split(' | ')]];
}));

interface Trial {
  /** Runs what a role may or may not do. */
  as<T>(role: Role, work: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  readonly isEmbedded: boolean;
  end(): Promise<void>;
}

/** On a server a database whose owner is no superuser, and a login for each role. */
async function onServer(serverUrl: string): Promise<Trial> {
  const name = `btcdb_test_${randomBytes(6).toString('hex')}`;
  const login = (role: Role, database = name): string => {
    const url = new URL(serverUrl);
    url.pathname = `/${database}`;
    [url.username, url.password] = [`${name}_${role}`, name];
    return url.href;
  };
  const root = new pg.Client({ connectionString: serverUrl });
  await root.connect();
  for (const group of ['btcdb_writer', 'btcdb_curator', 'btcdb_reader']) {
    await root.query(`do $$ begin create role ${group}; exception when duplicate_object or unique_violation then null; end $$`);
  }
  for (const role of roles) await root.query(`create role ${name}_${role} login password '${name}'`);
  await root.query(`grant btcdb_writer to ${name}_writer; grant btcdb_curator to ${name}_curator; grant btcdb_reader to ${name}_reader`);
  await root.query(`create database ${name} owner ${name}_owner`);
  const clients = new Map<Role, pg.Client>();
  const end = async (): Promise<void> => {
    for (const client of clients.values()) await client.end();
    await root.query(`drop database ${name} with (force)`);
    for (const role of roles) await root.query(`drop role ${name}_${role}`);
    await root.end();
  };
  try {
    await migrate(login('owner'));
    for (const role of roles) {
      const client = new pg.Client({ connectionString: login(role) });
      await client.connect();
      clients.set(role, client);
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { as: (role, work) => work(clients.get(role)!), isEmbedded: false, end };
}

/** The embedded engine has one session, which is the superuser's, and can only play the roles. */
async function onEmbedded(): Promise<Trial> {
  const db = await testDatabase();
  await db.query('create role btcdb_test_others');
  const names = { owner: 'none', writer: 'btcdb_writer', curator: 'btcdb_curator', reader: 'btcdb_reader', others: 'btcdb_test_others' };
  return {
    async as(role, work) {
      const client = await db.pool.connect();
      try {
        await client.query(`set role ${names[role]}`);
        return await work(client);
      } finally {
        await client.query('reset role');
        client.release();
      }
    },
    isEmbedded: true,
    end: () => db.drop(),
  };
}

interface Names { readonly [name: string]: string }

/** A source with compressed and new rows. */
async function arrange(owner: pg.ClientBase): Promise<Names> {
  const { rows: [made] } = await owner.query<{ source: number }>(
    `insert into public.sources (name, display_name, data_type, update_frequency) values ('tried', 'Tried', 'simple', '1 hour') returning source_id as source`);
  const source = String(made!.source);
  await owner.query(`insert into public.timeseries_data (source_id, timestamp, value)
    select $1::int, date_trunc('hour', now()) - n * interval '1 hour', 1 from generate_series(0, 3) as n
    union all select $1::int, '2020-02-01'::timestamptz + n * interval '1 hour', 1 from generate_series(0, 3) as n`, [source]);
  await owner.query('call public.compress_old_chunks()');
  const { rows: [names] } = await owner.query<Names>(`
    select
      $1::text as source,
      quote_literal(max(d.timestamp)) as row,
      quote_literal(max(d.timestamp) + interval '1 minute') as moment,
      (array_agg(d.tableoid::regclass::text order by d.timestamp desc))[1] as chunk,
      (array_agg(d.tableoid::regclass::text order by d.timestamp))[1] as old_chunk,
      (select s.compress_relid::text from _timescaledb_catalog.compression_settings as s where s.relid = (
        select f.tableoid from public.timeseries_data as f where f.source_id = $1::int order by f.timestamp limit 1)) as compressed
    from public.timeseries_data as d
    where d.source_id = $1::int`, [source]);
  return names!;
}

/** What came of a statement: yes, no (42501), or the code of another error. Nothing of it stays. */
async function outcome(client: pg.ClientBase, statement: string): Promise<string> {
  const [, table, columns] = /^copy (\S+) \((.+)\) from stdin$/.exec(statement) ?? [];
  const commits = /^call public\.(compress|refresh|seal)/.test(statement);
  if (!commits) await client.query('begin');
  try {
    if (table) await copyLines(client, table, columns!.split(', '), []);
    else await client.query(statement);
    return 'yes';
  } catch (error) {
    const { code } = error as { code: string };
    return code === '42501' ? 'no' : code;
  } finally {
    if (!commits) await client.query('rollback');
  }
}

const test = suite('security');

let ready: Promise<{ trial: Trial; names: Names }> | undefined;
async function start(): Promise<{ trial: Trial; names: Names }> {
  const serverUrl = process.env['TEST_DATABASE_URL'];
  const trial = serverUrl ? await onServer(serverUrl) : await onEmbedded();
  return { trial, names: await trial.as('owner', arrange) };
}
const started = (): Promise<{ trial: Trial; names: Names }> => (ready ??= start());
test.after(async () => {
  await ready?.then(({ trial }) => trial.end(), () => undefined);
});

test('every cell of docs/security.md is true', async () => {
  const { trial, names } = await started();
  assert.ok(cells.length > 300, `${cells.length} cells`);
  const wrong: string[] = [];
  for (const { statement, role, expected } of cells) {
    // The embedded engine reads COPY from a file, which only superusers may.
    if (trial.isEmbedded && statement.startsWith('copy')) continue;
    const tried = statement.replace(/(?<!:):([a-z_]+)\b/g, (whole, name: string) => names[name] ?? whole);
    const found = await trial.as(role, (client) => outcome(client, tried));
    if (found !== expected) wrong.push(`${role}: ${found} instead of ${expected}: ${statement}`);
  }
  assert.equal(wrong, []);
});

/** A statement of each kind for a relation, which finds no row; only with columns that the role may write. */
async function statementsFor(client: pg.ClientBase, relation: string): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; insertable: boolean; updatable: boolean }>(`
    select quote_ident(a.attname) as name, has_column_privilege(a.attrelid, a.attnum, 'insert') as insertable,
      has_column_privilege(a.attrelid, a.attnum, 'update') as updatable
    from pg_attribute as a
    where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''`, [`public.${relation}`]);
  const insert = (rows.some((row) => row.insertable) ? rows.filter((row) => row.insertable) : rows).map(({ name }) => name).join(', ');
  const update = (rows.find((row) => row.updatable) ?? rows[0]!).name;
  return {
    S: `select from public.${relation} limit 0`,
    I: `insert into public.${relation} (${insert}) overriding system value select ${insert} from public.${relation} where false`,
    U: `update public.${relation} set ${update} = null where false`,
    D: `delete from public.${relation} where false`,
    T: `truncate public.${relation}`,
  };
}

test('every letter of the relations is true, and every relation has its letters', async () => {
  const { trial } = await started();
  const { rows } = await trial.as('owner', (client) => client.query<{ name: string; is_table: boolean }>(`
    select c.relname as name, c.relkind = 'r' as is_table from pg_class as c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'f')
      and not exists (select from pg_depend as e where e.objid = c.oid and e.deptype = 'e')`));
  assert.equal([...relations.keys()].sort(), rows.map(({ name }) => name).sort());
  const wrong: string[] = [];
  for (const { name, is_table: isTable } of rows) {
    for (const [at, role] of roles.entries()) {
      const expected = relations.get(name)![at]!;
      await trial.as(role, async (client) => {
        for (const [letter, statement] of Object.entries(await statementsFor(client, name))) {
          const found = await outcome(client, statement);
          const refusals = role === 'owner' || !isTable ? ['no', 'MD003', 'MD004', '55000', '42809', '0A000'] : ['no'];
          if (expected.includes(letter) ? found !== 'yes' : !refusals.includes(found)) wrong.push(`${role} ${found}: ${statement}`);
        }
      });
    }
  }
  assert.equal(wrong, []);
});

test('every function and procedure is in one of the tables', async () => {
  const { trial } = await started();
  const { rows } = await trial.as('owner', (client) => client.query<{ proname: string }>(`
    select distinct p.proname from pg_proc as p
    where p.pronamespace = 'public'::regnamespace
      and not exists (select from pg_depend as e where e.objid = p.oid and e.deptype = 'e')`));
  assert.equal(rows.filter(({ proname }) => !cells.some(({ statement }) => statement.includes(`public.${proname}(`))), []);
});

test('nothing is for PUBLIC', async () => {
  const { trial } = await started();
  const { rows } = await trial.as('owner', (client) => client.query(`
    with ours as (
      select oid from pg_namespace where nspname in ('public', 'app_private')
    ),
    rights as (
      select 'pg_proc'::regclass as class, p.oid, p.oid::regprocedure::text as name, coalesce(p.proacl, acldefault('f', p.proowner)) as acl
      from pg_proc as p where p.pronamespace in (table ours)
      union all
      select 'pg_class'::regclass, c.oid, c.oid::regclass::text, coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner))
      from pg_class as c where c.relnamespace in (table ours)
      union all
      select 'pg_class'::regclass, c.oid, c.oid::regclass || '.' || a.attname, a.attacl
      from pg_class as c join pg_attribute as a on a.attrelid = c.oid where c.relnamespace in (table ours) and a.attacl is not null
      union all
      select 'pg_type'::regclass, t.oid, t.oid::regtype::text, coalesce(t.typacl, acldefault('T', t.typowner))
      from pg_type as t where t.typnamespace in (table ours) and (t.typtype in ('e', 'd') or exists (select from pg_class as c where c.oid = t.typrelid and c.relkind = 'c'))
      union all
      select 'pg_namespace'::regclass, n.oid, n.nspname::text, coalesce(n.nspacl, acldefault('n', n.nspowner))
      from pg_namespace as n where n.nspname = 'app_private'
      union all
      select 'pg_default_acl'::regclass, d.oid, 'default privileges', d.defaclacl from pg_default_acl as d
      union all
      select 'pg_language'::regclass, l.oid, l.lanname::text, l.lanacl from pg_language as l
      where l.lanname not in ('internal', 'c', 'sql', 'plpgsql')
    )
    select r.class, r.name, a.privilege_type
    from rights as r cross join lateral aclexplode(r.acl) as a
    where a.grantee = 0 and not exists (select from pg_depend as e where e.classid = r.class and e.objid = r.oid and e.deptype = 'e')
    union all
    select 'pg_namespace', 'public', 'CREATE' where has_schema_privilege('public', 'public', 'create')`));
  assert.equal(rows, []);
});

test.run();
