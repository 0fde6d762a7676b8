/** What the database says of a statement without running it. */
import { DatabaseError, type Client, type Connection as Wire, type FieldDef, type QueryResult, type QueryResultRow } from 'pg';
import { explainConnectionError } from '../../src/errors/connection-errors.js';
import { connectTo } from '../databases.js';
import type { Allocator } from './pgtyped.js';

/** A type as pgTyped knows it. */
export type Mapped = Parameters<Allocator['use']>[0];

/** A parameter or column. */
export interface Described {
  /** Such as `timestamp with time zone` or `text[]`. */
  readonly type: string;
  readonly mapped: Mapped;
  /** In their order: of an enum, of the enum that it is an array of, or of a constraint such as `check (side in ('LONG', 'SHORT'))`. */
  readonly values: readonly string[] | null;
}

export interface Column extends Described {
  readonly name: string;
  /** Of the column of a table that it is, if it is one. */
  readonly comment: string;
  readonly nullable: boolean;
}

export interface Description {
  readonly params: readonly Described[];
  readonly columns: readonly Column[];
}

export interface Plan {
  /** Whether it writes, locks rows or calls a volatile function. */
  readonly writes: boolean;
  /** Whether PostgreSQL knows that it gives at most one row. */
  readonly isOne: boolean;
}

/** One row for each type, as pgTyped knows it, by its name or as an enum; with the column of a table (0 and 0: none) that has it. */
const catalog = `
  select
    pg_catalog.format_type(t.oid, null) as type,
    case
      when e.typname is not null then json_build_object('name', t.typname, 'elementType', json_build_object('name', e.typname, 'enumValues', l.labels))
      when l.labels is not null then json_build_object('name', t.typname, 'enumValues', l.labels)
      when k.listed is not null then json_build_object('name', format('%s_%s', c.relname, a.attname), 'enumValues', k.listed)
      else to_json(t.typname)
    end as mapped,
    coalesce(l.labels, k.listed) as values,
    coalesce(d.description, '') as comment,
    coalesce(not a.attnotnull, true) as nullable
  from unnest($1::oid[], $2::oid[], $3::int2[]) with ordinality as f (type, "table", number, place)
  join pg_catalog.pg_type as t on t.oid = f.type
  left join pg_catalog.pg_type as e on e.oid = t.typelem and e.typtype = 'e'
  left join lateral (
    select json_agg(v.enumlabel order by v.enumsortorder) as labels
    from pg_catalog.pg_enum as v
    where v.enumtypid in (t.oid, t.typelem)
  ) as l on true
  left join pg_catalog.pg_attribute as a on a.attrelid = f."table" and a.attnum = f.number
  left join pg_catalog.pg_description as d
    on d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = a.attrelid and d.objsubid = a.attnum
  left join pg_catalog.pg_class as c on c.oid = a.attrelid
  left join lateral (
    select json_agg(replace(v.matches[1], '''''', '''') order by k.oid, v.place) as listed
    from pg_catalog.pg_constraint as k
    cross join lateral pg_catalog.pg_get_constraintdef(k.oid) as definition
    cross join lateral pg_catalog.regexp_matches(definition, '''((?:[^'']|'''')*)''::text', 'g') with ordinality as v (matches, place)
    where k.contype = 'c' and k.conrelid = a.attrelid and k.conkey = array[a.attnum]
      and definition ~ '^CHECK \\(\\(\\S+ = ANY \\(ARRAY\\[[^][]*\\]\\)\\)\\)$'
  ) as k on true
  order by f.place`;

/** Parse and Describe: by itself node-postgres sends them only for what it executes. */
class Describing {
  params: number[] = [];
  fields: FieldDef[] = [];
  readonly done: Promise<void>;
  #settle!: { resolve: () => void; reject: (error: Error) => void };

  constructor(readonly text: string) {
    this.done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  submit(wire: Wire): void {
    wire.once('parameterDescription', ({ dataTypeIDs }: { dataTypeIDs: number[] }) => (this.params = dataTypeIDs));
    wire.stream.cork();
    wire.parse({ name: '', text: this.text, types: [] }, true);
    wire.describe({ type: 'S', name: '' }, true);
    wire.sync();
    wire.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: FieldDef[] }): void {
    this.fields = fields;
  }

