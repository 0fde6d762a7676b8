/** The bytes of a file, chunk by chunk, unpacked when its name ends in .gz. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { codeOf, ImportError } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';

const CHUNK = 256 * 1024;

/** Bytes read so far of the file on disk, before unpacking: for progress. */
export interface ReadProgress {
  bytes: number;
}

/** What tells whether a file is still the one that was looked at. */
export interface FileState {
  readonly bytes: number;
  readonly modifiedMs: number;
}

export async function fileState(path: string): Promise<FileState> {
  const state = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!state.isFile()) {
    throw new ImportError('IMPORT_FILE', `${basename(path)} is not a regular file.`, 'Copy its content to a file; it is read twice.');
  }
  return { bytes: state.size, modifiedMs: state.mtimeMs };
}

/** The chunks of a file. A chunk is only good until the next one is asked for. */
export async function* readChunks(path: string, progress: ReadProgress): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of path.endsWith('.gz') ? unpack(path, progress) : read(path, progress)) {
    if (first) refuseOtherFormats(path, chunk);
    first = false;
    yield chunk;
  }
}

async function* read(path: string, progress: ReadProgress): AsyncGenerator<Buffer> {
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const buffer = Buffer.allocUnsafeSlow(CHUNK);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, null).catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
      if (bytesRead === 0) return;
      progress.bytes += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* unpack(path: string, progress: ReadProgress): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: CHUNK });
  const gunzip = createGunzip({ chunkSize: CHUNK });
  source.on('data', (chunk) => {
    progress.bytes += chunk.length;
  });
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    const code = codeOf(cause);
    if (!code.startsWith('Z_')) throw unreadable(path, cause);
    const what = code === 'Z_BUF_ERROR' ? 'is cut off: its compressed data ends too early' : 'is not a sound gzip file';
    throw new ImportError('IMPORT_FILE', `${basename(path)} ${what}.`, 'Download or compress it again.', { cause });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

function refuseOtherFormats(path: string, chunk: Buffer): void {
  const name = basename(path);
  const begins = (...bytes: number[]): boolean => bytes.every((byte, i) => chunk[i] === byte);
  if (begins(0x1f, 0x8b)) {
    throw new ImportError('IMPORT_FILE', `${name} is a gzip file.`, `Rename it to ${name}${name.endsWith('.gz') ? '; it was compressed twice' : '.gz'}.`);
  }
  if (begins(0x50, 0x4b, 0x03, 0x04)) {
    throw new ImportError('IMPORT_FILE', `${name} is a zip archive.`, 'Unpack it first, or compress it with gzip.');
  }
  if (begins(0xff, 0xfe) || begins(0xfe, 0xff)) {
    throw new ImportError('IMPORT_FILE', `${name} is UTF-16 text.`, 'Save it as UTF-8.');
  }
}

function unreadable(path: string, cause: unknown): ImportError {
  const hint = codeOf(cause) === 'EACCES' ? 'Check the permissions of the file.' : 'Check the path.';
  return new ImportError('IMPORT_FILE', `${basename(path)} cannot be read: ${messageOf(cause)}.`, hint, { cause });
}

/** Files are split as latin1, one character a byte; this gives back what a text said in UTF-8. */
export function decodeUtf8(text: string): string {
  return /[\x80-\xff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
}
