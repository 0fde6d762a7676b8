/** Tells whoever watches. What goes wrong there must not break what is watched. */
export function watched<Event>(watcher: ((event: Event) => void) | undefined, event: Event): void {
  try {
    watcher?.(event);
  } catch (wrong) {
    process.emitWarning(wrong as Error);
  }
}
