/** Types generated for queries found in "queries/udf.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

/** 'Config' parameters type */
export type IConfigParams = void;

/** 'Config' return type */
export interface IConfigResult {
  json: string;
}

/** 'Config' query type */
export interface IConfigQuery {
  params: IConfigParams;
  result: IConfigResult;
}

const configIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  json_build_object(\n    'supports_search', true,\n    'supports_group_request', false,\n    'supports_marks', true,\n    'supports_timescale_marks', false,\n    'supports_time', true,\n    'supported_resolutions', '{1,3,5,15,30,60,120,240,360,720,1D,1W,1M}'::text[],\n    'exchanges', (\n      select json_agg(json_build_object('value', x.value, 'name', coalesce(nullif(x.value, ''), 'All'), 'desc', x.value))\n      from unnest(array_prepend('', enum_range(null::public.market_enum)::text[])) as x (value)\n    ),\n    'symbols_types', (\n      select json_agg(json_build_object('value', t.value, 'name', coalesce(nullif(t.value, ''), 'All')))\n      from unnest(array_prepend('', enum_range(null::public.data_type_enum)::text[])) as t (value)\n    )\n  )::text as \"json!\"                                                                                                                                                                                       "};

/**
 * What the feed can do.
 *
 * Query generated from SQL:
 * ```
 * select
 *   json_build_object(
 *     'supports_search', true,
 *     'supports_group_request', false,
 *     'supports_marks', true,
 *     'supports_timescale_marks', false,
 *     'supports_time', true,
 *     'supported_resolutions', '{1,3,5,15,30,60,120,240,360,720,1D,1W,1M}'::text[],
 *     'exchanges', (
 *       select json_agg(json_build_object('value', x.value, 'name', coalesce(nullif(x.value, ''), 'All'), 'desc', x.value))
 *       from unnest(array_prepend('', enum_range(null::public.market_enum)::text[])) as x (value)
 *     ),
 *     'symbols_types', (
 *       select json_agg(json_build_object('value', t.value, 'name', coalesce(nullif(t.value, ''), 'All')))
 *       from unnest(array_prepend('', enum_range(null::public.data_type_enum)::text[])) as t (value)
 *     )
 *   )::text as "json!"                                                                                                                                                                                       
 * ```
 */
export const config = new PreparedQuery<IConfigParams,IConfigResult>(configIR, 'udf.config');


/** 'Symbols' parameters type */
export interface ISymbolsParams {
  symbol: string;
}

/** 'Symbols' return type */
export interface ISymbolsResult {
  json: string;
}

/** 'Symbols' query type */
export interface ISymbolsQuery {
  params: ISymbolsParams;
  result: ISymbolsResult;
}

const symbolsIR: any = {"usedParamSet":{"symbol":true},"params":[{"name":"symbol","required":true,"transform":{"type":"scalar"},"locs":[{"a":1663,"b":1670}]}],"statement":"select\n  coalesce(\n    min(\n      json_build_object(\n        'name', s.name,\n        'ticker', s.name,\n        'full_name', s.name,\n        'description', s.display_name,\n        'type', s.data_type,\n        'exchange', s.market_type,\n        'listed_exchange', s.market_type,\n        'session', case s.market_type when 'US' then '0930-1600' else '24x7' end,\n        'timezone', case s.market_type when 'US' then 'America/New_York' else 'Etc/UTC' end,\n        'format', 'price',\n        'minmov', 1,\n        'pricescale', (10 ^ digits.price)::bigint,\n        'volume_precision', digits.volume,\n        'has_intraday', s.update_frequency < interval '1 day',\n        'has_daily', true,\n        'has_weekly_and_monthly', true,\n        'supported_resolutions', array(\n          select r.resolution\n          from unnest('{1,3,5,15,30,60,120,240,360,720,1D,1W,1M}'::text[]) with ordinality as r (resolution, place)\n          where r.resolution !~ '\\d$' or make_interval(mins => r.resolution::int) >= s.update_frequency\n          order by r.place\n        ),\n        'data_status', case when s.status = 'active' then 'streaming' else 'endofday' end\n      )::text\n    ),\n    json_build_object('s', 'error', 'errmsg', 'unknown_symbol')::text\n  ) as \"json!\"\nfrom public.sources as s\ncross join lateral (\n  select\n    least(coalesce(max(scale(trim_scale(coalesce(d.close, d.value)))), 2), 16) as price,\n    least(coalesce(max(scale(trim_scale(d.volume))), 0), 16) as volume\n  from (\n    select t.close, t.value, t.volume\n    from public.timeseries_data as t\n    where t.source_id = s.source_id\n    order by t.timestamp desc\n    limit 100\n  ) as d\n) as digits\nwhere s.name = :symbol!                                                                                                                                                                                                             "};

