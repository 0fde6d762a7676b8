-- What trying a rule makes is rolled back. A rule that raises is found by the newest rows of each source that it is for:
-- the pipeline takes it for violated there, without a word.
create or replace function app_private.faulty_rules(newest int default 20)
returns table (rule_id int, rule_name text, rule_sql text, does_compile boolean, problem text)
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, MDY'
set intervalstyle = postgres
set standard_conforming_strings = on
-- A rule that does not compile warns.
set client_min_messages = error
as $$
declare
  rule record;
begin
  for rule in
    select r.*, app_private.canonical_rule(r.rule_sql, otherwise => '') as canonical
    from public.validation_rules as r
    where r.enabled
    order by r.rule_id
  loop
    rule_id := rule.rule_id;
    rule_name := rule.rule_name;
    rule_sql := rule.rule_sql;
    does_compile := rule.canonical <> '';
    problem := null;
    if does_compile then
      begin
        execute format(
          'select count(*) filter (where (%s) is false) from ('
          '  select newest.* '
          '  from public.sources as s '
          '  cross join lateral ('
          '    select d.source_id, d."timestamp", d.open, d.high, d.low, d.close, d.volume, d.value '
          '    from public.timeseries_data as d '
          '    where d.source_id = s.source_id order by d."timestamp" desc limit $3'
          '  ) as newest '
          '  where (s.data_type = $1 or $1 is null) and (s.source_id = $2 or $2 is null)'
          ') as newest_rows',
          rule.canonical
        ) using rule.data_type, rule.source_id, newest;
        continue;
      exception
        when query_canceled then raise;
        when others or assert_failure then
          problem := sqlerrm;
      end;
    end if;
    return next;
  end loop;
end
$$;

comment on function app_private.faulty_rules(int) is
  'Enabled rules that do not compile any more, or raise on one of the newest rows of a source: such rows count as violating them.';
