/** What is being written, as a subscription: the same as GET /api/live. */
import { GraphQLError, GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLString } from 'graphql';
import type { Batch, News, Written } from '../live/news.js';
import { toProblem } from '../problems.js';
import type { SourceNames } from '../sources.js';
import { DateTime } from './scalars.js';

const NewRows = new GraphQLObjectType<Written>({
  name: 'NewRows',
  description: 'Rows of a source that were inserted, changed or deleted.',
  fields: {
    sourceId: { type: new GraphQLNonNull(GraphQLInt), description: 'Key of the source.' },
    source: { type: new GraphQLNonNull(GraphQLString), description: 'Name of the source.' },
    from: { type: new GraphQLNonNull(DateTime), description: 'Moment of the first row.' },
    to: { type: new GraphQLNonNull(DateTime), description: 'Moment of the last row.' },
    rows: { type: new GraphQLNonNull(GraphQLInt), description: 'Number of rows.' },
  },
});

export function newsFor(news: News, sources: SourceNames): GraphQLObjectType {
  return new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      newRows: {
        type: new GraphQLNonNull(NewRows),
        description: 'What is being written, by whomever, within a second of the commit.',
        args: {
          sources: { type: new GraphQLList(new GraphQLNonNull(GraphQLString)), description: 'Names or numbers of sources; without it all.' },
        },
        async subscribe(_parent, { sources: names }: { sources?: readonly string[] | null }) {
          try {
            const ids = names && new Set(await Promise.all(names.map((name) => sources.idOf(name))));
            return iterate(news, ids ?? undefined);
          } catch (error) {
            const { message, code } = toProblem(error);
            throw new GraphQLError(message, { extensions: { code } });
          }
        },
        resolve: (written: Written) => written,
      },
    },
  });
}

/** Not a generator: that could not be ended while it waits. */
function iterate(news: News, sourceIds: ReadonlySet<number> | undefined): AsyncIterableIterator<Written> {
  const reader = news.read(sourceIds);
  const waiting: Written[] = [];
  const change = (): Promise<void> => new Promise((resolve) => {
    const events = ['readable', 'end', 'close'];
    const done = (): void => {
      for (const event of events) reader.off(event, done);
      resolve();
    };
    for (const event of events) reader.on(event, done);
  });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        const value = waiting.shift();
        if (value !== undefined) return { value, done: false };
        if (reader.destroyed || reader.readableEnded) return { value: undefined, done: true };
        const batch = reader.read() as Batch | null;
        if (batch === null) await change();
        else waiting.push(...batch.written);
      }
    },
    async return() {
      reader.destroy();
      return { value: undefined, done: true };
    },
  };
}
