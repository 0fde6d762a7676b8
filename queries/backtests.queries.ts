/** Types generated for queries found in "queries/backtests.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { JsonObject } from '../src/types/pg-types.js';

import type { BacktestTradesInput } from '../src/types/tables.js';

export type backtest_trades_side = 'LONG' | 'SHORT';

export type leaderboard_sort = 'annualized_return' | 'max_drawdown' | 'newest' | 'sortino_ratio' | 'total_return' | 'win_rate';

export type BacktestTradesInputArray = (BacktestTradesInput)[];

export type NumberOrString = number | string;

/** 'Add' parameters type */
export interface IAddParams {
  annualized_return?: NumberOrString | null | void;
  config?: JsonObject | null | void;
  end_date: string;
  final_capital: NumberOrString;
  initial_capital: NumberOrString;
  losing_trades?: number | null | void;
  max_drawdown?: NumberOrString | null | void;
  model_id?: number | null | void;
  notes?: string | null | void;
  sharpe_ratio?: NumberOrString | null | void;
  sortino_ratio?: NumberOrString | null | void;
  source_id: number;
  start_date: string;
  strategy_name: string;
  strategy_version?: string | null | void;
  total_return?: NumberOrString | null | void;
  total_trades?: number | null | void;
  value_at_risk_95?: NumberOrString | null | void;
  winning_trades?: number | null | void;
}

/** 'Add' return type */
export interface IAddResult {
  /** Key of the run. */
  backtest_id: number;
  /** Days from first to last, both included. Generated. */
  total_days: number;
  /** winning_trades / total_trades. Generated. */
  win_rate: string | null;
}

/** 'Add' query type */
export interface IAddQuery {
  params: IAddParams;
  result: IAddResult;
}

