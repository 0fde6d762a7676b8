/** The one way in which work is done again. */
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../errors/catalogue.js';
import { watched } from './watched.js';

/** A serialization failure and a deadlock: another transaction was in the way, and nothing is stored. */
export const inTheWay = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error));

/** Maintenance also gives way to a refresh of the same aggregate, and to whoever holds a lock for long. */
export const maintenance = (error: unknown): boolean => inTheWay(error) || codeOf(error) === '55P03';

/** What is about to be done again. */
export interface Retry {
  /** 1 for what failed the first time. */
  readonly attempt: number;
  readonly error: unknown;
  /** How long the pause before it is, ms. */
  readonly delayMs: number;
}

export interface AgainOptions {
  /** How often, after the first time. Default 7, which takes eleven seconds in the mean. */
  readonly retries?: number | undefined;
  /** Which errors pass. Default {@link inTheWay}. */
  readonly passes?: ((error: unknown) => boolean) | undefined;
  /** Ends the waiting; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told before each pause. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

/**
 * Does work that failed for a reason that passes again, after a pause of any length up to a limit that doubles, so that many
 * who failed at the same moment do not meet again.
 */
export async function again<T>(
  work: () => Promise<T>, { retries = 7, passes = inTheWay, signal, onRetry }: AgainOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    let delayMs: number;
    try {
      return await work();
    } catch (error) {
      if (attempt > retries || signal?.aborted || !passes(error)) throw error;
      delayMs = Math.random() * Math.min(10_000, 100 * 2 ** attempt);
      watched(onRetry, { attempt, error, delayMs });
    }
    await pause(delayMs, signal);
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
}
