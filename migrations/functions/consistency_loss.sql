create or replace function app_private.consistency_loss(level numeric, previous_level numeric) returns int
language sql immutable
return case when abs(level - previous_level) > 0.5 * abs(previous_level) then 25 else 0 end;

comment on function app_private.consistency_loss(numeric, numeric) is
  'What a row loses of its score when its level is more than half away from the one before it.';
