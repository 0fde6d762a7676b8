/** Types generated for queries found in "queries/live.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

/** 'News' parameters type */
export interface INewsParams {
  /** :since is the cursor of the last call; without it only the cursor is told. */
  since?: string | null | void;
}

/** 'News' return type */
export interface INewsResult {
  cursor: string;
  first_moment: Date | null;
  last_moment: Date | null;
  row_count: string | null;
  source: string | null;
  source_id: number | null;
}

/** 'News' query type */
export interface INewsQuery {
  params: INewsParams;
  result: INewsResult;
}

const newsIR: any = {"usedParamSet":{"since":true},"params":[{"name":"since","required":false,"transform":{"type":"scalar"},"locs":[{"a":131,"b":136}]}],"statement":"select\n  n.cursor as \"cursor!\",\n  n.source_id,\n  n.source,\n  n.first_moment,\n  n.last_moment,\n  n.row_count\nfrom public.news_since(:since) as n"};

/**
 * The sources whose rows were written, changed or deleted since the last call, whoever did it, with how many rows from
 * where to where. :since is the cursor of the last call; without it only the cursor is told. The cursor stands in every
 * row, and where nothing is new alone in one. A change is told once, when it is committed, in whatever order that is.
 *
 * Query generated from SQL:
 * ```
 * select
 *   n.cursor as "cursor!",
 *   n.source_id,
 *   n.source,
 *   n.first_moment,
 *   n.last_moment,
 *   n.row_count
 * from public.news_since(:since) as n
 * ```
 */
export const news = new PreparedQuery<INewsParams,INewsResult>(newsIR, 'live.news');


