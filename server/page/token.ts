/** The token with which the page asks and writes. It is kept until the window is closed, and shown to nobody. */
import { part } from './dom.js';

const key = 'btcdb-token';

export const token = (): string | null => sessionStorage.getItem(key);

const dialog = part('token-dialog', HTMLDialogElement);
const field = part('token', HTMLInputElement);
const why = part('token-why', HTMLParagraphElement);
const opener = part('token-button', HTMLButtonElement);

let done: ((given: boolean) => void) | undefined;

/** Asks for a token; false when there is none in the end. `reason`: why one is needed. */
export function askForToken(reason: string): Promise<boolean> {
  why.textContent = reason;
  field.value = '';
  dialog.showModal();
  return new Promise((resolve) => (done = resolve));
}

part('token-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close('cancel'));

part('token-form', HTMLFormElement).addEventListener('submit', () => {
  const given = field.value.trim();
  if (given === '') sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, given);
});

dialog.addEventListener('close', () => {
  field.value = '';
  show();
  done?.(token() !== null && dialog.returnValue === 'save');
  done = undefined;
});

opener.addEventListener('click', () => void askForToken('Whoever reviews anomalies needs the token of a curator: btcdb token create NAME --role curator'));

function show(): void {
  opener.textContent = token() === null ? 'Token' : 'Token ✓';
  opener.title = token() === null ? 'Type in a token, to review anomalies' : 'A token is kept until this window is closed';
}

show();
