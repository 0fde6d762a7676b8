-- 1e100 is far beyond any market. Near the end of numeric, at 1e131072, a deviation takes seconds, or overflows.
create or replace function app_private.bounded_level(level numeric) returns numeric
language sql immutable
return case
  when level > power(10::numeric, 100) then power(10::numeric, 100)
  when level < -power(10::numeric, 100) then -power(10::numeric, 100)
  else level
end;

comment on function app_private.bounded_level(numeric) is
  'A level, cut to what mean, deviation and quotients can be computed of.';
