/** What the doctor compares a database with, as a module: functions, views and triggers as the migrations make them. */
import type { ClientBase } from 'pg';
import { triggers } from '../../queries/doctor.queries.js';
import { readDefinitions, settings } from '../../src/schema/definitions.js';
import { undone } from '../databases.js';
import { literal } from '../literal.js';

/** @param client on a migrated database; it is left as it was */
export function describeTruth(client: ClientBase): Promise<string> {
  return undone(client, settings, async () => `\
/** What the migrations make, for btcdb doctor. Written by \`npm run schema\` from a fresh database. */
import type { Definition } from './definitions.js';

export interface Trigger {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

export const definitions: readonly Definition[] = ${literal(await readDefinitions(client))};

export const triggers: readonly Trigger[] = ${literal(
  (await triggers.run(undefined, client)).map(({ table, name, definition }) => ({ table, name, definition })))};
`);
}
