/** The schema of a database as readable text, made from its catalog by the .sql files beside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../src/client/open.js';

const sqlFolder = fileURLToPath(new URL('../../../tools/schema', import.meta.url));
const sections = [
  'extensions', 'schemas', 'types', 'tables', 'aggregates', 'views', 'functions', 'event-triggers', 'policies', 'grants', 'others',
] as const;
const headings: Partial<Record<(typeof sections)[number], string>> = {
  aggregates: 'continuous aggregates', 'event-triggers': 'event triggers', policies: 'policies and jobs', grants: 'roles and rights', others: 'not described',
};

const header = `\
-- The whole schema, as the migrations make it. Written by \`npm run schema\` from the catalog of a fresh database, and the
-- same from PostgreSQL 15 to 18.
--
-- It is for reading and for diffs. It cannot be run: migrations/committed makes a database. What a function or view does is
-- read in its home, the file that is named below it.
`;

/** Settings that decide how PostgreSQL prints things. */
const settings = `
  set local search_path = pg_catalog;
  set local timezone = 'UTC';
  set local datestyle = 'ISO, MDY';
  set local intervalstyle = 'postgres';
  set local quote_all_identifiers = off;`;

/** @param db a migrated database; it is left as it was */
export async function describeSchema(db: Pick<Database, 'pool'>): Promise<string> {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query(settings);
    await client.query(sql('helpers'));
    const parts = [header];
    for (const section of sections) {
      const { rows } = await client.query<{ paragraph: string }>(sql(section));
      if (rows.length === 0) continue;
      parts.push(headingOf(headings[section] ?? section), ...rows.map(({ paragraph }) => `${paragraph}\n`));
    }
    return parts.join('\n');
  } finally {
    await client.query('rollback');
    client.release();
  }
}

function sql(name: string): string {
  return readFileSync(join(sqlFolder, `${name}.sql`), 'utf8');
}

function headingOf(title: string): string {
  const text = `-- ${title[0]!.toUpperCase()}${title.slice(1)} `;
  return `${text.padEnd(120, '-')}\n`;
}
