/** Which test files have to run again when there is a server to test on. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whether a test file, or a module of tests/ that it imports, reads TEST_DATABASE_URL: any other does the same on each run. */
export function asksServer(file: string, seen = new Set([file])): boolean {
  const text = readFileSync(file, 'utf8');
  if (text.includes(`process.env['TEST_DATABASE_URL']`)) return true;
  return [...text.matchAll(/ from '(\.[^']*)\.js'/g)].some(([, path]) => {
    const imported = join(dirname(file), `${path}.ts`);
    // What a test writes into a file looks like an import, too.
    if (!/^(?:server.)?tests\b/.test(imported) || seen.has(imported) || !existsSync(imported)) return false;
    seen.add(imported);
    return asksServer(imported, seen);
  });
}
