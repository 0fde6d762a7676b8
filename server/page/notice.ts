/** What goes wrong, as one sentence with a way to try again. What may pass by itself is tried again by itself. */
import { Failure } from './api.js';
import { part } from './dom.js';

const bar = part('notice', HTMLDivElement);
const text = part('notice-text', HTMLSpanElement);
const retry = part('notice-retry', HTMLButtonElement);

const againMs = 3000;

/** What has failed and not gone well since, by name. */
const failed = new Map<string, { readonly message: string; readonly again: () => void; readonly timer: number | undefined }>();

/** Does something that may fail. Of one name only the last one counts. */
export async function attempt(name: string, work: () => Promise<void>): Promise<void> {
  forget(name);
  try {
    await work();
    forget(name);
  } catch (error) {
    forget(name);
    if (!(error instanceof Failure)) console.error(error);
    const again = (): void => void attempt(name, work);
    const isPassing = error instanceof Failure && error.isPassing;
    const message = error instanceof Failure ? error.message : 'The page failed. Load it again, please.';
    failed.set(name, { message, again, timer: isPassing ? window.setTimeout(again, againMs) : undefined });
  }
  show();
}

retry.addEventListener('click', () => {
  for (const { again } of [...failed.values()]) again();
});

function forget(name: string): void {
  window.clearTimeout(failed.get(name)?.timer);
  failed.delete(name);
}

function show(): void {
  const messages = new Set([...failed.values()].map(({ message }) => message));
  const sentence = [...messages].join(' ');
  bar.hidden = messages.size === 0;
  // Said aloud when it changes, not every time it is tried again.
  if (text.textContent !== sentence) text.textContent = sentence;
}
