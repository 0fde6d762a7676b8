/**
 * The parts of pgTyped's generator. Its package exports nothing but the command line, which takes seconds to start and
 * exits 0 whatever happens; the modules behind it do the work, and are imported by their place.
 */
import type * as Config from '../../node_modules/@pgtyped/cli/lib/config.js';
import type * as Generator from '../../node_modules/@pgtyped/cli/lib/generator.js';
import type * as Types from '../../node_modules/@pgtyped/cli/lib/types.js';
import { requireVersion } from '../../src/schema/required-version.js';

export type { ParsedConfig } from '../../node_modules/@pgtyped/cli/lib/config.js';
export type { TypedQuery } from '../../node_modules/@pgtyped/cli/lib/generator.js';
export type { TypeAllocator as Allocator, TypeDefinitions } from '../../node_modules/@pgtyped/cli/lib/types.js';

requireVersion('@pgtyped/cli', '2.4.3', '@pgtyped/cli/lib/index.js');

const inside = <Module>(file: string): Promise<Module> =>
  import(new URL(file, import.meta.resolve('@pgtyped/cli/lib/index.js')).href) as Promise<Module>;

export const { parseConfig } = await inside<typeof Config>('config.js');
export const { generateDeclarationFile, generateInterface, ProcessingMode, queryToTypeDeclarations } = await inside<typeof Generator>('generator.js');
export const { DefaultTypeMapping, TypeAllocator, TypeMapping, TypeScope } = await inside<typeof Types>('types.js');

interface Comparing {
  localeCompare: (this: string, that: string, locales?: Intl.LocalesArgument, options?: Intl.CollatorOptions) => number;
}

/**
 * pgTyped sorts the columns of an interface by the locale of whoever runs it. The generated files must not depend on
 * that, so while it works strings are compared as in English.
 */
export async function inEnglish<Result>(work: () => Promise<Result>): Promise<Result> {
  const prototype: Comparing = String.prototype;
  const { localeCompare } = prototype;
  prototype.localeCompare = function (that, locales = 'en-US', options) {
    return localeCompare.call(this, that, locales, options);
  };
  try {
    return await work();
  } finally {
    prototype.localeCompare = localeCompare;
  }
}
