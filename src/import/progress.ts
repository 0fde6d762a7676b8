/** How far an import is. */

/** The five steps of an import, in order. */
export const importSteps = ['register', 'load', 'upsert', 'refresh', 'compress'] as const;

/**
 * register: the registry's rows are written. load: each file is read once, checked, and registers itself where it has
 * to. upsert: the rows go to the database. refresh: the continuous aggregates. compress: the old chunks.
 */
export type ImportStep = (typeof importSteps)[number];

/** Sums over all files of the step; `rows` only counts in the step upsert. */
export interface ImportProgress {
  readonly step: ImportStep;
  /** Name of the file at work, undefined in a step without files. */
  readonly file: string | undefined;
  readonly rows: number;
  readonly totalRows: number;
  /** Bytes of the files on disk. */
  readonly bytes: number;
  readonly totalBytes: number;
  readonly rowsPerSecond: number;
  /** Undefined as long as there is nothing to reckon with. */
  readonly secondsLeft: number | undefined;
}

/** Adds up what single files report. */
export class ProgressMeter {
  #step: ImportStep = 'register';
  #started = performance.now();
  #totalRows = 0;
  #totalBytes = 0;
  #finishedRows = 0;
  #finishedBytes = 0;

  constructor(private readonly listener: ((progress: ImportProgress) => void) | undefined) {}

  /** Begins a step; its first event says so. */
  begin(step: ImportStep, totalRows = 0, totalBytes = 0): void {
    this.#step = step;
    this.#started = performance.now();
    this.#totalRows = totalRows;
    this.#totalBytes = totalBytes;
    this.#finishedRows = 0;
    this.#finishedBytes = 0;
    this.at(undefined, 0, 0);
  }

  /** `rows` and `bytes` of the file at work are done. */
  at(file: string | undefined, rows: number, bytes: number): void {
    if (this.listener === undefined) return;
    const doneRows = this.#finishedRows + rows;
    const doneBytes = this.#finishedBytes + bytes;
    const seconds = (performance.now() - this.#started) / 1000;
    const share = this.#totalRows > 0 ? doneRows / this.#totalRows : this.#totalBytes > 0 ? doneBytes / this.#totalBytes : 0;
    this.listener({
      step: this.#step,
      file,
      rows: doneRows,
      totalRows: this.#totalRows,
      bytes: doneBytes,
      totalBytes: this.#totalBytes,
      rowsPerSecond: seconds > 0 ? doneRows / seconds : 0,
      secondsLeft: share > 0 ? (seconds * (1 - share)) / share : undefined,
    });
  }

  /** A file is done, whatever became of it. */
  finish(file: string, rows: number, bytes: number): void {
    this.#finishedRows += rows;
    this.#finishedBytes += bytes;
    this.at(file, 0, 0);
  }
}
