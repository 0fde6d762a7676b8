create or replace function app_private.completeness_loss(
  data_type public.data_type_enum, open numeric, high numeric, low numeric, close numeric, volume numeric, value numeric
) returns int
language sql immutable
return case
  when case data_type when 'ohlcv' then num_nulls(open, high, low, close, volume) > 0 else value is null end then 30
  else 0
end;

comment on function app_private.completeness_loss(public.data_type_enum, numeric, numeric, numeric, numeric, numeric, numeric) is
  'What a row loses of its score when a value is missing.';
