/** `npm run lint:queries`: the findings of the query lint; exit code 1 when there are any. */
import { formatProblem } from '../problem.js';
import { lintQueries } from './queries.js';

const problems = lintQueries({ folder: 'queries' });
if (problems.length > 0) {
  console.error(problems.map(formatProblem).join('\n\n'));
  console.error(`\n${problems.length} findings`);
  process.exitCode = 1;
}
