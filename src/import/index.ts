/** The importer: from a folder of JSON and CSV files to rows. */
export { importFolder, type ImportOptions, type ImportTarget } from './load.js';
export type { FileReport, ImportReport } from './report.js';
export { importSteps } from './progress.js';
export type { ImportProgress, ImportStep } from './progress.js';
export { discover } from './discover.js';
export { openSeries, readBatches } from './series.js';
export type { Reject, SeriesFile } from './series.js';
export type { Mapping } from './mapping.js';
