create or replace function app_private.canonical_rule(rule_sql text) returns text
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
-- Literals in a rule mean the same whoever compiles it.
set timezone = 'UTC'
set datestyle = 'ISO, MDY'
as $$
declare
  probe refcursor;
  expression text;
  refusal text;
begin
  begin
    -- A cursor takes exactly one statement: text that ends the expression and starts another stops here.
    -- The subquery has no system columns, which generated columns may use and rules may not.
    open probe for execute format(E'select (%s\n) from (select * from app_private.rule_row) as rule_row', rule_sql);
    close probe;

    -- PostgreSQL itself is the judge: a stored generated column must be boolean, row-local, immutable, no subquery.
    execute format(
      E'alter table app_private.rule_row add column verdict boolean generated always as (%s\n) stored', rule_sql
    );
    select pg_get_expr(d.adbin, d.adrelid) into strict expression
    from pg_attrdef as d
    where d.adrelid = 'app_private.rule_row'::regclass;

    raise exception using errcode = 'MD000';
  exception
    when sqlstate 'MD000' then
      return expression; -- the probe column is rolled back, what PostgreSQL understood is kept
    when others then
      refusal := sqlerrm;
  end;

  raise exception 'validation rule refused: %', refusal
    using errcode = 'MD001',
          detail = format('rule_sql: %s', rule_sql),
          hint = 'A rule is one boolean, immutable expression over source_id, timestamp, open, high, low, close, volume and value, without subqueries.';
end
$$;

comment on function app_private.canonical_rule(text) is
  'The expression as PostgreSQL understands it, or error MD001 with the reason why it cannot be a rule.';
