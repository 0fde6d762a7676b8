/** News of what is written, by whomever, within a second. */

export interface News {
  readonly source: string;
  readonly from: string;
  readonly to: string;
  readonly rows: number;
}

export interface Listener {
  onNews(news: News): void;
  /** Some news may have been missed: all that is shown may be old. */
  onMissed(): void;
  onState(isConnected: boolean): void;
}

const againMs = 3000;

export function listen(listener: Listener): void {
  const events = new EventSource('/api/live');
  let isFirst = true;
  events.addEventListener('begin', () => {
    listener.onState(true);
    // What was loaded before this is not told. A stream that the browser takes up again goes on where it was.
    if (isFirst) listener.onMissed();
    isFirst = false;
  });
  events.addEventListener('message', ({ data }: MessageEvent<string>) => listener.onNews(JSON.parse(data) as News));
  events.addEventListener('reset', () => listener.onMissed());
  events.addEventListener('error', () => {
    listener.onState(false);
    // After an answer that is no stream the browser gives up.
    if (events.readyState === EventSource.CLOSED) window.setTimeout(() => listen(listener), againMs);
  });
}
