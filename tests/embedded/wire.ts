/** What the tests of the embedded engine share: a client that sees the messages of the wire, and late set-up. */

import { connect, type Socket } from 'node:net';
import { int16, int32, message, query, readErrorFields, sync } from '../../src/embedded/protocol.js';

/** Makes something at its first use. A set-up that fails then fails the tests, while uvu swallows a failing hook. */
export function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export interface Answer {
  type: string;
  body: Buffer;
}

export const startup = (parameters: Record<string, string>): Buffer => {
  const body = Buffer.concat([int32(196608), Buffer.from([...Object.entries(parameters).flat(), '', ''].join('\0'))]);
  return Buffer.concat([int32(body.length + 4), body]);
};

export const encryptionRequest = (code: number): Buffer => Buffer.concat([int32(8), int32(code)]);

export const frontend = {
  query,
  sync,
  flush: message('H'),
  terminate: message('X'),
  parse: (name: string, sql: string): Buffer => message('P', name, '\0', sql, '\0', int16(0)),
  bind: (name: string, ...values: string[]): Buffer =>
    message(
      'B',
      '\0',
      name,
      '\0',
      int16(0),
      int16(values.length),
      ...values.flatMap((value) => [int32(Buffer.byteLength(value)), value]),
      int16(0),
    ),
  describe: (name: string): Buffer => message('D', 'S', name, '\0'),
  close: (name: string): Buffer => message('C', 'S', name, '\0'),
  execute: message('E', '\0', int32(0)),
  copyData: (text: string): Buffer => message('d', text),
  copyDone: message('c'),
  copyFail: (reason: string): Buffer => message('f', reason, '\0'),
};

/** A client at the level of messages. */
export class Wire {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #changed: (() => void) | undefined;
  ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#changed?.();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      this.#changed?.();
    });
  }

  static async open(port: number): Promise<Wire> {
    const socket = connect(port, '127.0.0.1');
    const wire = new Wire(socket);
    await new Promise<void>((done, fail) => socket.once('connect', done).once('error', fail));
    socket.setNoDelay(true);
    return wire;
  }

  /** A client that is connected to the database. */
  static async connected(port: number): Promise<Wire> {
    const wire = await Wire.open(port);
    await wire.ask(startup({ user: 'postgres', database: 'postgres' }));
    return wire;
  }

  send(...parts: Buffer[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** Sends, and reads all messages up to ReadyForQuery. */
  async ask(...parts: Buffer[]): Promise<Answer[]> {
    this.send(...parts);
    return this.until('Z');
  }

  /** Reads messages up to one of a type, or to the end of the connection. */
  async until(type: string): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (;;) {
      const answer = await this.#next();
      if (!answer) return answers;
      answers.push(answer);
      if (answer.type === type) return answers;
    }
  }

  /** Reads that many bytes which are no message. */
  async bytes(count: number): Promise<string> {
    while (this.#received.length < count && !this.ended) await this.#more();
    const bytes = this.#received.toString('latin1', 0, count);
    this.#received = this.#received.subarray(count);
    return bytes;
  }

  async #next(): Promise<Answer | undefined> {
    while (this.#received.length < 5 || this.#received.length < this.#received.readInt32BE(1) + 1) {
      if (this.ended) return undefined;
      await this.#more();
    }
    const length = this.#received.readInt32BE(1) + 1;
    const answer = { type: this.#received.toString('latin1', 0, 1), body: this.#received.subarray(5, length) };
    this.#received = this.#received.subarray(length);
    return answer;
  }

  #more(): Promise<void> {
    return new Promise((done, fail) => {
      const late = setTimeout(() => fail(new Error('no answer within 20 s')), 20_000);
      this.#changed = () => {
        clearTimeout(late);
        done();
      };
    });
  }
}

/** The types of messages, as one word. */
export const types = (answers: Answer[]): string => answers.map(({ type }) => type).join('');

/** A field of the error among the answers. */
export function errorField(answers: Answer[], field: string): string | undefined {
  const error = answers.find(({ type }) => type === 'E');
  return error && readErrorFields(error.body).get(field);
}

/** The rows among the answers, when each has one column. */
export const values = (answers: Answer[]): string[] =>
  answers.filter(({ type }) => type === 'D').map(({ body }) => body.toString('utf8', 6));

export const status = (answers: Answer[]): string | undefined =>
  answers.findLast(({ type }) => type === 'Z')?.body.toString('latin1');
