create or replace view public.chunk_stats as
select
  c.chunk,
  c.range_start,
  c.range_end,
  c.row_count,
  c.total_bytes,
  c.is_compressed,
  c.compression_ratio
from app_private.describe_chunks() as c;

comment on view public.chunk_stats is 'The chunks of timeseries_data.';
comment on column public.chunk_stats.chunk is 'Table of the chunk.';
comment on column public.chunk_stats.range_start is 'First moment, included.';
comment on column public.chunk_stats.range_end is 'Last moment, excluded.';
comment on column public.chunk_stats.row_count is 'Number of rows: counted, except in uncompressed chunks that have statistics.';
comment on column public.chunk_stats.total_bytes is 'Size with indexes and TOAST, in bytes.';
comment on column public.chunk_stats.is_compressed is 'Whether it is compressed, wholly or in part.';
comment on column public.chunk_stats.compression_ratio is 'Size before over size after compression; null while uncompressed.';
