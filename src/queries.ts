/** The typed functions: a namespace for each file of queries/. */
export * as aggregates from '../queries/aggregates.queries.js';
export * as anomalies from '../queries/anomalies.queries.js';
export * as archive from '../queries/archive.queries.js';
export * as audit from '../queries/audit.queries.js';
export * as backtests from '../queries/backtests.queries.js';
export * as candles from '../queries/candles.queries.js';
export * as charts from '../queries/charts.queries.js';
export * as doctor from '../queries/doctor.queries.js';
export * as features from '../queries/features.queries.js';
export * as forecasts from '../queries/forecasts.queries.js';
export * as lineage from '../queries/lineage.queries.js';
export * as models from '../queries/models.queries.js';
export * as operations from '../queries/operations.queries.js';
export * as quality from '../queries/quality.queries.js';
export * as rules from '../queries/rules.queries.js';
export * as series from '../queries/series.queries.js';
export * as sources from '../queries/sources.queries.js';
