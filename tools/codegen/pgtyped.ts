/**
 * The parts of pgTyped's generator. Its package exports nothing but the command line, which takes seconds to start and
 * exits 0 whatever happens; the modules behind it do the work, and are imported by their place.
 */
import type * as Config from '../../node_modules/@pgtyped/cli/lib/config.js';
import type * as Generator from '../../node_modules/@pgtyped/cli/lib/generator.js';
import type * as Types from '../../node_modules/@pgtyped/cli/lib/types.js';

export type { ParsedConfig } from '../../node_modules/@pgtyped/cli/lib/config.js';
export type { TypedQuery } from '../../node_modules/@pgtyped/cli/lib/generator.js';
export type { TypeAllocator as Allocator, TypeDefinitions } from '../../node_modules/@pgtyped/cli/lib/types.js';

const inside = <Module>(file: string): Promise<Module> =>
  import(new URL(file, import.meta.resolve('@pgtyped/cli/lib/index.js')).href) as Promise<Module>;

export const { parseConfig, stringToType } = await inside<typeof Config>('config.js');
export const { generateDeclarationFile, generateInterface, ProcessingMode, queryToTypeDeclarations } = await inside<typeof Generator>('generator.js');
export const { DefaultTypeMapping, TypeAllocator, TypeMapping, TypeScope } = await inside<typeof Types>('types.js');
