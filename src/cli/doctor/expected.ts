/** What a healthy database has, besides what truth.ts says. A test compares it with a database that was just migrated. */

/** Continuous aggregates in public. */
export const aggregates: readonly string[] = ['daily_ohlcv', 'hourly_ohlcv', 'hourly_values', 'weekly_stats'];

/** The oldest TimescaleDB and PostgreSQL that the schema runs on, and the TimescaleDB that is recommended. */
export const oldestTimescale = '2.23';
export const recommendedTimescale = '2.29.2';
export const oldestPostgres = 15;
