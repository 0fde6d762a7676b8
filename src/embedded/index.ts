/** The embedded database, for programs and tests. What it is and what it cannot do stands in start.ts. */
export { startMigrated, type MigratedOptions } from './snapshot.js';
export { startEmbedded, type EmbeddedOptions, type EmbeddedServer } from './start.js';
