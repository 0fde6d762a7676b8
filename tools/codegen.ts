/**
 * Lints queries/*.sql, and generates queries/*.queries.ts from them with pgTyped, queries/endpoints.ts from their annotations, and
 * src/types/tables.ts from the tables.
 *
 *     npm run codegen            write
 *     npm run codegen -- --check fail when something would be written
 *
 * The database is a fresh one: the embedded engine in memory, or with DATABASE_URL the shadow on that server; both give the
 * same files. As an action of graphile-migrate it is the one that was migrated.
 */
import { usualPlace } from '../src/connection.js';
import { migrationsFolder } from '../src/schema/migration-state.js';
import { Codegen } from './codegen/index.js';
import { withFreshDatabase } from './migrations/place.js';
import { refuse } from './problem.js';
import { run, say } from './terminal.js';

async function generate(url: string): Promise<void> {
  const codegen = new Codegen({ url, folder: 'queries', tables: 'src/types/tables.ts', endpoints: 'queries/endpoints.ts' });
  try {
    const { written, removed, problems } = await codegen.generate({ check: process.argv.includes('--check') });
    for (const file of written) say(`wrote ${file}`);
    for (const file of removed) say(`removed ${file}`);
    refuse(problems);
    if (written.length + removed.length === 0) say('all generated files are up to date');
  } finally {
    codegen.close();
  }
}

// graphile-migrate gives its actions a DATABASE_URL that leads nowhere.
const migrated = process.env['GM_DBURL'];
await run(() => (migrated ? generate(migrated) : withFreshDatabase(usualPlace(), migrationsFolder, (_client, url) => generate(url))));
