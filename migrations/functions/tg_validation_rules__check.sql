create or replace function app_private.tg_validation_rules__check() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app_private.canonical_rule(new.rule_sql);
  return new;
end
$$;

comment on function app_private.tg_validation_rules__check() is 'Refuses a rule that PostgreSQL would not take as a generated column (MD001), even a disabled one.';
