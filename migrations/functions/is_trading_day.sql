create or replace function public.is_trading_day(market public.market_enum, day date) returns boolean
language sql stable
return market = 'CRYPTO'
  or (
    extract(isodow from day) < 6
    and not exists (
      select from public.market_calendar as c
      where c.date = day and c.market = is_trading_day.market and c.is_holiday
    )
  );

comment on function public.is_trading_day(public.market_enum, date) is
  'Whether a market trades on a day: CRYPTO always, the others on weekdays that market_calendar does not list as holidays.';
