/**
 * `npm run format`: lays out SQL and TypeScript and names the files that changed. What it cannot mend `npm run lint`
 * tells; exit code 1 when a file cannot be parsed.
 */
import { formatSqlFiles } from './layout/files.js';
import { formatTypeScript } from './lint/typescript.js';
import { formatProblem } from './problem.js';

const sql = formatSqlFiles();
const typeScript = await formatTypeScript();
for (const file of [...sql.changed, ...typeScript.changed]) console.log(`Formatted ${file}`);
const problems = [...sql.problems, ...typeScript.problems];
if (problems.length > 0) {
  console.error(problems.map(formatProblem).join('\n\n'));
  process.exitCode = 1;
}
