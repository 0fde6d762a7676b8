/**
 * What a query is served as, over HTTP, by GraphQL and as a metric. `npm run codegen` writes one of these for each annotated
 * query into queries/endpoints.ts; the annotations are lines in the comment above the query, see docs/serving.md.
 *
 *     import { endpoints } from 'btc-dashboard-db/endpoints';
 *
 *     for (const { http, query } of endpoints) if (http) app.route(http.method, http.path, (params) => query.run(params, db));
 */
import type { TypedFunction } from './results.js';

export interface Endpoint {
  /** Such as `series.range`. */
  readonly name: string;
  /** The typed function. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each endpoint has parameters and rows of its own
  readonly query: TypedFunction<any, any>;
  /** The comment above the query, without annotations; lines as they are written. */
  readonly prose: string;
  readonly http: HttpRoute | null;
  readonly graphql: GraphqlField | null;
  readonly metrics: readonly Metric[];
  readonly cache: CacheRule | null;
  readonly parameters: readonly EndpointParameter[];
  /** Empty for a query that returns nothing, such as a call. */
  readonly columns: readonly EndpointColumn[];
  /**
   * What an answer is: `rows`, a list of objects; `row`, one object or nothing (of a GET: 404); `json`, the text of the only
   * column, which is called json: JSON that the database has built, to be passed on as it is; `none`.
   */
  readonly answer: 'rows' | 'row' | 'json' | 'none';
  /** What bounds the answer; for a batch, that of each parent. Null for queries that write. */
  readonly bound: RowBound | null;
  /**
   * How the next page is asked for: these parameters, each with the value that this column has in the last row. Empty where
   * there are no pages.
   */
  readonly next: readonly { readonly parameter: string; readonly column: string }[];
}

export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With placeholders: `/api/sources/{source}/rows`. */
  readonly path: string;
}

export interface GraphqlField {
  /** `Query`, `Mutation`, `Subscription`, or the type of a parent. */
  readonly type: string;
  readonly field: string;
  /** The type of the object or objects. */
  readonly returns: string;
  readonly isList: boolean;
  /**
   * Parameters that are not arguments: they take the value that this column has in the parent. With `isBatch` the parameter is an
   * array: the values of all parents that ask, in one statement, and each row says in this column whose it is.
   */
  readonly parent: readonly { readonly parameter: string; readonly column: string; readonly isBatch: boolean }[];
}

export interface Metric {
  readonly name: string;
  /** The column of its value. Columns that are no value of a metric of the same query are labels. */
  readonly column: string;
  readonly kind: 'gauge' | 'counter';
  /** The sentences above the query that name the column, else the first one. */
  readonly help: string;
}

/** At least one of both is set. */
export interface CacheRule {
  /** The answer for a range before the last closed bucket stays as it is, unless rows in it change. */
  readonly closed: boolean;
  /** How old another answer may be; null: nothing is said. */
  readonly seconds: number | null;
}

/** `one`: there is one row at most. A number, or the parameter that is the number: so many rows at most. */
export type RowBound = 'one' | number | { readonly parameter: string };

export interface EndpointParameter {
  readonly name: string;
  /** PostgreSQL's name of it: `integer`, `timestamp with time zone`, `text[]`, `data_type_enum`. */
  readonly type: string;
  /** What it may be, where that is a choice: the labels of an enum, or what the query chooses by. */
  readonly values: readonly string[] | null;
  readonly isRequired: boolean;
  /** Where HTTP takes it; null for a query that is no HTTP endpoint. */
  readonly in: 'path' | 'query' | 'body' | null;
  /**
   * Its placeholder in the path. `source` stands for `source_id`, or for `name` in a query without that, and takes a source's name
   * or number. Else it is the name of the parameter.
   */
  readonly placeholder: string | null;
  /** The sentences above the query that name it; empty without one. */
  readonly description: string;
}

export interface EndpointColumn {
  readonly name: string;
  /** PostgreSQL's name of it. */
  readonly type: string;
  readonly values: readonly string[] | null;
  readonly isNullable: boolean;
  /** The comment of the database, where it is a column of a table or view; else empty. */
  readonly comment: string;
}
