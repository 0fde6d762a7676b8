/** Saved files, a batch at a time. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';

export interface Change {
  /** As the user knows it, seen from the root. */
  readonly file: string;
  readonly isGone: boolean;
  /** When the file was saved, in ms since 1970. */
  readonly savedAt: number;
}

/** Editors save in several steps, and several files at once. */
const settleMs = 50;

/** A file that was saved longer ago was moved here: what counts is the event. */
const longAgoMs = 5_000;

/** Watches folders and files, seen from the root. Resolves when no later change will be missed. */
export async function watchFiles(
  root: string, paths: readonly string[], onChanges: (changes: readonly Change[]) => void,
): Promise<FSWatcher> {
  const batch = new Map<string, Change>();
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch([...paths], { cwd: root, ignoreInitial: true });
  watcher.on('all', (event, path) => {
    if (event === 'addDir' || event === 'unlinkDir') return;
    const file = path.replaceAll('\\', '/');
    const now = Date.now();
    const modifiedAt = statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs;
    const isRecent = modifiedAt !== undefined && modifiedAt <= now && now - modifiedAt < longAgoMs;
    const savedAt = Math.min(isRecent ? modifiedAt : now, batch.get(file)?.savedAt ?? Infinity);
    batch.set(file, { file, isGone: modifiedAt === undefined, savedAt });
    clearTimeout(timer);
    timer = setTimeout(() => {
      onChanges([...batch.values()]);
      batch.clear();
    }, settleMs);
  });
  await new Promise<void>((done) => watcher.once('ready', done));
  return watcher;
}
