/**
 * `tsc --watch`, in a thread, so that it neither keeps the loop waiting nor outlives it. With `--build` it would miss files that
 * are made while it compiles.
 */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

/** @param onCompiled called after each compilation, with everything that is wrong */
export function watchTypeScript(config: string, onCompiled: (problems: readonly string[]) => void): Worker {
  const argv = ['--project', config, '--watch', '--preserveWatchOutput', '--pretty', 'false'];
  const tsc = new Worker(createRequire(import.meta.url).resolve('typescript/lib/tsc.js'), { argv, stdout: true });
  let problems: string[] = [];
  createInterface(tsc.stdout).on('line', (line) => {
    const [, file, place, message] = /^(\S[^(]*)\(([\d,]+)\): error (TS\d+: .*)$/.exec(line) ?? /^()()error (TS\d+: .*)$/.exec(line) ?? [];
    if (message !== undefined) problems.push(file ? `${file}:${place!.replace(',', ':')}: ${message}` : message);
    if (!/ Found \d+ errors?\. Watching for file changes\.$/.test(line)) return;
    onCompiled(problems);
    problems = [];
  });
  return tsc;
}
