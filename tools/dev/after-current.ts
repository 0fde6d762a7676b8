/**
 * The action afterCurrent of .gmrc: graphile-migrate's `watch` has applied the current migration. Tells the loop, if that is
 * what runs `watch`; else generates the types here, so that `graphile-migrate watch` does it by itself, too.
 */
import { connect } from 'node:net';
import { formatProblem } from '../problem.js';

const port = process.env['BTCDB_DEV_PORT'];
if (port) {
  await new Promise<void>((done, fail) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.end());
    socket.on('error', fail).on('close', () => done());
    socket.resume();
  });
} else {
  const { openCodegen } = await import('../codegen/index.js');
  // graphile-migrate gives its actions a DATABASE_URL that leads nowhere.
  const codegen = openCodegen({ url: process.env['GM_DBURL']!, folder: 'queries', tables: 'src/types/tables.ts' });
  const { written, removed, problems } = await codegen.generate();
  codegen.close();
  for (const file of written) console.log(`Wrote ${file}`);
  for (const file of removed) console.log(`Removed ${file}`);
  if (problems.length > 0) {
    console.error(problems.map(formatProblem).join('\n\n'));
    process.exitCode = 1;
  }
}
