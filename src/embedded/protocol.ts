/**
 * The part of the PostgreSQL wire protocol (version 3) that a server needs in front of a single backend: cutting a byte
 * stream into messages, and making the few messages that the server answers by itself.
 *
 * A message is kept as one Buffer with its header, as it came: one byte of type, four bytes of length, the body.
 */

/** Transaction status, as ReadyForQuery reports it: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E';

const headerLength = 5;
/** The limit for messages that carry SQL or data. A server takes 1 GB; the engine has less memory than that. */
const longestMessage = 256 * 1024 * 1024;
/** The server's own limit for the others. */
const longestSmallMessage = 10_000;
/** What a client may send, and how long it may be. No passwords: nobody is asked for one. */
const limits = new Map(
  [...[...'BFPQd'].map((type) => [type, longestMessage] as const), ...[...'CDEHSXcf'].map((type) => [type, longestSmallMessage] as const)],
);

const sslRequest = 80877103;
const gssRequest = 80877104;
const cancelRequest = 80877102;
const protocolVersion3 = 196608;

/** Bytes that are not this protocol. The connection cannot go on after it. */
export class ProtocolViolation extends Error {}

/**
 * Cuts a stream into messages, however the network split or merged them. A message that arrived whole is a view of
 * its chunk; one that arrived in pieces is collected in a buffer that doubles, so that the work stays linear.
 */
export class MessageReader {
  /** The first packets of a connection have no type byte. */
  #typed = false;
  #partial = Buffer.alloc(0);
  #have = 0;

  /** Startup is over: from now on messages carry a type byte. */
  startTyped(): void {
    this.#typed = true;
  }

  /** Takes a chunk and yields the messages that it completes. */
  *push(chunk: Buffer): Generator<Buffer> {
    let at = 0;
    while (at < chunk.length) {
      const header = this.#typed ? headerLength : 4;
      if (this.#have === 0 && chunk.length - at >= header) {
        const total = this.#totalLength(chunk, at);
        if (chunk.length - at >= total) {
          yield chunk.subarray(at, at + total);
          at += total;
          continue;
        }
      }
      const wanted = this.#have < header ? header : this.#totalLength(this.#partial, 0);
      const take = Math.min(wanted - this.#have, chunk.length - at);
      this.#collect(chunk.subarray(at, at + take), wanted);
      at += take;
      if (this.#have >= header && this.#have === this.#totalLength(this.#partial, 0)) {
        const message = this.#partial.subarray(0, this.#have);
        this.#partial = Buffer.alloc(0);
        this.#have = 0;
        yield message;
      }
    }
  }

  #collect(piece: Buffer, wanted: number): void {
    const needed = this.#have + piece.length;
    if (this.#partial.length < needed) {
      // A claimed length is not yet sent bytes: grow with what arrives, not with what a stranger announces.
      const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(wanted, Math.max(8192, needed * 2))));
      this.#partial.copy(grown, 0, 0, this.#have);
      this.#partial = grown;
    }
    piece.copy(this.#partial, this.#have);
    this.#have = needed;
  }

  #totalLength(bytes: Buffer, at: number): number {
    if (!this.#typed) {
      const length = bytes.readInt32BE(at);
      if (length < 8 || length > longestSmallMessage) throw new ProtocolViolation('invalid length of startup packet');
      return length;
    }
    const type = String.fromCharCode(bytes[at]!);
    const length = bytes.readInt32BE(at + 1);
    const limit = limits.get(type);
    if (limit === undefined) throw new ProtocolViolation(`invalid frontend message type ${bytes[at]}`);
    if (length < 4 || length > limit) throw new ProtocolViolation(`invalid message length ${length}`);
    return length + 1;
  }
}

/** What a client may say before it is connected. */
export type StartupPacket =
  | { kind: 'encryption' }
  | { kind: 'cancel' }
  | { kind: 'startup'; parameters: Map<string, string> }
  | { kind: 'unsupported'; version: string };

export function readStartup(packet: Buffer): StartupPacket {
  const code = packet.readInt32BE(4);
  if (code === sslRequest || code === gssRequest) return { kind: 'encryption' };
  if (code === cancelRequest) return { kind: 'cancel' };
  if (code >> 16 !== protocolVersion3 >> 16) return { kind: 'unsupported', version: `${code >> 16}.${code & 0xffff}` };
  const words = packet.toString('utf8', 8).split('\0');
  const parameters = new Map<string, string>();
  for (let i = 0; i + 1 < words.length && words[i] !== ''; i += 2) parameters.set(words[i]!, words[i + 1]!);
  return { kind: 'startup', parameters };
}

