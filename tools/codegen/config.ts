/**
 * pgtyped.config.json. It stays a whole configuration, so that pgTyped's own command line and editors understand it; but
 * its typesOverrides are derived from src/types/pg-types.ts, and what it says otherwise must be what this project is built on.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { inputTypes, pgTypes } from '../../src/types/pg-types.js';
import { problemAt, type FileProblem, type Finding } from '../problem.js';
import { DefaultTypeMapping, parseConfig, stringToType, type ParsedConfig } from './pgtyped.js';

export const configName = 'pgtyped.config.json';

export type Overrides = Record<string, string | { parameter: string; return: string }>;

export interface Configuration {
  /** With the typesOverrides of src/types/pg-types.ts. Absent when the file cannot be used. */
  readonly config?: ParsedConfig;
  readonly problems: readonly FileProblem[];
  /** Set when nothing but the typesOverrides of the file is wrong: what it should hold. */
  readonly mended?: string;
}

/** What pgTyped must declare otherwise than it does by itself, for what the parsers of src/types/pg-types.ts return to be right. */
export function typesOverrides(): Overrides {
  const overrides: Overrides = {};
  for (const [name, { parameter, result }] of Object.entries(pgTypes)) {
    const own = DefaultTypeMapping[name as keyof typeof DefaultTypeMapping] as
      { parameter: { name: string }; return: { name: string } } | undefined;
    if (own?.parameter.name === parameter && own.return.name === result) continue;
    overrides[name] = parameter === result ? result : { parameter, return: result };
  }
  return { ...overrides, ...inputTypes };
}

/** Reads the file in `folder`, a path seen from `root`. */
export function readConfiguration(root: string, folder: string): Configuration {
  const file = `${folder}/${configName}`;
  const path = join(root, file);
  if (!existsSync(path)) {
    return { problems: [{ file, line: 1, message: 'pgTyped’s configuration is missing', fix: 'Restore it: pgTyped would do nothing without it, and exit 0.' }] };
  }
  const text = readFileSync(path, 'utf8');
  const wrong = (offset: number, finding: Finding): Configuration => ({ problems: [problemAt(file, text, offset, finding)] });
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    const { message } = error as Error;
    return wrong(Number(/position (\d+)/.exec(message)?.[1] ?? text.length), { message: `pgTyped’s configuration is no JSON: ${message}` });
  }
  let config: ParsedConfig;
  try {
    // It is read with require(), which remembers.
    delete createRequire(import.meta.url).cache[path];
    config = parseConfig(path);
  } catch (error) {
    return wrong(0, { message: `pgTyped refuses its configuration: ${(error as Error).message}` });
  }

  const expected = {
    srcDir: folder,
    transforms: [{ mode: 'sql', include: '*.sql', emitTemplate: '{{dir}}/{{name}}.queries.ts' }],
    camelCaseColumnNames: undefined,
    hungarianNotation: undefined,
  };
  const problems = Object.entries(expected).flatMap(([key, value]): FileProblem[] => {
    if (isDeepStrictEqual(given[key], value)) return [];
    const wanted = value === undefined ? `Remove ${key}.` : `Write "${key}": ${JSON.stringify(value)}.`;
    return [problemAt(file, text, Math.max(0, text.indexOf(`"${key}"`)), {
      message: key === 'camelCaseColumnNames'
        ? 'camelCaseColumnNames changes the declared names of columns, but not the names that rows have'
        : `${key} is not what this project is built on`,
      fix: wanted,
    })];
  });
  if (problems.length > 0) return { problems };

  const overrides = typesOverrides();
  config.typesOverrides = Object.fromEntries(Object.entries(overrides).map(([name, type]) => [
    name,
    typeof type === 'string'
      ? { parameter: stringToType(type), return: stringToType(type) }
      : { parameter: stringToType(type.parameter), return: stringToType(type.return) },
  ]));
  if (isDeepStrictEqual(given['typesOverrides'], overrides)) return { config, problems: [] };
  return {
    config,
    problems: [problemAt(file, text, Math.max(0, text.indexOf('"typesOverrides"')), {
      message: 'typesOverrides are not those of src/types/pg-types.ts',
      fix: 'Edit the table in src/types/pg-types.ts, and run `npm run codegen`.',
    })],
    mended: `${JSON.stringify({ ...given, typesOverrides: overrides }, null, 2)}\n`,
  };
}
