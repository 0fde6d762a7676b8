create or replace function app_private.score_rows(islands app_private.island[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  slice app_private.island[] := '{}'::app_private.island[];
  row_count int := 0;
  scores app_private.score[];
begin
  for i in 1 .. cardinality(islands) loop
    -- Some ten thousand rows at a time, so that a statement of millions needs no more memory than that.
    slice := slice || islands[i];
    row_count := row_count + cardinality(islands[i].moments);
    continue when row_count < 10000 and i < cardinality(islands);

    begin
      scores := array(select s from app_private.compute_scores(slice, guarded => false) as s);
    exception
      when others or assert_failure then
        -- Dropped with a function that a rule used.
        if to_regproc('app_private.violated_rules') is null then
          perform app_private.compile_rules();
        end if;
        -- A rule raised, say a division by zero. Score again with each rule guarded; any other error comes again there.
        scores := array(select s from app_private.compute_scores(slice, guarded => true) as s);
    end;

    if scores <> '{}' then
      perform app_private.update_scores(scores);
      perform app_private.write_anomalies(scores);
    end if;
    slice := '{}';
    row_count := 0;
  end loop;
end
$$;

comment on function app_private.score_rows(app_private.island[]) is
  'Scores the rows of these islands and writes what differs from what is stored.';
