/**
 * graphile-migrate's own `watch`, with the settings of .gmrc. A process of its own, because graphile-migrate ends its
 * process when it loses the database, and its watch cannot be stopped otherwise.
 *
 * It applies committed migrations once, and the current migration when that is saved. What it has applied it tells by its
 * action afterCurrent (after-current.ts); here is what it tells by its log only.
 */
import { Logger, watch } from 'graphile-migrate';
import { getSettings } from 'graphile-migrate/dist/commands/_common.js';
import { toLoop } from './children.js';

/** `failed`: the migration, or the database cannot be reached. */
export interface WatchMessage {
  readonly is: 'unchanged' | 'failed';
}

const say = toLoop<WatchMessage>();

const logger = new Logger(() => (level, message) => {
  if (/current\.sql unchanged/.test(message)) say({ is: 'unchanged' });
  if (String(level) === 'error') say({ is: 'failed' });
});

try {
  const settings = await getSettings();
  if (!settings.afterCurrent) throw new Error('.gmrc has no action afterCurrent, by which the loop learns that a migration was applied');
  await watch({ ...settings, logger });
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
