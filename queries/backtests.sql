/*
 * Strategies run over history.
 */

/* Records a run. Length and win rate are computed by the database. */
/* @name add */
insert into public.backtest_results as b (
  strategy_name, strategy_version, source_id, model_id, start_date, end_date, initial_capital, final_capital,
  total_return, annualized_return, sharpe_ratio, sortino_ratio, max_drawdown, value_at_risk_95,
  total_trades, winning_trades, losing_trades, config, notes
)
values (
  :strategy_name!,
  coalesce(:strategy_version, '1'),
  :source_id!,
  :model_id,
  :start_date!,
  :end_date!,
  :initial_capital!,
  :final_capital!,
  :total_return,
  :annualized_return,
  :sharpe_ratio,
  :sortino_ratio,
  :max_drawdown,
  :value_at_risk_95,
  coalesce(:total_trades, 0),
  coalesce(:winning_trades, 0),
  coalesce(:losing_trades, 0),
  coalesce(:config::jsonb, '{}'),
  :notes
)
returning b.backtest_id, b.total_days as "total_days!", b.win_rate;

/*
 * Records the trades of a run, given as the JSON text of an array of objects with the names of the columns. Write
 * numbers as strings to keep their digits.
 */
/* @name addTrades */
with added as (
  insert into public.backtest_trades (
    backtest_id, side, entry_time, entry_price, exit_time, exit_price, quantity, fees, profit, return_pct, exit_reason
  )
  select
    :backtest_id!, t.side, t.entry_time, t.entry_price, t.exit_time, t.exit_price, t.quantity, coalesce(t.fees, 0),
    t.profit, t.return_pct, t.exit_reason
  from json_populate_recordset(null::public.backtest_trades, :trades!) with ordinality as t
  order by t.ordinality
  returning trade_id
)
select count(*) as "added!"
from added;

/*
 * The runs, best Sharpe ratio first, over all sources or :source_id, at most :limit. The rank is that among all
 * runs.
 */
/* @name leaderboard */
select
  b.rank as "rank!",
  b.backtest_id as "backtest_id!",
  b.strategy_name as "strategy_name!",
  b.strategy_version as "strategy_version!",
  b.source_id as "source_id!",
  b.source_name as "source_name!",
  b.start_date as "start_date!",
  b.end_date as "end_date!",
  b.total_days as "total_days!",
  b.total_return,
  b.annualized_return,
  b.sharpe_ratio,
  b.sortino_ratio,
  b.max_drawdown,
  b.value_at_risk_95,
  b.total_trades as "total_trades!",
  b.win_rate
from public.backtest_leaderboard as b
where :source_id::int is null or b.source_id = :source_id
order by b.rank, b.backtest_id
limit :limit!;

/* The trades of a run, in order of entry. */
/* @name trades */
select
  t.trade_id,
  t.side,
  t.entry_time,
  t.entry_price,
  t.exit_time,
  t.exit_price,
  t.quantity,
  t.fees,
  t.profit,
  t.return_pct,
  t.exit_reason
from public.backtest_trades as t
where t.backtest_id = :backtest_id!
order by t.entry_time, t.trade_id;
