create or replace function app_private.timeliness_loss(
  is_backfilled boolean, created_at timestamptz, moment timestamptz, update_frequency interval
) returns int
language sql stable
return case when not is_backfilled and created_at > moment + 2 * update_frequency then 20 else 0 end;

comment on function app_private.timeliness_loss(boolean, timestamptz, timestamptz, interval) is
  'What a row loses of its score when it arrived late. A day is one of the session''s time zone.';
