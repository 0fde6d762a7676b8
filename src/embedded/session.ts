/** One client: its connection, its place in the queue, and what is its own in the one session of the engine. */

import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import { findDatabaseCommand } from './database-commands.js';
import { CopySpool, findCopyFromStdin, type CopyFromStdin } from './copy.js';
import { deathNotice, type Database } from './database.js';
import type { Databases } from './databases.js';
import { copyDevice, parameters, userName } from './engine.js';
import { Inbox } from './inbox.js';
import { MessageBatch } from './message-batch.js';
import { locksTables, Opening } from './opening.js';
import { PreparedStatements } from './prepared-statements.js';
import * as protocol from './protocol.js';
import { sqlIn, sqlOf, typeOf, type TransactionStatus } from './protocol.js';
import * as refusals from './refusals.js';

interface CopyInProgress {
  statement: CopyFromStdin;
  spool: CopySpool;
}

/** How much of its answers a client may leave unread before it is made to wait for the next one. */
const writeAhead = 4 * 1024 * 1024;

export class Session {
  static #count = 0;

  readonly id = ++Session.#count;
  readonly #databases: Databases;
  /** The one that the client has chosen. */
  #joined: Database | undefined;
  readonly #socket: Socket;
  readonly #reader = new protocol.MessageReader();
  readonly #inbox: Inbox;
  #connected = false;
  #running = false;
  /** Something came since `#run` last looked. */
  #more = false;
  /** After an error of ours outside of the engine: everything up to the next Sync is dropped. */
  #skipping = false;
  #status: TransactionStatus = 'I';
  readonly #opening = new Opening();
  readonly #prepared = new PreparedStatements(this.id);
  readonly #batch = new MessageBatch();
  #copy: CopyInProgress | undefined;
  /** The engine has taken messages of a batch whose Sync is still to come. */
  #midBatch = false;
  /** The message waits for an advisory lock. */
  #mustRepeat = false;
  /** The client has said that it goes, or is gone. */
  #isLeaving = false;
  #ended = false;
  /** Nothing that still comes from the client counts. */
  #dismissed = false;
  #name = 'A client';

