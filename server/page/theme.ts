/** Light, dark, or as the system is. */
import { part } from './dom.js';

const key = 'btcdb-theme';
const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const choice = part('theme', HTMLSelectElement);

/** `onChange`: for what takes its colours from the page by itself. */
export function startTheme(onChange: () => void): void {
  const kept = localStorage.getItem(key) as Theme;
  set(themes.includes(kept) ? kept : 'system');
  choice.addEventListener('change', () => {
    set(choice.value as Theme);
    onChange();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
}

/** From light to dark and back. */
export function switchTheme(): void {
  choice.value = isDark() ? 'light' : 'dark';
  choice.dispatchEvent(new Event('change'));
}

function isDark(): boolean {
  return choice.value === 'dark' || (choice.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
}

function set(theme: Theme): void {
  choice.value = theme;
  if (theme === 'system') {
    localStorage.removeItem(key);
    delete document.documentElement.dataset['theme'];
  } else {
    localStorage.setItem(key, theme);
    document.documentElement.dataset['theme'] = theme;
  }
}
