/**
 * Generates queries/*.queries.ts from queries/*.sql, and src/types/tables.ts from the tables, with pgTyped, against a freshly
 * migrated database.
 *
 *     npm run codegen            write
 *     npm run codegen -- --check fail when something would be written
 *
 * The database is the embedded engine, or one of its own on the server in TEST_DATABASE_URL; both give the same files.
 */
import { testDatabase } from '../tests/support/database.js';
import { openCodegen } from './codegen/index.js';
import { formatProblem } from './problem.js';

const db = await testDatabase();
const codegen = openCodegen({ url: db.url, folder: 'queries', tables: 'src/types/tables.ts' });
try {
  const { written, removed, problems } = await codegen.generate({ check: process.argv.includes('--check') });
  for (const file of written) console.log(`Wrote ${file}`);
  for (const file of removed) console.log(`Removed ${file}`);
  if (problems.length > 0) {
    console.error(problems.map(formatProblem).join('\n\n'));
    process.exitCode = 1;
  } else if (written.length + removed.length === 0) {
    console.log('All files are up to date');
  }
} finally {
  codegen.close();
  await db.drop();
}
