-- Touched rows are judged in stretches of 5000 intervals: those of a batch share one read of their history, those that
-- lie years apart do not make us read all that is between them.
create or replace function app_private.stretch_of(moment timestamptz, update_frequency interval)
returns double precision
language sql stable
return floor(date_part('epoch', moment) / (5000 * date_part('epoch', update_frequency)));

comment on function app_private.stretch_of(timestamptz, interval) is
  'The number of the stretch of a source to which a moment belongs.';
