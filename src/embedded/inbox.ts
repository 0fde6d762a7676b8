/** What a client has sent that waits for its turn. Who sends too far ahead is made to wait. */

import type { Socket } from 'node:net';
import { typeOf } from './protocol.js';

/** How much a client may send ahead of its turn. */
const sendAhead = 8 * 1024 * 1024;

/** Messages that ask for an answer now; the ones before them only make sense together with them. */
const triggers = new Set([...'QSHFX']);

export class Inbox {
  readonly #socket: Socket;
  /** Those that wait are the ones from `#next` on. */
  #messages: Buffer[] = [];
  #next = 0;
  #bytes = 0;
  #triggers = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The message whose turn it is. */
  get first(): Buffer | undefined {
    return this.#messages[this.#next];
  }

  /** Whether an answer is wanted, or nothing more comes until something was taken. */
  get isUrgent(): boolean {
    return this.#triggers > 0 || this.#bytes > sendAhead;
  }

  push(message: Buffer): void {
    this.#messages.push(message);
    this.#bytes += message.length;
    if (triggers.has(typeOf(message))) this.#triggers++;
    if (this.#bytes > sendAhead) this.#socket.pause();
  }

  take(): Buffer {
    const message = this.#messages[this.#next++]!;
    if (this.#next === this.#messages.length) {
      this.#messages = [];
      this.#next = 0;
    }
    this.#bytes -= message.length;
    if (triggers.has(typeOf(message))) this.#triggers--;
    if (this.#bytes <= sendAhead && this.#socket.isPaused()) this.#socket.resume();
    return message;
  }

  clear(): void {
    this.#messages = [];
    this.#next = 0;
    this.#bytes = 0;
    this.#triggers = 0;
  }
}
