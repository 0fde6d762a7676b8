/** Encryption in the format of age (age-encryption.org), by keys in a file. */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { BackupError, codeOf } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';

async function loadAge() {
  try {
    return await import('age-encryption');
  } catch (cause) {
    if (codeOf(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new BackupError('BACKUP_KEY', 'Encryption needs a package that is not installed', 'npm install age-encryption', { cause });
  }
}

/** Lines of a file of age-keygen: recipients (age1…) or identities (AGE-SECRET-KEY-1…). */
function keysIn(file: string): string[] {
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  } catch (cause) {
    throw new BackupError('BACKUP_KEY', `The key file cannot be read: ${messageOf(cause)}`, 'Make one with `age-keygen -o key.txt`.', { cause });
  }
  if (lines.length > 0 && lines.every((line) => /^(?:age1|AGE-SECRET-KEY-)/.test(line))) return lines;
  throw new BackupError('BACKUP_KEY', `${file} holds no keys of age`, 'Its lines are recipients (age1…) or identities (AGE-SECRET-KEY-1…), as age-keygen writes them.');
}

type Bytes = ReadableStream<Uint8Array>;

/** Encrypts for all keys of a file. Of an identity only the public part is used: a machine that backs up needs no more than that. */
export async function* encrypted(content: AsyncIterable<Buffer>, keyFile: string): AsyncGenerator<Buffer> {
  const age = await loadAge();
  const encrypter = new age.Encrypter();
  for (const key of keysIn(keyFile)) encrypter.addRecipient(key.startsWith('age1') ? key : await age.identityToRecipient(key));
  yield* piecesOf(await encrypter.encrypt(webStream(content)));
}

/** @throws {BackupError} BACKUP_KEY */
export async function* decrypted(content: AsyncIterable<Buffer>, keyFile: string | undefined): AsyncGenerator<Buffer> {
  if (keyFile === undefined) throw new BackupError('BACKUP_KEY', 'The backup is encrypted', 'Give the file of the identity: --key <file>, or BTCDB_BACKUP_KEY.');
  const age = await loadAge();
  const decrypter = new age.Decrypter();
  const identities = keysIn(keyFile).filter((key) => key.startsWith('AGE-SECRET-KEY-'));
  for (const key of identities) decrypter.addIdentity(key);
  let plain: Bytes;
  try {
    if (identities.length === 0) throw new Error('the file holds recipients only');
    plain = await decrypter.decrypt(webStream(content));
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    throw new BackupError('BACKUP_KEY', `The backup cannot be decrypted with ${keyFile}: ${messageOf(cause)}`, 'Give the file of an identity that it was encrypted for.', { cause });
  }
  yield* piecesOf(plain);
}

/** Pulled, so that it is read no quicker than it is used. */
const webStream = (content: AsyncIterable<Buffer>): Bytes => Readable.toWeb(Readable.from(content, { objectMode: false })) as Bytes;

async function* piecesOf(stream: Bytes): AsyncGenerator<Buffer> {
  for await (const { buffer, byteOffset, byteLength } of stream as unknown as AsyncIterable<Uint8Array>) {
    yield Buffer.from(buffer, byteOffset, byteLength);
  }
}
