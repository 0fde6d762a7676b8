/**
 * Composes the committed migrations: copies each function and view from its home in migrations/functions and
 * migrations/views into the region that includes it, and chains the hashes as graphile-migrate does.
 *
 *     npm run compose            write
 *     npm run compose -- --check fail when something would be written
 *
 * Until 1.0.0 the committed migrations are one clean set that may be rewritten; from then on only new ones are added,
 * and this script refuses to alter what is there.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const migrations = 'migrations';
const committed = join(migrations, 'committed');
const check = process.argv.includes('--check');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const isReleased = Number(version.split('.')[0]) >= 1;

/** A marker on its own, or a marker with the region that an earlier run filled. */
const region = /^-- include: (\S+)$(?:\n(?:(?!^-- include: )[^\n]*\n)*?-- end of \1$)?/gm;

function compose(body: string): string {
  return body.replace(region, (_, home: string) => {
    const text = readFileSync(join(migrations, home), 'utf8').trim();
    return `-- include: ${home}\n${text}\n-- end of ${home}`;
  });
}

/** The hash of graphile-migrate 1.4: over the previous hash and the body. */
function hashOf(previous: string | undefined, body: string): string {
  const text = `${`${previous ?? ''}\n${body.trim()}`.trim()}\n`;
  return `sha1:${createHash('sha1').update(text).digest('hex')}`;
}

let previous: string | undefined;
const stale: string[] = [];
for (const file of readdirSync(committed).sort()) {
  const path = join(committed, file);
  const text = readFileSync(path, 'utf8');
  const [, message, body] = /^(?:--! (?:Previous|Hash): .*\n)+--! Message: (.*)\n\n([^]*)$/.exec(text) ?? [];
  if (message === undefined || body === undefined) {
    throw new Error(`${path}: expected a header of Previous, Hash and Message, then a blank line`);
  }
  const composed = compose(body).trim();
  const hash = hashOf(previous, composed);
  const result = `--! Previous: ${previous ?? '-'}\n--! Hash: ${hash}\n--! Message: ${message}\n\n${composed}\n`;
  if (result !== text) {
    stale.push(path);
    if (!check && !isReleased) writeFileSync(path, result);
  }
  previous = hash;
}

const homes = ['functions', 'views'].flatMap((folder) =>
  readdirSync(join(migrations, folder)).map((file) => `${folder}/${file}`),
);
const included = readdirSync(committed)
  .map((file) => readFileSync(join(committed, file), 'utf8'))
  .join('\n');
const orphans = homes.filter((home) => !included.includes(`-- include: ${home}\n`));
for (const home of orphans) console.error(`${migrations}/${home} is included by no migration`);

if (stale.length > 0 && (check || isReleased)) {
  console.error(`These migrations differ from the homes of their functions and views:\n  ${stale.join('\n  ')}`);
  console.error(isReleased ? 'Released migrations stay: add a new one.' : 'Run `npm run compose`.');
  process.exitCode = 1;
} else if (stale.length > 0) {
  console.log(`Composed ${stale.join(', ')}`);
}
if (orphans.length > 0) process.exitCode = 1;
