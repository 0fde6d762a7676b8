/** SIGINT and SIGTERM. */
import { constants } from 'node:os';

type Signal = 'SIGINT' | 'SIGTERM';

/** Exit code of a process that a signal ended. */
export function exitCodeOf(signal: Signal): number {
  return 128 + constants.signals[signal];
}

/**
 * Calls `onSignal` at the first signal; a second one ends the process at once. Returns what takes the handlers away.
 */
export function onInterrupt(onSignal: (signal: Signal) => void): () => void {
  let seen = false;
  const handle = (signal: Signal): void => {
    if (seen) process.exit(exitCodeOf(signal));
    seen = true;
    onSignal(signal);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return () => {
    process.off('SIGINT', handle);
    process.off('SIGTERM', handle);
  };
}
