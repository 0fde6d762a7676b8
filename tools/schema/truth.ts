/** What the doctor compares a database with, as a module: functions, views and triggers as the migrations make them. */
import type { ClientBase } from 'pg';
import { triggers } from '../../queries/doctor.queries.js';
import { readDefinitions, settings } from '../../src/schema/definitions.js';

/** @param client on a migrated database; it is left as it was */
export async function describeTruth(client: ClientBase): Promise<string> {
  await client.query(`begin; ${Object.entries(settings).map(([name, value]) => `set local ${name} = '${value}'`).join('; ')}`);
  try {
    const definitions = (await readDefinitions(client)).map(({ kind, name, home, hash, generator, executors }) =>
      ({ kind, name, home, hash, generator, executors }));
    return `\
/** What the migrations make, for btcdb doctor. Written by \`npm run schema\` from a fresh database. */
import type { Definition } from './definitions.js';

export interface Trigger {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

export const definitions: readonly Definition[] = [
${definitions.map(shown).join('')}];

export const triggers: readonly Trigger[] = [
${(await triggers.run(undefined, client)).map(({ table, name, definition }) => shown({ table, name, definition })).join('')}];
`;
  } finally {
    await client.query('rollback');
  }
}

/** An object on a line of its own. */
function shown(value: object): string {
  const members = Object.entries(value).map(([name, member]) => `${name}: ${literal(member)}`);
  return `  { ${members.join(', ')} },\n`;
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'string') return String(value);
  return `'${value.replaceAll('\\', '\\\\').replaceAll(`'`, `\\'`)}'`;
}
