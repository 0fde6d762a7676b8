/**
 * Generates queries/*.queries.ts from queries/*.sql, src/types/tables.ts from the tables, and finds everything that is wrong with
 * them; whether they compile TypeScript tells. For whoever stays alive, such as the development loop: the connection is kept
 * between calls.
 *
 *     const codegen = new Codegen({ url, folder: 'queries', tables: 'src/types/tables.ts' });
 *     const { written, removed, problems } = await codegen.generate({ files: ['queries/series.sql'] });
 *     codegen.close();
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../src/disk.js';
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
  /** Only these .sql files, as `queries/series.sql`; one that is gone loses its generated file. Default: all. */
  readonly files?: readonly string[];
  /** Writes nothing: whatever would be written or removed is a problem. */
  readonly check?: boolean;
  /** A file with a problem keeps what it has, the others are written all the same. Default: all or nothing. */
  readonly apart?: boolean;
}

export interface GenerateResult {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly problems: readonly FileProblem[];
  /** What is wrong with the annotations, of all files; empty unless `endpoints` are made. */
  readonly annotationProblems: readonly FileProblem[];
}

export class Codegen {
  readonly #options: CodegenOptions;
  #connection: Connection | undefined;

  constructor(options: CodegenOptions) {
    this.#options = options;
  }

  /** One call after the other. @throws {ConnectionError} the database cannot be reached */
  generate(options: GenerateOptions = {}): Promise<GenerateResult> {
    return inEnglish(() => generate({ ...this.#options, ...options }, () => this.#connect()));
  }

  close(): void {
    this.#connection?.close();
  }

  async #connect(): Promise<Connection> {
    const { url } = this.#options;
    if (!this.#connection?.isOpen) this.#connection = await Connection.open(typeof url === 'string' ? url : url());
    return this.#connection;
  }
}

async function generate(
  { root = '.', folder, tables, endpoints, files, check = false, apart = false }: CodegenOptions & GenerateOptions, connect: () => Promise<Connection>,
): Promise<GenerateResult> {
  const configuration: Made = { file: `${folder}/pgtyped.config.json`, text: configText(folder), origin: 'src/types/pg-types.ts' };
  const misconfigured = difference(root, configuration);
  if (misconfigured.length > 0 && check) return { written: [], removed: [], problems: misconfigured, annotationProblems: [] };
  if (misconfigured.length > 0) replaceFile(join(root, configuration.file), configuration.text);
  const config = parsedConfig(root, configuration.file);

  const { sql, generated, queryFiles, problems } = readQueries(root, folder, files);
  const made: Made[] = [];
  for (const source of queryFiles) {
    const result = source.problems.length > 0 ? source : await generateText(source, await connect(), config);
    if ('problems' in result) problems.push(...result.problems);
    else made.push({ file: generatedOf(source.path), text: result.text, origin: source.path });
  }
  if (tables !== undefined && files === undefined) {
    made.push({ file: tables, text: await generateTables(tables, await connect(), config), origin: 'the database' });
  }
  let annotationProblems: readonly FileProblem[] = [];
  if (endpoints !== undefined) {
    const all = files === undefined ? queryFiles : readQueries(root, folder).queryFiles;
    const { text, problems: found } = await generateEndpoints(endpoints, all, await connect());
    if (text !== undefined) made.push({ file: endpoints, text, origin: 'the annotations' });
    annotationProblems = sortProblems(found);
  }

  const stale = made.filter(({ file, text }) => contentOf(root, file) !== text);
  const owned = new Set(sql.map(generatedOf));
  const orphans = generated.filter((file) => !owned.has(file) && (files === undefined || files.map(generatedOf).includes(file)));
  if (check) problems.push(...stale.flatMap((file) => difference(root, file)), ...orphans.map(orphanProblem));
  const isWrong = problems.length + annotationProblems.length > 0;
  if (check || (isWrong && !apart)) return { written: [], removed: [], problems: sortProblems(problems), annotationProblems };

  for (const { file, text } of stale) replaceFile(join(root, file), text);
  for (const file of orphans) rmSync(join(root, file));
  const written = [...(misconfigured.length > 0 ? [configuration] : []), ...stale].map(({ file }) => file);
  return { written, removed: orphans, problems: sortProblems(problems), annotationProblems };
}

interface Made {
  /** As the user knows it. */
  readonly file: string;
  readonly text: string;
  /** What it is made from. */
  readonly origin: string;
}

function contentOf(root: string, file: string): string | undefined {
  return readIfThere(join(root, file));
}

function difference(root: string, { file, text, origin }: Made): FileProblem[] {
  const content = contentOf(root, file);
  const fix = 'Run `npm run codegen`.';
  return content === undefined
    ? [{ file, line: 1, message: `it has not been generated from ${origin} yet`, fix }]
    : compareTexts(file, content, text, { message: `it is not what ${origin} gives: out of date, or edited by hand`, fix });
}

function orphanProblem(file: string): FileProblem {
  return { file, line: 1, message: `there is no ${file.replace(/\.queries\.ts$/, '.sql')} any more`, fix: 'Run `npm run codegen`, which removes it.' };
}
