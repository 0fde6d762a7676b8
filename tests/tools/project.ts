/** A project with query files of its own, for the tools to work on. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { formatProblem, type Problem } from '../../tools/problem.js';

export interface Project {
  readonly root: string;
  write(file: string, text: string): void;
  /** Undefined when there is no such file. */
  read(file: string): string | undefined;
  remove(file: string): void;
  /** Makes these the only query files. */
  reset(files: Readonly<Record<string, string>>): void;
}

/** The configuration of this repository with these files. */
export function makeProject(files: Readonly<Record<string, string>> = {}): Project {
  const root = mkdtempSync(join(tmpdir(), 'btcdb-test-'));
  process.on('exit', () => rmSync(root, { recursive: true, force: true }));
  for (const file of ['tsconfig.json', 'src/types/pg-types.ts', 'src/types/tables.ts', 'src/client/prepared-query.ts', 'src/errors/stack.ts']) cpSync(file, join(root, file));
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  const project: Project = {
    root,
    write(file, text) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    },
    read: (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined),
    remove: (file) => rmSync(join(root, file)),
    reset(wanted) {
      rmSync(join(root, 'queries'), { recursive: true, force: true });
      cpSync('queries/pgtyped.config.json', join(root, 'queries/pgtyped.config.json'));
      for (const [file, text] of Object.entries(wanted)) project.write(file, text);
    },
  };
  project.reset(files);
  return project;
}

/** Runs pgTyped's own command line there. */
export function stock({ root }: Project, url: string): Promise<{ code: number | null; output: string }> {
  const cli = resolve('node_modules/@pgtyped/cli/lib/index.js');
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cli, '--config', 'queries/pgtyped.config.json', '--uri', url], {
      cwd: root,
      // Variables such as PGHOST would win over the URL.
      env: { PATH: process.env['PATH'], LC_ALL: 'en_US.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', fail);
    child.on('close', (code) => done({ code, output }));
  });
}

/** The first line of each problem: `file:line:column: message (rule)`. */
export function headlines(problems: readonly Problem[]): string[] {
  return problems.map((problem) => formatProblem(problem).split('\n')[0]!);
}
