/**
 * The second half of `npm run lint`, after ESLint: the query files, and their annotations, of which a fresh database says whether they
 * can be kept. Exit code 1 when there are findings.
 */
import { usualPlace } from '../src/connection.js';
import { migrationsFolder } from '../src/schema/migration-state.js';
import { Codegen } from './codegen/index.js';
import { withFreshDatabase } from './migrations/place.js';
import { refuse } from './problem.js';
import { lintQueries } from './queries/lint.js';
import { run } from './terminal.js';

await run(async () => {
  const problems = lintQueries({ folder: 'queries' });
  await withFreshDatabase(usualPlace(), migrationsFolder, async (_client, url) => {
    const codegen = new Codegen({ url, folder: 'queries', endpoints: 'queries/endpoints.ts' });
    const { annotationProblems } = await codegen.generate({ check: true }).finally(() => codegen.close());
    refuse([...problems, ...annotationProblems]);
  });
});