/**
 * One symbol, by the name of its source. Its precision is that of its last 100 rows; finer bars than its rows are not
 * offered.
 *
 * Query generated from SQL:
 * ```
 * select
 *   coalesce(
 *     min(
 *       json_build_object(
 *         'name', s.name,
 *         'ticker', s.name,
 *         'full_name', s.name,
 *         'description', s.display_name,
 *         'type', s.data_type,
 *         'exchange', s.market_type,
 *         'listed_exchange', s.market_type,
 *         'session', case s.market_type when 'US' then '0930-1600' else '24x7' end,
 *         'timezone', case s.market_type when 'US' then 'America/New_York' else 'Etc/UTC' end,
 *         'format', 'price',
 *         'minmov', 1,
 *         'pricescale', (10 ^ digits.price)::bigint,
 *         'volume_precision', digits.volume,
 *         'has_intraday', s.update_frequency < interval '1 day',
 *         'has_daily', true,
 *         'has_weekly_and_monthly', true,
 *         'supported_resolutions', array(
 *           select r.resolution
 *           from unnest('{1,3,5,15,30,60,120,240,360,720,1D,1W,1M}'::text[]) with ordinality as r (resolution, place)
 *           where r.resolution !~ '\d$' or make_interval(mins => r.resolution::int) >= s.update_frequency
 *           order by r.place
 *         ),
 *         'data_status', case when s.status = 'active' then 'streaming' else 'endofday' end
 *       )::text
 *     ),
 *     json_build_object('s', 'error', 'errmsg', 'unknown_symbol')::text
 *   ) as "json!"
 * from public.sources as s
 * cross join lateral (
 *   select
 *     least(coalesce(max(scale(trim_scale(coalesce(d.close, d.value)))), 2), 16) as price,
 *     least(coalesce(max(scale(trim_scale(d.volume))), 0), 16) as volume
 *   from (
 *     select t.close, t.value, t.volume
 *     from public.timeseries_data as t
 *     where t.source_id = s.source_id
 *     order by t.timestamp desc
 *     limit 100
 *   ) as d
 * ) as digits
 * where s.name = :symbol!                                                                                                                                                                                                             
 * ```
 */
export const symbols = new PreparedQuery<ISymbolsParams,ISymbolsResult>(symbolsIR, 'udf.symbols');


/** 'Search' parameters type */
export interface ISearchParams {
  /** The sources, at most :limit, in whose name or display name :query stands, of a kind (:type) and market (:exchange); those that begin with it first. */
  exchange?: string | null | void;
  /** The sources, at most :limit, in whose name or display name :query stands, of a kind (:type) and market (:exchange); those that begin with it first. */
  limit?: number | null | void;
  /** The sources, at most :limit, in whose name or display name :query stands, of a kind (:type) and market (:exchange); those that begin with it first. */
  query: string;
  /** The sources, at most :limit, in whose name or display name :query stands, of a kind (:type) and market (:exchange); those that begin with it first. */
  type?: string | null | void;
}

/** 'Search' return type */
export interface ISearchResult {
  json: string;
}

/** 'Search' query type */
export interface ISearchQuery {
  params: ISearchParams;
  result: ISearchResult;
}

