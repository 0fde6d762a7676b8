/** GET /api/live: what is being written, as server-sent events. */
import { pipeline, Transform } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { readParameter } from '../endpoints/parameters.js';
import { Problem } from '../problems.js';
import type { SourceNames } from '../sources.js';
import { unlimitedMs } from '../wanted.js';
import type { Batch, News } from './news.js';

/** After so long a browser asks again when the connection is lost. */
const retryMs = 1000;

const parameter = { name: 'sources', type: 'text[]', values: null, isRequired: false, in: 'query', placeholder: null, description: '' } as const;

export function addEvents(app: FastifyInstance, { news, sources }: { readonly news: News; readonly sources: SourceNames }): void {
  app.get('/api/live', {
    // Each event is to arrive when it happens, and this has no end.
    compress: false,
    // An answer without a body would listen for ever.
    exposeHeadRoute: false,
    handlerTimeout: unlimitedMs,
    schema: {
      summary: 'What is being written, by whomever, within a second of the commit.',
      description: `Server-sent events: {"source", "from", "to", "rows"} says that so many rows of a source from one moment to another
were inserted, changed or deleted. An event named begin says that from now on all is told. Last-Event-ID goes on where a connection was lost; if that is too long ago, or what was written is not
known for certain, there is an event named reset: load anew what you show.`,
      operationId: 'live',
      tags: ['live'],
      querystring: {
        type: 'object',
        properties: { sources: { type: 'array', items: { type: 'string' }, description: 'Names or numbers of sources, separated by commas. Without it all.' } },
      },
      response: { 200: { description: 'Events.', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
    },
  }, async (request, reply) => {
    const { sources: given, ...others } = request.query as Record<string, unknown>;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) {
      throw new Problem(400, 'INVALID_PARAMETER', `There is no parameter ${JSON.stringify(unknown.slice(0, 100))} here. There is sources.`);
    }
    const names = readParameter(parameter, given) as string[] | null;
    const sourceIds = names && new Set(await Promise.all(names.map((name) => sources.idOf(name))));
    const reader = news.read(sourceIds ?? undefined, request.headers['last-event-id'] as string | undefined);
    reader.once('close', request.whileTaken(() => reader.end()));
    let isFirst = true;
    const events = new Transform({
      writableObjectMode: true,
      writableHighWaterMark: 1,
      transform(batch: Batch, _encoding, done) {
        const hasBegun = isFirst && batch.place !== '';
        if (hasBegun) isFirst = false;
        done(null, eventsOf(batch, hasBegun));
      },
    });
    // At once, so that the client knows that it is connected.
    events.push(`retry: ${retryMs}\n\n`);
    // Whichever ends, ends the other.
    pipeline(reader, events, () => {});
    return reply
      .headers({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
      .send(events);
  });
}

/** The place is told with the last event: a client that loses the connection before it gets all of them again. */
function eventsOf({ written, place, isIncomplete }: Batch, hasBegun: boolean): string {
  const events = written.map(({ source, from, to, rows }) => `data: ${JSON.stringify({ source, from, to, rows })}\n`);
  if (hasBegun) events.push('event: begin\ndata: {}\n');
  if (isIncomplete) events.unshift('event: reset\ndata: {}\n');
  // A comment is a sign of life; with an id it is an event without data, which nobody sees.
  const last = events.pop() ?? ':\n';
  return [...events, place === '' ? last : `id: ${place}\n${last}`].join('\n') + '\n';
}
