/** Types generated for queries found in "queries/live.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

/** 'News' parameters type */
export interface INewsParams {
  /** :since is the cursor of the last call; without it everything is known, and only the cursor is told. */
  since?: string | null | void;
}

/** 'News' return type */
export interface INewsResult {
  cursor: string;
  from: Date | null;
  rows: string | null;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  source: string | null;
  /** The source that the changed row belongs to, if any. */
  source_id: number | null;
  to: Date | null;
}

/** 'News' query type */
export interface INewsQuery {
  params: INewsParams;
  result: INewsResult;
}

const newsIR: any = {"usedParamSet":{"since":true},"params":[{"name":"since","required":false,"transform":{"type":"scalar"},"locs":[{"a":217,"b":222}]}],"statement":"with place as materialized (\n  select\n    pg_current_snapshot() as now,\n    case\n      when pg_snapshot_xmax(pg_current_snapshot())::text::int8 >= upper(range_merge(c.told)) then c.told\n    end as told\n  from (select :since::text::int8multirange as told) as c\n),\nfresh as materialized (\n  select l.transaction_id::text::int8 as transaction_id, l.source_id, l.timestamp, l.new_value\n  from place as p\n  cross join unnest('{(,)}'::int8multirange - coalesce(p.told, '{}')) as untold\n  join public.audit_log as l\n    on l.table_name = 'timeseries_data'\n    and l.transaction_id >= coalesce(lower(untold)::text::xid8, pg_snapshot_xmin(p.now))\n    and l.transaction_id < coalesce(upper(untold)::text::xid8, pg_snapshot_xmax(p.now))\n)\nselect\n  (\n    case\n      when not pg_is_in_recovery() then int8multirange(int8range(null, pg_snapshot_xmax(p.now)::text::int8)) - coalesce(\n        (select range_agg(int8range(x::text::int8, x::text::int8, '[]')) from pg_snapshot_xip(p.now) as x), '{}'\n      )\n      else int8multirange(int8range(null, pg_snapshot_xmin(p.now)::text::int8)) + coalesce(p.told, '{}') + coalesce(\n        (select range_agg(distinct int8range(f.transaction_id, f.transaction_id, '[]')) from fresh as f), '{}'\n      )\n    end\n  )::text as \"cursor!\",\n  n.source_id as \"source_id?\",\n  s.name as \"source?\",\n  n.first_moment as \"from?\",\n  n.last_moment as \"to?\",\n  n.rows as \"rows?\"\nfrom place as p\nleft join (\n  select\n    f.source_id,\n    min(coalesce(f.timestamp, (f.new_value ->> 'from')::timestamptz)) as first_moment,\n    max(coalesce(f.timestamp, (f.new_value ->> 'to')::timestamptz)) as last_moment,\n    sum(coalesce((f.new_value ->> 'rows')::int8, 1))::int8 as rows\n  from fresh as f\n  where f.source_id is not null\n  group by f.source_id\n) as n on p.told is not null\nleft join public.sources as s on s.source_id = n.source_id\norder by s.name"};

/**
 * The sources whose rows were written, changed or deleted since the last call, whoever did it: how many rows, from where
 * to where. :since is the cursor of the last call; without it everything is known, and only the cursor is told. There is
 * always a row: the cursor stands in each, and where nothing is new it is alone.
 *
 * A change is told once, when it is committed, in whatever order transactions commit: the cursor holds the transactions
 * that are told. Those before the oldest that still runs are. Of the others a server knows which still run. A standby
 * does not, and so it takes those whose entries it has seen. A cursor of the future, of another server, is as none.
 *
 * Query generated from SQL:
 * ```
 * with place as materialized (
 *   select
 *     pg_current_snapshot() as now,
 *     case
 *       when pg_snapshot_xmax(pg_current_snapshot())::text::int8 >= upper(range_merge(c.told)) then c.told
 *     end as told
 *   from (select :since::text::int8multirange as told) as c
 * ),
 * fresh as materialized (
 *   select l.transaction_id::text::int8 as transaction_id, l.source_id, l.timestamp, l.new_value
 *   from place as p
 *   cross join unnest('{(,)}'::int8multirange - coalesce(p.told, '{}')) as untold
 *   join public.audit_log as l
 *     on l.table_name = 'timeseries_data'
 *     and l.transaction_id >= coalesce(lower(untold)::text::xid8, pg_snapshot_xmin(p.now))
 *     and l.transaction_id < coalesce(upper(untold)::text::xid8, pg_snapshot_xmax(p.now))
 * )
 * select
 *   (
 *     case
 *       when not pg_is_in_recovery() then int8multirange(int8range(null, pg_snapshot_xmax(p.now)::text::int8)) - coalesce(
 *         (select range_agg(int8range(x::text::int8, x::text::int8, '[]')) from pg_snapshot_xip(p.now) as x), '{}'
 *       )
 *       else int8multirange(int8range(null, pg_snapshot_xmin(p.now)::text::int8)) + coalesce(p.told, '{}') + coalesce(
 *         (select range_agg(distinct int8range(f.transaction_id, f.transaction_id, '[]')) from fresh as f), '{}'
 *       )
 *     end
 *   )::text as "cursor!",
 *   n.source_id as "source_id?",
 *   s.name as "source?",
 *   n.first_moment as "from?",
 *   n.last_moment as "to?",
 *   n.rows as "rows?"
 * from place as p
 * left join (
 *   select
 *     f.source_id,
 *     min(coalesce(f.timestamp, (f.new_value ->> 'from')::timestamptz)) as first_moment,
 *     max(coalesce(f.timestamp, (f.new_value ->> 'to')::timestamptz)) as last_moment,
 *     sum(coalesce((f.new_value ->> 'rows')::int8, 1))::int8 as rows
 *   from fresh as f
 *   where f.source_id is not null
 *   group by f.source_id
 * ) as n on p.told is not null
 * left join public.sources as s on s.source_id = n.source_id
 * order by s.name
 * ```
 */
export const news = new PreparedQuery<INewsParams,INewsResult>(newsIR, 'live.news');


