create or replace function public.chunk_compression_stats()
returns table (
  chunk text,
  range_start timestamptz,
  range_end timestamptz,
  is_compressed boolean,
  before_bytes bigint,
  after_bytes bigint,
  ratio numeric
)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select
    format('%I.%I', c.chunk_schema, c.chunk_name),
    c.range_start,
    c.range_end,
    c.is_compressed,
    s.before_compression_total_bytes,
    s.after_compression_total_bytes,
    round(s.before_compression_total_bytes::numeric / nullif(s.after_compression_total_bytes, 0), 2)
  from timescaledb_information.chunks as c
  join chunk_compression_stats('public.timeseries_data') as s
    on s.chunk_schema = c.chunk_schema and s.chunk_name = c.chunk_name
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data'
  order by c.range_start;
$$;

comment on function public.chunk_compression_stats() is
  'Size of each chunk of timeseries_data before and after compression, with indexes and TOAST, in bytes; null while uncompressed.';
