/** News of what is written, by whomever, within a second. */
import { Failure, openStream } from './api.js';

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

export async function listen(listener: Listener): Promise<never> {
  let place = '';
  let isFirst = true;
  for (;;) {
    try {
      for await (const { id, event, data } of events(place)) {
        place = id ?? place;
        if (event === 'begin') {
          listener.onState(true);
          // What was loaded before this is not told. A stream that is taken up again goes on where it was.
          if (isFirst) listener.onMissed();
          isFirst = false;
        } else if (event === 'reset') listener.onMissed();
        else if (data !== undefined) listener.onNews(JSON.parse(data) as News);
      }
    } catch (error) {
      if (!(error instanceof Failure)) console.error(error);
    }
    listener.onState(false);
    await new Promise((resume) => window.setTimeout(resume, againMs));
  }
}

type Fields = Readonly<Partial<Record<'id' | 'event' | 'data', string>>>;

/** Server-sent events. The browser's own EventSource sends no token. */
async function* events(place: string): AsyncGenerator<Fields> {
  const reader = (await openStream('/api/live', place === '' ? {} : { 'last-event-id': place })).getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    // A connection that breaks is an end like any other.
    const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }));
    if (done) return;
    const parts = (text + decoder.decode(value, { stream: true })).split('\n\n');
    text = parts.pop()!;
    for (const part of parts) yield Object.fromEntries(part.split('\n').map((line) => line.split(/: ?(.*)/s, 2)));
  }
}
