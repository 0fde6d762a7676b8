-- Far beyond any market. Near the end of numeric, at 1e131072, a deviation overflows, and takes seconds before it does.
create or replace function app_private.bounded_level(level numeric) returns numeric
language sql immutable
as $$
  select case when level > 1e1000 then 1e1000 when level < -1e1000 then -1e1000 else level end
$$;

comment on function app_private.bounded_level(numeric) is
  'A level, cut to what mean, deviation and quotients can be computed of.';
