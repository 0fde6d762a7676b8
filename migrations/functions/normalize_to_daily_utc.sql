create or replace function public.normalize_to_daily_utc(moment timestamptz) returns timestamptz
language sql immutable
return (moment at time zone 'UTC')::date::timestamp at time zone 'UTC';

comment on function public.normalize_to_daily_utc(timestamptz) is
  'Midnight UTC of the day that the moment falls on, whatever the time zone of the session.';
