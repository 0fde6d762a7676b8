/**
 * Compiles the project to dist/ whenever a file of it changes, as `tsc --watch` does, and tells the loop what is
 * wrong. A process of its own, because TypeScript would keep the loop waiting.
 */
import { constants, setPriority } from 'node:os';
import { resolve } from 'node:path';
import ts from 'typescript';
import { shownPath } from '../files.js';
import { problemAt, type Problem } from '../problem.js';
import { toLoop } from './children.js';

/** What it says after each compilation: everything that is wrong. */
export type TypecheckMessage = readonly Problem[];

// New types come first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const say = toLoop<TypecheckMessage>();
const found: Problem[] = [];

/** A file was removed. The next compilation says who misses it. */
const fileNotFound = 6053;

/** `Found 1 error. Watching for file changes.` and the same of many: a compilation has ended. */
const foundErrors = new Set([6193, 6194]);

const configFile = resolve('tsconfig.json');
/** Lists the files of the project anew. */
let relist: (() => void) | undefined;

const host = ts.createWatchCompilerHost(
  configFile,
  {},
  ts.sys,
  ts.createEmitAndSemanticDiagnosticsBuilderProgram,
  ({ code, file, start = 0, messageText }) => {
    if (code === fileNotFound) return;
    const message = `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    found.push(file ? problemAt(shownPath(file.fileName), file.text, start, { message }) : { file: 'tsconfig.json', message });
  },
  ({ code }) => {
    if (foundErrors.has(code)) say(found.splice(0));
  },
);
const watchFile = host.watchFile.bind(host);
host.watchFile = (path, callback, ...rest) => {
  if (resolve(path) === configFile) relist = () => callback(path, ts.FileWatcherEventKind.Changed);
  return watchFile(path, callback, ...rest);
};
ts.createWatchProgram(host);
// It looks for new files only from now on, and the first compilation took its time.
relist?.();
