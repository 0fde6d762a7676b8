/**
 * The databases of the tests: on the server in TEST_DATABASE_URL when it is set, copies of the one in TEST_TEMPLATE when the run
 * has made one; else on an embedded one in memory.
 */
import { newDatabase, newEmptyDatabase, type EmptyDatabase, type NewDatabase } from '../../tools/databases.js';

export type TestDatabase = NewDatabase;

const serverUrl = process.env['TEST_DATABASE_URL'];

export const testDatabase = (): Promise<TestDatabase> => newDatabase(serverUrl, 'btcdb_test', { template: process.env['TEST_TEMPLATE'] });

/** A database that nobody has migrated, by its URL. */
export const emptyDatabase = (): Promise<EmptyDatabase> => newEmptyDatabase(serverUrl, 'btcdb_empty');