/** Reads the strings of a message, each ending in a zero byte. Returns also where the rest begins. */
export function readStrings(message: Buffer, count: number, from = headerLength): { strings: string[]; end: number } {
  const strings: string[] = [];
  let at = from;
  for (let i = 0; i < count; i++) {
    const zero = message.indexOf(0, at);
    if (zero < 0) throw new ProtocolViolation('invalid string in message');
    strings.push(message.toString('utf8', at, zero));
    at = zero + 1;
  }
  return { strings, end: at };
}

export const typeOf = (message: Buffer): string => String.fromCharCode(message[0]!);

/** The SQL of a simple query. */
export const sqlOf = (message: Buffer): string => message.toString('utf8', headerLength, message.length - 1);

/** The SQL of a simple query or of a Parse; other messages have none. */
export function sqlIn(message: Buffer): string {
  if (typeOf(message) === 'P') return readStrings(message, 2).strings[1]!;
  return typeOf(message) === 'Q' ? sqlOf(message) : '';
}

/** Makes a message from its type and the parts of its body. */
export function message(type: string, ...parts: (string | Buffer)[]): Buffer {
  const body = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  const length = body.reduce((sum, part) => sum + part.length, 4);
  const header = Buffer.allocUnsafe(headerLength);
  header.write(type, 0, 'latin1');
  header.writeInt32BE(length, 1);
  return Buffer.concat([header, ...body]);
}

export function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export const query = (sql: string): Buffer => message('Q', sql, '\0');
export const parse = (name: string, sql: string): Buffer => message('P', name, '\0', sql, '\0', int16(0));
export const closeStatement = (name: string): Buffer => message('C', 'S', name, '\0');
export const sync = message('S');
export const terminate = message('X');

export const authenticationOk = message('R', int32(0));
export const commandComplete = (tag: string): Buffer => message('C', tag, '\0');
export const readyForQuery = (status: TransactionStatus): Buffer => message('Z', status);
export const parameterStatus = (name: string, value: string): Buffer => message('S', name, '\0', value, '\0');
export const backendKeyData = (pid: number, secret: number): Buffer => message('K', int32(pid), int32(secret));
export const encryptionRefused = Buffer.from('N');

/** CopyInResponse. Clients ignore the column list, so it is empty. */
export const copyInResponse = (binary: boolean): Buffer => message('G', Buffer.from([binary ? 1 : 0]), int16(0));

/** The fields of an error that a person reads. */
export interface ErrorFields {
  code: string;
  message: string;
  detail?: string;
  hint?: string;
  severity?: 'ERROR' | 'FATAL' | 'NOTICE';
}

export const errorResponse = (error: ErrorFields): Buffer => report('E', { severity: 'ERROR', ...error });
export const noticeResponse = (notice: ErrorFields): Buffer => report('N', { severity: 'NOTICE', ...notice });

function report(type: 'E' | 'N', { code, message: text, detail, hint, severity }: ErrorFields): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${code}`, `M${text}`];
  if (detail) fields.push(`D${detail}`);
  if (hint) fields.push(`H${hint}`);
  return message(type, fields.join('\0'), '\0\0');
}

/** Reads the fields of an ErrorResponse by their letters. */
export function readErrorFields(body: Buffer): Map<string, string> {
  const fields = new Map<string, string>();
  for (const field of body.toString('utf8').split('\0')) if (field) fields.set(field[0]!, field.slice(1));
  return fields;
}

/** Cuts a whole response of the engine into its messages. Only for short ones. */
export function* splitMessages(chunks: Buffer[]): Generator<{ type: string; body: Buffer; whole: Buffer }> {
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    yield {
      type: String.fromCharCode(bytes[at]!),
      body: bytes.subarray(at + headerLength, end),
      whole: bytes.subarray(at, end),
    };
    at = end;
  }
}

/** The status in the ReadyForQuery that ends a response, or undefined when the response does not end in one. */
export function statusAtEnd(chunks: Buffer[]): TransactionStatus | undefined {
  const tail = Buffer.concat(chunks.slice(-2)).subarray(-6);
  if (tail.length < 6 || tail[0] !== 0x5a || tail.readInt32BE(1) !== 5) return undefined;
  const status = String.fromCharCode(tail[5]!);
  return status === 'I' || status === 'T' || status === 'E' ? status : undefined;
}
