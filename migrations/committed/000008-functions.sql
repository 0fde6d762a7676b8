--! Previous: sha1:26eb32f8c30428a0e02a25b999f693cbe3303430
--! Hash: sha1:3758fdb1707b26db0ac3f226d8ed84d309e138f7
--! Message: functions

/*
 * Functions and views, each a copy of its home, and what is built on them: the first rows, jobs, triggers and rights. They come
 * last, so that a change of one changes this file and no other. Three are before, where tables and aggregates are made of them:
 * current_actor, is_backfill and bounded_level.
 */

-- Registry and calendar -----------------------------------------------------------------------------------------------

-- include: functions/take_turn.sql (a copy: edit that file, then npm run compose)
-- What must be checked against all that is committed is done by one transaction at a time. A lock would not be enough:
-- who waits for it in REPEATABLE READ goes on with the snapshot of before. The update of a row that another transaction
-- has changed since makes PostgreSQL refuse such a transaction with 40001, after which it can be tried again.
create or replace function app_private.take_turn(subject text) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into app_private.serial_points as p (name)
  values (subject)
  on conflict (name) do update set turns = p.turns + 1;
$$;

comment on function app_private.take_turn(text) is
  'Waits until no other transaction is at this subject, for example rules, and keeps them waiting until this one ends. Raises 40001 where this one cannot see what the last one did.';
