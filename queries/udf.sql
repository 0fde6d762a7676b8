/*
 * TradingView's Universal Data Feed (UDF): each answer is one JSON text, to be sent as it is. Symbols are the names of
 * sources; a source of single values is drawn as candles without bodies. Times are in seconds, and prices numbers.
 */

/*
 * What the feed can do.
 * @http GET /udf/config
 * @cache 1 minute
 */
/* @name config */
select
  json_build_object(
    'supports_search', true,
    'supports_group_request', false,
    'supports_marks', true,
    'supports_timescale_marks', false,
    'supports_time', true,
    'supported_resolutions', '{1,3,5,15,30,60,120,240,360,720,1D,1W,1M}'::text[],
    'exchanges', (
      select json_agg(json_build_object('value', x.value, 'name', coalesce(nullif(x.value, ''), 'All'), 'desc', x.value))
      from unnest(array_prepend('', enum_range(null::public.market_enum)::text[])) as x (value)
    ),
    'symbols_types', (
      select json_agg(json_build_object('value', t.value, 'name', coalesce(nullif(t.value, ''), 'All')))
      from unnest(array_prepend('', enum_range(null::public.data_type_enum)::text[])) as t (value)
    )
  )::text as "json!";

/*
 * One symbol, by the name of its source. Its precision is that of its last 100 rows; finer bars than its rows are not
 * offered.
 * @http GET /udf/symbols
 * @cache 5 seconds
 */
/* @name symbols */
select
  coalesce(
    min(
      json_build_object(
        'name', s.name,
        'ticker', s.name,
        'full_name', s.name,
        'description', s.display_name,
        'type', s.data_type,
        'exchange', s.market_type,
        'listed_exchange', s.market_type,
        'session', case s.market_type when 'US' then '0930-1600' else '24x7' end,
        'timezone', case s.market_type when 'US' then 'America/New_York' else 'Etc/UTC' end,
        'format', 'price',
        'minmov', 1,
        'pricescale', (10 ^ digits.price)::bigint,
        'volume_precision', digits.volume,
        'has_intraday', s.update_frequency < interval '1 day',
        'has_daily', true,
        'has_weekly_and_monthly', true,
        'supported_resolutions', array(
          select r.resolution
          from unnest('{1,3,5,15,30,60,120,240,360,720,1D,1W,1M}'::text[]) with ordinality as r (resolution, place)
          where r.resolution !~ '\d$' or make_interval(mins => r.resolution::int) >= s.update_frequency
          order by r.place
        ),
        'data_status', case when s.status = 'active' then 'streaming' else 'endofday' end
      )::text
    ),
    json_build_object('s', 'error', 'errmsg', 'unknown_symbol')::text
  ) as "json!"
from public.sources as s
cross join lateral (
  select
    least(coalesce(max(scale(trim_scale(coalesce(d.close, d.value)))), 2), 16) as price,
    least(coalesce(max(scale(trim_scale(d.volume))), 0), 16) as volume
  from (
    select t.close, t.value, t.volume
    from public.timeseries_data as t
    where t.source_id = s.source_id
    order by t.timestamp desc
    limit 100
  ) as d
) as digits
where s.name = :symbol!;

/*
 * The sources, at most :limit, in whose name or display name :query stands, of a kind (:type) and market (:exchange);
 * those that begin with it first.
 * @http GET /udf/search
 * @cache 5 seconds
 */
/* @name search */
select
  coalesce(
    json_agg(
      json_build_object(
        'symbol', f.name,
        'ticker', f.name,
        'full_name', f.name,
        'description', f.display_name,
        'exchange', f.market_type,
        'type', f.data_type
      )
      order by f.place
    ),
    '[]'
  )::text as "json!"
from (
  select
    s.name,
    s.display_name,
    s.market_type,
    s.data_type,
    row_number() over (order by strpos(s.name, lower(:query!)) <> 1, s.name) as place
  from public.sources as s
  where strpos(lower(s.name || ' ' || s.display_name), lower(:query!)) > 0
    and coalesce(:type, '') in ('', s.data_type::text)
    and coalesce(:exchange, '') in ('', s.market_type::text)
  order by place
  limit coalesce(:limit, 30)
) as f;

/*
 * The bars of :symbol from :from (included) to :to (excluded), each :resolution wide: minutes as a number, or 1D, 1W, 1M.
 * With :countback the last so many bars before :to, wherever they lie. Of more than :limit bars the newest are kept. Where
 * there are none, nextTime is the newest bar before, which lets one scroll back over a gap.
 * @http GET /udf/history
 * @cache closed
 * @cache 5 seconds
 */
