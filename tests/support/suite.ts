/** uvu suites that share one database, and that cannot be green without having run. */
import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { testDatabase, type TestDatabase } from './database.js';

export { assert };

export interface DatabaseSuite {
  (name: string, test: (db: TestDatabase) => Promise<void>): void;
  /** Counts as skipped: for what this machine has not got. */
  readonly skip: (name: string, test: (db: TestDatabase) => Promise<void>) => void;
  /** For what the embedded engine has not got, such as a second session: there it counts as skipped. */
  readonly onServer: (name: string, test: (db: TestDatabase) => Promise<void>) => void;
  run(): void;
}

/**
 * A suite whose tests get the database of their file. It is made by the first test that needs it, so that a failure to
 * make it fails that test: uvu counts a failing `before` hook as a success.
 */
export function databaseSuite(name: string, prepare?: (db: TestDatabase) => Promise<void>): DatabaseSuite {
  const tests = suite(name);
  let ready: Promise<TestDatabase> | undefined;
  const database = (): Promise<TestDatabase> => {
    ready ??= testDatabase().then(async (db) => {
      await prepare?.(db);
      return db;
    });
    return ready;
  };
  tests.after(async () => {
    await ready?.then((db) => db.drop(), () => undefined);
  });
  const add = (title: string, test: (db: TestDatabase) => Promise<void>): void => {
    const callback: Callback = async () => test(await database());
    tests(title, callback);
  };
  const skip = (title: string): void => tests.skip(title);
  const onServer = process.env['TEST_DATABASE_URL'] ? add : skip;
  return Object.assign(add, { skip, onServer, run: () => tests.run() });
}

/** Runs `work`, which must fail, and checks the SQLSTATE (or `code`) and, if given, the message. */
export async function fails(code: string, work: () => Promise<unknown>, message?: RegExp): Promise<Error> {
  let error: (Error & { code?: string }) | undefined;
  try {
    await work();
  } catch (caught) {
    error = caught as Error;
  }
  assert.ok(error, `expected error ${code}, but nothing failed`);
  assert.is(error.code, code, `expected error ${code}, got ${error.code}: ${error.message}`);
  if (message) assert.match(error.message, message);
  return error;
}
