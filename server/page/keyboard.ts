/** Keys, as the help tells them. */
import type { Style } from './address.js';
import { part } from './dom.js';
import { switchTheme } from './theme.js';

export interface Actions {
  step(by: number): void;
  choose(): void;
  source(by: number): void;
  bucket(by: number): void;
  zoom(factor: number): void;
  oldest(): void;
  newest(): void;
  style(style: Style): void;
}

const help = part('help', HTMLDialogElement);
const search = part('search', HTMLInputElement);
const chart = part('chart', HTMLDivElement);
const reviewTitle = part('review-title', HTMLHeadingElement);

export function startKeyboard(actions: Actions): void {
  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    '?': () => help.showModal(),
    '/': () => search.select(),
    ArrowLeft: ({ shiftKey }) => actions.step(shiftKey ? -10 : -1),
    ArrowRight: ({ shiftKey }) => actions.step(shiftKey ? 10 : 1),
    ArrowUp: () => actions.source(-1),
    ArrowDown: () => actions.source(1),
    '[': () => actions.bucket(-1),
    ']': () => actions.bucket(1),
    '+': () => actions.zoom(0.8),
    '-': () => actions.zoom(1.25),
    Home: () => actions.oldest(),
    End: () => actions.newest(),
    c: () => actions.style('candles'),
    l: () => actions.style('line'),
    r: () => focusOn(reviewTitle),
    t: () => switchTheme(),
  };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const on = event.target instanceof Element ? event.target : document.body;
    if (event.key === 'Escape' && on === search) {
      search.value = '';
      search.dispatchEvent(new Event('input'));
      return chart.focus();
    }
    if (on.closest('input, select, textarea')) return;
    // On a button Enter presses it, and in a list that scrolls the arrows scroll.
    if (event.key === 'Enter' && (on === chart || on === document.body)) return actions.choose();
    if (event.key.startsWith('Arrow') && on.closest('aside')) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });

  part('help-button', HTMLButtonElement).addEventListener('click', () => help.showModal());
}

/** What is no control gets the focus only this way. */
function focusOn(element: HTMLElement): void {
  element.tabIndex = -1;
  element.focus();
  element.scrollIntoView({ block: 'nearest' });
}
