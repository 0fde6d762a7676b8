/** Whether the committed migrations are frozen: from version 1.0.0 on. */
import { readFileSync } from 'node:fs';

const manifest = new URL('../../../package.json', import.meta.url);

export function isReleased(): boolean {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return Number(version.split('.')[0]) >= 1;
}
