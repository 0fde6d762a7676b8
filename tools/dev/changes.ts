/** Saved files, a batch at a time. */
import { watch, type FSWatcher } from 'chokidar';

export interface Change {
  /** As the user knows it, seen from the root. */
  readonly file: string;
  /** When it was first seen to be saved, in ms since 1970. */
  readonly savedAt: number;
}

/** Editors save in several steps, and several files at once. */
const settleMs = 50;

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
    batch.set(file, batch.get(file) ?? { file, savedAt: Date.now() });
    clearTimeout(timer);
    timer = setTimeout(() => {
      onChanges([...batch.values()]);
      batch.clear();
    }, settleMs);
  });
  await new Promise<void>((done) => watcher.once('ready', done));
  return watcher;
}
