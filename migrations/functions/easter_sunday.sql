-- The anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, 1991, chapter 8).
create or replace function app_private.easter_sunday(year int) returns date
language sql immutable
begin atomic
  with century as (
    select year % 19 as a, year / 100 as b, year % 100 as c
  ),
  epact as (
    select *, (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30 as h
    from century
  ),
  weekday as (
    select *, (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7 as l
    from epact
  ),
  full_moon as (
    select *, h + l - 7 * ((a + 11 * h + 22 * l) / 451) + 114 as n
    from weekday
  )
  select make_date(year, n / 31, n % 31 + 1)
  from full_moon;
end;

comment on function app_private.easter_sunday(int) is 'Western Easter Sunday of a year.';
