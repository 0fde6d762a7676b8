/** Migrations folders to break, with databases of their own: never the repository's. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clearAllPools } from 'graphile-migrate/dist/pgReal.js';
import type { Place } from '../../src/cli/database.js';
import type { Target } from '../../scripts/migrations/commit.js';
import { compose, writeChanges } from '../../scripts/migrations/compose.js';
import { readFolder } from '../../scripts/migrations/folder.js';
import { ProblemsError, refuse } from '../../scripts/migrations/problem.js';
import { dropDatabase, shadowUrl } from '../../scripts/migrations/target.js';

export type EngineName = 'embedded' | 'server';

/** The embedded engine always, a server when there is one to test on. */
export const engines: readonly EngineName[] = process.env['TEST_DATABASE_URL'] ? ['embedded', 'server'] : ['embedded'];

/** Two small migrations, which include a function and a view. */
const files: Readonly<Record<string, string>> = {
  'committed/000001-extensions.sql': `
create extension if not exists timescaledb;
create schema app_private;
`,
  'committed/000002-things.sql': `
create table public.things (thing_id bigint generated always as identity primary key, size numeric);
create table public.timeseries_data (value numeric);
-- include: functions/twice.sql
-- include: views/doubled.sql
`,
  'functions/twice.sql': `
create or replace function public.twice(n numeric) returns numeric
language sql immutable
return n * 2;

comment on function public.twice(numeric) is 'Two times the number.';
`,
  'views/doubled.sql': `
create or replace view public.doubled as
select t.thing_id, public.twice(t.size) as size from public.things as t;

comment on view public.doubled is 'Things of double size.';
comment on column public.doubled.thing_id is 'The thing.';
comment on column public.doubled.size is 'Twice its size.';
`,
  'current.sql': '-- Enter migration here\n',
};

const root = mkdtempSync(join(tmpdir(), 'btcdb-tools-'));
const snapshots = join(root, 'snapshots');
const databases: string[] = [];

export interface Workshop extends Target {
  read(file: string): string;
  write(file: string, text: string): void;
  remove(file: string): void;
  /** Names in `committed`. */
  committed(): string[];
  /** The same files with a database of its own. */
  copy(): Workshop;
}

/** A folder with the small migrations and a place for its database, which does not exist yet. */
export function workshop(engine: EngineName = 'embedded', { released = true } = {}): Workshop {
  const folder = join(mkdtempSync(join(root, 'w-')), 'migrations');
  for (const [file, text] of Object.entries(files)) {
    const headers = file.startsWith('committed/') ? `--! Previous: of ${file}\n--! Hash: -\n--! Message: ${/-(\w+)/.exec(file)?.[1]}\n\n` : '';
    writeAt(join(folder, file), `${headers}${text.trim()}\n`);
  }
  const composition = compose(readFolder(folder), { isReleased: false });
  refuse(composition.problems);
  writeChanges(composition);
  return at(folder, engine, released);
}

/** Removes the databases and folders of this process. To be the last thing that a suite does. */
export async function closeWorkshops(): Promise<void> {
  clearAllPools();
  for (const url of databases) {
    await dropDatabase(shadowUrl(url), { force: true });
    await dropDatabase(url, { force: true });
  }
  rmSync(root, { recursive: true, force: true });
}

/** The problems that stop a piece of work. Fails when nothing does. */
export async function problemsOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ProblemsError) return error.message;
    throw error;
  }
  throw new Error('expected problems, found none');
}

function at(folder: string, engine: EngineName, released: boolean): Workshop {
  return {
    place: engine === 'embedded' ? embeddedPlace() : serverPlace(),
    folder,
    released,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    write: (file, text) => writeAt(join(folder, file), text),
    remove: (file) => rmSync(join(folder, file)),
    committed: () => readdirSync(join(folder, 'committed')).sort(),
    copy() {
      const other = join(mkdtempSync(join(root, 'w-')), 'migrations');
      cpSync(folder, other, { recursive: true });
      return at(other, engine, released);
    },
  };
}

/** Engines of this process share their snapshots, and take the empty one of the project. */
function embeddedPlace(): Place {
  if (!existsSync(snapshots)) {
    mkdirSync(snapshots);
    const cache = '.btcdb/snapshots';
    const blank = existsSync(cache) ? readdirSync(cache).filter((name) => /^blank-.*\.tar$/.test(name)) : [];
    for (const name of blank) copyFileSync(join(cache, name), join(snapshots, name));
  }
  const folder = mkdtempSync(join(root, 'data-'));
  symlinkSync(snapshots, join(folder, 'snapshots'), 'dir');
  return { kind: 'embedded', folder };
}

function serverPlace(): Place {
  const url = new URL(process.env['TEST_DATABASE_URL']!);
  url.pathname = `/btcdb_test_${randomBytes(6).toString('hex')}`;
  databases.push(url.href);
  return { kind: 'server', url: url.href };
}

function writeAt(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
