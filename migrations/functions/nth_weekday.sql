create or replace function app_private.nth_weekday(year int, month int, isodow int, n int) returns date
language sql immutable
return make_date(year, month, 1)
  + ((isodow - extract(isodow from make_date(year, month, 1))::int + 7) % 7)
  + 7 * (n - 1);

comment on function app_private.nth_weekday(int, int, int, int) is
  'The n-th weekday (1 = Monday to 7 = Sunday) of a month, for example the third Monday of January.';
