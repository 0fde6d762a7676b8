/**
 * Generates queries/*.queries.ts from queries/*.sql, queries/endpoints.ts from the annotations in them, src/types/tables.ts from the
 * tables, and finds everything that is wrong with them; whether they compile TypeScript tells. For whoever stays alive, such as
 * the development loop: the connection is kept between calls.
 *
 *     const codegen = new Codegen({ url, folder: 'queries', tables: 'src/types/tables.ts' });
 *     const { written, removed, problems } = await codegen.generate();
 *     codegen.close();
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../src/disk/durable.js';
import { compareTexts } from '../difference.js';
import { readIfThere } from '../files.js';
import { sortProblems, type FileProblem } from '../problem.js';
import { generatedOf, readQueries } from '../queries/folder.js';
import { configText, parsedConfig } from './config.js';
import { Connection } from './connection.js';
import { generateEndpoints } from './endpoints.js';
import { generateText } from './generator.js';
import { generateTables } from './tables.js';
import { inEnglish } from './pgtyped.js';

export interface CodegenOptions {
  /** A migrated database, or a function that gives its URL when it is needed. */
  readonly url: string | (() => string);
  /** The folder of the queries, seen from the root. */
  readonly folder: string;
  /** The file for the types of the tables, seen from the root. Default: there is none. */
  readonly tables?: string;
  /** The file for what annotated queries are served as, seen from the root. Default: there is none. */
  readonly endpoints?: string;
  /** The folder of tsconfig.json. Default: the current one. */
  readonly root?: string;
}

export interface GenerateOptions {
  /** Writes nothing: whatever would be written or removed is a problem. */
  readonly check?: boolean;
  /** Nobody has changed the database since the last call, so what it has said holds. */
  readonly isSame?: boolean;
}

export interface GenerateResult {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly problems: readonly FileProblem[];
}

export class Codegen {
  readonly #options: CodegenOptions;
  #connection: Connection | undefined;

  constructor(options: CodegenOptions) {
    this.#options = options;
  }

  /**
   * One call after the other. A file with a problem keeps what was generated from it, the others are written all the same.
   *
   * @throws {ConnectionError} the database cannot be reached
   */
  generate({ check = false, isSame = false }: GenerateOptions = {}): Promise<GenerateResult> {
    if (!isSame) this.#connection?.forget();
    return inEnglish(() => this.#generate(check));
  }

  close(): void {
    this.#connection?.close();
  }

  async #connect(): Promise<Connection> {
    const { url } = this.#options;
    if (!this.#connection?.isOpen) this.#connection = await Connection.open(typeof url === 'string' ? url : url());
    return this.#connection;
  }

  async #generate(check: boolean): Promise<GenerateResult> {
    const { root = '.', folder, tables, endpoints } = this.#options;
    const configuration: Made = { file: `${folder}/pgtyped.config.json`, text: configText(folder), origin: 'src/types/pg-types.ts' };
    const misconfigured = difference(root, configuration);
    if (misconfigured.length > 0 && check) return { written: [], removed: [], problems: misconfigured };
    if (misconfigured.length > 0) replaceFile(join(root, configuration.file), configuration.text);
    const config = parsedConfig(root, configuration.file);

    const { sql, generated, queryFiles, problems: found } = readQueries(root, folder);
    const problems = [...found];
    const made: Made[] = [];
    for (const source of queryFiles.filter((file) => file.problems.length === 0)) {
      const result = await generateText(source, await this.#connect(), config);
      if ('problems' in result) problems.push(...result.problems);
      else made.push({ file: generatedOf(source.path), text: result.text, origin: source.path });
    }
    if (tables !== undefined) made.push({ file: tables, text: await generateTables(tables, await this.#connect(), config), origin: 'the database' });
    if (endpoints !== undefined) {
      const { text, problems: found } = await generateEndpoints(endpoints, queryFiles, await this.#connect());
      if (text !== undefined) made.push({ file: endpoints, text, origin: 'the annotations' });
      problems.push(...found);
    }

    const stale = made.filter(({ file, text }) => readIfThere(join(root, file)) !== text);
    const owned = new Set(sql.map(generatedOf));
    const orphans = generated.filter((file) => !owned.has(file));
    if (check) problems.push(...stale.flatMap((file) => difference(root, file)), ...orphans.map(orphanProblem));
    if (check) return { written: [], removed: [], problems: sortProblems(problems) };

    for (const { file, text } of stale) replaceFile(join(root, file), text);
    for (const file of orphans) rmSync(join(root, file));
    const written = [...(misconfigured.length > 0 ? [configuration] : []), ...stale].map(({ file }) => file);
    return { written, removed: orphans, problems: sortProblems(problems) };
  }
}

interface Made {
  /** As the user knows it. */
  readonly file: string;
  readonly text: string;
  /** What it is made from. */
  readonly origin: string;
}

function difference(root: string, { file, text, origin }: Made): FileProblem[] {
  const content = readIfThere(join(root, file));
  const fix = 'Run `npm run codegen`.';
  return content === undefined
    ? [{ file, line: 1, message: `it has not been generated from ${origin} yet`, fix }]
    : compareTexts(file, content, text, { message: `it is not what ${origin} gives: out of date, or edited by hand`, fix });
}

function orphanProblem(file: string): FileProblem {
  return { file, line: 1, message: `there is no ${file.replace(/\.queries\.ts$/, '.sql')} any more`, fix: 'Run `npm run codegen`, which removes it.' };
}
