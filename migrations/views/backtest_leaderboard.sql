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
