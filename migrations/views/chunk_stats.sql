create or replace view public.chunk_stats as
select
  r.relation::text as chunk,
  c.range_start,
  c.range_end,
  case
    when c.is_compressed then z.numrows_pre_compression
    when k.reltuples < 0 then app_private.count_rows(r.relation)
    else k.reltuples::bigint
  end as row_count,
  d.total_bytes,
  c.is_compressed,
  s.ratio as compression_ratio
from timescaledb_information.chunks as c
cross join lateral (select format('%I.%I', c.chunk_schema, c.chunk_name)::regclass as relation) as r
join pg_class as k on k.oid = r.relation
join public.chunks_detailed_size('public.timeseries_data') as d
  on d.chunk_schema = c.chunk_schema and d.chunk_name = c.chunk_name
left join (
  _timescaledb_catalog.chunk as h
  join _timescaledb_catalog.compression_chunk_size as z on z.chunk_id = h.id
) on h.schema_name = c.chunk_schema and h.table_name = c.chunk_name
left join public.chunk_compression_stats() as s on s.chunk = format('%I.%I', c.chunk_schema, c.chunk_name)
where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data'
order by c.range_start;

comment on view public.chunk_stats is 'The chunks of timeseries_data.';
comment on column public.chunk_stats.chunk is 'Table of the chunk.';
comment on column public.chunk_stats.range_start is 'First moment, included.';
comment on column public.chunk_stats.range_end is 'Last moment, excluded.';
comment on column public.chunk_stats.row_count is 'Number of rows: as compressed, else by the statistics, else counted.';
comment on column public.chunk_stats.total_bytes is 'Size with indexes and TOAST, in bytes.';
comment on column public.chunk_stats.is_compressed is 'Whether it is compressed, wholly or in part.';
comment on column public.chunk_stats.compression_ratio is 'Size before over size after compression; null while uncompressed.';
