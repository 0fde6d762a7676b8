create or replace function app_private.describe_chunks()
returns table (
  chunk text,
  range_start timestamptz,
  range_end timestamptz,
  row_count bigint,
  total_bytes bigint,
  is_compressed boolean,
  compression_ratio numeric
)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select
    n.name,
    c.range_start,
    c.range_end,
    case
      -- Compressed batches know their length, so that counting them is cheap.
      when c.is_compressed or k.reltuples < 0 then app_private.count_rows(c.chunk_schema, c.chunk_name)
      else k.reltuples::bigint
    end,
    d.total_bytes,
    c.is_compressed,
    s.ratio
  from timescaledb_information.chunks as c
  cross join lateral (select format('%I.%I', c.chunk_schema, c.chunk_name) as name) as n
  -- Compression merges chunks: one that this statement still sees may be gone.
  join pg_class as k on k.oid = to_regclass(n.name)
  join chunks_detailed_size('public.timeseries_data') as d
    on d.chunk_schema = c.chunk_schema and d.chunk_name = c.chunk_name
  left join chunk_compression_stats() as s on s.chunk = n.name
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data'
  order by c.range_start;
$$;

comment on function app_private.describe_chunks() is 'The rows of chunk_stats.';