/* @name history */
with wanted as (
  select
    s.source_id,
    case
      when :resolution! ~ '^[1-9]\d{0,4}$' then make_interval(mins => :resolution::int)
      when :resolution ~ '^([1-9]\d?)?[DWM]$' then (coalesce(nullif(left(:resolution, -1), ''), '1') || case right(:resolution, 1)
        when 'D' then ' days' when 'W' then ' weeks' else ' months' end)::interval
    end as width,
    coalesce(:countback, 0) > 0 as is_counted,
    least(nullif(greatest(:countback, 0), 0), coalesce(:limit, 10000)) as bar_count,
    to_timestamp(:from!::float8) as first_moment,
    to_timestamp(:to!::float8) as last_moment
  from public.sources as s
  where s.name = :symbol!
),
asked as (
  select
    w.source_id,
    w.width,
    w.is_counted,
    w.bar_count,
    w.last_moment,
    -- So many bars mostly lie within twice their time before the newest row.
    case when w.is_counted then public.time_bucket(w.width, newest.timestamp - 2 * w.bar_count * w.width) else w.first_moment end as first_moment
  from wanted as w
  left join lateral (
    select t.timestamp
    from public.timeseries_data as t
    where w.is_counted and t.source_id = w.source_id and t.timestamp < w.last_moment
    order by t.timestamp desc
    limit 1
  ) as newest on true
),
recent as materialized (
  select extract(epoch from b.bucket)::bigint as t, b.open, b.high, b.low, b.close, b.volume
  from asked as a
  cross join lateral (
    select
      r.bucket,
      public.first(coalesce(r.open, r.level), r.timestamp) as open,
      max(coalesce(r.high, r.level)) as high,
      min(coalesce(r.low, r.level)) as low,
      public.last(r.level, r.timestamp) as close,
      sum(r.volume) as volume
    from (
      select
        public.time_bucket(a.width, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, coalesce(d.close, d.value) as level, d.volume
      from public.timeseries_data as d
      where d.source_id = a.source_id
        and d.timestamp >= a.first_moment
        and d.timestamp < a.last_moment
        and coalesce(d.close, d.value) is not null
      order by 1 desc offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart
    ) as r
    group by 1
    order by 1 desc
    limit a.bar_count
  ) as b
),
older as materialized (
  select extract(epoch from b.bucket)::bigint as t, b.open, b.high, b.low, b.close, b.volume
  from asked as a
  cross join lateral (
    select
      r.bucket,
      public.first(coalesce(r.open, r.level), r.timestamp) as open,
      max(coalesce(r.high, r.level)) as high,
      min(coalesce(r.low, r.level)) as low,
      public.last(r.level, r.timestamp) as close,
      sum(r.volume) as volume
    from (
      select
        public.time_bucket(a.width, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, coalesce(d.close, d.value) as level, d.volume
      from public.timeseries_data as d
      where d.source_id = a.source_id
        and d.timestamp >= '-infinity'
        and d.timestamp < a.first_moment
        and coalesce(d.close, d.value) is not null
      order by 1 desc offset 0 -- likewise
    ) as r
    group by 1
    order by 1 desc
    limit a.bar_count - (select count(*) from recent)
  ) as b
  where a.is_counted and (select count(*) from recent) < a.bar_count
),
bars as (
  select r.t, r.open, r.high, r.low, r.close, r.volume from recent as r
  union all
  select o.t, o.open, o.high, o.low, o.close, o.volume from older as o
)
select
  case
    when not exists (select from asked) then json_build_object('s', 'error', 'errmsg', 'unknown_symbol')
    when (select a.width is null from asked as a) then json_build_object('s', 'error', 'errmsg', 'unknown_resolution')
    when count(*) > 0 then json_build_object(
      's', 'ok',
      't', json_agg(b.t order by b.t),
      'o', json_agg(b.open order by b.t),
      'h', json_agg(b.high order by b.t),
      'l', json_agg(b.low order by b.t),
      'c', json_agg(b.close order by b.t),
      'v', json_agg(coalesce(b.volume, 0) order by b.t)
    )
    else json_strip_nulls(json_build_object('s', 'no_data', 'nextTime', (
      select extract(epoch from public.time_bucket(a.width, d.timestamp))::bigint
      from asked as a
      join public.timeseries_data as d on d.source_id = a.source_id and d.timestamp < a.first_moment
      where not a.is_counted and coalesce(d.close, d.value) is not null
      order by d.timestamp desc
      limit 1
    )))
  end::text as "json!"
from bars as b;

/*
 * The anomalies of :symbol from :from (included) to :to (excluded) as marks on its bars, of more than :limit the newest.
 * @http GET /udf/marks
 * @cache 5 seconds
 */
/* @name marks */
select
  json_build_object(
    'id', coalesce(json_agg(m.anomaly_id order by m.timestamp), '[]'),
    'time', coalesce(json_agg(extract(epoch from m.timestamp)::bigint order by m.timestamp), '[]'),
    'color', coalesce(json_agg(
      case m.severity when 'CRITICAL' then 'red' when 'HIGH' then 'yellow' else 'blue' end order by m.timestamp
    ), '[]'),
    'text', coalesce(json_agg(
      replace(m.anomaly_type::text, '_', ' ') || coalesce(', z = ' || round(m.z_score, 1), '') || case
        when m.is_false_positive then ', false positive'
        when m.resolved_at is not null then ', resolved'
        when m.reviewed then ', reviewed'
        else ''
      end
      order by m.timestamp
    ), '[]'),
    'label', coalesce(json_agg(
      case m.anomaly_type when 'outlier_6sigma' then '!' when 'missing_data' then '?' else 'A' end order by m.timestamp
    ), '[]'),
    'labelFontColor', coalesce(json_agg('white'::text order by m.timestamp), '[]'),
    'minSize', coalesce(json_agg(case when m.is_blackswan then 25 else 15 end order by m.timestamp), '[]')
  )::text as "json!"
from (
  select
    a.anomaly_id,
    a.timestamp,
    a.anomaly_type,
    a.severity,
    a.z_score,
    a.is_blackswan,
    a.is_false_positive,
    a.resolved_at,
    a.reviewed
  from public.anomalies as a
  join public.sources as s on s.source_id = a.source_id
  where s.name = :symbol!
    and a.timestamp >= to_timestamp(:from!::float8)
    and a.timestamp < to_timestamp(:to!::float8)
  order by a.timestamp desc, a.anomaly_id desc
  limit coalesce(:limit, 500)
) as m;

/*
 * The time of the database.
 * @http GET /udf/time
 */
/* @name time */
select extract(epoch from now())::bigint::text as "json!";
