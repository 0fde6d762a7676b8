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
 * Records :trades of one run or several. What a trade does not name gets its default, and a key that is no column is
 * refused (SQLSTATE MD008). Write numbers as strings to keep their digits.
 */
/* @name addTrades */
select public.add_backtest_trades(:trades!) as "added!";

/*
 * The runs over all sources or :source_id, at most :limit. Without :sort the best Sharpe ratio comes first; the rank is
 * by that, among all runs.
 * @http GET /api/backtests
 * @graphql Query.backtests Backtest[]
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
order by
  case :sort
    when 'total_return' then b.total_return
    when 'annualized_return' then b.annualized_return
    when 'sortino_ratio' then b.sortino_ratio
    when 'max_drawdown' then -abs(b.max_drawdown)
    when 'win_rate' then b.win_rate
  end desc nulls last,
  case :sort when 'newest' then b.end_date end desc,
  b.rank,
  b.backtest_id
limit :limit!;

/*
 * The trades of a run, in order of entry, at most :limit.
 * @http GET /api/backtests/{backtest_id}/trades
 */
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
order by t.entry_time, t.trade_id
limit :limit;
