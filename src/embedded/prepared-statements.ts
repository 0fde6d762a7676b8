/**
 * The statements that a client has prepared. Clients choose names like S_1; in the one session of the engine each client
 * needs its own, and the unnamed statement, of which there is only one, is prepared again when another client has replaced it.
 */

import { createHash } from 'node:crypto';
import { longestName, type Engine } from './engine.js';
import * as protocol from './protocol.js';
import { typeOf } from './protocol.js';

export class PreparedStatements {
  /** The number of the client. */
  readonly #owner: number;
  /** The names that the engine knows them by. */
  readonly #names = new Set<string>();
  /** The Parse of the unnamed statement, to repeat it. */
  #unnamed: Buffer | undefined;

  constructor(owner: number) {
    this.#owner = owner;
  }

  /** A simple query drops the unnamed statement, and so does whoever asks for that. */
  forgetUnnamed(): void {
    this.#unnamed = undefined;
  }

  /** The message with the names of the engine in it. */
  translate(message: Buffer): Buffer {
    switch (typeOf(message)) {
      case 'P': {
        const { strings: [name, sql], end } = protocol.readStrings(message, 2);
        const own = this.#nameInEngine(name!);
        this.#names.add(own);
        return protocol.message('P', own, '\0', sql!, '\0', message.subarray(end));
      }
      case 'B': {
        const { strings: [portal, name], end } = protocol.readStrings(message, 2);
        return name === '' ? message : protocol.message('B', portal!, '\0', this.#nameInEngine(name!), '\0', message.subarray(end));
      }
      case 'D': {
        const name = describedOrClosed(message);
        return name ? protocol.message('D', 'S', this.#nameInEngine(name), '\0') : message;
      }
      case 'C': {
        const name = describedOrClosed(message);
        if (name === '') this.forgetUnnamed();
        if (!name) return message;
        const own = this.#nameInEngine(name);
        this.#names.delete(own);
        return protocol.closeStatement(own);
      }
      default:
        return message;
    }
  }

  /** Whether a Bind or Describe needs the unnamed statement. */
  static usesUnnamed(message: Buffer): boolean {
    return typeOf(message) === 'B' ? protocol.readStrings(message, 2).strings[1] === '' : typeOf(message) === 'D' && describedOrClosed(message) === '';
  }

  /** Prepares the unnamed statement. */
  parseUnnamed(engine: Engine, message: Buffer): Buffer[] {
    const answer = engine.exec(message);
    const last = [...protocol.splitMessages(answer)].at(-1);
    // No answer: the engine skips to the Sync after an error, and keeps the statement that it has.
    if (!last) return answer;
    const isParsed = last.type === '1';
    this.#unnamed = isParsed ? Buffer.from(message) : undefined;
    engine.unnamedOwner = isParsed ? this : undefined;
    return answer;
  }

  /** Makes the unnamed statement of the engine this client's again. Returns what the client is to hear of it. */
  restoreUnnamed(engine: Engine): Buffer[] {
    if (engine.unnamedOwner === this) return [];
    const heard: Buffer[] = [];
    for (const { type, whole } of protocol.splitMessages(engine.exec(this.#unnamed ?? protocol.closeStatement('')))) {
      if (type === '1') engine.unnamedOwner = this;
      else if (type === '3') engine.unnamedOwner = undefined;
      else heard.push(whole);
    }
    return heard;
  }

  /** Takes them all out of the engine. */
  close(engine: Engine): void {
    const closes = [...this.#names].map(protocol.closeStatement);
    if (closes.length > 0) engine.exec(Buffer.concat([...closes, protocol.sync]));
    if (engine.unnamedOwner === this) engine.unnamedOwner = undefined;
  }

  #nameInEngine(name: string): string {
    const own = `c${this.#owner}_${name}`;
    if (Buffer.byteLength(own) <= longestName) return own;
    return `c${this.#owner}_${createHash('sha1').update(name).digest('hex')}`;
  }
}

/** The name of the statement in a Describe or Close; undefined when it is about a portal. */
function describedOrClosed(message: Buffer): string | undefined {
  const target = protocol.readStrings(message, 1).strings[0]!;
  return target[0] === 'S' ? target.slice(1) : undefined;
}
