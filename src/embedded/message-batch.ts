/** What the engine has got of a client's batch: whether the last message of it can be repeated. */

import { readStrings, sqlOf, typeOf } from './protocol.js';
import { statements } from './sql.js';

export class MessageBatch {
  /** The last Bind, as the engine got it. */
  #bound: Buffer | undefined;
  #hasExecuted = false;

  get bound(): Buffer | undefined {
    return this.#bound;
  }

  note(message: Buffer): void {
    const type = typeOf(message);
    if (type === 'B') this.#bound = message;
    if (type === 'E') this.#hasExecuted = true;
    if (type === 'S' || type === 'Q') this.#hasExecuted = false;
  }

  /** Whether a message that has failed can be repeated, because nothing but itself was rolled back. */
  canRepeat(message: Buffer): boolean {
    if (typeOf(message) === 'Q') return [...statements(sqlOf(message))].length === 1;
    const portalOf = (of: Buffer): string | undefined => readStrings(of, 1).strings[0];
    return typeOf(message) === 'E' && !this.#hasExecuted && this.#bound !== undefined && portalOf(this.#bound) === portalOf(message);
  }
}
