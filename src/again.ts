import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from './errors.js';

/** A serialization failure and a deadlock: another transaction was in the way, and nothing is stored. */
const inTheWay: readonly string[] = ['40001', '40P01'];

/** Maintenance also gives way to a refresh of the same aggregate, and to whoever holds a lock for long. */
export const maintenance: readonly string[] = [...inTheWay, '55P03'];

/** Does work that other work was in the way of again, after a pause that is longer each time. */
export async function again<T>(
  work: () => Promise<T>,
  { codes = inTheWay, signal }: { codes?: readonly string[]; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 8 || !codes.includes(codeOf(error))) throw error;
    }
    await delay(50 * 2 ** attempt * (0.5 + Math.random()), undefined, signal === undefined ? {} : { signal });
  }
}
