create or replace function app_private.score_rows(source_ids int[], timestamps timestamptz[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  verdicts app_private.verdict[];
begin
  begin
    verdicts := array(select v from app_private.judge_rows(source_ids, timestamps, guarded => false) as v);
  exception
    when others then
      -- A rule raised, say a division by zero. Judge again with each rule guarded; any other error comes again there.
      verdicts := array(select v from app_private.judge_rows(source_ids, timestamps, guarded => true) as v);
  end;

  if verdicts <> '{}' then
    perform app_private.write_verdicts(verdicts);
  end if;
end
$$;

comment on function app_private.score_rows(int[], timestamptz[]) is
  'Scores the rows with these keys and writes what differs from what is stored.';
