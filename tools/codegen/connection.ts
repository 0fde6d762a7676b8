/** The connection on which pgTyped asks the database for types. */
import { AsyncQueue } from '@pgtyped/wire';
import pg from 'pg';
import { explainConnectionError } from '../../src/errors/connection-errors.js';
import { getTypeData, getTypes, runQuery, startup } from './pgtyped.js';

export type TypeData = Awaited<ReturnType<typeof getTypes>>;

export interface TypeName {
  /** Such as `timestamp with time zone` or `text[]`. */
  readonly type: string;
  /** Of an enum, or of the enum that it is an array of, in their order. */
  readonly labels: readonly string[] | null;
}

export interface Connection {
  readonly url: string;
  readonly isOpen: boolean;
  /**
   * Parameters and columns of a statement, or the error of the database. A column of a table whose constraint lists its
   * values, `check (side in ('LONG', 'SHORT'))`, has an enum of them. One question at a time.
   */
  types(query: Parameters<typeof getTypes>[0]): Promise<TypeData>;
  /** What PostgreSQL calls the types of a statement without error. */
  typeNames(statement: string): Promise<{ readonly params: TypeName[]; readonly columns: TypeName[] }>;
  /** The rows of a statement, of which no value may be null. */
  rows(statement: string): Promise<string[][]>;
  close(): void;
}

/** @throws {ConnectionError} */
export async function openConnection(url: string): Promise<Connection> {
  const target = await reach(url);
  const queue = new AsyncQueue();
  let isOpen = true;
  let lose: (cause?: Error) => void = () => undefined;
  // pgTyped would wait for ever when the connection breaks, or end the process.
  const loss = new Promise<never>((_, fail) => {
    lose = (cause) => {
      isOpen = false;
      fail(explainConnectionError(cause ?? new Error('the server has closed the connection'), url));
    };
  });
  loss.catch(() => undefined);
  const listen = (): unknown => queue.socket.on('error', lose).on('close', () => lose());
  listen();
  const plain = queue.socket;
  await Promise.race([startup(target, queue), loss]);
  // With TLS it is another socket now.
  if (queue.socket !== plain) listen();
  // It sends message by message: without this the network holds each back for 40 ms.
  queue.socket.setNoDelay(true);
  return {
    url,
    get isOpen() {
      return isOpen;
    },
    types: (query) => Promise.race([typesWithLists(query, queue), loss]),
    typeNames: (statement) => Promise.race([typeNames(statement, queue), loss]),
    rows: (statement) => Promise.race([runQuery(statement, queue), loss]),
    close: () => {
      isOpen = false;
      queue.socket.end();
    },
  };
}

/** pgTyped's types do not say of which table a column is: it is asked a second time for what it has from the server. */
async function typesWithLists(query: Parameters<typeof getTypes>[0], queue: AsyncQueue): Promise<TypeData> {
  const data = await getTypes(query, queue);
  const described = await getTypeData(query.query, queue);
  if ('errorCode' in data || 'errorCode' in described) return data;
  const places = described.fields.map(({ tableOID, columnAttrNumber }) => `(${tableOID}, ${columnAttrNumber})`);
  if (places.length === 0) return data;
  const listed = await runQuery(`
    select k.conrelid, k.conkey[1], format('%s_%s', c.relname, a.attname), replace(v.matches[1], '''''', '''')
    from pg_catalog.pg_constraint as k
    join pg_catalog.pg_class as c on c.oid = k.conrelid
    join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    cross join lateral pg_catalog.pg_get_constraintdef(k.oid) as definition
    cross join lateral pg_catalog.regexp_matches(definition, '''((?:[^'']|'''')*)''::text', 'g') with ordinality as v (matches, place)
    where k.contype = 'c' and cardinality(k.conkey) = 1 and (k.conrelid, k.conkey[1]) in (${places.join(', ')})
      and definition ~ '^CHECK \\(\\(\\S+ = ANY \\(ARRAY\\[[^][]*\\]\\)\\)\\)$'
    order by k.oid, v.place`, queue);
  const returnTypes = data.returnTypes.map((column, index) => {
    const { tableOID, columnAttrNumber } = described.fields[index]!;
    const values = listed.filter(([table, place]) => Number(table) === tableOID && Number(place) === columnAttrNumber);
    return values[0] ? { ...column, type: { name: values[0][2]!, enumValues: values.map(([, , , value]) => value!) } } : column;
  });
  return { ...data, returnTypes };
}

async function typeNames(statement: string, queue: AsyncQueue): Promise<{ params: TypeName[]; columns: TypeName[] }> {
  const described = await getTypeData(statement, queue);
  if ('errorCode' in described) throw new Error(described.message);
  const oids = [...described.params.map(({ oid }) => oid), ...described.fields.map(({ typeOID }) => typeOID)];
  const rows = await runQuery(`
    select
      pg_catalog.format_type(t.oid, null),
      pg_catalog.to_json(array(
        select e.enumlabel
        from pg_catalog.pg_type as p
        join pg_catalog.pg_enum as e on e.enumtypid in (p.oid, p.typelem)
        where p.oid = t.oid
        order by e.enumsortorder
      ))
    from unnest('{${oids.join(', ')}}'::oid[]) with ordinality as t (oid, place)
    order by t.place`, queue);
  const names = rows.map(([type, labels]): TypeName => ({ type: type!, labels: labels === '[]' ? null : JSON.parse(labels!) as string[] }));
  return { params: names.slice(0, described.params.length), columns: names.slice(described.params.length) };
}

/** Connects with pg, because pgTyped ends the process when it cannot, and says where to connect to. */
async function reach(url: string): Promise<Parameters<typeof startup>[0]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    throw explainConnectionError(error, url);
  } finally {
    await client.end().catch(() => undefined);
  }
  const { host, port, user = '', database = '', password, ssl } = client;
  const socket = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : {};
  return { host, port, user, dbName: database, password, ...(ssl ? { ssl } : {}), ...socket };
}
