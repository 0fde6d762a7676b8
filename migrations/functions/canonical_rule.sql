-- Rules run with the rights of the owner, whoever wrote them. So they may use only what PostgreSQL, its extensions or
-- the owner have made, and that is checked before PostgreSQL evaluates anything: planning calls immutable functions.
create or replace function app_private.canonical_rule(rule_sql text, otherwise text default null) returns text
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
-- Literals in a rule mean the same whoever compiles it.
set timezone = 'UTC'
set datestyle = 'ISO, MDY'
set intervalstyle = postgres
set standard_conforming_strings = on
as $$
declare
  stranger text;
  expression text;
  refusal text;
begin
  begin
    -- One probes at a time: two who have both read the table would each wait for the other to let it be altered.
    lock table app_private.rule_row in access exclusive mode;

    -- What has no semicolon is one statement at most.
    if strpos(rule_sql, ';') > 0 then
      raise exception 'syntax error at or near ";"';
    end if;

    -- Parsing alone reads literals: the domain of a stranger would check them with a function of his.
    stranger := app_private.strange_type(rule_sql);
    if stranger is not null then
      raise exception 'it may name the type %, which neither PostgreSQL nor the owner of this schema has made', stranger;
    end if;

    -- A view is parsed and stored, not planned. The subquery has no system columns, which generated columns may use and
    -- rules may not.
    execute format(
      E'create view app_private.rule_probe as select (%s\n) as passes from (select * from app_private.rule_row) as rule_row',
      rule_sql
    );
    select pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
    into stranger
    from pg_rewrite as r
    join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    where r.ev_class = to_regclass('app_private.rule_probe')
      and not app_private.is_trusted(d.refclassid, d.refobjid)
    limit 1;
    if found then
      raise exception 'it uses %, which neither PostgreSQL nor the owner of this schema has made', stranger;
    end if;
    -- Among them are the compiled rules: one that called these would call itself until the memory is gone.
    select p.oid::regprocedure::text
    into stranger
    from pg_rewrite as r
    join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_proc'::regclass
    join pg_proc as p on p.oid = d.refobjid
    where r.ev_class = to_regclass('app_private.rule_probe') and p.pronamespace = 'app_private'::regnamespace
    limit 1;
    if found then
      raise exception 'it uses %, which is not for rules', stranger;
    end if;
    if 1 <> (select count(*) from pg_attribute as a where a.attrelid = to_regclass('app_private.rule_probe') and a.attnum > 0) then
      raise exception 'syntax error at or near ","';
    end if;

    -- PostgreSQL itself is the judge: a stored generated column must be boolean, row-local, immutable, no subquery.
    execute format(
      E'alter table app_private.rule_row add column passes boolean generated always as (%s\n) stored', rule_sql
    );
    -- Whatever is not PostgreSQL's own is written with its schema.
    perform set_config('search_path', 'pg_catalog, pg_temp', true);
    select pg_get_expr(d.adbin, d.adrelid) into strict expression
    from pg_attrdef as d
    where d.adrelid = 'app_private.rule_row'::regclass;

    raise exception using errcode = 'MD000';
  exception
    when sqlstate 'MD000' then
      return expression; -- the probes are rolled back, what PostgreSQL understood is kept
    when others then
      -- A deadlock, a timeout, a full disk or a shutdown says nothing about the rule.
      if left(sqlstate, 2) in ('40', '53', '55', '57', '58', 'XX') then
        raise;
      end if;
      refusal := sqlerrm;
  end;

  if otherwise is not null then
    raise warning 'a validation rule does not compile any more and counts as violated: %', refusal
      using detail = format('rule_sql: %s', rule_sql);
    return otherwise;
  end if;
  raise exception 'validation rule refused: %', refusal
    using errcode = 'MD001',
          detail = format('rule_sql: %s', rule_sql),
          hint = 'A rule is one boolean, immutable expression over source_id, timestamp, open, high, low, close, volume and value, without subqueries.';
end
$$;

comment on function app_private.canonical_rule(text, text) is
  'The expression as PostgreSQL understands it. A text that cannot be a rule gives the second argument, or error MD001 with the reason.';
