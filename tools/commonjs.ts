/**
 * Copies the declarations for programs that are CommonJS. They `require` the same modules as all others, which Node can from
 * 20.19 on; only TypeScript tells by the package of a declaration which kind of module it declares, and refuses the wrong one.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const target = join('dist', 'commonjs');
rmSync(target, { recursive: true, force: true });
for (const folder of ['src', 'queries']) {
  for (const file of readdirSync(join('dist', folder), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue;
    const copy = join(target, folder, file);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(join('dist', folder, file), copy);
  }
}
writeFileSync(join(target, 'package.json'), '{ "type": "commonjs" }\n');
