/** The one way in which work is done again. */
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../errors/catalogue.js';

/** A serialization failure and a deadlock: another transaction was in the way, and nothing is stored. */
export const inTheWay = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error));

/** Maintenance also gives way to a refresh of the same aggregate, and to whoever holds a lock for long. */
export const maintenance = (error: unknown): boolean => inTheWay(error) || codeOf(error) === '55P03';

export interface AgainOptions {
  /** How often, after the first time. Default 7. */
  readonly retries?: number;
  /** Which errors pass. Default {@link inTheWay}. */
  readonly passes?: (error: unknown) => boolean;
  /** Ends the waiting; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does work that failed for a reason that passes again, after a pause that is longer each time, and by chance, so that two
 * who were in each other's way do not meet again.
 */
export async function again<T>(work: () => Promise<T>, { retries = 7, passes = inTheWay, signal }: AgainOptions = {}): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt > retries || signal?.aborted || !passes(error)) throw error;
    }
    await pause(Math.min(5000, 50 * 2 ** attempt) * (0.5 + Math.random()), signal);
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
}
