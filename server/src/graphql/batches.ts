/** Fields of many parents in one statement: whoever asks for the same field in the same turn is answered together. */
import type { Database, Queryable } from 'btc-dashboard-db';
import type { Endpoint } from 'btc-dashboard-db/endpoints';
import { reading } from '../access/read.js';

export type GraphqlEndpoint = Endpoint & { readonly graphql: NonNullable<Endpoint['graphql']> };

export type Row = Readonly<Record<string, unknown>>;

interface Batch {
  /** The values that a parent gives for the parameters, under those values as a text. */
  readonly parents: Map<string, readonly unknown[]>;
  readonly answer: Promise<ReadonlyMap<string, readonly Row[]>>;
}

/** Of one request. */
export class Batches {
  readonly #db: Queryable;
  readonly #open = new Map<string, Batch>();

  constructor(readers: Database, signal: AbortSignal) {
    this.#db = reading(readers, signal);
  }

  /** The rows that an endpoint has for a parent. */
  async rowsOf(endpoint: GraphqlEndpoint, params: Row, parent: Row): Promise<readonly Row[]> {
    const { parent: taken } = endpoint.graphql;
    const given = (batch: boolean): Row =>
      Object.fromEntries(taken.filter(({ isBatch }) => isBatch === batch).map(({ parameter, column }) => [parameter, parent[column]]));
    const single = { ...params, ...given(false) };
    const batched = taken.filter(({ isBatch }) => isBatch);
    if (batched.length === 0) return this.run(endpoint, single);

    const group = JSON.stringify([endpoint.name, single]);
    let batch = this.#open.get(group);
    if (!batch) this.#open.set(group, (batch = this.#begin(endpoint, group, single, batched)));
    const values = Object.values(given(true));
    const key = JSON.stringify(values);
    batch.parents.set(key, values);
    return (await batch.answer).get(key) ?? [];
  }

  async run(endpoint: Endpoint, params: Row): Promise<readonly Row[]> {
    return await endpoint.query.run(params, this.#db) as Row[];
  }

  #begin(endpoint: GraphqlEndpoint, group: string, params: Row, batched: GraphqlEndpoint['graphql']['parent']): Batch {
    const parents: Batch['parents'] = new Map();
    const ask = async (): Promise<ReadonlyMap<string, readonly Row[]>> => {
      // All parents that are there now have asked by then.
      await new Promise(setImmediate);
      this.#open.delete(group);
      const all = [...parents.values()];
      const lists = Object.fromEntries(batched.map(({ parameter }, index) => [parameter, all.map((values) => values[index])]));
      const rows = new Map<string, Row[]>();
      for (const row of await this.run(endpoint, { ...params, ...lists })) {
        const key = JSON.stringify(batched.map(({ column }) => row[column]));
        const others = rows.get(key);
        if (others) others.push(row);
        else rows.set(key, [row]);
      }
      return rows;
    };
    return { parents, answer: ask() };
  }
}
