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
  let wasConnected = false;
  const connect = (): void => {
    const events = new EventSource('/api/live');
    events.addEventListener('open', () => {
      listener.onState(true);
      // A stream that the browser has taken up again goes on where it was; a new one does not.
      if (wasConnected && isNew) listener.onMissed();
      isNew = false;
      wasConnected = true;
    });
    let isNew = true;
    events.addEventListener('message', ({ data }: MessageEvent<string>) => listener.onNews(JSON.parse(data) as News));
    events.addEventListener('reset', () => listener.onMissed());
    events.addEventListener('error', () => {
      listener.onState(false);
      // After an answer that is no stream the browser gives up.
      if (events.readyState !== EventSource.CLOSED) return;
      window.setTimeout(connect, againMs);
    });
  };
  connect();
}
