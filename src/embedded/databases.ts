/** The databases of a server by their names, and how they come and go. */

import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseCommand } from './database-commands.js';
import { Database } from './database.js';
import { Engine, longestName, mainDatabase } from './engine.js';
import { mainPlace, newPlace, placesIn, unpackInto, type DataPlace } from './folder.js';
import type { CompiledEngine } from './pglite.js';
import { errorResponse, noticeResponse, type ErrorFields } from './protocol.js';
import type { Session } from './session.js';

/** There is always one that is empty, for sessions that make and drop the others. What happens in it is not kept. */
const emptyDatabase = 'template1';
const templates = [emptyDatabase, 'template0'];

/** How long DROP DATABASE waits for clients that are about to leave: as long as PostgreSQL does. */
const leavingMs = 5000;

/** Why a statement cannot be carried out. */
class Refusal extends Error {
  constructor(readonly fields: ErrorFields) {
    super(fields.message);
  }
}

export interface DatabasesOptions {
  engine: CompiledEngine;
  /** The folder of the server; in memory when absent. */
  folder: string | undefined;
  /** What `postgres` starts from in memory. */
  archive: Buffer | undefined;
  waitTimeoutMs: number;
  /** The files of an empty database. */
  blank: () => Promise<Buffer>;
  /** Told once when the engine of `postgres` has broken. */
  onDeath: (death: Error) => void;
}

export class Databases {
  /** All clients, also those that are about to choose a database. */
  readonly sessions = new Set<Session>();
  readonly #options: DatabasesOptions;
  readonly #all = new Map<string, Database>();

  constructor(options: DatabasesOptions) {
    const { engine, folder, archive } = options;
    this.#options = options;
    const openPlace = (database: string, place: DataPlace): void => {
      this.#add(database, () => Engine.open({ engine, database, folder: place.data }), place);
    };
    if (folder === undefined) this.#add(mainDatabase, () => Engine.open({ engine, database: mainDatabase, archive }), undefined, archive);
    else openPlace(mainDatabase, mainPlace(folder));
    for (const [name, place] of folder === undefined ? [] : placesIn(folder)) openPlace(name, place);
    this.#add(emptyDatabase, async () => this.#open(await this.#blank(), emptyDatabase));
  }

  get names(): string[] {
    return [...this.#all.values()].flatMap(({ name, isClosing }) => (isClosing ? [] : [name]));
  }

  get waitTimeoutMs(): number {
    return this.#options.waitTimeoutMs;
  }

  /** The database of that name, which the session belongs to from now on. Its engine may still have to be started. */
  join(name: string, session: Session): Database | undefined {
    const database = this.#all.get(name);
    if (database?.isClosing) return undefined;
    database?.sessions.add(session);
    return database;
  }

  /** The database `postgres`, with its engine. */
  async main(): Promise<Database> {
    const database = this.#all.get(mainDatabase);
    if (!database) throw new Error(`the database ${mainDatabase} was dropped`);
    await database.start();
    return database;
  }

  /** Carries out a statement and returns the messages that tell of it. */
  async run(command: DatabaseCommand, session: Session): Promise<Buffer[]> {
    try {
      const notice = await (command.is === 'create' ? this.#create(command) : this.#drop(command, session));
      return notice ? [noticeResponse(notice)] : [];
    } catch (error) {
      const { message, code = 'XX000' } = error as Error & { code?: string };
      return [errorResponse(error instanceof Refusal ? error.fields : { message, code })];
    }
  }

  async close(): Promise<void> {
    for (const database of this.#all.values()) await database.close();
  }

  #add(name: string, open: () => Promise<Engine>, place?: DataPlace, files?: Buffer): Database {
    const onDeath = name === mainDatabase ? this.#options.onDeath : undefined;
    const database = new Database({ name, open, place, files, waitTimeoutMs: this.waitTimeoutMs, onDeath });
    this.#all.set(name, database);
    return database;
  }

  async #create({ name, template = emptyDatabase, owner }: DatabaseCommand & { is: 'create' }): Promise<undefined> {
    if (this.#all.has(name)) throw new Refusal({ code: '42P04', message: `database "${name}" already exists` });
    if (Buffer.byteLength(name) > longestName) throw new Refusal({ code: '42622', message: `database name "${name}" is too long` });
    const { folder } = this.#options;
    const place = folder === undefined ? undefined : name === mainDatabase ? mainPlace(folder) : newPlace(folder);
    // From here on the name is taken. Who connects waits until the engine runs.
    const database = this.#add(name, async () => {
      const engine = await this.#open(await this.#filesOf(template), name, place);
      try {
        if (owner !== undefined) engine.setOwner(name, owner);
        place?.keep(name);
        return engine;
      } catch (error) {
        await engine.close();
        throw error;
      }
    }, place);
    try {
      await database.start();
    } catch (error) {
      this.#all.delete(name);
      place?.remove();
      throw error;
    }
  }