const searchIR: any = {"usedParamSet":{"query":true,"type":true,"exchange":true,"limit":true},"params":[{"name":"query","required":true,"transform":{"type":"scalar"},"locs":[{"a":446,"b":452},{"a":567,"b":573}]},{"name":"type","required":false,"transform":{"type":"scalar"},"locs":[{"a":598,"b":602}]},{"name":"exchange","required":false,"transform":{"type":"scalar"},"locs":[{"a":653,"b":661}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":731,"b":736}]}],"statement":"select\n  coalesce(\n    json_agg(\n      json_build_object(\n        'symbol', f.name,\n        'ticker', f.name,\n        'full_name', f.name,\n        'description', f.display_name,\n        'exchange', f.market_type,\n        'type', f.data_type\n      )\n      order by f.place\n    ),\n    '[]'\n  )::text as \"json!\"\nfrom (\n  select\n    s.name,\n    s.display_name,\n    s.market_type,\n    s.data_type,\n    row_number() over (order by strpos(s.name, lower(:query!)) <> 1, s.name) as place\n  from public.sources as s\n  where strpos(lower(s.name || ' ' || s.display_name), lower(:query!)) > 0\n    and coalesce(:type, '') in ('', s.data_type::text)\n    and coalesce(:exchange, '') in ('', s.market_type::text)\n  order by place\n  limit coalesce(:limit, 30)\n) as f                                                                                                                                                                                                                                                                                                                                                                                                                         "};

/**
 * The sources, at most :limit, in whose name or display name :query stands, of a kind (:type) and market (:exchange);
 * those that begin with it first.
 *
 * Query generated from SQL:
 * ```
 * select
 *   coalesce(
 *     json_agg(
 *       json_build_object(
 *         'symbol', f.name,
 *         'ticker', f.name,
 *         'full_name', f.name,
 *         'description', f.display_name,
 *         'exchange', f.market_type,
 *         'type', f.data_type
 *       )
 *       order by f.place
 *     ),
 *     '[]'
 *   )::text as "json!"
 * from (
 *   select
 *     s.name,
 *     s.display_name,
 *     s.market_type,
 *     s.data_type,
 *     row_number() over (order by strpos(s.name, lower(:query!)) <> 1, s.name) as place
 *   from public.sources as s
 *   where strpos(lower(s.name || ' ' || s.display_name), lower(:query!)) > 0
 *     and coalesce(:type, '') in ('', s.data_type::text)
 *     and coalesce(:exchange, '') in ('', s.market_type::text)
 *   order by place
 *   limit coalesce(:limit, 30)
 * ) as f                                                                                                                                                                                                                                                                                                                                                                                                                         
 * ```
 */
export const search = new PreparedQuery<ISearchParams,ISearchResult>(searchIR, 'udf.search');


/** 'History' parameters type */
export interface IHistoryParams {
  /** With :countback the last so many bars before :to, wherever they lie. */
  countback?: number | null | void;
  /** The bars of :symbol from :from (included) to :to (excluded), each :resolution wide: minutes as a number, or 1D, 1W, 1M. */
  from: number;
  /** Of more than :limit bars the newest are kept. */
  limit?: number | null | void;
  /** The bars of :symbol from :from (included) to :to (excluded), each :resolution wide: minutes as a number, or 1D, 1W, 1M. */
  resolution: string;
  /** The bars of :symbol from :from (included) to :to (excluded), each :resolution wide: minutes as a number, or 1D, 1W, 1M. */
  symbol: string;
  /** The bars of :symbol from :from (included) to :to (excluded), each :resolution wide: minutes as a number, or 1D, 1W, 1M. With :countback the last so many bars before :to, wherever they lie. */
  to: number;
}

/** 'History' return type */
export interface IHistoryResult {
  json: string;
}

/** 'History' query type */
export interface IHistoryQuery {
  params: IHistoryParams;
  result: IHistoryResult;
}

const historyIR: any = {"usedParamSet":{"resolution":true,"countback":true,"limit":true,"from":true,"to":true,"symbol":true},"params":[{"name":"resolution","required":true,"transform":{"type":"scalar"},"locs":[{"a":63,"b":74},{"a":122,"b":132},{"a":151,"b":161},{"a":213,"b":223},{"a":255,"b":265}]},{"name":"countback","required":false,"transform":{"type":"scalar"},"locs":[{"a":385,"b":394},{"a":445,"b":454}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":474,"b":479}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":521,"b":526}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":571,"b":574}]},{"name":"symbol","required":true,"transform":{"type":"scalar"},"locs":[{"a":644,"b":651}]}],"statement":"with wanted as (\n  select\n    s.source_id,\n    case\n      when :resolution! ~ '^[1-9]\\d{0,4}$' then make_interval(mins => :resolution::int)\n      when :resolution ~ '^([1-9]\\d?)?[DWM]$' then (coalesce(nullif(left(:resolution, -1), ''), '1') || case right(:resolution, 1)\n        when 'D' then ' days' when 'W' then ' weeks' else ' months' end)::interval\n    end as width,\n    coalesce(:countback, 0) > 0 as is_counted,\n    least(nullif(greatest(:countback, 0), 0), coalesce(:limit, 10000)) as bar_count,\n    to_timestamp(:from!::float8) as first_moment,\n    to_timestamp(:to!::float8) as last_moment\n  from public.sources as s\n  where s.name = :symbol!\n),\nasked as (\n  select\n    w.source_id,\n    w.width,\n    w.is_counted,\n    w.bar_count,\n    w.last_moment,\n    -- So many bars mostly lie within twice their time before the newest row.\n    case when w.is_counted then public.time_bucket(w.width, newest.timestamp - 2 * w.bar_count * w.width) else w.first_moment end as first_moment\n  from wanted as w\n  left join lateral (\n    select t.timestamp\n    from public.timeseries_data as t\n    where w.is_counted and t.source_id = w.source_id and t.timestamp < w.last_moment\n    order by t.timestamp desc\n    limit 1\n  ) as newest on true\n),\nrecent as materialized (\n  select extract(epoch from b.bucket)::bigint as t, b.open, b.high, b.low, b.close, b.volume\n  from asked as a\n  cross join lateral (\n    select\n      r.bucket,\n      public.first(coalesce(r.open, r.level), r.timestamp) as open,\n      max(coalesce(r.high, r.level)) as high,\n      min(coalesce(r.low, r.level)) as low,\n      public.last(r.level, r.timestamp) as close,\n      sum(r.volume) as volume\n    from (\n      select\n        public.time_bucket(a.width, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, coalesce(d.close, d.value) as level, d.volume\n      from public.timeseries_data as d\n      where d.source_id = a.source_id\n        and d.timestamp >= a.first_moment\n        and d.timestamp < a.last_moment\n        and coalesce(d.close, d.value) is not null\n      order by 1 desc offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart\n    ) as r\n    group by 1\n    order by 1 desc\n    limit a.bar_count\n  ) as b\n),\nolder as materialized (\n  select extract(epoch from b.bucket)::bigint as t, b.open, b.high, b.low, b.close, b.volume\n  from asked as a\n  cross join lateral (\n    select\n      r.bucket,\n      public.first(coalesce(r.open, r.level), r.timestamp) as open,\n      max(coalesce(r.high, r.level)) as high,\n      min(coalesce(r.low, r.level)) as low,\n      public.last(r.level, r.timestamp) as close,\n      sum(r.volume) as volume\n    from (\n      select\n        public.time_bucket(a.width, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, coalesce(d.close, d.value) as level, d.volume\n      from public.timeseries_data as d\n      where d.source_id = a.source_id\n        and d.timestamp >= '-infinity'\n        and d.timestamp < a.first_moment\n        and coalesce(d.close, d.value) is not null\n      order by 1 desc offset 0 -- likewise\n    ) as r\n    group by 1\n    order by 1 desc\n    limit a.bar_count - (select count(*) from recent)\n  ) as b\n  where a.is_counted and (select count(*) from recent) < a.bar_count\n),\nbars as (\n  select r.t, r.open, r.high, r.low, r.close, r.volume from recent as r\n  union all\n  select o.t, o.open, o.high, o.low, o.close, o.volume from older as o\n)\nselect\n  case\n    when not exists (select from asked) then json_build_object('s', 'error', 'errmsg', 'unknown_symbol')\n    when (select a.width is null from asked as a) then json_build_object('s', 'error', 'errmsg', 'unknown_resolution')\n    when count(*) > 0 then json_build_object(\n      's', 'ok',\n      't', json_agg(b.t order by b.t),\n      'o', json_agg(b.open order by b.t),\n      'h', json_agg(b.high order by b.t),\n      'l', json_agg(b.low order by b.t),\n      'c', json_agg(b.close order by b.t),\n      'v', json_agg(coalesce(b.volume, 0) order by b.t)\n    )\n    else json_strip_nulls(json_build_object('s', 'no_data', 'nextTime', (\n      select extract(epoch from public.time_bucket(a.width, d.timestamp))::bigint\n      from asked as a\n      join public.timeseries_data as d on d.source_id = a.source_id and d.timestamp < a.first_moment\n      where not a.is_counted and coalesce(d.close, d.value) is not null\n      order by d.timestamp desc\n      limit 1\n    )))\n  end::text as \"json!\"\nfrom bars as b                                                                                                                                                                            "};

/**
 * The bars of :symbol from :from (included) to :to (excluded), each :resolution wide: minutes as a number, or 1D, 1W, 1M.
 * With :countback the last so many bars before :to, wherever they lie. Of more than :limit bars the newest are kept. Where
 * there are none, nextTime is the newest bar before, which lets one scroll back over a gap.
 *
 * Query generated from SQL:
 * ```
 * with wanted as (
 *   select
 *     s.source_id,
 *     case
 *       when :resolution! ~ '^[1-9]\d{0,4}$' then make_interval(mins => :resolution::int)
 *       when :resolution ~ '^([1-9]\d?)?[DWM]$' then (coalesce(nullif(left(:resolution, -1), ''), '1') || case right(:resolution, 1)
 *         when 'D' then ' days' when 'W' then ' weeks' else ' months' end)::interval
 *     end as width,
 *     coalesce(:countback, 0) > 0 as is_counted,
 *     least(nullif(greatest(:countback, 0), 0), coalesce(:limit, 10000)) as bar_count,
 *     to_timestamp(:from!::float8) as first_moment,
 *     to_timestamp(:to!::float8) as last_moment
 *   from public.sources as s
 *   where s.name = :symbol!
 * ),
 * asked as (
 *   select
 *     w.source_id,
 *     w.width,
 *     w.is_counted,
 *     w.bar_count,
 *     w.last_moment,
 *     -- So many bars mostly lie within twice their time before the newest row.
 *     case when w.is_counted then public.time_bucket(w.width, newest.timestamp - 2 * w.bar_count * w.width) else w.first_moment end as first_moment
 *   from wanted as w
 *   left join lateral (
 *     select t.timestamp
 *     from public.timeseries_data as t
 *     where w.is_counted and t.source_id = w.source_id and t.timestamp < w.last_moment
 *     order by t.timestamp desc
 *     limit 1
 *   ) as newest on true
 * ),
 * recent as materialized (
 *   select extract(epoch from b.bucket)::bigint as t, b.open, b.high, b.low, b.close, b.volume
 *   from asked as a
 *   cross join lateral (
 *     select
 *       r.bucket,
 *       public.first(coalesce(r.open, r.level), r.timestamp) as open,
 *       max(coalesce(r.high, r.level)) as high,
 *       min(coalesce(r.low, r.level)) as low,
 *       public.last(r.level, r.timestamp) as close,
 *       sum(r.volume) as volume
 *     from (
 *       select
 *         public.time_bucket(a.width, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, coalesce(d.close, d.value) as level, d.volume
 *       from public.timeseries_data as d
 *       where d.source_id = a.source_id
 *         and d.timestamp >= a.first_moment
 *         and d.timestamp < a.last_moment
 *         and coalesce(d.close, d.value) is not null
 *       order by 1 desc offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart
 *     ) as r
 *     group by 1
 *     order by 1 desc
 *     limit a.bar_count
 *   ) as b
 * ),
 * older as materialized (
 *   select extract(epoch from b.bucket)::bigint as t, b.open, b.high, b.low, b.close, b.volume
 *   from asked as a
 *   cross join lateral (
 *     select
 *       r.bucket,
 *       public.first(coalesce(r.open, r.level), r.timestamp) as open,
 *       max(coalesce(r.high, r.level)) as high,
 *       min(coalesce(r.low, r.level)) as low,
 *       public.last(r.level, r.timestamp) as close,
 *       sum(r.volume) as volume
 *     from (
 *       select
 *         public.time_bucket(a.width, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, coalesce(d.close, d.value) as level, d.volume
 *       from public.timeseries_data as d
 *       where d.source_id = a.source_id
 *         and d.timestamp >= '-infinity'
 *         and d.timestamp < a.first_moment
 *         and coalesce(d.close, d.value) is not null
 *       order by 1 desc offset 0 -- likewise
 *     ) as r
 *     group by 1
 *     order by 1 desc
 *     limit a.bar_count - (select count(*) from recent)
 *   ) as b
 *   where a.is_counted and (select count(*) from recent) < a.bar_count
 * ),
 * bars as (
 *   select r.t, r.open, r.high, r.low, r.close, r.volume from recent as r
 *   union all
 *   select o.t, o.open, o.high, o.low, o.close, o.volume from older as o
 * )
 * select
 *   case
 *     when not exists (select from asked) then json_build_object('s', 'error', 'errmsg', 'unknown_symbol')
 *     when (select a.width is null from asked as a) then json_build_object('s', 'error', 'errmsg', 'unknown_resolution')
 *     when count(*) > 0 then json_build_object(
 *       's', 'ok',
 *       't', json_agg(b.t order by b.t),
 *       'o', json_agg(b.open order by b.t),
 *       'h', json_agg(b.high order by b.t),
 *       'l', json_agg(b.low order by b.t),
 *       'c', json_agg(b.close order by b.t),
 *       'v', json_agg(coalesce(b.volume, 0) order by b.t)
 *     )
 *     else json_strip_nulls(json_build_object('s', 'no_data', 'nextTime', (
 *       select extract(epoch from public.time_bucket(a.width, d.timestamp))::bigint
 *       from asked as a
 *       join public.timeseries_data as d on d.source_id = a.source_id and d.timestamp < a.first_moment
 *       where not a.is_counted and coalesce(d.close, d.value) is not null
 *       order by d.timestamp desc
 *       limit 1
 *     )))
 *   end::text as "json!"
 * from bars as b                                                                                                                                                                            
 * ```
 */
export const history = new PreparedQuery<IHistoryParams,IHistoryResult>(historyIR, 'udf.history');


/** 'Marks' parameters type */
export interface IMarksParams {
  /** The anomalies of :symbol from :from (included) to :to (excluded) as marks on its bars, of more than :limit the newest. */
  from: number;
  /** The anomalies of :symbol from :from (included) to :to (excluded) as marks on its bars, of more than :limit the newest. */
  limit?: number | null | void;
  /** The anomalies of :symbol from :from (included) to :to (excluded) as marks on its bars, of more than :limit the newest. */
  symbol: string;
  /** The anomalies of :symbol from :from (included) to :to (excluded) as marks on its bars, of more than :limit the newest. */
  to: number;
}

/** 'Marks' return type */
export interface IMarksResult {
  json: string;
}

/** 'Marks' query type */
export interface IMarksQuery {
  params: IMarksParams;
  result: IMarksResult;
}

const marksIR: any = {"usedParamSet":{"symbol":true,"from":true,"to":true,"limit":true},"params":[{"name":"symbol","required":true,"transform":{"type":"scalar"},"locs":[{"a":1375,"b":1382}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":1420,"b":1425}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":1471,"b":1474}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":1549,"b":1554}]}],"statement":"select\n  json_build_object(\n    'id', coalesce(json_agg(m.anomaly_id order by m.timestamp), '[]'),\n    'time', coalesce(json_agg(extract(epoch from m.timestamp)::bigint order by m.timestamp), '[]'),\n    'color', coalesce(json_agg(\n      case m.severity when 'CRITICAL' then 'red' when 'HIGH' then 'yellow' else 'blue' end order by m.timestamp\n    ), '[]'),\n    'text', coalesce(json_agg(\n      replace(m.anomaly_type::text, '_', ' ') || coalesce(', z = ' || round(m.z_score, 1), '') || case\n        when m.is_false_positive then ', false positive'\n        when m.resolved_at is not null then ', resolved'\n        when m.reviewed then ', reviewed'\n        else ''\n      end\n      order by m.timestamp\n    ), '[]'),\n    'label', coalesce(json_agg(\n      case m.anomaly_type when 'outlier_6sigma' then '!' when 'missing_data' then '?' else 'A' end order by m.timestamp\n    ), '[]'),\n    'labelFontColor', coalesce(json_agg('white'::text order by m.timestamp), '[]'),\n    'minSize', coalesce(json_agg(case when m.is_blackswan then 25 else 15 end order by m.timestamp), '[]')\n  )::text as \"json!\"\nfrom (\n  select\n    a.anomaly_id,\n    a.timestamp,\n    a.anomaly_type,\n    a.severity,\n    a.z_score,\n    a.is_blackswan,\n    a.is_false_positive,\n    a.resolved_at,\n    a.reviewed\n  from public.anomalies as a\n  join public.sources as s on s.source_id = a.source_id\n  where s.name = :symbol!\n    and a.timestamp >= to_timestamp(:from!::float8)\n    and a.timestamp < to_timestamp(:to!::float8)\n  order by a.timestamp desc, a.anomaly_id desc\n  limit coalesce(:limit, 500)\n) as m                                                          "};

/**
 * The anomalies of :symbol from :from (included) to :to (excluded) as marks on its bars, of more than :limit the newest.
 *
 * Query generated from SQL:
 * ```
 * select
 *   json_build_object(
 *     'id', coalesce(json_agg(m.anomaly_id order by m.timestamp), '[]'),
 *     'time', coalesce(json_agg(extract(epoch from m.timestamp)::bigint order by m.timestamp), '[]'),
 *     'color', coalesce(json_agg(
 *       case m.severity when 'CRITICAL' then 'red' when 'HIGH' then 'yellow' else 'blue' end order by m.timestamp
 *     ), '[]'),
 *     'text', coalesce(json_agg(
 *       replace(m.anomaly_type::text, '_', ' ') || coalesce(', z = ' || round(m.z_score, 1), '') || case
 *         when m.is_false_positive then ', false positive'
 *         when m.resolved_at is not null then ', resolved'
 *         when m.reviewed then ', reviewed'
 *         else ''
 *       end
 *       order by m.timestamp
 *     ), '[]'),
 *     'label', coalesce(json_agg(
 *       case m.anomaly_type when 'outlier_6sigma' then '!' when 'missing_data' then '?' else 'A' end order by m.timestamp
 *     ), '[]'),
 *     'labelFontColor', coalesce(json_agg('white'::text order by m.timestamp), '[]'),
 *     'minSize', coalesce(json_agg(case when m.is_blackswan then 25 else 15 end order by m.timestamp), '[]')
 *   )::text as "json!"
 * from (
 *   select
 *     a.anomaly_id,
 *     a.timestamp,
 *     a.anomaly_type,
 *     a.severity,
 *     a.z_score,
 *     a.is_blackswan,
 *     a.is_false_positive,
 *     a.resolved_at,
 *     a.reviewed
 *   from public.anomalies as a
 *   join public.sources as s on s.source_id = a.source_id
 *   where s.name = :symbol!
 *     and a.timestamp >= to_timestamp(:from!::float8)
 *     and a.timestamp < to_timestamp(:to!::float8)
 *   order by a.timestamp desc, a.anomaly_id desc
 *   limit coalesce(:limit, 500)
 * ) as m                                                          
 * ```
 */
export const marks = new PreparedQuery<IMarksParams,IMarksResult>(marksIR, 'udf.marks');


/** 'Time' parameters type */
export type ITimeParams = void;

/** 'Time' return type */
export interface ITimeResult {
  json: string;
}

/** 'Time' query type */
export interface ITimeQuery {
  params: ITimeParams;
  result: ITimeResult;
}

const timeIR: any = {"usedParamSet":{},"params":[],"statement":"select extract(epoch from now())::bigint::text as \"json!\""};

/**
 * The time of the database.
 *
 * Query generated from SQL:
 * ```
 * select extract(epoch from now())::bigint::text as "json!"
 * ```
 */
export const time = new PreparedQuery<ITimeParams,ITimeResult>(timeIR, 'udf.time');


