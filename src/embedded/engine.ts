/**
 * The engine: PostgreSQL and TimescaleDB in WebAssembly, one backend, synchronous. It takes frontend messages and
 * returns the bytes that the backend answers.
 */

import { readSync } from 'node:fs';
import { codeOf } from '../errors/catalogue.js';
import { AdvisoryLocks, lockDevice, lockFunctions } from './advisory.js';
import { dataPath, openPglite, type CompiledEngine, type Pglite } from './pglite.js';
import * as protocol from './protocol.js';
import type { PreparedStatements } from './prepared-statements.js';
import type { Session } from './session.js';
import { packTar, type TarEntry } from './tar.js';

/** The database that there is from the beginning. */
export const mainDatabase = 'postgres';
/** The only role that connects. */
export const userName = 'postgres';

/** Where the engine sees the data of a COPY FROM STDIN. */
export const copyDevice = '/dev/copy';

/** What the switches of the backend leave unlike a server's defaults. */
const sessionDefaults = `
  reset all;
  set search_path = "$user", public;
  set client_min_messages = notice;
  set enable_seqscan = on;
  set enable_tidscan = on;
  set allow_system_table_mods = off;`;

/** What the server tells a client when it connects: what every engine has in a new session. */
export const parameters: Readonly<Record<string, string>> = {
  server_version: '17.5',
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  TimeZone: 'GMT',
  IntervalStyle: 'postgres',
  integer_datetimes: 'on',
  standard_conforming_strings: 'on',
  is_superuser: 'on',
  session_authorization: userName,
  in_hot_standby: 'off',
  default_transaction_read_only: 'off',
};

/** PostgreSQL cuts longer names. */
export const longestName = 63;

/** Where template1 and template0 are: nobody connects to them, and an empty database is made of `postgres`. */
const unusedFolders = ['base/1', 'base/4'];

const simpleQuery = 'Q'.charCodeAt(0);
const blockLength = 64 * 1024;

/** The engine broke: no statement can be answered any more. */
export class EngineDied extends Error {
  /** The SQLSTATE of what it said last, or the code of what broke it. */
  get code(): string {
    return codeOf(this.cause);
  }
}

/** A statement of the server itself that failed. */
export class SqlError extends Error {
  readonly code: string;

  constructor(fields: Map<string, string>) {
    super(fields.get('M'));
    this.code = fields.get('C') ?? 'XX000';
  }
}

export class Engine {
  readonly locks = new AdvisoryLocks<Session>();
  /** Whose unnamed statement the engine holds at the moment. */
  unnamedOwner: PreparedStatements | undefined;
  readonly #db: Pglite;
  /** Why the engine cannot answer any more. */
  #death: EngineDied | undefined;
  #input: Uint8Array = new Uint8Array(0);
  #inputAt = 0;
  #output: Buffer[] = [];
  #block = Buffer.alloc(0);
  #blockUsed = 0;
  #copySource: number | undefined;

  private constructor(db: Pglite) {
    this.#db = db;
    const { Module } = db;
    // The class's own callbacks parse every answer into objects and grow one buffer for it. These only move bytes.
    const write = (from: number, length: number): number => {
      this.#collect(Module.HEAPU8.subarray(from, from + length));
      return length;
    };
    const read = (to: number, most: number): number => {
      const piece = this.#input.subarray(this.#inputAt, this.#inputAt + most);
      Module.HEAPU8.set(piece, to);
      this.#inputAt += piece.length;
      return piece.length;
    };
    Module._set_read_write_cbs(Module.addFunction(read, 'iii'), Module.addFunction(write, 'iii'));
    this.#registerCopyDevice();
    this.#registerLockDevice();
  }

  /** Starts the engine on a data folder, or in memory on an archive of one. The bytes of the archive become its own. */
  static async open(source: {
    engine: CompiledEngine;
    /** The name of the database in its catalog. */
    database: string;
    folder?: string | undefined;
    archive?: Buffer | undefined;
  }): Promise<Engine> {
    const engine = new Engine(await openPglite({ ...source, username: userName }));
    // A server preloads this library. Without it the parts of TimescaleDB that read compressed chunks are missing in a
    // database that has the extension from before, and such chunks look empty.
    engine.query("load 'timescaledb'");
    // The package's libraries for other encodings than UTF-8 call what it does not have, which ends the engine.
    engine.query('delete from pg_catalog.pg_conversion');
    if (engine.query(`select from pg_proc where proname = 'engine_ask'`).length === 0) engine.query(lockFunctions);
    engine.resetSession();
    return engine;
  }