  handleError(error: Error, wire: Wire): void {
    wire.removeAllListeners('parameterDescription');
    this.#settle.reject(error);
  }

  handleReadyForQuery(): void {
    this.#settle.resolve();
  }
}

const probe = 'btcdb_probe';

export class Connection {
  readonly #client: Client;
  readonly #url: string;
  #isOpen = true;
  readonly #descriptions = new Map<string, Promise<Description | DatabaseError>>();
  readonly #plans = new Map<string, Promise<Plan>>();

  private constructor(client: Client, url: string) {
    this.#client = client.on('end', () => (this.#isOpen = false));
    this.#url = url;
  }

  /** @throws {ConnectionError} */
  static async open(url: string): Promise<Connection> {
    return new Connection(await connectTo(url), url);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Asks everything anew from now on: the database may be another. */
  forget(): void {
    this.#descriptions.clear();
    this.#plans.clear();
  }

  /** Parameters and columns of a statement, or the error of the database. */
  describe(statement: string): Promise<Description | DatabaseError> {
    const description = this.#descriptions.get(statement) ?? this.#describe(statement);
    this.#descriptions.set(statement, description);
    return description;
  }

  /**
   * What PostgreSQL's plan says of a statement without errors. A `with` that is used once is taken
   * into the query around it unless it writes, locks rows or calls a function that is declared as volatile: so it is a node of its
   * own if it does more than read. And the outer join to a query that is not used is left out if that has at most one row, by a key
   * or as an aggregate. The plan is a generic one: with nulls for its parameters conditions would be known to be false.
   */
  plan(statement: string, parameters: number): Promise<Plan> {
    const plan = this.#plans.get(statement) ?? this.#plan(statement, parameters);
    this.#plans.set(statement, plan);
    return plan;
  }

  async rows<Row extends QueryResultRow>(sql: string): Promise<Row[]> {
    return (await this.#client.query<Row>(sql)).rows;
  }

  close(): void {
    void this.#client.end();
  }

  async #describe(statement: string): Promise<Description | DatabaseError> {
    const describing = this.#client.query(new Describing(statement));
    try {
      await describing.done;
    } catch (error) {
      if (error instanceof DatabaseError) return error;
      throw explainConnectionError(error, this.#url);
    }
    const { params, fields } = describing;
    const none = params.map(() => 0);
    const { rows } = await this.#client.query<Omit<Column, 'name'>>({ name: 'types', text: catalog, values: [
      [...params, ...fields.map(({ dataTypeID }) => dataTypeID)],
      [...none, ...fields.map(({ tableID }) => tableID)],
      [...none, ...fields.map(({ columnID }) => columnID)],
    ] });
    return { params: rows.slice(0, params.length), columns: fields.map(({ name }, index) => ({ ...rows[params.length + index]!, name })) };
  }

  async #plan(statement: string, parameters: number): Promise<Plan> {
    const nulls = Array.from({ length: parameters }, () => 'null').join(', ');
    try {
      const results = await this.#client.query(`
        set plan_cache_mode = force_generic_plan;
        prepare ${probe} as with ${probe} as not materialized (${statement}\n) select from (select) as one left join ${probe} on true;
        explain (costs off) execute ${probe}${nulls && `(${nulls})`};
        deallocate ${probe}`) as unknown as QueryResult<{ 'QUERY PLAN': string }>[];
      const plan = results[2]!.rows.map((row) => row['QUERY PLAN']);
      return { writes: plan.some((line) => line.trim() === `CTE ${probe}`), isOne: !/Join|Nested Loop/.test(plan[0]!) };
    } catch (error) {
      // What is without errors and cannot be planned so is no query, but a call, or one that writes in a `with` of its own.
      if (error instanceof DatabaseError) return { writes: true, isOne: false };
      throw explainConnectionError(error, this.#url);
    }
  }
}
