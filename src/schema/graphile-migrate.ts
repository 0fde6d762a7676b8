/**
 * The parts of graphile-migrate behind its commands, for work on connections of ours. They are no API and change without
 * notice, so this is for one version of it.
 */
import type * as Hash from 'graphile-migrate/dist/hash.js';
import type * as Header from 'graphile-migrate/dist/header.js';
import type * as Migration from 'graphile-migrate/dist/migration.js';
import type * as Pools from 'graphile-migrate/dist/pgReal.js';
import type * as Settings from 'graphile-migrate/dist/settings.js';
import { requireVersion } from './required-version.js';

type Parts = Pick<typeof Hash, 'calculateHash'>
  & Pick<typeof Header, 'isNoTransactionDefined'>
  & Pick<typeof Migration,
  'generatePlaceholderReplacement' | 'getLastMigration' | 'getMigrationsAfter' | 'isMigrationFilename' | 'parseMigrationText'
  | 'runCommittedMigration' | 'serializeMigration'>
  & Pick<typeof Pools, 'clearAllPools'>
  & Pick<typeof Settings, 'parseSettings'>;

/** @throws {Error} another version is installed */
export async function loadGraphileMigrate(): Promise<Parts> {
  requireVersion('graphile-migrate', '1.4.1');
  const [hash, header, migration, pools, settings] = await Promise.all([
    import('graphile-migrate/dist/hash.js'),
    import('graphile-migrate/dist/header.js'),
    import('graphile-migrate/dist/migration.js'),
    import('graphile-migrate/dist/pgReal.js'),
    import('graphile-migrate/dist/settings.js'),
  ]);
  return { ...hash, ...header, ...migration, ...pools, ...settings };
}
