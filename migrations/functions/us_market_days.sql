-- NYSE Rule 7.2 and the exchange's published holiday list. A holiday on a Sunday moves to Monday, one on a Saturday to
-- Friday, except New Year's Day, because that Friday ends the accounting year.
create or replace function app_private.us_market_days(first_year int, last_year int)
returns table (date date, holiday_name text, is_holiday boolean)
language sql stable
begin atomic
  with years as (
    select generate_series(first_year, last_year) as year
  ),
  fixed (name, month, day, since) as (
    values
      ('New Year''s Day', 1, 1, 0),
      ('Juneteenth', 6, 19, 2022),
      ('Independence Day', 7, 4, 0),
      ('Christmas Day', 12, 25, 0)
  ),
  fixed_days as (
    select make_date(year, month, day) as day, name, month
    from years cross join fixed
    where year >= since
  ),
  observed as (
    select
      case extract(isodow from day)
        when 6 then day - 1
        when 7 then day + 1
        else day
      end as day,
      name
    from fixed_days
    where not (month = 1 and extract(isodow from day) = 6)
  ),
  moving as (
    select app_private.nth_weekday(year, 1, 1, 3) as day, 'Martin Luther King Jr. Day' as name from years
    union all
    select app_private.nth_weekday(year, 2, 1, 3), 'Washington''s Birthday' as name from years
    union all
    select app_private.easter_sunday(year) - 2, 'Good Friday' as name from years
    union all
    select app_private.nth_weekday(year, 6, 1, 1) - 7, 'Memorial Day' as name from years
    union all
    select app_private.nth_weekday(year, 9, 1, 1), 'Labor Day' as name from years
    union all
    select app_private.nth_weekday(year, 11, 4, 4), 'Thanksgiving Day' as name from years
  ),
  one_off (day, name) as (
    values
      (date '2012-10-29', 'Hurricane Sandy'),
      (date '2012-10-30', 'Hurricane Sandy'),
      (date '2018-12-05', 'National Day of Mourning for George H. W. Bush'),
      (date '2025-01-09', 'National Day of Mourning for Jimmy Carter')
  ),
  holidays as (
    select day, name from observed
    union all
    select day, name from moving
    union all
    select day, name from one_off where extract(year from day) between first_year and last_year
  ),
  early_closes as (
    -- The day before Independence Day and Christmas Eve, when they and the day after are weekdays, and Black Friday.
    select make_date(year, 7, 3) as day, 'Day before Independence Day' as name
    from years where extract(isodow from make_date(year, 7, 3)) < 5
    union all
    select make_date(year, 12, 24), 'Christmas Eve' as name
    from years where extract(isodow from make_date(year, 12, 24)) < 5
    union all
    select app_private.nth_weekday(year, 11, 4, 4) + 1, 'Day after Thanksgiving' as name from years
  )
  select day, name, true from holidays
  union all
  select day, name, false from early_closes
  order by 1;
end;

comment on function app_private.us_market_days(int, int) is
  'US stock market holidays (is_holiday) and 13:00 ET early closes (not is_holiday) of the years, by the NYSE''s rules.';
