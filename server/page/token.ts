/** The token with which the page asks and writes. It is kept until the window is closed, and shown to nobody. */
import { part } from './dom.js';

const key = 'btcdb-token';

export const token = (): string | null => sessionStorage.getItem(key);

const dialog = part('token-dialog', HTMLDialogElement);
const field = part('token', HTMLInputElement);
const why = part('token-why', HTMLParagraphElement);
export const opener = part('token-button', HTMLButtonElement);

let asked: Promise<boolean> | undefined;
let done: ((given: boolean) => void) | undefined;
let isDeclined = false;

/** Asks for a token, whoever needs it at the same time; false when nobody gives one. `reason`: why one is needed. */
export function askForToken(reason: string): Promise<boolean> {
  return asked ??= new Promise((resolve) => {
    why.textContent = reason;
    field.value = '';
    // Escape leaves the answer as it was.
    dialog.returnValue = '';
    dialog.showModal();
    done = resolve;
  });
}

/** The same for what the page does by itself: whoever has declined is not asked again. */
export const needToken = async (reason: string): Promise<boolean> => !isDeclined && askForToken(reason);

part('token-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close('cancel'));

part('token-form', HTMLFormElement).addEventListener('submit', () => {
  const given = field.value.trim();
  if (given === '') sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, given);
});

dialog.addEventListener('close', () => {
  field.value = '';
  show();
  isDeclined = dialog.returnValue !== 'save';
  asked = undefined;
  done?.(!isDeclined);
});

function show(): void {
  opener.textContent = token() === null ? 'Token' : 'Token ✓';
  opener.title = token() === null ? 'Type in a token, to review anomalies' : 'A token is kept until this window is closed';
}

show();
