/**
 * Compiles the project to dist/ whenever a file of it changes, as `tsc --build --watch` does, and tells the loop what is
 * wrong. A process of its own, because TypeScript would keep the loop waiting.
 */
import { relative } from 'node:path';
import ts from 'typescript';
import { problemAt, type Problem } from '../problem.js';
import { toLoop } from './children.js';

/** What it says after each compilation: everything that is wrong. */
export type TypecheckMessage = readonly Problem[];

const say = toLoop<TypecheckMessage>();
const found: Problem[] = [];

const host = ts.createSolutionBuilderWithWatchHost(
  ts.sys,
  ts.createEmitAndSemanticDiagnosticsBuilderProgram,
  ({ code, file, start = 0, messageText }) => {
    const message = `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    found.push(file ? problemAt(relative(process.cwd(), file.fileName).replaceAll('\\', '/'), file.text, start, { message }) : { file: 'tsconfig.json', message });
  },
  undefined,
  (_status, _newLine, _options, errorCount) => {
    // Only the report at the end of a compilation counts errors.
    if (errorCount === undefined) return;
    say(found.splice(0));
  },
);
ts.createSolutionBuilderWithWatch(host, ['tsconfig.json'], {}).build();
