/*
 * The ceiling: a hypertable with the keys, checks, defaults, foreign key, chunks and compression settings of
 * timeseries_data, but without its triggers and without aggregates that watch it.
 */

create schema bench;

create table bench.plain (like public.timeseries_data including all);
alter table bench.plain
  add constraint plain_source_id_fkey foreign key (source_id) references public.sources (source_id) on delete restrict;

select create_hypertable('bench.plain', by_range('timestamp', interval '1 month'), create_default_indexes => false);

alter table bench.plain set (
  timescaledb.compress,
  timescaledb.compress_segmentby = 'source_id',
  timescaledb.compress_orderby = 'timestamp desc',
  timescaledb.compress_chunk_time_interval = '1080 days'
);
