/** `npm run lint`: the layout of SQL and TypeScript, the lint of both; exit code 1 when there are findings. */
import { checkSqlFiles } from '../layout/files.js';
import { formatProblem, sortProblems } from '../problem.js';
import { lintQueries } from './queries.js';
import { lintTypeScript } from './typescript.js';

const problems = sortProblems([...checkSqlFiles().problems, ...lintQueries({ folder: 'queries' }), ...await lintTypeScript()]);
if (problems.length > 0) {
  console.error(problems.map(formatProblem).join('\n\n'));
  console.error(`\n${problems.length} ${problems.length === 1 ? 'finding' : 'findings'}`);
  process.exitCode = 1;
}
