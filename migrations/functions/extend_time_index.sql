create or replace function public.extend_time_index(until date) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  first_day constant date := coalesce((select max(date_only) + 1 from public.time_index), date '2009-01-03');
  added int;
begin
  insert into public.market_calendar (date, market, is_holiday, holiday_name, open_time, close_time, is_early_close)
  select
    d.date,
    'US',
    d.is_holiday,
    d.holiday_name,
    case when not d.is_holiday then time '09:30' end,
    case when not d.is_holiday then time '13:00' end,
    not d.is_holiday
  from app_private.us_market_days(extract(year from first_day)::int, extract(year from until)::int) as d
  on conflict (date, market) do nothing;

  insert into public.time_index (timestamp, date_only, day_of_week, is_weekend, is_trading_day, notes)
  select
    day::timestamp at time zone 'UTC',
    day,
    extract(isodow from day) - 1,
    extract(isodow from day) >= 6,
    public.is_trading_day('US', day),
    c.holiday_name
  from generate_series(first_day, until, interval '1 day') as g (moment)
  cross join lateral (select g.moment::date as day) as d
  left join public.market_calendar as c on c.date = d.day and c.market = 'US';

  get diagnostics added = row_count;
  return added;
end
$$;

comment on function public.extend_time_index(date) is
  'Grows time_index, and the US market calendar of those years, up to and including a day. Returns the number of days added.';
