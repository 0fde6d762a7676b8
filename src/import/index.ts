/** The importer: from a folder of JSON and CSV files to rows. */
export { parseTimestamp } from '../types/scalars.js';
export { importFolder } from './load.js';
export type { FileReport, ImportOptions, ImportReport, ImportTarget, WrittenCounts } from './load.js';
export { importSteps } from './progress.js';
export type { ImportProgress, ImportStep } from './progress.js';
export type { RegisteredCounts } from './registry.js';
export { discover } from './discover.js';
export type { DataFile, Discovery } from './discover.js';
export { openSeries, readBatches } from './series.js';
export type { Reject, SeriesFile } from './series.js';
export { type DataColumn, dataColumns } from '../write/lines.js';
export { SeriesBatch, type SeriesRow } from './batch.js';
export type { Mapping } from './mapping.js';
export type { Shape } from './shapes.js';
