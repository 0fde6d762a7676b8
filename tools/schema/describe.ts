/** The schema of a database as readable text, made from its catalog by the .sql files beside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientBase } from 'pg';
import { settings } from '../../src/schema/definitions.js';
import { undone } from '../databases.js';

const sqlFolder = fileURLToPath(new URL('../../../tools/schema', import.meta.url));
/** In this order, under the names of their files. */
const sections = [
  'extensions', 'schemas', 'types', 'tables', 'continuous-aggregates', 'views', 'functions', 'event-triggers', 'policies-and-jobs',
  'roles-and-rights', 'not-described',
] as const;

const header = `\
-- The whole schema, as the migrations make it. Written by \`npm run schema\` from the catalog of a fresh database, and the
-- same from PostgreSQL 15 to 18.
--
-- It is for reading and for diffs. It cannot be run: migrations/committed makes a database. What a function or view does is
-- read in its home, the file that is named below it.
`;

/** @param client on a migrated database; it is left as it was */
export function describeSchema(client: ClientBase): Promise<string> {
  return undone(client, settings, async () => {
    await client.query(sql('helpers'));
    const parts = [header];
    for (const section of sections) {
      const { rows } = await client.query<{ paragraph: string }>(sql(section));
      if (rows.length > 0) parts.push(headingOf(section), ...rows.map(({ paragraph }) => `${paragraph}\n`));
    }
    return parts.join('\n');
  });
}

function sql(name: string): string {
  return readFileSync(join(sqlFolder, `${name}.sql`), 'utf8');
}

function headingOf(section: string): string {
  const title = section.replaceAll('-', ' ');
  return `${`-- ${title[0]!.toUpperCase()}${title.slice(1)} `.padEnd(120, '-')}\n`;
}
