/** Lint and types of the queries, and what is wrong with each file. */
import { openCodegen, type Codegen } from '../codegen/index.js';
import { lintQueries } from '../lint/queries.js';
import type { FileProblem } from '../problem.js';
import { listQueries } from '../queries/folder.js';

const folder = 'queries';

export interface Refreshed {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly problems: readonly FileProblem[];
}

export class Types {
  readonly #root: string;
  readonly #codegen: Codegen;

  /** @param url of the database at the time of asking */
  constructor(root: string, url: () => string) {
    this.#root = root;
    this.#codegen = openCodegen({ root, folder, tables: 'src/types/tables.ts', url: () => Promise.resolve(url()) });
  }

  /** Query files that there are. */
  list(): readonly string[] {
    return listQueries(this.#root, folder).sql;
  }

  /** Reads the files only. */
  lint(files?: readonly string[]): readonly FileProblem[] {
    return lintQueries({ root: this.#root, folder, ...(files ? { files } : {}) });
  }

  /**
   * Lints the files and generates their types; by default of all. A file with a problem keeps the types that it has, the
   * others get new ones.
   *
   * @throws {ConnectionError} the database cannot be reached
   */
  async refresh(files?: readonly string[]): Promise<Refreshed> {
    const found = [...this.lint(files)];
    let result = await this.#codegen.generate(files ? { files } : {});
    const broken = new Set(result.problems.map(({ file }) => file));
    found.push(...result.problems);
    if (broken.size > 0) {
      // It writes all or nothing.
      const sound = (files ?? this.list()).filter((file) => !broken.has(file));
      if (sound.length > 0) result = await this.#codegen.generate({ files: sound });
      found.push(...result.problems);
    }
    return { written: result.written, removed: result.removed, problems: withoutRepetition(found) };
  }

  close(): void {
    this.#codegen.close();
  }
}

/** Lint and database stumble over the same place of a file that is misspelt. */
function withoutRepetition(problems: readonly FileProblem[]): FileProblem[] {
  const places = new Set<string>();
  return problems.filter(({ file, line, column, message }) => {
    const place = line === undefined ? `${file} ${message}` : `${file}:${line}:${column}`;
    return places.size < places.add(place).size;
  });
}
