/** Whether generated files compile under the project's tsconfig.json, before they are written. */
import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { problemAt, type FileProblem } from '../problem.js';

export interface Compiled {
  /** As the user knows it. */
  readonly file: string;
  readonly text: string;
}

/** Keeps what it has read, so that checking one file again is quick. */
export class Compiler {
  readonly #root: string;
  readonly #sources = new Map<string, { version: string; source: ts.SourceFile }>();
  #program: ts.Program | undefined;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  /** The errors in these files, which need not exist yet. */
  check(files: readonly Compiled[]): FileProblem[] {
    const configFile = join(this.#root, 'tsconfig.json');
    const read = ts.readConfigFile(configFile, (path) => ts.sys.readFile(path));
    if (read.error) return [{ file: 'tsconfig.json', line: 1, message: ts.flattenDiagnosticMessageText(read.error.messageText, ' ') }];
    const { compilerOptions = {} } = read.config as { compilerOptions?: object };
    const { options, errors } = ts.convertCompilerOptionsFromJson(compilerOptions, dirname(configFile));
    if (errors[0]) return [{ file: 'tsconfig.json', line: 1, message: ts.flattenDiagnosticMessageText(errors[0].messageText, ' ') }];

    const texts = new Map(files.map(({ file, text }) => [join(this.#root, file), text]));
    this.#program = ts.createProgram({
      rootNames: [...texts.keys()],
      options: { ...options, noEmit: true, incremental: false, composite: false },
      host: this.#host(options, texts),
      ...(this.#program ? { oldProgram: this.#program } : {}),
    });
    return files.flatMap(({ file, text }) => {
      const source = this.#program!.getSourceFile(join(this.#root, file));
      const [misspelt] = this.#program!.getSyntacticDiagnostics(source);
      // The rest would follow from it.
      const found = misspelt ? [misspelt] : this.#program!.getSemanticDiagnostics(source);
      return found.map(({ code, start = 0, messageText }) =>
        problemAt(file, text, start, { message: `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}` }));
    });
  }

  #host(options: ts.CompilerOptions, texts: ReadonlyMap<string, string>): ts.CompilerHost {
    const host = ts.createCompilerHost(options, true);
    const onDisk = host.getSourceFile.bind(host);
    host.getCurrentDirectory = () => this.#root;
    host.fileExists = (path) => texts.has(resolve(path)) || ts.sys.fileExists(path);
    host.readFile = (path) => texts.get(resolve(path)) ?? ts.sys.readFile(path);
    host.getSourceFile = (path, languageVersion, ...rest) => {
      const text = texts.get(resolve(path));
      const version = text ?? String(statSync(path, { throwIfNoEntry: false })?.mtimeMs);
      const known = this.#sources.get(path);
      if (known?.version === version) return known.source;
      const source = text === undefined ? onDisk(path, languageVersion, ...rest) : ts.createSourceFile(path, text, languageVersion, true);
      if (source) this.#sources.set(path, { version, source });
      return source;
    };
    return host;
  }
}
