create or replace function app_private.score_rows(stretches app_private.stretch[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  slice app_private.stretch[] := '{}'::app_private.stretch[];
  row_count int := 0;
  verdicts app_private.verdict[];
begin
  for i in 1 .. cardinality(stretches) loop
    -- Some ten thousand rows at a time, so that a statement of millions needs no more memory than that.
    slice := slice || stretches[i];
    row_count := row_count + cardinality(stretches[i].moments);
    continue when row_count < 10000 and i < cardinality(stretches);

    begin
      verdicts := array(select v from app_private.judge_rows(slice, guarded => false) as v);
    exception
      when others or assert_failure then
        -- Dropped with a function that a rule used.
        if to_regproc('app_private.violated_rules') is null then
          perform app_private.compile_rules();
        end if;
        -- A rule raised, say a division by zero. Judge again with each rule guarded; any other error comes again there.
        verdicts := array(select v from app_private.judge_rows(slice, guarded => true) as v);
    end;

    if verdicts <> '{}' then
      perform app_private.write_verdicts(verdicts);
    end if;
    slice := '{}';
    row_count := 0;
  end loop;
end
$$;

comment on function app_private.score_rows(app_private.stretch[]) is
  'Scores the rows of these stretches and writes what differs from what is stored.';
