/**
 * Copies the declarations for programs that are CommonJS. They `require` the same modules as all others, which Node can from
 * 20.19 on; only TypeScript tells by the package of a declaration which kind of module it declares, and refuses the wrong one.
 */
import { cpSync, rmSync, statSync, writeFileSync } from 'node:fs';

const target = 'dist/commonjs';
rmSync(target, { recursive: true, force: true });
for (const folder of ['src', 'queries']) {
  const filter = (path: string): boolean => path.endsWith('.d.ts') || statSync(path).isDirectory();
  cpSync(`dist/${folder}`, `${target}/${folder}`, { recursive: true, filter });
}
writeFileSync(`${target}/package.json`, '{ "type": "commonjs" }\n');
