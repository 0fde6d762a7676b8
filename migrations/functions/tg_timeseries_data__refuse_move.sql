create or replace function app_private.tg_timeseries_data__refuse_move() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'source_id and timestamp of a stored row cannot be changed'
    using errcode = 'MD005',
          hint = 'Delete the row and insert it at its right place; both steps are archived and audited.';
end
$$;

comment on function app_private.tg_timeseries_data__refuse_move() is 'Raises MD005.';
