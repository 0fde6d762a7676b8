/** Parts of packages that are no API are used by one adapter each, which is written for one version. */
import { readFileSync } from 'node:fs';

/** @throws {Error} another version of the package is installed than the one that the code is written for */
export function requireVersion(name: string, expected: string, found = installedVersion(name)): void {
  if (found === undefined || found === expected) return;
  throw new Error(`${name} ${found} is installed, but what lies behind its API is used here as version ${expected} has it: `
    + `npm install ${name}@${expected}, or see what has changed and adapt the module that says ${expected}`);
}

/** Undefined in a CommonJS bundle, which holds the version that it was made with. */
function installedVersion(name: string): string | undefined {
  if (!(import.meta.resolve as unknown)) return undefined;
  const manifest = readFileSync(new URL('../package.json', import.meta.resolve(name)), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
