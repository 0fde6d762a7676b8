/** One client: its connection, its place in the queue, and what is its own in the one session of the engine. */

import { createHash, randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import { findDatabaseCommand, type FoundCommand } from './commands.js';
import { CopySpool, findCopyFromStdin, type CopyFromStdin } from './copy.js';
import { deathNotice, type Database } from './database.js';
import type { Databases } from './databases.js';
import { copyDevice, longestName, parameters, userName } from './engine.js';
import * as protocol from './protocol.js';
import type { TransactionStatus } from './protocol.js';
import { statements } from './sql.js';

interface CopyInProgress {
  statement: CopyFromStdin;
  spool: CopySpool;
}

/** How much of its answers a client may leave unread before it is made to wait for the next one. */
const writeAhead = 4 * 1024 * 1024;
/** How much a client may send ahead of its turn before it is made to wait. */
const sendAhead = 8 * 1024 * 1024;
/** Messages that ask for an answer now; the ones before them only make sense together with them. */
const triggers = new Set([...'QSHFX']);

export class Session {
  static #count = 0;

  readonly id = ++Session.#count;
  readonly #databases: Databases;
  /** The one that the client has chosen. */
  #joined: Database | undefined;
  readonly #socket: Socket;
  readonly #reader = new protocol.MessageReader();
  #connected = false;
  #running = false;
  /** Something came since `#run` last looked. */
  #more = false;
  /** Messages that wait for their turn, from `#next` on. */
  #pending: Buffer[] = [];
  #next = 0;
  #pendingBytes = 0;
  #pendingTriggers = 0;
  /** After an error of ours outside of the engine: everything up to the next Sync is dropped. */
  #skipping = false;
  #status: TransactionStatus = 'I';
  /** The queries of the present transaction, as long as they have only begun it and locked tables. */
  #opening: Buffer[] = [];
  /** The client is in a transaction that the engine does not have: it begins again when the client goes on. */
  #isAside = false;
  /** The statements that this client prepared, under the names that the engine knows them by. */
  readonly #statements = new Set<string>();
  /** The Parse of the client's unnamed statement, to repeat it when another client has replaced it. */
  #unnamed: Buffer | undefined;
  #copy: CopyInProgress | undefined;
  /** The engine has taken messages of a batch whose Sync is still to come. */
  #midBatch = false;
  /** The message waits for an advisory lock. */
  #mustRepeat = false;
  /** The last Bind, as the engine got it. */
  #bound: Buffer | undefined;
  /** The batch has executed something. */
  #hasExecuted = false;
  /** The client has said that it goes, or is gone. */
  #isLeaving = false;
  #ended = false;
  /** Nothing that still comes from the client counts. */
  #dismissed = false;
  #name = 'A client';

  constructor(socket: Socket, databases: Databases) {
    this.#socket = socket;
    this.#databases = databases;
    databases.sessions.add(this);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    // A lost connection ends like a polite one: what was sent before is still answered, into the void.
    socket.once('end', () => this.#enqueue(protocol.terminate));
    socket.once('close', () => this.#enqueue(protocol.terminate));
    socket.on('error', () => undefined);
    socket.on('drain', () => this.#joined?.queue.touch(this));
  }

  /** Ends the session from the server's side. */
  kick(error: protocol.ErrorFields): void {
    if (!this.#socket.destroyed) {
      this.#socket.end(protocol.errorResponse({ severity: 'FATAL', ...error }), () => this.#socket.destroy());
    }
    this.#forget();
    this.#copy?.spool.remove();
    this.#copy = undefined;
  }

  /** Ends the connection without a word. */
  drop(): void {
    this.#socket.destroy();
  }

  /** The database, once the client has chosen one. */
  get #database(): Database {
    return this.#joined!;
  }

  get #isHolder(): boolean {
    return this.#joined?.queue.holder === this;
  }

  #receive(chunk: Buffer): void {
    if (this.#dismissed) return;
    this.#joined?.queue.touch(this);
    try {
      for (const message of this.#reader.push(chunk)) {
        if (this.#dismissed) return;
        if (this.#connected) this.#enqueue(message);
        else this.#startUp(message);
      }
    } catch (error) {
      this.#dismissFor(error);
    }
  }

  /** Ends this session for a message that is none; the others go on. */
  #dismissFor(error: unknown): void {
    if (!(error instanceof protocol.ProtocolViolation)) throw error;
    this.#fatal({ code: '08P01', message: error.message });
  }

  /** Says why, takes nothing more from the client, and rolls back what it has begun. */
  #fatal(error: protocol.ErrorFields): void {
    this.#dismissed = true;
    this.#pending = [];
    this.#next = 0;
    this.#pendingBytes = 0;
    this.#pendingTriggers = 0;
    this.#socket.resume().end(protocol.errorResponse({ severity: 'FATAL', ...error }), () => this.#socket.destroy());
    this.#enqueue(protocol.terminate);
  }

  #startUp(packet: Buffer): void {
    const startup = protocol.readStartup(packet);
    if (startup.kind === 'encryption') {
      this.#socket.write(protocol.encryptionRefused);
      return;
    }
    if (startup.kind === 'cancel') {
      this.#socket.destroy();
      return;
    }
    if (startup.kind === 'unsupported') {
      return this.#fatal({ code: '0A000', message: `unsupported frontend protocol ${startup.version}` });
    }
    const user = startup.parameters.get('user') ?? '';
    const database = startup.parameters.get('database') ?? user;
    if (user !== userName) {
      return this.#fatal({ code: '28000', message: `role "${user}" does not exist`, hint: `Clients of the embedded engine connect as ${userName}.` });
    }
    this.#joined = this.#databases.join(database, this);
    if (!this.#joined) {
      const hint = `The databases here are ${this.#databases.names.join(', ')}.`;
      return this.#fatal({ code: '3D000', message: `database "${database}" does not exist`, hint });
    }
    const application = startup.parameters.get('application_name');
    if (application) this.#name = application;
    this.#connected = true;
    this.#reader.startTyped();
    const { death } = this.#joined;
    if (death) return this.kick(deathNotice(death));
    this.#write([
      protocol.authenticationOk,
      ...Object.entries(parameters).map(([name, value]) => protocol.parameterStatus(name, value)),
      protocol.parameterStatus('application_name', application ?? ''),
      protocol.backendKeyData(this.id, randomInt(2 ** 31)),
      protocol.readyForQuery('I'),
    ]);
  }

  #enqueue(message: Buffer): void {
    this.#pending.push(message);
    this.#pendingBytes += message.length;
    if (triggers.has(typeOf(message))) this.#pendingTriggers++;
    if (typeOf(message) === 'X') {
      this.#isLeaving = true;
      this.#joined?.wake();
    }
    if (this.#pendingBytes > sendAhead) this.#socket.pause();
    this.#more = true;
    void this.#run();
  }

  #take(): Buffer {
    const message = this.#pending[this.#next++]!;
    if (this.#next === this.#pending.length) {
      this.#pending = [];
      this.#next = 0;
    }
    this.#pendingBytes -= message.length;
    if (triggers.has(typeOf(message))) this.#pendingTriggers--;
    if (this.#pendingBytes <= sendAhead && this.#socket.isPaused()) this.#socket.resume();
    return message;
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      do {
        this.#more = false;
        while (await this.#stepOrDismiss());
      } while (this.#more);
    } catch (error) {
      this.#joined?.fail(error);
    } finally {
      this.#running = false;
    }
  }

  async #stepOrDismiss(): Promise<boolean> {
    try {
      return await this.#step();
    } catch (error) {
      this.#dismissFor(error);
      return true;
    }
  }

  /** Deals with the next message. Returns false when there is none, or when it needs more to come. */
  async #step(): Promise<boolean> {
    const message = this.#pending[this.#next];
    if (!message || this.#ended) return false;
    const type = typeOf(message);
    if (type === 'X') {
      await this.#end();
      return false;
    }
    if (this.#copy) {
      await this.#copyIn(this.#copy, this.#take());
      return true;
    }
    // Left over from a COPY that has failed.
    if (type === 'd' || type === 'c' || type === 'f') return this.#take().length > 0;
    if (this.#skipping) {
      this.#take();
      if (type === 'S') {
        this.#skipping = false;
        this.#write([protocol.readyForQuery('I')]);
      }
      return true;
    }
    const copy = type === 'Q' ? findCopyFromStdin(sqlOf(message)) : undefined;
    if (copy?.alone && this.#status !== 'E') {
      this.#take();
      this.#copy = { statement: copy, spool: new CopySpool() };
      this.#write([protocol.copyInResponse(copy.binary)]);
      return true;
    }
    const found = type === 'Q' && this.#status !== 'E' ? findDatabaseCommand(sqlOf(message)) : undefined;
    if (found?.alone && found.command && this.#status === 'I') {
      this.#take();
      this.#unnamed = undefined;
      const answer = await this.#databases.run(found.command, this);
      const hasFailed = answer.at(-1)?.[0] === errorType;
      this.#write([...answer, ...(hasFailed ? [] : [protocol.commandComplete(found.tag)]), protocol.readyForQuery('I')]);
      return true;
    }
    if (!this.#isHolder && this.#pendingTriggers === 0 && this.#pendingBytes <= sendAhead) return false;
    const mustWait = this.#isKeptOff && locksTables(textOf(message));
    if (mustWait && (this.#status === 'I' || this.#opening.length > 0)) await this.#waitForTables();
    if (!(await this.#enter())) {
      this.#take();
      if (type !== 'Q' && type !== 'F') this.#skipping = type !== 'S';
      this.#write([protocol.errorResponse(this.#waitedInVain())]);
      if (!this.#skipping) this.#write([protocol.readyForQuery('I')]);
      return true;
    }
    this.#take();
    if (copy && !copy.alone) this.#fail(protocol.query('!'), copyNotAlone);
    else if (mustWait && this.#isKeptOff) this.#fail(type === 'Q' ? protocol.query('!') : protocol.parse('', '!'), cannotWait);
    else if (found) this.#fail(protocol.query('!'), whyNot(found));
    else {
      this.#answer(type, message);
      while (this.#mustRepeat) await this.#repeat(message);
    }
    await this.#settle();
    return true;
  }

  /** Waits for the client's turn. False when it is turned away. */
  async #enter(options?: { patient: boolean }): Promise<boolean> {
    if (this.#isHolder) return true;
    await this.#database.start();
    if (!(await this.#database.queue.enter(this, this.#isAside ? { patient: true } : options))) return false;
    this.#database.list(this.#databases.names);
    this.#database.engine.locks.client = this;
    if (this.#isAside) for (const query of this.#opening) this.#noteStatus(this.#database.engine.exec(query));
    this.#isAside = false;
    return true;
  }

  /** After an answer: lets the next client in when the transaction is over, and waits for a slow reader. */
  async #settle(): Promise<void> {
    const { queue } = this.#database;
    queue.touch(this);
    if (this.#isHolder && !this.#midBatch && (this.#status === 'I' || this.#mayStepAside())) {
      if (this.#status === 'I') this.#database.unlockTables(this);
      else this.#stepAside();
      queue.leave(this);
      if (this.#next < this.#pending.length) await immediate();
    }
    while (this.#socket.writableLength > writeAhead && !this.#socket.destroyed) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#socket.off('drain', done).off('close', done);
          resolve();
        };
        this.#socket.once('drain', done).once('close', done);
      });
    }
  }

  /**
   * A transaction that has done nothing but lock tables makes way for others until it goes on. It has seen nothing yet,
   * so it cannot tell that they come before it; and who locks tables as well waits for its end, for they may keep each
   * other off with it. graphile-migrate's `watch` keeps such a transaction open while another connection migrates.
   */
  #mayStepAside(): boolean {
    return this.#status === 'T' && this.#opening.some((query) => locksTables(sqlOf(query)));
  }

  #stepAside(): void {
    this.#database.engine.exec(protocol.query('rollback'));
    this.#isAside = true;
    this.#database.tableLocker = this;
  }

  /** Takes note of a query that opens the present transaction. */
  #noteOpening(message: Buffer, before: TransactionStatus, answer: Buffer[]): void {
    const opens = this.#status === 'T' && typeOf(message) === 'Q' && (before === 'I' || this.#opening.length > 0);
    const hasOnlyOpened = opens && [...protocol.splitMessages(answer)].every(({ type, body }) =>
      type === 'Z' || type === 'N' || (type === 'C' && /^(BEGIN|START TRANSACTION|LOCK TABLE)\0/.test(body.toString('latin1'))));
    this.#opening = hasOnlyOpened ? [...this.#opening, Buffer.from(message)] : [];
  }

  /** Whether another client that has stepped aside has locked tables. */
  get #isKeptOff(): boolean {
    const { tableLocker } = this.#database;
    return tableLocker !== undefined && tableLocker !== this && !this.#isLeaving;
  }

  async #waitForTables(): Promise<void> {
    const { queue, engine } = this.#database;
    while (this.#isKeptOff) {
      if (this.#isHolder) {
        engine.exec(protocol.query('rollback'));
        this.#isAside = true;
        queue.leave(this);
      }
      await this.#database.release();
    }
  }

  /** Lets the engine answer a message, with the client's own names in it. */
  #answer(type: string, message: Buffer): void {
    switch (type) {
      case 'Q':
        // A simple query drops the unnamed statement.
        this.#unnamed = undefined;
        break;
      case 'P': {
        const { strings, end } = protocol.readStrings(message, 2);
        const [name, sql] = strings as [string, string];
        if (findCopyFromStdin(sql)) return this.#fail(protocol.parse('', '!'), copyNotSimple);
        if (findDatabaseCommand(sql)) return this.#fail(protocol.parse('', '!'), commandNotSimple);
        if (name === '') return this.#parseUnnamed(message);
        const own = this.#nameInEngine(name);
        this.#statements.add(own);
        message = protocol.message('P', own, '\0', sql, '\0', message.subarray(end));
        break;
      }
      case 'B': {
        const { strings, end } = protocol.readStrings(message, 2);
        const [portal, name] = strings as [string, string];
        if (name === '') this.#restoreUnnamed();
        else message = protocol.message('B', portal, '\0', this.#nameInEngine(name), '\0', message.subarray(end));
        break;
      }
      case 'D':
      case 'C': {
        const [target] = protocol.readStrings(message, 1).strings as [string];
        if (target[0] !== 'S') break;
        if (target === 'S') {
          if (type === 'D') this.#restoreUnnamed();
          else this.#unnamed = undefined;
        } else {
          const own = this.#nameInEngine(target.slice(1));
          if (type === 'C') this.#statements.delete(own);
          message = protocol.message(type, 'S', own, '\0');
        }
      }
    }
    this.#forward(message);
  }

  #forward(message: Buffer): void {
    const { engine } = this.#database;
    const before = this.#status;
    engine.locks.mustWait = false;
    const answer = engine.exec(message);
    this.#noteStatus(answer);
    this.#noteOpening(message, before, answer);
    this.#mustRepeat = engine.locks.mustWait && before === 'I' && this.#isAlone(message);
    if (this.#mustRepeat) return;
    this.#noteBatch(message);
    this.#write(answer);
  }

  #noteBatch(message: Buffer): void {
    const type = typeOf(message);
    if (type === 'B') this.#bound = message;
    if (type === 'E') this.#hasExecuted = true;
    if (type === 'S' || type === 'Q') this.#hasExecuted = false;
  }

  /** Whether a message that has failed can be repeated, because nothing but itself was rolled back. */
  #isAlone(message: Buffer): boolean {
    if (typeOf(message) === 'Q') return [...statements(sqlOf(message))].length === 1;
    const portalOf = (of: Buffer): string | undefined => protocol.readStrings(of, 1).strings[0];
    return typeOf(message) === 'E' && !this.#hasExecuted && this.#bound !== undefined && portalOf(this.#bound) === portalOf(message);
  }

  /** Waits until a lock is released, and lets the engine try again. */
  async #repeat(message: Buffer): Promise<void> {
    const { engine, queue } = this.#database;
    const isBatch = typeOf(message) === 'E';
    // After an error it listens to nothing else.
    if (isBatch) engine.exec(protocol.sync);
    this.#mustRepeat = false;
    this.#midBatch = false;
    queue.leave(this);
    await this.#database.release();
    if (this.#isLeaving) return;
    await this.#enter({ patient: true });
    if (isBatch) {
      this.#restoreUnnamed();
      engine.exec(this.#bound!);
    }
    this.#forward(message);
  }

  #noteStatus(answer: Buffer[]): TransactionStatus | undefined {
    const status = protocol.statusAtEnd(answer);
    this.#midBatch = status === undefined;
    if (status) this.#status = status;
    return status;
  }

  /**
   * Answers with an error of the server. The engine is made to fail too, so that its transaction and what follows in
   * a batch take the same course as after an error of its own.
   */
  #fail(nonsense: Buffer, error: protocol.ErrorFields): void {
    const status = this.#noteStatus(this.#database.engine.exec(nonsense));
    this.#write([protocol.errorResponse(error)]);
    if (status) this.#write([protocol.readyForQuery(status)]);
  }

  #parseUnnamed(message: Buffer): void {
    const answer = this.#database.engine.exec(message);
    this.#noteStatus(answer);
    this.#write(answer);
    const [last] = [...protocol.splitMessages(answer)].slice(-1);
    // No answer: the engine skips to the Sync after an error, and keeps the statement that it has.
    if (!last) return;
    const parsed = last.type === '1';
    this.#unnamed = parsed ? Buffer.from(message) : undefined;
    this.#database.engine.unnamedOwner = parsed ? this : undefined;
  }

  /** Makes the unnamed statement of the engine this client's again, when another client has replaced it. */
  #restoreUnnamed(): void {
    if (this.#database.engine.unnamedOwner === this) return;
    const restore = this.#unnamed ?? protocol.closeStatement('');
    for (const { type, whole } of protocol.splitMessages(this.#database.engine.exec(restore))) {
      if (type === '1') this.#database.engine.unnamedOwner = this;
      else if (type === '3') this.#database.engine.unnamedOwner = undefined;
      else this.#write([whole]);
    }
  }

  /** Clients choose names like S_1; in the one session of the engine each needs its own. */
  #nameInEngine(name: string): string {
    const own = `c${this.id}_${name}`;
    if (Buffer.byteLength(own) <= longestName) return own;
    return `c${this.id}_${createHash('sha1').update(name).digest('hex')}`;
  }

  /** Takes a message of a COPY FROM STDIN that is under way. */
  async #copyIn({ statement, spool }: CopyInProgress, message: Buffer): Promise<void> {
    const type = typeOf(message);
    if (type === 'd') return spool.write(message.subarray(5));
    if (type === 'S' || type === 'H') return;
    this.#copy = undefined;
    try {
      if (!(await this.#enter())) {
        this.#write([protocol.errorResponse(this.#waitedInVain()), protocol.readyForQuery('I')]);
        return;
      }
      if (type === 'c') {
        const { engine } = this.#database;
        engine.withCopySource(spool.finish(), () => this.#forward(protocol.query(statement.from(copyDevice))));
      } else {
        const reason = type === 'f' ? protocol.readStrings(message, 1).strings[0] : `unexpected message type ${type}`;
        this.#fail(protocol.query('!'), { code: '57014', message: `COPY from stdin failed: ${reason}` });
      }
    } finally {
      spool.remove();
    }
    await this.#settle();
  }

  #waitedInVain(): protocol.ErrorFields {
    const seconds = this.#databases.waitTimeoutMs / 1000;
    const holder = this.#database.queue.holder;
    const who = holder instanceof Session ? `${holder.#name} (connection ${holder.id})` : 'The other client';
    return {
      code: '55P03',
      message: `another client has kept its transaction open for more than ${seconds} s without doing anything`,
      detail: `The embedded engine runs one transaction at a time. ${who} is idle in its transaction.`,
      hint:
        'Commit or roll back there first. Two transactions that need each other at the same time need a real server: '
        + 'set DATABASE_URL.',
    };
  }

  /** The client is gone: ends its transaction and takes its things out of the engine. */
  async #end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#copy?.spool.remove();
    this.#socket.end();
    this.#isAside = false;
    this.#joined?.unlockTables(this);
    if (this.#joined?.isRunning) {
      const { engine, queue, sessions } = this.#joined;
      await this.#enter({ patient: true });
      const status = protocol.statusAtEnd(engine.exec(protocol.sync));
      if (status !== 'I') engine.exec(protocol.query('rollback'));
      const closes = [...this.#statements].map(protocol.closeStatement);
      if (closes.length > 0) engine.exec(Buffer.concat([...closes, protocol.sync]));
      // Settings, temporary tables and the like are shared: they can only go when nobody else is there.
      if (sessions.size === 1 && sessions.has(this)) engine.resetSession();
      if (engine.unnamedOwner === this) engine.unnamedOwner = undefined;
      queue.leave(this);
    }
    this.#forget();
  }

  #forget(): void {
    if (this.#joined?.isRunning) this.#joined.engine.locks.drop(this);
    this.#databases.sessions.delete(this);
    this.#joined?.sessions.delete(this);
  }

  #write(parts: Buffer[]): void {
    if (parts.length === 0 || !this.#socket.writable) return;
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    process.nextTick(() => this.#socket.uncork());
  }
}

