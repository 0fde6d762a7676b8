/** Migrated databases kept as snapshots, so that the migrations run once and not at every start. */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';
import { blankSnapshot, isWhole, snapshotFormat } from './blank.js';
import { hasData } from './folder.js';
import { startEmbedded, type EmbeddedOptions, type EmbeddedServer } from './start.js';
import { engineVersion } from './pglite.js';

export interface MigratedOptions extends Omit<EmbeddedOptions, 'snapshot' | 'cacheDir'> {
  /** Folder with the migrations; every file in it counts for whether a snapshot is up to date. */
  migrationsDir: string;
  /** Folder to keep the snapshots in. */
  cacheDir: string;
  /** Brings the database at a URL up to date. */
  migrate: (url: string) => Promise<unknown>;
}

/** Snapshots to keep: switching between a few branches stays quick. */
const keep = 3;
const namePattern = /^migrated-[0-9a-f]{40}\.tar$/;
const leftoverAgeMs = 3600_000;

/**
 * Starts a database that has the migrations: from the snapshot made for exactly these migrations and this engine, else
 * by migrating once and keeping the snapshot. A folder that has data already is only migrated.
 */
export async function startMigrated(options: MigratedOptions): Promise<EmbeddedServer> {
  const { migrationsDir, migrate, ...embedded } = options;
  const { cacheDir } = embedded;
  if (embedded.dataDir !== undefined && hasData(embedded.dataDir)) {
    return startAnd(embedded, (server) => migrate(server.url));
  }
  const snapshot = join(cacheDir, `migrated-${await keyOf(migrationsDir)}.tar`);
  if (isWhole(snapshot)) {
    const now = new Date();
    utimesSync(snapshot, now, now);
    return startEmbedded({ ...embedded, snapshot });
  }
  mkdirSync(cacheDir, { recursive: true });
  return startAnd({ ...embedded, snapshot: await blankSnapshot(cacheDir) }, async (server) => {
    await migrate(server.url);
    await server.snapshot(snapshot);
    prune(cacheDir);
  });
}

async function startAnd(
  options: EmbeddedOptions,
  prepare: (server: EmbeddedServer) => Promise<unknown>,
): Promise<EmbeddedServer> {
  const server = await startEmbedded(options);
  try {
    await prepare(server);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** A hash of everything that decides what a migrated database looks like. */
async function keyOf(migrationsDir: string): Promise<string> {
  const hash = createHash('sha1').update(JSON.stringify([snapshotFormat, await engineVersion()]));
  const files = readdirSync(migrationsDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const content = createHash('sha1').update(readFileSync(file)).digest('hex');
    hash.update(JSON.stringify([relative(migrationsDir, file).replaceAll('\\', '/'), content]));
  }
  return hash.digest('hex');
}

/** Removes all but the snapshots used last, and what interrupted processes left behind. */
function prune(cacheDir: string): void {
  const used = readdirSync(cacheDir).flatMap((name) => {
    const at = statSync(join(cacheDir, name), { throwIfNoEntry: false })?.mtimeMs;
    return at === undefined ? [] : [{ name, at }];
  });
  const snapshots = used.filter(({ name }) => namePattern.test(name)).sort((a, b) => b.at - a.at);
  const leftovers = used.filter(({ name, at }) => name.endsWith('.tmp') && Date.now() - at > leftoverAgeMs);
  for (const { name } of [...snapshots.slice(keep), ...leftovers]) rmSync(join(cacheDir, name), { force: true });
}
