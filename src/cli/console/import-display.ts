/** How far an import is: a bar on a terminal, plain lines elsewhere. All of it on stderr. */
import cliProgress, { type Options, type Params, type SingleBar } from 'cli-progress';
import { visible } from '../../errors/messages.js';
import { type FileReport, type ImportProgress, type ImportStep, importSteps } from '../../import/index.js';
import { bytes, count, cut, duration, marks, note, WIDTH } from './terminal.js';

const titles: Readonly<Record<ImportStep, string>> = {
  register: 'register the sources',
  load: 'load the files',
  upsert: 'write the rows',
  refresh: 'refresh the aggregates',
  compress: 'compress old chunks',
};

/** Where there is no terminal, a step that takes long says so this often. */
const PLAIN_EVERY_MS = 5000;
const BAR_WIDTH = 20;

export class ImportDisplay {
  readonly #live = process.stderr.isTTY === true;
  #step: ImportStep | undefined;
  #began = 0;
  #last: ImportProgress | undefined;
  #lastLine = 0;
  #bar: SingleBar | undefined;

  update(progress: ImportProgress): void {
    if (progress.step !== this.#step) {
      this.finish();
      this.#step = progress.step;
      this.#began = this.#lastLine = performance.now();
      if (this.#live) this.#startBar(progress);
    }
    this.#last = progress;
    if (this.#bar) this.#bar.update(doneOf(progress), { progress });
    else if (performance.now() - this.#lastLine > PLAIN_EVERY_MS) {
      this.#lastLine = performance.now();
      note(`  ${label(progress.step)}: ${detail(progress)}`);
    }
  }

  /** A file is done; only worth a line when it failed. */
  file(report: FileReport): void {
    if (report.error === undefined) return;
    this.#bar?.stop();
    note(`${marks.failure} ${visible(report.file)} failed; the others go on`);
    if (this.#bar && this.#last) this.#startBar(this.#last);
  }

  /** The step at work is done. */
  finish(): void {
    if (this.#step === undefined) return;
    this.#stopBar();
    const seconds = (performance.now() - this.#began) / 1000;
    const rows = this.#step === 'upsert' && this.#last ? `  ${count(this.#last.totalRows)} rows, ${count(this.#last.totalRows / seconds)} rows/s` : '';
    note(`${marks.ok} ${label(this.#step)}${rows}  ${duration(seconds)}`);
    this.#step = undefined;
  }

  /** The import has ended before its time. */
  stop(): void {
    this.#stopBar();
    this.#step = undefined;
  }

  #startBar(progress: ImportProgress): void {
    this.#bar = new cliProgress.SingleBar({
      format: (_options: Options, params: Params, payload: { progress?: ImportProgress }) =>
        barLine(payload.progress ?? progress, params.progress),
      clearOnComplete: true,
      hideCursor: true,
      fps: 10,
      stream: process.stderr,
    });
    this.#bar.start(Math.max(1, totalOf(progress)), doneOf(progress), { progress });
  }

  #stopBar(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

function label(step: ImportStep): string {
  return `${importSteps.indexOf(step) + 1}/${importSteps.length} ${titles[step]}`;
}

function totalOf({ step, totalRows, totalBytes }: ImportProgress): number {
  return step === 'upsert' ? totalRows : totalBytes;
}

function doneOf({ step, rows, bytes: read }: ImportProgress): number {
  return step === 'upsert' ? rows : read;
}

/** One line of less than 80 columns. */
function barLine(progress: ImportProgress, share: number): string {
  if (totalOf(progress) === 0) return `  ${label(progress.step)} …`;
  const options = { barsize: BAR_WIDTH, barCompleteString: '█'.repeat(BAR_WIDTH), barIncompleteString: '░'.repeat(BAR_WIDTH), barGlue: '' };
  const bar = cliProgress.Format.BarFormat(share, { ...options, barCompleteChar: '█', barIncompleteChar: '░' });
  return cut(`  ${label(progress.step).padEnd(20)} ${bar} ${detail(progress)}`, WIDTH - 1);
}

/** `45 %, 14,000 rows/s, 3 s left` */
function detail(progress: ImportProgress): string {
  const total = totalOf(progress);
  const share = total > 0 ? [`${Math.floor((100 * doneOf(progress)) / total)} %`] : [];
  const speed = progress.step === 'upsert' ? [`${count(progress.rowsPerSecond)}/s`] : total > 0 ? [bytes(total)] : [];
  const left = progress.secondsLeft === undefined ? [] : [`${timeLeft(progress.secondsLeft)} left`];
  return [...share, ...speed, ...left].join(', ');
}

/** Whole seconds: `3 s`, `4 min 10 s`. */
function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 120 ? `${whole} s` : duration(whole);
}
