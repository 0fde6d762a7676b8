/** What has to be on the disk, and not only on its way there. */
import { open } from 'node:fs/promises';

/** Waits until the names of the files in a folder are on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder);
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