const errorType = 'E'.charCodeAt(0);
const typeOf = (message: Buffer): string => String.fromCharCode(message[0]!);
const sqlOf = (message: Buffer): string => message.toString('utf8', 5, message.length - 1);
/** The SQL in a message that has some. */
const textOf = (message: Buffer): string =>
  typeOf(message) === 'Q' ? sqlOf(message) : typeOf(message) === 'P' ? protocol.readStrings(message, 2).strings[1]! : '';

const copyNotAlone: protocol.ErrorFields = {
  code: '0A000',
  message: 'the embedded engine does not take COPY FROM STDIN together with other statements',
  hint: 'Send the COPY as a query of its own.',
};

const copyNotSimple: protocol.ErrorFields = {
  code: '0A000',
  message: 'the embedded engine does not take COPY FROM STDIN as a prepared statement',
  hint: 'Send the COPY as a simple query, without parameters, as psql and pg-copy-streams do.',
};

/** Whether a statement of a query is LOCK TABLE. */
const locksTables = (sql: string): boolean => /lock/i.test(sql) && [...statements(sql)].some(([first]) => first?.kind === 'word' && first.text === 'lock');

const cannotWait: protocol.ErrorFields = {
  code: '55P03',
  message: 'another client has locked tables, and the embedded engine cannot wait for it in a transaction that has begun to work',
  hint: 'Lock tables first in a transaction.',
};

/** Why a statement about databases is not carried out. */
const whyNot = ({ tag, command }: FoundCommand): protocol.ErrorFields =>
  command
    ? { code: '25001', message: `${tag} cannot run inside a transaction block` }
    : {
        code: '0A000',
        message: `the embedded engine does not take this ${tag}`,
        hint: 'It takes CREATE DATABASE name [TEMPLATE name] [OWNER name] and DROP DATABASE [IF EXISTS] name [WITH (FORCE)].',
      };

const commandNotSimple: protocol.ErrorFields = {
  code: '0A000',
  message: 'the embedded engine does not take a statement about databases as a prepared statement',
  hint: 'Send it as a simple query, without parameters.',
};