const addIR: any = {"usedParamSet":{"strategy_name":true,"strategy_version":true,"source_id":true,"model_id":true,"start_date":true,"end_date":true,"initial_capital":true,"final_capital":true,"total_return":true,"annualized_return":true,"sharpe_ratio":true,"sortino_ratio":true,"max_drawdown":true,"value_at_risk_95":true,"total_trades":true,"winning_trades":true,"losing_trades":true,"config":true,"notes":true},"params":[{"name":"strategy_name","required":true,"transform":{"type":"scalar"},"locs":[{"a":323,"b":337}]},{"name":"strategy_version","required":false,"transform":{"type":"scalar"},"locs":[{"a":351,"b":367}]},{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":378,"b":388}]},{"name":"model_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":393,"b":401}]},{"name":"start_date","required":true,"transform":{"type":"scalar"},"locs":[{"a":406,"b":417}]},{"name":"end_date","required":true,"transform":{"type":"scalar"},"locs":[{"a":422,"b":431}]},{"name":"initial_capital","required":true,"transform":{"type":"scalar"},"locs":[{"a":436,"b":452}]},{"name":"final_capital","required":true,"transform":{"type":"scalar"},"locs":[{"a":457,"b":471}]},{"name":"total_return","required":false,"transform":{"type":"scalar"},"locs":[{"a":476,"b":488}]},{"name":"annualized_return","required":false,"transform":{"type":"scalar"},"locs":[{"a":493,"b":510}]},{"name":"sharpe_ratio","required":false,"transform":{"type":"scalar"},"locs":[{"a":515,"b":527}]},{"name":"sortino_ratio","required":false,"transform":{"type":"scalar"},"locs":[{"a":532,"b":545}]},{"name":"max_drawdown","required":false,"transform":{"type":"scalar"},"locs":[{"a":550,"b":562}]},{"name":"value_at_risk_95","required":false,"transform":{"type":"scalar"},"locs":[{"a":567,"b":583}]},{"name":"total_trades","required":false,"transform":{"type":"scalar"},"locs":[{"a":597,"b":609}]},{"name":"winning_trades","required":false,"transform":{"type":"scalar"},"locs":[{"a":627,"b":641}]},{"name":"losing_trades","required":false,"transform":{"type":"scalar"},"locs":[{"a":659,"b":672}]},{"name":"config","required":false,"transform":{"type":"scalar"},"locs":[{"a":690,"b":696}]},{"name":"notes","required":false,"transform":{"type":"scalar"},"locs":[{"a":715,"b":720}]}],"statement":"insert into public.backtest_results as b (\n  strategy_name, strategy_version, source_id, model_id, start_date, end_date, initial_capital, final_capital,\n  total_return, annualized_return, sharpe_ratio, sortino_ratio, max_drawdown, value_at_risk_95,\n  total_trades, winning_trades, losing_trades, config, notes\n)\nvalues (\n  :strategy_name!,\n  coalesce(:strategy_version, '1'),\n  :source_id!,\n  :model_id,\n  :start_date!,\n  :end_date!,\n  :initial_capital!,\n  :final_capital!,\n  :total_return,\n  :annualized_return,\n  :sharpe_ratio,\n  :sortino_ratio,\n  :max_drawdown,\n  :value_at_risk_95,\n  coalesce(:total_trades, 0),\n  coalesce(:winning_trades, 0),\n  coalesce(:losing_trades, 0),\n  coalesce(:config::jsonb, '{}'),\n  :notes\n)\nreturning b.backtest_id, b.total_days as \"total_days!\", b.win_rate                                                                                                                                                                                                        "};

/**
 * Records a run. Length and win rate are computed by the database.
 *
 * Query generated from SQL:
 * ```
 * insert into public.backtest_results as b (
 *   strategy_name, strategy_version, source_id, model_id, start_date, end_date, initial_capital, final_capital,
 *   total_return, annualized_return, sharpe_ratio, sortino_ratio, max_drawdown, value_at_risk_95,
 *   total_trades, winning_trades, losing_trades, config, notes
 * )
 * values (
 *   :strategy_name!,
 *   coalesce(:strategy_version, '1'),
 *   :source_id!,
 *   :model_id,
 *   :start_date!,
 *   :end_date!,
 *   :initial_capital!,
 *   :final_capital!,
 *   :total_return,
 *   :annualized_return,
 *   :sharpe_ratio,
 *   :sortino_ratio,
 *   :max_drawdown,
 *   :value_at_risk_95,
 *   coalesce(:total_trades, 0),
 *   coalesce(:winning_trades, 0),
 *   coalesce(:losing_trades, 0),
 *   coalesce(:config::jsonb, '{}'),
 *   :notes
 * )
 * returning b.backtest_id, b.total_days as "total_days!", b.win_rate                                                                                                                                                                                                        
 * ```
 */
export const add = new PreparedQuery<IAddParams,IAddResult>(addIR, 'backtests.add');


/** 'AddTrades' parameters type */
export interface IAddTradesParams {
  /** Records :trades of one run or several. */
  trades: BacktestTradesInputArray;
}

/** 'AddTrades' return type */
export interface IAddTradesResult {
  added: string;
}

/** 'AddTrades' query type */
export interface IAddTradesQuery {
  params: IAddTradesParams;
  result: IAddTradesResult;
}

const addTradesIR: any = {"usedParamSet":{"trades":true},"params":[{"name":"trades","required":true,"transform":{"type":"scalar"},"locs":[{"a":34,"b":41}]}],"statement":"select public.add_backtest_trades(:trades!) as \"added!\"                                                                                                                                                                                                                              "};

/**
 * Records :trades of one run or several. What a trade does not name gets its default, and a key that is no column is
 * refused (SQLSTATE MD008). Write numbers as strings to keep their digits.
 *
 * Query generated from SQL:
 * ```
 * select public.add_backtest_trades(:trades!) as "added!"                                                                                                                                                                                                                              
 * ```
 */
export const addTrades = new PreparedQuery<IAddTradesParams,IAddTradesResult>(addTradesIR, 'backtests.addTrades');


/** 'Leaderboard' parameters type */
export interface ILeaderboardParams {
  /** The runs over all sources or :source_id, at most :limit. */
  limit: NumberOrString;
  /** Without :sort the best Sharpe ratio comes first; the rank is by that, among all runs. */
  sort?: leaderboard_sort | null | void;
  /** The runs over all sources or :source_id, at most :limit. */
  source_id?: number | null | void;
}

/** 'Leaderboard' return type */
export interface ILeaderboardResult {
  /** Return per year. */
  annualized_return: string | null;
  /** The run. */
  backtest_id: number;
  /** Last day. */
  end_date: string;
  /** Deepest fall from a peak. */
  max_drawdown: string | null;
  /** Place by Sharpe ratio, then total return. */
  rank: string;
  /** Sharpe ratio. */
  sharpe_ratio: string | null;
  /** Sortino ratio. */
  sortino_ratio: string | null;
  /** The traded series. */
  source_id: number;
  /** Its name. */
  source_name: string;
  /** First day. */
  start_date: string;
  /** The strategy. */
  strategy_name: string;
  /** Its version. */
  strategy_version: string;
  /** Days of the run. */
  total_days: number;
  /** Return of the whole run. */
  total_return: string | null;
  /** Number of trades. */
  total_trades: number;
  /** Daily loss exceeded on 5 % of the days. */
  value_at_risk_95: string | null;
  /** Share of winning trades. */
  win_rate: string | null;
}

/** 'Leaderboard' query type */
export interface ILeaderboardQuery {
  params: ILeaderboardParams;
  result: ILeaderboardResult;
}

const leaderboardIR: any = {"usedParamSet":{"source_id":true,"sort":true,"limit":true},"params":[{"name":"source_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":520,"b":529},{"a":561,"b":570}]},{"name":"sort","required":false,"transform":{"type":"scalar"},"locs":[{"a":588,"b":592},{"a":854,"b":858}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":932,"b":938}]}],"statement":"select\n  b.rank as \"rank!\",\n  b.backtest_id as \"backtest_id!\",\n  b.strategy_name as \"strategy_name!\",\n  b.strategy_version as \"strategy_version!\",\n  b.source_id as \"source_id!\",\n  b.source_name as \"source_name!\",\n  b.start_date as \"start_date!\",\n  b.end_date as \"end_date!\",\n  b.total_days as \"total_days!\",\n  b.total_return,\n  b.annualized_return,\n  b.sharpe_ratio,\n  b.sortino_ratio,\n  b.max_drawdown,\n  b.value_at_risk_95,\n  b.total_trades as \"total_trades!\",\n  b.win_rate\nfrom public.backtest_leaderboard as b\nwhere :source_id::int is null or b.source_id = :source_id\norder by\n  case :sort\n    when 'total_return' then b.total_return\n    when 'annualized_return' then b.annualized_return\n    when 'sortino_ratio' then b.sortino_ratio\n    when 'max_drawdown' then -abs(b.max_drawdown)\n    when 'win_rate' then b.win_rate\n  end desc nulls last,\n  case :sort when 'newest' then b.end_date end desc,\n  b.rank,\n  b.backtest_id\nlimit :limit!                                                                                                                  "};

/**
 * The runs over all sources or :source_id, at most :limit. Without :sort the best Sharpe ratio comes first; the rank is
 * by that, among all runs.
 *
 * Query generated from SQL:
 * ```
 * select
 *   b.rank as "rank!",
 *   b.backtest_id as "backtest_id!",
 *   b.strategy_name as "strategy_name!",
 *   b.strategy_version as "strategy_version!",
 *   b.source_id as "source_id!",
 *   b.source_name as "source_name!",
 *   b.start_date as "start_date!",
 *   b.end_date as "end_date!",
 *   b.total_days as "total_days!",
 *   b.total_return,
 *   b.annualized_return,
 *   b.sharpe_ratio,
 *   b.sortino_ratio,
 *   b.max_drawdown,
 *   b.value_at_risk_95,
 *   b.total_trades as "total_trades!",
 *   b.win_rate
 * from public.backtest_leaderboard as b
 * where :source_id::int is null or b.source_id = :source_id
 * order by
 *   case :sort
 *     when 'total_return' then b.total_return
 *     when 'annualized_return' then b.annualized_return
 *     when 'sortino_ratio' then b.sortino_ratio
 *     when 'max_drawdown' then -abs(b.max_drawdown)
 *     when 'win_rate' then b.win_rate
 *   end desc nulls last,
 *   case :sort when 'newest' then b.end_date end desc,
 *   b.rank,
 *   b.backtest_id
 * limit :limit!                                                                                                                  
 * ```
 */
export const leaderboard = new PreparedQuery<ILeaderboardParams,ILeaderboardResult>(leaderboardIR, 'backtests.leaderboard');


/** 'Trades' parameters type */
export interface ITradesParams {
  backtest_id: number;
  /** The trades of a run, in order of entry, at most :limit. */
  limit?: NumberOrString | null | void;
}

/** 'Trades' return type */
export interface ITradesResult {
  /** Price at opening. */
  entry_price: string;
  /** When it was opened. */
  entry_time: Date;
  /** Price at closing. */
  exit_price: string | null;
  /** Why it was closed. */
  exit_reason: string | null;
  /** When it was closed; null while open. */
  exit_time: Date | null;
  /** Fees of both sides, in quote currency. */
  fees: string;
  /** Profit after fees, in quote currency. */
  profit: string | null;
  /** Size, in units of the base asset. */
  quantity: string;
  /** Profit in percent of the entry value. */
  return_pct: string | null;
  /** LONG or SHORT. */
  side: backtest_trades_side;
  /** Key of the trade. */
  trade_id: string;
}

/** 'Trades' query type */
export interface ITradesQuery {
  params: ITradesParams;
  result: ITradesResult;
}

const tradesIR: any = {"usedParamSet":{"backtest_id":true,"limit":true},"params":[{"name":"backtest_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":218,"b":230}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":272,"b":277}]}],"statement":"select\n  t.trade_id,\n  t.side,\n  t.entry_time,\n  t.entry_price,\n  t.exit_time,\n  t.exit_price,\n  t.quantity,\n  t.fees,\n  t.profit,\n  t.return_pct,\n  t.exit_reason\nfrom public.backtest_trades as t\nwhere t.backtest_id = :backtest_id!\norder by t.entry_time, t.trade_id\nlimit :limit"};

/**
 * The trades of a run, in order of entry, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select
 *   t.trade_id,
 *   t.side,
 *   t.entry_time,
 *   t.entry_price,
 *   t.exit_time,
 *   t.exit_price,
 *   t.quantity,
 *   t.fees,
 *   t.profit,
 *   t.return_pct,
 *   t.exit_reason
 * from public.backtest_trades as t
 * where t.backtest_id = :backtest_id!
 * order by t.entry_time, t.trade_id
 * limit :limit
 * ```
 */
export const trades = new PreparedQuery<ITradesParams,ITradesResult>(tradesIR, 'backtests.trades');


