/** Plain tar archives, the form in which a data folder is kept: only files and folders, names under 100 bytes. */

export interface TarEntry {
  /** Path inside of the archive, without a leading slash. */
  path: string;
  /** Content of a file; a folder has none. */
  content?: Uint8Array | undefined;
}

const blockLength = 512;
const pathField = { at: 0, length: 100 };
const modeField = { at: 100, length: 8 };
const sizeField = { at: 124, length: 12 };
const timeField = { at: 136, length: 12 };
const checksumField = { at: 148, length: 8 };
const typeAt = 156;
const magicAt = 257;

const padded = (length: number): number => Math.ceil(length / blockLength) * blockLength;

function checksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < blockLength; i++) {
    if (i < checksumField.at || i >= checksumField.at + checksumField.length) sum += header[i]!;
  }
  return sum;
}

/** Makes an archive. */
export function packTar(entries: Iterable<TarEntry>): Buffer {
  const parts: Uint8Array[] = [];
  for (const { path, content } of entries) {
    if (Buffer.byteLength(path) >= pathField.length) throw new Error(`path too long for a tar: ${path}`);
    const octal = (value: number, length: number): string => value.toString(8).padStart(length - 1, '0');
    const header = Buffer.alloc(blockLength);
    header.write(path, pathField.at);
    header.write(octal(content ? 0o600 : 0o700, modeField.length), modeField.at);
    header.write(octal(content?.length ?? 0, sizeField.length), sizeField.at);
    header.write(octal(0, timeField.length), timeField.at);
    header.write(content ? '0' : '5', typeAt);
    header.write('ustar\x0000', magicAt, 'latin1');
    header.write(`${octal(checksum(header), 7)}\0 `, checksumField.at, 'latin1');
    parts.push(header);
    if (content) parts.push(content, Buffer.alloc(padded(content.length) - content.length));
  }
  parts.push(Buffer.alloc(2 * blockLength));
  return Buffer.concat(parts);
}

/** Reads an archive. The contents are views of its bytes, not copies. */
export function* unpackTar(archive: Buffer): Generator<TarEntry> {
  const text = (header: Buffer, { at, length }: { at: number; length: number }): string => {
    const field = header.toString('utf8', at, at + length);
    const zero = field.indexOf('\0');
    return zero < 0 ? field : field.slice(0, zero);
  };
  for (let at = 0; ;) {
    const header = archive.subarray(at, at + blockLength);
    if (header.length < blockLength) throw new Error('the tar archive is cut off');
    if (header[0] === 0) return;
    if (parseInt(text(header, checksumField), 8) !== checksum(header)) throw new Error('the tar archive is damaged');
    const size = parseInt(text(header, sizeField), 8);
    const path = text(header, pathField).replace(/^\/|\/$/g, '');
    const type = String.fromCharCode(header[typeAt]!);
    at += blockLength;
    if (at + size > archive.length) throw new Error('the tar archive is cut off');
    if (type === '5') yield { path };
    else if (type === '0' || type === '\0') yield { path, content: archive.subarray(at, at + size) };
    at += padded(size);
  }
}

/** Throws when an archive is damaged. */
export function checkTar(archive: Buffer): void {
  for (const entry of unpackTar(archive)) void entry;
}
