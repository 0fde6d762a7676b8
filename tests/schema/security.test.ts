/** docs/security.md: every cell of its tables, tried by a login of that role. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { suite } from 'uvu';
import { copyLines } from '../../src/write/copy-lines.js';
import { migrate } from '../../src/schema/migrate.js';
import { testDatabase } from '../support/database.js';
import { assert } from '../support/suite.js';

const roles = ['owner', 'writer', 'reader', 'others'] as const;
type Role = (typeof roles)[number];

interface Cell {
  readonly statement: string;
  readonly role: Role;
  readonly expected: string;
}

/** The rows of the tables: what, statement, and a cell for each role. */
const cells: Cell[] = readFileSync('docs/security.md', 'utf8').split('\n').flatMap((line) => {
  const [, statement, answers] = /^\| [^|]+ \| `(.+)` \| (.+) \|$/.exec(line) ?? [];
  return (answers ?? '').split(' | ').filter(Boolean).map((expected, i) => ({ statement: statement!, role: roles[i]!, expected }));
});

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
  for (const group of ['btcdb_writer', 'btcdb_reader']) {
    await root.query(`do $$ begin create role ${group}; exception when duplicate_object or unique_violation then null; end $$`);
  }
  for (const role of roles) await root.query(`create role ${name}_${role} login password '${name}'`);
  await root.query(`grant btcdb_writer to ${name}_writer; grant btcdb_reader to ${name}_reader`);
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
  const names = { owner: 'none', writer: 'btcdb_writer', reader: 'btcdb_reader', others: 'btcdb_test_others' };
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
  const commits = /^call public\.(compress|refresh)/.test(statement);
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

test('every cell of docs/security.md is true', async () => {
  assert.ok(cells.length > 200, `${cells.length} cells`);
  const serverUrl = process.env['TEST_DATABASE_URL'];
  const trial = serverUrl ? await onServer(serverUrl) : await onEmbedded();
  try {
    const names = await trial.as('owner', arrange);
    const wrong: string[] = [];
    for (const { statement, role, expected } of cells) {
      // The embedded engine reads COPY from a file, which only superusers may.
      if (trial.isEmbedded && statement.startsWith('copy')) continue;
      const tried = statement.replace(/(?<!:):([a-z_]+)\b/g, (whole, name: string) => names[name] ?? whole);
      const found = await trial.as(role, (client) => outcome(client, tried));
      if (found !== expected) wrong.push(`${role}: ${found} instead of ${expected}: ${statement}`);
    }
    assert.equal(wrong, []);
  } finally {
    await trial.end();
  }
});

test.run();
