import { createHash } from 'node:crypto';
import pg from 'pg';

/** Texts seen, with the name of those that came again. More than this many are not the statements of a program. */
const names = new Map<string, string | undefined>();
const limit = 1000;

/**
 * A client whose statements with parameters are named from their second use on, so that the server parses them once for
 * each connection and plans them a few times. Text and parameters are those of the caller.
 */
export class PreparingClient extends pg.Client {
  override query(...args: unknown[]): never {
    const [text, values, ...rest] = args;
    const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined;
    const statement = name === undefined ? args : [{ name, text, values }, ...rest];
    return (super.query as (...statement: unknown[]) => never)(...statement);
  }
}

function nameOf(text: string): string | undefined {
  if (!names.has(text)) {
    if (names.size < limit) names.set(text, undefined);
    return undefined;
  }
  const name = names.get(text) ?? `btcdb_${createHash('sha1').update(text).digest('base64url')}`;
  names.set(text, name);
  return name;
}
