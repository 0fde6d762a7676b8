/*
 * The baseline: what timeseries_data does, done the classical way. A trigger for each row looks up its source and its
 * previous row, interprets the rules with EXECUTE, computes the z-score over the 200 rows before, and another one
 * writes an audit entry for each row. Lineage and freshness, which the real pipeline also keeps, are left out.
 */

create table bench.classical (like public.timeseries_data including all);
alter table bench.classical
  add constraint classical_source_id_fkey foreign key (source_id)
    references public.sources (source_id) on delete restrict;

select create_hypertable('bench.classical', by_range('timestamp', interval '1 month'), create_default_indexes => false);

-- Their own tables, so that both designs start a round with equally large ones.
create table bench.classical_anomalies (like public.anomalies including all);
create table bench.classical_audit_log (like public.audit_log including all);

create function bench.tg_classical__score() returns trigger
language plpgsql volatile
as $$
declare
  source public.sources;
  rule record;
  satisfied boolean;
  previous_level numeric;
  history_count bigint;
  mean numeric;
  deviation numeric;
  level constant numeric := coalesce(new.close, new.value);
  score int := 100;
begin
  select s.* into strict source from public.sources as s where s.source_id = new.source_id;

  if (
    case source.data_type
      when 'ohlcv' then num_nulls(new.open, new.high, new.low, new.close, new.volume) > 0
      else new.value is null
    end
  ) then
    score := score - 30;
  end if;

  if not new.is_backfilled and new.created_at > new.timestamp + 2 * source.update_frequency then
    score := score - 20;
  end if;

  select coalesce(d.close, d.value) into previous_level
  from bench.classical as d
  where d.source_id = new.source_id and d.timestamp < new.timestamp
  order by d.timestamp desc
  limit 1;
  if abs(level - previous_level) > 0.5 * abs(previous_level) then
    score := score - 25;
  end if;

  new.is_validated := true;
  for rule in
    select r.rule_sql, r.severity
    from public.validation_rules as r
    where r.enabled
      and (r.data_type = source.data_type or r.data_type is null)
      and (r.source_id = new.source_id or r.source_id is null)
  loop
    begin
      execute format('select %s from (select ($1).*) as r', rule.rule_sql) into satisfied using new;
    exception
      when others then
        satisfied := false;
    end;
    if not satisfied then
      score := score - 10;
      new.is_validated := new.is_validated and rule.severity <> 'ERROR';
    end if;
  end loop;

  select count(h.level), avg(h.level), stddev_samp(h.level)
  into history_count, mean, deviation
  from (
    select coalesce(d.close, d.value) as level
    from bench.classical as d
    where d.source_id = new.source_id and d.timestamp < new.timestamp
    order by d.timestamp desc
    limit 200
  ) as h;

  new.quality_score := greatest(0, score);
  new.is_anomaly := coalesce(history_count >= 30 and abs(level - mean) > 4 * deviation, false);
  if new.is_anomaly then
    insert into bench.classical_anomalies (
      source_id, timestamp, anomaly_type, severity, value, z_score, expected_value, deviation_pct, is_blackswan, context
    )
    values (
      new.source_id,
      new.timestamp,
      (case when abs(level - mean) > 6 * deviation then 'outlier_6sigma' else 'outlier_4sigma' end)::public.anomaly_type_enum,
      case
        when abs(level - mean) > 6 * deviation then 'CRITICAL'
        when abs(level - mean) > 5 * deviation then 'HIGH'
        else 'MEDIUM'
      end,
      level,
      round((level - mean) / nullif(deviation, 0), 6),
      mean,
      round(100 * (level - mean) / nullif(abs(mean), 0), 6),
      abs(level - mean) > 6 * deviation,
      case when deviation = 0 then '{"flat_history": true}' else '{}' end::jsonb
    )
    on conflict (source_id, timestamp, anomaly_type) do nothing;
  end if;
  return new;
end
$$;

create function bench.tg_classical__audit() returns trigger
language plpgsql volatile
as $$
begin
  insert into bench.classical_audit_log (source_id, timestamp, action, table_name, old_value, new_value)
  values (
    new.source_id,
    new.timestamp,
    tg_op::public.audit_action_enum,
    tg_table_name,
    case when tg_op = 'UPDATE' then to_jsonb(old) end,
    to_jsonb(new)
  );
  return null;
end
$$;

create trigger _200_score
  before insert or update on bench.classical
  for each row
  execute function bench.tg_classical__score();

create trigger _500_audit
  after insert or update on bench.classical
  for each row
  execute function bench.tg_classical__audit();
