/**
 * `tsc --watch`, in a thread, so that it neither keeps the loop waiting nor outlives it. With `--build` it would miss files that
 * are made while it compiles.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

export interface Compiler {
  stop(): Promise<unknown>;
}

/** @param onCompiled called after each compilation, with everything that is wrong */
export function watchTypeScript(
  config: string, onCompiled: (problems: readonly string[]) => void, onEnd: (output: string) => void,
): Compiler {
  const args = ['--project', config, '--watch', '--preserveWatchOutput', '--pretty', 'false'];
  const tsc = new Worker(createRequire(import.meta.url).resolve('typescript/lib/tsc.js'), { argv: args, stdout: true, stderr: true });
  let isStopping = false;
  let unfinished = '';
  let problems: string[] = [];
  tsc.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${unfinished}${text}`.split('\n');
    unfinished = lines.pop()!;
    for (const line of lines) {
      const [, file, place, message] = /^(\S[^(]*)\(([\d,]+)\): error (TS\d+: .*)$/.exec(line) ?? /^()()error (TS\d+: .*)$/.exec(line) ?? [];
      if (message !== undefined) problems.push(file ? `${file}:${place!.replace(',', ':')}: ${message}` : message);
      if (!/ Found \d+ errors?\. Watching for file changes\.$/.test(line)) continue;
      onCompiled(problems);
      problems = [];
    }
  });
  tsc.on('error', (error) => (unfinished = error.message)).on('exit', () => {
    if (!isStopping) onEnd(unfinished);
  });
  return {
    stop() {
      isStopping = true;
      return tsc.terminate();
    },
  };
}
