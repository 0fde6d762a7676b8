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