  async #drop({ name, ifExists, force }: DatabaseCommand & { is: 'drop' }, session: Session): Promise<ErrorFields | undefined> {
    const database = this.#all.get(name);
    if (!database || database.isClosing) {
      if (ifExists) return { code: '00000', message: `database "${name}" does not exist, skipping` };
      throw new Refusal({ code: '3D000', message: `database "${name}" does not exist` });
    }
    if (database.sessions.has(session)) throw new Refusal({ code: '55006', message: 'cannot drop the currently open database' });
    if (templates.includes(name)) throw new Refusal({ code: '42809', message: 'cannot drop a template database' });
    if (!force) await this.#requireUnused(database);
    // Somebody else may have dropped it meanwhile.
    if (database.isClosing) return this.#drop({ is: 'drop', name, ifExists, force }, session);
    database.isClosing = true;
    database.kick({ code: '57P01', message: 'terminating connection: the database is dropped' });
    await database.close();
    database.place?.remove();
    this.#all.delete(name);
    return undefined;
  }

  async #requireUnused({ name, sessions }: Database): Promise<void> {
    for (const begin = performance.now(); sessions.size > 0; await delay(20)) {
      if (performance.now() - begin < leavingMs) continue;
      throw new Refusal({
        code: '55006',
        message: `database "${name}" is being accessed by other users`,
        detail: sessions.size === 1 ? 'There is 1 other session using the database.' : `There are ${sessions.size} other sessions using the database.`,
      });
    }
  }

  async #blank(): Promise<Archive> {
    return { name: mainDatabase, bytes: await this.#options.blank() };
  }

  /** The files to make a new database of. */
  async #filesOf(template: string): Promise<Archive> {
    if (templates.includes(template)) return this.#blank();
    const database = this.#all.get(template);
    if (!database || database.isClosing) throw new Refusal({ code: '3D000', message: `template database "${template}" does not exist` });
    const unused = database.unusedFiles;
    if (unused) return { name: template, bytes: unused };
    await database.start();
    const bytes = await database.exclusively(() => database.engine.dump());
    if (bytes) return { name: template, bytes };
    throw new Refusal({ code: '55006', message: `source database "${template}" is being accessed by other users` });
  }

  /** Starts an engine on files that may come from another database. */
  async #open(archive: Archive, name: string, place?: DataPlace): Promise<Engine> {
    const open = async (source: { archive: Buffer } | { folder: string }): Promise<Engine> => {
      const opened = await Engine.open({ engine: this.#options.engine, database: archive.name, ...source });
      opened.renameDatabase(archive.name, name);
      return opened;
    };
    const inMemory = (): Promise<Engine> => open({ archive: archive.bytes });
    if (!place) return inMemory();
    if (name === mainDatabase && name !== archive.name) {
      // Its folder counts as whole at once, so it has to have the right name from the beginning.
      const copy = await inMemory();
      archive = { name, bytes: copy.dump() };
      await copy.close();
    }
    unpackInto(place.data, archive.bytes);
    return open({ folder: place.data });
  }
}

/** Files of a database, and its name in its own catalog. */
interface Archive {
  bytes: Buffer;
  name: string;
}
