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