  constructor(socket: Socket, databases: Databases) {
    this.#socket = socket;
    this.#inbox = new Inbox(socket);
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
    this.#inbox.clear();
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
    if (user !== userName) return this.#fatal(refusals.unknownUser(user));
    this.#joined = this.#databases.join(database, this);
    if (!this.#joined) return this.#fatal(refusals.unknownDatabase(database, this.#databases.names));
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
    this.#inbox.push(message);
    if (typeOf(message) === 'X') {
      this.#isLeaving = true;
      this.#joined?.wake();
    }
    this.#more = true;
    void this.#run();
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
    const message = this.#inbox.first;
    if (!message || this.#ended) return false;
    const type = typeOf(message);
    if (type === 'X') {
      await this.#end();
      return false;
    }
    if (this.#copy) {
      await this.#copyIn(this.#copy, this.#inbox.take());
      return true;
    }
    // Left over from a COPY that has failed.
    if (type === 'd' || type === 'c' || type === 'f') return this.#inbox.take().length > 0;
    if (this.#skipping) {
      this.#inbox.take();
      if (type === 'S') {
        this.#skipping = false;
        this.#write([protocol.readyForQuery('I')]);
      }
      return true;
    }
    const copy = type === 'Q' ? findCopyFromStdin(sqlOf(message)) : undefined;
    if (copy?.alone && this.#status !== 'E') {
      this.#inbox.take();
      this.#copy = { statement: copy, spool: new CopySpool() };
      this.#write([protocol.copyInResponse(copy.binary)]);
      return true;
    }
    const found = type === 'Q' && this.#status !== 'E' ? findDatabaseCommand(sqlOf(message)) : undefined;
    if (found?.alone && found.command && this.#status === 'I') {
      this.#inbox.take();
      this.#prepared.forgetUnnamed();
      const answer = await this.#databases.run(found.command, this);
      const hasFailed = answer.at(-1)?.[0] === errorType;
      this.#write([...answer, ...(hasFailed ? [] : [protocol.commandComplete(found.tag)]), protocol.readyForQuery('I')]);
      return true;
    }
    if (!this.#isHolder && !this.#inbox.isUrgent) return false;
    await this.#takeTurn(message, copy && !copy.alone ? refusals.copyNotAlone : found && refusals.commandNotPossible(found));
    return true;
  }

  /** Has the engine answer a message when it is the client's turn, or refuses it then. */
  async #takeTurn(message: Buffer, refusal: protocol.ErrorFields | undefined): Promise<void> {
    const mustWait = this.#isKeptOff && locksTables(sqlIn(message));
    if (mustWait && (this.#status === 'I' || !this.#opening.isEmpty)) await this.#waitForTables();
    const isAdmitted = await this.#enter();
    this.#inbox.take();
    if (!isAdmitted) return this.#turnAway(typeOf(message));
    const reason = refusal ?? (mustWait && this.#isKeptOff ? refusals.tablesAreLocked : undefined);
    if (reason) this.#fail(typeOf(message) === 'Q' ? protocol.query('!') : protocol.parse('', '!'), reason);
    else {
      this.#answer(message);
      while (this.#mustRepeat) await this.#repeat(message);
    }
    await this.#settle();
  }

  /** Another client has kept the engine for too long. */
  #turnAway(type: string): void {
    if (type !== 'Q' && type !== 'F') this.#skipping = type !== 'S';
    this.#write([protocol.errorResponse(this.#waitedInVain())]);
    if (!this.#skipping) this.#write([protocol.readyForQuery('I')]);
  }

  /** Waits for the client's turn. False when it is turned away. */
  async #enter(options?: { patient: boolean }): Promise<boolean> {
    if (this.#isHolder) return true;
    await this.#database.start();
    if (!(await this.#database.queue.enter(this, this.#opening.isAside ? { patient: true } : options))) return false;
    this.#database.list(this.#databases.names);
    this.#database.engine.locks.client = this;
    for (const answer of this.#opening.goOn(this.#database.engine)) this.#noteStatus(answer);
    return true;
  }

  /** After an answer: lets the next client in when the transaction is over, and waits for a slow reader. */
  async #settle(): Promise<void> {
    const { queue } = this.#database;
    queue.touch(this);
    if (this.#isHolder && !this.#midBatch && (this.#status === 'I' || (this.#status === 'T' && this.#opening.locksTables))) {
      if (this.#status === 'I') this.#database.unlockTables(this);
      else {
        this.#opening.stepAside(this.#database.engine);
        this.#database.tableLocker = this;
      }
      queue.leave(this);
      if (this.#inbox.first) await immediate();
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

  /** Whether another client that has stepped aside has locked tables. */
  get #isKeptOff(): boolean {
    const { tableLocker } = this.#database;
    return tableLocker !== undefined && tableLocker !== this && !this.#isLeaving;
  }

  async #waitForTables(): Promise<void> {
    const { queue, engine } = this.#database;
    while (this.#isKeptOff) {
      if (this.#isHolder) {
        this.#opening.stepAside(engine);
        queue.leave(this);
      }
      await this.#database.release();
    }
  }

  /** Lets the engine answer a message, with the client's own names in it. */
  #answer(message: Buffer): void {
    const type = typeOf(message);
    if (type === 'P') {
      const [name, sql] = protocol.readStrings(message, 2).strings as [string, string];
      if (findCopyFromStdin(sql)) return this.#fail(protocol.parse('', '!'), refusals.copyNotSimple);
      if (findDatabaseCommand(sql)) return this.#fail(protocol.parse('', '!'), refusals.commandNotSimple);
      if (name === '') {
        const answer = this.#prepared.parseUnnamed(this.#database.engine, message);
        this.#noteStatus(answer);
        return this.#write(answer);
      }
    }
    if (type === 'Q') this.#prepared.forgetUnnamed();
    if (PreparedStatements.usesUnnamed(message)) this.#write(this.#prepared.restoreUnnamed(this.#database.engine));
    this.#forward(this.#prepared.translate(message));
  }

  #forward(message: Buffer): void {
    const { engine } = this.#database;
    const before = this.#status;
    engine.locks.mustWait = false;
    const answer = engine.exec(message);
    this.#noteStatus(answer);
    this.#opening.note(message, answer, before, this.#status);
    this.#mustRepeat = engine.locks.mustWait && before === 'I' && this.#batch.canRepeat(message);
    if (this.#mustRepeat) return;
    this.#batch.note(message);
    this.#write(answer);
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
      this.#write(this.#prepared.restoreUnnamed(engine));
      engine.exec(this.#batch.bound!);
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
        const file = spool.finish();
        if (typeof file !== 'number') this.#fail(protocol.query('!'), file);
        else engine.withCopySource(file, () => this.#forward(protocol.query(statement.from(copyDevice))));
      } else {
        const reason = type === 'f' ? protocol.readStrings(message, 1).strings[0] : `unexpected message type ${type}`;
        this.#fail(protocol.query('!'), refusals.copyFailed(String(reason)));
      }
    } finally {
      spool.remove();
    }
    await this.#settle();
  }

  #waitedInVain(): protocol.ErrorFields {
    const { holder } = this.#database.queue;
    const who = holder instanceof Session ? `${holder.#name} (connection ${holder.id})` : 'The other client';
    return refusals.waitedInVain(who, this.#databases.waitTimeoutMs);
  }

  /** The client is gone: ends its transaction and takes its things out of the engine. */
  async #end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#copy?.spool.remove();
    this.#socket.end();
    this.#opening.giveUp();
    this.#joined?.unlockTables(this);
    if (this.#joined?.isRunning) {
      const { engine, queue, sessions } = this.#joined;
      await this.#enter({ patient: true });
      const status = protocol.statusAtEnd(engine.exec(protocol.sync));
      if (status !== 'I') engine.exec(protocol.query('rollback'));
      this.#prepared.close(engine);
      // Settings, temporary tables and the like are shared: they can only go when nobody else is there.
      if (sessions.size === 1 && sessions.has(this)) engine.resetSession();
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
