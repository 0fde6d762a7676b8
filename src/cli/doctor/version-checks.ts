/** The line about the extension, and what goes with it. */
import type * as doctor from '../../../queries/doctor.queries.js';
import type { Database } from '../../client/open.js';
import * as expected from './expected.js';
import { failure, ok, warning, type Finding } from './finding.js';
import { bugsOf, isOlder } from './known-bugs.js';

/** The first finding is the one about the extension's being there. */
export function judgeVersions(
  { server, timescale, is_created: created, is_loaded: loaded }: Omit<doctor.IVersionsResult, 'is_embedded'>, engine: Database['engine'],
): Finding[] {
  if (timescale === null) {
    return [failure('timescaledb_missing', 'TimescaleDB is not available on this server',
      'Install TimescaleDB 2.23 or newer on the server, or use the image timescale/timescaledb,',
      'add timescaledb to shared_preload_libraries, and restart the server.')];
  }
  if (!loaded) {
    return [failure('timescaledb_not_loaded', `TimescaleDB ${timescale} is installed on this server, but not loaded`,
      'Add timescaledb to shared_preload_libraries in postgresql.conf, and restart the server.')];
  }
  const findings: Finding[] = [];
  const major = Number.parseInt(server, 10);
  if (isOlder(timescale, expected.oldestTimescale)) {
    findings.push(failure('timescaledb_too_old', `TimescaleDB ${timescale} is too old: ${expected.oldestTimescale} or newer is needed`,
      ...upgrade(created)));
  } else {
    findings.push(ok('timescaledb', `TimescaleDB available: ${timescale}`));
    // The embedded engine has the version of its package, which its user cannot change.
    if (engine === 'server' && isOlder(timescale, expected.recommendedTimescale)) {
      findings.push(warning('timescaledb_not_recommended', `TimescaleDB ${expected.recommendedTimescale} or newer is recommended`,
        ...(major < 16 ? ['It needs PostgreSQL 16 or newer: upgrade the server first.'] : []), ...upgrade(created)));
    }
  }
  if (major < expected.oldestPostgres) {
    findings.push(failure('postgres_too_old', `PostgreSQL ${server} is too old: ${expected.oldestPostgres} or newer is needed`,
      'Upgrade the server, for example with pg_upgrade.'));
  }
  if (engine === 'server') {
    for (const { product, what, source, until } of [...bugsOf('PostgreSQL', server), ...bugsOf('TimescaleDB', timescale)]) {
      findings.push(warning('data_loss_bug', `${product} ${product === 'PostgreSQL' ? server : timescale} has a bug: ${what} (${source})`,
        ...(product === 'PostgreSQL' ? [`Install PostgreSQL ${until} or newer of the same major version, and restart the server.`] : upgrade(created))));
    }
  }
  return findings;
}

function upgrade(created: boolean): string[] {
  return created
    ? ['Install the newer version on the server, then, first of all in a new session (psql -X):', 'alter extension timescaledb update;']
    : ['Install the newer version on the server.'];
}
