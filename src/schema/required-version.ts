/** Parts of packages that are no API are used by one adapter each, which is written for one version. */
import { readFileSync } from 'node:fs';

/**
 * @param entry a module of the package, in a folder of its own as `lib` or `dist`
 * @throws {Error} another version of the package is installed than the one that the code is written for
 */
export function requireVersion(name: string, expected: string, entry: string = name): void {
  // A CommonJS bundle holds the version that it was made with.
  if (!(import.meta.resolve as unknown)) return;
  const manifest = readFileSync(new URL('../package.json', import.meta.resolve(entry)), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  if (version === expected) return;
  throw new Error(`${name} ${version} is installed, but what lies behind its API is used here as version ${expected} has it: `
    + `npm install ${name}@${expected}, or see what has changed and adapt the module that says ${expected}`);
}
