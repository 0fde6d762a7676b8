/**
 * pgtyped.config.json is generated, too: a whole configuration, so that pgTyped's own command line and editors understand it,
 * with the types that the parsers of src/types/pg-types.ts return. Without it pgTyped does nothing and exits 0.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inputTypes, pgTypes } from '../../src/types/pg-types.js';
import { DefaultTypeMapping, parseConfig, type ParsedConfig } from './pgtyped.js';

/** What pgTyped must declare otherwise than it does by itself. */
function typesOverrides(): Record<string, string | { parameter: string; return: string }> {
  const overrides = Object.entries(pgTypes).flatMap(([name, { parameter, result }]) => {
    const own = DefaultTypeMapping[name as keyof typeof DefaultTypeMapping] as
      { parameter: { name: string }; return: { name: string } } | undefined;
    if (own?.parameter.name === parameter && own.return.name === result) return [];
    return [[name, parameter === result ? result : { parameter, return: result }] as const];
  });
  return { ...Object.fromEntries(overrides), ...inputTypes };
}

/** What the file holds, for a folder of queries. */
export function configText(folder: string): string {
  const config = {
    srcDir: folder,
    transforms: [{ mode: 'sql', include: '*.sql', emitTemplate: '{{dir}}/{{name}}.queries.ts' }],
    maxWorkerThreads: 1,
    failOnError: true,
    typesOverrides: typesOverrides(),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** The file, which has this text by now, as pgTyped reads it. */
export function parsedConfig(root: string, file: string): ParsedConfig {
  const path = join(root, file);
  // It is read with require(), which remembers.
  delete createRequire(import.meta.url).cache[path];
  return parseConfig(path);
}
