/** A real browser: Debian's chromium, without a window and without anything of its own that it would ask the network for. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

/** CHROMIUM, or the first of these in the PATH. Undefined: this machine has none. */
export const browserPath: string | undefined = process.env['CHROMIUM'] || (process.env['PATH'] ?? '').split(delimiter)
  .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
  .find((file) => existsSync(file));

export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** A browser that knows nothing yet. */
export async function openBrowser(options: Pick<BrowserContextOptions, 'viewport' | 'colorScheme'> = {}): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'btcdb-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...options,
    executablePath: browserPath!,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
