/** What goes wrong, as one sentence with a way to try again. What may pass by itself is tried again by itself. */
import { Failure } from './api.js';
import { part } from './dom.js';

const bar = part('notice', HTMLDivElement);
const text = part('notice-text', HTMLSpanElement);
const retry = part('notice-retry', HTMLButtonElement);

const againMs = 3000;

/** What has failed and not gone well since, by name. */
const failed = new Map<string, { readonly message: string; readonly again: () => void; readonly timer: number | undefined }>();

/** Counts what was begun, by name. */
const begun = new Map<string, number>();

/** Does something that may fail. Of one name only what was begun last counts. */
export async function attempt(name: string, work: () => Promise<void>): Promise<void> {
  const number = (begun.get(name) ?? 0) + 1;
  begun.set(name, number);
  window.clearTimeout(failed.get(name)?.timer);
  let failure: unknown;
  try {
    await work();
  } catch (error) {
    failure = error;
  }
  if (begun.get(name) !== number) return;
  failed.delete(name);
  if (failure !== undefined) {
    const told = failure instanceof Failure ? failure : undefined;
    if (!told) console.error(failure);
    const again = (): void => void attempt(name, work);
    failed.set(name, {
      message: told?.message ?? 'The page failed. Load it again, please.',
      again,
      timer: told?.isPassing ? window.setTimeout(again, againMs) : undefined,
    });
  }
  show();
}

export function tryAgain(): void {
  for (const { again } of [...failed.values()]) again();
}

retry.addEventListener('click', tryAgain);

function show(): void {
  const messages = new Set([...failed.values()].map(({ message }) => message));
  const sentence = [...messages].join(' ');
  bar.hidden = messages.size === 0;
  // Said aloud when it changes, not every time it is tried again.
  if (text.textContent !== sentence) text.textContent = sentence;
}
