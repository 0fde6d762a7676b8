/** The second half of `npm run lint`, after ESLint: the query files. Exit code 1 when there are findings. */
import { lintQueries } from './queries/lint.js';
import { formatProblem } from './problem.js';

const problems = lintQueries({ folder: 'queries' });
if (problems.length > 0) {
  console.error(problems.map(formatProblem).join('\n\n'));
  process.exitCode = 1;
}