-- end of functions/take_turn.sql
-- include: functions/easter_sunday.sql (a copy: edit that file, then npm run compose)
-- The anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, 1991, chapter 8).
create or replace function app_private.easter_sunday(year int) returns date
language sql immutable
begin atomic
  with century as (
    select year % 19 as a, year / 100 as b, year % 100 as c
  ),
  epact as (
    select *, (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30 as h
    from century
  ),
  weekday as (
    select *, (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7 as l
    from epact
  ),
  full_moon as (
    select *, h + l - 7 * ((a + 11 * h + 22 * l) / 451) + 114 as n
    from weekday
  )
  select make_date(year, n / 31, n % 31 + 1)
  from full_moon;
end;

comment on function app_private.easter_sunday(int) is 'Western Easter Sunday of a year.';
-- end of functions/easter_sunday.sql
-- include: functions/nth_weekday.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.nth_weekday(year int, month int, isodow int, n int) returns date
language sql immutable
return make_date(year, month, 1)
  + ((isodow - extract(isodow from make_date(year, month, 1))::int + 7) % 7)
  + 7 * (n - 1);

comment on function app_private.nth_weekday(int, int, int, int) is
  'The n-th weekday (1 = Monday to 7 = Sunday) of a month, for example the third Monday of January.';
-- end of functions/nth_weekday.sql
-- include: functions/us_market_days.sql (a copy: edit that file, then npm run compose)
-- NYSE Rule 7.2 and the exchange's published holiday list. A holiday on a Sunday moves to Monday, one on a Saturday to
-- Friday, except New Year's Day, because that Friday ends the accounting year.
create or replace function app_private.us_market_days(first_year int, last_year int)
returns table (date date, holiday_name text, is_holiday boolean)
language sql stable
begin atomic
  with years as (
    select generate_series(first_year, last_year) as year
  ),
  fixed (name, month, day, since) as (
    values
      ('New Year''s Day', 1, 1, 0),
      ('Juneteenth', 6, 19, 2022),
      ('Independence Day', 7, 4, 0),
      ('Christmas Day', 12, 25, 0)
  ),
  fixed_days as (
    select make_date(year, month, day) as day, name, month
    from years cross join fixed
    where year >= since
  ),
  observed as (
    select
      case extract(isodow from day)
        when 6 then day - 1
        when 7 then day + 1
        else day
      end as day,
      name
    from fixed_days
    where not (month = 1 and extract(isodow from day) = 6)
  ),
  moving as (
    select app_private.nth_weekday(year, 1, 1, 3) as day, 'Martin Luther King Jr. Day' as name from years
    union all
    select app_private.nth_weekday(year, 2, 1, 3), 'Washington''s Birthday' as name from years
    union all
    select app_private.easter_sunday(year) - 2, 'Good Friday' as name from years
    union all
    select app_private.nth_weekday(year, 6, 1, 1) - 7, 'Memorial Day' as name from years
    union all
    select app_private.nth_weekday(year, 9, 1, 1), 'Labor Day' as name from years
    union all
    select app_private.nth_weekday(year, 11, 4, 4), 'Thanksgiving Day' as name from years
  ),
  one_off (day, name) as (
    values
      (date '2012-10-29', 'Hurricane Sandy'),
      (date '2012-10-30', 'Hurricane Sandy'),
      (date '2018-12-05', 'National Day of Mourning for George H. W. Bush'),
      (date '2025-01-09', 'National Day of Mourning for Jimmy Carter')
  ),
  holidays as (
    select day, name from observed
    union all
    select day, name from moving
    union all
    select day, name from one_off where extract(year from day) between first_year and last_year
  ),
  early_closes as (
    -- The day before Independence Day and Christmas Eve, when they and the day after are weekdays, and Black Friday.
    select make_date(year, 7, 3) as day, 'Day before Independence Day' as name
    from years where extract(isodow from make_date(year, 7, 3)) < 5
    union all
    select make_date(year, 12, 24), 'Christmas Eve' as name
    from years where extract(isodow from make_date(year, 12, 24)) < 5
    union all
    select app_private.nth_weekday(year, 11, 4, 4) + 1, 'Day after Thanksgiving' as name from years
  )
  select day, name, true from holidays
  union all
  select day, name, false from early_closes
  order by 1;
end;

comment on function app_private.us_market_days(int, int) is
  'US stock market holidays (is_holiday) and 13:00 ET early closes (not is_holiday) of the years, by the NYSE''s rules.';
-- end of functions/us_market_days.sql
-- include: functions/is_trading_day.sql (a copy: edit that file, then npm run compose)
create or replace function public.is_trading_day(market public.market_enum, day date) returns boolean
language sql stable
return market = 'CRYPTO'
  or (
    extract(isodow from day) < 6
    and not exists (
      select from public.market_calendar as c
      where c.date = day and c.market = is_trading_day.market and c.is_holiday
    )
  );

comment on function public.is_trading_day(public.market_enum, date) is
  'Whether a market trades on a day: CRYPTO always, the others on weekdays that market_calendar does not list as holidays.';
-- end of functions/is_trading_day.sql
-- include: functions/normalize_to_daily_utc.sql (a copy: edit that file, then npm run compose)
create or replace function public.normalize_to_daily_utc(moment timestamptz) returns timestamptz
language sql immutable
return (moment at time zone 'UTC')::date::timestamp at time zone 'UTC';

comment on function public.normalize_to_daily_utc(timestamptz) is
  'Midnight UTC of the day that the moment falls on, whatever the time zone of the session.';
-- end of functions/normalize_to_daily_utc.sql
-- include: functions/extend_time_index.sql (a copy: edit that file, then npm run compose)
create or replace function public.extend_time_index(until date) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  first_day constant date := coalesce((select max(date_only) + 1 from public.time_index), date '2009-01-03');
  added int;
begin
  insert into public.market_calendar (date, market, is_holiday, holiday_name, open_time, close_time, is_early_close)
  select
    d.date,
    'US',
    d.is_holiday,
    d.holiday_name,
    case when not d.is_holiday then time '09:30' end,
    case when not d.is_holiday then time '13:00' end,
    not d.is_holiday
  from app_private.us_market_days(extract(year from first_day)::int, extract(year from until)::int) as d
  on conflict (date, market) do nothing;

  insert into public.time_index (timestamp, date_only, day_of_week, is_weekend, is_trading_day, notes)
  select
    day::timestamp at time zone 'UTC',
    day,
    extract(isodow from day) - 1,
    extract(isodow from day) >= 6,
    public.is_trading_day('US', day),
    c.holiday_name
  from generate_series(first_day, until, interval '1 day') as g (moment)
  cross join lateral (select g.moment::date as day) as d
  left join public.market_calendar as c on c.date = d.day and c.market = 'US';

  get diagnostics added = row_count;
  return added;
end
$$;

comment on function public.extend_time_index(date) is
  'Grows time_index, and the US market calendar of those years, up to and including a day. Returns the number of days added.';
-- end of functions/extend_time_index.sql

-- Bitcoin's first block is of 2009-01-03; the calendar is filled along with the grid.
select public.extend_time_index('2035-12-31');

-- Quality -------------------------------------------------------------------------------------------------------------

-- include: functions/is_trusted.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.is_trusted(class oid, object oid) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_depend as e where e.classid = class and e.objid = object and e.deptype = 'e'
  ) or exists (
    select
    from (
      select proowner, pronamespace from pg_proc where class = 'pg_proc'::regclass and oid = object
      union all
      select oprowner, oprnamespace from pg_operator where class = 'pg_operator'::regclass and oid = object
      union all
      select typowner, typnamespace from pg_type where class = 'pg_type'::regclass and oid = object
      union all
      select collowner, collnamespace from pg_collation where class = 'pg_collation'::regclass and oid = object
      union all
      select relowner, relnamespace from pg_class where class = 'pg_class'::regclass and oid = object
    ) as o (owner, namespace)
    where o.owner in (
        10, -- PostgreSQL's own superuser
        (select n.nspowner from pg_namespace as n where n.nspname = 'app_private')
      )
      and o.namespace <> pg_my_temp_schema()
      and not pg_is_other_temp_schema(o.namespace)
  );
$$;

comment on function app_private.is_trusted(oid, oid) is
  'Whether a function, operator, type, collation or table (its catalog and oid) belongs to PostgreSQL, an extension or the owner of this schema, and is not temporary.';
-- end of functions/is_trusted.sql
-- include: functions/strange_type.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.strange_type(rule_sql text) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive words as (
    select
      regexp_split_to_array(lower(rule_sql collate "C"), '[^a-z0-9_]+') as words,
      -- Quotes, dollar signs and other letters: there may be any name.
      rule_sql ~ '["$]|[^\x01-\x7f]' as is_odd
  ),
  strange (oid) as (
    select c.contypid
    from pg_constraint as c
    where c.contypid <> 0 and c.contype = 'c' and not app_private.is_trusted('pg_type'::regclass, c.contypid)
    union
    -- Whatever contains one: other domains, arrays, tables and composite types, ranges.
    select x.oid
    from strange as s
    cross join lateral (
      select t.oid from pg_type as t where t.typbasetype = s.oid or t.typelem = s.oid
      union all
      select c.reltype from pg_attribute as a join pg_class as c on c.oid = a.attrelid where a.atttypid = s.oid
      union all
      select unnest(array[r.rngtypid, r.rngmultitypid]) from pg_range as r where r.rngsubtype = s.oid
    ) as x (oid)
  )
  select format_type(t.oid, null)
  from strange as s
  join pg_type as t on t.oid = s.oid
  join pg_namespace as n on n.oid = t.typnamespace
  cross join words as w
  where (t.typname = any (w.words) or (w.is_odd and t.typname !~ '^[a-z0-9_]+$') or rule_sql ~* 'u&"')
    and (
      n.oid = pg_my_temp_schema()
      or n.nspname = 'public'
      or n.nspname = any (w.words)
      or (w.is_odd and n.nspname !~ '^[a-z0-9_]+$')
      or rule_sql ~* 'u&"'
    )
  limit 1;
$$;

comment on function app_private.strange_type(text) is
  'A type that this text could name and whose values are checked by a function of somebody who is not trusted; null when there is none.';
-- end of functions/strange_type.sql
-- include: functions/canonical_rule.sql (a copy: edit that file, then npm run compose)
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
-- end of functions/canonical_rule.sql
-- include: functions/compile_rules.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.compile_rules() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, MDY'
set intervalstyle = postgres
set standard_conforming_strings = on
as $$
declare
  arguments constant text :=
    'source_id int, data_type public.data_type_enum, "timestamp" timestamptz, '
    'open numeric, high numeric, low numeric, close numeric, volume numeric, value numeric';
  all_satisfied text;
  violated text;
  guarded text;
  error_rules text;
begin
  -- Who compiles must see every rule that is committed.
  perform app_private.take_turn('rules');

  with rules as (
    select
      rule_id,
      severity,
      -- A rule whose function was dropped would raise on every row, which counts as violated.
      format('(%s) is false', app_private.canonical_rule(rule_sql, otherwise => 'false')) as is_violated,
      concat_ws(
        ' and ',
        case when validation_rules.data_type is not null then format('data_type = %L', validation_rules.data_type) end,
        case when validation_rules.source_id is not null then format('source_id = %s', validation_rules.source_id) end
      ) as applies
    from public.validation_rules
    where enabled
  )
  select
    coalesce(string_agg(format('not (%s and %s)', applies, is_violated), ' and ' order by rule_id), 'true'),
    coalesce(string_agg(format('case when %s and %s then %s end', applies, is_violated, rule_id), ', ' order by rule_id), 'null'),
    coalesce(string_agg(format(
      E'  begin\n    if %s and %s then violated := violated || %s; end if;\n'
      '  exception when query_canceled then raise; when others or assert_failure then violated := violated || %s;\n  end;\n',
      applies, is_violated, rule_id, rule_id
    ), '' order by rule_id), ''),
    coalesce(string_agg(rule_id::text, ', ' order by rule_id) filter (where severity = 'ERROR'), '')
  into all_satisfied, violated, guarded, error_rules
  from rules;

  -- A body without quotes is parsed here and inlined into the statement that scores a batch.
  execute format(
    $f$
      create or replace function app_private.violated_rules(%s) returns int[]
      language sql immutable
      return case when %s then '{}'::int[] else array_remove(array[%s]::int[], null) end
    $f$, arguments, all_satisfied, violated
  );
  execute format(
    $f$
      create or replace function app_private.violated_rules_guarded(%s) returns int[]
      language plpgsql immutable
      set search_path = pg_catalog, pg_temp
      set timezone = 'UTC'
      set datestyle = 'ISO, MDY'
      set intervalstyle = postgres
      set standard_conforming_strings = on
      as %L
    $f$, arguments, format(
      E'#variable_conflict error\ndeclare\n  violated int[] := ''{}''::int[];\nbegin\n%s  return violated;\nend', guarded
    )
  );
  execute format(
    $f$
      create or replace function app_private.error_rules() returns int[]
      language sql immutable
      return array[%s]::int[]
    $f$, error_rules
  );

  comment on function app_private.violated_rules is
    'Generated by compile_rules(): the enabled rules that a row violates.';
  comment on function app_private.violated_rules_guarded is
    'Generated by compile_rules(): as violated_rules, but a rule that raises counts as violated. Slower.';
  comment on function app_private.error_rules is
    'Generated by compile_rules(): the enabled rules of severity ERROR.';
end
$$;

comment on function app_private.compile_rules() is
  'Turns the enabled rows of validation_rules into the functions that the pipeline calls.';
-- end of functions/compile_rules.sql
-- include: functions/faulty_rules.sql (a copy: edit that file, then npm run compose)
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
-- end of functions/faulty_rules.sql

insert into public.validation_rules (data_type, rule_name, rule_sql, error_message, severity, enabled) values
  ('ohlcv', 'ohlc_ordering', 'high >= greatest(open, low, close) and low <= least(open, high, close)',
    'high must be the highest and low the lowest of the four prices', 'ERROR', true),
  ('ohlcv', 'positive_price', 'least(open, high, low, close) > 0',
    'prices must be positive', 'ERROR', true),
  ('ohlcv', 'non_negative_volume', 'volume >= 0',
    'volume must not be negative', 'ERROR', true),
  ('derivative', 'funding_rate_range', 'value between -1 and 1',
    'a funding rate lies between -1 and 1', 'WARNING', true),
  -- An example to copy: give it the source_id of an RSI series and enable it.
  ('calculated', 'rsi_range', 'value between 0 and 100',
    'an RSI lies between 0 and 100', 'ERROR', false);

select app_private.compile_rules();

-- include: functions/history_before.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.history_before(
  source_id int,
  moment timestamptz,
  update_frequency interval,
  out first_moment timestamptz,
  out row_count bigint,
  out last_level numeric,
  out level_count bigint,
  out mean numeric,
  out stddev numeric
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  since timestamptz;
begin
  -- They are looked for close by first: a search without a lower bound opens every chunk there is.
  foreach since in array array[moment - 400 * least(update_frequency, interval '1 month'), '-infinity'] loop
    select
      min(h.timestamp),
      count(*),
      (array_agg(h.level order by h.timestamp desc))[1],
      count(h.level),
      avg(h.level),
      stddev_samp(h.level)
    into first_moment, row_count, last_level, level_count, mean, stddev
    from (
      select d.timestamp, app_private.bounded_level(coalesce(d.close, d.value)) as level
      from public.timeseries_data as d
      where d.source_id = history_before.source_id and d.timestamp >= since and d.timestamp < moment
      order by d.timestamp desc
      limit 200
    ) as h;
    exit when row_count = 200;
  end loop;
end
$$;

comment on function app_private.history_before(int, timestamptz, interval) is
  'The 200 rows of a source before a moment, summed up: since when, how many, their last level, and count, mean and deviation of their levels.';
-- end of functions/history_before.sql
-- include: functions/completeness_loss.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.completeness_loss(
  data_type public.data_type_enum, open numeric, high numeric, low numeric, close numeric, volume numeric, value numeric
) returns int
language sql immutable
return case
  when case data_type when 'ohlcv' then num_nulls(open, high, low, close, volume) > 0 else value is null end then 30
  else 0
end;

comment on function app_private.completeness_loss(public.data_type_enum, numeric, numeric, numeric, numeric, numeric, numeric) is
  'What a row loses of its score when a value is missing.';
-- end of functions/completeness_loss.sql
-- include: functions/timeliness_loss.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.timeliness_loss(
  is_backfilled boolean, created_at timestamptz, moment timestamptz, update_frequency interval
) returns int
language sql stable
return case when not is_backfilled and created_at > moment + 2 * update_frequency then 20 else 0 end;

comment on function app_private.timeliness_loss(boolean, timestamptz, timestamptz, interval) is
  'What a row loses of its score when it arrived late. A day is one of the session''s time zone.';
-- end of functions/timeliness_loss.sql
-- include: functions/consistency_loss.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.consistency_loss(level numeric, previous_level numeric) returns int
language sql immutable
return case when abs(level - previous_level) > 0.5 * abs(previous_level) then 25 else 0 end;

comment on function app_private.consistency_loss(numeric, numeric) is
  'What a row loses of its score when its level is more than half away from the one before it.';
-- end of functions/consistency_loss.sql
-- include: functions/validation_loss.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.validation_loss(violated int[]) returns int
language sql immutable
return 10 * cardinality(violated);

comment on function app_private.validation_loss(int[]) is
  'What a row loses of its score for the rules that it violates.';
-- end of functions/validation_loss.sql
-- include: functions/score_island.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.score_island(island app_private.island, is_whole boolean, guarded boolean)
returns setof app_private.score
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  is_alone constant boolean := cardinality(island.moments) = 1;
  source record;
  history record;
  since timestamptz := island.first_moment;
begin
  select s.data_type, s.update_frequency into source from public.sources as s where s.source_id = island.source_id;
  history := app_private.history_before(island.source_id, island.first_moment, source.update_frequency);

  -- A row that came alone has the history just read. With others it shares a window that slides over all of them.
  if not is_alone then
    since := coalesce(history.first_moment, since);
  end if;

  return query
  with in_context as (
    select
      d.*,
      row_number() over before as position,
      case when is_alone then history.last_level else lag(d.level) over before end as previous_level,
      case when is_alone then history.level_count else count(d.level) over before end as history_count,
      case when is_alone then history.mean else avg(d.level) over before end as mean,
      case when is_alone then history.stddev else stddev_samp(d.level) over before end as stddev
    from (
      select t.*, app_private.bounded_level(coalesce(t.close, t.value)) as level
      from public.timeseries_data as t
      where t.source_id = island.source_id and t.timestamp >= since and t.timestamp <= island.last_moment
      offset 0 -- a fence: the level is computed once, not for each aggregate
    ) as d
    window before as (order by d.timestamp rows between 200 preceding and 1 preceding)
  ),
  checked as (
    select
      r.timestamp,
      r.quality_score,
      r.is_anomaly,
      r.is_validated,
      r.position,
      coalesce(r.close, r.value) as level,
      r.mean,
      r.stddev,
      app_private.completeness_loss(source.data_type, r.open, r.high, r.low, r.close, r.volume, r.value) as completeness_loss,
      app_private.timeliness_loss(r.is_backfilled, r.created_at, r.timestamp, source.update_frequency) as timeliness_loss,
      app_private.consistency_loss(r.level, r.previous_level) as consistency_loss,
      case
        when guarded then app_private.violated_rules_guarded(
          r.source_id, source.data_type, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value)
        else app_private.violated_rules(
          r.source_id, source.data_type, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value)
      end as violated,
      -- A flat history has stddev 0: any other level is an outlier.
      coalesce(r.history_count >= 30 and abs(r.level - r.mean) > 4 * r.stddev, false) as is_outlier
    from in_context as r
    where r.timestamp >= island.first_moment
      -- "is true" keeps this a look-up in a hash of the moments; as a join it would be planned by chance.
      and (is_whole or (r.timestamp in (select unnest(island.moments))) is true)
    offset 0 -- likewise each check
  ),
  scored as (
    select
      c.*,
      greatest(0,
        100 - c.completeness_loss - c.timeliness_loss - c.consistency_loss - app_private.validation_loss(c.violated)
      )::smallint as score,
      not c.violated && app_private.error_rules() as is_valid
    from checked as c
    offset 0 -- likewise each score
  )
  select
    island.source_id,
    r.timestamp::timestamptz,
    r.score,
    r.is_outlier,
    r.is_valid,
    (r.quality_score, r.is_anomaly, r.is_validated) is distinct from (r.score, r.is_outlier, r.is_valid),
    island.first_moment,
    r.position::int,
    case when r.is_outlier then r.level end,
    case when r.is_outlier then r.mean end,
    case when r.is_outlier then r.stddev end
  from scored as r
  where (r.quality_score, r.is_anomaly, r.is_validated) is distinct from (r.score, r.is_outlier, r.is_valid)
    or r.is_outlier;
end
$$;

comment on function app_private.score_island(app_private.island, boolean, boolean) is
  'Scores rows by the contract of quality_score and is_anomaly; returns those that are outliers or stored with another score. is_whole: no other row lies between them. guarded: a rule that raises counts as violated.';
-- end of functions/score_island.sql
-- include: functions/compute_scores.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.compute_scores(islands app_private.island[], guarded boolean)
returns setof app_private.score
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- For all that it calls. A day is 24 hours, whatever the summer time of the session.
set timezone = 'UTC'
-- By the index in order of time, whatever the statistics said when the chunk was new.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $$
-- set_config is volatile, but what it sets ends with the function.
-- @plpgsql_check_options: other_warnings = off
declare
  island app_private.island;
  row_count int;
  most_rows int;
  stored_count int;
  middle int;
begin
  -- One plan for all islands looks at each chunk when it starts, which is quick while there are few. To plan for the
  -- bounds of an island costs half a millisecond, however many chunks there are.
  if exists (select from pg_inherits as i where i.inhparent = 'public.timeseries_data'::regclass offset 12) then
    perform set_config('plan_cache_mode', 'force_custom_plan', true); -- until the function ends
  end if;

  foreach island in array islands loop
    row_count := cardinality(island.moments);
    stored_count := 1;
    if row_count > 1 then
      most_rows := 4 * row_count + 500;
      select count(*)
      into stored_count
      from (
        select
        from public.timeseries_data as d
        where d.source_id = island.source_id
          and d.timestamp >= island.first_moment
          and d.timestamp <= island.last_moment
        limit most_rows
      ) as d;

      -- With many others between them, each half is scored apart, and so on: rows that lie years apart do not make us
      -- read all that is between them.
      if stored_count = most_rows then
        middle := row_count / 2;
        return query
        select s.*
        from app_private.compute_scores(
          array[
            (island.source_id, island.first_moment, island.moments[middle], island.moments[:middle]),
            (island.source_id, island.moments[middle + 1], island.last_moment, island.moments[middle + 1:])
          ]::app_private.island[],
          guarded
        ) as s;
        continue;
      end if;
    end if;

    -- Mostly every row between the first and the last was written, and none has to be looked up.
    return query
    select s.* from app_private.score_island(island, stored_count = row_count, guarded) as s;
  end loop;
end
$$;

comment on function app_private.compute_scores(app_private.island[], boolean) is
  'The scores of rows that are outliers or stored with another score. Clean rows cost no write. guarded: after an error, a rule that raises counts as violated.';
-- end of functions/compute_scores.sql
-- include: functions/update_scores.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.update_scores(scores app_private.score[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
-- The bounds of a run must be known when it is planned: they exclude chunks and spare compressed batches.
set plan_cache_mode = force_custom_plan
set timescaledb.max_tuples_decompressed_per_dml_transaction = 0
as $$
declare
  run record;
begin
  -- Tells the trigger of these updates that they are the pipeline's.
  perform set_config('app.pipeline_token', (select p.token from app_private.pipeline_token as p), true);

  -- One update for each run of neighbours. A run ends with its island, or where the next row is more than a thousand
  -- rows away, so that a write to compressed history decompresses only the batches that it changes.
  for run in
    with rewrites as (
      select
        s.*,
        s.position - lag(s.position) over neighbours > 1000 as is_far
      from unnest(scores) as s
      where s.is_rewrite
      window neighbours as (partition by s.source_id, s.island_start order by s.position)
    ),
    numbered as (
      select
        r.*,
        count(*) filter (where r.is_far) over neighbours as run_number
      from rewrites as r
      window neighbours as (partition by r.source_id, r.island_start order by r.position)
    )
    select
      n.source_id,
      min(n.timestamp) as first_moment,
      max(n.timestamp) as last_moment,
      array_agg(n.timestamp order by n.timestamp) as moments,
      array_agg(n.quality_score order by n.timestamp) as quality_scores,
      array_agg(n.is_anomaly order by n.timestamp) as anomalies,
      array_agg(n.is_validated order by n.timestamp) as validated
    from numbered as n
    group by n.source_id, n.island_start, n.run_number
    order by n.source_id, first_moment
  loop
    update public.timeseries_data as d
    set quality_score = s.quality_score, is_anomaly = s.is_anomaly, is_validated = s.is_validated
    from unnest(run.moments, run.quality_scores, run.anomalies, run.validated)
      as s (moment, quality_score, is_anomaly, is_validated)
    where d.source_id = run.source_id
      and d.timestamp between run.first_moment and run.last_moment
      and d.timestamp = s.moment;
  end loop;

  perform set_config('app.pipeline_token', '', true);
end
$$;

comment on function app_private.update_scores(app_private.score[]) is 'Stores scores on their rows.';
-- end of functions/update_scores.sql
-- include: functions/write_anomalies.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.write_anomalies(scores app_private.score[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set plan_cache_mode = force_custom_plan
as $$
begin
  insert into public.anomalies as a (
    source_id, timestamp, anomaly_type, severity, value, z_score, expected_value, deviation_pct, is_blackswan, context
  )
  select
    s.source_id,
    s.timestamp,
    (case when o.is_blackswan then 'outlier_6sigma' else 'outlier_4sigma' end)::public.anomaly_type_enum,
    case
      when o.is_blackswan then 'CRITICAL'
      when abs(l.level - s.mean) > 5 * s.stddev then 'HIGH'
      else 'MEDIUM'
    end,
    s.level,
    round((l.level - s.mean) / nullif(s.stddev, 0), 6),
    s.mean,
    round(100 * (l.level - s.mean) / nullif(abs(s.mean), 0), 6),
    o.is_blackswan,
    case when s.stddev = 0 then '{"flat_history": true}' else '{}' end::jsonb
  from unnest(scores) as s
  cross join lateral (select app_private.bounded_level(s.level) as level) as l
  cross join lateral (select abs(l.level - s.mean) > 6 * s.stddev as is_blackswan) as o
  where s.is_anomaly
  on conflict (source_id, timestamp, anomaly_type) do update
  set
    detected_at = now(),
    severity = excluded.severity,
    value = excluded.value,
    z_score = excluded.z_score,
    expected_value = excluded.expected_value,
    deviation_pct = excluded.deviation_pct,
    is_blackswan = excluded.is_blackswan,
    context = excluded.context,
    -- What a person has said about this very value stays.
    reviewed = a.reviewed and a.value = excluded.value,
    is_false_positive = a.is_false_positive and a.value = excluded.value,
    resolved_at = case when a.value = excluded.value and a.resolved_by <> 'system' then a.resolved_at end,
    resolved_by = case when a.value = excluded.value and a.resolved_by <> 'system' then a.resolved_by end,
    resolution_notes = case when a.value = excluded.value and a.resolved_by <> 'system' then a.resolution_notes end
  where (a.value, a.expected_value, a.z_score) is distinct from
      (excluded.value, excluded.expected_value, excluded.z_score)
    or a.resolved_by = 'system';

  update public.anomalies as a
  set
    resolved_at = now(),
    resolved_by = 'system',
    resolution_notes = case when s.is_anomaly then 'The row is now an outlier of another kind.' else 'The row is back inside.' end
  from unnest(scores) as s
  cross join lateral (
    select (case
      when abs(app_private.bounded_level(s.level) - s.mean) > 6 * s.stddev then 'outlier_6sigma'
      else 'outlier_4sigma'
    end)::public.anomaly_type_enum as anomaly_type
  ) as o
  where a.source_id = s.source_id
    and a.timestamp = s.timestamp
    and a.resolved_at is null
    and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
    and (not s.is_anomaly or a.anomaly_type <> o.anomaly_type);
end
$$;

comment on function app_private.write_anomalies(app_private.score[]) is
  'Opens an anomaly for each outlier and resolves those of rows that are back inside.';
-- end of functions/write_anomalies.sql
-- include: functions/score_rows.sql (a copy: edit that file, then npm run compose)
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
-- end of functions/score_rows.sql
-- include: functions/require_source.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.require_source(source_id int) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from public.sources as s where s.source_id = require_source.source_id) then
    raise exception 'source % does not exist', coalesce(require_source.source_id::text, 'null')
      using errcode = 'MD006',
            hint = 'Look the source_id up in public.sources, or register the source first.';
  end if;
end
$$;

comment on function app_private.require_source(int) is 'Raises MD006 for a source that is not registered.';
-- end of functions/require_source.sql
-- include: functions/require_range.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.require_range(first_moment timestamptz, last_moment timestamptz) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if first_moment > last_moment then
    raise exception 'the range ends (%) before it starts (%)', last_moment, first_moment
      using errcode = 'MD007',
            hint = 'Pass the earlier moment first.';
  end if;
end
$$;

comment on function app_private.require_range(timestamptz, timestamptz) is 'Raises MD007 for a range that ends before it starts.';
-- end of functions/require_range.sql
-- include: functions/lock_rows.sql (a copy: edit that file, then npm run compose)
-- A row of a compressed batch cannot be locked, but the batch can: whoever changes the row takes it apart.
create or replace function app_private.lock_rows(source_id int, first_moment timestamptz, last_moment timestamptz)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  part record;
begin
  -- Beside compression and retention, which take this lock for themselves: no chunk is merged or dropped meanwhile.
  perform pg_advisory_xact_lock_shared('public.timeseries_data'::regclass::oid::bigint);

  for part in
    select p.*
    from timescaledb_information.chunks as c
    cross join lateral (select to_regclass(format('%I.%I', c.chunk_schema, c.chunk_name)) as relation) as r
    left join _timescaledb_catalog.compression_settings as s on s.relid = r.relation
    cross join lateral (
      values
        (s.compress_relid, '_ts_meta_min_1', '_ts_meta_max_1'), -- batches
        (r.relation, 'timestamp', 'timestamp')
    ) as p (relation, first_column, last_column)
    where c.hypertable_schema = 'public'
      and c.hypertable_name = 'timeseries_data'
      and c.range_start <= last_moment
      and c.range_end > first_moment
      and (p.relation is not null or r.relation is null)
    order by c.range_start, p.first_column
  loop
    if part.relation is null then
      raise serialization_failure using
        message = 'a chunk of timeseries_data was merged or dropped since the snapshot of this transaction',
        hint = 'Try the transaction again.';
    end if;

    execute format(
      $f$
        select count(*)
        from (
          select
          from only %1$s
          where source_id = $1 and %3$I >= $2 and %2$I <= $3
          order by %2$I
          for no key update
        ) as locked
      $f$, part.relation, part.first_column, part.last_column
    ) using source_id, first_moment, last_moment;
  end loop;
end
$$;

comment on function app_private.lock_rows(int, timestamptz, timestamptz) is
  'Locks the rows of a source in a range (both ends included) in order of time, and waits for those who have changed some.';
-- end of functions/lock_rows.sql
-- include: functions/rescore.sql (a copy: edit that file, then npm run compose)
create or replace procedure public.rescore(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  first_moment constant timestamptz := coalesce(range_start, '-infinity');
  last_moment constant timestamptz := coalesce(range_end, 'infinity');
  island app_private.island;
begin
  perform app_private.require_source(rescore.source_id);
  perform app_private.require_range(range_start, range_end);

  -- What others have changed and not committed is waited for, and nothing below looks at the rows before that.
  perform app_private.lock_rows(rescore.source_id, first_moment, last_moment);

  for island in
    select
      rescore.source_id,
      min(d.timestamp),
      max(d.timestamp),
      array_agg(d.timestamp::timestamptz order by d.timestamp)
    from (
      select t.timestamp, (row_number() over (order by t.timestamp) - 1) / 10000 as slice
      from public.timeseries_data as t
      where t.source_id = rescore.source_id and t.timestamp between first_moment and last_moment
    ) as d
    group by d.slice
    order by d.slice
  loop
    perform app_private.score_rows(array[island]);
  end loop;

  -- What is open now for a row that is clean, or gone, no longer holds. What retention dropped was not scored again.
  update public.anomalies as a
  set
    resolved_at = now(),
    resolved_by = 'system',
    resolution_notes = case
      when exists (
        select
        from public.timeseries_data as d
        where d.source_id = a.source_id and d.timestamp = a.timestamp
      ) then 'The row is back inside.'
      else 'The row was deleted.'
    end
  where a.source_id = rescore.source_id
    and a.timestamp between first_moment and last_moment
    and a.timestamp >= coalesce(app_private.dropped_until(), '-infinity')
    and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
    and a.resolved_at is null
    and not exists (
      select
      from public.timeseries_data as d
      where d.source_id = a.source_id and d.timestamp = a.timestamp and d.is_anomaly
    );
end
$$;

comment on procedure public.rescore(int, timestamptz, timestamptz) is
  'Scores the rows of a source from range_start to range_end (both included, null: open) again, for neighbours that arrived out of order or rules that changed.';
-- end of functions/rescore.sql
-- include: functions/explain_score.sql (a copy: edit that file, then npm run compose)
-- By the same functions as score_island. The owner's rights: what scores is closed to readers.
create or replace function public.explain_score(source_id int, moment timestamptz)
returns table (check_name text, points_lost int, detail text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
  select c.check_name, c.points_lost, case when c.points_lost > 0 then c.detail end
  from public.timeseries_data as d
  join public.sources as s on s.source_id = d.source_id
  cross join lateral app_private.history_before(d.source_id, d.timestamp, s.update_frequency) as h
  cross join lateral (select app_private.bounded_level(coalesce(d.close, d.value)) as level) as l
  cross join lateral (
    select
      1 as position,
      'completeness' as check_name,
      app_private.completeness_loss(s.data_type, d.open, d.high, d.low, d.close, d.volume, d.value) as points_lost,
      'missing: ' || case s.data_type
        when 'ohlcv' then concat_ws(', ',
          case when d.open is null then 'open' end, case when d.high is null then 'high' end,
          case when d.low is null then 'low' end, case when d.close is null then 'close' end,
          case when d.volume is null then 'volume' end)
        else 'value'
      end as detail
    union all
    select
      2,
      'timeliness',
      app_private.timeliness_loss(d.is_backfilled, d.created_at, d.timestamp, s.update_frequency),
      format('arrived %s after its time, of a source that has a row every %s',
        date_trunc('second', d.created_at - d.timestamp), s.update_frequency)
    union all
    select
      3,
      'consistency',
      app_private.consistency_loss(l.level, h.last_level),
      format('%s after %s', trim_scale(l.level), trim_scale(h.last_level))
    union all
    select 4, 'validation: ' || r.rule_name, app_private.validation_loss(array[r.rule_id]), r.error_message
    from unnest(app_private.violated_rules_guarded(
      d.source_id, s.data_type, d.timestamp, d.open, d.high, d.low, d.close, d.volume, d.value)) as v (rule_id)
    join public.validation_rules as r on r.rule_id = v.rule_id
  ) as c
  where d.source_id = explain_score.source_id
    and d.timestamp = moment
  order by c.position, c.check_name
$$;

comment on function public.explain_score(int, timestamptz) is
  'What each check takes off the score of a row, and why, by what is stored now: rescore would give it 100 less these points, at least 0.';
-- end of functions/explain_score.sql
-- include: functions/differing_rows.sql (a copy: edit that file, then npm run compose)
create or replace function public.differing_rows(
  lines text,
  columns text[],
  first_moment timestamptz,
  last_moment timestamptz,
  keep_corrections boolean
) returns table (
  source_id int,
  "timestamp" timestamptz,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  value numeric,
  is_new boolean,
  is_kept boolean
)
language sql stable
-- Having no settings of its own, it becomes a part of the query that calls it, and is planned for the bounds at hand.
begin atomic
  with given as materialized (
    select
      (l.cells)[1]::int as source_id,
      (l.cells)[2]::timestamptz(3) as timestamp,
      (l.cells)[3]::numeric as open,
      (l.cells)[4]::numeric as high,
      (l.cells)[5]::numeric as low,
      (l.cells)[6]::numeric as close,
      (l.cells)[7]::numeric as volume,
      (l.cells)[8]::numeric as value
    from (
      select string_to_array(t.line, e'\t', '\N') as cells
      from string_to_table(lines, e'\n') as t (line)
      where t.line <> ''
      offset 0 -- a fence: the line is cut once, not for each cell
    ) as l
  ),
  months as (
    select g.source_id, min(g.timestamp) as first_moment, max(g.timestamp) as last_moment
    from given as g
    group by g.source_id, date_trunc('month', g.timestamp, 'UTC')
  ),
  stored as (
    select d.source_id, d.timestamp, d.open, d.high, d.low, d.close, d.volume, d.value
    from months as m
    cross join lateral (
      select t.source_id, t.timestamp, t.open, t.high, t.low, t.close, t.volume, t.value
      from public.timeseries_data as t
      where t.source_id = m.source_id
        and t.timestamp between m.first_moment and m.last_moment
        -- The bounds of all rows are known when the statement is planned, by which it leaves out chunks.
        and t.timestamp between differing_rows.first_moment and differing_rows.last_moment
      offset 0
    ) as d
  )
  select
    g.source_id,
    g.timestamp,
    m.open,
    m.high,
    m.low,
    m.close,
    m.volume,
    m.value,
    n.is_new,
    coalesce(
      keep_corrections and not n.is_new and (
        select (
          select bool_and((a.new_value ->> c.name)::numeric is not distinct from (to_jsonb(s) ->> c.name)::numeric)
          from unnest(columns) as c (name)
        )
        from public.audit_log as a
        where a.source_id = g.source_id
          and a.timestamp = g.timestamp
          and a.table_name = 'timeseries_data'
          and a.action = 'CORRECTION'
        order by a.audit_id desc
        limit 1
      ),
      false
    ) as is_kept
  from given as g
  left join stored as s on s.source_id = g.source_id and s.timestamp = g.timestamp
  cross join lateral (select s.source_id is null as is_new) as n
  cross join lateral (
    select
      case when n.is_new or 'open' = any (columns) then g.open else s.open end as open,
      case when n.is_new or 'high' = any (columns) then g.high else s.high end as high,
      case when n.is_new or 'low' = any (columns) then g.low else s.low end as low,
      case when n.is_new or 'close' = any (columns) then g.close else s.close end as close,
      case when n.is_new or 'volume' = any (columns) then g.volume else s.volume end as volume,
      case when n.is_new or 'value' = any (columns) then g.value else s.value end as value
  ) as m
  where n.is_new
    or (s.open, s.high, s.low, s.close, s.volume, s.value)
      is distinct from (m.open, m.high, m.low, m.close, m.volume, m.value);
end;

comment on function public.differing_rows(text, text[], timestamptz, timestamptz, boolean) is
  'Rows, given as lines of COPY, that are not stored yet or would change what is stored if the columns were written. Kept is one that still is as a correction left it.';
-- end of functions/differing_rows.sql
-- include: functions/restore_archived.sql (a copy: edit that file, then npm run compose)
create or replace function public.restore_archived(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  restored bigint;
begin
  perform app_private.require_source(restore_archived.source_id);
  perform app_private.require_range(range_start, range_end);

  with latest as (
    -- A row that was deleted more than once comes back as it was last.
    select distinct on (a.timestamp) a.*
    from public.timeseries_archive as a
    where a.source_id = restore_archived.source_id
      and a.timestamp between coalesce(range_start, '-infinity') and coalesce(range_end, 'infinity')
      and a.restored_at is null
    order by a.timestamp, a.archive_id desc
  ),
  back as (
    insert into public.timeseries_data (
      source_id, timestamp, open, high, low, close, volume, value, is_backfilled, created_at
    )
    select l.source_id, l.timestamp, l.open, l.high, l.low, l.close, l.volume, l.value, l.is_backfilled, l.created_at
    from latest as l
    on conflict on constraint timeseries_data_pkey do nothing
    returning timeseries_data.timestamp
  ),
  marked as (
    update public.timeseries_archive as a
    set restored_at = now(), restored_by = app_private.current_actor()
    from latest as l
    join back as b on b.timestamp = l.timestamp
    where a.archive_id = l.archive_id
    returning a.archive_id
  )
  select count(*) into restored from marked;

  return restored;
end
$$;

comment on function public.restore_archived(int, timestamptz, timestamptz) is
  'Brings deleted rows of a source from range_start to range_end (both included, null: open) back and returns how many. A row that exists again is left alone.';
-- end of functions/restore_archived.sql
-- include: functions/count_steps.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.count_steps(first_moment timestamptz, last_moment timestamptz, step interval)
returns bigint
language sql stable
set timezone = 'UTC'
set search_path = pg_catalog, pg_temp
as $$
  select case
    -- Months have no fixed length: they are counted by the calendar.
    when step >= interval '1 month' and step = justify_days(step) and extract(day from step) = 0 then
      floor(
        (12 * extract(year from age) + extract(month from age))
        / (12 * extract(year from step) + extract(month from step))
      )
    else floor(extract(epoch from last_moment - first_moment) / extract(epoch from step))
  end::bigint
  from (select age(last_moment, first_moment) as age) as a;
$$;

comment on function app_private.count_steps(timestamptz, timestamptz, interval) is
  'How many whole steps fit between two moments; months by the calendar, in UTC.';
-- end of functions/count_steps.sql
-- include: functions/missing_days.sql (a copy: edit that file, then npm run compose)
-- A stock market series is complete when every trading day has a row.
create or replace function app_private.missing_days(
  source_id int, first_moment timestamptz, last_moment timestamptz
) returns table (gap_start timestamptz, gap_end timestamptz, missing_points bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with missing as (
    select
      t.timestamp,
      t.is_present,
      count(*) filter (where t.is_present) over (order by t.timestamp) as island
    from (
      select
        t.timestamp,
        exists (
          select from public.timeseries_data as d
          where d.source_id = missing_days.source_id
            and d.timestamp >= t.timestamp and d.timestamp < t.timestamp + interval '1 day'
        ) as is_present
      from public.time_index as t
      where t.is_trading_day and t.timestamp between public.normalize_to_daily_utc(first_moment) and last_moment
    ) as t
  )
  select min(m.timestamp)::timestamptz, max(m.timestamp)::timestamptz, count(*)
  from missing as m
  where not m.is_present
  group by m.island
  order by 1;
$$;

comment on function app_private.missing_days(int, timestamptz, timestamptz) is
  'Runs of trading days of the US market on which a source has no row.';
-- end of functions/missing_days.sql
-- include: functions/missing_intervals.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.missing_intervals(
  source_id int, update_frequency interval, first_moment timestamptz, last_moment timestamptz
) returns table (gap_start timestamptz, gap_end timestamptz, missing_points bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with points as (
    select d.timestamp::timestamptz as moment
    from public.timeseries_data as d
    where d.source_id = missing_intervals.source_id and d.timestamp between first_moment and last_moment
  ),
  -- Between two rows; the distance may be off by up to half an interval.
  between_rows as (
    select p.moment + update_frequency as moment, n.missing
    from (select p.moment, lead(p.moment) over (order by p.moment) as next_moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(
        p.moment, p.next_moment + update_frequency / 2, update_frequency) - 1 as missing
    ) as n
    -- Counting is slow, and most rows are where they should be.
    where p.next_moment - p.moment > 1.4 * update_frequency
  ),
  -- Before the first and after the last row of the range, on the grid of that row.
  before_rows as (
    select p.moment - n.missing * update_frequency as moment, n.missing
    from (select min(p.moment) as moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(first_moment, p.moment, update_frequency) as missing
    ) as n
  ),
  after_rows as (
    select p.moment + update_frequency as moment, n.missing
    from (select max(p.moment) as moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(p.moment, last_moment, update_frequency) as missing
    ) as n
  ),
  -- No row at all: the grid starts with the range.
  no_rows as (
    select
      first_moment as moment,
      app_private.count_steps(first_moment, last_moment, update_frequency) + 1 as missing
    where not exists (select from points)
  )
  select g.moment, g.moment + (g.missing - 1) * update_frequency, g.missing
  from (
    select * from before_rows
    union all
    select * from between_rows
    union all
    select * from after_rows
    union all
    select * from no_rows
  ) as g
  where g.missing > 0
  order by 1;
$$;

comment on function app_private.missing_intervals(int, interval, timestamptz, timestamptz) is
  'Where the rows of a source lie further apart than its update_frequency.';
-- end of functions/missing_intervals.sql
-- include: functions/detect_gaps.sql (a copy: edit that file, then npm run compose)
create or replace function public.detect_gaps(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
) returns table (gap_start timestamptz, gap_end timestamptz, missing_points bigint)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
#variable_conflict use_column
declare
  source public.sources;
  first_moment timestamptz;
  last_moment timestamptz;
begin
  perform app_private.require_source(detect_gaps.source_id);
  perform app_private.require_range(range_start, range_end);
  select s.* into strict source from public.sources as s where s.source_id = detect_gaps.source_id;

  first_moment := coalesce(range_start, (
    select min(d.timestamp) from public.timeseries_data as d where d.source_id = detect_gaps.source_id));
  last_moment := coalesce(range_end, (
    select max(d.timestamp) from public.timeseries_data as d where d.source_id = detect_gaps.source_id));

  if source.market_type = 'US' then
    return query
    select m.* from app_private.missing_days(detect_gaps.source_id, first_moment, last_moment) as m;
  else
    return query
    select m.*
    from app_private.missing_intervals(detect_gaps.source_id, source.update_frequency, first_moment, last_moment) as m;
  end if;
end
$$;

comment on function public.detect_gaps(int, timestamptz, timestamptz) is
  'Gaps of a source from range_start to range_end (both included, null: its first and last row): first and last missing moment and how many points are missing, by update_frequency; US sources by trading day.';
-- end of functions/detect_gaps.sql
-- include: functions/record_gaps.sql (a copy: edit that file, then npm run compose)
create or replace procedure public.record_gaps(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
)
language sql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
  with gaps as (
    select * from public.detect_gaps(record_gaps.source_id, range_start, range_end)
  ),
  filled as (
    update public.anomalies as a
    set resolved_at = now(), resolved_by = 'system', resolution_notes = 'The gap is filled or has another extent.'
    where a.source_id = record_gaps.source_id
      and a.anomaly_type = 'missing_data'
      and a.resolved_at is null
      and a.timestamp between coalesce(range_start, '-infinity') and coalesce(range_end, 'infinity')
      and not exists (select from gaps as g where g.gap_start::timestamptz(3) = a.timestamp)
  )
  insert into public.anomalies as a (source_id, timestamp, anomaly_type, severity, context)
  select
    record_gaps.source_id,
    g.gap_start,
    'missing_data',
    case when g.missing_points > 24 then 'HIGH' when g.missing_points > 3 then 'MEDIUM' else 'LOW' end,
    jsonb_build_object('gap_end', g.gap_end, 'missing_points', g.missing_points)
  from gaps as g
  on conflict (source_id, timestamp, anomaly_type) do update
  set
    detected_at = now(),
    severity = excluded.severity,
    context = excluded.context,
    resolved_at = null,
    resolved_by = null,
    resolution_notes = null
  where a.context <> excluded.context or a.resolved_by = 'system';
$$;

comment on procedure public.record_gaps(int, timestamptz, timestamptz) is
  'Writes what detect_gaps finds as anomalies of type missing_data, and resolves those whose gap is filled.';
-- end of functions/record_gaps.sql

-- Analytics -----------------------------------------------------------------------------------------------------------

-- include: functions/require_columns.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.require_columns(relation regclass, given jsonb[]) returns jsonb[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  columns text[] := array(
    select a.attname
    from pg_attribute as a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = ''
    order by a.attnum
  );
  wrong record;
begin
  select g.place, k.key
  into wrong
  from unnest(given) with ordinality as g (object, place)
  left join lateral jsonb_object_keys(case when jsonb_typeof(g.object) = 'object' then g.object end) as k (key) on true
  where jsonb_typeof(g.object) is distinct from 'object' or k.key <> all (columns)
  order by g.place, k.key collate "C"
  limit 1;

  if found then
    raise exception '%', case
      when wrong.key is null then format('row %s is no object', wrong.place)
      else format('row %s has a key that cannot be written: %s', wrong.place, wrong.key)
    end
      using errcode = 'MD008',
            hint = format('Each row is an object whose keys are columns of %s: %s.', relation, array_to_string(columns, ', '));
  end if;
  return given;
end
$$;

comment on function app_private.require_columns(regclass, jsonb[]) is
  'The rows as they are given. Raises MD008 for one that has a key which is no column, or none that can be written.';
-- end of functions/require_columns.sql
-- include: functions/lineage_from.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.lineage_from(origins int[], is_upstream boolean default false) returns int[]
language sql stable
set search_path = pg_catalog, pg_temp
-- A step at a time by the indexes, whatever the statistics say.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  with recursive reached (source_id) as (
    select o.source_id
    from unnest(origins) as o (source_id)
    union
    select next.source_id
    from reached as r
    cross join lateral (
      select l.parent_source_id as source_id
      from public.lineage as l
      where is_upstream and l.derived_source_id = r.source_id
      union all
      select l.derived_source_id
      from public.lineage as l
      where not is_upstream and l.parent_source_id = r.source_id
    ) as next
  )
  select array_agg(r.source_id)
  from reached as r;
$$;

comment on function app_private.lineage_from(int[], boolean) is
  'These sources and all that is computed from them, or all that they are computed from, each once.';
-- end of functions/lineage_from.sql
-- include: functions/walk_lineage.sql (a copy: edit that file, then npm run compose)
-- In memory, each edge once: time grows with the edges, not with the ways along them, and a cycle would end it too.
create or replace function app_private.walk_lineage(origin_id int, source_ids int[], is_upstream boolean)
returns table (source_id int, depth int)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
#variable_conflict use_column
declare
  -- The edges between them, by their position in source_ids and in order of "tails".
  tails int[];
  heads int[];
  first_edges int[] := array_fill(0, array[cardinality(source_ids)]);
  depths int[] := array_fill(-1, array[cardinality(source_ids)]);
  visited int[] := array_fill(0, array[cardinality(source_ids)]);
  visited_count int := 1;
  here int := array_position(source_ids, origin_id);
  edge int;
begin
  with sources as (
    select s.source_id, s.position
    from unnest(source_ids) with ordinality as s (source_id, position)
  ),
  edges as (
    select
      case when is_upstream then d.position else p.position end as tail,
      case when is_upstream then p.position else d.position end as head
    from public.lineage as l
    join sources as p on p.source_id = l.parent_source_id
    join sources as d on d.source_id = l.derived_source_id
  )
  select array_agg(e.tail order by e.tail), array_agg(e.head order by e.tail)
  into tails, heads
  from edges as e;

  for i in reverse coalesce(cardinality(tails), 0) .. 1 loop
    first_edges[tails[i]] := i;
  end loop;

  depths[here] := 0;
  visited[1] := here;
  for i in 1 .. cardinality(source_ids) loop
    exit when i > visited_count;
    here := visited[i];
    edge := nullif(first_edges[here], 0);
    while tails[edge] = here loop
      if depths[heads[edge]] < 0 then
        depths[heads[edge]] := depths[here] + 1;
        visited_count := visited_count + 1;
        visited[visited_count] := heads[edge];
      end if;
      edge := edge + 1;
    end loop;
  end loop;

  return query
  select s.source_id, s.depth
  from unnest(source_ids, depths) as s (source_id, depth)
  where s.depth > 0
  order by s.depth, s.source_id;
end
$$;

comment on function app_private.walk_lineage(int, int[], boolean) is
  'The sources upstream or downstream of a source, with the number of steps of the shortest way. source_ids: what lineage_from says.';
-- end of functions/walk_lineage.sql
-- include: functions/upstream_of.sql (a copy: edit that file, then npm run compose)
create or replace function public.upstream_of(origin_id int) returns table (source_id int, depth int)
language sql stable
begin atomic
  select w.source_id, w.depth
  from app_private.walk_lineage(
    origin_id, app_private.lineage_from(array[origin_id], is_upstream => true), is_upstream => true
  ) as w;
end;

comment on function public.upstream_of(int) is
  'The sources that a source is computed from, at any depth; depth is the shortest way.';
-- end of functions/upstream_of.sql
-- include: functions/downstream_of.sql (a copy: edit that file, then npm run compose)
create or replace function public.downstream_of(origin_id int) returns table (source_id int, depth int)
language sql stable
begin atomic
  select w.source_id, w.depth
  from app_private.walk_lineage(
    origin_id, app_private.lineage_from(array[origin_id], is_upstream => false), is_upstream => false
  ) as w;
end;

comment on function public.downstream_of(int) is
  'The sources that are computed from a source, at any depth; depth is the shortest way.';
-- end of functions/downstream_of.sql
-- include: functions/upsert_features.sql (a copy: edit that file, then npm run compose)
create or replace function public.upsert_features(rows public.features_input[]) returns bigint
language sql volatile
begin atomic
  -- New rows; the others are locked, in the order of their keys, and stay as they are.
  with given as (
    select
      (g.object ->> 'source_id')::int as source_id,
      (g.object ->> 'timestamp')::timestamptz(3) as timestamp,
      jsonb_object_agg(e.key, e.value order by g.place) as object
    from unnest(app_private.require_columns('public.features', rows)) with ordinality as g (object, place)
    cross join lateral jsonb_each(g.object) as e
    group by 1, 2
  )
  insert into public.features as f
  select n.*
  from given as g
  cross join lateral jsonb_populate_record(
    null::public.features,
    jsonb_build_object('custom_features', '{}'::jsonb, 'feature_set_version', 'v1', 'computed_at', now()) || g.object
  ) as n
  order by g.source_id, g.timestamp
  on conflict (source_id, timestamp) do update set computed_at = f.computed_at where false;

  -- Two statements, because only a second one sees what another writer has committed in the meantime.
  with given as (
    select
      (g.object ->> 'source_id')::int as source_id,
      (g.object ->> 'timestamp')::timestamptz(3) as timestamp,
      jsonb_object_agg(e.key, e.value order by g.place) as object
    from unnest(rows) with ordinality as g (object, place)
    cross join lateral jsonb_each(g.object) as e
    group by 1, 2
  ),
  changed as (
    update public.features as f
    set (
      volatility_7d, volatility_30d, volatility_90d, rsi_value, rsi_momentum, macd_value, macd_signal, volume_sma_20,
      volume_ratio, funding_rate, funding_delta, basis_spread, social_volume, social_sentiment, regime,
      regime_probability, custom_features, feature_set_version, computed_at
    ) = (
      select
        n.volatility_7d, n.volatility_30d, n.volatility_90d, n.rsi_value, n.rsi_momentum, n.macd_value, n.macd_signal,
        n.volume_sma_20, n.volume_ratio, n.funding_rate, n.funding_delta, n.basis_spread, n.social_volume,
        n.social_sentiment, n.regime, n.regime_probability, n.custom_features, n.feature_set_version,
        case when g.object ? 'computed_at' then n.computed_at else now() end
      from jsonb_populate_record(f, g.object) as n
    )
    from given as g
    where f.source_id = g.source_id
      and f.timestamp = g.timestamp
      and jsonb_populate_record(f, g.object) is distinct from f
  )
  select count(*)
  from given;
end;

comment on function public.upsert_features(public.features_input[]) is
  'Writes rows of features and returns how many there were. What a row does not name stays, or gets its default in a new row.';
-- end of functions/upsert_features.sql
-- include: functions/score_forecasts.sql (a copy: edit that file, then npm run compose)
create or replace procedure public.score_forecasts()
language sql
security definer
set search_path = pg_catalog, pg_temp
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
  update public.forecasts as f
  set
    actual_value = a.level,
    prediction_error = a.error,
    absolute_error = abs(a.error),
    percentage_error = 100 * abs(a.error) / nullif(abs(a.level), 0)
  from public.forecasts as due
  cross join lateral (
    select
      coalesce(d.close, d.value) as level,
      -- Of one absurd number the difference would overflow, and no forecast would be scored.
      app_private.bounded_level(due.predicted_value) - app_private.bounded_level(coalesce(d.close, d.value)) as error
    from public.timeseries_data as d
    where d.source_id = due.source_id and d.timestamp = due.target_timestamp
  ) as a
  where due.actual_value is null
    and due.forecast_id = f.forecast_id
    and a.level is not null;
$$;

comment on procedure public.score_forecasts() is
  'Fills actual value and errors of the forecasts whose target row has arrived.';
-- end of functions/score_forecasts.sql
-- include: views/forecast_accuracy.sql (a copy: edit that file, then npm run compose)
-- Bounded, so that one absurd forecast does not overflow the sums of its model, and with them the view.
create or replace view public.forecast_accuracy as
select
  f.source_id,
  s.name as source_name,
  f.model_name,
  f.model_version,
  count(*) as forecasts_scored,
  avg(app_private.bounded_level(f.absolute_error)) as mae,
  sqrt(avg(app_private.bounded_level(f.prediction_error) ^ 2)) as rmse,
  avg(app_private.bounded_level(f.percentage_error)) as mape,
  avg(app_private.bounded_level(f.prediction_error)) as bias,
  avg((f.actual_value between f.confidence_lower and f.confidence_upper)::int)
    filter (where f.confidence_lower is not null and f.confidence_upper is not null) as interval_coverage,
  min(f.target_timestamp) as first_target,
  max(f.target_timestamp) as last_target
from public.forecasts as f
join public.sources as s on s.source_id = f.source_id
where f.actual_value is not null
group by f.source_id, s.name, f.model_name, f.model_version;

comment on view public.forecast_accuracy is 'How good each model is on each source, over its scored forecasts.';
comment on column public.forecast_accuracy.source_id is 'The predicted series.';
comment on column public.forecast_accuracy.source_name is 'Its name.';
comment on column public.forecast_accuracy.model_name is 'The model.';
comment on column public.forecast_accuracy.model_version is 'Its version.';
comment on column public.forecast_accuracy.forecasts_scored is 'Number of forecasts whose actual value has arrived.';
comment on column public.forecast_accuracy.mae is 'Mean absolute error.';
comment on column public.forecast_accuracy.rmse is 'Root mean squared error.';
comment on column public.forecast_accuracy.mape is 'Mean absolute percentage error.';
comment on column public.forecast_accuracy.bias is 'Mean of predicted minus actual: positive when the model predicts too high.';
comment on column public.forecast_accuracy.interval_coverage is 'Share of actual values inside their confidence interval, 0 to 1.';
comment on column public.forecast_accuracy.first_target is 'Earliest moment predicted.';
comment on column public.forecast_accuracy.last_target is 'Latest moment predicted.';
-- end of views/forecast_accuracy.sql
-- include: functions/add_backtest_trades.sql (a copy: edit that file, then npm run compose)
create or replace function public.add_backtest_trades(trades public.backtest_trades_input[]) returns bigint
language sql volatile
begin atomic
  with added as (
    insert into public.backtest_trades (
      backtest_id, side, entry_time, entry_price, exit_time, exit_price, quantity, fees, profit, return_pct, exit_reason
    )
    select
      t.backtest_id, t.side, t.entry_time, t.entry_price, t.exit_time, t.exit_price, t.quantity, t.fees, t.profit,
      t.return_pct, t.exit_reason
    from unnest(app_private.require_columns('public.backtest_trades', trades)) with ordinality as g (object, place)
    cross join lateral jsonb_populate_record(null::public.backtest_trades, '{"fees": 0}'::jsonb || g.object) as t
    order by g.place
    returning trade_id
  )
  select count(*)
  from added;
end;

comment on function public.add_backtest_trades(public.backtest_trades_input[]) is
  'Records trades of backtests and returns how many. What a trade does not name gets its default.';
-- end of functions/add_backtest_trades.sql
-- include: views/backtest_leaderboard.sql (a copy: edit that file, then npm run compose)
create or replace view public.backtest_leaderboard as
select
  rank() over (order by b.sharpe_ratio desc nulls last, b.total_return desc nulls last) as rank,
  b.backtest_id,
  b.strategy_name,
  b.strategy_version,
  b.source_id,
  s.name as source_name,
  b.start_date,
  b.end_date,
  b.total_days,
  b.total_return,
  b.annualized_return,
  b.sharpe_ratio,
  b.sortino_ratio,
  b.max_drawdown,
  b.value_at_risk_95,
  b.total_trades,
  b.win_rate
from public.backtest_results as b
join public.sources as s on s.source_id = b.source_id;

comment on view public.backtest_leaderboard is 'Backtests, best risk-adjusted return first.';
comment on column public.backtest_leaderboard.rank is 'Place by Sharpe ratio, then total return.';
comment on column public.backtest_leaderboard.backtest_id is 'The run.';
comment on column public.backtest_leaderboard.strategy_name is 'The strategy.';
comment on column public.backtest_leaderboard.strategy_version is 'Its version.';
comment on column public.backtest_leaderboard.source_id is 'The traded series.';
comment on column public.backtest_leaderboard.source_name is 'Its name.';
comment on column public.backtest_leaderboard.start_date is 'First day.';
comment on column public.backtest_leaderboard.end_date is 'Last day.';
comment on column public.backtest_leaderboard.total_days is 'Days of the run.';
comment on column public.backtest_leaderboard.total_return is 'Return of the whole run.';
comment on column public.backtest_leaderboard.annualized_return is 'Return per year.';
comment on column public.backtest_leaderboard.sharpe_ratio is 'Sharpe ratio.';
comment on column public.backtest_leaderboard.sortino_ratio is 'Sortino ratio.';
comment on column public.backtest_leaderboard.max_drawdown is 'Deepest fall from a peak.';
comment on column public.backtest_leaderboard.value_at_risk_95 is 'Daily loss exceeded on 5 % of the days.';
comment on column public.backtest_leaderboard.total_trades is 'Number of trades.';
comment on column public.backtest_leaderboard.win_rate is 'Share of winning trades.';
-- end of views/backtest_leaderboard.sql

-- Maintenance ---------------------------------------------------------------------------------------------------------

-- include: functions/dropped_until.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.dropped_until() returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select max(r.dropped_until) from app_private.retention_runs as r;
$$;

comment on function app_private.dropped_until() is
  'History before this moment was dropped by retention and lives on in the aggregates only; null when nothing was dropped.';
-- end of functions/dropped_until.sql
-- include: functions/describe_aggregates.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.describe_aggregates()
returns table (
  relation regclass,
  aggregate text,
  based_on text,
  level int,
  is_real_time boolean,
  materialized_until timestamptz,
  job_id int,
  schedule_interval interval,
  last_refresh timestamptz,
  last_status text,
  total_failures bigint,
  next_refresh timestamptz
)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with recursive found as (
    select a.*, 'timeseries_data' as based_on, 1 as level
    from timescaledb_information.continuous_aggregates as a
    where a.hypertable_schema = 'public' and a.hypertable_name = 'timeseries_data'
    union all
    select a.*, c.oid::regclass::text, f.level + 1
    from found as f
    join timescaledb_information.continuous_aggregates as a
      on a.hypertable_schema = f.materialization_hypertable_schema
      and a.hypertable_name = f.materialization_hypertable_name
    -- Not by a cast of the name, which fails where the role may not enter the schema.
    join pg_namespace as n on n.nspname = f.view_schema
    join pg_class as c on c.relnamespace = n.oid and c.relname = f.view_name
  )
  select
    c.oid::regclass,
    c.oid::regclass::text,
    a.based_on,
    a.level,
    not a.materialized_only,
    -- The least timestamp, in microseconds, stands for never.
    case when w.watermark > -210866803200000000 then _timescaledb_functions.to_timestamp(w.watermark) end,
    j.job_id,
    j.schedule_interval,
    case when isfinite(t.last_run_started_at) then t.last_run_started_at end,
    t.last_run_status,
    t.total_failures,
    case when isfinite(t.next_start) then t.next_start end
  from found as a
  join pg_namespace as n on n.nspname = a.view_schema
  join pg_class as c on c.relnamespace = n.oid and c.relname = a.view_name
  join _timescaledb_catalog.hypertable as h
    on h.schema_name = a.materialization_hypertable_schema and h.table_name = a.materialization_hypertable_name
  cross join lateral (select _timescaledb_functions.cagg_watermark(h.id) as watermark) as w
  left join lateral (
    select j.job_id, j.schedule_interval
    from timescaledb_information.jobs as j
    where j.hypertable_schema = a.view_schema
      and j.hypertable_name = a.view_name
      and j.proc_name = 'policy_refresh_continuous_aggregate'
    order by j.job_id
    limit 1
  ) as j on true
  left join timescaledb_information.job_stats as t on t.job_id = j.job_id
  order by a.level, 2;
$$;

comment on function app_private.describe_aggregates() is
  'The rows of aggregate_refresh_status: the continuous aggregates on timeseries_data, and those on them, in the order in which to refresh.';
-- end of functions/describe_aggregates.sql
-- include: functions/database_bytes.sql (a copy: edit that file, then npm run compose)
-- Declared as stable, because it only reads; the owner's rights, because it asks for those to connect.
create or replace function public.database_bytes() returns bigint
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select pg_database_size(current_database());
$$;

comment on function public.database_bytes() is 'What the database takes on disk, in bytes.';
-- end of functions/database_bytes.sql
-- include: functions/describe_jobs.sql (a copy: edit that file, then npm run compose)
-- The owner's rights: TimescaleDB shows errors to owners only. Monitoring may know that a job failed, not the message, in
-- which values of rows may stand.
create or replace function app_private.describe_jobs()
returns table (
  job_id int,
  job text,
  relation text,
  procedure text,
  schedule_interval interval,
  is_scheduled boolean,
  total_runs bigint,
  total_failures bigint,
  has_failed boolean,
  is_refused_end boolean,
  last_success timestamptz
)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select
    j.job_id,
    j.application_name::text,
    case
      when j.hypertable_name is null then null
      when j.hypertable_schema = 'public' then quote_ident(j.hypertable_name)
      else format('%I.%I', j.hypertable_schema, j.hypertable_name)
    end,
    format('%I.%I', j.proc_schema, j.proc_name),
    j.schedule_interval,
    j.scheduled,
    coalesce(t.total_runs, 0),
    coalesce(t.total_failures, 0),
    e.has_failed and not r.is_refused_end,
    e.has_failed and r.is_refused_end,
    case
      when e.has_failed and r.is_refused_end then e.finish_time
      when isfinite(t.last_successful_finish) then t.last_successful_finish
    end
  from timescaledb_information.jobs as j
  left join timescaledb_information.job_stats as t on t.job_id = j.job_id
  left join lateral (
    select f.finish_time, f.err_message
    from timescaledb_information.job_errors as f
    where f.job_id = j.job_id
    order by f.start_time desc
    limit 1
  ) as f on true
  cross join lateral (
    select coalesce(t.last_run_status = 'Failed', false) as has_failed, f.finish_time
  ) as e
  -- PostgreSQL's minor releases of November 2026 say this after the work of each job that commits.
  cross join lateral (select coalesce(f.err_message like 'cannot drop portal ""%', false) as is_refused_end) as r
  order by j.job_id;
$$;

comment on function app_private.describe_jobs() is 'The rows of job_status.';
-- end of functions/describe_jobs.sql
-- include: functions/schedule_refresh.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.schedule_refresh() returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  found_one record;
  -- Only invalidated ranges are computed, so the policies may look at all of history. With retention they must not:
  -- a refresh of dropped chunks would empty the aggregates, which are meant to outlive the rows. What was dropped once
  -- stays out of reach, also when retention is turned off again.
  reach constant interval := least(
    (
      select (j.config ->> 'drop_after')::interval
      from timescaledb_information.jobs as j
      where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks'
    ),
    now() - app_private.dropped_until()
  );
begin
  for found_one in
    select a.relation, a.aggregate, a.job_id, j.schedule_interval, j.config
    from app_private.describe_aggregates() as a
    join pg_class as c on c.oid = a.relation
    left join timescaledb_information.jobs as j on j.job_id = a.job_id
    where pg_has_role(c.relowner, 'usage')
      and (a.job_id is null or (j.config ->> 'start_offset')::interval is distinct from reach)
  loop
    begin
      -- Altered, a policy would not be checked against the width of a bucket.
      perform remove_continuous_aggregate_policy(found_one.relation, if_exists => true);
      perform add_continuous_aggregate_policy(
        found_one.relation,
        start_offset => reach,
        end_offset => case
          when found_one.job_id is null then interval '1 hour'
          else (found_one.config ->> 'end_offset')::interval
        end,
        schedule_interval => coalesce(found_one.schedule_interval, interval '1 hour'),
        -- The default of ten buckets takes minutes for years of hours.
        buckets_per_batch => coalesce((found_one.config ->> 'buckets_per_batch')::int, 20000)
      );
    exception
      when invalid_parameter_value then
        perform remove_continuous_aggregate_policy(found_one.relation, if_exists => true);
        raise warning 'the continuous aggregate % has no refresh policy: %', found_one.aggregate, sqlerrm
          using hint = 'Keep rows for at least two of its buckets, or drop the aggregate.';
    end;
  end loop;
end
$$;

comment on function app_private.schedule_refresh() is
  'Gives every continuous aggregate a refresh policy, unless it has one, and has the policies leave alone what retention drops or has dropped.';
-- end of functions/schedule_refresh.sql
-- include: functions/is_refreshing.sql (a copy: edit that file, then npm run compose)
-- Two refreshes of one continuous aggregate: TimescaleDB refuses the second with 55P03, in older versions it waits.
create or replace function app_private.is_refreshing(aggregate regclass) returns boolean
language plpgsql volatile -- looks again, also within a transaction
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('_timescaledb_catalog.continuous_aggs_jobs_refresh_ranges') is null then
    return false;
  end if;

  -- Else a transaction goes on seeing the sessions as it saw them first.
  perform pg_stat_clear_snapshot();
  return exists (
    select
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    join _timescaledb_catalog.continuous_agg as a on a.user_view_schema = n.nspname and a.user_view_name = c.relname
    join _timescaledb_catalog.continuous_aggs_jobs_refresh_ranges as r on r.materialization_id = a.mat_hypertable_id
    -- A refresh that failed may have left its range.
    join pg_stat_activity as s on s.pid = r.pid and s.state is distinct from 'idle'
    where c.oid = aggregate and r.pid <> pg_backend_pid()
  );
end
$$;

comment on function app_private.is_refreshing(regclass) is 'Whether another session, perhaps a policy, refreshes a continuous aggregate.';
-- end of functions/is_refreshing.sql
-- include: functions/refresh_all_aggregates.sql (a copy: edit that file, then npm run compose)
create or replace procedure public.refresh_all_aggregates(
  range_start timestamptz default null, range_end timestamptz default null, only_aggregate regclass default null
)
language plpgsql
as $$
declare
  aggregate regclass;
  -- Found, not listed. One of another owner is left to that owner.
  aggregates constant regclass[] := array(
    select a.relation
    from app_private.describe_aggregates() as a
    join pg_catalog.pg_class as c on c.oid = a.relation
    join pg_catalog.pg_class as d on d.oid = 'public.timeseries_data'::regclass
    where (c.relowner = d.relowner or pg_catalog.pg_has_role(c.relowner, 'usage'))
      and (only_aggregate is null or a.relation = only_aggregate)
    order by a.level, a.aggregate
  );
  -- A refresh takes whole buckets. With a month on either side those at the ends of the range are in it; what has not
  -- changed costs nothing. History that retention dropped lives on in the aggregates and must not be refreshed away.
  oldest constant timestamptz := greatest(app_private.dropped_until(), range_start - interval '1 month');
  newest constant timestamptz := range_end + interval '1 month';
begin
  perform app_private.require_range(range_start, range_end);
  foreach aggregate in array aggregates loop
    loop
      -- Each commit ends the effect of set local.
      set local search_path = pg_catalog, public, pg_temp;
      set local client_min_messages = warning;
      -- One at a time: the lock lasts until the refresh has said in its first commit that it is at it.
      perform pg_advisory_xact_lock(aggregate::oid::bigint);
      exit when not app_private.is_refreshing(aggregate);
      commit;
      perform pg_catalog.pg_sleep(0.1);
    end loop;
    -- In one pass: by default it goes ten buckets at a time, which takes minutes for years of hours, and between two
    -- batches another session could begin.
    call refresh_continuous_aggregate(aggregate, oldest, newest, options => '{"buckets_per_batch": 0}');
    commit;
  end loop;
end
$$;

comment on procedure public.refresh_all_aggregates(timestamptz, timestamptz, regclass) is
  'Brings the continuous aggregates up to date, those that are made of others after these: all or one, over all of history or where a range touches them. Only what has changed is computed. To be CALLed outside a transaction.';
-- end of functions/refresh_all_aggregates.sql
-- include: functions/open_chunks.sql (a copy: edit that file, then npm run compose)
-- Statement triggers fire for the table, not for a chunk that is written directly: nobody but the owner may do that.
-- DELETE is different. The triggers of each row fire for chunks too, but not for the storage of compressed ones.
create or replace function app_private.open_chunks()
returns table (relation regclass, grantee text, privileges text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with storage as (
    select i.inhrelid as relid, array['SELECT', 'DELETE'] as harmless
    from pg_inherits as i
    where i.inhparent = 'public.timeseries_data'::regclass
    union all
    select s.compress_relid, array['SELECT']
    from pg_inherits as i
    join _timescaledb_catalog.compression_settings as s on s.relid = i.inhrelid
    where i.inhparent = 'public.timeseries_data'::regclass
    union all
    -- Until TimescaleDB 2.28 compressed chunks inherit the grants of a table of their own.
    select format('%I.%I', c.schema_name, c.table_name)::regclass, array['SELECT']
    from _timescaledb_catalog.hypertable as h
    join _timescaledb_catalog.hypertable as c on c.id = h.compressed_hypertable_id
    where h.schema_name = 'public' and h.table_name = 'timeseries_data'
  ),
  granted as (
    select s.relid, s.harmless, c.relowner, a.grantee, a.privilege_type
    from storage as s
    join pg_class as c on c.oid = s.relid
    cross join lateral aclexplode(c.relacl) as a
    union
    select s.relid, s.harmless, c.relowner, a.grantee, a.privilege_type
    from storage as s
    join pg_class as c on c.oid = s.relid
    join pg_attribute as t on t.attrelid = s.relid
    cross join lateral aclexplode(t.attacl) as a
    where t.attacl is not null
  )
  select
    g.relid::regclass,
    case when g.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end,
    string_agg(g.privilege_type, ', ' order by g.privilege_type)
  from granted as g
  where g.grantee <> g.relowner and g.privilege_type <> all (g.harmless)
  group by g.relid, g.grantee
  order by g.relid, g.grantee;
end
$$;

comment on function app_private.open_chunks() is
  'What others than the owner may do to chunks of timeseries_data past its triggers. Empty after close_chunks().';
-- end of functions/open_chunks.sql
-- include: functions/close_chunks.sql (a copy: edit that file, then npm run compose)
-- TimescaleDB gives a new chunk what its table grants, and an old one what is granted on the table later. What the
-- columns of a table grant a new chunk does not get. So writers insert and update by the columns, and no chunk is ever
-- open to them, not even to the statement that makes it.
create or replace function app_private.close_chunks() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  column_names constant text[] := array(
    select quote_ident(a.attname)
    from pg_attribute as a
    where a.attrelid = 'public.timeseries_data'::regclass
      and a.attnum > 0
      and not a.attisdropped
      -- These are the pipeline's: when and how a row arrived decides about its score.
      and a.attname not in ('created_at', 'is_backfilled', 'updated_at')
  );
  compressed_table regclass;
  held record;
begin
  for held in
    select
      case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee,
      string_agg(a.privilege_type, ', ') as privileges,
      string_agg(format('%s (%s)', a.privilege_type, array_to_string(column_names, ', ')), ', ')
        filter (where a.privilege_type in ('INSERT', 'UPDATE')) as by_columns
    from pg_class as c
    cross join lateral aclexplode(c.relacl) as a
    where c.oid = 'public.timeseries_data'::regclass
      and a.grantee <> c.relowner
      and a.privilege_type in ('INSERT', 'UPDATE', 'TRUNCATE', 'TRIGGER')
    group by a.grantee
  loop
    perform app_private.take_turn('grants');

    -- Until TimescaleDB 2.28 grants also go to a table of compressed chunks, which has no columns. Neither rows nor the
    -- compressed chunks are made from it, so those that it gets here only carry the grant.
    select format('%I.%I', t.schema_name, t.table_name)
    into compressed_table
    from _timescaledb_catalog.hypertable as h
    join _timescaledb_catalog.hypertable as t on t.id = h.compressed_hypertable_id
    where h.schema_name = 'public' and h.table_name = 'timeseries_data';
    if compressed_table is not null then
      execute format('alter table %s %s', compressed_table, (
        select string_agg(format('add column if not exists %s int', name), ', ') from unnest(column_names) as name
      ));
    end if;

    execute format('revoke %s on public.timeseries_data from %s cascade', held.privileges, held.grantee);
    continue when held.by_columns is null;

    execute format('grant %s on public.timeseries_data to %s', held.by_columns, held.grantee);
  end loop;

  for held in select * from app_private.open_chunks() loop
    perform app_private.take_turn('grants');
    execute format('revoke %s on %s from %s cascade', held.privileges, held.relation, held.grantee);
  end loop;
end
$$;

comment on function app_private.close_chunks() is
  'Leaves the right to write chunks of timeseries_data to the owner alone; whoever may write the table still can. To be called after a GRANT on the table and after compress_chunk().';
-- end of functions/close_chunks.sql
-- include: functions/has_uncompressed_rows.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.has_uncompressed_rows(chunk regclass) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  found_one boolean;
begin
  -- With ONLY, TimescaleDB leaves out the compressed batches.
  execute format('select exists (select from only %s)', chunk) into found_one;
  return found_one;
end
$$;

comment on function app_private.has_uncompressed_rows(regclass) is 'Whether a chunk has rows that are in no compressed batch.';
-- end of functions/has_uncompressed_rows.sql
-- include: functions/compress_old_chunks.sql (a copy: edit that file, then npm run compose)
-- Compression works on a chunk and on the one before it, into which it may be merged. So that nobody is caught in a
-- deadlock:
-- - one chunk at a time, whoever compresses;
-- - its strongest locks come first, in order of time, when nothing else is held yet. TimescaleDB takes them last, from
--   readers who meanwhile wait for it as writers;
-- - who gives way is this procedure: PostgreSQL looks for a deadlock when somebody has waited for deadlock_timeout,
--   and here no wait is that long. It lets go of everything, pauses and tries again.
-- Others wait while a chunk is compressed, about a second for a million rows: for its first time all of them, since it may
-- be merged; later those who want it.
--
-- Of a chunk that TimescaleDB takes for fully compressed, a plan has only the batches. When a writer takes one of them
-- apart between the planning of another statement and its snapshot, that statement sees neither batch nor rows, and an
-- aggregate keeps what it computed so (timescale/timescaledb#10487, to at least 2.29). So no chunk is left in that state:
-- an insert that changes nothing, because its row exists, makes TimescaleDB note that there may be rows beside.
create or replace procedure public.compress_old_chunks(older_than interval default interval '7 days')
language plpgsql
as $$
declare
  patience constant text := (
    select greatest(s.setting::int / 4, 1) || 'ms' from pg_catalog.pg_settings as s where s.name = 'deadlock_timeout'
  );
  due record;
  done_until timestamptz := timestamptz '-infinity';
  is_done boolean;
  tries int := 0;
  busy text[] := '{}'::text[];
begin
  loop
    -- Each chunk commits, which ends the effect of set local.
    set local search_path = pg_catalog, public, pg_temp;
    -- A short chunk of a daily series compresses poorly and TimescaleDB warns about each: nothing to act on here.
    set local client_min_messages = error;
    perform pg_advisory_xact_lock('public.timeseries_data'::regclass::oid::bigint);

    select c.*, s.status & 1 = 1 as is_compressed into due
    from (
      select
        r.relation,
        lag(r.relation) over (order by r.range_start) as relation_before,
        r.range_start,
        r.range_end
      from (
        select format('%I.%I', i.chunk_schema, i.chunk_name)::regclass as relation, i.range_start, i.range_end
        from timescaledb_information.chunks as i
        where i.hypertable_schema = 'public' and i.hypertable_name = 'timeseries_data'
      ) as r
    ) as c
    cross join lateral (select _timescaledb_functions.chunk_status(c.relation) as status) as s
    where c.range_start > done_until
      and c.range_end <= now() - older_than
      -- 1: compressed, 2: out of order, 4: frozen, 8: with uncompressed rows beside, perhaps
      and s.status & 4 = 0
      and (s.status & 11 <> 9 or app_private.has_uncompressed_rows(c.relation))
    order by c.range_start
    limit 1;
    exit when not found;

    begin
      perform set_config('lock_timeout', patience, true);
      -- A chunk that may be merged: the table first. Who has planned for a chunk that is gone then would miss its rows.
      if not due.is_compressed then
        lock table only public.timeseries_data in access exclusive mode;
      end if;
      execute format('lock table only %s in access exclusive mode', concat_ws(', only ', due.relation_before, due.relation));
      -- TimescaleDB asks for a weaker one without waiting, which fails when writers wait, unless just that one is held.
      execute format('lock table only %s in exclusive mode', due.relation);
      perform compress_chunk(due.relation);
      insert into public.timeseries_data (source_id, timestamp)
      select d.source_id, d.timestamp
      from public.timeseries_data as d
      where d.timestamp >= due.range_start and d.timestamp < due.range_end
      limit 1
      on conflict (source_id, timestamp) do nothing;
      perform app_private.close_chunks();
      is_done := true;
    exception
      when lock_not_available or deadlock_detected or serialization_failure then
        is_done := false;
    end;
    commit;

    tries := tries + 1;
    if is_done or tries = 100 then
      if not is_done then
        busy := busy || due.relation::text;
      end if;
      done_until := due.range_start;
      tries := 0;
    else
      perform pg_catalog.pg_sleep(least(0.02 * tries, 1) * (0.5 + pg_catalog.random()));
    end if;
  end loop;

  if busy <> '{}' then
    raise warning 'not compressed, because they are in use all the time: %', pg_catalog.array_to_string(busy, ', ')
      using hint = 'They are compressed by the next run that finds them free. Look for transactions that stay open.';
  end if;
end
$$;

comment on procedure public.compress_old_chunks(interval) is
  'Compresses the chunks whose whole range is older than the interval, one transaction each. Gives way to readers and writers, and tries again. To be CALLed outside a transaction.';
-- end of functions/compress_old_chunks.sql
-- include: functions/compress_due_chunks.sql (a copy: edit that file, then npm run compose)
-- TimescaleDB's own policy would leave what it compresses open to whoever may delete rows of the table.
create or replace procedure app_private.compress_due_chunks(job_id int, config jsonb)
language plpgsql
as $$
begin
  set local search_path = pg_catalog, public, pg_temp;
  call public.compress_old_chunks((config ->> 'compress_after')::interval);
  commit;
end
$$;

comment on procedure app_private.compress_due_chunks(int, jsonb) is
  'Job that compresses the chunks whose whole range is older than config.compress_after.';
-- end of functions/compress_due_chunks.sql
-- include: functions/drop_old_chunks.sql (a copy: edit that file, then npm run compose)
create or replace procedure app_private.drop_old_chunks(job_id int, config jsonb)
language plpgsql
security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
as $$
declare
  last_dropped timestamptz;
  chunk regclass;
  summary jsonb;
begin
  -- Not while a chunk is compressed. Readers and writers do not get caught in a deadlock, as in compress_old_chunks().
  perform pg_advisory_xact_lock('public.timeseries_data'::regclass::oid::bigint);
  perform set_config('lock_timeout', greatest(s.setting::int / 4, 1) || 'ms', true)
  from pg_settings as s
  where s.name = 'deadlock_timeout';

  select max(c.range_end) into last_dropped
  from timescaledb_information.chunks as c
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data'
    and c.range_end + (config ->> 'drop_after')::interval <= now();

  if last_dropped is null then
    return;
  end if;

  for tries in 1 .. 100 loop
    begin
      -- No chunk comes and no row any more: what is counted is what goes. Readers wait only for the dropping.
      lock table only public.timeseries_data in share update exclusive mode;
      for chunk in
        select format('%I.%I', c.chunk_schema, c.chunk_name)::regclass
        from timescaledb_information.chunks as c
        where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data' and c.range_end <= last_dropped
        order by c.range_start
      loop
        execute format('lock table only %s in share row exclusive mode', chunk);
      end loop;

      with sources as (
        select d.tableoid, d.source_id, count(*) as row_count, min(d.timestamp) as first_moment, max(d.timestamp) as last_moment
        from public.timeseries_data as d
        where d.timestamp < last_dropped
        group by d.tableoid, d.source_id
      ),
      chunks as (
        select
          c.range_start,
          jsonb_build_object(
            'from', c.range_start,
            'to', c.range_end,
            'rows', coalesce(sum(s.row_count), 0),
            'sources', coalesce(jsonb_object_agg(s.source_id, s.row_count) filter (where s.source_id is not null), '{}')
          ) as chunk,
          sum(s.row_count) as row_count,
          min(s.first_moment) as first_moment,
          max(s.last_moment) as last_moment
        from timescaledb_information.chunks as c
        left join sources as s on s.tableoid = format('%I.%I', c.chunk_schema, c.chunk_name)::regclass
        where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data' and c.range_end <= last_dropped
        group by c.range_start, c.range_end
      )
      select jsonb_build_object(
        'rows', coalesce(sum(c.row_count), 0),
        'from', min(c.first_moment),
        'to', max(c.last_moment),
        'chunks', count(*),
        'dropped', jsonb_agg(c.chunk order by c.range_start),
        'drop_after', config ->> 'drop_after'
      )
      into summary
      from chunks as c;

      perform drop_chunks('public.timeseries_data', older_than => last_dropped);
      exit;
    exception
      when lock_not_available or deadlock_detected then
        if tries = 100 then
          raise;
        end if;
    end;
    perform pg_sleep(least(0.02 * tries, 1) * (0.5 + random()));
  end loop;

  insert into app_private.retention_runs (dropped_until) values (last_dropped);

  insert into public.audit_log (action, table_name, old_value, reason)
  values ('DELETE', 'timeseries_data', summary, 'retention');
end
$$;

comment on procedure app_private.drop_old_chunks(int, jsonb) is
  'Job of set_retention: drops whole chunks older than config.drop_after and writes one audit entry about them.';
-- end of functions/drop_old_chunks.sql
-- include: functions/set_retention.sql (a copy: edit that file, then npm run compose)
create or replace function public.set_retention(keep interval) returns int
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  job int;
begin
  if keep <= interval '0' then
    raise exception 'retention must be positive, not %', keep
      using errcode = 'invalid_parameter_value',
            hint = 'Pass how long rows are kept, for example interval ''5 years'', or null to keep them for ever.';
  end if;

  perform app_private.take_turn('retention');
  perform delete_job(j.job_id)
  from timescaledb_information.jobs as j
  where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks';

  if keep is not null then
    job := add_job('app_private.drop_old_chunks', interval '1 day', config => jsonb_build_object('drop_after', keep));
  end if;

  -- A chunk is dropped when all of it is old enough, so chunks that are merged from now on stay shorter.
  execute format(
    'alter table public.timeseries_data set (timescaledb.compress_chunk_time_interval = %L)',
    case when keep is null then '1080 days' else '360 days' end
  );

  perform app_private.schedule_refresh();
  return job;
end
$$;

comment on function public.set_retention(interval) is
  'Drops chunks older than the interval once a day; null keeps rows for ever. Returns the id of the job, null when off.';
-- end of functions/set_retention.sql
-- include: functions/chunks_between.sql (a copy: edit that file, then npm run compose)
-- TimescaleDB's catalog is read from within text, here and in the other functions that do, so that nothing depends on
-- it: an update of the extension replaces these tables, and would fail if a view or a parsed function body used them.
create or replace function app_private.chunks_between(first_moment timestamptz, last_moment timestamptz)
returns table (range_start timestamptz, range_end timestamptz, is_fully_compressed boolean)
language plpgsql stable -- each write asks: unlike one in SQL, it keeps its plan
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select
    _timescaledb_functions.to_timestamp(s.range_start),
    _timescaledb_functions.to_timestamp(s.range_end),
    c.status & 9 = 1 -- 1: compressed, 8: with uncompressed rows beside, perhaps
  from _timescaledb_catalog.hypertable as h
  join _timescaledb_catalog.dimension as d on d.hypertable_id = h.id
  join _timescaledb_catalog.dimension_slice as s on s.dimension_id = d.id
  join _timescaledb_catalog.chunk_constraint as k on k.dimension_slice_id = s.id
  join _timescaledb_catalog.chunk as c on c.id = k.chunk_id
  where h.schema_name = 'public'
    and h.table_name = 'timeseries_data'
    and s.range_start <= _timescaledb_functions.to_unix_microseconds(last_moment)
    and s.range_end > _timescaledb_functions.to_unix_microseconds(first_moment)
  order by s.range_start;
end
$$;

comment on function app_private.chunks_between(timestamptz, timestamptz) is
  'The chunks of timeseries_data that overlap a range; is_fully_compressed: nobody looks for uncompressed rows beside.';
-- end of functions/chunks_between.sql
-- include: functions/materialized_until.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.materialized_until() returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    -- The least timestamp, in microseconds, stands for never.
    select case
      when t.watermark > -210866803200000000 then _timescaledb_functions.to_timestamp(t.watermark)
      else '-infinity'
    end
    from _timescaledb_catalog.continuous_aggs_invalidation_threshold as t
    join _timescaledb_catalog.hypertable as h on h.id = t.hypertable_id
    where h.schema_name = 'public' and h.table_name = 'timeseries_data'
  );
end
$$;

comment on function app_private.materialized_until() is
  'Up to where writes to timeseries_data are noted for the continuous aggregates; null without aggregates.';
-- end of functions/materialized_until.sql
-- include: functions/count_rows.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.count_rows(chunk_schema name, chunk_name name) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  result bigint;
begin
  execute format('select count(*) from %I.%I', chunk_schema, chunk_name) into result;
  return result;
exception
  -- Merged with another or dropped, a moment ago.
  when undefined_table then return null;
end
$$;

comment on function app_private.count_rows(name, name) is 'Exact number of rows of a chunk; null when it is gone.';
-- end of functions/count_rows.sql
-- include: functions/chunk_compression_stats.sql (a copy: edit that file, then npm run compose)
create or replace function public.chunk_compression_stats()
returns table (
  chunk text,
  range_start timestamptz,
  range_end timestamptz,
  is_compressed boolean,
  before_bytes bigint,
  after_bytes bigint,
  ratio numeric
)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select
    format('%I.%I', c.chunk_schema, c.chunk_name),
    c.range_start,
    c.range_end,
    c.is_compressed,
    s.before_compression_total_bytes,
    s.after_compression_total_bytes,
    round(s.before_compression_total_bytes::numeric / nullif(s.after_compression_total_bytes, 0), 2)
  from timescaledb_information.chunks as c
  join chunk_compression_stats('public.timeseries_data') as s
    on s.chunk_schema = c.chunk_schema and s.chunk_name = c.chunk_name
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data'
  order by c.range_start;
$$;

comment on function public.chunk_compression_stats() is
  'Size of each chunk of timeseries_data before and after compression, with indexes and TOAST, in bytes; null while uncompressed.';
-- end of functions/chunk_compression_stats.sql
-- include: functions/describe_chunks.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.describe_chunks()
returns table (
  chunk text,
  range_start timestamptz,
  range_end timestamptz,
  row_count bigint,
  total_bytes bigint,
  is_compressed boolean,
  compression_ratio numeric
)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select
    n.name,
    c.range_start,
    c.range_end,
    case
      -- Compressed batches know their length, so that counting them is cheap.
      when c.is_compressed or k.reltuples < 0 then app_private.count_rows(c.chunk_schema, c.chunk_name)
      else k.reltuples::bigint
    end,
    d.total_bytes,
    c.is_compressed,
    s.ratio
  from timescaledb_information.chunks as c
  cross join lateral (select format('%I.%I', c.chunk_schema, c.chunk_name) as name) as n
  -- Compression merges chunks: one that this statement still sees may be gone.
  join pg_class as k on k.oid = to_regclass(n.name)
  join chunks_detailed_size('public.timeseries_data') as d
    on d.chunk_schema = c.chunk_schema and d.chunk_name = c.chunk_name
  left join chunk_compression_stats() as s on s.chunk = n.name
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data'
  order by c.range_start;
$$;

comment on function app_private.describe_chunks() is 'The rows of chunk_stats.';
-- end of functions/describe_chunks.sql
-- include: functions/preview_retention.sql (a copy: edit that file, then npm run compose)
create or replace function public.preview_retention(keep interval default null)
returns table (
  chunk text,
  range_start timestamptz,
  range_end timestamptz,
  row_count bigint,
  total_bytes bigint,
  source_names text[],
  drops_at timestamptz,
  is_due boolean
)
language sql stable
set search_path = pg_catalog, pg_temp
-- As the job does: days and months are those of the chunks.
set timezone = 'UTC'
as $$
  select
    c.chunk,
    c.range_start,
    c.range_end,
    c.row_count,
    c.total_bytes,
    array(
      select s.name
      from public.sources as s
      where exists (
        select
        from public.timeseries_data as d
        where d.source_id = s.source_id and d.timestamp >= c.range_start and d.timestamp < c.range_end
      )
      order by s.name
    ),
    c.range_end + k.keep,
    c.range_end + k.keep <= now()
  from app_private.describe_chunks() as c
  cross join (
    select coalesce(preview_retention.keep, (
      select (j.config ->> 'drop_after')::interval
      from timescaledb_information.jobs as j
      where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks'
    )) as keep
  ) as k
  where k.keep is not null
  order by c.range_start;
$$;

comment on function public.preview_retention(interval) is
  'What set_retention(keep) would drop, and when; without keep what the retention that is set will drop: each chunk with the moment from which the daily job drops it. Changes nothing. Chunks that are merged by compression later go as one, with the newest.';
-- end of functions/preview_retention.sql
-- include: functions/slow_statements.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.slow_statements()
returns table (query text, calls bigint, mean_ms double precision, total_ms double precision, rows_per_call numeric)
language plpgsql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- Dynamic, because the extension may be missing when this function is created.
  return query execute format(
    'select s.query, s.calls, s.mean_exec_time, s.total_exec_time, round(s.rows::numeric / nullif(s.calls, 0), 1) '
    'from pg_stat_statements as s where s.mean_exec_time > 500 and s.dbid = %s order by s.mean_exec_time desc',
    (select d.oid from pg_database as d where d.datname = current_database())
  );
exception
  when undefined_table or undefined_function or undefined_file or object_not_in_prerequisite_state then
    raise notice 'pg_stat_statements is not loaded: slow_queries is empty'
      using hint = 'Add pg_stat_statements to shared_preload_libraries, restart, and CREATE EXTENSION pg_stat_statements.';
end
$$;

comment on function app_private.slow_statements() is
  'Statements of this database with a mean above 500 ms; nothing, with a notice, where pg_stat_statements is not loaded.';
-- end of functions/slow_statements.sql

-- include: views/latest_values.sql (a copy: edit that file, then npm run compose)
-- One index probe per source, however long the series are.
create or replace view public.latest_values as
select
  s.source_id,
  s.name,
  s.display_name,
  s.category,
  s.data_type,
  s.status,
  s.market_type,
  s.metadata,
  d.timestamp,
  coalesce(d.close, d.value) as level,
  d.open,
  d.high,
  d.low,
  d.close,
  d.volume,
  d.value,
  d.quality_score,
  d.is_anomaly,
  d.is_validated
from public.sources as s
cross join lateral (
  select t.*
  from public.timeseries_data as t
  where t.source_id = s.source_id
  order by t.timestamp desc
  limit 1
) as d;

comment on view public.latest_values is 'The newest row of each source that has one, with the source''s metadata and the row''s quality.';
comment on column public.latest_values.source_id is 'The source.';
comment on column public.latest_values.name is 'Its machine name.';
comment on column public.latest_values.display_name is 'Its name for people.';
comment on column public.latest_values.category is 'Its group.';
comment on column public.latest_values.data_type is 'Its kind.';
comment on column public.latest_values.status is 'Its life cycle.';
comment on column public.latest_values.market_type is 'Its market.';
comment on column public.latest_values.metadata is 'Its metadata.';
comment on column public.latest_values.timestamp is 'Moment of the newest row.';
comment on column public.latest_values.level is 'coalesce(close, value).';
comment on column public.latest_values.open is 'As in timeseries_data.';
comment on column public.latest_values.high is 'As in timeseries_data.';
comment on column public.latest_values.low is 'As in timeseries_data.';
comment on column public.latest_values.close is 'As in timeseries_data.';
comment on column public.latest_values.volume is 'As in timeseries_data.';
comment on column public.latest_values.value is 'As in timeseries_data.';
comment on column public.latest_values.quality_score is '0 to 100.';
comment on column public.latest_values.is_anomaly is 'More than 4 sigma away from the rows before it.';
comment on column public.latest_values.is_validated is 'No rule of severity ERROR is violated.';
-- end of views/latest_values.sql
-- include: views/data_freshness.sql (a copy: edit that file, then npm run compose)
-- The newest row is one index probe per source; counts come from weekly_stats, which has one row per source and week.
create or replace view public.data_freshness as
select
  s.source_id,
  s.name,
  s.display_name,
  s.update_frequency,
  s.last_successful_update,
  s.next_scheduled_update,
  newest.timestamp as last_timestamp,
  now() - newest.timestamp as data_age,
  case
    when s.status <> 'active' then 'INACTIVE'
    when newest.timestamp is null then 'EMPTY'
    when now() - newest.timestamp > 3 * s.update_frequency then 'CRITICAL'
    when now() - newest.timestamp > 2 * s.update_frequency then 'STALE'
    when now() - newest.timestamp > 1.5 * s.update_frequency then 'WARNING'
    else 'FRESH'
  end as freshness,
  coalesce(totals.data_points, 0)::bigint as row_count,
  coalesce(totals.anomalies, 0)::bigint as anomaly_count,
  round(totals.quality_sum / nullif(totals.data_points, 0), 2) as avg_quality_score
from public.sources as s
left join lateral (
  select d.timestamp
  from public.timeseries_data as d
  where d.source_id = s.source_id
  order by d.timestamp desc
  limit 1
) as newest on true
left join (
  select
    w.source_id,
    sum(w.data_points) as data_points,
    sum(w.anomalies) as anomalies,
    sum(w.quality_sum)::numeric as quality_sum
  from public.weekly_stats as w
  group by w.source_id
) as totals on totals.source_id = s.source_id;

comment on view public.data_freshness is
  'How old the newest row of each source is, measured by update_frequency, with counts as of the last refresh of weekly_stats.';
comment on column public.data_freshness.source_id is 'The source.';
comment on column public.data_freshness.name is 'Its machine name.';
comment on column public.data_freshness.display_name is 'Its name for people.';
comment on column public.data_freshness.update_frequency is 'Distance between two rows.';
comment on column public.data_freshness.last_successful_update is 'When rows last arrived.';
comment on column public.data_freshness.next_scheduled_update is 'When rows are expected next.';
comment on column public.data_freshness.last_timestamp is 'Moment of the newest row.';
comment on column public.data_freshness.data_age is 'Time since then.';
comment on column public.data_freshness.freshness is
  'FRESH, WARNING (older than 1.5 × update_frequency), STALE (2 ×), CRITICAL (3 ×), EMPTY or INACTIVE.';
comment on column public.data_freshness.row_count is 'Number of rows, with those that retention has dropped.';
comment on column public.data_freshness.anomaly_count is 'Rows beyond 4 sigma.';
comment on column public.data_freshness.avg_quality_score is 'Mean score, 0 to 100.';
-- end of views/data_freshness.sql
-- include: views/quality_overview.sql (a copy: edit that file, then npm run compose)
create or replace view public.quality_overview as
select
  s.source_id,
  s.name,
  s.data_type,
  coalesce(w.data_points, 0)::bigint as row_count,
  round(w.quality_sum / nullif(w.data_points, 0), 2) as avg_quality_score,
  w.min_quality as min_quality_score,
  coalesce(w.invalid_points, 0)::bigint as invalid_count,
  coalesce(w.anomalies, 0)::bigint as anomaly_count,
  coalesce(a.open_anomalies, 0) as open_anomalies,
  coalesce(a.black_swans, 0) as black_swans,
  coalesce(a.gaps, 0) as open_gaps,
  w.first_week,
  w.last_week
from public.sources as s
left join (
  select
    w.source_id,
    sum(w.data_points) as data_points,
    sum(w.quality_sum)::numeric as quality_sum,
    min(w.min_quality) as min_quality,
    sum(w.invalid_points) as invalid_points,
    sum(w.anomalies) as anomalies,
    min(w.week) as first_week,
    max(w.week) as last_week
  from public.weekly_stats as w
  group by w.source_id
) as w on w.source_id = s.source_id
left join (
  select
    a.source_id,
    count(*) filter (where a.resolved_at is null) as open_anomalies,
    count(*) filter (where a.is_blackswan and not a.is_false_positive) as black_swans,
    count(*) filter (where a.anomaly_type = 'missing_data' and a.resolved_at is null) as gaps
  from public.anomalies as a
  group by a.source_id
) as a on a.source_id = s.source_id;

comment on view public.quality_overview is 'Quality of each source, with counts as of the last refresh of weekly_stats.';
comment on column public.quality_overview.source_id is 'The source.';
comment on column public.quality_overview.name is 'Its machine name.';
comment on column public.quality_overview.data_type is 'Its kind.';
comment on column public.quality_overview.row_count is 'Number of rows, with those that retention has dropped.';
comment on column public.quality_overview.avg_quality_score is 'Mean score, 0 to 100.';
comment on column public.quality_overview.min_quality_score is 'Worst score.';
comment on column public.quality_overview.invalid_count is 'Rows that violate a rule of severity ERROR.';
comment on column public.quality_overview.anomaly_count is 'Rows beyond 4 sigma.';
comment on column public.quality_overview.open_anomalies is 'Anomalies that nobody has resolved.';
comment on column public.quality_overview.black_swans is 'Anomalies beyond 6 sigma that are not false positives.';
comment on column public.quality_overview.open_gaps is 'Recorded gaps that are not filled.';
comment on column public.quality_overview.first_week is 'Week of the first row.';
comment on column public.quality_overview.last_week is 'Week of the last row.';
-- end of views/quality_overview.sql
-- include: views/chunk_stats.sql (a copy: edit that file, then npm run compose)
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
-- end of views/chunk_stats.sql
-- include: views/aggregate_refresh_status.sql (a copy: edit that file, then npm run compose)
create or replace view public.aggregate_refresh_status as
select
  a.aggregate,
  a.based_on,
  a.is_real_time,
  a.materialized_until,
  a.job_id,
  a.schedule_interval,
  a.last_refresh,
  a.last_status,
  a.total_failures,
  a.next_refresh
from app_private.describe_aggregates() as a;

comment on view public.aggregate_refresh_status is 'How far each continuous aggregate on timeseries_data is materialized, those that were added too, and how its refresh policy fares.';
comment on column public.aggregate_refresh_status.aggregate is 'The continuous aggregate.';
comment on column public.aggregate_refresh_status.based_on is 'What it aggregates: timeseries_data, or another aggregate.';
comment on column public.aggregate_refresh_status.is_real_time is 'Whether newer rows are aggregated on the fly.';
comment on column public.aggregate_refresh_status.materialized_until is 'End of the materialized range; null before the first refresh.';
comment on column public.aggregate_refresh_status.job_id is 'Its refresh policy.';
comment on column public.aggregate_refresh_status.schedule_interval is 'How often the policy runs.';
comment on column public.aggregate_refresh_status.last_refresh is 'When it last ran.';
comment on column public.aggregate_refresh_status.last_status is 'How that ended.';
comment on column public.aggregate_refresh_status.total_failures is 'How often it has failed.';
comment on column public.aggregate_refresh_status.next_refresh is 'When it runs next.';
-- end of views/aggregate_refresh_status.sql
-- include: views/job_status.sql (a copy: edit that file, then npm run compose)
create or replace view public.job_status as
select
  j.job_id,
  j.job,
  j.relation,
  j.procedure,
  j.schedule_interval,
  j.is_scheduled,
  j.total_runs,
  j.total_failures,
  j.has_failed,
  j.is_refused_end,
  j.last_success
from app_private.describe_jobs() as j;

comment on view public.job_status is 'How the background jobs of this database fare, those of TimescaleDB itself too.';
comment on column public.job_status.job_id is 'The job.';
comment on column public.job_status.job is 'Its name, as TimescaleDB gives it.';
comment on column public.job_status.relation is 'The table or aggregate that it is for; null when it is for none.';
comment on column public.job_status.procedure is 'What it calls.';
comment on column public.job_status.schedule_interval is 'How often it runs.';
comment on column public.job_status.is_scheduled is 'Whether it is switched on.';
comment on column public.job_status.total_runs is 'How often it has run.';
comment on column public.job_status.total_failures is 'How often that failed, is_refused_end included.';
comment on column public.job_status.has_failed is 'Whether its last run failed, its work undone.';
comment on column public.job_status.is_refused_end is
  'Whether its last run did its work and counts as failed: PostgreSQL refused what TimescaleDB does after the end of a job.';
comment on column public.job_status.last_success is 'When it last did its work; null before.';
-- end of views/job_status.sql
-- include: views/slow_queries.sql (a copy: edit that file, then npm run compose)
create or replace view public.slow_queries as
select s.query, s.calls, s.mean_ms, s.total_ms, s.rows_per_call
from app_private.slow_statements() as s;

comment on view public.slow_queries is 'Statements that take more than 500 ms on average. Needs pg_stat_statements; else empty, with a notice.';
comment on column public.slow_queries.query is 'The statement, constants replaced.';
comment on column public.slow_queries.calls is 'How often it ran.';
comment on column public.slow_queries.mean_ms is 'Mean time, ms.';
comment on column public.slow_queries.total_ms is 'Total time, ms.';
comment on column public.slow_queries.rows_per_call is 'Mean number of rows.';
-- end of views/slow_queries.sql

select app_private.schedule_refresh();
select alter_job(j.job_id, schedule_interval => interval '30 minutes')
from timescaledb_information.jobs as j
where j.hypertable_schema = 'public' and j.hypertable_name in ('hourly_ohlcv', 'hourly_values');

select add_job('app_private.compress_due_chunks', interval '12 hours', config => '{"compress_after": "7 days"}');

-- Triggers ------------------------------------------------------------------------------------------------------------

/*
 * The pipeline; docs/pipeline.md tells it as a whole. A trigger's number says when it fires:
 *
 *   _100_ before each row, or before a statement that is refused: stamps and guards
 *   _500_ after each row: audit and archive
 *   _600_ after the statement: a guard
 *   _700_ after the statement: what is computed from all of its rows (scores, compiled rules, levels of the lineage)
 *
 * The functions lend the owner's rights, so that whoever may write rows need not be allowed to write the audit log.
 */

-- include: functions/tg__touch_updated_at.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg__touch_updated_at() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

comment on function app_private.tg__touch_updated_at() is 'Sets updated_at.';
-- end of functions/tg__touch_updated_at.sql
-- include: functions/tg__refuse_truncate.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg__refuse_truncate() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '% cannot be truncated', tg_table_name
    using errcode = 'MD004',
          detail = 'TRUNCATE would bypass the audit log and, for timeseries_data, the archive.',
          hint = 'DELETE the rows. Old chunks of timeseries_data are dropped with set_retention().';
end
$$;

comment on function app_private.tg__refuse_truncate() is 'Raises MD004.';
-- end of functions/tg__refuse_truncate.sql
-- include: functions/tg__audit_row.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg__audit_row() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  old_row constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  new_row constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  row_key constant jsonb := coalesce(new_row, old_row);
  bookkeeping constant text[] := case when tg_nargs > 0 then tg_argv else '{}' end;
  changed text[];
begin
  if tg_op = 'UPDATE' then
    changed := array(
      select o.key
      from jsonb_each(old_row) as o
      where o.value is distinct from new_row -> o.key and o.key <> all (bookkeeping)
      order by o.key
    );
    if changed = '{}' then
      return null;
    end if;
  end if;

  insert into public.audit_log (source_id, timestamp, action, table_name, old_value, new_value, changed_fields)
  values (
    (row_key ->> 'source_id')::int,
    (row_key ->> 'timestamp')::timestamptz,
    case
      when tg_op = 'UPDATE' and current_setting('app.reason', true) <> '' then 'CORRECTION'
      else tg_op
    end::public.audit_action_enum,
    tg_table_name,
    old_row,
    new_row,
    changed
  );
  return null;
end
$$;

comment on function app_private.tg__audit_row() is
  'Writes one audit entry for a row. Arguments: columns that are bookkeeping, whose change is not logged.';
-- end of functions/tg__audit_row.sql

-- timeseries_data: statement triggers with transition tables. Deletes are the exception, because TimescaleDB refuses a
-- transition table for them once a hypertable is compressed.

-- include: functions/reveal_rows.sql (a copy: edit that file, then npm run compose)
-- TimescaleDB notes that a fully compressed chunk now has uncompressed rows beside only when the statement that wrote
-- them ends. Statement triggers run before, and to them the rows are invisible. An insert of its own, which changes
-- nothing because its row exists, makes TimescaleDB take the note.
create or replace function app_private.reveal_rows(islands app_private.island[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  chunk record;
  written record;
begin
  for chunk in
    select c.range_start, c.range_end
    from app_private.chunks_between(
      (select min(i.first_moment) from unnest(islands) as i),
      (select max(i.last_moment) from unnest(islands) as i)
    ) as c
    where c.is_fully_compressed
  loop
    for written in
      select i.source_id, m.moment
      from unnest(islands) as i
      cross join unnest(i.moments) as m (moment)
      where i.last_moment >= chunk.range_start
        and i.first_moment < chunk.range_end
        and m.moment >= chunk.range_start
        and m.moment < chunk.range_end
    loop
      begin
        insert into public.timeseries_data (source_id, timestamp)
        values (written.source_id, written.moment)
        on conflict (source_id, timestamp) do nothing;
        exit when not found;
        -- The statement has deleted the row again. Neither does this one stay; the next will do.
        raise no_data_found;
      exception
        when no_data_found then null;
      end;
    end loop;
  end loop;
end
$$;

comment on function app_private.reveal_rows(app_private.island[]) is
  'Makes rows that the running statement wrote into compressed chunks visible to its triggers.';
-- end of functions/reveal_rows.sql
-- include: functions/invalidate_aggregates.sql (a copy: edit that file, then npm run compose)
-- TimescaleDB, from 2.23 to at least 2.29, tells the continuous aggregates of every write but one: a COPY into a
-- hypertable that has a statement trigger with a transition table. An update of the first and the last row of each
-- chunk, which changes nothing, makes up for it.
create or replace function app_private.invalidate_aggregates(islands app_private.island[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set timescaledb.max_tuples_decompressed_per_dml_transaction = 0
as $$
declare
  -- Newer rows are not materialized yet, so no aggregate can be wrong about them.
  materialized_until constant timestamptz := app_private.materialized_until();
  chunk_starts timestamptz[];
  edge_sources int[];
  edge_moments timestamptz[];
begin
  if not exists (select from unnest(islands) as i where i.first_moment < materialized_until) then
    return;
  end if;

  chunk_starts := array(select c.range_start from app_private.chunks_between('-infinity', 'infinity') as c);

  with touched as (
    select i.source_id, m.moment, width_bucket(m.moment, chunk_starts) as chunk
    from unnest(islands) as i
    cross join unnest(i.moments) as m (moment)
    where m.moment < materialized_until
  ),
  edges as (
    (select distinct on (t.chunk) t.source_id, t.moment from touched as t order by t.chunk, t.moment)
    union
    (select distinct on (t.chunk) t.source_id, t.moment from touched as t order by t.chunk, t.moment desc)
  )
  select array_agg(distinct e.source_id), array_agg(e.moment)
  into edge_sources, edge_moments
  from edges as e;

  -- Constant arrays exclude chunks, and in compressed ones open only the batches that hold these rows.
  update public.timeseries_data as d
  set is_anomaly = d.is_anomaly
  where d.source_id = any (edge_sources) and d.timestamp = any (edge_moments);
end
$$;

comment on function app_private.invalidate_aggregates(app_private.island[]) is
  'Has the continuous aggregates compute the range of these rows again at their next refresh. For rows that came by COPY.';
-- end of functions/invalidate_aggregates.sql
-- include: functions/note_arrival.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.note_arrival(source_ids int[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set plan_cache_mode = force_generic_plan
as $$
begin
  -- Writers of one source do not wait for each other here: who finds the row locked leaves it to the one that has it.
  -- Should that one roll back, the next batch sets it right.
  update public.sources as s
  set last_successful_update = now(), next_scheduled_update = now() + s.update_frequency
  where s.source_id in (
    select stale.source_id
    from public.sources as stale
    where stale.source_id = any (source_ids)
      and (stale.last_successful_update < now() or stale.last_successful_update is null)
    order by stale.source_id
    for no key update skip locked
  );

  -- Everything downstream must be calculated again. Locked in order of key, so that two statements cannot deadlock.
  if exists (select from public.lineage as l where l.parent_source_id = any (source_ids)) then
    with recursive affected (source_id) as (
      select unnest(source_ids)
      union
      select l.derived_source_id
      from affected as a
      join public.lineage as l on l.parent_source_id = a.source_id
    )
    update public.lineage as l
    set refresh_required = true
    where l.lineage_id in (
      select due.lineage_id
      from public.lineage as due
      join affected as a on a.source_id = due.parent_source_id
      where not due.refresh_required
      order by due.lineage_id
      for no key update of due
    );
  end if;
end
$$;

comment on function app_private.note_arrival(int[]) is
  'Records on the sources that rows have arrived and marks every lineage edge downstream of them.';
-- end of functions/note_arrival.sql
-- include: functions/tg_timeseries_data__refuse_move.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_timeseries_data__refuse_move() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'source_id and timestamp of a stored row cannot be changed'
    using errcode = 'MD005',
          hint = 'Delete the row and insert it at its right place; both steps are archived and audited.';
end
$$;

comment on function app_private.tg_timeseries_data__refuse_move() is 'Raises MD005.';
-- end of functions/tg_timeseries_data__refuse_move.sql
-- include: functions/lock_sources.sql (a copy: edit that file, then npm run compose)
-- What a foreign key of timeseries_data would do for each row, once for each statement and source: it is the same lock
-- and the same error. The other half, on sources, is tg_sources__deprecate() and tg_sources__refuse_renumbering().
create or replace function app_private.lock_sources(source_ids int[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  locked_count int;
begin
  perform
  from public.sources as s
  where s.source_id = any (source_ids)
  order by s.source_id
  for key share;

  get diagnostics locked_count = row_count;
  if locked_count < cardinality(source_ids) then
    raise foreign_key_violation using
      message = 'insert or update on table "timeseries_data" violates foreign key constraint "timeseries_data_source_id_fkey"',
      detail = (
        select format('Key (source_id)=(%s) is not present in table "sources".', min(i.source_id))
        from unnest(source_ids) as i (source_id)
        where not exists (select from public.sources as s where s.source_id = i.source_id)
      ),
      schema = 'public',
      table = 'timeseries_data',
      constraint = 'timeseries_data_source_id_fkey';
  end if;
end
$$;

comment on function app_private.lock_sources(int[]) is
  'Keeps sources from being deleted until the transaction ends; raises 23503 when one of them does not exist.';
-- end of functions/lock_sources.sql
-- include: functions/tg_timeseries_data__inserted.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_timeseries_data__inserted() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  islands app_private.island[];
  source_ids int[];
begin
  islands := array(
    select
      (
        n.source_id,
        min(n.timestamp),
        max(n.timestamp),
        array_agg(n.timestamp::timestamptz order by n.timestamp)
      )::app_private.island
    from (
      select r.source_id, r.timestamp, (row_number() over (order by r.source_id, r.timestamp) - 1) / 10000 as slice
      from new_rows as r
    ) as n
    group by n.slice, n.source_id
  );

  -- An upsert fires this trigger even when all of its rows existed.
  if islands = '{}' then
    return null;
  end if;

  source_ids := array(select distinct i.source_id from unnest(islands) as i);
  perform app_private.lock_sources(source_ids);
  perform app_private.reveal_rows(islands);
  perform app_private.score_rows(islands);

  -- Whatever is not certainly an INSERT may be a COPY, or a function that copies.
  if current_query() !~* '^\s*(insert|with|merge)\M' or current_query() ~* '\mcopy\M' then
    perform app_private.invalidate_aggregates(islands);
  end if;

  -- One entry for each source: the row itself when it came alone, else what came. The score is not part of it.
  insert into public.audit_log (source_id, timestamp, action, table_name, new_value)
  select
    came.source_id,
    case when came.row_count = 1 then came.first_moment end,
    'INSERT',
    'timeseries_data',
    case
      when came.row_count = 1 then (
        select to_jsonb(n) - '{quality_score,is_anomaly,is_validated}'::text[]
        from new_rows as n
        where n.source_id = came.source_id
      )
      else jsonb_build_object('rows', came.row_count, 'from', came.first_moment, 'to', came.last_moment)
    end
  from (
    select
      i.source_id,
      sum(cardinality(i.moments)) as row_count,
      min(i.first_moment) as first_moment,
      max(i.last_moment) as last_moment
    from unnest(islands) as i
    group by i.source_id
  ) as came
  order by came.source_id;

  perform app_private.note_arrival(source_ids);
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__inserted() is
  'Checks the sources of the rows of an INSERT or COPY, scores the rows, writes one audit entry for each source, and tells registry and lineage.';
-- end of functions/tg_timeseries_data__inserted.sql
-- include: functions/tg_timeseries_data__updated.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_timeseries_data__updated() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
-- Planned once, run for one row as well as a million: a hash join is never a disaster, a nested loop is, and a merge join
-- sorts both sides. 20,000 rows and their audit entries have room in memory.
set enable_nestloop = off
set enable_mergejoin = off
set work_mem = '32MB'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  islands app_private.island[];
  arrived_source_ids int[];
begin
  -- The pipeline stores its scores with a token that nobody else can read. To come from within a trigger would prove
  -- nothing: everybody may have triggers on temporary tables.
  if current_setting('app.pipeline_token', true) <> ''
    and exists (select from app_private.pipeline_token as p where p.token = current_setting('app.pipeline_token', true)) then
    return null;
  end if;

  -- Rows whose observation or arrival changed, and rows whose score somebody else changed.
  select
    array_agg((t.source_id, t.first_moment, t.last_moment, t.moments)::app_private.island),
    array_agg(distinct t.source_id) filter (where t.has_arrived)
  into islands, arrived_source_ids
  from (
    select
      r.slice,
      r.source_id,
      min(r.timestamp) as first_moment,
      max(r.timestamp) as last_moment,
      array_agg(r.timestamp::timestamptz order by r.timestamp) as moments,
      bool_or(r.is_observation) as has_arrived
    from (
      select
        n.source_id,
        n.timestamp,
        c.is_observation,
        (row_number() over (order by n.source_id, n.timestamp) - 1) / 10000 as slice
      from new_rows as n
      join old_rows as o on o.source_id = n.source_id and o.timestamp = n.timestamp
      cross join lateral (
        select
          (o.open, o.high, o.low, o.close, o.volume, o.value) is distinct from
            (n.open, n.high, n.low, n.close, n.volume, n.value) as is_observation,
          (o.created_at, o.is_backfilled) is distinct from (n.created_at, n.is_backfilled) as is_arrival,
          (o.quality_score, o.is_anomaly, o.is_validated) is distinct from
            (n.quality_score, n.is_anomaly, n.is_validated) as is_score
      ) as c
      where c.is_observation or c.is_arrival or c.is_score
    ) as r
    group by r.slice, r.source_id
  ) as t;

  if islands is null then
    return null;
  end if;

  perform app_private.reveal_rows(islands);
  perform app_private.score_rows(islands);

  -- The columns in the order in which jsonb keeps its keys, which spares sorting them for each row.
  insert into public.audit_log (source_id, timestamp, action, table_name, old_value, new_value, changed_fields)
  select
    n.source_id,
    n.timestamp,
    case when current_setting('app.reason', true) <> '' then 'CORRECTION' else 'UPDATE' end::public.audit_action_enum,
    'timeseries_data',
    (
      select to_jsonb(r)
      from (
        select
          o.low, o.high, o.open, o.close, o.value, o.volume, o.source_id, o.timestamp, o.created_at, o.is_anomaly,
          o.updated_at, o.is_validated, o.is_backfilled, o.quality_score
      ) as r
    ),
    (
      select to_jsonb(r)
      from (
        select
          n.low, n.high, n.open, n.close, n.value, n.volume, n.source_id, n.timestamp, n.created_at,
          n.updated_at, n.is_backfilled
      ) as r
    ),
    c.changed_fields
  from new_rows as n
  join old_rows as o on o.source_id = n.source_id and o.timestamp = n.timestamp
  cross join lateral (
    select array_remove(array[
      case when o.close is distinct from n.close then 'close' end,
      case when o.created_at is distinct from n.created_at then 'created_at' end,
      case when o.high is distinct from n.high then 'high' end,
      case when o.is_backfilled is distinct from n.is_backfilled then 'is_backfilled' end,
      case when o.low is distinct from n.low then 'low' end,
      case when o.open is distinct from n.open then 'open' end,
      case when o.value is distinct from n.value then 'value' end,
      case when o.volume is distinct from n.volume then 'volume' end
    ], null) as changed_fields
    offset 0 -- a fence: computed once, not again for the condition
  ) as c
  where c.changed_fields <> '{}'
  order by n.source_id, n.timestamp;

  if arrived_source_ids is not null then
    perform app_private.note_arrival(arrived_source_ids);
  end if;
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__updated() is
  'Scores the rows whose observation an UPDATE or upsert changed, audits each of them, and tells registry and lineage.';
-- end of functions/tg_timeseries_data__updated.sql
-- include: functions/tg_timeseries_data__deleted.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_timeseries_data__deleted() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.timeseries_archive (
    source_id, timestamp, open, high, low, close, volume, value,
    quality_score, is_anomaly, is_validated, is_backfilled, created_at, updated_at
  )
  values (
    old.source_id, old.timestamp, old.open, old.high, old.low, old.close, old.volume, old.value,
    old.quality_score, old.is_anomaly, old.is_validated, old.is_backfilled, old.created_at, old.updated_at
  );

  insert into public.audit_log (source_id, timestamp, action, table_name, old_value)
  values (old.source_id, old.timestamp, 'DELETE', 'timeseries_data', to_jsonb(old));

  if old.is_anomaly then
    update public.anomalies as a
    set resolved_at = now(), resolved_by = 'system', resolution_notes = 'The row was deleted.'
    where a.source_id = old.source_id
      and a.timestamp = old.timestamp
      and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
      and a.resolved_at is null;
  end if;
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__deleted() is
  'Keeps a deleted row in the archive and the audit log, and resolves its anomalies.';
-- end of functions/tg_timeseries_data__deleted.sql

-- include: functions/tg_timeseries_data__refuse_skipping.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_timeseries_data__refuse_skipping() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'the continuous aggregates would not notice this %', tg_op
    using errcode = 'object_not_in_prerequisite_state',
          hint = 'Run: reset timescaledb.skip_cagg_invalidation;';
end
$$;

comment on function app_private.tg_timeseries_data__refuse_skipping() is
  'Refuses what is written with timescaledb.skip_cagg_invalidation, which everybody may set.';
-- end of functions/tg_timeseries_data__refuse_skipping.sql

create trigger _100_touch_updated_at
  before update on public.timeseries_data
  for each row
  when (
    (old.open, old.high, old.low, old.close, old.volume, old.value, old.created_at, old.is_backfilled, old.updated_at)
    is distinct from
    (new.open, new.high, new.low, new.close, new.volume, new.value, new.created_at, new.is_backfilled, new.updated_at)
  )
  execute function app_private.tg__touch_updated_at();

-- For each row, because TimescaleDB refuses a row that leaves its chunk before a statement trigger sees it.
create trigger _100_refuse_move
  before update of source_id, timestamp on public.timeseries_data
  for each row
  when ((old.source_id, old.timestamp) is distinct from (new.source_id, new.timestamp))
  execute function app_private.tg_timeseries_data__refuse_move();

create trigger _100_refuse_truncate
  before truncate on public.timeseries_data
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _600_refuse_skipping
  after insert or update or delete on public.timeseries_data
  for each statement
  when (current_setting('timescaledb.skip_cagg_invalidation', true) = 'on')
  execute function app_private.tg_timeseries_data__refuse_skipping();

create trigger _700_inserted
  after insert on public.timeseries_data
  referencing new table as new_rows
  for each statement
  execute function app_private.tg_timeseries_data__inserted();

create trigger _700_updated
  after update on public.timeseries_data
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function app_private.tg_timeseries_data__updated();

create trigger _500_deleted
  after delete on public.timeseries_data
  for each row
  execute function app_private.tg_timeseries_data__deleted();

-- audit_log

-- include: functions/tg_audit_log__refuse_change.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_audit_log__refuse_change() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- archive_audit_entries() is at work, and has a file with what it deletes.
  if (tg_table_name = 'audit_log' and tg_op = 'DELETE' or tg_table_name = 'audit_seals' and tg_op = 'UPDATE')
    and current_setting('app.pipeline_token', true) <> ''
    and exists (select from app_private.pipeline_token as p where p.token = current_setting('app.pipeline_token', true)) then
    return null;
  end if;
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'MD003',
          hint = 'Write a new entry by changing the data again; entries are never altered. Old ones may be archived: btcdb audit export.';
end
$$;

comment on function app_private.tg_audit_log__refuse_change() is
  'Raises MD003, unless archive_audit_entries() moves sealed entries into an archive.';
-- end of functions/tg_audit_log__refuse_change.sql

create trigger _100_refuse_change
  before update or delete or truncate on public.audit_log
  for each statement
  execute function app_private.tg_audit_log__refuse_change();

create trigger _100_refuse_change
  before update or delete or truncate on public.audit_seals
  for each statement
  execute function app_private.tg_audit_log__refuse_change();

-- include: functions/audit_line.sql (a copy: edit that file, then npm run compose)
-- What is hashed and archived of an entry. It must be the same for ever, on every server and in every session: the columns
-- are named, and moments are written in UTC. json, for which jsonb would take twice the time.
create or replace function app_private.audit_line(entry public.audit_log, audit_id bigint) returns text
language sql stable
return json_build_object(
  'audit_id', audit_id,
  'source_id', (entry).source_id,
  'timestamp', (entry).timestamp at time zone 'UTC',
  'action', (entry).action,
  'table_name', (entry).table_name,
  'old_value', (entry).old_value,
  'new_value', (entry).new_value,
  'changed_fields', (entry).changed_fields,
  'changed_by', (entry).changed_by,
  'changed_at', (entry).changed_at at time zone 'UTC',
  'reason', (entry).reason,
  'ip_address', (entry).ip_address,
  'user_agent', (entry).user_agent
)::text;

comment on function app_private.audit_line(public.audit_log, bigint) is
  'An entry of the audit log, under a number, as the line whose SHA-256 is sealed. docs/security.md describes it.';
-- end of functions/audit_line.sql
-- include: functions/seal_line.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.seal_line(seal public.audit_seals) returns text
language sql stable
return json_build_object(
  'seal_id', (seal).seal_id,
  'previous_digest', encode((seal).previous_digest, 'hex'),
  'last_id', (seal).last_id,
  'entry_count', (seal).entry_count,
  'entries_digest', encode((seal).entries_digest, 'hex'),
  'sealed_at', (seal).sealed_at at time zone 'UTC',
  'sealed_by', (seal).sealed_by
)::text;

comment on function app_private.seal_line(public.audit_seals) is
  'A seal as the line whose SHA-256 is its digest. docs/security.md describes it.';
-- end of functions/seal_line.sql
-- include: functions/digest_of_digests.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.digest_of_digests(digests bytea[]) returns bytea
language sql immutable
return (
  select sha256(convert_to(string_agg(encode(d.digest, 'hex') || chr(10), '' order by d.place), 'UTF8'))
  from unnest(digests) with ordinality as d (digest, place)
);

comment on function app_private.digest_of_digests(bytea[]) is 'SHA-256 of digests, each in hexadecimal on a line of its own.';
-- end of functions/digest_of_digests.sql
-- include: functions/seal_audit_log.sql (a copy: edit that file, then npm run compose)
-- Entries become visible in the order of their commits, not in that of their numbers. A seal says that nothing below its
-- last number is still to come, so it waits, as CREATE INDEX CONCURRENTLY does, for those who may have drawn a lower one:
-- whoever draws a number has locked the table before. It keeps nobody waiting.
create or replace procedure public.seal_audit_log()
language plpgsql
as $$
declare
  last_drawn bigint;
  writers text[];
  is_waiting boolean;
  newest public.audit_seals;
  seal public.audit_seals;
begin
  set local search_path = pg_catalog, pg_temp;
  select s.last_value into last_drawn from public.audit_log_audit_id_seq as s;
  -- Prepared transactions have no process, and another name than before they were prepared.
  writers := array(
    select k.virtualtransaction
    from pg_locks as k
    where k.relation = 'public.audit_log'::regclass
      and k.database = (select d.oid from pg_database as d where d.datname = current_database())
      and k.mode = 'RowExclusiveLock'
      and k.pid <> pg_backend_pid()
  );

  loop
    select exists (
      select
      from pg_locks as k
      where k.relation = 'public.audit_log'::regclass
        and k.database = (select d.oid from pg_database as d where d.datname = current_database())
        and k.mode = 'RowExclusiveLock'
        and (k.virtualtransaction = any (writers) or k.pid is null)
    ) into is_waiting;
    -- What they have committed is visible from the next transaction on.
    commit;
    set local search_path = pg_catalog, pg_temp;
    exit when not is_waiting;
    perform pg_sleep(0.1);
  end loop;

  loop
    perform app_private.take_turn('audit seals');
    select s.* into newest from public.audit_seals as s order by s.seal_id desc limit 1;
    seal := null;
    seal.seal_id := coalesce(newest.seal_id, 0) + 1;
    seal.previous_digest := newest.digest;

    select count(*), array_agg(e.audit_id order by e.audit_id), array_agg(e.digest order by e.audit_id)
    into seal.entry_count, seal.audit_ids, seal.entry_digests
    from (
      select l.audit_id, sha256(convert_to(app_private.audit_line(l, l.audit_id), 'UTF8')) as digest
      from public.audit_log as l
      where l.audit_id > coalesce(newest.last_id, 0) and l.audit_id <= last_drawn
      order by l.audit_id
      limit 10000
    ) as e;
    exit when seal.entry_count = 0;

    -- Only a full seal may have left entries behind.
    seal.last_id := case
      when seal.entry_count = 10000 then seal.audit_ids[seal.entry_count]
      else last_drawn
    end;
    seal.entries_digest := app_private.digest_of_digests(seal.entry_digests);
    seal.sealed_at := clock_timestamp();
    seal.sealed_by := app_private.current_actor();
    seal.digest := sha256(convert_to(app_private.seal_line(seal), 'UTF8'));
    insert into public.audit_seals values (seal.*);
    commit;
    set local search_path = pg_catalog, pg_temp;
  end loop;
end
$$;

comment on procedure public.seal_audit_log() is
  'Seals the entries of the audit log since the last seal, ten thousand at most in each, one transaction each. Waits for those who are writing. To be CALLed outside a transaction.';
-- end of functions/seal_audit_log.sql
-- include: functions/seal_new_entries.sql (a copy: edit that file, then npm run compose)
create or replace procedure app_private.seal_new_entries(job_id int, config jsonb)
language plpgsql
as $$
begin
  set local search_path = pg_catalog, pg_temp;
  call public.seal_audit_log();
  commit;
end
$$;

comment on procedure app_private.seal_new_entries(int, jsonb) is 'Job that seals the audit log.';
-- end of functions/seal_new_entries.sql
-- include: functions/explain_difference.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.explain_difference(
  entry bigint, difference text, sealed_digest bytea
) returns table (what text, detail text)
language sql stable
begin atomic
  select
    case when r.detail is null then difference else 'reordered' end,
    coalesce(r.detail, case difference
      when 'removed' then 'it was sealed and is gone'
      when 'inserted' then 'it is below the last sealed number and was not sealed'
      else 'it is not what was sealed'
    end)
  from (
    select coalesce(
      (
        select format('it now has the number %s', l.audit_id)
        from public.audit_log as l
        where sha256(convert_to(app_private.audit_line(l, entry), 'UTF8')) = sealed_digest
        limit 1
      ),
      (
        select format('it was sealed with the number %s', e.audit_id)
        from public.audit_log as l
        cross join public.audit_seals as s
        cross join lateral unnest(s.audit_ids, s.entry_digests) as e (audit_id, digest)
        where l.audit_id = entry and sha256(convert_to(app_private.audit_line(l, e.audit_id), 'UTF8')) = e.digest
        limit 1
      )
    ) as detail
  ) as r;
end;

comment on function app_private.explain_difference(bigint, text, bytea) is
  'What has happened to an entry of the audit log that is not as it was sealed: it is here under another number, or was sealed under another, else the difference that was seen.';
-- end of functions/explain_difference.sql

-- include: functions/verify_audit_log.sql (a copy: edit that file, then npm run compose)
create or replace function public.verify_audit_log() returns table (entry bigint, what text, detail text)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  seal public.audit_seals;
  before public.audit_seals;
  archived public.audit_seals;
  sealed_digest bytea;
begin
  for seal in select s.* from public.audit_seals as s order by s.seal_id loop
    -- The seal itself.
    if seal.seal_id <> coalesce(before.seal_id, 0) + 1 then
      return query select null::bigint, 'seal removed', format('seal %s is missing', coalesce(before.seal_id, 0) + 1);
      return;
    end if;
    if seal.digest <> sha256(convert_to(app_private.seal_line(seal), 'UTF8'))
      or seal.previous_digest is distinct from before.digest
      or seal.last_id <= before.last_id
      or (
        seal.archived_at is null
        and (
          seal.entries_digest is distinct from app_private.digest_of_digests(seal.entry_digests)
          or (seal.entry_count, seal.entry_count)
            is distinct from (cardinality(seal.audit_ids), cardinality(seal.entry_digests))
        )
      )
      or (seal.archived_at is not null and before.seal_id is distinct from archived.seal_id)
    then
      return query select null::bigint, 'seal changed', format('seal %s is not what was sealed', seal.seal_id);
      return;
    end if;

    -- Its entries. Of those that were archived none is here.
    select coalesce(s.audit_id, l.audit_id), s.digest, case
      when l.audit_id is null then 'removed'
      when s.audit_id is null then 'inserted'
      else 'changed'
    end
    into entry, sealed_digest, what
    from unnest(seal.audit_ids, seal.entry_digests) as s (audit_id, digest)
    full join (
      select l.audit_id, sha256(convert_to(app_private.audit_line(l, l.audit_id), 'UTF8')) as digest
      from public.audit_log as l
      where (before.last_id is null or l.audit_id > before.last_id) and l.audit_id <= seal.last_id
    ) as l on l.audit_id = s.audit_id
    where s.digest is distinct from l.digest
    order by 1
    limit 1;
    exit when entry is not null;

    before := seal;
    if seal.archived_at is not null then
      archived := seal;
    end if;
  end loop;

  if entry is null then
    if archived.seal_id is not null and not exists (
      select
      from public.audit_log as l
      where l.changed_at = archived.archived_at
        and l.table_name = 'audit_log'
        and l.old_value ->> 'digest' = encode(archived.digest, 'hex')
    ) then
      return query select
        archived.last_id,
        'removed',
        format('the entries up to %s are gone, and no entry says that they were archived', archived.last_id);
    end if;
    return;
  end if;

  return query select entry, d.what, d.detail from app_private.explain_difference(entry, what, sealed_digest) as d;
end
$$;

comment on function public.verify_audit_log() is
  'The first entry of the audit log that is not as it was sealed: its number, what has happened to it (changed, removed, inserted or reordered; without a number: seal changed or seal removed) and a detail. No row when all is well.';
-- end of functions/verify_audit_log.sql
-- include: functions/archive_audit_entries.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.archive_audit_entries(first_seal bigint, last_seal bigint, head bytea) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  newest public.audit_seals;
  sealed bigint;
  deleted bigint;
begin
  perform app_private.take_turn('audit seals');
  select s.* into newest from public.audit_seals as s where s.seal_id = last_seal and s.digest = head;
  if not found
    or first_seal is distinct from (select min(s.seal_id) from public.audit_seals as s where s.archived_at is null)
    or last_seal < first_seal then
    raise exception 'an archive of the seals % to % is not what the log has to archive next', first_seal, last_seal
      using errcode = 'MD009',
            hint = 'Entries leave the log oldest first, seal by seal, and only when a file holds them: btcdb audit export.';
  end if;
  select sum(s.entry_count) into sealed
  from public.audit_seals as s
  where s.seal_id between first_seal and last_seal;

  -- Tells the triggers of the log and of its seals that this is no forgery.
  perform set_config('app.pipeline_token', (select p.token from app_private.pipeline_token as p), true);
  delete from public.audit_log as l where l.audit_id <= newest.last_id;
  get diagnostics deleted = row_count;
  update public.audit_seals as s
  set audit_ids = null, entry_digests = null, archived_at = now()
  where s.seal_id between first_seal and last_seal;
  perform set_config('app.pipeline_token', '', true);

  if deleted <> sealed then
    raise exception '% entries were sealed, and % are there', sealed, deleted
      using errcode = 'MD009',
            hint = 'Look what has happened to the log: select * from verify_audit_log()';
  end if;
  insert into public.audit_log (action, table_name, old_value)
  values ('DELETE', 'audit_log', jsonb_build_object(
    'rows', deleted, 'last_id', newest.last_id, 'seal_id', last_seal, 'digest', encode(head, 'hex')));
  return deleted;
end
$$;

comment on function app_private.archive_audit_entries(bigint, bigint, bytea) is
  'Deletes the entries of the oldest seals, for whoever has them in a file whose chain ends with that digest, and writes an entry that says so. How many. The one way out of the audit log.';
-- end of functions/archive_audit_entries.sql

-- Off the write path: nothing of it happens when an entry is written.
select add_job('app_private.seal_new_entries', interval '5 minutes');

-- sources

-- include: functions/tg_sources__deprecate.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_sources__deprecate() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
begin
  -- The source is locked by now: whoever has inserted rows of it has committed, and nobody else can insert any.
  if exists (select from public.timeseries_data as d where d.source_id = old.source_id)
    or exists (select from public.timeseries_archive as a where a.source_id = old.source_id)
  then
    update public.sources set status = 'deprecated' where source_id = old.source_id;
    raise notice 'source % has data: it is deprecated instead of deleted', old.name
      using hint = 'To be rid of it, delete its rows and empty its archive first.';
    return null;
  end if;

  -- The snapshot of such a transaction is older than the lock, and does not show what was committed in between.
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    raise exception 'source % cannot be deleted at isolation level %', old.name, current_setting('transaction_isolation')
      using errcode = 'feature_not_supported',
            detail = 'Rows of it that others have inserted meanwhile would not be seen.',
            hint = 'Delete it at isolation level READ COMMITTED.';
  end if;
  return old;
end
$$;

comment on function app_private.tg_sources__deprecate() is 'Turns the deletion of a source that has data, live or archived, into its deprecation.';
-- end of functions/tg_sources__deprecate.sql
-- include: functions/tg_sources__refuse_renumbering.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_sources__refuse_renumbering() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'source_id of a source cannot be changed'
    using errcode = 'MD005',
          hint = 'Register another source, and write its rows under the new number.';
end
$$;

comment on function app_private.tg_sources__refuse_renumbering() is 'Raises MD005.';
-- end of functions/tg_sources__refuse_renumbering.sql

create trigger _100_deprecate
  before delete on public.sources
  for each row
  execute function app_private.tg_sources__deprecate();

create trigger _100_refuse_renumbering
  before update of source_id on public.sources
  for each row
  when (old.source_id <> new.source_id)
  execute function app_private.tg_sources__refuse_renumbering();

create trigger _100_touch_updated_at
  before update on public.sources
  for each row
  when (
    (old.name, old.display_name, old.category, old.data_type, old.api_endpoint, old.api_provider, old.requires_auth,
      old.update_frequency, old.status, old.market_type, old.metadata)
    is distinct from
    (new.name, new.display_name, new.category, new.data_type, new.api_endpoint, new.api_provider, new.requires_auth,
      new.update_frequency, new.status, new.market_type, new.metadata)
  )
  execute function app_private.tg__touch_updated_at();

-- validation_rules

-- include: functions/tg_validation_rules__check.sql (a copy: edit that file, then npm run compose)
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
-- end of functions/tg_validation_rules__check.sql
-- include: functions/tg_validation_rules__compile.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_validation_rules__compile() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app_private.compile_rules();
  return null;
end
$$;

comment on function app_private.tg_validation_rules__compile() is 'Compiles the rules after they have changed.';
-- end of functions/tg_validation_rules__compile.sql

create trigger _100_check
  before insert or update of rule_sql on public.validation_rules
  for each row
  execute function app_private.tg_validation_rules__check();

create trigger _700_compile
  after insert or update or delete on public.validation_rules
  for each statement
  execute function app_private.tg_validation_rules__compile();

-- lineage

-- include: functions/lineage_edges.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.lineage_edges(source_ids int[], out parents int[], out children int[])
language sql stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
  with sources as (
    select s.source_id, s.position
    from unnest(source_ids) with ordinality as s (source_id, position)
  ),
  edges as (
    select p.position as parent, d.position as child
    from public.lineage as l
    join sources as p on p.source_id = l.parent_source_id
    join sources as d on d.source_id = l.derived_source_id
  )
  select coalesce(array_agg(e.parent order by e.parent), '{}'), coalesce(array_agg(e.child order by e.parent), '{}')
  from edges as e;
$$;

comment on function app_private.lineage_edges(int[]) is
  'The edges between these sources, by their positions in source_ids and in order of parent.';
-- end of functions/lineage_edges.sql
-- include: functions/lineage_cycle.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.lineage_cycle(source_ids int[], parents int[], children int[], waiting int[])
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  parent_of int[] := array_fill(0, array[cardinality(source_ids)]);
  here int;
  cycle int[];
  path text;
begin
  -- What waits for ever waits for a source that waits for ever: going from parent to parent leads into a cycle.
  for i in 1 .. cardinality(parents) loop
    if waiting[parents[i]] > 0 and waiting[children[i]] > 0 then
      parent_of[children[i]] := parents[i];
      here := children[i];
    end if;
  end loop;
  for i in 1 .. cardinality(source_ids) loop
    here := parent_of[here];
  end loop;
  while cycle is null or here <> cycle[cardinality(cycle)] loop
    cycle := here || cycle;
    here := parent_of[here];
  end loop;

  -- The path starts with the edge that came last.
  with steps as (
    select c.child, source_ids[c.child] as child_id, c.position, source_ids[parent_of[c.child]] as parent_id
    from unnest(cycle) with ordinality as c (child, position)
  ),
  last_edge as (
    select s.position
    from steps as s
    join public.lineage as l on l.derived_source_id = s.child_id and l.parent_source_id = s.parent_id
    order by l.lineage_id desc
    limit 1
  )
  select string_agg(s.name, ' → ' order by p.place)
  into path
  from last_edge as e
  cross join lateral (
    select 0 as place, t.parent_id as source_id
    from steps as t
    where t.position = e.position
    union all
    select (t.position - e.position + cardinality(cycle)) % cardinality(cycle) + 1, t.child_id
    from steps as t
  ) as p
  join public.sources as s on s.source_id = p.source_id;

  return path;
end
$$;

comment on function app_private.lineage_cycle(int[], int[], int[], int[]) is
  'The names of the sources along a cycle of the edges, which are those of lineage_edges(); waiting: how many parents of each source are in a cycle, or behind one.';
-- end of functions/lineage_cycle.sql
-- include: functions/tg_lineage__set_levels.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_lineage__set_levels() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  -- The sources whose level may change: those of the edges that changed, and all downstream of them.
  source_ids int[];
  -- What lineage_edges says, and where the edges of each parent begin.
  parents int[];
  children int[];
  first_edges int[];
  -- How many of its parents a source still waits for, and the longest way to it so far.
  waiting int[];
  levels int[];
  settled int[];
  settled_count int := 0;
  here int;
  edge int;
begin
  -- Two sessions must not each add one half of a cycle.
  perform app_private.take_turn('lineage');

  if tg_op = 'UPDATE' then
    source_ids := array(select distinct l.derived_source_id from public.lineage as l);
  else
    source_ids := array(select distinct c.derived_source_id from changed_rows as c);
  end if;
  source_ids := app_private.lineage_from(source_ids);
  if source_ids is null then
    return null;
  end if;

  select e.parents, e.children into parents, children from app_private.lineage_edges(source_ids) as e;

  -- The level of a parent outside stands on the edges that lead to it.
  with outside as (
    select l.derived_source_id as source_id, max(coalesce(up.dependency_level, 0)) + 1 as level
    from public.lineage as l
    left join public.lineage as up on up.derived_source_id = l.parent_source_id
    where l.derived_source_id = any (source_ids) and l.parent_source_id <> all (source_ids)
    group by l.derived_source_id
  )
  select array_agg(coalesce(o.level, 0) order by s.position)
  into levels
  from unnest(source_ids) with ordinality as s (source_id, position)
  left join outside as o on o.source_id = s.source_id;

  waiting := array_fill(0, array[cardinality(source_ids)]);
  first_edges := waiting;
  settled := waiting;
  for i in reverse cardinality(parents) .. 1 loop
    waiting[children[i]] := waiting[children[i]] + 1;
    first_edges[parents[i]] := i;
  end loop;

  -- A source is settled when all of its parents are. Each edge is followed once, however many ways there are.
  for i in 1 .. cardinality(source_ids) loop
    if waiting[i] = 0 then
      settled_count := settled_count + 1;
      settled[settled_count] := i;
    end if;
  end loop;
  for i in 1 .. cardinality(source_ids) loop
    exit when i > settled_count;
    here := settled[i];
    edge := nullif(first_edges[here], 0);
    while parents[edge] = here loop
      levels[children[edge]] := greatest(levels[children[edge]], levels[here] + 1);
      waiting[children[edge]] := waiting[children[edge]] - 1;
      if waiting[children[edge]] = 0 then
        settled_count := settled_count + 1;
        settled[settled_count] := children[edge];
      end if;
      edge := edge + 1;
    end loop;
  end loop;

  if settled_count < cardinality(source_ids) and tg_op <> 'DELETE' then
    raise exception 'lineage cycle: %', app_private.lineage_cycle(source_ids, parents, children, waiting)
      using errcode = 'MD002',
            detail = 'The path is that of the data, from parent to derived source.',
            hint = 'A series cannot be computed from itself, not even through others. Remove one edge of the path.';
  end if;

  update public.lineage as l
  set dependency_level = s.level
  from unnest(source_ids, levels, waiting) as s (source_id, level, waiting)
  where s.waiting = 0 and l.derived_source_id = s.source_id and l.dependency_level <> s.level;
  return null;
end
$$;

comment on function app_private.tg_lineage__set_levels() is
  'Keeps dependency_level: the longest way from a source without parents. Calculating by level calculates in the right order. Raises MD002, with the path, for an edge that closes a cycle.';
-- end of functions/tg_lineage__set_levels.sql

create trigger _700_inserted
  after insert on public.lineage
  referencing new table as changed_rows
  for each statement
  execute function app_private.tg_lineage__set_levels();

-- For these columns only, so that arriving data, which marks edges, does not pay for it. That excludes a transition
-- table.
create trigger _700_updated
  after update of derived_source_id, parent_source_id on public.lineage
  for each statement
  execute function app_private.tg_lineage__set_levels();

create trigger _700_deleted
  after delete on public.lineage
  referencing old table as changed_rows
  for each statement
  execute function app_private.tg_lineage__set_levels();

-- ml_models

-- include: functions/tg_ml_models__stamp_status.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg_ml_models__stamp_status() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.status = 'deployed' then
    new.deployed_at := coalesce(new.deployed_at, now());
  elsif new.status = 'retired' then
    new.retired_at := coalesce(new.retired_at, now());
  end if;
  return new;
end
$$;

comment on function app_private.tg_ml_models__stamp_status() is 'Sets deployed_at and retired_at when the status gets there.';
-- end of functions/tg_ml_models__stamp_status.sql

create trigger _100_stamp_status
  before insert or update of status on public.ml_models
  for each row
  execute function app_private.tg_ml_models__stamp_status();

create trigger _100_touch_updated_at
  before update on public.ml_models
  for each row
  execute function app_private.tg__touch_updated_at();

-- Audit of every other table of the API, row by row. The arguments are bookkeeping columns, whose change is none.

-- Every batch of rows updates the bookkeeping of its source: that does not even start the trigger.
create trigger _500_audit
  after insert or delete or update of source_id, name, display_name, category, data_type, api_endpoint, api_provider,
    requires_auth, update_frequency, status, market_type, metadata, created_at, created_by
  on public.sources
  for each row execute function app_private.tg__audit_row('updated_at');
create trigger _500_audit
  after insert or update or delete on public.validation_rules
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.anomalies
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.timeseries_archive
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.lineage
  for each row execute function app_private.tg__audit_row(
    'refresh_required', 'dependency_level', 'last_calculation_time', 'avg_calculation_time');
create trigger _500_audit
  after insert or update or delete on public.features
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.forecasts
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.ml_models
  for each row execute function app_private.tg__audit_row('updated_at');
create trigger _500_audit
  after insert or update or delete on public.backtest_results
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.backtest_trades
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.market_calendar
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.time_index
  for each row execute function app_private.tg__audit_row();
create trigger _500_audit
  after insert or update or delete on public.backups
  for each row execute function app_private.tg__audit_row();

-- TRUNCATE fires none of the above.

create trigger _100_refuse_truncate
  before truncate on public.sources
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.validation_rules
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.anomalies
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.timeseries_archive
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.lineage
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.features
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.forecasts
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.ml_models
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.backtest_results
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.backtest_trades
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.market_calendar
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.time_index
  for each statement execute function app_private.tg__refuse_truncate();
create trigger _100_refuse_truncate
  before truncate on public.backups
  for each statement execute function app_private.tg__refuse_truncate();

-- Rights --------------------------------------------------------------------------------------------------------------

-- include: functions/tg__close_chunks.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.tg__close_chunks() returns event_trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app_private.close_chunks();
end
$$;

comment on function app_private.tg__close_chunks() is 'Takes back what a GRANT on timeseries_data has granted on its chunks.';
-- end of functions/tg__close_chunks.sql

select app_private.close_chunks();

-- Whatever is granted on the table later, its chunks stay closed. PostgreSQL lets only superusers make event triggers;
-- other owners call close_chunks() after such a grant, and btcdb doctor reminds them.
do $$
begin
  create event trigger btcdb_close_chunks on ddl_command_end
    when tag in ('GRANT')
    execute function app_private.tg__close_chunks();
exception
  when insufficient_privilege then
    raise notice 'a grant on timeseries_data opens its chunks'
      using hint = 'After one, run: select app_private.close_chunks();';
end
$$;

-- Nothing is for everybody.

-- include: functions/close_to_public.sql (a copy: edit that file, then npm run compose)
-- PostgreSQL lets PUBLIC, which is every role, call each new function and use each new type.
create or replace function app_private.close_to_public() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  ours record;
begin
  for ours in
    select case p.prokind when 'p' then 'procedure' else 'function' end as kind, p.oid::regprocedure::text as name
    from pg_proc as p
    where p.pronamespace in ('public'::regnamespace, 'app_private'::regnamespace)
      and pg_has_role(p.proowner, 'usage')
      and not exists (
        select from pg_depend as e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'
      )
    union all
    -- Those of tables and arrays have no rights of their own.
    select 'type', t.oid::regtype::text
    from pg_type as t
    where t.typnamespace in ('public'::regnamespace, 'app_private'::regnamespace)
      and pg_has_role(t.typowner, 'usage')
      and (t.typtype in ('e', 'd') or exists (select from pg_class as c where c.oid = t.typrelid and c.relkind = 'c'))
      and not exists (
        select from pg_depend as e where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e'
      )
  loop
    execute format('revoke all on %s %s from public', ours.kind, ours.name);
  end loop;
end
$$;

comment on function app_private.close_to_public() is
  'Takes from PUBLIC what it may do with functions and types of this schema. To be called by a migration that makes some.';
-- end of functions/close_to_public.sql

-- What a backup is compared by.

-- include: functions/data_tables.sql (a copy: edit that file, then npm run compose)
-- Not those of extensions, which includes chunks and what they are compressed to, nor what a database has for itself.
create or replace function app_private.data_tables() returns setof regclass
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select c.oid
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
    and not c.relispartition
    and c.relpersistence = 'p'
    and n.nspname !~ '^(pg_|_?timescaledb_)'
    and n.nspname not in ('information_schema', 'graphile_migrate')
    and c.oid not in ('app_private.pipeline_token'::regclass, 'app_private.serial_points'::regclass)
    and not exists (select from pg_depend as e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
  order by n.nspname, c.relname;
$$;

comment on function app_private.data_tables() is 'The tables whose rows a backup is compared by.';
-- end of functions/data_tables.sql

-- include: functions/row_hash.sql (a copy: edit that file, then npm run compose)
-- Rows are hashed by their columns and not by their text, which takes a third of the time. Types whose hash would leave
-- something out (digits behind the point, keys of enums that each database numbers anew) go by their text.
create or replace function app_private.row_hash(relation regclass) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'hash_record_extended(row(%s), 0)',
    string_agg(
      case
        when a.atttypid = 'numeric'::regtype then format('t.%1$I, scale(t.%1$I)', a.attname)
        when a.atttypid = any ('{int2,int4,int8,bool,date,timestamptz,text,bytea,uuid}'::regtype[]) then format('t.%I', a.attname)
        else format('t.%I::text', a.attname)
      end,
      ', ' order by a.attname
    )
  )
  from pg_attribute as a
  where a.attrelid = relation and a.attnum > 0 and not a.attisdropped;
$$;

comment on function app_private.row_hash(regclass) is
  'Expression that hashes a row of a table, called t, in 64 bits. The same in every version of PostgreSQL; see describe_contents().';
-- end of functions/row_hash.sql

-- include: functions/describe_contents.sql (a copy: edit that file, then npm run compose)
-- The sum of the hashes of rows: whatever their order, the chunk that they lie in, and whether it is compressed. The settings
-- are those that texts of values depend on.
create or replace function app_private.describe_contents()
returns table (table_name text, source_id int, row_count bigint, first_moment timestamptz, last_moment timestamptz, checksum numeric)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, MDY'
set intervalstyle = postgres
set extra_float_digits = 1
set bytea_output = hex
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  relation regclass;
  is_series bool;
begin
  for relation in select t from app_private.data_tables() as t loop
    is_series := relation = 'public.timeseries_data'::regclass;
    return query execute format(
      'select %L, %s, count(*), %s, coalesce(sum(%s), 0) from %s as t %s',
      relation,
      case when is_series then 't.source_id' else 'null::int' end,
      case
        when is_series then 'min(t.timestamp)::timestamptz, max(t.timestamp)::timestamptz'
        else 'null::timestamptz, null::timestamptz'
      end,
      app_private.row_hash(relation),
      relation,
      case when is_series then 'group by t.source_id' end
    );
  end loop;
end
$$;

comment on function app_private.describe_contents() is
  'Each table with the number of its rows and their checksum, timeseries_data by source. Reads everything.';
-- end of functions/describe_contents.sql

select app_private.close_to_public();

do $$
begin
  if (select count(*) from pg_catalog.pg_roles where rolname in ('btcdb_reader', 'btcdb_writer', 'btcdb_curator')) < 3 then
    return;
  end if;

  -- Who reads.
  grant execute on function
    public.chunk_compression_stats(), public.database_bytes(), public.detect_gaps(int, timestamptz, timestamptz), public.downstream_of(int),
    public.explain_score(int, timestamptz), public.is_trading_day(public.market_enum, date),
    public.normalize_to_daily_utc(timestamptz), public.upstream_of(int), public.verify_audit_log()
    to btcdb_reader, btcdb_writer, btcdb_curator;
  grant usage on type
    public.anomaly_type_enum, public.audit_action_enum, public.data_type_enum, public.market_enum, public.plugin_status_enum
    to btcdb_reader, btcdb_writer, btcdb_curator;
  -- What these functions, the views and the aggregates call for whoever asks them.
  grant execute on function
    app_private.bounded_level(numeric), app_private.describe_aggregates(), app_private.describe_chunks(), app_private.describe_jobs(),
    app_private.lineage_from(int[], boolean), app_private.slow_statements(),
    app_private.walk_lineage(int, int[], boolean)
    to btcdb_reader, btcdb_writer, btcdb_curator;

  -- Who writes rows.
  grant execute on function
    public.add_backtest_trades(public.backtest_trades_input[]),
    public.differing_rows(text, text[], timestamptz, timestamptz, boolean),
    public.restore_archived(int, timestamptz, timestamptz), public.upsert_features(public.features_input[])
    to btcdb_writer;
  grant usage on type public.backtest_trades_input, public.features_input to btcdb_writer;
  grant execute on procedure public.record_gaps(int, timestamptz, timestamptz), public.score_forecasts() to btcdb_writer;
  grant execute on function
    app_private.current_actor(), app_private.is_backfill(), app_private.require_columns(regclass, jsonb[])
    to btcdb_writer;

  -- Who judges them.
  grant execute on procedure public.rescore(int, timestamptz, timestamptz) to btcdb_writer, btcdb_curator;
  grant execute on function app_private.current_actor() to btcdb_curator;
end
$$;
