/** Plain tar archives, of a data folder or a backup: only files and folders, names under 100 bytes. */

export interface TarEntry {
  /** Path inside of the archive, without a leading slash. */
  path: string;
  /** Content of a file; a folder has none. */
  content?: Uint8Array | undefined;
}

/** Headers and contents begin at multiples of it. */
export const tarBlock = 512;
const pathField = { at: 0, length: 100 };
const modeField = { at: 100, length: 8 };
const sizeField = { at: 124, length: 12 };
const timeField = { at: 136, length: 12 };
const checksumField = { at: 148, length: 8 };
const typeAt = 156;
const magicAt = 257;

const padded = (length: number): number => Math.ceil(length / tarBlock) * tarBlock;

function checksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < tarBlock; i++) {
    if (i < checksumField.at || i >= checksumField.at + checksumField.length) sum += header[i]!;
  }
  return sum;
}

/** What comes before the content of a file, or is a folder. */
export function tarHeader(path: string, length: number | undefined): Buffer {
  if (Buffer.byteLength(path) >= pathField.length) throw new Error(`path too long for a tar: ${path}`);
  const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0');
  const header = Buffer.alloc(tarBlock);
  header.write(path, pathField.at);
  header.write(octal(length === undefined ? 0o700 : 0o600, modeField.length), modeField.at);
  header.write(octal(length ?? 0, sizeField.length), sizeField.at);
  header.write(octal(0, timeField.length), timeField.at);
  header.write(length === undefined ? '5' : '0', typeAt);
  header.write('ustar\x0000', magicAt, 'latin1');
  header.write(`${octal(checksum(header), 7)}\0 `, checksumField.at, 'latin1');
  return header;
}

export const tarEnd = Buffer.alloc(2 * tarBlock);
export const paddingOf = (length: number): number => padded(length) - length;

/** The header at the beginning of `bytes`; undefined at the end of an archive. */
export function readTarHeader(bytes: Buffer): { path: string; size: number; type: string } | undefined {
  const text = ({ at, length }: { at: number; length: number }): string => {
    const field = bytes.toString('utf8', at, at + length);
    const zero = field.indexOf('\0');
    return zero < 0 ? field : field.slice(0, zero);
  };
  if (bytes[0] === 0) return undefined;
  if (parseInt(text(checksumField), 8) !== checksum(bytes)) throw new Error('the tar archive is damaged');
  return {
    path: text(pathField).replace(/^\/|\/$/g, ''), size: parseInt(text(sizeField), 8), type: String.fromCharCode(bytes[typeAt]!),
  };
}

/** Makes an archive. */
export function packTar(entries: Iterable<TarEntry>): Buffer {
  const parts: Uint8Array[] = [];
  for (const { path, content } of entries) {
    parts.push(tarHeader(path, content?.length));
    if (content) parts.push(content, Buffer.alloc(paddingOf(content.length)));
  }
  return Buffer.concat([...parts, tarEnd]);
}

/** Reads an archive. The contents are views of its bytes, not copies. */
export function* unpackTar(archive: Buffer): Generator<TarEntry> {
  for (let at = 0; ;) {
    const block = archive.subarray(at, at + tarBlock);
    if (block.length < tarBlock) throw new Error('the tar archive is cut off');
    const header = readTarHeader(block);
    if (header === undefined) return;
    const { path, size, type } = header;
    at += tarBlock;
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
