/** Makes src/types/tables.ts: for each table the type of its rows, and for tables with a domain `<table>_input` of rows to write. */
import { pascalCase } from 'pascal-case';
import { DatabaseError } from 'pg';
import { inputTypes } from '../../src/types/pg-types.js';
import type { Connection } from './connection.js';
import { withNullMembers } from './generator.js';
import { generateInterface, TypeAllocator, TypeMapping, TypeScope, type ParsedConfig } from './pgtyped.js';

/** Tables with what is said of them, the columns that nobody can write, and those that need not be given. */
const catalog = `
  select
    c.relname as table,
    coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') as comment,
    coalesce(json_agg(a.attname) filter (where a.attidentity <> '' or a.attgenerated <> ''), '[]') as computed,
    coalesce(json_agg(a.attname) filter (where a.atthasdef or not a.attnotnull), '[]') as optional
  from pg_catalog.pg_class as c
  join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace
    and c.relkind = 'r'
    and not exists (
      select from pg_catalog.pg_depend as d
      where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
  group by c.oid
  order by c.relname collate "C"`;

interface Table {
  readonly table: string;
  readonly comment: string;
  readonly computed: readonly string[];
  readonly optional: readonly string[];
}

export async function generateTables(file: string, connection: Connection, config: ParsedConfig): Promise<string> {
  const types = new TypeAllocator(TypeMapping(config.typesOverrides));
  const interfaces: string[] = [];
  for (const { table, comment, computed, optional } of await connection.rows<Table>(catalog)) {
    const described = await connection.describe(`select * from public."${table}"`);
    if (described instanceof DatabaseError) throw new Error(`public.${table}: ${described.message}`);
    const columns = described.columns.map(({ name: fieldName, mapped: type, nullable, comment }) => {
      const orNull = nullable ? ' | null' : '';
      return {
        result: { fieldName, fieldType: types.use(type, TypeScope.Return) + orNull, comment },
        input: { fieldName, fieldType: types.use(type, TypeScope.Parameter) + orNull, comment, optional: optional.includes(fieldName) },
      };
    });
    const name = pascalCase(table);
    interfaces.push(`/** ${comment} */\n${generateInterface(name, columns.map(({ result }) => result))}`);
    if (!(`${table}_input` in inputTypes)) continue;
    const given = columns.filter(({ input }) => !computed.includes(input.fieldName)).map(({ input }) => input);
    interfaces.push(`/** A row of ${table} to write. */\n${generateInterface(`${name}Input`, given)}`);
  }
  const definitions = TypeAllocator.typeDefinitionDeclarations(file, withNullMembers(types.toTypeDefinitions()));
  return `/** Types generated from the tables of the database */\n${definitions}\n${interfaces.join('').trimEnd()}\n`;
}
