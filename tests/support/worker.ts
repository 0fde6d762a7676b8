/**
 * A process that runs test files one after the other, as run.ts sends them: they share what Node.js and the engine take to
 * start, and the engine's compiled code, which V8 optimizes meanwhile.
 */
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { capture, setEnvironment } from './process.js';

export interface FileReport {
  readonly output: string;
  readonly code: number;
}

/** uvu's own: the suites of the present file, and that they are started from here. */
declare global {
  var UVU_QUEUE: [null, ...unknown[]][];
  var UVU_DEFER: boolean;
}
globalThis.UVU_DEFER = true;
// What commands print is compared: they look once in a process whether there are colours.
process.env['NO_COLOR'] = '1';
const { exec } = await import('uvu');

process.setMaxListeners(0);
// What baseline.cts keeps off: to optimize the engine pays in a process that runs a third of all files.
setFlagsFromString('--wasm-tier-up');
setFlagsFromString('--wasm-dynamic-tiering');

async function runFile(path: string): Promise<FileReport> {
  const environment = { ...process.env };
  let output = '';
  const restore = capture((_, text) => void (output += text));
  // Who ends the process has said why.
  const tell = (): void => {
    restore();
    process.stderr.write(output);
  };
  process.once('exit', tell);
  try {
    globalThis.UVU_QUEUE.splice(0, Infinity, [null]);
    await import(pathToFileURL(path).href);
    await exec();
  } catch (error) {
    output += (error as Error).stack;
    process.exitCode = 1;
  }
  process.off('exit', tell);
  restore();
  setEnvironment(environment);
  const code = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { output, code };
}

process.on('message', (path: string) => {
  if (path === 'end') process.disconnect();
  else void runFile(path).then((report) => process.send!(report));
});