  get death(): EngineDied | undefined {
    return this.#death;
  }

  /** Gives the engine up: after an error in its midst nobody knows what state it is in. */
  abandon(cause: unknown): EngineDied {
    this.#death ??= new EngineDied(`the database engine broke: ${cause instanceof SqlError ? cause.message : String(cause)}`, { cause });
    return this.#death;
  }

  /** Lets the backend answer one message, or several in one buffer. */
  exec(message: Uint8Array): Buffer[] {
    if (this.#death) throw this.#death;
    // A simple query drops the unnamed statement.
    if (message[0] === simpleQuery) this.unnamedOwner = undefined;
    this.#input = message;
    this.#inputAt = 0;
    try {
      this.#db.Module._interactive_one(message.length, message[0]!);
    } catch (error) {
      throw this.abandon(this.#lastWords() ?? error);
    } finally {
      this.#input = new Uint8Array(0);
    }
    return this.#takeOutput();
  }

  /** Runs SQL of the server itself and returns the rows as texts. */
  query(sql: string): (string | null)[][] {
    const rows: (string | null)[][] = [];
    for (const { type, body } of protocol.splitMessages(this.exec(protocol.query(sql)))) {
      if (type === 'D') rows.push(readRow(body));
      if (type === 'E') throw new SqlError(protocol.readErrorFields(body));
    }
    return rows;
  }

  /** Gives its database another name. */
  renameDatabase(from: string, to: string): void {
    if (from === to) return;
    this.query(`delete from pg_database where datname = ${literal(to)}`);
    this.query(`update pg_database set datname = ${literal(to)} where datname = ${literal(from)}`);
    // The backend has the name in a cache, which only a command refreshes.
    this.query(`alter database ${identifier(to)} connection limit -1`);
  }

  setOwner(database: string, owner: string): void {
    this.query(`alter database ${identifier(database)} owner to ${identifier(owner)}`);
  }

  /** Shows the databases of the server in the catalog: those of other engines too, so that REVOKE … ON DATABASE finds them. */
  listDatabases(names: readonly string[]): void {
    const list = `array[${names.map(literal).join(', ')}]::name[]`;
    this.#querySafely(`
      delete from pg_database where datname <> all(${list}) and not datistemplate;
      insert into pg_database (oid, datname, datdba, encoding, datlocprovider, datistemplate, datallowconn, dathasloginevt,
        datconnlimit, datfrozenxid, datminmxid, dattablespace, datcollate, datctype, datlocale, daticurules, datcollversion)
      select pg_nextoid('pg_database', 'oid', 'pg_database_oid_index'), other.datname, datdba, encoding, datlocprovider, false, true, false,
        -1, datfrozenxid, datminmxid, dattablespace, datcollate, datctype, datlocale, daticurules, datcollversion
      from pg_database, unnest(${list}) as other (datname)
      where pg_database.datname = current_database() and other.datname not in (select datname from pg_database)`);
  }

  /** As {@link query}, whatever role and settings the clients have left in the session. */
  #querySafely(sql: string): (string | null)[][] {
    try {
      return this.query(`begin read write; set local session authorization default; ${sql}; commit`);
    } catch (error) {
      this.query('rollback');
      throw error;
    }
  }

  /** Makes the session as a new one finds it. */
  resetSession(): void {
    this.query('discard all');
    this.query(sessionDefaults);
  }

  /** Runs `work` while the copy device reads from an open file. */
  withCopySource<T>(file: number, work: () => T): T {
    this.#copySource = file;
    try {
      return work();
    } finally {
      this.#copySource = undefined;
    }
  }

  /** An archive of the data folder. No transaction may be open. */
  dump(): Buffer {
    this.query('checkpoint');
    const [wal] = this.query(
      'select redo_wal_file, pg_walfile_name(pg_current_wal_insert_lsn()) from pg_control_checkpoint()',
    );
    const [firstWal, lastWal] = wal as [string, string];
    const { FS } = this.#db.Module;
    const collect = function* (folder: string): Generator<TarEntry> {
      for (const name of FS.readdir(`${dataPath}/${folder}`)) {
        if (name === '.' || name === '..' || name === 'postmaster.pid') continue;
        // Recovery begins at the checkpoint: the log before it is not needed, and behind it are empty files.
        if (/^[0-9A-F]{24}$/.test(name) && (name < firstWal || name > lastWal)) continue;
        const path = `${folder}${name}`;
        if (unusedFolders.includes(path)) continue;
        if (FS.isDir(FS.stat(`${dataPath}/${path}`).mode)) {
          yield { path };
          yield* collect(`${path}/`);
        } else yield { path, content: FS.readFile(`${dataPath}/${path}`) };
      }
    };
    return packTar(collect(''));
  }

  /** Ends the backend in an orderly way. */
  async close(): Promise<void> {
    if (this.#death) return;
    this.#death = new EngineDied('the embedded database has stopped');
    await this.#db.close();
  }

  #collect(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#blockUsed === this.#block.length) {
        if (this.#blockUsed > 0) this.#output.push(this.#block);
        this.#block = Buffer.allocUnsafeSlow(this.#output.length === 0 ? 8192 : blockLength);
        this.#blockUsed = 0;
      }
      const piece = bytes.subarray(at, at + this.#block.length - this.#blockUsed);
      this.#block.set(piece, this.#blockUsed);
      this.#blockUsed += piece.length;
      at += piece.length;
    }
  }

  /** What the backend said before it ended itself, as it does when it cannot write its log. */
  #lastWords(): SqlError | undefined {
    try {
      const errors = [...protocol.splitMessages(this.#takeOutput())].filter(({ type }) => type === 'E');
      const fields = errors.map(({ body }) => protocol.readErrorFields(body)).find((found) => found.get('V') === 'PANIC');
      return fields && new SqlError(fields);
    } catch {
      // It was in the middle of a message.
      return undefined;
    }
  }

  #takeOutput(): Buffer[] {
    const output = this.#output;
    if (this.#blockUsed > 0) output.push(this.#block.subarray(0, this.#blockUsed));
    this.#output = [];
    this.#block = Buffer.alloc(0);
    this.#blockUsed = 0;
    return output;
  }

  #registerCopyDevice(): void {
    const { FS } = this.#db.Module;
    const device = FS.makedev(64, 1);
    FS.registerDevice(device, {
      open: () => undefined,
      close: () => undefined,
      read: (_stream, target, offset, length, position) => {
        if (this.#copySource === undefined) return 0;
        return readSync(this.#copySource, target, offset, length, position);
      },
      llseek: (stream, offset, whence) => (whence === 1 ? stream.position + offset : offset),
    });
    FS.mkdev(copyDevice, device);
  }

  #registerLockDevice(): void {
    const { FS } = this.#db.Module;
    const device = FS.makedev(64, 2);
    let answer = 'f';
    FS.registerDevice(device, {
      open: () => undefined,
      close: () => undefined,
      read: (_stream, target, offset, _length, position) => {
        if (position > 0) return 0;
        target[offset] = answer.charCodeAt(0);
        return 1;
      },
      write: (_stream, source, offset, length) => {
        // Closing the file writes nothing once more.
        if (length > 0) answer = this.locks.ask(Buffer.from(source.subarray(offset, offset + length)).toString()) ? 't' : 'f';
        return length;
      },
      llseek: (stream, offset, whence) => (whence === 1 ? stream.position + offset : offset),
    });
    FS.mkdev(lockDevice, device);
  }
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const identifier = (text: string): string => `"${text.replaceAll('"', '""')}"`;

function readRow(body: Buffer): (string | null)[] {
  const row: (string | null)[] = [];
  let at = 2;
  for (let i = 0; i < body.readInt16BE(0); i++) {
    const length = body.readInt32BE(at);
    at += 4;
    row.push(length < 0 ? null : body.toString('utf8', at, at + length));
    at += Math.max(length, 0);
  }
  return row;
}
