create or replace function app_private.require_range(first_moment timestamptz, last_moment timestamptz) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if first_moment > last_moment then
    raise exception 'the range ends (%) before it starts (%)', last_moment, first_moment
      using errcode = 'MD007',
            hint = 'Pass the earlier moment first.';
  end if;
end
$$;

comment on function app_private.require_range(timestamptz, timestamptz) is 'Raises MD007 for a range that ends before it starts.';
