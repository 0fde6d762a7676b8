create or replace function app_private.count_steps(first_moment timestamptz, last_moment timestamptz, step interval)
returns bigint
language sql stable
set timezone = 'UTC'
set search_path = pg_catalog, pg_temp
as $$
  select case
    -- Months have no fixed length: they are counted by the calendar.
    when step >= interval '1 month' and step = justify_days(step) and extract(day from step) = 0 then
      floor(
        (12 * extract(year from age) + extract(month from age))
        / (12 * extract(year from step) + extract(month from step))
      )
    else floor(extract(epoch from last_moment - first_moment) / extract(epoch from step))
  end::bigint
  from (select age(last_moment, first_moment) as age) as a;
$$;

comment on function app_private.count_steps(timestamptz, timestamptz, interval) is
  'How many whole steps fit between two moments; months by the calendar, in UTC.';
