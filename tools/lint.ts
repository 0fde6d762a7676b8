/** The second half of `npm run lint`, after ESLint: the query files. Exit code 1 when there are findings. */
import { lintQueries } from './queries/lint.js';
import { refuse } from './problem.js';
import { run } from './terminal.js';

await run(async () => refuse(lintQueries({ folder: 'queries' })));
