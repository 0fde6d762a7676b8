-- What a foreign key of timeseries_data would do for each row, once for each statement and source: it is the same lock
-- and the same error. The other half, on sources, is tg_sources__deprecate() and tg_sources__refuse_renumbering().
create or replace function app_private.lock_sources(source_ids int[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  locked_count int;
begin
  perform
  from public.sources as s
  where s.source_id = any (source_ids)
  order by s.source_id
  for key share;

  get diagnostics locked_count = row_count;
  if locked_count < cardinality(source_ids) then
    raise foreign_key_violation using
      message = 'insert or update on table "timeseries_data" violates foreign key constraint "timeseries_data_source_id_fkey"',
      detail = (
        select format('Key (source_id)=(%s) is not present in table "sources".', min(i.source_id))
        from unnest(source_ids) as i (source_id)
        where not exists (select from public.sources as s where s.source_id = i.source_id)
      ),
      schema = 'public',
      table = 'timeseries_data',
      constraint = 'timeseries_data_source_id_fkey';
  end if;
end
$$;

comment on function app_private.lock_sources(int[]) is
  'Keeps sources from being deleted until the transaction ends; raises 23503 when one of them does not exist.';
